"""Business time and real time."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from duban.supervision.days.clock import TaskClock

EPOCH = datetime(2022, 4, 14, tzinfo=UTC)
REAL = datetime(2026, 1, 1, tzinfo=UTC)


def test_in_an_office_business_time_is_real_time() -> None:
    assert TaskClock().business(REAL) == REAL
    assert TaskClock().real(EPOCH) == EPOCH


def test_a_demonstration_runs_a_day_in_two_seconds() -> None:
    clock = TaskClock(business_epoch=EPOCH, real_epoch=REAL, speed=43_200)
    assert clock.business(REAL + timedelta(seconds=2)) == EPOCH + timedelta(days=1)
    assert clock.real(EPOCH + timedelta(days=77)) == REAL + timedelta(seconds=154)
    assert clock.real_span(timedelta(days=1)) == timedelta(seconds=2)


@given(st.timedeltas(timedelta(), timedelta(days=2_000)), st.floats(1, 100_000))
@settings(max_examples=80, deadline=None, derandomize=True)
def test_there_and_back_is_the_same_moment_but_for_rounding(span: timedelta, speed: float) -> None:
    clock = TaskClock(business_epoch=EPOCH, real_epoch=REAL, speed=speed)
    there_and_back = clock.business(clock.real(EPOCH + span))
    assert abs(there_and_back - (EPOCH + span)) <= timedelta(microseconds=speed + 1)
