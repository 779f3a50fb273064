"""Points of time as offices write them: a day, a part of a month, a quarter, a year."""

from collections.abc import Sequence
from datetime import date

from duban.intake.deadline_reading import DeadlineProblemKind
from duban.intake.lexicon import NUMBERS, Kind, Token
from duban.intake.spans import (
    BadDate,
    Span,
    Unit,
    five_year_span,
    half_span,
    impossible,
    joined,
    month_span,
    part_span,
    quarter_span,
    year_span,
)
from duban.intake.years import YearReader

_MOST_LISTED = 12
_DAY_UNWRITTEN_BEFORE = frozenset({Kind.BEFORE, Kind.TIME_OF_DAY, Kind.STOP, Kind.COMMA, Kind.TO})
_PLANS = "一二三四五六七"
_Points = tuple[tuple[Span, ...], int]


class PointReader:
    """Reads points out of the tokens of one cell.

    A year or month once written holds for the parts of the cell that follow
    (``2021年6月底前…，9月底前…``); before any is written, the plan's year holds.
    """

    def __init__(self, tokens: Sequence[Token], *, plan_year: int, issued_on: date) -> None:
        self._tokens = tokens
        self._issued_on = issued_on
        self._month: int | None = None
        self.years = YearReader(tokens, plan_year)
        self.kind = self.years.kind

    def continues_number(self, at: int) -> bool:
        """Whether a number goes on from another one, at once or after a blank: ``1 2月`` is not February."""
        before = at - 2 if self.kind(at - 1) is Kind.OTHER and self._tokens[at - 1].text == " " else at - 1
        return self.kind(at) in NUMBERS and self.kind(before) in NUMBERS

    def read(self, at: int) -> _Points | None:
        """The point that begins at a token (several for ``3、6、9月``), and the token after it.

        Raises:
            BadDate: It looks like a date and is none, such as ``2月30日``.
        """
        token = self._tokens[at]
        match token.kind:
            case Kind.FULL_DATE | Kind.COMPACT_DATE:
                return (self._written_out(token, at),), self._after_time(at + 1)
            case Kind.YEAR_MONTH:
                year, month = _split(token.text)
                after = at + 2 if self.kind(at + 1) is Kind.MONTH else at + 1
                return self._rest_of_month(after, self.years.note(year), (month,), ranged=False, year_written=True)
            case Kind.MONTH_DAY:
                month, day = _split(token.text)
                after = at + 2 if self.kind(at + 1) is Kind.DAY else at + 1
                return (self._day(self.years.current, month, day, after, year_written=False),), after
            case Kind.FIVE_YEARS:
                ordinal = next(_PLANS.index(char) for char in token.text if char in _PLANS)
                return (five_year_span(ordinal + 1),), at + 1
            case _:
                return self._in_words(at)

    def _in_words(self, at: int) -> _Points | None:
        if self.continues_number(at):
            return None
        written, after = self.years.read(at)
        if written is not None:
            if self.kind(after) is Kind.YEAR and self.kind(after + 1) in {Kind.END, Kind.MIDDLE, Kind.EARLY}:
                after += 1
            if self.kind(after) is Kind.WHOLE_YEAR:
                return (year_span(written, to_its_end=True),), after + 1
            if self.kind(after) is Kind.HOLIDAY:
                return None  # 2022年春节前 is not the end of 2022
            found = self._year_edge(after, written) or self._inside_year(after, written, year_written=True)
            return found or ((year_span(written, to_its_end=False),), after)
        year = self.years.current
        if self.kind(at) is Kind.WHOLE_YEAR:
            return (year_span(year, to_its_end=True),), at + 1
        if self.kind(at) is Kind.YEAR and self.kind(at - 1) not in NUMBERS:
            if self.kind(at + 1) is Kind.WITHIN:
                return (year_span(year, to_its_end=True),), at + 2
            return self._year_edge(at + 1, year)
        return self._inside_year(at, year, year_written=False)

    def _year_edge(self, at: int, year: int) -> _Points | None:
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

    def _inside_year(self, at: int, year: int, *, year_written: bool) -> _Points | None:
        if at >= len(self._tokens):
            return None
        text = self._tokens[at].text
        match self._tokens[at].kind:
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
                month = self._month or self._issued_on.month
                remark = f"“月底”没有写明月份，按{year}年{month}月读。"
                span = month_span(year, month, year_written=year_written)
                return (span._replace(to_its_end=True, remark=remark),), at + 2
            case Kind.ORDINAL | Kind.ARABIC | Kind.HANZI:
                return self._numbered(at, year, year_written=year_written)
            case _:
                return None

    def numbers(self, at: int) -> tuple[tuple[int, ...], bool, int]:
        """Numbers joined by 、 or 至 (``3、6、9`` or ``3-4``), whether they are a range, and the token after them."""
        values: list[int] = []
        ranged = False
        while len(values) < _MOST_LISTED:
            here = at + 1 if self.kind(at) is Kind.ORDINAL else at
            if self.kind(here) not in NUMBERS or (value := self._tokens[here].value) is None:
                return (), False, at
            values.append(value)
            at = here + 1
            joint = self.kind(at)
            follows = at + 2 if self.kind(at + 1) is Kind.ORDINAL else at + 1
            if joint not in {Kind.TO, Kind.LISTING, Kind.COMMA} or self.kind(follows) not in NUMBERS:
                break
            ranged = ranged or joint is Kind.TO
            at += 1
        return tuple(values), ranged, at

    def _numbered(self, at: int, year: int, *, year_written: bool) -> _Points | None:
        values, ranged, after = self.numbers(at)
        if len(values) > 1 and self.kind(after) not in {Kind.MONTH, Kind.QUARTER, Kind.DAY}:
            return None
        match self.kind(after):
            case Kind.MONTH if values:
                return self._rest_of_month(after + 1, year, values, ranged=ranged, year_written=year_written)
            case Kind.QUARTER if values:
                for number in values:
                    if not 1 <= number <= 4:
                        raise impossible(f"一年只有四个季度，没有第{number}季度。", after + 1)
                spans = tuple(quarter_span(year, number, year_written=year_written) for number in values)
                return self._closed((joined(spans),) if ranged else spans, after + 1)
            case Kind.DAY if values:
                if self._month is None:
                    raise BadDate(
                        DeadlineProblemKind.NEEDS_DATE,
                        f"只写了“{values[-1]}日”，没有写明月份。",
                        f"请写明年月日，例如“{year}年6月{values[-1]}日前”。",
                        after + 1,
                    )
                return self._days(year, self._month, values, after + 1, ranged=ranged, year_written=year_written)
            case _:
                return None

    def _rest_of_month(
        self, at: int, year: int, months: tuple[int, ...], *, ranged: bool, year_written: bool
    ) -> _Points:
        """What follows ``6月``: a day, a 旬, 底, or nothing; ``at`` is the token after 月."""
        for month in months:
            if not 1 <= month <= 12:
                raise impossible(f"没有{month}月。", at)
        self._month = months[-1]
        if ranged and months[-1] < months[0]:
            remark = f"{months[0]}月至{months[-1]}月跨年，按{year + 1}年{months[-1]}月底读。"
            wide = month_span(year + 1, months[-1], year_written=True)._replace(
                first=date(year, months[0], 1), remark=remark
            )
            return self._closed((wide,), at)
        whole = tuple(month_span(year, month, year_written=year_written) for month in months)
        last, after = self._part_of_month(at, year, months[-1], year_written)
        if last is None:
            return self._closed((joined(whole),) if ranged else whole, at)
        if ranged:
            return (joined((whole[0], *last)),), after
        return (*whole[:-1], *last), after

    def _part_of_month(self, at: int, year: int, month: int, year_written: bool) -> tuple[tuple[Span, ...] | None, int]:
        if self.kind(at) is Kind.MONTH and self.kind(at + 1) is Kind.END:
            return None, at
        match self.kind(at):
            case Kind.MONTH_PART:
                part = part_span(year, month, self._tokens[at].text, year_written=year_written)
                return (part,), at + 1
            case Kind.MIDDLE:
                return (part_span(year, month, "中旬", year_written=year_written),), at + 1
            case Kind.EARLY:
                remark = f"“{month}月初”按上旬读，即{year}年{month}月10日。"
                return (part_span(year, month, "上旬", year_written=year_written, remark=remark),), at + 1
            case _:
                pass
        values, ranged, after = self.numbers(at)
        if values and self.kind(after) is Kind.DAY and self.kind(after + 1) is not Kind.WITHIN:
            return self._days(year, month, values, after + 1, ranged=ranged, year_written=year_written)
        follows = self.kind(after)
        if len(values) == 1 and values[0] <= 31 and (follows is None or follows in _DAY_UNWRITTEN_BEFORE):
            return self._days(year, month, values, after, ranged=False, year_written=year_written)
        return None, at

    def _days(
        self, year: int, month: int, values: tuple[int, ...], after: int, *, ranged: bool, year_written: bool
    ) -> _Points:
        spans = tuple(self._day(year, month, day, after, year_written=year_written) for day in values)
        return ((joined(spans),) if ranged else spans), self._after_time(after)

    def _day(self, year: int, month: int, day: int, after: int, *, year_written: bool) -> Span:
        try:
            on = date(year, month, day)
        except ValueError:
            problem = f"{year}年{month}月没有{day}日。" if 1 <= month <= 12 else f"没有{month}月。"
            raise impossible(problem, after) from None
        self._month = month
        return Span(on, on, Unit.DAY, to_its_end=True, year_written=year_written)

    def _written_out(self, token: Token, at: int) -> Span:
        text = token.text
        written = text if token.kind is Kind.FULL_DATE else f"{text[:4]}-{text[4:6]}-{text[6:]}"
        year, month, day = _split(written)
        return self._day(self.years.note(year), month, day, at + 1, year_written=True)

    def _closed(self, spans: tuple[Span, ...], at: int) -> _Points:
        """The spans, marked as meant to their very end where 底, 末 or 内 follows."""
        if self.kind(at) is Kind.MONTH and self.kind(at + 1) is Kind.END:
            at += 1
        if self.kind(at) not in {Kind.END, Kind.WITHIN}:
            return spans, at
        return tuple(span._replace(to_its_end=True) for span in spans), at + 1

    def _after_time(self, at: int) -> int:
        """Past a time of day: a milestone may be met until the end of its day."""
        here = at + 1 if self.kind(at) is Kind.OTHER and self._tokens[at].text in " T" else at
        return here + 1 if self.kind(here) is Kind.TIME_OF_DAY else at


def _split(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.replace("/", "-").replace(".", "-").split("-"))
