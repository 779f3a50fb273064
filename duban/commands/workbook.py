"""The ledger as an .xlsx for people: Chinese headings, and text that stays text.

Whatever a cell begins with, it is written as a string: no formula, no link, no number is made of it.
"""

import itertools
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter  # type: ignore[import-untyped] # no stubs exist

from duban.commands.reasons import Refused
from duban.commands.showing import cell, level_words, readable, status_words
from duban.ledger.rows import LedgerRow

LONGEST_CELL = 32_767
"""Characters, as Excel counts them; a longer text would be left out."""
SHADE = "#DDE6F0"
LEDGER_COLUMNS: tuple[tuple[str, int], ...] = (
    ("任务编号", 16),
    ("方案编号", 12),
    ("改革事项", 44),
    ("牵头单位", 20),
    ("具体承办单位", 20),
    ("配合单位", 28),
    ("最近未完成期限", 15),
    ("状态", 12),
    ("滞后天数", 10),
    ("滞后起算日", 13),
    ("已发最高一级提醒", 17),
)
"""Headings with their widths in characters."""


def write_ledger_workbook(path: Path, title: str, rows: Sequence[LedgerRow]) -> None:
    """Write lines of the ledger as a workbook, in place of a file that is there.

    Raises:
        Refused: The file cannot be written.
    """
    write_workbook(path, title, LEDGER_COLUMNS, [_values(row) for row in rows])


def write_workbook(
    path: Path, title: str, columns: Sequence[tuple[str, int]], rows: Sequence[Sequence[object]]
) -> None:
    """Write a table as a workbook: title, frozen heading, wrapped text.

    Args:
        columns: Headings with their widths in characters.
        rows: Texts, dates, whole numbers; None is an empty cell.

    Raises:
        Refused: The file cannot be written.
    """
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(str(path), options)
    sheet = book.add_worksheet("台账")
    text = book.add_format({"text_wrap": True, "valign": "top", "border": 1})
    day = book.add_format({"num_format": "yyyy-mm-dd", "valign": "top", "align": "left", "border": 1})
    heading = book.add_format({"bold": True, "text_wrap": True, "valign": "vcenter", "border": 1, "bg_color": SHADE})
    sheet.write_string(0, 0, _kept(title), book.add_format({"bold": True, "font_size": 16}))
    for column, (words, width) in enumerate(columns):
        sheet.set_column(column, column, width)
        sheet.write_string(1, column, words, heading)
    sheet.freeze_panes(2, 1)
    sheet.autofilter(1, 0, 1 + len(rows), len(columns) - 1)
    for row, values in zip(itertools.count(2), rows, strict=False):
        for column, value in enumerate(values):
            _write(sheet, row, column, value, text, day)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(1)
    try:
        book.close()
    except (OSError, xlsxwriter.exceptions.XlsxWriterException) as error:
        raise Refused(f"无法写出“{path}”（{error}）。请核对文件夹是否存在、文件是否正被打开。") from error


def _write(sheet: Any, row: int, column: int, value: object, text: Any, day: Any) -> None:
    match value:
        case None | "":
            sheet.write_blank(row, column, None, text)
        case bool():
            sheet.write_string(row, column, cell(value), text)
        case int():
            sheet.write_number(row, column, value, text)
        case date():
            sheet.write_datetime(row, column, value, day)
        case _:
            sheet.write_string(row, column, _kept(cell(value)), text)


def _kept(text: str) -> str:
    clean = readable(text)
    return clean if len(clean) <= LONGEST_CELL else f"{clean[: LONGEST_CELL - 1]}…"


def _values(row: LedgerRow) -> tuple[object, ...]:
    return (
        row.task_code,
        row.plan_code,
        row.title,
        row.lead_body,
        row.handling_body,
        row.supporting_bodies,
        row.due_on,
        status_words(row.status),
        row.lag_days,
        row.behind_since,
        level_words(row.reminder_level),
    )
