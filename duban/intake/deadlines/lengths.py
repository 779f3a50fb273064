"""Lengths of time and the day they count from: ``印发之日起30日内``, ``3个月内``, ``5年内``.

* ``N年内`` counts calendar years, the year of issue being the first; ``一年内`` and every
  length counted from a day (``印发之日起3年内``) run to the same day of the later year or month.
* ``30日内`` does not count the day it starts from.
* What counts from an event that the plan does not date is an error, never a guess.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from duban.intake.deadlines.deadline_reading import DeadlineProblemKind
from duban.intake.deadlines.lexicon import LENGTH_UNITS, NUMBERS, Kind, Token
from duban.intake.deadlines.listings import kind_at, listing_at
from duban.intake.deadlines.points import PointReader
from duban.intake.deadlines.spans import BadDate, Span, Unit, month_end, spoken

AddWorkingDays = Callable[[date, int], date]
"""Given a date and a number of working days, the working day that many after it."""

_HALVES = {Kind.HALF_YEAR_COUNT: (Kind.MONTH_COUNT, 6), Kind.HALF_MONTH_COUNT: (Kind.DAY_COUNT, 15)}
_MONTHS_EACH = {Kind.YEAR: 12, Kind.QUARTER_COUNT: 3, Kind.MONTH_COUNT: 1}
_FROM_NOW_ON = frozenset({"今后", "未来", "接下来"})
_RECEIVED = frozenset({"收到", "接到", "受理"})
_COMING_INTO_FORCE = frozenset({"实施之日", "施行之日"})
_SUPERIORS = frozenset({"上级", "国家", "国务院", "中央", "部委", "省", "自治区"})
_EDGES = frozenset({None, Kind.STOP, Kind.COMMA})
_NO_LENGTH_AFTER = frozenset({Kind.ORDINAL, Kind.BEFORE, Kind.CYCLE})
_AT_LEAST = re.compile(r"(?:不少于|至少|不低于|少于|每)$")
_THIS_DOCUMENT = re.compile(
    r"(?:^|[自从在于,;、(]|[本该此][^,;]{0,10}|方案|通知|意见|文件|要点|计划|决定|清单|台账|任务|分工|公文|件)$"
)
_WORDS_BEFORE = 12
_MOST_WORKING_DAYS = 2500
"""Ten years of them."""


class Length(NamedTuple):
    """A length of time as written; ``limit_written`` where 内 follows it."""

    unit: Kind
    number: int
    end: int
    limit_written: bool


class Counted(NamedTuple):
    """A length counted from the day of issue.

    Attributes:
        due_on: Its last day.
        end: The token after it.
        remark: A Chinese sentence where the start is only supposed; empty otherwise.
        start_written: The text says itself that it counts from the issue.
    """

    due_on: date
    end: int
    remark: str
    start_written: bool


class LengthReader:
    """Reads the lengths of one cell."""

    def __init__(
        self,
        tokens: Sequence[Token],
        points: PointReader,
        *,
        issued_on: date,
        add_working_days: AddWorkingDays | None,
    ) -> None:
        self._tokens = tokens
        self._points = points
        self._issued_on = issued_on
        self._add_working_days = add_working_days
        self._searched_to = 0

    def close(self, end: int) -> None:
        """Later lengths look for their starting event no further back than here."""
        self._searched_to = end

    def read(self, at: int, *, bare: bool = False) -> Length | None:
        """The length that begins at a token, or None.

        年 and 日 make one only with 内, or alone; other units also at either end of their clause. ``bare`` asks for
        no such thing: a start stands before it. ``第3周``, ``前5个月`` and ``不少于3个月`` are no limits.
        """
        kind = self._kind(at)
        if kind in _HALVES:
            unit, count = _HALVES[kind]
            after, bounded = at + 1, self._kind(at + 1) is Kind.WITHIN
            return Length(unit, count, after + bounded, bounded) if bounded or bare or self._alone(at, after) else None
        if kind not in NUMBERS or self._points.continues_number(at) or self._is_no_limit(at):
            return None
        bare = bare or (self._kind(at - 1) is Kind.ISSUE_DAY and self._tokens[at - 1].text in _FROM_NOW_ON)
        values, _, after = listing_at(self._tokens, at)
        unit_found = self._kind(after)
        if not values or unit_found is None or unit_found not in LENGTH_UNITS:
            return None
        after += 1
        bounded = self._kind(after) is Kind.WITHIN
        length = Length(unit_found, max(values), after + bounded, bounded)
        if unit_found is Kind.YEAR:
            is_year = length.number >= 100 or self._points.years.is_short_plan_year(self._tokens[after - 2])
            return length if not is_year and (bounded or bare or self._alone(at, after)) else None
        if unit_found is Kind.DAY:
            return length if bounded else None
        return length if bounded or bare or self._at_an_edge(at, after) else None

    def stands_after_before(self, at: int) -> bool:
        """Whether 前 counts back (``6月30日前3天``, ``“十四五”前两年``): the token is the one after it."""
        values, _, after = listing_at(self._tokens, at)
        unit = self._kind(after)
        if not values or unit not in LENGTH_UNITS:
            return False
        # 6月底前三年行动方案出台: the name of a plan, no count
        return unit not in {Kind.YEAR, Kind.DAY} or self._kind(after + 1) in {*_EDGES, Kind.WITHIN}

    def counted_from_issue(self, at: int, length: Length) -> Counted:
        """The last day of a length that the text lets begin with the issue, or with nothing that it names.

        Raises:
            BadDate: It begins with something whose day the plan does not know.
        """
        before = self._tokens[self._searched_to : at]
        kinds = {token.kind for token in before}
        written = "".join(token.text for token in self._tokens[at : length.end])
        issued_at = next((place for place, token in enumerate(before) if token.kind is Kind.ISSUE_DAY), None)
        if self._begins_elsewhere(before, kinds) or self._kind(length.end) is Kind.START:
            raise BadDate(
                DeadlineProblemKind.NEEDS_DATE,
                f"“{written}”的起算日不在方案里，算不出日期。",
                "请写明截止日期，例如“2022年6月30日”。",
                length.end,
            )
        from_the_day = any(token.kind in {Kind.START, Kind.ISSUE_DAY} and "日" in token.text for token in before)
        issue = Span(self._issued_on, self._issued_on, Unit.DAY)
        if length.unit is Kind.YEAR and length.number > 1 and not from_the_day:
            issue = Span(date(self._issued_on.year, 1, 1), date(self._issued_on.year, 12, 31), Unit.YEAR)
        due_on = self.end_of(length, issue)
        supposed = issued_at is None and not length.limit_written
        if issued_at is not None:
            supposed = before[issued_at].text in _COMING_INTO_FORCE or not self._is_this_document(before[:issued_at])
        if length.unit is Kind.YEAR and not from_the_day:
            supposed = supposed or length.number == 1 or not length.limit_written
        remark = f"“{written}”从印发之日起算，读作{spoken(due_on)}。" if supposed else ""
        end = length.end
        if self._kind(end) is Kind.ABOUT:
            end, remark = end + 1, f"“{written}左右”不是确切日期，从印发之日起算，按{spoken(due_on)}读。"
        end += self._kind(end) is Kind.BEFORE
        return Counted(due_on, end, remark, start_written=issued_at is not None)

    def end_of(self, length: Length, start: Span) -> date:
        """The last day of a length of time. From a day, that day is not counted; a longer start is counted in full.

        Raises:
            BadDate: It ends beyond any calendar, or there is none to count working days by.
        """
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
            raise _too_long(length) from None

    def _working_days_after(self, length: Length, start: Span) -> date:
        if self._add_working_days is None:
            raise BadDate(
                DeadlineProblemKind.NEEDS_CALENDAR,
                f"“{length.number}个工作日”要有工作日历才能算出日期。",
                "请提供工作日历，或写明截止日期。",
                length.end,
            )
        if length.number > _MOST_WORKING_DAYS:
            raise _too_long(length)
        return self._add_working_days(start.first, length.number)

    def _begins_elsewhere(self, before: Sequence[Token], kinds: set[Kind]) -> bool:
        """``收到后``, ``开工后``, ``上级文件印发后``: a start that is not this plan's issue."""
        events = {token.text for token in before if token.kind is Kind.FOREIGN_EVENT}
        if events & _RECEIVED:
            return True
        if Kind.ISSUE_DAY in kinds:
            return bool(events & _SUPERIORS) or (Kind.START in kinds and bool(events))
        return Kind.START in kinds

    def _is_this_document(self, before: Sequence[Token]) -> bool:
        """Whether what was issued is the plan itself, as far as the words before 印发 tell (``细则出台后`` is not)."""
        words = "".join(token.text for token in before[-_WORDS_BEFORE:])
        return _THIS_DOCUMENT.search(words) is not None

    def _is_no_limit(self, at: int) -> bool:
        if self._kind(at - 1) in _NO_LENGTH_AFTER:
            return True
        words = "".join(token.text for token in self._tokens[max(0, at - 3) : at])
        return _AT_LEAST.search(words) is not None

    def _kind(self, at: int) -> Kind | None:
        return kind_at(self._tokens, at)

    def _alone(self, begin: int, end: int) -> bool:
        return self._kind(begin - 1) in _EDGES and self._kind(end) in _EDGES

    def _at_an_edge(self, begin: int, end: int) -> bool:
        return self._kind(begin - 1) in _EDGES or self._kind(end) in {*_EDGES, Kind.ABOUT, Kind.BEFORE}


def _too_long(length: Length) -> BadDate:
    return BadDate(DeadlineProblemKind.IMPOSSIBLE_DATE, "期限太长，算不出日期。", "请写明截止日期。", length.end)


def _months_after(start: date, months: int) -> date:
    """The same day of a later month, or that month's last day where it is shorter."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    last = month_end(year, month + 1)
    return last if start.day >= last.day else last.replace(day=start.day)
