"""Whole expressions of time: a point, a range, a length of time from a start.

A period ends with its last day, and ``前`` includes what it names: ``6月30日前`` is met until the end of
30 June. Where a month, quarter or year stands before 前 without 底 (``2020年前``), the same reading is given
with a warning, for some mean the day before.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from duban.intake.deadlines.deadline_reading import DeadlineProblemKind
from duban.intake.deadlines.lengths import AddWorkingDays, LengthReader
from duban.intake.deadlines.lexicon import NUMBERS, Kind, Token
from duban.intake.deadlines.points import PointReader
from duban.intake.deadlines.spans import BadDate, Span, Unit, spoken
from duban.intake.deadlines.years import EARLIEST_YEAR, LATEST_YEAR

_BETWEEN_START_AND_LENGTH = frozenset({Kind.COMMA, Kind.OTHER, Kind.START})
_MOST_BETWEEN = 4
_DISTANT_YEARS, _SENSELESS_YEARS = 20, 50


class Expression(NamedTuple):
    """What was found at ``begin`` to ``end`` (tokens).

    Attributes:
        due_on: The dates it gives; empty for a mere start.
        remarks: Chinese sentences about another possible reading.
        bare: A month or more without 前, 底 or 内: perhaps only spoken of (``完成2022年度计划``).
        whole_year: A bare year: perhaps only the year of what follows (``2022年：6月底前``).
        own_year: Its year is written in it.
        since: The first day of a range.
        supposed: A length of time of which the text does not say what it counts from.
    """

    begin: int
    end: int
    due_on: tuple[date, ...]
    remarks: tuple[str, ...] = ()
    bare: bool = False
    whole_year: bool = False
    own_year: bool = False
    since: date | None = None
    supposed: bool = False


class ExpressionReader:
    """Reads the expressions of one cell; keeps the year and month that later parts inherit."""

    def __init__(
        self, tokens: Sequence[Token], *, plan_year: int, issued_on: date, add_working_days: AddWorkingDays | None
    ) -> None:
        self._tokens = tokens
        self._plan_year = plan_year
        self._points = PointReader(tokens, plan_year=plan_year, issued_on=issued_on)
        self._lengths = LengthReader(tokens, self._points, issued_on=issued_on, add_working_days=add_working_days)
        self._kind = self._points.kind
        self.close = self._lengths.close

    def read(self, at: int) -> Expression | None:
        """The expression that begins at a token, or None.

        Raises:
            BadDate: It speaks of a time that cannot be had from it.
        """
        length = self._lengths.read(at)
        if length is not None:
            counted = self._lengths.counted_from_issue(at, length)
            remarks = (counted.remark,) if counted.remark else ()
            return Expression(at, counted.end, (counted.due_on,), remarks, supposed=not counted.start_written)
        if (years := self._years_range(at)) is not None:
            return self._due(at, *years, since=years[0][-1].first)
        left = self._points.read(at)
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
            if right is not None:
                return self._due(at, *right, since=spans[0].first)
        return self._due(at, spans, after)

    def return_to_plan_year(self) -> None:
        """What recurs every year is read in the plan's year, whatever year was written before it."""
        self._points.years.current = self._plan_year

    def _due(self, begin: int, spans: tuple[Span, ...], at: int, *, since: date | None = None) -> Expression:
        last = spans[-1]
        remarks = [span.remark for span in spans if span.remark]
        written = self._written(begin, at)
        bare = last.unit >= Unit.MONTH and not last.to_its_end
        bare = bare and self._kind(at) not in {Kind.BEFORE, Kind.ABOUT, Kind.WITHIN}
        match self._kind(at):
            case Kind.BEFORE:
                at += 1
                self._refuse_counting_back(begin, at)
                if not last.to_its_end:
                    remarks.append(f"“{written}前”可有两种理解，按含当期读，即{spoken(last.last)}。")
            case Kind.ABOUT:
                at += 1
                remarks.append(f"“{written}前后（左右）”不是确切日期，按{spoken(last.last)}读。")
            case Kind.WITHIN:
                at += 1
            case _:
                pass
        remarks += self._on_distance(written, spans, at)
        return Expression(
            begin,
            at,
            tuple(span.last for span in spans),
            tuple(remarks),
            bare,
            whole_year=bare and last.unit is Unit.YEAR and since is None and len(spans) == 1,
            own_year=last.year_written,
            since=since,
        )

    def _on_distance(self, written: str, spans: Sequence[Span], end: int) -> list[str]:
        """Remarks on a year that is perhaps a slip of the keyboard.

        Raises:
            BadDate: It certainly is one, and no calendar goes that far.
        """
        years = max(abs(span.last.year - self._plan_year) for span in spans)
        if years > _SENSELESS_YEARS:
            raise BadDate(
                DeadlineProblemKind.IMPOSSIBLE_DATE,
                f"“{written}”的年份与方案年份{self._plan_year}年相差{years}年，不能作为时限。",
                "请核对年份。",
                end,
            )
        distant = f"“{written}”的年份与方案年份相差{_DISTANT_YEARS}年以上，疑为笔误。"
        return [distant] if years > _DISTANT_YEARS else []

    def _refuse_counting_back(self, begin: int, at: int) -> None:
        if self._lengths.stands_after_before(at):
            raise BadDate(
                DeadlineProblemKind.NEEDS_DATE,
                f"“{self._written(begin, at + 2)}”是推算的时间，没有直接写明日期。",
                "请写明推算后的日期，例如“2022年6月27日前”。",
                at + 2,
            )

    def _years_range(self, at: int) -> tuple[tuple[Span, ...], int] | None:
        """``2019-2021年``: the left year has no unit of its own."""
        if self._kind(at) not in NUMBERS or self._kind(at + 1) is not Kind.TO or self._kind(at + 2) not in NUMBERS:
            return None
        if len(self._tokens[at].text) != 4 or len(self._tokens[at + 2].text) != 4:
            return None
        first = self._tokens[at].value or 0
        if not EARLIEST_YEAR <= first <= LATEST_YEAR:
            return None
        begin = Span(date(first, 1, 1), date(first, 12, 31), Unit.YEAR, year_written=True)
        right = self._right(begin, at + 2)
        return right and ((*right[0][:-1], right[0][-1]._replace(first=begin.first)), right[1])

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
        if (length := self._lengths.read(here, bare=True)) is not None:
            return Expression(begin, length.end, (self._lengths.end_of(length, start),), since=start.first)
        if self._kind(here) is Kind.UNTIL_NOW:
            return Expression(begin, here + 1, ())
        if self._kind(here) is Kind.TO and (right := self._right(start, here + 1)):
            return self._due(begin, *right, since=start.first)
        return Expression(begin, at, (), since=start.first)

    def _written(self, begin: int, end: int) -> str:
        return "".join(token.text for token in self._tokens[begin:end])
