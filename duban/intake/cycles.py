"""Rhythms in a deadline: ``每季度末报告``, ``每月28日前``, ``每年6月底前``.

A rhythm is no milestone. What follows a shorter one only says when within it; a yearly one has a first
occurrence, and that is a date.
"""

from collections.abc import Sequence
from datetime import date

from duban.intake.lexicon import NUMBERS, Kind, Token
from duban.supervision.plan import ReportCycle

_UNITS = frozenset({Kind.DAY, Kind.DAY_COUNT, Kind.MONTH, Kind.QUARTER, Kind.WEEK_COUNT})
_COUNTED_UNITS = frozenset({Kind.DAY, Kind.DAY_COUNT, Kind.WORKING_DAY_COUNT, Kind.MONTH_COUNT})
_LAST_YEAR = 2199


def cycle_named(text: str) -> ReportCycle:
    """The reporting cycle that a word of rhythm comes to; what is shorter than a month is monthly."""
    if "半年" in text or "学期" in text:
        return ReportCycle.HALF_YEARLY
    if "季" in text or "双月" in text or "两" in text:
        return ReportCycle.QUARTERLY
    return ReportCycle.YEARLY if "年" in text else ReportCycle.MONTHLY


def past_detail(tokens: Sequence[Token], at: int) -> int | None:
    """The place after a detail of a rhythm (``每月28日前``, ``每季度末``); None where none stands at ``at``."""
    if tokens[at].kind in _UNITS:
        return at + 1
    follows = tokens[at + 1].kind if at + 1 < len(tokens) else None
    if tokens[at].kind in NUMBERS and follows in _COUNTED_UNITS:
        return at + 2
    return None


def first_occurrence(day: date, issued_on: date) -> date:
    """The first time that a yearly day comes round on or after the day of issue; 29 February becomes the 28th."""
    if day >= issued_on or day.year >= _LAST_YEAR:
        return day
    has_passed = (day.month, day.day) < (issued_on.month, issued_on.day)
    later = issued_on.year + int(has_passed)
    return date(later, 2, 28) if (day.month, day.day) == (2, 29) else day.replace(year=later)
