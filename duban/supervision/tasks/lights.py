"""Lights: how a task stands at a glance, by the clock, by what its body says of itself, by what an inspection found.

No document defines them; the limits are ours (A). They stand beside each other, so that it shows where a body thinks
better of itself than the dates do.
"""

from datetime import date
from enum import StrEnum

from duban.supervision.plans.plan import Found

RED_ABOVE = 30
"""Days of lag beyond which the light is red: the band in which the written reminder is given (A)."""
TOLERATED = 20
"""Points by which a reported percentage may stay behind the time that has passed before it turns red (A)."""


class Light(StrEnum):
    """The colour of a light."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


def computed_light(lag_days: int, *, over: bool) -> Light | None:
    """By the lag in calendar days; None for a task that is over."""
    if over:
        return None
    if lag_days == 0:
        return Light.GREEN
    return Light.YELLOW if lag_days <= RED_ABOVE else Light.RED


def reported_light(
    percent: int | None, begun_on: date, due_on: date | None, today: date, *, over: bool
) -> Light | None:
    """By the percentage that the body reports, against the share of the time that has passed.

    Args:
        percent: As last reported; None where nothing was.
        begun_on: Local date from which the time counts.
        due_on: The task's last deadline; without one there is nothing to compare with.
        today: Local business date.
        over: The task is over.

    Returns:
        None where nothing can be said.
    """
    if percent is None or due_on is None or over:
        return None
    whole = (due_on - begun_on).days
    passed = min(max((today - begun_on).days, 0), whole) if whole > 0 else 1
    behind = 100 * passed / max(whole, 1) - percent
    if behind <= 0:
        return Light.GREEN
    return Light.YELLOW if behind <= TOLERATED else Light.RED


def inspected_light(found: Found, *, on_schedule: bool) -> Light:
    """By what the last inspection found: done or on schedule, begun and behind, not begun and behind."""
    if found is Found.COMPLETED or on_schedule:
        return Light.GREEN
    return Light.YELLOW if found is Found.STARTED else Light.RED
