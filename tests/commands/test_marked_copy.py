"""`check --mark`: every problem on its cell in a copy; the file itself is never touched."""

from pathlib import Path

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.workbook import Workbook

from duban.intake.sheets.example import PROBLEMS_SHEET
from tests.commands.conftest import HEADING, CommandLine, PlanFileWriter

OPTIONS = ("--issued-on", "2026-01-05", "--code", "T")
GOOD = "T-1,甲事,张三,市医保局,,,文件,2026年6月底"
VAGUE = "T-2,乙事,张三,市医保局,,,文件,及时"


def workbook(folder: Path, *rows: str) -> Path:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "任务"
    sheet.append(["2026年任务方案"])
    sheet.merge_cells("A1:H1")
    for row in (HEADING, *rows):
        sheet.append(row.split(","))
    sheet["A3"].fill = PatternFill("solid", fgColor="FFFF00")
    sheet["I3"] = "=LEN(B3)"
    sheet["H3"].comment = Comment("请局长定", "王某")
    book.create_sheet("说明").append(["由督查室解释"])
    path = folder / "plan.xlsx"
    book.save(path)
    return path


def comments(path: Path, sheet: str) -> dict[str, str]:
    cells = [cell for row in openpyxl.load_workbook(path)[sheet].iter_rows() for cell in row]
    return {cell.coordinate: cell.comment.text for cell in cells if cell.comment is not None}


def test_problems_stand_on_their_cells_and_all_else_is_kept(starter: CommandLine, tmp_path: Path) -> None:
    plan, copy = workbook(tmp_path, VAGUE, GOOD), tmp_path / "copy.xlsx"
    before = plan.read_bytes()

    result = starter("check", plan, "--mark", copy, *OPTIONS)

    assert result.exit_code == 1
    assert f"批注到副本“{copy}”，原文件没有改动" in result.stdout
    assert plan.read_bytes() == before
    said = comments(copy, "任务")
    assert said["H3"].startswith("请局长定\n〔督办检查〕\n[错误] “及时”不是日期")
    assert "没有指定方案标题" in said["A2"]
    assert "这张工作表不是任务表" in comments(copy, "说明")["A1"]
    book = openpyxl.load_workbook(copy)
    sheet = book["任务"]
    assert (sheet["B3"].value, sheet["I3"].value) == ("乙事", "=LEN(B3)")
    assert sheet["A3"].fill.fgColor.rgb == "00FFFF00"
    assert [str(area) for area in sheet.merged_cells.ranges] == ["A1:H1"]


def test_the_list_leads_to_every_cell(starter: CommandLine, tmp_path: Path) -> None:
    plan, copy = workbook(tmp_path, VAGUE), tmp_path / "copy.xlsx"
    starter("check", plan, "--mark", copy, *OPTIONS)

    sheet = openpyxl.load_workbook(copy)[PROBLEMS_SHEET]
    rows = {row[2].value: row for row in sheet.iter_rows(min_row=2)}
    assert [cell.value for cell in rows["H3"][:5]] == ["错误", "任务", "H3", "完成时限", "及时"]
    link = rows["H3"][2].hyperlink
    assert link is not None
    assert link.location == "'任务'!H3"


def test_a_copy_that_is_mended_and_marked_again_keeps_nothing_of_what_was_marked_before(
    starter: CommandLine, tmp_path: Path
) -> None:
    plan, copy, again = workbook(tmp_path, VAGUE), tmp_path / "copy.xlsx", tmp_path / "again.xlsx"
    starter("check", plan, "--mark", copy, *OPTIONS)
    book = openpyxl.load_workbook(copy)
    book["任务"]["H3"] = "2026年6月底"
    book["任务"]["D3"] = None
    book.save(copy)

    result = starter("check", copy, "--mark", again, *OPTIONS)

    assert "没有写明牵头单位" in result.stderr
    assert PROBLEMS_SHEET not in result.stderr
    said = comments(again, "任务")
    assert said["H3"] == "请局长定"
    assert "没有写明牵头单位" in said["D3"]
    assert openpyxl.load_workbook(again).sheetnames == ["任务", "说明", PROBLEMS_SHEET]


