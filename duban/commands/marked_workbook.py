"""Problems of a plan as comments on the cells of a workbook, and as a list on a sheet of its own."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from openpyxl.cell import Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.workbook import Workbook
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from duban.commands.problems import SEVERITY_WORDS
from duban.commands.showing import readable
from duban.intake import Problem
from duban.intake.files.sheet_layout import place_of
from duban.intake.files.tables import LONGEST_CELL, MOST_ROWS, Table
from duban.intake.options import SheetHeading
from duban.intake.sheets.example import PROBLEMS_SHEET

MOST_COMMENTS = 5_000
"""Each is a drawing of its own; a workbook with more opens slowly. The list holds all."""
_AUTHOR = "督办"
_MARK = "〔督办检查〕"
_LIST_COLUMNS = (("级别", 8), ("工作表", 14), ("单元格", 10), ("栏目", 14), ("内容", 30), ("问题", 50), ("建议", 60))
_SHEET_COLUMN, _CELL_COLUMN = 2, 3
_WIDTH, _LINE_HEIGHT, _LETTERS_IN_A_LINE = 320, 20, 22


class _Place(NamedTuple):
    """The cell that a problem is about, or the one that stands for its row or sheet."""

    sheet: str
    cell: str


def workbook_of(table: Table) -> Workbook:
    """A text table as a workbook, row for row; all of it stays text."""
    book = Workbook()
    sheet = _only_sheet(book)
    top = Alignment(wrap_text=True, vertical="top")
    width = max(len(row.cells) for row in table.rows)
    for row in table.rows:
        for place, text in enumerate(row.cells, start=1):
            if text:
                cell = sheet.cell(row.number, place)
                _write_text(cell, text)
                cell.alignment = top
    for place in range(1, width + 1):
        sheet.column_dimensions[get_column_letter(place)].width = 22
    _fit_to_width(sheet)
    return book


def mark_workbook(book: Workbook, problems: Sequence[Problem], headings: Sequence[SheetHeading]) -> Workbook:
    """The same workbook with its problems; what was marked in it before is gone."""
    _unmark(book)
    places = _Places(book, headings)
    said: dict[_Place, list[Problem]] = {}
    for problem in problems:
        said.setdefault(places.of(problem), []).append(problem)
    for place, of_place in list(said.items())[:MOST_COMMENTS]:
        _comment(book, place, of_place)
    _list(book, ((place, problem) for place, of_place in said.items() for problem in of_place))
    return book


class _Places:
    """Finds the cells that problems are about."""

    def __init__(self, book: Workbook, headings: Sequence[SheetHeading]) -> None:
        self._book = book
        self._first = book.worksheets[0].title
        self._headings = {heading.sheet or self._first: heading for heading in headings}

    def of(self, problem: Problem) -> _Place:
        sheet = problem.sheet or (self._first if not self._headings else next(iter(self._headings)))
        if sheet not in {each.title for each in self._book.worksheets}:
            sheet = self._first
        heading = self._headings.get(sheet)
        row = problem.row or (heading.row if heading else 1)
        place = 1
        if heading is not None and problem.column in heading.headings:
            place = heading.headings.index(problem.column) + 1
        return _Place(sheet, f"{get_column_letter(place)}{row}")


def _comment(book: Workbook, place: _Place, problems: Sequence[Problem]) -> None:
    cell = _upper_left(book[place.sheet], place.cell)
    mine = "\n".join(
        f"[{SEVERITY_WORDS[problem.severity]}] {readable(problem.problem)}{readable(problem.suggestion)}"
        for problem in problems
    )
    earlier = f"{cell.comment.text}\n" if cell.comment is not None else ""
    text = f"{earlier}{_MARK}\n{mine}"[: LONGEST_CELL - 1]
    comment = Comment(text, _AUTHOR, width=_WIDTH)
    lines = sum(1 + len(line) // _LETTERS_IN_A_LINE for line in text.split("\n"))
    comment.height = _LINE_HEIGHT * (lines + 1)
    cell.comment = comment


def _upper_left(sheet: Worksheet, name: str) -> Cell:
    """The cell itself, or the one that shows it where it is merged into another."""
    cell: Cell | MergedCell = sheet[name]
    if isinstance(cell, MergedCell):
        area = next(area for area in sheet.merged_cells.ranges if name in area)
        cell = sheet.cell(area.min_row, area.min_col)
    assert isinstance(cell, Cell)  # noqa: S101 - an area's first cell is never one of its merged ones
    return cell


def _list(book: Workbook, problems: Iterable[tuple[_Place, Problem]]) -> None:
    sheet = book.create_sheet(PROBLEMS_SHEET)
    top = Alignment(wrap_text=True, vertical="top")
    for column, (words, width) in enumerate(_LIST_COLUMNS, start=1):
        heading = sheet.cell(1, column, words)
        heading.font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(column)].width = width
    for row, (place, problem) in enumerate(problems, start=2):
        shown = (
            SEVERITY_WORDS[problem.severity],
            place.sheet,
            place.cell,
            problem.column or "",
            problem.value,
            problem.problem,
            problem.suggestion,
        )
        for column, text in enumerate(shown, start=1):
            cell = sheet.cell(row, column)
            _write_text(cell, text)
            cell.alignment = top
        link = sheet.cell(row, _CELL_COLUMN)
        link.hyperlink = Hyperlink(ref=link.coordinate, location=f"{quote_sheetname(place.sheet)}!{place.cell}")
        link.font = Font(underline="single", color="0563C1")
    sheet.freeze_panes = "A2"
    _fit_to_width(sheet)


def _unmark(book: Workbook) -> None:
    """Takes away what was marked before: the list tells where."""
    if PROBLEMS_SHEET not in book.sheetnames:
        return
    listed: Any = book[PROBLEMS_SHEET]
    last = min(listed.max_row, MOST_ROWS)
    for sheet, name in listed.iter_rows(2, last, _SHEET_COLUMN, _CELL_COLUMN, values_only=True):
        if str(sheet) not in book.sheetnames or place_of(str(name)) is None:
            continue
        cell = _upper_left(book[str(sheet)], str(name))
        if cell.comment is None:
            continue
        theirs = cell.comment.text.partition(_MARK)[0].rstrip("\n")
        cell.comment = Comment(theirs, cell.comment.author) if theirs else None
    del book[PROBLEMS_SHEET]


def _write_text(cell: Cell | MergedCell, text: str) -> None:
    """Text that stays text, whatever it begins with."""
    cell.value = readable(text)[: LONGEST_CELL - 1]
    cell.data_type = "s"


def _fit_to_width(sheet: Worksheet) -> None:
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _only_sheet(book: Workbook) -> Worksheet:
    sheet = book.worksheets[0]
    sheet.title = "方案"
    return sheet
