"""A workbook as tables of text, one for each sheet that is shown and holds anything.

Merged cells are spread downwards: a body that stands once beside three rows is the body of all three. Rows that a
filter or a hand has hidden are rows like any other, and named; a hidden sheet is left alone, and named.
"""

import warnings
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path

import openpyxl
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook

from duban.intake.files.excel_cells import CellOfWorkbook, CellReader, ControlCharacter
from duban.intake.files.sheet_layout import NO_LAYOUT, SheetLayout, TooManyMerged, read_layout
from duban.intake.files.tables import MOST_COLUMNS, MOST_ROWS, Merged, Oddity, Remark, Row, Source, Table, UnreadSheet
from duban.intake.files.workbook_door import AdmittedWorkbook, Sheet, admit, damaged
from duban.intake.problems import IntakeError

_LAST_ROW = 1_048_576
_MOST_SPREAD = 1_000_000


def read_workbook(path: Path, content: bytes) -> Source:
    """Reads every sheet that is shown.

    Args:
        path: Of the file, for what is said about it.
        content: Its bytes.

    Raises:
        IntakeError: It is damaged, or holds more than a plan can be; the sheet and the row are named where known.
    """
    admitted = admit(path, content)
    with admitted.archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what openpyxl leaves out: validations, extensions, odd dates
        try:
            book = openpyxl.load_workbook(BytesIO(content), read_only=True, data_only=True)
        except Exception as error:  # openpyxl and expat stumble over what is damaged in their own ways
            raise damaged(path, error) from error
        try:
            tables = [
                _SheetReader(path, book, admitted, sheet).table()
                for sheet in admitted.sheets
                if sheet.part and not sheet.hidden
            ]
        finally:
            book.close()
    unread = [UnreadSheet(sheet.name, sheet.hidden) for sheet in admitted.sheets if sheet.hidden or not sheet.part]
    return Source(path.stem, tuple(table for table in tables if table.rows), tuple(unread))


def whole_workbook(path: Path, content: bytes) -> Workbook:
    """The workbook with formulas, formats and comments, to be written again.

    Raises:
        IntakeError: It is damaged, or holds more than a plan can be.
    """
    admit(path, content).archive.close()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return openpyxl.load_workbook(BytesIO(content), rich_text=True)
        except Exception as error:  # openpyxl and expat stumble over what is damaged in their own ways
            raise damaged(path, error) from error


class _SheetReader:
    """Reads one sheet."""

    def __init__(self, path: Path, book: Workbook, admitted: AdmittedWorkbook, sheet: Sheet) -> None:
        self._path = path
        self._book = book
        self._admitted = admitted
        self._sheet = sheet
        self._cells = CellReader(book.epoch)
        self._number = 0
        self._refused = f"工作簿“{path.name}”的工作表“{sheet.name}”"

    def table(self) -> Table:
        """All rows of the sheet that hold anything.

        Raises:
            IntakeError: It cannot be read to its end.
        """
        try:
            layout = self._layout()
            rows = list(self._rows(layout))
        except IntakeError:
            raise
        except Exception as error:  # openpyxl and expat stumble over what is damaged in their own ways
            place = f"工作表“{self._sheet.name}”第{self._number + 1}行起"
            raise damaged(self._path, error, place) from error
        numbers = {row.number for row in rows}
        return Table(
            rows=tuple(self._spread(rows, layout.merged)),
            sheet=self._sheet.name,
            merged=layout.merged,
            hidden_rows=tuple(sorted(layout.hidden_rows & numbers)),
            hidden_places=tuple(sorted(layout.hidden_places)),
        )

    def _layout(self) -> SheetLayout:
        if not self._sheet.has_layout:
            return NO_LAYOUT
        with self._admitted.archive.open(self._sheet.part) as stream:
            try:
                return read_layout(stream, MOST_COLUMNS)
            except TooManyMerged:
                raise IntakeError(f"{self._refused}的合并单元格多得不像是一份方案。请取消合并后再试。") from None

    def _rows(self, layout: SheetLayout) -> Iterator[Row]:
        sheet = self._book[self._sheet.name]
        sheet.reset_dimensions()  # what a sheet states of its size is often wrong, and can be a lie
        formulas: dict[int, dict[int, Remark]] = {}
        for (number, place), text in layout.formulas.items():
            formulas.setdefault(number, {})[place] = Remark(Oddity.FORMULA, f"={text}")
        found = 0
        for self._number, cells in enumerate(sheet.iter_rows(), start=1):
            if self._number > _LAST_ROW:
                raise IntakeError(f"{self._refused}有Excel不会有的行号，文件可能已损坏。请另存后再试。")
            row = self._row(cells, formulas.pop(self._number, {}))
            if row is None:
                continue
            found += 1
            if found > MOST_ROWS:
                raise IntakeError(f"{self._refused}超过{MOST_ROWS}行，不像是一份方案，请分开导入。")
            yield row

    def _row(self, cells: Sequence[CellOfWorkbook], remarks: dict[int, Remark]) -> Row | None:
        """The row, or None where it holds nothing.

        Args:
            cells: Of the row.
            remarks: On its formulas; those on its other cells are added.
        """
        plain = self._cells.plain_text
        texts = [
            text if (text := plain(cell)) is not None else self._odd(place, cell, remarks)
            for place, cell in enumerate(cells)
        ]
        while texts and not texts[-1].strip() and len(texts) - 1 not in remarks:
            texts.pop()
        if len(texts) > MOST_COLUMNS:
            raise IntakeError(
                f"{self._refused}第{self._number}行直到{get_column_letter(len(texts))}列都有内容，不像是一份方案，请检查。"
            )
        return Row(self._number, tuple(texts), remarks) if texts else None

    def _odd(self, place: int, cell: CellOfWorkbook, remarks: dict[int, Remark]) -> str:
        try:
            read = self._cells.read(cell)
        except ControlCharacter as control:
            raise IntakeError(
                f"{self._refused}第{self._number}行{get_column_letter(place + 1)}列"
                f"含有看不见的控制字符（{control}）。请清除后再试。"
            ) from None
        if read.remark is not None:
            remarks.setdefault(place, read.remark)
        return read.text

    def _spread(self, rows: list[Row], merged: tuple[Merged, ...]) -> list[Row]:
        """The rows with what was merged downwards in every one of them that holds something of its own."""
        numbers = [row.number for row in rows]
        cells: dict[int, list[str]] = {}
        remarks: dict[int, dict[int, Remark]] = {}
        spread = 0
        for area in merged:
            first, end = bisect_left(numbers, area.first_row), bisect_left(numbers, area.last_row + 1)
            if end - first < 2 or numbers[first] != area.first_row:
                continue
            top = rows[first]
            if area.first_place >= len(top.cells):
                continue
            spread += end - first
            if spread > _MOST_SPREAD:
                raise IntakeError(f"{self._refused}的合并单元格互相重叠，文件可能已损坏。请取消合并后再试。")
            for at in range(first + 1, end):
                texts = cells.setdefault(at, list(rows[at].cells))
                texts.extend([""] * (area.first_place + 1 - len(texts)))
                texts[area.first_place] = top.cells[area.first_place]
                if area.first_place in top.remarks:
                    remarks.setdefault(at, dict(rows[at].remarks))[area.first_place] = top.remarks[area.first_place]
        for at, texts in cells.items():
            rows[at] = rows[at]._replace(cells=tuple(texts), remarks=remarks.get(at, rows[at].remarks))
        return rows
