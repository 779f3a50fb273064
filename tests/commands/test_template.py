"""`template`: a blank workbook that a clerk fills in and `check` understands."""

from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from duban.commands.plan_template import COLUMNS, TASKS_SHEET
from duban.intake.sheets.columns import Field, field_of
from duban.intake.sheets.example import EXAMPLE, INSTRUCTIONS_SHEET
from tests.commands.conftest import CommandLine

OPTIONS = ("--issued-on", "2026-01-05", "--code", "GG")
TASK = {
    "编号": "GG-01",
    "改革事项": "统一收件窗口",
    "牵头领导": "李副市长",
    "牵头单位": "市医保局",
    "配合单位": "市财政局、市公安局",
    "任务措施": "一、合并窗口\n二、统一标准",
    "成果形式": "实施方案",
    "完成时限": "6月30日",
    "所属清单": "年度",
    "上级决策": "是",
}


@pytest.fixture
def template(starter: CommandLine, tmp_path: Path) -> Path:
    file = tmp_path / "方案.xlsx"
    assert starter("template", file).exit_code == 0
    return file


def tasks_sheet(file: Path) -> tuple[openpyxl.Workbook, Worksheet]:
    book = openpyxl.load_workbook(file)
    return book, book[TASKS_SHEET]


def write_task(file: Path, row: int, task: dict[str, str]) -> None:
    book, sheet = tasks_sheet(file)
    for column in range(1, len(COLUMNS) + 1):
        sheet.cell(row, column, task.get(str(sheet.cell(2, column).value)))
    book.save(file)


def test_the_headings_are_those_that_check_knows() -> None:
    assert [field_of(column.heading) for column in COLUMNS] == [column.field for column in COLUMNS]
    assert set(EXAMPLE) == {column.field for column in COLUMNS}


def test_every_column_that_check_knows_is_in_the_template_or_told_of_in_its_instructions(template: Path) -> None:
    instructions = openpyxl.load_workbook(template)[INSTRUCTIONS_SHEET]
    told = [field_of(str(cell.value)) for cell in instructions["A"] if cell.value]
    assert {field for field in told if field is not None} == set(Field)
    headings = next(tasks_sheet(template)[1].iter_rows(min_row=2, max_row=2, values_only=True))
    further = {Field.MILESTONES_MET, Field.REMINDERS_GIVEN, Field.SPLIT_FROM, Field.MERGED_INTO}
    assert {field_of(str(heading)) for heading in headings} == set(Field) - further


def test_a_filled_template_checks_clean(starter: CommandLine, template: Path) -> None:
    write_task(template, 3, TASK)

    read = starter.json("check", template, "--title", "收件改革方案", *OPTIONS)

    assert read["problems"] == []
    assert read["tasks"] == [
        {
            "code": "GG-01",
            "title": "统一收件窗口",
            "lead_body": "市医保局",
            "supporting_bodies": ["市财政局", "市公安局"],
            "milestones": [{"phrase": "6月30日", "due_on": "2026-06-30"}],
            "open_ended": False,
        }
    ]


def test_the_title_written_above_is_the_plans_and_the_hint_is_not(starter: CommandLine, template: Path) -> None:
    write_task(template, 3, TASK)
    assert starter.json("check", template, *OPTIONS)["problems"] == []
    book, sheet = tasks_sheet(template)
    sheet["A1"] = "2026年收件改革方案"
    book.save(template)
    (problem,) = starter.json("check", template, *OPTIONS)["problems"]
    assert problem["problem"] == "没有指定方案标题，取表头上方的“2026年收件改革方案”。"


def test_the_untouched_template_holds_no_task(starter: CommandLine, template: Path) -> None:
    result = starter("check", template, *OPTIONS)

    assert result.exit_code == 1
    assert "只有表头，没有任务" in result.stderr
    assert "这一行是模板的示例，没有当作任务" in result.stderr


def test_the_example_beside_tasks_is_not_issued_and_that_is_said(starter: CommandLine, template: Path) -> None:
    write_task(template, 4, TASK)

    read = starter.json("check", template, *OPTIONS)

    assert [task["code"] for task in read["tasks"]] == ["GG-01"]
    assert [(problem["severity"], problem["row"]) for problem in read["problems"]] == [("warning", 3)]


@pytest.mark.parametrize("left", ["编号", "改革事项"])
def test_a_task_written_over_the_example_half_way_is_a_question(
    starter: CommandLine, template: Path, left: str
) -> None:
    example = {column.heading: EXAMPLE[column.field] for column in COLUMNS}
    write_task(template, 3, {**TASK, left: example[left]})

    result = starter("check", template, *OPTIONS)

    assert result.exit_code == 1
    assert "这一行还留着模板示例的编号或事项" in result.stderr


def test_cells_are_text_and_there_are_drop_downs(starter: CommandLine, tmp_path: Path) -> None:
    organisation = tmp_path / "office.yaml"
    organisation.write_text("bodies:\n  - name: 市医保局\n  - name: 市财政局\n", encoding="utf-8")
    file = tmp_path / "方案.xlsx"
    assert starter("template", file, "--organisation", organisation).exit_code == 0

    book, sheet = tasks_sheet(file)
    headings = {str(sheet.cell(2, column).value): column for column in range(1, len(COLUMNS) + 1)}
    assert {sheet.cell(row, column).number_format for row in (3, 100) for column in headings.values()} == {"@"}
    choices = {
        str(rule.sqref).split(":")[0]: str(rule.formula1)
        for rule in sheet.data_validations.dataValidation
        if rule.type == "list"
    }
    assert choices[f"{sheet.cell(3, headings['上级决策']).coordinate}"] == '"是,否"'
    _, _, area = choices[sheet.cell(3, headings["牵头单位"]).coordinate].partition("!")
    listed = [cell.value for (cell,) in book[INSTRUCTIONS_SHEET][area.replace("$", "")]]
    assert listed == ["市医保局", "市财政局"]


def test_a_file_that_is_there_is_left_alone(starter: CommandLine, template: Path) -> None:
    before = template.read_bytes()

    assert "已经存在" in starter.refused("template", template)
    assert template.read_bytes() == before
    assert ".xlsx" in starter.refused("template", template.with_suffix(".csv"))
    assert "请核对文件夹" in starter.refused("template", template.parent / "无" / "方案.xlsx")
