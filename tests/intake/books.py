"""Workbooks as offices make them, and as nobody should: made once, read everywhere."""

import io
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter  # type: ignore[import-untyped] # no stubs exist
from openpyxl import Workbook

HEADING = ("编号", "事项", "牵头领导", "牵头单位", "配合单位", "成果形式", "完成时限")
ROW = ("KG-01", "统一收件窗口", "李副市长", "市审批局", "市财政局、市司法局", "实施方案", "5月底前报送方案；10月底完成")


def workbook(folder: Path, *sheets: tuple[str, Iterable[Sequence[object]]], name: str = "收件改革.xlsx") -> Path:
    """Sheets with their rows, by openpyxl; a text that begins with ``=`` is a formula."""
    return changed(folder, lambda _: None, *sheets, name=name)


def changed(
    folder: Path,
    change: Callable[[Workbook], None],
    *sheets: tuple[str, Iterable[Sequence[object]]],
    name: str = "收件改革.xlsx",
) -> Path:
    """The same, with a change made before it is saved."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    change(book)
    path = folder / name
    book.save(path)
    return path


def formatted(folder: Path, column: str, value: object, number_format: str | int, name: str = "收件改革.xlsx") -> Path:
    """One task, in which one cell has a number format of Excel's: by its code, or by its number alone."""
    path = folder / name
    book: Any = xlsxwriter.Workbook(str(path), {"remove_timezone": True})
    sheet = book.add_worksheet("任务")
    sheet.write_row(0, 0, HEADING)
    sheet.write_row(1, 0, ROW)
    sheet.write(1, HEADING.index(column), value, book.add_format({"num_format": number_format}))
    book.close()
    return path


def parts_of(path: Path) -> dict[str, bytes]:
    """The parts of a workbook, unpacked."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(path: Path, parts: Mapping[str, bytes]) -> Path:
    """Writes parts as a workbook."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    path.write_bytes(archive.getvalue())
    return path
