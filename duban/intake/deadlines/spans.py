"""Spans of days, which every point of time is: as a deadline its last day counts, as a start its first."""

import calendar
from datetime import date
from enum import IntEnum
from typing import NamedTuple

from duban.intake.deadlines.deadline_reading import DeadlineProblemKind

_DAYS_OF_PART = {"上": (1, 10), "中": (11, 20), "下": (21, 31)}
_ELEVENTH_PLAN_ENDS = 2010


class Unit(IntEnum):
    """How wide a point is."""

    DAY = 1
    PART = 2
    MONTH = 3
    QUARTER = 4
    HALF = 5
    YEAR = 6


class Span(NamedTuple):
    """A point of time, from its first to its last day.

    ``to_its_end`` holds where the office wrote 底 or 末; ``remark`` is a Chinese
    sentence where the wording allows another reading.
    """

    first: date
    last: date
    unit: Unit
    to_its_end: bool = False
    year_written: bool = False
    remark: str = ""


class BadDate(Exception):
    """A point that is no date; ``end`` is the token after it. A finding on its way to the clerk."""

    def __init__(self, kind: DeadlineProblemKind, problem: str, suggestion: str, end: int) -> None:
        super().__init__(problem)
        self.kind, self.problem, self.suggestion, self.end = kind, problem, suggestion, end


def impossible(problem: str, end: int) -> BadDate:
    """The finding that no calendar has such a date."""
    return BadDate(DeadlineProblemKind.IMPOSSIBLE_DATE, problem, "请核对并写明存在的日期。", end)


def month_end(year: int, month: int) -> date:
    """The last day of a month."""
    return date(year, month, calendar.monthrange(year, month)[1])


def year_span(year: int, *, to_its_end: bool) -> Span:
    """A calendar year."""
    return Span(date(year, 1, 1), date(year, 12, 31), Unit.YEAR, to_its_end, year_written=True)


def half_span(year: int, *, second: bool, year_written: bool) -> Span:
    """A half of a year."""
    first, last = (date(year, 7, 1), date(year, 12, 31)) if second else (date(year, 1, 1), date(year, 6, 30))
    return Span(first, last, Unit.HALF, year_written=year_written)


def quarter_span(year: int, number: int, *, year_written: bool) -> Span:
    """A quarter, numbered from 1."""
    return Span(date(year, 3 * number - 2, 1), month_end(year, 3 * number), Unit.QUARTER, year_written=year_written)


def month_span(year: int, month: int, *, year_written: bool) -> Span:
    """A calendar month."""
    return Span(date(year, month, 1), month_end(year, month), Unit.MONTH, year_written=year_written)


def part_span(year: int, month: int, part: str, *, year_written: bool, remark: str = "") -> Span:
    """A third of a month, 上旬, 中旬 or 下旬, or two of them (中下旬)."""
    first, last = _DAYS_OF_PART[part[0]][0], _DAYS_OF_PART[part[-2]][1]
    until = month_end(year, month) if last > 30 else date(year, month, last)
    return Span(date(year, month, first), until, Unit.PART, to_its_end=True, year_written=year_written, remark=remark)


def five_year_span(ordinal: int, *, to_its_end: bool) -> Span:
    """A five-year plan: 1 for the eleventh (2006 to 2010), 4 for the fourteenth, and so on."""
    last = _ELEVENTH_PLAN_ENDS + 5 * (ordinal - 1)
    return Span(date(last - 4, 1, 1), date(last, 12, 31), Unit.YEAR, to_its_end, year_written=True)


def joined(spans: tuple[Span, ...]) -> Span:
    """From the first day of all to the end of the last."""
    return spans[-1]._replace(first=min(span.first for span in spans))


def spoken(day: date) -> str:
    """A date as said in a sentence."""
    return f"{day.year}年{day.month}月{day.day}日"
