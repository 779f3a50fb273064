"""Points of time as offices write them: a day, a part of a month, a quarter, a year."""

from collections.abc import Sequence
from datetime import date

from duban.intake.deadlines.days import DayReader, Points, numbers_of
from duban.intake.deadlines.deadline_reading import DeadlineProblemKind
from duban.intake.deadlines.lexicon import NUMBERS, Kind, Token
from duban.intake.deadlines.listings import kind_at, listing_at
from duban.intake.deadlines.spans import (
    BadDate,
    Span,
    five_year_span,
    half_span,
    impossible,
    joined,
    month_span,
    quarter_span,
    year_span,
)
from duban.intake.deadlines.years import YearReader

_PLANS = "一二三四五六七"
_TO_ITS_END = "期末官"
"""Of a five-year plan: 十四五期间, 十四五末, 十四五收官; the bare name is rather that of a document."""


class PointReader:
    """Reads points out of the tokens of one cell.

    A year or month once written holds for the parts of the cell that follow
    (``2021年6月底前…，9月底前…``); before any is written, the plan's year holds.
    """

    def __init__(self, tokens: Sequence[Token], *, plan_year: int, issued_on: date) -> None:
        self._tokens = tokens
        self._issued_on = issued_on
        self._days = DayReader(tokens)
        self.years = YearReader(tokens, plan_year)

    def kind(self, at: int) -> Kind | None:
        """The kind of the token at a position, None beyond either end."""
        return kind_at(self._tokens, at)

    def continues_number(self, at: int) -> bool:
        """Whether a number goes on from another one, at once or after a blank: ``1 2月`` is not February."""
        before = at - 2 if self.kind(at - 1) is Kind.OTHER and self._tokens[at - 1].text == " " else at - 1
        return self.kind(at) in NUMBERS and self.kind(before) in NUMBERS

    def read(self, at: int) -> Points | None:
        """The point that begins at a token (several for ``3、6、9月``), and the token after it.

        Raises:
            BadDate: It looks like a date and is none, such as ``2月30日``.
        """
        found = self._read(at)
        if found is not None and self.kind(found[1]) is Kind.HOLIDAY:
            return None  # 2022年春节前 is not the end of 2022, nor 9月开学前 that of September
        return found

    def _read(self, at: int) -> Points | None:
        text = self._tokens[at].text
        match self._tokens[at].kind:
            case Kind.FULL_DATE:
                year, month, day = numbers_of(text)
                return self._days.written_out(at, self.years.note(year), month, day)
            case Kind.COMPACT_DATE:
                return self._days.written_out(at, self.years.note(int(text[:4])), int(text[4:6]), int(text[6:]))
            case Kind.YEAR_MONTH:
                year, month = numbers_of(text)
                after = at + 2 if self.kind(at + 1) is Kind.MONTH else at + 1
                return self._rest_of_month(after, self.years.note(year), (month,), ranged=False, year_written=True)
            case Kind.MONTH_DAY:
                return self._days.month_and_day(at, self.years.current, year_written=False)
            case Kind.FIVE_YEARS:
                ordinal = next(_PLANS.index(char) for char in text if char in _PLANS)
                return (five_year_span(ordinal + 1, to_its_end=any(char in text for char in _TO_ITS_END)),), at + 1
            case _:
                return self._in_words(at)

    def _in_words(self, at: int) -> Points | None:
        if self.continues_number(at):
            return None
        written, after = self.years.read(at)
        if written is not None:
            if self.kind(after) is Kind.YEAR and self.kind(after + 1) in {Kind.END, Kind.MIDDLE, Kind.EARLY}:
                after += 1
            if self.kind(after) is Kind.WHOLE_YEAR:
                return (year_span(written, to_its_end=False),), after + 1
            found = self._year_edge(after, written) or self._inside_year(after, written, year_written=True)
            return found or ((year_span(written, to_its_end=False),), after)
        year = self.years.current
        if self.kind(at) is Kind.WHOLE_YEAR:
            return (year_span(year, to_its_end=False),), at + 1
        if self.kind(at) is Kind.YEAR and self.kind(at - 1) not in NUMBERS:
            if self.kind(at + 1) is Kind.WITHIN:
                return (year_span(year, to_its_end=True),), at + 2
            return self._year_edge(at + 1, year)
        return self._inside_year(at, year, year_written=False)

    def _year_edge(self, at: int, year: int) -> Points | None:
        """年底, 年中 or 年初, the token of 年 being behind us."""
        match self.kind(at):
            case Kind.END:
                return (year_span(year, to_its_end=True),), at + 1
            case Kind.MIDDLE:
                return (half_span(year, second=False, year_written=True)._replace(to_its_end=True),), at + 1
            case Kind.EARLY:
                raise BadDate(
                    DeadlineProblemKind.NEEDS_DATE,
                    "“年初”没有确定的日期。",
                    f"请写明日期，例如“{year}年1月31日”或“{year}年3月底前”。",
                    at + 1,
                )
            case _:
                return None

    def _inside_year(self, at: int, year: int, *, year_written: bool) -> Points | None:
        if at >= len(self._tokens):
            return None
        text = self._tokens[at].text
        match self._tokens[at].kind:
            case Kind.MONTH_DAY if year_written:
                return self._days.month_and_day(at, year, year_written=True)
            case Kind.BOTH_HALVES:
                halves = (half_span(year, second=second, year_written=year_written) for second in (False, True))
                return self._closed(tuple(halves), at + 1)
            case Kind.HALF:
                return self._closed((half_span(year, second=text[0] in "下后", year_written=year_written),), at + 1)
            case Kind.QUARTERS_SO_FAR:
                quarters = quarter_span(year, 3 if "三" in text else 2, year_written=year_written)
                return self._closed((quarters._replace(first=date(year, 1, 1)),), at + 1)
            case Kind.LATIN_QUARTER:
                return self._closed((quarter_span(year, int(text[1]), year_written=year_written),), at + 1)
            case Kind.NAMED_QUARTER:
                on, quarter = divmod((self._issued_on.month - 1) // 3 + (text[0] in "下次"), 4)
                return self._closed((quarter_span(self._issued_on.year + on, quarter + 1, year_written=True),), at + 1)
            case Kind.NAMED_MONTH:
                on, month = divmod(self._issued_on.month - 1 + (text[0] in "下次"), 12)
                year = self._issued_on.year + on
                return self._rest_of_month(at + 1, year, (month + 1,), ranged=False, year_written=True)
            case Kind.MONTH if self.kind(at + 1) in {Kind.END, Kind.WITHIN} and self.kind(at - 1) not in NUMBERS:
                month = self._days.month or self._issued_on.month
                remark = f"“月底”没有写明月份，按{year}年{month}月读。"
                span = month_span(year, month, year_written=year_written)
                return (span._replace(to_its_end=True, remark=remark),), at + 2
            case Kind.ORDINAL | Kind.ARABIC | Kind.HANZI:
                return self._numbered(at, year, year_written=year_written)
            case _:
                return None

    def _numbered(self, at: int, year: int, *, year_written: bool) -> Points | None:
        values, ranged, after = listing_at(self._tokens, at)
        match self.kind(after):
            case Kind.MONTH if values:
                return self._rest_of_month(after + 1, year, values, ranged=ranged, year_written=year_written)
            case Kind.QUARTER if values:
                for number in values:
                    if not 1 <= number <= 4:
                        raise impossible(f"一年只有四个季度，没有第{number}季度。", after + 1)
                spans = tuple(quarter_span(year, number, year_written=year_written) for number in values)
                return self._closed((joined(spans),) if ranged else spans, after + 1)
            case _:
                return self._days.in_month_before(at, year, year_written=year_written)

    def _rest_of_month(
        self, at: int, year: int, months: tuple[int, ...], *, ranged: bool, year_written: bool
    ) -> Points:
        """What follows ``6月``: a day, a 旬, 底, or nothing; ``at`` is the token after 月."""
        for month in months:
            if not 1 <= month <= 12:
                raise impossible(f"没有{month}月。", at)
        self._days.month = months[-1]
        if ranged and months[-1] < months[0]:
            remark = f"{months[0]}月至{months[-1]}月跨年，按{year + 1}年{months[-1]}月底读。"
            wide = month_span(year + 1, months[-1], year_written=True)._replace(
                first=date(year, months[0], 1), remark=remark
            )
            return self._closed((wide,), at)
        whole = tuple(month_span(year, month, year_written=year_written) for month in months)
        part = self._days.in_month(at, year, months[-1], year_written=year_written)
        if part is None:
            return self._closed((joined(whole),) if ranged else whole, at)
        last, after = part
        if ranged:
            return (joined((whole[0], *last)),), after
        return (*whole[:-1], *last), after

    def _closed(self, spans: tuple[Span, ...], at: int) -> Points:
        """The spans, marked as meant to their very end where 底, 末 or 内 follows."""
        if self.kind(at) is Kind.MONTH and self.kind(at + 1) is Kind.END:
            at += 1
        if self.kind(at) not in {Kind.END, Kind.WITHIN}:
            return spans, at
        return tuple(span._replace(to_its_end=True) for span in spans), at + 1
