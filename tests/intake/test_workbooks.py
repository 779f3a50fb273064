"""Excel as it comes from offices: titles, merged cells, real dates, hidden rows, several sheets, formulas."""

from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from duban.intake import IntakeError, IntakeOptions, IntakeResult, LeadRule, Severity, read_plan
from duban.intake.files.workbooks import read_workbook
from tests.intake.books import HEADING, ROW, changed, formatted, packed, parts_of, workbook

ISSUED_ON = date(2022, 4, 14)
OPTIONS = IntakeOptions(code="KG", title="收件改革方案", issued_on=ISSUED_ON)
OTHER = ("KG-02", "电子印章", "王副市长", "市公安局", "", "管理办法", "9月底")
THIRD = ("KG-03", "缴费进窗口", "王副市长", "市税务局", "", "管理办法", "9月底")


def said(result: IntakeResult, severity: Severity) -> list[tuple[str | None, int | None, str | None, str]]:
    return [(each.sheet, each.row, each.column, each.problem) for each in result.problems if each.severity is severity]


def first_sheet(book: Workbook) -> Worksheet:
    return book.worksheets[0]


def due_dates(result: IntakeResult) -> list[str]:
    return [node.due_on.isoformat() for task in result.tasks for node in task.milestones]


def test_a_workbook_is_read_like_the_text_of_its_cells(tmp_path: Path) -> None:
    result = read_plan(workbook(tmp_path, ("任务", [HEADING, ROW])), OPTIONS)
    assert result.problems == ()
    assert result.plan is not None
    (task,) = result.plan.tasks
    assert (task.code, task.title, task.lead_body) == ("KG-01", "统一收件窗口", "市审批局")
    assert task.supporting_bodies == ("市财政局", "市司法局")
    assert due_dates(result) == ["2022-05-31", "2022-10-31"]


def test_problems_name_sheet_row_and_column(tmp_path: Path) -> None:
    bad = ("KG-02", "电子印章", "王副市长", "市公安局", "", "管理办法", "及时")
    result = read_plan(workbook(tmp_path, ("经济", [HEADING, ROW]), ("社会", [HEADING, bad])), OPTIONS)
    assert said(result, Severity.ERROR) == [("社会", 2, "完成时限", "“及时”不是日期，需要写明日期。")]


def test_every_sheet_with_the_heading_is_read_and_the_others_are_named(tmp_path: Path) -> None:
    def hide(book: Workbook) -> None:
        book["去年"].sheet_state = "hidden"

    summary = [("序号", "牵头单位", "任务数"), (1, "市财政局", 12)]
    path = changed(
        tmp_path,
        hide,
        ("经济", [HEADING, ROW]),
        ("说明", [("本表由督查室解释",)]),
        ("社会", [("社会体制改革",), HEADING, OTHER]),
        ("汇总", summary),
        ("去年", [HEADING, THIRD]),
        ("Sheet3", []),
    )
    result = read_plan(path, OPTIONS)
    assert [task.code for task in result.tasks] == ["KG-01", "KG-02"]
    assert result.plan is not None
    assert said(result, Severity.WARNING) == [
        ("说明", None, None, "这张工作表不是任务表（没有表头），没有读。"),
        ("汇总", None, None, "这张工作表不是任务表（没有表头），没有读。"),
        ("去年", None, None, "这张工作表是隐藏的，没有读。"),
    ]


def test_a_code_is_unique_across_sheets(tmp_path: Path) -> None:
    result = read_plan(workbook(tmp_path, ("经济", [HEADING, ROW]), ("社会", [HEADING, ROW])), OPTIONS)
    assert said(result, Severity.ERROR) == [("社会", 2, "编号", "编号“KG-01”与工作表“经济”第2行重复。")]


