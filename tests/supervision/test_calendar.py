"""Working days, office hours, zones: data, and what is read from it."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duban.calendars import compile_calendar, compile_zone
from duban.supervision.days.calendar import LATEST_SPREAD, spread_of
from tests.supervision.supervised import day, policy_of

CALENDAR = policy_of().calendar
ZONES = {name: compile_zone(name, 2015, 2018) for name in ("Asia/Shanghai", "Europe/Berlin", "America/St_Johns")}
moments = st.datetimes(datetime(2015, 1, 2), datetime(2018, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001


@given(st.sampled_from(sorted(ZONES)), moments)
@settings(max_examples=150, deadline=None, derandomize=True)
def test_local_time_is_that_of_the_zone_database(name: str, moment: datetime) -> None:
    assert ZONES[name].local(moment) == moment.astimezone(ZoneInfo(name)).replace(tzinfo=None)


@given(st.sampled_from(sorted(ZONES)), st.dates(date(2015, 1, 2), date(2018, 12, 30)), st.integers(0, 1439))
@settings(max_examples=150, deadline=None, derandomize=True)
def test_a_local_minute_that_exists_is_found_again(name: str, local: date, minute: int) -> None:
    zone, hour = ZONES[name], divmod(minute, 60)
    aware = datetime(local.year, local.month, local.day, *hour, tzinfo=ZoneInfo(name))
    if aware.astimezone(UTC).astimezone(ZoneInfo(name)).replace(fold=0) == aware:
        assert zone.at(local, minute) == aware.astimezone(UTC)


def test_a_time_that_the_clock_leaps_over_is_the_moment_of_the_leap() -> None:
    assert ZONES["Europe/Berlin"].at(day("2016-03-27"), 150) == datetime(2016, 3, 27, 1, tzinfo=UTC)


def test_a_time_that_occurs_twice_is_its_first_occurrence() -> None:
    assert ZONES["Europe/Berlin"].at(day("2016-10-30"), 150) == datetime(2016, 10, 30, 0, 30, tzinfo=UTC)


def test_a_day_ends_where_the_next_begins() -> None:
    zone = ZONES["Asia/Shanghai"]
    assert zone.at(day("2016-06-30"), 1440) == zone.at(day("2016-07-01"))
    assert zone.local_date(zone.at(day("2016-07-01")) - timedelta(microseconds=1)) == day("2016-06-30")


@pytest.mark.parametrize(
    ("of", "works"),
    [
        ("2016-02-05", True),
        ("2016-02-06", True),  # a Saturday worked in exchange for Spring Festival
        ("2016-02-08", False),
        ("2016-02-12", False),
        ("2016-02-13", False),
        ("2016-02-14", True),  # a Sunday
        ("2016-07-16", False),
        ("2016-10-08", True),
    ],
)
def test_shifted_weekends_are_worked_and_holidays_are_not(of: str, works: bool) -> None:
    assert CALENDAR.is_working_day(day(of)) is works


def test_working_days_are_sought_forwards_and_backwards() -> None:
    assert CALENDAR.working_day_from(day("2016-07-16")) == day("2016-07-18")
    assert CALENDAR.working_day_from(day("2016-07-18")) == day("2016-07-18")
    assert CALENDAR.working_day_before(day("2016-02-10")) == day("2016-02-06")
    assert CALENDAR.add_working_days(day("2016-02-05"), 2) == day("2016-02-14")
    assert CALENDAR.add_working_days(day("2016-07-16"), 0) == day("2016-07-16")


def test_what_is_decided_in_office_hours_goes_out_at_once_and_else_when_the_office_opens() -> None:
    at, zone = CALENDAR.office_moment_from, CALENDAR.zone
    friday, monday = day("2016-07-15"), day("2016-07-18")
    in_hours = zone.at(friday, 16 * 60 + 59)
    assert at(in_hours, 0.5) == in_hours
    assert at(zone.at(friday, 8 * 60), 0.5) == zone.at(friday, 13 * 60)
    assert at(zone.at(friday, 17 * 60), 0.5) == zone.at(monday, 13 * 60)
    assert at(zone.at(day("2016-07-17"), 12 * 60), 0.5) == zone.at(monday, 13 * 60)


def test_an_office_that_is_open_all_day_is_closed_on_weekends_only() -> None:
    calendar = compile_calendar("Asia/Shanghai", 2016, 2016, all_day=True)
    late = calendar.zone.at(day("2016-07-15"), 23 * 60 + 59)
    assert calendar.office_moment_from(late, 0.3) == late
    assert calendar.zone.local_date(calendar.office_moment_from(late + timedelta(minutes=1), 0.3)) == day("2016-07-18")


@given(st.text(max_size=20))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_every_task_has_its_place_in_the_office_window_for_ever(code: str) -> None:
    assert spread_of(code) == spread_of(code)
    opened = CALENDAR.office_moment(day("2016-07-18"), spread_of(code))
    assert CALENDAR.office_moment_from(opened, 0.0) == opened
    assert 0 <= spread_of(code) <= LATEST_SPREAD


def test_a_year_whose_holidays_are_not_announced_is_provisional() -> None:
    calendar = CALENDAR.model_copy(update={"known_until": day("2016-12-31")})
    assert not calendar.is_provisional(day("2016-12-31"))
    assert calendar.is_provisional(day("2017-01-01"))
