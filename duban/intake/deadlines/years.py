"""Years as offices write them: in figures, in Chinese numerals, short, or by name (``明年``)."""

from collections.abc import Sequence

from duban.intake.deadlines.deadline_reading import DeadlineProblemKind
from duban.intake.deadlines.lexicon import NUMBERS, Kind, Token
from duban.intake.deadlines.spans import BadDate

EARLIEST_YEAR, LATEST_YEAR = 1900, 2199
_NO_LENGTH_OF_TIME = 100
_NEAR = 15
_AFTER_BARE_YEAR = frozenset(
    {None, Kind.STOP, Kind.COMMA, Kind.END, Kind.BEFORE, Kind.TO, Kind.HALF, Kind.LATIN_QUARTER}
)
_AFTER_SHORT_YEAR = frozenset(
    {Kind.END, Kind.BEFORE, Kind.HALF, Kind.ORDINAL, Kind.MIDDLE, Kind.EARLY, Kind.LATIN_QUARTER, *NUMBERS}
)


class YearReader:
    """Reads years and keeps the one that holds for what follows: ``2021年6月底前…，9月底前…``."""

    def __init__(self, tokens: Sequence[Token], plan_year: int) -> None:
        self._tokens = tokens
        self._plan_year = plan_year
        self._in_figures = plan_year
        self.current = plan_year

    def kind(self, at: int) -> Kind | None:
        """The kind of the token at a position, None beyond either end."""
        return self._tokens[at].kind if 0 <= at < len(self._tokens) else None

    def note(self, year: int) -> int:
        """Lets a year written in figures hold for what follows."""
        self.current = self._in_figures = year
        return year

    def read(self, at: int) -> tuple[int | None, int]:
        """The year that begins at a token and the token after it; None where none begins.

        Raises:
            BadDate: A number before 年 that is no usable year.
        """
        token = self._tokens[at]
        if token.kind is Kind.NAMED_YEAR:
            self.current = self._named(token.text)
            return self.current, at + 1
        is_short = token.kind is Kind.APOSTROPHE
        number = self._tokens[at + 1] if is_short and at + 1 < len(self._tokens) else token
        if number.kind not in NUMBERS or number.value is None:
            return None, at
        after = at + (2 if is_short else 1)
        has_unit = self.kind(after) is Kind.YEAR
        after += has_unit
        if EARLIEST_YEAR <= number.value <= LATEST_YEAR and len(number.text) == 4:
            meant = has_unit or (self.kind(after) in _AFTER_BARE_YEAR and not self._follows_letter(at))
            return (self.note(number.value), after) if meant else (None, at)
        if not has_unit:
            return None, at
        if number.kind is Kind.ARABIC and len(number.text) == 2 and (is_short or self._is_near(number, after)):
            return self.note(2000 + number.value), after
        if number.value >= _NO_LENGTH_OF_TIME:
            raise BadDate(
                DeadlineProblemKind.IMPOSSIBLE_DATE,
                f"“{number.text}年”不是可用的年份。",
                "请核对年份，写成四位数，例如“2022年6月30日”。",
                after,
            )
        return None, at

    def is_short_plan_year(self, number: Token) -> bool:
        """``22年内`` in a plan of 2022 is the year 2022, not twenty-two years."""
        return number.kind is Kind.ARABIC and len(number.text) == 2 and number.value == self._plan_year % 100 >= 10

    def _follows_letter(self, at: int) -> bool:
        """``June 2022``, ``FY2022``: what the letters say is lost if the number alone is read."""
        return (
            self.kind(at - 1) is Kind.OTHER
            and self._tokens[at - 1].text.isascii()
            and self._tokens[at - 1].text.isalpha()
        )

    def _is_near(self, number: Token, after: int) -> bool:
        """Whether ``22年`` is 2022, not twenty-two years: close to the plan, and followed by a part of a year."""
        if self.kind(after) is Kind.WITHIN:
            return self.is_short_plan_year(number)
        return abs(2000 + (number.value or 0) - self._plan_year) <= _NEAR and self.kind(after) in _AFTER_SHORT_YEAR

    def _named(self, name: str) -> int:
        match name:
            case "明年" | "来年" | "下年" | "下一年" | "下年度" | "下一年度":
                return self._plan_year + 1
            case "次年" | "翌年" | "次年度":
                return self._in_figures + 1
            case "后年":
                return self._plan_year + 2
            case "去年" | "上年" | "上年度":
                return self._plan_year - 1
            case "当年":
                return self._in_figures
            case _:
                return self._plan_year
