"""Days, and the parts of a month: ``30日``, ``10、20日``, ``中旬``, ``6.30``, ``2022-06-30``.

A month once read holds for the days that follow without one: ``6月10日前…，25日前…``.
"""

from collections.abc import Sequence
from datetime import date

from duban.intake.deadlines.deadline_reading import DeadlineProblemKind
from duban.intake.deadlines.lexicon import Kind, Token
from duban.intake.deadlines.listings import kind_at, listing_at
from duban.intake.deadlines.spans import BadDate, Span, Unit, impossible, joined, part_span

_DAY_UNWRITTEN_BEFORE = frozenset({None, Kind.BEFORE, Kind.TIME_OF_DAY, Kind.STOP, Kind.COMMA, Kind.TO})
_LAST_DAY = 31

Points = tuple[tuple[Span, ...], int]
"""Spans, several where days or months are listed, and the token after them."""


class DayReader:
    """Reads days of the tokens of one cell; ``month`` is the one that holds, None before any was read."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self.month: int | None = None

    def in_month(self, at: int, year: int, month: int, *, year_written: bool) -> Points | None:
        """The days, the 旬 or the like after ``6月``, or None where none follow.

        Raises:
            BadDate: The month has no such day.
        """
        match kind_at(self._tokens, at):
            case Kind.MONTH_PART:
                return (part_span(year, month, self._tokens[at].text, year_written=year_written),), at + 1
            case Kind.MIDDLE:
                return (part_span(year, month, "中旬", year_written=year_written),), at + 1
            case Kind.EARLY:
                remark = f"“{month}月初”按上旬读，即{year}年{month}月10日。"
                return (part_span(year, month, "上旬", year_written=year_written, remark=remark),), at + 1
            case _:
                pass
        values, ranged, after = listing_at(self._tokens, at)
        follows = kind_at(self._tokens, after)
        if values and follows is Kind.DAY and kind_at(self._tokens, after + 1) is not Kind.WITHIN:
            return self._listed(year, month, values, after + 1, ranged=ranged, year_written=year_written)
        if len(values) == 1 and values[0] <= _LAST_DAY and follows in _DAY_UNWRITTEN_BEFORE:
            return self._listed(year, month, values, after, ranged=False, year_written=year_written)
        return None

    def in_month_before(self, at: int, year: int, *, year_written: bool) -> Points | None:
        """Days without a month of their own, in the one that holds; None where no days begin.

        Raises:
            BadDate: There is no month yet, or it has no such day.
        """
        values, ranged, after = listing_at(self._tokens, at)
        if not values or kind_at(self._tokens, after) is not Kind.DAY:
            return None
        if self.month is None:
            raise BadDate(
                DeadlineProblemKind.NEEDS_DATE,
                f"只写了“{values[-1]}日”，没有写明月份。",
                f"请写明年月日，例如“{year}年6月{values[-1]}日前”。",
                after + 1,
            )
        return self._listed(year, self.month, values, after + 1, ranged=ranged, year_written=year_written)

    def month_and_day(self, at: int, year: int, *, year_written: bool) -> Points:
        """``6.30``, ``6/30日``: the token is of that kind."""
        month, day = numbers_of(self._tokens[at].text)
        after = at + 2 if kind_at(self._tokens, at + 1) is Kind.DAY else at + 1
        return (self._day(year, month, day, after, year_written=year_written),), after

    def written_out(self, at: int, year: int, month: int, day: int) -> Points:
        """``2022-06-30``, ``20220630``: one token, and perhaps a time of day."""
        return (self._day(year, month, day, at + 1, year_written=True),), self._after_time(at + 1)

    def _listed(
        self, year: int, month: int, values: tuple[int, ...], after: int, *, ranged: bool, year_written: bool
    ) -> Points:
        spans = tuple(self._day(year, month, day, after, year_written=year_written) for day in values)
        return ((joined(spans),) if ranged else spans), self._after_time(after)

    def _day(self, year: int, month: int, day: int, after: int, *, year_written: bool) -> Span:
        try:
            on = date(year, month, day)
        except ValueError:
            problem = f"{year}年{month}月没有{day}日。" if 1 <= month <= 12 else f"没有{month}月。"
            raise impossible(problem, after) from None
        self.month = month
        return Span(on, on, Unit.DAY, to_its_end=True, year_written=year_written)

    def _after_time(self, at: int) -> int:
        """Past a time of day: a milestone may be met until the end of its day."""
        is_joint = kind_at(self._tokens, at) is Kind.OTHER and self._tokens[at].text in " T"
        here = at + 1 if is_joint else at
        return here + 1 if kind_at(self._tokens, here) is Kind.TIME_OF_DAY else at


def numbers_of(text: str) -> tuple[int, ...]:
    """The numbers of ``2022-06-30``, ``2022/6``, ``6.30``."""
    return tuple(int(part) for part in text.replace("/", "-").replace(".", "-").split("-"))
