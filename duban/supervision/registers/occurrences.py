"""When what comes round comes round: the periods of a rhythm, and the day on which each opens its items.

A period is dealt with once. What has been dealt with is remembered as a day, the first of the periods that are still to
come, and never as a moment: a calendar that is announced later moves days of opening, and a period that moved across
"until now" would be skipped or come twice.
"""

from collections.abc import Iterator
from datetime import date, datetime

from duban.supervision.days.calendar import ONE_DAY, OfficeCalendar
from duban.supervision.levels.lag import before, months_after
from duban.supervision.model import Frozen
from duban.supervision.rules.rhythms import Period, Rhythm, Turn

MONTHS_OF: dict[Period, int] = {
    Period.MONTH: 1,
    Period.TWO_MONTHS: 2,
    Period.QUARTER: 3,
    Period.HALF_YEAR: 6,
    Period.YEAR: 12,
}
_LETTERS = {Period.MONTH: "M", Period.TWO_MONTHS: "B", Period.QUARTER: "Q", Period.HALF_YEAR: "H"}
_QUARTERS, _HALVES = "一二三四", "上下"


class Span(Frozen):
    """A period of the calendar: one of its quarters, for example.

    Attributes:
        key: Names it in business identities: ``2026``, ``2026-H1``, ``2026-Q1``, ``2026-B2``, ``2026-M03``.
        first_on, last_on: Local days, both in it.
        number: Which of its year's periods it is, from 1.
    """

    period: Period
    key: str
    first_on: date
    last_on: date
    number: int = 1

    @property
    def words(self) -> str:
        """As people write it."""
        first, last = self.first_on.month, self.last_on.month
        match self.period:
            case Period.MONTH:
                part = f"{first}月"
            case Period.TWO_MONTHS:
                part = f"{first}—{last}月"
            case Period.QUARTER:
                part = f"第{_QUARTERS[last // 3 - 1]}季度"
            case Period.HALF_YEAR:
                part = f"{_HALVES[last // 6 - 1]}半年"
            case Period.YEAR:
                part = ""
        return f"{self.first_on.year}年{part}"


class Occurrence(Frozen):
    """A period of a rhythm, and when it opens its items.

    Attributes:
        opens_on: Local day, a working day. What comes after the fact waits for one; what is set some time before it
            moves to the working day before.
        opens_at: The business moment, in office hours.
    """

    span: Span
    opens_on: date
    opens_at: datetime

    @property
    def key(self) -> str:
        """Of its period."""
        return self.span.key


class Due(Frozen):
    """What of a rhythm is to be done at a moment.

    Attributes:
        opened: The period whose items are opened now, or None.
        missed: Earlier periods that were due as well: entered as missed, never opened in a heap.
        to_come_from: What is to be remembered: periods that end before this day have been dealt with.
    """

    opened: Occurrence | None
    missed: tuple[Occurrence, ...]
    to_come_from: date


def span_of(period: Period, day: date) -> Span:
    """The period in which a local day lies."""
    length = MONTHS_OF[period]
    number = (day.month - 1) // length + 1
    first = date(day.year, (number - 1) * length + 1, 1)
    letter = _LETTERS.get(period)
    digits = 2 if period is Period.MONTH else 1
    part = f"-{letter}{number:0{digits}}" if letter else ""
    return Span(
        period=period,
        key=f"{day.year:04}{part}",
        first_on=first,
        last_on=months_after(first, length) - ONE_DAY,
        number=number,
    )


def spans(period: Period, first_on: date, last_on: date) -> Iterator[Span]:
    """The periods of which any day lies in a stretch of local days, in order."""
    day = first_on
    while day <= last_on:
        span = span_of(period, day)
        yield span
        day = span.last_on + ONE_DAY


def occurrence(rhythm: Rhythm, span: Span, calendar: OfficeCalendar, spread: float = 0.0) -> Occurrence:
    """When a period of a rhythm opens its items.

    Args:
        spread: Where in the office hours of that day, from 0 to ``LATEST_SPREAD``.
    """
    turn = span.first_on if rhythm.opens is Turn.START else span.last_on
    opens_on = before(rhythm.before, turn, calendar) if rhythm.before else calendar.working_day_from(turn)
    return Occurrence(span=span, opens_on=opens_on, opens_at=calendar.office_moment(opens_on, spread))


def occurrences(
    rhythm: Rhythm, first_on: date, last_on: date, calendar: OfficeCalendar, spread: float = 0.0
) -> tuple[Occurrence, ...]:
    """The periods that open their items on one of these local days, both included, in order.

    However a stretch of days is cut, its parts together give what it gives.
    """
    found: list[Occurrence] = []
    for span in _from(rhythm, _first_opening_from(rhythm, first_on, calendar).first_on):
        one = occurrence(rhythm, span, calendar, spread)
        if one.opens_on > last_on:
            return tuple(found)
        found.append(one)
    return tuple(found)


def due(
    rhythm: Rhythm,
    to_come_from: date,
    now: datetime,
    calendar: OfficeCalendar,
    spread: float = 0.0,
    *,
    last_on: date | None = None,
) -> Due:
    """What is to be done at a business moment; after an outage of any length once.

    The latest period that is due is opened; those before it are missed.

    Args:
        to_come_from: Periods that end before this day are dealt with, or were over when supervision began: at first
            the day on which it began, then what the last answer said.
        last_on: Periods that begin after this day are not looked at (a register is that of a year).
    """
    ripe = []
    for span in _from(rhythm, to_come_from):
        one = occurrence(rhythm, span, calendar, spread)
        if one.opens_at > now or (last_on is not None and span.first_on > last_on):
            break
        ripe.append(one)
    if not ripe:
        return Due(opened=None, missed=(), to_come_from=to_come_from)
    following = next(_from(rhythm, ripe[-1].span.last_on + ONE_DAY))
    return Due(opened=ripe[-1], missed=tuple(ripe[:-1]), to_come_from=following.first_on)


def next_occurrence(rhythm: Rhythm, to_come_from: date, calendar: OfficeCalendar, spread: float = 0.0) -> Occurrence:
    """The earliest period that has not been dealt with; its moment may have passed, and it may lie in a later year.

    Args:
        to_come_from: As of ``due``.
    """
    return occurrence(rhythm, next(_from(rhythm, to_come_from)), calendar, spread)


def _from(rhythm: Rhythm, day: date) -> Iterator[Span]:
    """The periods that a rhythm keeps to, from that of a local day on, as far as dates go."""
    found = spans(rhythm.period, day, date(9001, 12, 31))
    return (span for span in found if not rhythm.only or span.number in rhythm.only)


def _first_opening_from(rhythm: Rhythm, day: date, calendar: OfficeCalendar) -> Span:
    """The first period that opens on a local day or later: later periods never open earlier."""
    span = span_of(rhythm.period, day)
    while occurrence(rhythm, span, calendar).opens_on >= day:
        span = span_of(rhythm.period, span.first_on - ONE_DAY)
    while occurrence(rhythm, span, calendar).opens_on < day:
        span = span_of(rhythm.period, span.last_on + ONE_DAY)
    return span
