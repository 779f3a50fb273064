"""Whole expressions of time: a point, a range, a length of time from a start.

The rules that a person may ask about:

* A period ends with its last day, and ``前`` includes what it names: ``6月30日前`` is
  met until the end of 30 June. Where a month, quarter or year stands before 前 without
  底 (``2020年前``), the same reading is given with a warning, for some mean the day before.
* ``N年内`` counts calendar years, the year of issue being the first; ``一年内`` and every
  length counted from a day (``印发之日起3年内``) run to the same day of the later year or month.
* ``30日内`` does not count the day it starts from.
"""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from duban.intake.deadline_reading import DeadlineProblemKind
from duban.intake.lexicon import NUMBERS, Kind, Token
from duban.intake.points import PointReader
from duban.intake.spans import BadDate, Span, Unit, month_end, spoken
from duban.intake.years import LATEST_YEAR

AddWorkingDays = Callable[[date, int], date]
"""Given a date and a number of working days, the working day that many after it."""

_COUNTS = frozenset(
    {Kind.YEAR, Kind.MONTH_COUNT, Kind.QUARTER_COUNT, Kind.WEEK_COUNT, Kind.DAY_COUNT, Kind.WORKING_DAY_COUNT, Kind.DAY}
)
_HALVES = {Kind.HALF_YEAR_COUNT: (Kind.MONTH_COUNT, 6), Kind.HALF_MONTH_COUNT: (Kind.DAY_COUNT, 15)}
_MONTHS_EACH = {Kind.YEAR: 12, Kind.QUARTER_COUNT: 3, Kind.MONTH_COUNT: 1}
_BETWEEN_START_AND_LENGTH = frozenset({Kind.COMMA, Kind.OTHER, Kind.START})
_MOST_BETWEEN = 4
_FROM_NOW_ON = frozenset({"今后", "未来", "接下来"})
_RECEIVED = frozenset({"收到", "接到", "受理"})
_DISTANT_YEARS = 50


class Expression(NamedTuple):
    """What was found at ``begin`` to ``end`` (tokens).

    Attributes:
        due_on: The dates it gives; empty for a mere start.
        remarks: Chinese sentences about another possible reading.
        bare: A month or more without 前, 底 or 内: perhaps only spoken of (``完成2022年度计划``).
    """

    begin: int
    end: int
    due_on: tuple[date, ...]
    remarks: tuple[str, ...] = ()
    bare: bool = False


class _Length(NamedTuple):
    unit: Kind
    number: int
    end: int
    limit_written: bool