def test_a_merged_title_above_the_heading_is_the_plans_title_and_that_is_said(tmp_path: Path) -> None:
    def merge(book: Workbook) -> None:
        first_sheet(book).merge_cells("A1:G1")

    path = changed(tmp_path, merge, ("任务", [("2022年收件改革任务分工方案",), (), HEADING, ROW]))
    result = read_plan(path, IntakeOptions(issued_on=ISSUED_ON))
    assert result.plan is not None
    assert (result.plan.code, result.plan.title) == ("KG", "2022年收件改革任务分工方案")
    assert said(result, Severity.WARNING) == [
        ("任务", None, None, "没有指定方案标题，取表头上方的“2022年收件改革任务分工方案”。")
    ]
    given = read_plan(path, OPTIONS)
    assert given.plan is not None
    assert given.plan.title == "收件改革方案"
    assert given.problems == ()


@pytest.mark.parametrize(
    "above", [("附件1",), ("2022年4月14日",), ("填报单位：市改革办、改革任务",), ("2022年收件改革方案", "附件")]
)
def test_what_stands_above_the_heading_and_is_no_title_is_left_alone(tmp_path: Path, above: tuple[str, ...]) -> None:
    result = read_plan(workbook(tmp_path, ("任务", [above, HEADING, ROW])), IntakeOptions(issued_on=ISSUED_ON))
    assert result.plan is not None
    assert (result.plan.title, result.problems) == ("收件改革", ())


def test_a_body_merged_over_several_rows_leads_each_of_them(tmp_path: Path) -> None:
    def merge(book: Workbook) -> None:
        first_sheet(book).merge_cells("D2:D4")
        first_sheet(book).merge_cells("G3:G4")

    rows = [HEADING, ROW, OTHER, THIRD, (), ("KG-04", "回访", "李副市长", "市财政局", "", "台账", "6月底")]
    result = read_plan(changed(tmp_path, merge, ("任务", rows)), OPTIONS)
    assert [task.lead_body for task in result.tasks] == ["市审批局", "市审批局", "市审批局", "市财政局"]
    assert due_dates(result) == ["2022-05-31", "2022-10-31", "2022-09-30", "2022-09-30", "2022-06-30"]
    assert said(result, Severity.WARNING) == [
        ("任务", None, "牵头单位", "“牵头单位”有1处合并单元格（第2—4行），合并的内容用于其中每一行。"),
        ("任务", None, "完成时限", "“完成时限”有1处合并单元格（第3—4行），合并的内容用于其中每一行。"),
    ]
    assert result.plan is not None


def test_a_code_merged_over_several_rows_is_a_question_and_not_a_guess(tmp_path: Path) -> None:
    def merge(book: Workbook) -> None:
        first_sheet(book).merge_cells("A2:A3")

    result = read_plan(changed(tmp_path, merge, ("任务", [HEADING, ROW, OTHER])), OPTIONS)
    assert result.plan is None
    assert ("任务", 2, "编号", "编号合并了第2—3行，而每一行是一项任务。") in said(result, Severity.ERROR)


def test_cells_merged_across_columns_count_for_the_first_and_that_is_said(tmp_path: Path) -> None:
    def merge(book: Workbook) -> None:
        first_sheet(book).merge_cells("D2:E2")

    result = read_plan(changed(tmp_path, merge, ("任务", [HEADING, ROW])), OPTIONS)
    assert [(task.lead_body, task.supporting_bodies) for task in result.tasks] == [("市审批局", ())]
    assert said(result, Severity.WARNING) == [
        ("任务", 2, "牵头单位", "“牵头单位”与“配合单位”合并成一格，内容只算作“牵头单位”。")
    ]


def test_a_heading_of_two_rows_is_one_heading(tmp_path: Path) -> None:
    def merge(book: Workbook) -> None:
        for area in ("A2:A3", "B2:B3", "C2:C3", "D2:E2", "F2:F3", "G2:G3", "A1:G1"):
            first_sheet(book).merge_cells(area)

    upper = ("编号", "事项", "牵头领导", "责任分工", None, "成果形式", "完成时限")
    lower = (None, None, None, "牵头单位", "配合单位", None, None)
    result = read_plan(changed(tmp_path, merge, ("任务", [("任务表",), upper, lower, ROW])), OPTIONS)
    assert result.problems == ()
    assert [(task.code, task.lead_body) for task in result.tasks] == [("KG-01", "市审批局")]


