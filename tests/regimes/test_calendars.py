"""Working days as the State Council arranged them, and zones as the zone database has them."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duban.calendars import CalendarError, compile_calendar, compile_zone
from duban.supervision.days.calendar import MINUTES_PER_DAY, OfficeCalendar, Zone

FIRST_YEAR, LAST_YEAR = 2010, 2030
ZONES = {
    name: compile_zone(name, FIRST_YEAR, LAST_YEAR)
    # Half an hour of summer time, a quarter-hour offset, a day left out (Apia, 2011-12-30), two changes within Ramadan.
    for name in (
        "Asia/Shanghai", "Asia/Kathmandu", "Europe/Berlin", "America/New_York", "America/St_Johns",
        "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca", "UTC",
    )
}  # fmt: skip


@pytest.fixture(scope="module")
def shanghai() -> OfficeCalendar:
    return compile_calendar("Asia/Shanghai", 2016, 2026)


def _days(text: str) -> list[date]:
    return [date.fromisoformat(day) for day in text.split()]


@pytest.mark.parametrize(
    "days",
    [
        "2016-02-06 2016-02-14 2016-06-12 2016-09-18 2016-10-08 2016-10-09",
        "2022-01-29 2022-01-30 2022-04-02 2022-04-24 2022-05-07 2022-10-08 2022-10-09",
        "2026-01-04 2026-02-14 2026-02-28 2026-05-09 2026-09-20 2026-10-10",
    ],
    ids=["2016", "2022", "2026"],
)
def test_exactly_the_weekends_given_in_exchange_are_worked(shanghai: OfficeCalendar, days: str) -> None:
    year = int(days[:4])
    every = (date(year, 1, 1) + timedelta(n) for n in range(366))
    assert [d for d in every if d.year == year and d.weekday() >= 5 and shanghai.is_working_day(d)] == _days(days)


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2016-02-07", "2016-02-13"),
        ("2016-06-09", "2016-06-11"),
        ("2016-10-01", "2016-10-07"),
        ("2022-01-31", "2022-02-06"),
        ("2022-04-30", "2022-05-04"),
        ("2022-06-03", "2022-06-05"),
        ("2026-02-15", "2026-02-23"),
        ("2026-10-01", "2026-10-07"),
    ],
)
def test_a_festival_is_free_from_its_first_to_its_last_day_and_worked_around(
    shanghai: OfficeCalendar, first: str, last: str
) -> None:
    begin, end = date.fromisoformat(first), date.fromisoformat(last)
    stretch = [begin + timedelta(n) for n in range(-1, (end - begin).days + 2)]
    working = [shanghai.is_working_day(day) for day in stretch]
    assert working[1:-1] == [False] * (len(stretch) - 2)
    assert working[-1]


def test_the_first_reminder_of_the_worked_example_waits_from_saturday_to_monday(shanghai: OfficeCalendar) -> None:
    assert shanghai.working_day_from(date(2016, 7, 16)) == date(2016, 7, 18)


def test_a_year_that_has_not_been_arranged_is_provisional_and_keeps_its_statutory_days() -> None:
    calendar = compile_calendar("Asia/Shanghai", 2026, 2100)
    assert calendar.known_until is not None
    # The year in which the library stops moves with its releases; this much is certain.
    assert date(2026, 12, 31) <= calendar.known_until < date(2100, 12, 31)
    assert (calendar.known_until.month, calendar.known_until.day) == (12, 31)
    unknown = calendar.known_until.year + 1
    assert calendar.is_provisional(date(unknown, 1, 1))
    assert not calendar.is_provisional(date(unknown - 1, 12, 31))
    assert not [day for day in calendar.workdays if day.year >= unknown]
    assert not calendar.is_working_day(date(unknown, 10, 1))


def test_every_year_since_the_first_notice_is_recognised_as_arranged() -> None:
    assert compile_calendar("Asia/Shanghai", 2001, 2026).known_until == date(2026, 12, 31)


def test_a_window_of_arranged_years_is_known_to_its_end_and_no_further(shanghai: OfficeCalendar) -> None:
    assert shanghai.known_until == date(2026, 12, 31)
    assert shanghai.is_provisional(date(2027, 1, 1))


def test_a_weekend_worked_in_december_for_the_next_new_year_belongs_to_december() -> None:
    assert date(2011, 12, 31) in compile_calendar("Asia/Shanghai", 2011, 2011).workdays


def test_days_are_sorted_and_only_weekdays_stand_among_the_holidays(shanghai: OfficeCalendar) -> None:
    assert all(one < other for one, other in pairwise(shanghai.holidays))
    assert all(one < other for one, other in pairwise(shanghai.workdays))
    assert all(day.weekday() < 5 for day in shanghai.holidays)
    assert all(day.weekday() >= 5 for day in shanghai.workdays)


def test_offices_are_open_from_nine_to_five_unless_open_all_day() -> None:
    usual, always = (compile_calendar("Asia/Shanghai", 2016, 2016, all_day=flag) for flag in (False, True))
    assert (usual.opens, usual.closes) == (9 * 60, 17 * 60)
    assert (always.opens, always.closes) == (0, MINUTES_PER_DAY)
    assert always.holidays == usual.holidays


def test_another_country_has_its_own_holidays_and_no_worked_weekends() -> None:
    german = compile_calendar("Europe/Berlin", 2016, 2017, country="DE")
    assert date(2016, 10, 3) in german.holidays
    assert german.workdays == ()
    assert german.known_until == date(2017, 12, 31)


@pytest.mark.parametrize("zone", ["Asia/Nowhere", "../etc/passwd", "Asia", "", "中国"])
def test_a_zone_that_does_not_exist_is_refused_with_an_example(zone: str) -> None:
    with pytest.raises(CalendarError, match="Asia/Shanghai"):
        compile_calendar(zone, 2016, 2016)


def test_a_country_without_holidays_is_refused() -> None:
    with pytest.raises(CalendarError, match="“XX”"):
        compile_calendar("Asia/Shanghai", 2016, 2016, country="XX")


@pytest.mark.parametrize(("first", "last"), [(2017, 2016), (1900, 2016), (2016, 9999)])
def test_years_out_of_order_or_out_of_reach_are_refused(first: int, last: int) -> None:
    with pytest.raises(CalendarError, match="日历年份"):
        compile_calendar("Asia/Shanghai", first, last)


def test_a_zone_with_an_offset_of_odd_seconds_is_refused() -> None:
    with pytest.raises(CalendarError, match="不是整分钟"):
        compile_zone("Africa/Monrovia", 1970, 1971)


def test_shanghai_has_one_offset_and_berlin_two_changes_a_year_at_one_in_the_morning_utc() -> None:
    assert [offset.minutes for offset in ZONES["Asia/Shanghai"].offsets] == [480]
    changes = [(o.since, o.minutes) for o in ZONES["Europe/Berlin"].offsets if o.since.year == 2024]
    assert changes == [
        (datetime(2024, 3, 31, 1, tzinfo=UTC), 120),
        (datetime(2024, 10, 27, 1, tzinfo=UTC), 60),
    ]


FIRST_MOMENT = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)
LAST_MOMENT = datetime(LAST_YEAR, 12, 31, tzinfo=UTC)
moments = st.integers(min_value=0, max_value=int((LAST_MOMENT - FIRST_MOMENT).total_seconds())).map(
    lambda seconds: FIRST_MOMENT + timedelta(seconds=seconds)
)
near_a_change = st.sampled_from([(name, o.since) for name, zone in ZONES.items() for o in zone.offsets[1:]])
seconds = st.integers(min_value=-2 * 24 * 3600, max_value=2 * 24 * 3600)


@given(st.sampled_from(sorted(ZONES)), moments)
def test_local_time_is_the_zone_databases_at_any_moment(name: str, moment: datetime) -> None:
    assert ZONES[name].local(moment) == moment.astimezone(ZoneInfo(name)).replace(tzinfo=None)


@given(near_a_change, st.one_of(st.sampled_from([-1, 0, 1]), seconds))
def test_local_time_is_the_zone_databases_to_the_second_around_every_change(
    change: tuple[str, datetime], offset: int
) -> None:
    name, since = change
    moment = since + timedelta(seconds=offset)
    assert ZONES[name].local(moment) == moment.astimezone(ZoneInfo(name)).replace(tzinfo=None)


@given(near_a_change, st.integers(min_value=-2, max_value=2), st.integers(min_value=0, max_value=MINUTES_PER_DAY))
def test_a_wall_time_is_its_first_occurrence_or_where_it_is_left_out_the_moment_of_the_change(
    change: tuple[str, datetime], days: int, minute: int
) -> None:
    name, since = change
    zone, there = ZONES[name], ZoneInfo(name)
    day = (since + timedelta(days=days)).astimezone(there).date()
    wall = datetime.combine(day, datetime.min.time()) + timedelta(minutes=minute)
    found = zone.at(day, minute)
    first = wall.replace(tzinfo=there, fold=0).astimezone(UTC)
    if first.astimezone(there).replace(tzinfo=None) == wall:
        assert found == first
    else:
        assert found in {offset.since for offset in zone.offsets}
        assert _local(found - timedelta(seconds=1), there) < wall < _local(found, there)


def _local(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None)


def test_the_hour_that_berlin_leaves_out_is_the_moment_of_the_change() -> None:
    assert ZONES["Europe/Berlin"].at(date(2024, 3, 31), 2 * 60 + 30) == datetime(2024, 3, 31, 1, tzinfo=UTC)


def test_the_hour_that_new_york_has_twice_is_its_first_occurrence() -> None:
    zone: Zone = ZONES["America/New_York"]
    assert zone.at(date(2024, 11, 3), 90) == datetime(2024, 11, 3, 5, 30, tzinfo=UTC)
