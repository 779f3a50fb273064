"""The ledger as a workbook: pinned on a wall, and text that stays text."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from duban.commands.printed_ledger import Heading, Reminded, print_ledger
from duban.commands.reasons import Refused
from duban.commands.workbook import LONGEST_CELL, Table, write_workbook
from duban.ledger.questions.rows import PrintedRow, ReminderRow
from duban.supervision.days.calendar import OfficeCalendar
from duban.supervision.plans.plan import Found
from duban.supervision.tasks.entries import Citation
from duban.supervision.tasks.lights import Light
from duban.supervision.tasks.state import RungStatus
from tests.ledger.building import POLICY, at

ZONE = POLICY.calendar.zone
KNOWN_UNTIL_2026 = OfficeCalendar(zone=ZONE, known_until=date(2026, 12, 31))
DAY = datetime(2026, 6, 30, tzinfo=UTC).replace(tzinfo=None)
"""As openpyxl gives a day back."""
HEADING = Heading(title="《方案》改革任务督办台账", office="市委改革办", today="2026-07-16", choice="只列滞后的")
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


def _row(title: str = "甲事", **fields: Any) -> PrintedRow:
    usual: dict[str, Any] = {
        "task_code": "T-1", "plan_code": "T", "title": title, "lead_body": "市医保局", "handling_body": "市医保局",
        "supporting_bodies": ("市财政局", "市卫健委"), "due_on": date(2026, 6, 30), "status": "under_way",
        "lag_days": 16,
        "behind_since": date(2026, 6, 30), "reminder_level": "phone", "light": Light.YELLOW, "leader": "张三",
        "measures": "起草", "deliverable": "文件", "deadline_text": "6月底", "open_ended": False, "list_kinds": (),
        "round": 1, "version": 3, "episode": 1, "suspended_days": 0, "suspended_since": None, "awaiting": ("市医保局",),
        "next_moment_at": at(1), "next_moment_text": "滞后满31天即书面提醒", "percent": 90, "registered_at": at(0),
        "started_at": at(0), "closed_at": None, "final_due_on": date(2026, 6, 30), "reported_light": Light.GREEN,
        "next_on": date(2026, 7, 31), "provisional": False,
    }  # fmt: skip
    return PrintedRow.model_validate(usual | fields)


def _reminder(due_on: date, status: RungStatus = RungStatus.ISSUED) -> ReminderRow:
    return ReminderRow(
        task_code="T-1", plan_code="T", level="phone", episode=1, status=status, due_on=due_on, lag_days=16,
        milestone_due_on=date(2026, 6, 30), issued_at=at(1), issuer="市委改革办", reason="",
        citation=Citation(rule="phone"),
    )  # fmt: skip


def _printed(tmp_path: Path, rows: Iterable[PrintedRow], *reminders: ReminderRow) -> openpyxl.Workbook:
    file = tmp_path / "ledger.xlsx"
    reminded = Reminded(rows=reminders, zone=ZONE, calendar=KNOWN_UNTIL_2026)
    print_ledger(file, HEADING, rows, lambda _: reminded)
    return openpyxl.load_workbook(file)


def _texts(sheet: Worksheet, row: int) -> list[object]:
    return [cell.value for cell in sheet[row]]


@pytest.mark.parametrize("text", HOSTILE)
def test_text_that_looks_like_a_formula_a_link_or_a_number_stays_text(tmp_path: Path, text: str) -> None:
    file = tmp_path / "ledger.xlsx"
    heading = HEADING.model_copy(update={"title": text})
    print_ledger(file, heading, [_row(text, measures=text, leader=text)], lambda _: Reminded(rows=(), zone=ZONE))

    sheet = openpyxl.load_workbook(file)["台账"]
    for cell in (sheet["A1"], sheet["C5"], sheet["D5"], sheet["H5"]):
        assert (cell.value, cell.data_type, cell.hyperlink) == (text, "s", None)


def test_every_sheet_is_set_up_for_a3_across_with_its_heading_on_every_page(tmp_path: Path) -> None:
    book = _printed(tmp_path, [_row(), _row("乙事", task_code="T-2")], _reminder(date(2026, 7, 16)))

    assert book.sheetnames == ["台账", "统计", "提醒", "三灯不一致"]
    for sheet in book:
        heading = 4 if sheet.title in ("台账", "提醒") else {"统计": 5, "三灯不一致": 3}[sheet.title]
        setup = sheet.page_setup
        assert (setup.paperSize, setup.orientation) == (8, "landscape")
        assert sheet.sheet_properties.pageSetUpPr is not None
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert (setup.fitToWidth or 1, setup.fitToHeight) == (1, 0)  # one page wide, as many as it takes
        assert sheet.print_title_rows == f"${heading}:${heading}"
        assert sheet.oddFooter is not None
        assert sheet.oddFooter.center is not None
        assert sheet.oddFooter.center.text == "第 &P 页 共 &N 页"
        assert sheet.auto_filter.ref is not None
        assert sheet.auto_filter.ref.startswith(f"A{heading}:")
        assert str(sheet.freeze_panes).endswith(str(heading + 1))
    assert book["台账"].freeze_panes == "D5"


def test_the_ledger_says_office_day_and_filters_and_shows_each_task_with_its_lights(tmp_path: Path) -> None:
    sheet = _printed(tmp_path, [_row()])["台账"]

    assert sheet["A1"].value == "《方案》改革任务督办台账"
    assert sheet["A2"].value == "督察责任主体：市委改革办　　业务日期：2026-07-16　　筛选：只列滞后的"
    assert str(sheet["A3"].value).startswith("图例：核算灯按滞后天数：● 绿 未滞后，▲ 黄 滞后1—30天，■ 红 滞后30天以上")
    assert _texts(sheet, 4) == [
        "序号", "任务编号", "改革事项", "牵头领导", "牵头单位", "具体承办单位", "配合单位", "任务措施", "成果形式",
        "完成时限（原文）", "最近未完成期限", "状态", "核算灯", "自报灯", "督查灯", "滞后天数",
        "已发最高一级提醒", "等待单位", "下一步",
    ]  # fmt: skip
    assert _texts(sheet, 5) == [
        1, "T-1", "甲事", "张三", "市医保局", "市医保局", "市财政局、市卫健委", "起草", "文件", "6月底", DAY, "办理中",
        "▲ 黄", "● 绿 90%", "— 未督查", 16, "电话提醒", "市医保局", "2026-07-31 滞后满31天即书面提醒",
    ]  # fmt: skip
    assert sheet["C5"].alignment.wrap_text
    assert sheet["C5"].font.name == "宋体"
    assert "审核：" in str(sheet["A7"].value)


@pytest.mark.parametrize(
    ("fields", "computed", "reported"),
    [
        ({"light": Light.GREEN, "lag_days": 0}, "● 绿", "● 绿 90%"),
        ({"light": Light.RED, "lag_days": 31, "reported_light": Light.RED, "percent": 10}, "■ 红", "■ 红 10%"),
        ({"percent": None, "reported_light": None}, "▲ 黄", "— 未报"),
        ({"light": None, "reported_light": None, "status": "struck_off", "percent": None}, "√ 办结", ""),
    ],
)
def test_a_light_has_a_sign_and_a_word_beside_its_colour(
    tmp_path: Path, fields: dict[str, Any], computed: str, reported: str
) -> None:
    sheet = _printed(tmp_path, [_row(**fields)])["台账"]

    assert (sheet["M5"].value, sheet["N5"].value) == (computed, reported)
    coloured = sheet["M5"].fill.fill_type == "solid"
    assert coloured is (fields.get("light", Light.YELLOW) is not None)


def test_a_long_text_makes_its_row_as_high_as_it_needs(tmp_path: Path) -> None:
    sheet = _printed(tmp_path, [_row(), _row(task_code="T-2", measures="措" * 300)])["台账"]

    low, high = (sheet.row_dimensions[number].height for number in (5, 6))
    assert low is not None
    assert high is not None
    assert high > 5 * low


def test_dates_that_rest_on_a_year_without_a_calendar_are_marked(tmp_path: Path) -> None:
    rows = [_row(next_on=date(2027, 1, 4), provisional=True)]
    book = _printed(tmp_path, rows, _reminder(date(2026, 7, 16)), _reminder(date(2027, 2, 1)))

    assert book["台账"]["S5"].value == "2027-01-04※ 滞后满31天即书面提醒"
    assert [book["提醒"][f"F{row}"].value for row in (5, 6)] == [
        datetime.fromisoformat("2026-07-16"),
        "2027-02-01※",
    ]


def test_the_figures_the_reminders_and_the_lights_that_disagree_follow(tmp_path: Path) -> None:
    tasks = [
        _row(),
        _row("乙事", task_code="T-2", light=Light.RED, lag_days=40, reported_light=Light.RED, lead_body="市财政局"),
        _row("丙事", task_code="T-3", light=None, reported_light=None, status="struck_off", reminder_level=None),
    ]
    passed = _reminder(date(2026, 7, 16), RungStatus.NOT_ISSUED)
    book = _printed(tmp_path, tasks, passed, _reminder(date(2026, 7, 16)))

    figures = book["统计"]
    assert (figures["A3"].value, figures["A4"].value) == (
        "按状态：办理中 2、已销号 1",
        "按已发最高一级提醒：电话提醒 2",
    )
    assert [_texts(figures, row) for row in (5, 6, 7, 8)] == [
        ["牵头单位", "任务", "● 绿", "▲ 黄", "■ 红", "√ 办结", "最长滞后天数"],
        ["全部任务", 3, 0, 1, 1, 1, 40],
        ["市财政局", 1, 0, 0, 1, 0, 40],
        ["市医保局", 2, 0, 1, 0, 1, 16],
    ]
    assert _texts(book["提醒"], 5)[:4] == ["T-1", "甲事", "电话提醒", 1]
    assert book["提醒"].max_row == 5, "a level that was passed over was not given"
    assert _texts(book["提醒"], 5)[7:10] == ["已发出", "2022-04-15 09:00", "市委改革办"]
    assert [row[0].value for row in book["三灯不一致"].iter_rows(min_row=4) if row[0].value] == ["T-1"]


def test_what_an_inspection_found_stands_beside_the_other_lights(tmp_path: Path) -> None:
    seen: dict[str, Any] = {"inspected": Found.STARTED, "inspected_on": date(2026, 7, 3)}
    agreed: dict[str, Any] = {"light": Light.YELLOW, "reported_light": Light.YELLOW, "inspected_light": Light.YELLOW}
    tasks = [
        _row(**(seen | agreed)),
        _row(task_code="T-2", **(seen | agreed | {"inspected_light": Light.RED, "inspected": Found.NOT_STARTED})),
        _row(task_code="T-3", light=None, reported_light=None, status="struck_off", **seen),
    ]
    book = _printed(tmp_path, tasks)
    assert [_texts(book["台账"], row)[14] for row in (5, 6, 7)] == [
        "▲ 黄 已启动未完成（2026-07-03）",
        "■ 红 未启动（2026-07-03）",
        "已启动未完成（2026-07-03）",
    ]
    assert [row[0].value for row in book["三灯不一致"].iter_rows(min_row=4) if row[0].value] == ["T-2"]


def test_an_empty_choice_says_so(tmp_path: Path) -> None:
    book = _printed(tmp_path, [])

    assert book["台账"]["A5"].value == "没有符合条件的任务。"
    assert book["三灯不一致"]["A4"].value == "没有不一致的任务。"


def test_a_text_longer_than_a_cell_is_cut_and_not_lost(tmp_path: Path) -> None:
    file = tmp_path / "long.xlsx"

    write_workbook(file, [Table(name="台账", title="长文", columns=[("内容", 20)], rows=[["甲" * (LONGEST_CELL + 1)]])])

    assert openpyxl.load_workbook(file)["台账"]["A3"].value == "甲" * (LONGEST_CELL - 1) + "…"


def test_a_file_that_cannot_be_written_is_an_error_in_words(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="无法写出"):
        print_ledger(tmp_path / "none" / "ledger.xlsx", HEADING, [], lambda _: Reminded(rows=(), zone=ZONE))