def test_a_heading_divided_below_takes_no_task_from_its_lower_row(tmp_path: Path) -> None:
    def merge(book: Workbook) -> None:
        for area in ("A1:A2", "B1:B2", "C1:C2", "D1:D2", "E1:E2", "F1:F2", "G1:H1"):
            first_sheet(book).merge_cells(area)

    lower = (None, None, None, None, None, None, "节点", "说明")
    result = read_plan(changed(tmp_path, merge, ("任务", [HEADING, lower, (*ROW, "试行")])), OPTIONS)
    assert [task.code for task in result.tasks] == ["KG-01"]
    assert said(result, Severity.WARNING) == [("任务", None, None, "H列没有栏目名称，其中的内容没有采用。")]


def test_chapters_notes_sums_and_empty_rows_around_the_tasks_are_no_tasks(tmp_path: Path) -> None:
    def merge(book: Workbook) -> None:
        for row in (2, 8):
            first_sheet(book).merge_cells(f"A{row}:G{row}")

    rows = [
        HEADING,
        ("经济体制改革领域",),
        ROW,
        (),
        HEADING,
        OTHER,
        ("合计", "2项"),
        ("本表所列任务由督查室跟踪",),
        ("备注：以正式印发的为准",),
        ("填表人：李某", None, "审核人：王某", None, "日期：2022年4月1日"),
    ]
    result = read_plan(changed(tmp_path, merge, ("任务", rows)), OPTIONS)
    assert [task.code for task in result.tasks] == ["KG-01", "KG-02"]
    assert result.plan is not None
    assert [row for _, row, _, _ in said(result, Severity.WARNING)] == [2, 5, 7, 8, 9, 10]


def test_hidden_rows_are_tasks_like_any_other_and_named(tmp_path: Path) -> None:
    def hide(book: Workbook) -> None:
        for row in (3, 4):
            first_sheet(book).row_dimensions[row].hidden = True
        first_sheet(book).column_dimensions["D"].hidden = True

    result = read_plan(changed(tmp_path, hide, ("任务", [HEADING, ROW, OTHER, THIRD])), OPTIONS)
    assert [task.code for task in result.tasks] == ["KG-01", "KG-02", "KG-03"]
    assert said(result, Severity.WARNING) == [
        ("任务", None, None, "第3—4行是隐藏的（或被筛选掉的），照样当作任务。"),
        ("任务", None, None, "隐藏的“牵头单位”栏照样采用。"),
    ]


@pytest.mark.parametrize(
    ("value", "number_format", "due_on"),
    [
        (datetime(2022, 6, 30), "yyyy-mm-dd", "2022-06-30"),  # noqa: DTZ001 - Excel knows no zones
        (datetime(2022, 6, 30), 14, "2022-06-30"),  # noqa: DTZ001
        (datetime(2022, 6, 30), 31, "2022-06-30"),  # noqa: DTZ001
        (datetime(2022, 6, 30, 17), "yyyy/m/d h:mm", "2022-06-30"),  # noqa: DTZ001
        (datetime(2022, 6, 1), 'yyyy"年"m"月"', "2022-06-30"),  # noqa: DTZ001
        (datetime(2022, 6, 1), 57, "2022-06-30"),  # noqa: DTZ001
        (datetime(2022, 6, 1), "mmm-yy", "2022-06-30"),  # noqa: DTZ001
        (datetime(2022, 6, 30), 'm"月"d"日"', "2022-06-30"),  # noqa: DTZ001
        (datetime(2022, 6, 30), 58, "2022-06-30"),  # noqa: DTZ001
        (datetime(2022, 6, 30), '[$-804]yyyy"年"m"月"d"日";@', "2022-06-30"),  # noqa: DTZ001
        (20220630, "General", "2022-06-30"),
        (2022.6, "General", "2022-06-30"),
        ("2022年6月30日", "@", "2022-06-30"),
        ("２０２２年６月３０日", "@", "2022-06-30"),
        ("2022 年 6 月 30 日", "@", "2022-06-30"),
        (" 6\u00a0月\n底 ", "General", "2022-06-30"),
    ],
)
def test_a_date_is_read_as_the_cell_shows_it(
    tmp_path: Path, value: object, number_format: str | int, due_on: str
) -> None:
    result = read_plan(formatted(tmp_path, "完成时限", value, number_format), OPTIONS)
    assert (due_dates(result), result.problems) == ([due_on], ())


