"""Rhythms in a deadline: ``每季度末报告``, ``每月28日前``, ``每年6月底前``.

A rhythm is no milestone. What follows a shorter one only says when within it; a yearly one has a first
occurrence, and that is a date.
"""

import re
from collections.abc import Sequence
from datetime import date

from duban.intake.deadlines.lexicon import LENGTH_UNITS, NUMBERS, Kind, Token
from duban.intake.deadlines.numerals import hanzi_number
from duban.supervision.plans.plan import ReportCycle

_DETAILS = frozenset(
    {Kind.DAY, Kind.DAY_COUNT, Kind.MONTH, Kind.NAMED_MONTH, Kind.NAMED_QUARTER, Kind.QUARTER, Kind.WEEK_COUNT}
)
_COUNTED = LENGTH_UNITS - {Kind.YEAR}
_MONTHS_OF = (("半年", 6), ("学期", 6), ("年", 12), ("季", 3), ("双月", 2), ("月", 1))
_COUNT = re.compile(r"^每隔?([0-9]+|[一二两三四五六七八九十]+)")
_TIMES = re.compile(r"([1-4一二两三四])次$")
_CYCLES = ((12, ReportCycle.YEARLY), (6, ReportCycle.HALF_YEARLY), (3, ReportCycle.QUARTERLY))
_LONGEST_COUNT = 99
_LONGEST_BRACKET = 40
_LAST_YEAR = 2199


def cycle_named(text: str) -> ReportCycle:
    """The longest reporting cycle that is not longer than a rhythm; what is shorter than a month is monthly."""
    months = next((months for word, months in _MONTHS_OF if word in text), 0)
    count, times = _COUNT.match(text), _TIMES.search(text)
    if count is not None:
        months *= _value(count.group(1))
    if times is not None:
        months //= _value(times.group(1))
    return next((cycle for least, cycle in _CYCLES if months >= least), ReportCycle.MONTHLY)


def _value(number: str) -> int:
    return min(int(number) if number.isascii() else hanzi_number(number) or 1, _LONGEST_COUNT) or 1


def past_detail(tokens: Sequence[Token], at: int) -> int | None:
    """The place after a detail of a rhythm; None where none stands at ``at``.

    Such are ``每月28日前``, ``每季度末``, ``每月次月5日``, ``每月最后一周`` and what stands in brackets
    (``每季度末（3、6、9、12月）``).
    """
    if tokens[at].kind in _DETAILS:
        return at + 1
    if tokens[at].text == "(":
        within = range(at, min(at + _LONGEST_BRACKET, len(tokens)))
        return next((end + 1 for end in within if tokens[end].text == ")"), None)
    follows = tokens[at + 1].kind if at + 1 < len(tokens) else None
    return at + 2 if tokens[at].kind in NUMBERS and follows in _COUNTED else None


def first_occurrence(day: date, since: date) -> date:
    """The first time that a yearly day comes round on or after a date; 29 February becomes the 28th."""
    if day >= since or day.year >= _LAST_YEAR:
        return day
    has_passed = (day.month, day.day) < (since.month, since.day)
    later = since.year + int(has_passed)
    return date(later, 2, 28) if (day.month, day.day) == (2, 29) else day.replace(year=later)
