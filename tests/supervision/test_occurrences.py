"""What comes round: every period once, on its day, whatever was down and however the days are cut."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duban.calendars import compile_calendar
from duban.supervision.clauses import Limit, Source, Unit
from duban.supervision.days.calendar import ONE_DAY, OfficeCalendar
from duban.supervision.registers.occurrences import (
    MONTHS_OF,
    Occurrence,
    due,
    next_occurrence,
    occurrence,
    occurrences,
    span_of,
    spans,
)
from duban.supervision.rules.rhythms import Period, Rhythm, Turn

ASSUMED = Source(assumed=True)
SHANGHAI = "Asia/Shanghai"
ZONES = (SHANGHAI, "America/New_York", "Pacific/Chatham", "Africa/Cairo", "Pacific/Apia", "Australia/Lord_Howe")


@cache
def calendar_of(zone: str = SHANGHAI, opens: int = 540, closes: int = 1020) -> OfficeCalendar:
    return compile_calendar(zone, 2008, 2030).model_copy(update={"opens": opens, "closes": closes})


def limit(days: int = 0, months: int = 0, unit: Unit = Unit.WORKING) -> Limit:
    return Limit(days=days, months=months, unit=unit, source=ASSUMED)


def rhythm_of(period: Period, opens: Turn = Turn.START, **more: Any) -> Rhythm:
    return Rhythm(
        title="季度报告",
        source=ASSUMED,
        period=period,
        procedure="report",
        owed_by="special_group",
        opens=opens,
        **more,
    )


def day(text: str) -> date:
    return date.fromisoformat(text)


def opened(rhythm: Rhythm, first: str, last: str) -> list[tuple[str, str]]:
    return [(one.key, one.opens_on.isoformat()) for one in occurrences(rhythm, day(first), day(last), calendar_of())]


# Periods


@pytest.mark.parametrize(
    ("period", "within", "key", "first", "last", "words"),
    [
        (Period.MONTH, "2024-02-29", "2024-M02", "2024-02-01", "2024-02-29", "2024年2月"),
        (Period.MONTH, "2026-12-31", "2026-M12", "2026-12-01", "2026-12-31", "2026年12月"),
        (Period.TWO_MONTHS, "2026-04-30", "2026-B2", "2026-03-01", "2026-04-30", "2026年3—4月"),
        (Period.TWO_MONTHS, "2023-01-31", "2023-B1", "2023-01-01", "2023-02-28", "2023年1—2月"),
        (Period.QUARTER, "2026-10-01", "2026-Q4", "2026-10-01", "2026-12-31", "2026年第四季度"),
        (Period.HALF_YEAR, "2026-06-30", "2026-H1", "2026-01-01", "2026-06-30", "2026年上半年"),
        (Period.HALF_YEAR, "2026-07-01", "2026-H2", "2026-07-01", "2026-12-31", "2026年下半年"),
        (Period.YEAR, "2026-07-01", "2026", "2026-01-01", "2026-12-31", "2026年"),
    ],
)
def test_a_period_has_a_key_its_first_and_last_day_and_a_name(
    period: Period, within: str, key: str, first: str, last: str, words: str
) -> None:
    span = span_of(period, day(within))

    assert (span.key, span.first_on, span.last_on, span.words) == (key, day(first), day(last), words)


@pytest.mark.parametrize("period", list(Period))
def test_the_periods_of_many_years_follow_each_other_without_a_gap(period: Period) -> None:
    found = list(spans(period, day("1999-12-31"), day("2101-01-01")))

    assert found[0].first_on <= day("1999-12-31")
    assert found[-1].last_on >= day("2101-01-01")
    assert all(earlier.last_on + ONE_DAY == later.first_on for earlier, later in pairwise(found))
    assert len({span.key for span in found}) == len(found)


# Days


def test_a_duty_within_a_quarter_is_opened_on_the_first_working_day_of_it() -> None:
    # 1 January and 1 October are holidays; 1 April 2023 is a Saturday
    assert opened(rhythm_of(Period.QUARTER), "2023-01-01", "2023-12-31") == [
        ("2023-Q1", "2023-01-03"),
        ("2023-Q2", "2023-04-03"),
        ("2023-Q3", "2023-07-03"),
        ("2023-Q4", "2023-10-07"),  # a Saturday worked in exchange
    ]


def test_a_report_on_a_quarter_waits_for_a_working_day_at_its_end() -> None:
    assert opened(rhythm_of(Period.QUARTER, Turn.END), "2023-01-01", "2023-12-31") == [
        ("2022-Q4", "2023-01-03"),  # the 31st is a Saturday, and the holiday lasts until the 2nd
        ("2023-Q1", "2023-03-31"),
        ("2023-Q2", "2023-06-30"),
        ("2023-Q3", "2023-10-07"),
    ]


@pytest.mark.parametrize(
    ("before", "opens_on"),
    [
        (limit(days=5), "2023-09-22"),  # five working days before Saturday, 30 September, a holiday
        (limit(days=10, unit=Unit.CALENDAR), "2023-09-20"),
        (limit(days=6, unit=Unit.CALENDAR), "2023-09-22"),  # the 24th is a Sunday: the working day before
        (limit(months=1), "2023-08-30"),
        (limit(days=0), "2023-09-28"),  # before the end itself: the last working day, not the next one
    ],
)
def test_what_comes_before_the_end_of_a_period_moves_to_the_working_day_before(before: Limit, opens_on: str) -> None:
    rhythm = rhythm_of(Period.QUARTER, Turn.END, before=before)

    assert opened(rhythm, opens_on, opens_on) == [("2023-Q3", opens_on)]


def test_what_comes_before_the_start_of_a_year_is_opened_in_the_year_before() -> None:
    rhythm = rhythm_of(Period.YEAR, before=limit(months=1))

    assert opened(rhythm, "2023-01-01", "2024-12-31") == [("2024", "2023-12-01"), ("2025", "2024-11-29")]


def test_it_is_opened_in_office_hours_at_the_place_of_its_own() -> None:
    calendar = calendar_of()
    early, late = (
        occurrence(rhythm_of(Period.MONTH), span_of(Period.MONTH, day("2023-03-15")), calendar, spread)
        for spread in (0.0, 0.5)
    )

    assert calendar.zone.local(early.opens_at) == datetime(2023, 3, 1, 9)  # noqa: DTZ001 - wall-clock time
    assert calendar.zone.local(late.opens_at) == datetime(2023, 3, 1, 13)  # noqa: DTZ001


def test_a_rhythm_may_keep_to_some_of_the_years_periods() -> None:
    mid_year = rhythm_of(Period.HALF_YEAR, Turn.END, only=(1,))

    assert opened(mid_year, "2023-01-01", "2025-12-31") == [
        ("2023-H1", "2023-06-30"),
        ("2024-H1", "2024-07-01"),
        ("2025-H1", "2025-06-30"),
    ]
    found = due(mid_year, day("2022-08-01"), at("2024-03-01"), calendar_of())
    assert found.opened is not None
    assert (found.opened.key, found.missed, found.to_come_from) == ("2023-H1", (), day("2024-01-01"))
    assert next_occurrence(mid_year, day("2023-09-01"), calendar_of()).key == "2024-H1"


# After an outage


def at(text: str) -> datetime:
    return calendar_of().zone.at(day(text), 24 * 60 - 1)


def test_after_an_outage_the_latest_is_opened_and_those_before_it_are_missed() -> None:
    found = due(rhythm_of(Period.MONTH), day("2023-02-01"), at("2023-06-10"), calendar_of())

    assert found.opened is not None
    assert found.opened.key == "2023-M06"
    assert [one.key for one in found.missed] == ["2023-M02", "2023-M03", "2023-M04", "2023-M05"]
    assert found.to_come_from == day("2023-07-01")


def test_before_its_day_nothing_is_due_and_what_is_to_come_is_named() -> None:
    rhythm = rhythm_of(Period.QUARTER, Turn.END)

    found = due(rhythm, day("2023-02-01"), at("2023-03-30"), calendar_of())

    assert (found.opened, found.missed, found.to_come_from) == (None, (), day("2023-02-01"))
    assert next_occurrence(rhythm, found.to_come_from, calendar_of()).opens_on == day("2023-03-31")


def test_where_supervision_begins_in_a_period_its_duty_stands_and_those_of_earlier_ones_do_not() -> None:
    found = due(rhythm_of(Period.YEAR), day("2023-05-10"), at("2023-05-10"), calendar_of())

    assert found.opened is not None
    assert (found.opened.key, found.missed) == ("2023", ())


def test_a_register_of_a_year_does_not_open_what_belongs_to_the_next() -> None:
    found = due(rhythm_of(Period.MONTH), day("2023-11-01"), at("2024-03-10"), calendar_of(), last_on=day("2023-12-31"))

    assert found.opened is not None
    assert found.opened.key == "2023-M12"
    assert due(
        rhythm_of(Period.MONTH), found.to_come_from, at("2025-01-10"), calendar_of(), last_on=day("2023-12-31")
    ).opened is None  # fmt: skip


def test_a_calendar_announced_between_moves_the_day_and_opens_nothing_twice() -> None:
    rhythm = rhythm_of(Period.MONTH)
    plain = calendar_of()
    found = due(rhythm, day("2023-03-01"), at("2023-03-01"), plain)
    closed = plain.model_copy(update={"holidays": (*plain.holidays, day("2023-03-01"), day("2023-03-02"))})
    later = OfficeCalendar(**{name: getattr(closed, name) for name in OfficeCalendar.model_fields})

    assert occurrence(rhythm, span_of(Period.MONTH, day("2023-03-01")), later).opens_on == day("2023-03-03")
    assert due(rhythm, found.to_come_from, at("2023-03-10"), later).opened is None


# Any rhythm, any stretch, any outage

limits = st.one_of(
    st.builds(limit, days=st.integers(0, 150), unit=st.sampled_from(Unit)),
    st.builds(limit, months=st.integers(1, 15)),
)


@st.composite
def _rhythms(draw: st.DrawFn) -> Rhythm:
    period = draw(st.sampled_from(Period))
    only = draw(st.sets(st.integers(1, 12 // MONTHS_OF[period]), max_size=3))
    before = draw(st.one_of(st.none(), limits))
    return rhythm_of(period, draw(st.sampled_from(Turn)), before=before, only=tuple(sorted(only)))


rhythms = _rhythms()
calendars = st.builds(
    calendar_of, st.sampled_from(ZONES), st.just(540) | st.just(0), st.just(1020) | st.just(1440) | st.just(541)
)
days = st.dates(date(2009, 1, 1), date(2027, 12, 31))
spreads = st.floats(0, 0.9)


@given(rhythms, calendars, days, st.integers(0, 800), st.lists(st.integers(0, 1500), max_size=6), spreads)
@settings(max_examples=80, deadline=None, derandomize=True)
def test_no_period_is_skipped_or_doubled_however_the_stretch_is_cut(
    rhythm: Rhythm, calendar: OfficeCalendar, first: date, length: int, cuts: list[int], spread: float
) -> None:
    last = first + timedelta(days=length)
    whole = occurrences(rhythm, first, last, calendar, spread)
    parts: list[Occurrence] = []
    begin = first
    for cut in sorted({min(cut, length) for cut in cuts} | {length}):
        end = first + timedelta(days=cut)
        parts += occurrences(rhythm, begin, end, calendar, spread)
        begin = end + ONE_DAY

    assert tuple(parts) == whole
    for earlier, later in pairwise(whole):
        between = kept_between(rhythm, earlier.span.last_on + ONE_DAY, later.span.first_on - ONE_DAY)
        assert between == []


def kept_between(rhythm: Rhythm, first: date, last: date) -> list[str]:
    """The periods within these days to which a rhythm keeps."""
    found = spans(rhythm.period, first, last) if first <= last else ()
    return [span.key for span in found if not rhythm.only or span.number in rhythm.only]


@given(rhythms, calendars, days, st.integers(0, 800), spreads)
@settings(max_examples=80, deadline=None, derandomize=True)
def test_each_opens_on_a_working_day_on_the_right_side_of_its_turn_in_office_hours(
    rhythm: Rhythm, calendar: OfficeCalendar, first: date, length: int, spread: float
) -> None:
    last = first + timedelta(days=length)
    for one in occurrences(rhythm, first, last, calendar, spread):
        turn = one.span.first_on if rhythm.opens is Turn.START else one.span.last_on
        assert first <= one.opens_on <= last
        assert calendar.is_working_day(one.opens_on)
        assert (one.opens_on <= turn) if rhythm.before else (one.opens_on >= turn)
        opens, closes = (calendar.zone.at(one.opens_on, minute) for minute in (calendar.opens, calendar.closes))
        assert opens <= one.opens_at <= max(opens, closes)


@given(rhythms, calendars, days, st.lists(st.integers(0, 500), min_size=1, max_size=8), spreads)
@settings(max_examples=80, deadline=None, derandomize=True)
def test_whenever_it_is_looked_at_each_period_is_opened_once_or_missed_once(
    rhythm: Rhythm, calendar: OfficeCalendar, began: date, outages: list[int], spread: float
) -> None:
    to_come, now = began, calendar.zone.at(began)
    keys: list[str] = []
    for outage in outages:
        now += timedelta(days=outage)
        found = due(rhythm, to_come, now, calendar, spread)
        assert (found.opened is None) <= (found.missed == ())
        keys += [one.key for one in (*found.missed, *([found.opened] if found.opened else []))]
        again = due(rhythm, found.to_come_from, now, calendar, spread)
        assert (again.opened, again.missed) == (None, ())
        to_come = found.to_come_from
        assert next_occurrence(rhythm, to_come, calendar, spread).opens_at > now
    expected = [
        span.key
        for span in spans(rhythm.period, began, calendar.zone.local_date(now) + timedelta(days=800))
        if span.key in kept_between(rhythm, span.first_on, span.last_on)
        and occurrence(rhythm, span, calendar, spread).opens_at <= now
    ]
    assert keys == expected


@given(rhythms, st.sampled_from(Period), st.dates(date(1901, 1, 1), date(8990, 12, 31)))
@settings(max_examples=80, deadline=None, derandomize=True)
def test_there_is_an_answer_for_every_day_that_a_plan_may_name(rhythm: Rhythm, period: Period, any_day: date) -> None:
    span = span_of(period, any_day)
    assert span.first_on <= any_day <= span.last_on
    found = due(rhythm, any_day, datetime(9000, 12, 1, tzinfo=UTC), calendar_of(), last_on=any_day)
    assert (found.opened is not None) == bool(kept_between(rhythm, any_day, any_day))
