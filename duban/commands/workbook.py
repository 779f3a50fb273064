"""Tables as an .xlsx that is printed and pinned on a wall: every sheet alike, and text that stays text.

Whatever a cell begins with, it is written as a string: no formula, no link, no number is made of it. Rows are written
as they come and not kept, so that a large ledger needs no more memory than a small one.
"""

import itertools
import math
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter  # type: ignore[import-untyped] # no stubs exist

from duban.commands.reasons import Refused
from duban.commands.showing import cell, readable
from duban.supervision.tasks.lights import Light

LONGEST_CELL = 32_767
"""Characters, as Excel counts them; a longer text would be left out."""
MOST_ROWS = 1_048_000
"""Of a sheet; Excel's own bound is a little more."""
A3 = 8
"""Excel's number of the paper."""
LINE_HEIGHT, HIGHEST_ROW = 13.5, 409
"""Points of a line of ten-point text, and of the highest row that Excel has."""
TEXT_FONT, TITLE_FONT = "宋体", "黑体"
SHADE = "#DDE6F0"
FILLS = {Light.GREEN: "#C6E9C9", Light.YELLOW: "#FFE699", Light.RED: "#F8B4B4"}


@dataclass(frozen=True, slots=True)
class Lit:
    """A cell in the colour of a light; its text says the same for those who print in black and white."""

    text: str
    light: Light | None


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet.

    Attributes:
        name: On its tab.
        title: Above it.
        notes: Lines between title and heading.
        columns: Headings with their widths in characters.
        rows: Texts, dates, whole numbers, `Lit`; None is an empty cell. Taken one by one, when the tables before have
            been written.
        empty: What is said in place of rows where there are none.
        closing: Lines below the table.
        standing: Columns at the left that stay when the sheet is moved sideways.
    """

    name: str
    title: str
    columns: Sequence[tuple[str, float]]
    rows: Iterable[Sequence[object]]
    notes: Sequence[str] = ()
    empty: str = ""
    closing: Sequence[str] = ()
    standing: int = 0


def write_workbook(path: Path, tables: Iterable[Table], *, footer: str = "") -> None:
    """Write tables as sheets of a workbook, in place of a file that is there.

    Args:
        path: The file.
        tables: In their order; each is written before the next is asked for.
        footer: At the left of every page's foot.

    Raises:
        Refused: The file cannot be written, or a sheet would be longer than Excel can read.
    """
    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "constant_memory": True,
        "default_format_properties": {"font_name": TEXT_FONT, "font_size": 10},
    }
    unfinished = path.with_name(f".{path.name}.part")
    try:
        with unfinished.open("wb") as file:
            book = xlsxwriter.Workbook(file, options)
            formats = _Formats(book)
            for table in tables:
                _write_table(book.add_worksheet(table.name), table, formats, footer)
            book.close()
        unfinished.replace(path)
    except (OSError, xlsxwriter.exceptions.XlsxWriterException) as error:
        raise Refused(f"无法写出“{path}”（{error}）。请核对文件夹是否存在、文件是否正被打开。") from error
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)


class _Formats:
    """The formats of a workbook."""

    def __init__(self, book: Any) -> None:
        def made(**properties: object) -> Any:
            return book.add_format({"font_name": TEXT_FONT, "font_size": 10, "valign": "vcenter", **properties})

        self.title = made(font_name=TITLE_FONT, font_size=20, bold=True, align="center")
        self.note = made(text_wrap=True, align="left")
        self.heading = made(font_name=TITLE_FONT, bold=True, text_wrap=True, align="center", border=1, bg_color=SHADE)
        self.text = made(text_wrap=True, border=1)
        self.number = made(border=1, align="center")
        self.day = made(num_format="yyyy-mm-dd", border=1, align="center")
        self.lit = {
            light: made(border=1, bold=True, align="center", text_wrap=True, bg_color=fill)
            for light, fill in FILLS.items()
        }
        self.unlit = made(border=1, align="center", text_wrap=True)


def _write_table(sheet: Any, table: Table, formats: _Formats, footer: str) -> None:
    last = len(table.columns) - 1
    widths = [width for _, width in table.columns]
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    lines = _Lines(sheet, last, sum(widths))
    lines.write(table.title, formats.title, height=34)
    for note in table.notes:
        lines.write(note, formats.note)
    head = lines.number
    headings = [words for words, _ in table.columns]
    sheet.set_row(head, _height(headings, widths))
    for column, words in enumerate(headings):
        sheet.write_string(head, column, words, formats.heading)
    end = head
    for end, values in _numbered(table.rows, head + 1):
        sheet.set_row(end, _height([_shown(value) for value in values], widths))
        for column, value in enumerate(values):
            _write(sheet, end, column, value, formats)
    lines.number = end + 1
    if end == head and table.empty:
        lines.write(table.empty, formats.note)
    sheet.freeze_panes(head + 1, table.standing)
    sheet.autofilter(head, 0, max(end, head + 1), last)
    lines.number += 1
    for line in table.closing:
        lines.write(line, formats.note, height=28)
    _set_page(sheet, head, footer)


def _height(texts: Sequence[str], widths: Sequence[float]) -> float:
    """Points that a row needs: programs that print do not agree on working it out themselves."""
    needed = max(
        (
            sum(math.ceil(max(_wide(line), 1) / max(width - 1, 2)) for line in text.split("\n"))
            for text, width in zip(texts, widths, strict=True)
        ),
        default=1,
    )
    return min(LINE_HEIGHT * needed + 4, HIGHEST_ROW)


def _wide(text: str) -> int:
    """How wide a text is: a Chinese character takes the place of two of those in which widths are counted."""
    return sum(2 if unicodedata.east_asian_width(char) in "WFA" else 1 for char in text)


def _shown(value: object) -> str:
    return value.text if isinstance(value, Lit) else cell(value)


class _Lines:
    """Lines across the whole width of a sheet, one below the other."""

    def __init__(self, sheet: Any, last: int, width: float) -> None:
        self._sheet, self._last, self._width = sheet, last, width
        self.number = 0

    def write(self, text: str, form: Any, *, height: float | None = None) -> None:
        """The next line; as high as its text needs unless that is given."""
        kept = _kept(text)
        self._sheet.set_row(self.number, height or _height([kept], [self._width]))
        if self._last > 0:
            self._sheet.merge_range(self.number, 0, self.number, self._last, "", form)
        self._sheet.write_string(self.number, 0, kept, form)
        self.number += 1


def _numbered(rows: Iterable[Sequence[object]], first: int) -> Iterator[tuple[int, Sequence[object]]]:
    for number, values in zip(itertools.count(first), rows, strict=False):
        if number > MOST_ROWS:
            raise Refused(f"任务超过 {MOST_ROWS} 项，一张表放不下。请用 --plan、--body 等筛选后分别导出。")
        yield number, values


def _set_page(sheet: Any, head: int, footer: str) -> None:
    """A3 across, one page wide, the heading on every page, pages numbered."""
    sheet.set_landscape()
    sheet.set_paper(A3)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(head)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.center_horizontally()
    words = _kept(footer).replace("&", "&&")[:120]
    sheet.set_footer(f'&L&"{TEXT_FONT}"&9{words}&C&"{TEXT_FONT}"&9第 &P 页 共 &N 页')


def _write(sheet: Any, row: int, column: int, value: object, formats: _Formats) -> None:
    match value:
        case None | "":
            sheet.write_blank(row, column, None, formats.text)
        case Lit(text, light):
            sheet.write_string(row, column, _kept(text), formats.lit[light] if light else formats.unlit)
        case bool():
            sheet.write_string(row, column, cell(value), formats.text)
        case int():
            sheet.write_number(row, column, value, formats.number)
        case date():
            sheet.write_datetime(row, column, value, formats.day)
        case _:
            sheet.write_string(row, column, _kept(cell(value)), formats.text)


def _kept(text: str) -> str:
    clean = readable(text)
    return clean if len(clean) <= LONGEST_CELL else f"{clean[: LONGEST_CELL - 1]}…"