def test_a_day_of_another_year_behind_a_date_without_a_year_is_named(tmp_path: Path) -> None:
    typed_last_year = datetime(2021, 6, 30)  # noqa: DTZ001 - Excel knows no zones
    result = read_plan(formatted(tmp_path, "完成时限", typed_last_year, 'm"月"d"日"'), OPTIONS)
    assert due_dates(result) == ["2022-06-30"]
    problem = "单元格里的日期是2021-06-30，只显示“6月30日”，按显示的读作2022-06-30。"
    assert said(result, Severity.WARNING) == [("任务", 2, "完成时限", problem)]


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (44742, "这一格是数字，可能是日期2022-06-30，但没有设为日期格式。"),
        (2022.1, "这一格是小数，分不清是1月还是10月（10月输成数字会丢掉末尾的0）。"),
        (True, "看不懂这个时限，读不出日期。"),
    ],
)
def test_a_number_that_may_be_a_date_is_a_question_and_not_a_guess(tmp_path: Path, value: object, problem: str) -> None:
    result = read_plan(formatted(tmp_path, "完成时限", value, "General"), OPTIONS)
    assert said(result, Severity.ERROR) == [("任务", 2, "完成时限", problem)]


@pytest.mark.parametrize(
    ("value", "number_format", "code"), [(7, "General", "KG-7"), (7.0, "General", "KG-7"), (7, "000", "KG-007")]
)
def test_a_number_as_a_code_is_what_the_cell_shows(
    tmp_path: Path, value: object, number_format: str, code: str
) -> None:
    result = read_plan(formatted(tmp_path, "编号", value, number_format), OPTIONS)
    assert [task.code for task in result.tasks] == [code]


def test_a_formula_is_named_with_its_cell_and_remedy_and_nothing_else_is_said_of_it(tmp_path: Path) -> None:
    row = ("KG-01", "统一收件窗口", "李副市长", "市审批局", "", "实施方案", "=DATE(2022,6,30)")
    result = read_plan(workbook(tmp_path, ("任务", [HEADING, row, OTHER])), OPTIONS)
    (problem,) = [each for each in result.problems if each.severity is Severity.ERROR]
    assert (problem.sheet, problem.row, problem.column, problem.value) == ("任务", 2, "完成时限", "=DATE(2022,6,30)")
    assert "公式" in problem.problem
    assert "选择性粘贴—数值" in problem.suggestion


def test_what_a_formula_once_came_to_is_not_trusted(tmp_path: Path) -> None:
    path = workbook(tmp_path, ("任务", [HEADING, (*ROW[:3], '="市"&"财政局"', *ROW[4:])]))
    parts = parts_of(path)
    sheet = parts["xl/worksheets/sheet1.xml"]
    assert b"<v />" in sheet or b"<v></v>" in sheet or b"<v/>" in sheet
    for empty in (b"<v />", b"<v></v>", b"<v/>"):
        sheet = sheet.replace(empty, "<v>市教育局</v>".encode())
    sheet = sheet.replace(b'<c r="D2"', b'<c r="D2" t="str"')
    result = read_plan(packed(path, {**parts, "xl/worksheets/sheet1.xml": sheet}), OPTIONS)
    assert result.plan is None
    assert [(row, column) for _, row, column, _ in said(result, Severity.ERROR)] == [(2, "牵头单位")]