class ExpressionReader:
    """Reads the expressions of one cell; keeps the year and month that later parts inherit."""

    def __init__(
        self, tokens: Sequence[Token], *, plan_year: int, issued_on: date, add_working_days: AddWorkingDays | None
    ) -> None:
        self._tokens = tokens
        self._plan_year = plan_year
        self._issued_on = issued_on
        self._add_working_days = add_working_days
        self._points = PointReader(tokens, plan_year=plan_year, issued_on=issued_on)
        self._searched_to = 0

    def read(self, at: int) -> Expression | None:
        """The expression that begins at a token, or None.

        Raises:
            BadDate: It speaks of a time that cannot be had from it.
        """
        length = self._length(at)
        if length is not None:
            return self._counted_from_issue(at, length)
        left = self._years_range(at) or self._points.read(at)
        if left is None:
            return None
        spans, after = left
        if self._kind(after) is Kind.START:
            return self._started(at, spans[-1], after + 1)
        if self._kind(after) is Kind.UNTIL_NOW:
            return Expression(at, after + 1, ())
        if self._kind(after) is Kind.TO:
            right = self._right(spans[-1], after + 1)
            if right is None and self._kind(after + 1) in NUMBERS:
                raise BadDate(
                    DeadlineProblemKind.UNREADABLE,
                    f"“{self._written(at, after + 2)}”的止期读不出来。",
                    "请把起止日期都写完整，例如“2022年6月至8月”。",
                    after + 2,
                )
            spans, after = right or left
        return self._due(at, spans, after)

    def return_to_plan_year(self) -> None:
        """What recurs every year is read in the plan's year, whatever year was written before it."""
        self._points.years.current = self._plan_year

    def close(self, end: int) -> None:
        """Later lengths look for their starting event no further back than here."""
        self._searched_to = end

    def _kind(self, at: int) -> Kind | None:
        return self._points.kind(at)

    def _due(self, begin: int, spans: tuple[Span, ...], at: int) -> Expression:
        remarks = [span.remark for span in spans if span.remark]
        written = self._written(begin, at)
        bare = spans[-1].unit >= Unit.MONTH and not spans[-1].to_its_end
        bare = bare and self._kind(at) not in {Kind.BEFORE, Kind.ABOUT, Kind.WITHIN}
        match self._kind(at):
            case Kind.BEFORE:
                at += 1
                if not spans[-1].to_its_end:
                    remarks.append(f"“{written}前”可有两种理解，按含当期读，即{spoken(spans[-1].last)}。")
            case Kind.ABOUT:
                at += 1
                remarks.append(f"“{written}前后（左右）”不是确切日期，按{spoken(spans[-1].last)}读。")
            case Kind.WITHIN:
                at += 1
            case _:
                pass
        if any(abs(span.last.year - self._plan_year) > _DISTANT_YEARS for span in spans):
            remarks.append(f"“{written}”的年份与方案年份相差五十年以上，疑为笔误。")
        return Expression(begin, at, tuple(span.last for span in spans), tuple(remarks), bare)

    def _years_range(self, at: int) -> tuple[tuple[Span, ...], int] | None:
        """``2019-2021年``: the left year has no unit of its own."""
        if self._kind(at) not in NUMBERS or self._kind(at + 1) is not Kind.TO or self._kind(at + 2) not in NUMBERS:
            return None
        if len(self._tokens[at].text) != 4 or len(self._tokens[at + 2].text) != 4:
            return None
        return self._points.read(at + 2)

    def _right(self, left: Span, at: int) -> tuple[tuple[Span, ...], int] | None:
        """The end of a range; without a year of its own it lies in the left one's, or the year after."""
        if at >= len(self._tokens):
            return None
        year = self._points.years.current
        right = self._points.read(at)
        if right is None:
            return None
        spans, after = right
        if spans[-1].last >= left.first:
            return spans, after
        if not spans[-1].year_written and year < LATEST_YEAR:
            self._points.years.current = year + 1
            following = self._points.read(at)
            if following is not None:
                span = following[0][-1]
                return (span._replace(remark=f"起止跨年，止期按{spoken(span.last)}读。"),), after
        raise BadDate(
            DeadlineProblemKind.IMPOSSIBLE_DATE,
            f"止期{spoken(spans[-1].last)}早于起期{spoken(left.first)}。",
            "请核对起止日期。",
            after,
        )

    def _started(self, begin: int, start: Span, at: int) -> Expression:
        """After ``从…起``: a length of time or the end of a range makes a deadline of it."""
        here = at
        while here < at + _MOST_BETWEEN and self._kind(here) in _BETWEEN_START_AND_LENGTH:
            here += 1
        if (length := self._length(here, bare=True)) is not None:
            return Expression(begin, length.end, (self._end_of(length, start),))
        if self._kind(here) is Kind.UNTIL_NOW:
            return Expression(begin, here + 1, ())
        if self._kind(here) is Kind.TO and (right := self._right(start, here + 1)):
            return self._due(begin, *right)
        return Expression(begin, at, ())

    def _length(self, at: int, *, bare: bool = False) -> _Length | None:
        """``3个月内``, ``30个工作日``, ``1-2年内``. 年 and 日 make a length only with 内, or alone."""
        kind = self._kind(at)
        if kind in _HALVES:
            unit, count = _HALVES[kind]
            after, bounded = at + 1, self._kind(at + 1) is Kind.WITHIN
            return _Length(unit, count, after + bounded, bounded) if bounded or bare or self._alone(at, after) else None
        if kind not in NUMBERS or self._points.continues_number(at):
            return None
        bare = bare or (self._kind(at - 1) is Kind.ISSUE_DAY and self._tokens[at - 1].text in _FROM_NOW_ON)
        values, _, after = self._points.numbers(at)
        unit_found = self._kind(after)
        if not values or unit_found is None or unit_found not in _COUNTS:
            return None
        after += 1
        bounded = self._kind(after) is Kind.WITHIN
        count = max(values)
        if unit_found is Kind.YEAR and (count >= 100 or self._points.years.is_short_plan_year(self._tokens[after - 2])):
            return None
        if unit_found is Kind.YEAR and not (bounded or bare or self._alone(at, after)):
            return None
        if unit_found is Kind.DAY and not bounded:
            return None
        return _Length(unit_found, count, after + bounded, bounded)

    def _alone(self, begin: int, end: int) -> bool:
        edges = {None, Kind.STOP, Kind.COMMA}
        return self._kind(begin - 1) in edges and self._kind(end) in edges

    def _counted_from_issue(self, at: int, length: _Length) -> Expression:
        before = self._tokens[self._searched_to : at]
        kinds = {token.kind for token in before}
        received = any(token.kind is Kind.FOREIGN_EVENT and token.text in _RECEIVED for token in before)
        from_elsewhere = Kind.START in kinds and (Kind.FOREIGN_EVENT in kinds or Kind.ISSUE_DAY not in kinds)
        written = self._written(at, length.end)
        if received or from_elsewhere or self._kind(length.end) is Kind.START:
            raise BadDate(
                DeadlineProblemKind.NEEDS_DATE,
                f"“{written}”的起算日不在方案里，算不出日期。",
                "请写明截止日期，例如“2022年6月30日”。",
                length.end,
            )
        from_the_day = any(token.kind is Kind.START and "日" in token.text for token in before) or any(
            token.kind is Kind.ISSUE_DAY and "日" in token.text for token in before
        )
        issue = Span(self._issued_on, self._issued_on, Unit.DAY)
        if length.unit is Kind.YEAR and length.number > 1 and not from_the_day:
            issue = Span(date(self._issued_on.year, 1, 1), date(self._issued_on.year, 12, 31), Unit.YEAR)
        due_on = self._end_of(length, issue)
        remarks: tuple[str, ...] = ()
        if length.unit is Kind.YEAR and (length.number == 1 or not length.limit_written) and not from_the_day:
            remarks = (f"“{written}”从印发之日起算，读作{spoken(due_on)}。",)
        end = length.end + (self._kind(length.end) is Kind.BEFORE)
        return Expression(at, end, (due_on,), remarks)

    def _end_of(self, length: _Length, start: Span) -> date:
        """The last day of a length of time. From a day, that day is not counted; a longer start is counted in full."""
        counted_in_full = start.unit is not Unit.DAY
        try:
            if length.unit in _MONTHS_EACH:
                end = _months_after(start.first, length.number * _MONTHS_EACH[length.unit])
            elif length.unit is Kind.WORKING_DAY_COUNT:
                return self._working_days_after(length, start)
            else:
                end = start.first + timedelta(days=length.number * (7 if length.unit is Kind.WEEK_COUNT else 1))
            return end - timedelta(days=1) if counted_in_full else end
        except (OverflowError, ValueError):
            raise BadDate(
                DeadlineProblemKind.IMPOSSIBLE_DATE, "期限太长，算不出日期。", "请写明截止日期。", length.end
            ) from None

    def _working_days_after(self, length: _Length, start: Span) -> date:
        if self._add_working_days is None:
            raise BadDate(
                DeadlineProblemKind.NEEDS_CALENDAR,
                f"“{length.number}个工作日”要有工作日历才能算出日期。",
                "请提供工作日历，或写明截止日期。",
                length.end,
            )
        return self._add_working_days(start.first, length.number)

    def _written(self, begin: int, end: int) -> str:
        return "".join(token.text for token in self._tokens[begin:end])


def _months_after(start: date, months: int) -> date:
    """The same day of a later month, or that month's last day where it is shorter."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    last = month_end(year, month + 1)
    return last if start.day >= last.day else last.replace(day=start.day)
