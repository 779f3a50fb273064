"""A cell of a workbook as the text that a person sees in it, with a remark where the text does not tell all.

A real date shows as much of itself as its format does: Excel makes 2022-06-01 of a typed ``2022年6月``, and of a
typed ``6月30日`` a day in the year of typing. What is read is what is shown.
"""

import re
from datetime import date, datetime, time, timedelta
from typing import NamedTuple, Protocol

from openpyxl.utils.datetime import from_excel
from openpyxl.utils.escape import unescape

from duban.intake.files.tables import Oddity, Remark
from duban.intake.spelling import INVISIBLE, without_invisible

_LOCAL_FORMATS = {
    **dict.fromkeys((27, 36, 50, 52, 57), 'yyyy"年"m"月"'),
    **dict.fromkeys((28, 29, 51, 53, 54, 58), 'm"月"d"日"'),
    30: "m-d-yy",
    31: 'yyyy"年"m"月"d"日"',
}
"""Formats that Chinese Excel writes by number alone; openpyxl takes them for numbers."""
_LITERALS = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
_ZEROS = re.compile(r"^0{2,20}$")
_SERIALS = range(36_526, 73_051)
"""Days from 2000 to 2099, as Excel counts them."""
_WHOLE_NUMBERS = 1e15
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\ud800-\udfff]")
"""And halves of characters, which nothing can keep."""
_ESCAPED = "_x"
_TO_LOOK_AT = re.compile(rf"_x[0-9A-Fa-f]{{4}}_|[{INVISIBLE}\x00-\x08\x0e-\x1f\ud800-\udfff]")


class CellOfWorkbook(Protocol):
    """What is asked of a cell of openpyxl's."""

    @property
    def value(self) -> object:
        """Its value."""

    @property
    def data_type(self) -> str:
        """One letter; ``e`` for an error."""

    @property
    def number_format(self) -> str:
        """The code of its format, as far as openpyxl knows it."""


class ReadCell(NamedTuple):
    """The text of a cell, and what it does not tell."""

    text: str
    remark: Remark | None = None


class ControlCharacter(Exception):
    """A cell holds a character that nobody sees and nobody types."""

    def __init__(self, character: str) -> None:
        super().__init__(f"U+{ord(character):04X}")


class CellReader:
    """Reads the cells of one workbook, whose days count from an epoch of its own."""

    def __init__(self, epoch: datetime) -> None:
        self._epoch = epoch

    def plain_text(self, cell: CellOfWorkbook) -> str | None:
        """The text of a cell without anything to be seen to: nearly all of them, and soon told; None for the others."""
        value = cell.value
        if value is None:
            return ""
        if not isinstance(value, str) or cell.data_type == "e":
            return None
        is_plain = (value.isprintable() and _ESCAPED not in value) or not _TO_LOOK_AT.search(value)
        return value if is_plain else None

    def read(self, cell: CellOfWorkbook) -> ReadCell:
        """The text of a cell.

        Raises:
            ControlCharacter: It holds one.
        """
        match cell.value:
            case None:
                return ReadCell("")
            case str() as text if cell.data_type == "e":
                return ReadCell("", Remark(Oddity.FAULT, text))
            case str() as text:
                return ReadCell(_plain_text(text))
            case bool() as answer:
                return ReadCell("是" if answer else "否")
            case int() | float() as number:
                return self._number(cell, number)
            case datetime() as moment:
                return _day(moment, cell.number_format)
            case date() as day:
                return ReadCell(day.isoformat())
            case time() | timedelta() as length:
                return ReadCell(str(length))
            case other:
                return ReadCell(_plain_text(str(other)))

    def _number(self, cell: CellOfWorkbook, number: float) -> ReadCell:
        number_format = _number_format(cell)
        if _shows_a_date(number_format):
            try:
                day = from_excel(number, self._epoch)
            except (ValueError, OverflowError):
                return ReadCell("", Remark(Oddity.FAULT, str(number)))
            return _day(day, number_format) if isinstance(day, datetime) else ReadCell(str(number))
        if number_format.endswith("%"):
            return ReadCell(f"{round(number * 100, 10):g}%")
        if number.__class__ is float and not (number.is_integer() and abs(number) < _WHOLE_NUMBERS):
            return ReadCell(repr(number), Remark(Oddity.FRACTION, repr(number)))
        text = str(int(number))
        if _ZEROS.match(number_format):
            return ReadCell(text.zfill(len(number_format)))
        if int(number) in _SERIALS:
            day = from_excel(int(number), self._epoch)
            return ReadCell(text, Remark(Oddity.SERIAL, text, day.date() if isinstance(day, datetime) else None))
        return ReadCell(text)


def _plain_text(text: str) -> str:
    if _ESCAPED in text:
        text = unescape(text)
    found = _CONTROLS.search(text)
    if found is not None:
        raise ControlCharacter(found.group())
    return without_invisible(text)


def _number_format(cell: CellOfWorkbook) -> str:
    by_number = getattr(getattr(cell, "style_array", None), "numFmtId", 0)
    return _LOCAL_FORMATS.get(by_number) or cell.number_format


def _shows_a_date(number_format: str) -> bool:
    bare = _LITERALS.sub("", number_format).lower()
    return "y" in bare or "d" in bare


def _day(moment: datetime, number_format: str) -> ReadCell:
    bare = _LITERALS.sub("", number_format.partition(";")[0]).lower()
    has_hour = "h" in bare and moment.time() != time()
    day = moment.date()
    has_year, has_day = "y" in bare or "e" in bare, "d" in bare or "h" in bare
    if has_hour:
        return ReadCell(f"{moment:%Y-%m-%d %H:%M}")
    if "m" not in bare or (has_year and has_day):
        return ReadCell(day.isoformat())
    shown = f"{day.year}年{day.month}月" if has_year else f"{day.month}月{day.day}日" if has_day else f"{day.month}月"
    return ReadCell(shown, Remark(Oddity.PART_OF_A_DATE, day.isoformat(), day))