def test_a_text_file_is_marked_as_a_workbook_in_which_all_stays_text(
    starter: CommandLine, plan_file: PlanFileWriter, tmp_path: Path
) -> None:
    plan, copy = plan_file("T-1,=1+1,张三,市医保局,,,文件,2026年6月底", VAGUE), tmp_path / "copy.xlsx"

    result = starter("check", plan, "--mark", copy, *OPTIONS)

    assert result.exit_code == 1
    assert list(comments(copy, "方案")) == ["H3"]
    sheet = openpyxl.load_workbook(copy)["方案"]
    assert [cell.value for cell in sheet[1]] == HEADING.split(",")
    assert (sheet["B2"].value, sheet["B2"].data_type) == ("=1+1", "s")
    assert "“及时”不是日期" in starter("check", copy, *OPTIONS).stderr


def test_yaml_is_marked_by_lines_of_comment_and_is_the_same_plan(starter: CommandLine, tmp_path: Path) -> None:
    plan, copy = tmp_path / "plan.yaml", tmp_path / "copy.yaml"
    text = "code: T  # 方案\ntasks:\n  - 事项: 甲事\n    牵头单位: 市医保局\n    完成时限: 及时\n"
    plan.write_text(text, encoding="utf-8")

    first = starter("check", plan, "--mark", copy, "--issued-on", "2026-01-05")
    again = starter("check", copy, "--mark", copy.with_name("again.yml"), "--issued-on", "2026-01-05")

    lines = copy.read_text(encoding="utf-8").splitlines(keepends=True)
    assert "".join(line for line in lines if "# 督办：" not in line) == text
    above = lines[lines.index("    完成时限: 及时\n") - 1]
    assert above.startswith("    # 督办：[错误] “完成时限”“及时”不是日期")
    assert (first.exit_code, again.exit_code) == (1, 1)
    assert copy.with_name("again.yml").read_text(encoding="utf-8") == copy.read_text(encoding="utf-8")


def test_without_a_copy_the_way_to_one_is_told(starter: CommandLine, plan_file: PlanFileWriter) -> None:
    assert "--mark 副本.xlsx" in starter("check", plan_file(VAGUE), *OPTIONS).stdout
    assert "--mark" not in starter("check", plan_file(GOOD), *OPTIONS).stdout


def test_where_nothing_is_wrong_nothing_is_written(
    starter: CommandLine, plan_file: PlanFileWriter, tmp_path: Path
) -> None:
    result = starter("check", plan_file(GOOD), "--mark", tmp_path / "copy.xlsx", *OPTIONS)

    assert result.exit_code == 0
    assert "不必批注" in result.stdout
    assert not (tmp_path / "copy.xlsx").exists()


def test_json_is_what_it_is_without_a_copy(starter: CommandLine, plan_file: PlanFileWriter, tmp_path: Path) -> None:
    plan = plan_file(VAGUE)
    plain = starter("check", plan, "--json", *OPTIONS)
    marked = starter("check", plan, "--json", "--mark", tmp_path / "copy.xlsx", *OPTIONS)

    assert marked.stdout == plain.stdout
    assert (tmp_path / "copy.xlsx").exists()


@pytest.mark.parametrize("name", ["plan.xlsx", "copy.csv", "none/copy.xlsx"])
def test_the_file_itself_another_kind_and_a_missing_folder_are_refused(
    starter: CommandLine, tmp_path: Path, name: str
) -> None:
    plan = workbook(tmp_path, VAGUE)
    before = plan.read_bytes()

    result = starter("check", plan, "--mark", tmp_path / name, *OPTIONS)

    assert result.exit_code == 1
    assert "副本" in result.stderr or "无法写出" in result.stderr
    assert plan.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["plan.xlsx"]
