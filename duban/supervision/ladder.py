"""When a rung is due, and which of those that are due is given.

Of one track only the highest that is reached is given, once per episode; what was
passed on the way is entered as not issued, with the reason.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import assert_never

from duban.supervision.calendar import spread_of
from duban.supervision.lag import after, day_of_lag, day_of_working_lag, lag_on
from duban.supervision.policy import Policy
from duban.supervision.regime import (
    DemandTrigger,
    GroundsTrigger,
    LagTrigger,
    ReturnTrigger,
    Rung,
    Trigger,
    Unit,
    UrgingsTrigger,
)
from duban.supervision.state import Episode, RungRecord, TaskState


@dataclass(frozen=True, slots=True)
class DueRung:
    """A rung that is reached in an episode and not dealt with.

    Attributes:
        due_on: Local date on which it became due.
        give_at: Business moment, in office hours of a working day, at which it is given.
        lag_days: The lag on ``due_on``.
    """

    rung: Rung
    due_on: date
    give_at: datetime
    lag_days: int


def reached_on(rung: Rung, episode: Episode, state: TaskState, policy: Policy) -> date | None:
    """The local date on which a rung is reached in an episode; None while nothing leads there."""
    days = [day for trigger in rung.triggers if (day := _reached(trigger, episode, state, policy))]
    return max(min(days), episode.watched_from) if days else None


def _reached(trigger: Trigger, episode: Episode, state: TaskState, policy: Policy) -> date | None:
    calendar, opened_on, suspensions = policy.calendar, episode.opened_on, state.suspensions
    match trigger:
        case LagTrigger(unit=Unit.WORKING):
            return day_of_working_lag(opened_on, trigger.first, suspensions, calendar)
        case LagTrigger() | GroundsTrigger():
            return day_of_lag(opened_on, trigger.first, suspensions)
        case UrgingsTrigger():
            if len(episode.urged_on) < trigger.count:
                return None
            return after(trigger.wait, episode.urged_on[trigger.count - 1], calendar)
        case ReturnTrigger():
            return episode.returned_on
        case DemandTrigger():
            return after(trigger.wait, episode.demanded_on, calendar) if episode.demanded_on else None
        case _:
            assert_never(trigger)


def dealt_with(state: TaskState, episode: Episode, level: str) -> RungRecord | None:
    """The record of a level in an episode, if it has been dealt with."""
    return next((r for r in state.rungs if r.episode == episode.number and r.level == level), None)


def tracks(policy: Policy) -> Iterator[tuple[Rung, ...]]:
    """The rungs of the ladder by track, lowest first."""
    rungs = policy.regime.ladder.rungs
    for track in dict.fromkeys(rung.track for rung in rungs):
        yield tuple(rung for rung in rungs if rung.track == track)


def open_rungs(state: TaskState, policy: Policy, episode: Episode) -> Iterator[DueRung]:
    """The rungs of the open episode that have a date and are not dealt with, whatever the date."""
    for track in tracks(policy):
        yield from _open_rungs_of(track, state, policy, episode)


def _open_rungs_of(track: tuple[Rung, ...], state: TaskState, policy: Policy, episode: Episode) -> Iterator[DueRung]:
    calendar, spread = policy.calendar, spread_of(state.code)
    for rung in track:
        day = reached_on(rung, episode, state, policy)
        if day is not None and dealt_with(state, episode, rung.level) is None:
            give_at = calendar.office_moment(calendar.working_day_from(day), spread)
            yield DueRung(rung, day, give_at, lag_on(day, episode.opened_on, state.suspensions))


def passed_and_current(
    track: tuple[Rung, ...], state: TaskState, policy: Policy, episode: Episode, today: date
) -> tuple[tuple[DueRung, ...], DueRung | None]:
    """Of one track: the rungs reached and overtaken by a higher one, and the one that is due now.

    A rung given earlier overtakes the lower ones too. A rung whose band has been left
    without a higher one being reached is overtaken by the end of its band.
    """
    reached = [rung for rung in track if (day := reached_on(rung, episode, state, policy)) is not None and day <= today]
    if not reached:
        return (), None
    highest = reached[-1]
    waiting = {due.rung.level: due for due in _open_rungs_of(tuple(reached), state, policy, episode)}
    current = waiting.pop(highest.level, None)
    if current is not None and _band_left(highest, lag_on(today, episode.opened_on, state.suspensions)):
        waiting[highest.level], current = current, None
    return tuple(waiting.values()), current


def _band_left(rung: Rung, lag: int) -> bool:
    bands = [t for t in rung.triggers if isinstance(t, LagTrigger) and t.unit is Unit.CALENDAR]
    return len(bands) == len(rung.triggers) and all(t.last is not None and lag > t.last for t in bands)