def test_a_formula_in_a_column_that_is_not_used_is_nobodys_concern(tmp_path: Path) -> None:
    rows = [(*HEADING, "剩余天数"), (*ROW, "=TODAY()-1"), ("合计", None, None, None, None, None, "=COUNTA(B2:B2)")]
    result = read_plan(workbook(tmp_path, ("任务", rows)), OPTIONS)
    assert [(row, column) for _, row, column, _ in said(result, Severity.WARNING)] == [(1, "剩余天数"), (3, None)]
    assert result.plan is not None


def test_an_error_value_is_named(tmp_path: Path) -> None:
    path = workbook(tmp_path, ("任务", [HEADING, (*ROW[:3], "#N/A", *ROW[4:])]))
    result = read_plan(path, OPTIONS)
    assert said(result, Severity.ERROR) == [("任务", 2, "牵头单位", "这一格是错误值。")]


def test_spaces_and_marks_from_a_pdf_change_no_name(tmp_path: Path) -> None:
    dirty = (
        "ＫＧ－０１",
        "统一\u200b收件\n窗口",
        "李副市长",
        "市 审 批 局",
        "市财政局、\u00a0市司法局",
        "实施方案",
        "６ 月 底",
    )
    result = read_plan(workbook(tmp_path, ("任务", [HEADING, dirty])), OPTIONS)
    (task,) = result.tasks
    assert (task.code, task.title, task.lead_body) == ("KG-01", "统一收件窗口", "市审批局")
    assert task.supporting_bodies == ("市财政局", "市司法局")
    assert (due_dates(result), result.problems) == (["2022-06-30"], ())


def test_a_control_character_is_refused_with_sheet_row_and_column(tmp_path: Path) -> None:
    path = workbook(tmp_path, ("任务", [HEADING, ("KG-01", "统一_x0007_收件", *ROW[2:])]))
    with pytest.raises(IntakeError, match=r"工作表“任务”第2行B列含有看不见的控制字符（U\+0007）"):
        read_plan(path, OPTIONS)


def test_a_text_that_begins_like_a_formula_is_a_text(tmp_path: Path) -> None:
    path = formatted(tmp_path, "成果形式", "实施方案", "@")
    parts = parts_of(path)
    texts = parts["xl/sharedStrings.xml"].replace("实施方案".encode(), b"=1+1")
    result = read_plan(packed(path, {**parts, "xl/sharedStrings.xml": texts}), OPTIONS)
    assert result.plan is not None
    assert result.plan.tasks[0].deliverable == "=1+1"


def test_a_workbook_in_which_nothing_is_shown_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(IntakeError, match="里没有内容"):
        read_plan(workbook(tmp_path, ("任务", []), ("Sheet2", [])), OPTIONS)


def test_rows_are_numbered_as_excel_numbers_them_where_rows_and_columns_are_empty(tmp_path: Path) -> None:
    path = workbook(tmp_path, ("任务", [(), (), (None, *HEADING), (), (None, *ROW), (), (None, *OTHER[:-1], "及时")]))
    result = read_plan(path, OPTIONS)
    assert [(row, column) for _, row, column, _ in said(result, Severity.ERROR)] == [(7, "完成时限")]
    source = read_workbook(path, path.read_bytes())
    assert [row.number for row in source.tables[0].rows] == [3, 5, 7]


def test_by_the_rule_the_first_of_the_supporting_bodies_leads_in_a_workbook_too(tmp_path: Path) -> None:
    heading = ("事项", "配合单位", "完成时限")
    options = OPTIONS.model_copy(update={"lead_rule": LeadRule.FIRST_LISTED})
    result = read_plan(workbook(tmp_path, ("任务", [heading, ("回访", "市财政局、市司法局", "6月底")])), options)
    assert [task.lead_body for task in result.tasks] == ["市财政局"]
