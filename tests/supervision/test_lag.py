"""Lag, exactly: the arithmetic of dates, against counting the days one by one."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from duban.supervision.clauses import Limit, Source, Unit
from duban.supervision.levels.lag import (
    after,
    day_after,
    day_of_lag,
    day_of_working_lag,
    lag_on,
    suspended_days,
)
from duban.supervision.rules.triggers import LagTrigger
from duban.supervision.tasks.state import Suspension
from tests.supervision.supervised import Supervised, day, policy_of

D0 = day("2016-06-30")
HORIZON = 400
CALENDAR = policy_of().calendar
MANY = settings(max_examples=150, deadline=None, derandomize=True)

offsets = st.integers(-40, 120)
lengths = st.none() | st.integers(0, 60)


def spans(drawn: list[tuple[int, int | None]]) -> tuple[Suspension, ...]:
    return tuple(
        Suspension(
            from_on=D0 + timedelta(days=start),
            until_on=None if length is None else D0 + timedelta(days=start + length),
            reason="",
        )
        for start, length in drawn
    )


suspensions = st.lists(st.tuples(offsets, lengths), max_size=4).map(spans)


def stands_still(day: date, pauses: tuple[Suspension, ...]) -> bool:
    return any(s.from_on <= day and (s.until_on is None or day < s.until_on) for s in pauses)


def counted(pauses: tuple[Suspension, ...], days: int) -> list[date]:
    """The days after D0 that count, one by one."""
    every = (D0 + timedelta(days=n) for n in range(1, days + 1))
    return [day for day in every if not stands_still(day, pauses)]


@given(suspensions, st.integers(0, 200))
@MANY
def test_suspended_days_are_those_that_stand_in_a_suspension_each_once(
    pauses: tuple[Suspension, ...], days: int
) -> None:
    end = D0 + timedelta(days=days)
    assert suspended_days(pauses, D0, end) == days - len(counted(pauses, days))
    assert lag_on(end, D0, pauses) == len(counted(pauses, days))


@given(suspensions, st.integers(0, 90))
@MANY
def test_the_day_on_which_a_lag_is_reached_is_found_by_counting(pauses: tuple[Suspension, ...], lag: int) -> None:
    days = [D0, *counted(pauses, HORIZON)]
    assert day_of_lag(D0, lag, pauses) == (days[lag] if lag < len(days) else None)


@given(suspensions, st.integers(0, 40))
@MANY
def test_a_lag_in_working_days_counts_working_days_only(pauses: tuple[Suspension, ...], lag: int) -> None:
    days = [D0, *(d for d in counted(pauses, HORIZON) if CALENDAR.is_working_day(d))]
    assert day_of_working_lag(D0, lag, pauses, CALENDAR) == (days[lag] if lag < len(days) else None)


def test_lag_is_never_negative_before_the_milestone_is_overdue() -> None:
    assert lag_on(day("2016-06-01"), D0, ()) == 0
    assert lag_on(D0, D0, ()) == 0
    assert lag_on(day("2016-07-01"), D0, ()) == 1


def test_limits_run_in_the_unit_of_their_clause() -> None:
    thursday, source = day("2016-06-30"), Source(assumed=True)
    ten_days, ten_working = (Limit(days=10, unit=unit, source=source) for unit in (Unit.CALENDAR, Unit.WORKING))
    assert after(ten_days, thursday, CALENDAR) == day("2016-07-10")
    assert after(ten_working, thursday, CALENDAR) == day("2016-07-14")


def test_a_limit_does_not_run_while_the_count_stands_still() -> None:
    pause = (Suspension(from_on=day("2016-07-04"), until_on=day("2016-07-11"), reason=""),)
    ten = Limit(days=10, unit=Unit.WORKING, source=Source(assumed=True))
    assert day_after(ten, D0, pause, CALENDAR) == day("2016-07-21")
    endless = (Suspension(from_on=day("2016-07-04"), until_on=None, reason=""),)
    assert day_after(ten, D0, endless, CALENDAR) is None


def test_a_band_is_exclusive_below_and_inclusive_above_unless_the_regime_says_otherwise() -> None:
    assert (LagTrigger(above=15, through=30).first, LagTrigger(above=15, through=30).last) == (16, 30)
    plain = LagTrigger(above=15, through=30, above_included=True, through_included=False)
    assert (plain.first, plain.last) == (15, 29)


def test_meeting_one_milestone_while_another_is_overdue_does_not_lower_the_lag() -> None:
    task = Supervised("2016-06-30", "2016-07-20", "2016-12-31").until("2016-08-10 15:00")
    assert task.lag("2016-08-10") == 41
    task.report(1)
    task.until("2016-08-11")
    assert task.lag("2016-08-11") == 42
    assert [r.level for r in task.given()] == ["phone", "written"]
    assert len(task.state.episodes) == 1


def test_a_bare_percentage_or_note_meets_nothing() -> None:
    task = Supervised("2016-06-30", "2016-12-31").until("2016-06-30 09:00")
    task.report(percent=100, note="已全部完成")
    task.until("2016-07-05")
    assert task.lag("2016-07-05") == 5


def test_a_milestone_may_be_met_until_the_end_of_its_day_in_the_offices_zone() -> None:
    task = Supervised("2016-06-30", "2016-12-31").until("2016-06-30 23:59")
    assert task.now.isoformat() == "2016-06-30T15:59:00+00:00"
    task.report(1)
    task.until("2016-07-20")
    assert task.state.episodes == ()
