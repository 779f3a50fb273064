"""Lights: by the lag, and by what a body reports against the time that has passed."""

from datetime import date, timedelta

import pytest

from duban.supervision.tasks.lights import Light, computed_light, reported_light

BEGUN = date(2026, 1, 1)
DUE = BEGUN + timedelta(days=100)


@pytest.mark.parametrize(
    ("lag", "light"),
    [(0, Light.GREEN), (1, Light.YELLOW), (30, Light.YELLOW), (31, Light.RED), (400, Light.RED)],
)
def test_the_computed_light_turns_yellow_with_the_first_day_and_red_beyond_thirty(lag: int, light: Light) -> None:
    assert computed_light(lag, over=False) is light
    assert computed_light(lag, over=True) is None


@pytest.mark.parametrize(
    ("percent", "days", "light"),
    [
        (50, 50, Light.GREEN),
        (49, 50, Light.YELLOW),
        (30, 50, Light.YELLOW),
        (29, 50, Light.RED),
        (0, 0, Light.GREEN),
        (99, 100, Light.YELLOW),
        (100, 300, Light.GREEN),
        (70, 300, Light.RED),
        (0, -5, Light.GREEN),
    ],
)
def test_the_reported_light_compares_the_percentage_with_the_time_that_has_passed(
    percent: int, days: int, light: Light
) -> None:
    assert reported_light(percent, BEGUN, DUE, BEGUN + timedelta(days=days), over=False) is light


def test_where_nothing_is_reported_or_nothing_is_due_nothing_is_said() -> None:
    assert reported_light(None, BEGUN, DUE, BEGUN, over=False) is None
    assert reported_light(50, BEGUN, None, BEGUN, over=False) is None
    assert reported_light(50, BEGUN, DUE, BEGUN, over=True) is None


def test_a_task_that_was_late_when_it_began_has_no_time_left_to_compare_with() -> None:
    assert reported_light(79, BEGUN, BEGUN, BEGUN, over=False) is Light.RED
    assert reported_light(100, DUE, BEGUN, DUE, over=False) is Light.GREEN
