"""The ledger as a workbook: Chinese headings, frozen, and text that stays text."""

from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import pytest

from duban.commands.reasons import Refused
from duban.commands.workbook import LONGEST_CELL, write_ledger_workbook, write_workbook
from duban.ledger.rows import LedgerRow

DAY = datetime(2026, 6, 30, tzinfo=UTC).replace(tzinfo=None)
"""As openpyxl gives a day back."""
HOSTILE = [
    "=1+1",
    "+86 10 12345",
    "-2+3",
    "@SUM(A1)",
    '=HYPERLINK("http://example.org","点我")',
    "http://example.org/a",
    "mailto:a@example.org",
    "00123",
    "{=1+1}",
]


def _row(title: str) -> LedgerRow:
    return LedgerRow(
        task_code="T-1",
        plan_code="T",
        title=title,
        lead_body="市医保局",
        handling_body="市医保局",
        supporting_bodies=("市财政局", "市卫健委"),
        due_on=date(2026, 6, 30),
        status="under_way",
        lag_days=16,
        behind_since=date(2026, 6, 30),
        reminder_level="phone",
    )


@pytest.mark.parametrize("title", HOSTILE)
def test_text_that_looks_like_a_formula_a_link_or_a_number_stays_text(tmp_path: Path, title: str) -> None:
    file = tmp_path / "ledger.xlsx"

    write_ledger_workbook(file, title, [_row(title)])

    sheet = openpyxl.load_workbook(file).active
    assert sheet is not None
    for cell in (sheet["A1"], sheet["C3"]):
        assert (cell.value, cell.data_type, cell.hyperlink) == (title, "s", None)


def test_the_ledger_has_chinese_headings_that_stay_in_sight_and_wrapped_text(tmp_path: Path) -> None:
    file = tmp_path / "ledger.xlsx"

    write_ledger_workbook(file, "改革任务督办台账", [_row("甲事"), _row("乙事")])

    sheet = openpyxl.load_workbook(file).active
    assert sheet is not None
    assert sheet["A1"].value == "改革任务督办台账"
    assert [cell.value for cell in sheet[2]] == [
        "任务编号", "方案编号", "改革事项", "牵头单位", "具体承办单位", "配合单位",
        "最近未完成期限", "状态", "滞后天数", "滞后起算日", "已发最高一级提醒",
    ]  # fmt: skip
    assert [cell.value for cell in sheet[3]] == [
        "T-1", "T", "甲事", "市医保局", "市医保局", "市财政局、市卫健委",
        DAY, "办理中", 16, DAY, "电话提醒",
    ]  # fmt: skip
    assert sheet.freeze_panes == "B3"
    assert sheet["C3"].alignment.wrap_text


def test_a_text_longer_than_a_cell_is_cut_and_not_lost(tmp_path: Path) -> None:
    file = tmp_path / "long.xlsx"

    write_workbook(file, "长文", [("内容", 20)], [["甲" * (LONGEST_CELL + 1)]])

    sheet = openpyxl.load_workbook(file).active
    assert sheet is not None
    assert sheet["A3"].value == "甲" * (LONGEST_CELL - 1) + "…"


def test_a_file_that_cannot_be_written_is_an_error_in_words(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="无法写出"):
        write_ledger_workbook(tmp_path / "none" / "ledger.xlsx", "台账", [])
