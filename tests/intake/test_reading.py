"""A plan file as a whole: what becomes a task, and everything that is said at once about what does not."""

from datetime import date
from pathlib import Path

import pytest

from duban.intake.options import IntakeOptions, IntakeResult, LeadRule
from duban.intake.problems import Severity
from duban.intake.reading import read_plan
from duban.supervision.plans.plan import GivenReminder, Level, ListKind, MilestoneKind, ReportCycle

ISSUED_ON = date(2022, 4, 14)
STRICT = IntakeOptions(code="KG", title="收件改革方案", issued_on=ISSUED_ON)
LENIENT = STRICT.model_copy(update={"lead_rule": LeadRule.FIRST_LISTED, "open_ended_report": ReportCycle.QUARTERLY})
HEADING = "编号,事项,牵头领导,牵头单位,配合单位,成果形式,完成时限"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def result_of(folder: Path, *rows: str, heading: str = HEADING, options: IntakeOptions = STRICT) -> IntakeResult:
    path = folder / "收件改革.csv"
    path.write_text("\n".join([heading, *rows, ""]), encoding="utf-8")
    return read_plan(path, options)


def said(result: IntakeResult, severity: Severity) -> list[tuple[int | None, str | None, str]]:
    return [(each.row, each.column, each.problem) for each in result.problems if each.severity is severity]


def test_a_plan_without_faults_is_read_whole(folder: Path) -> None:
    result = result_of(
        folder, "KG-01,统一收件窗口,李副市长,市审批局,市财政局、市司法局,实施方案,5月底前报送方案；10月底完成"
    )
    assert result.problems == ()
    assert result.plan is not None
    assert (result.plan.code, result.plan.title, result.plan.issued_on) == ("KG", "收件改革方案", ISSUED_ON)
    (task,) = result.plan.tasks
    assert (task.code, task.title, task.leader, task.lead_body) == ("KG-01", "统一收件窗口", "李副市长", "市审批局")
    assert task.supporting_bodies == ("市财政局", "市司法局")
    assert [(node.number, node.phrase, node.due_on, node.kind) for node in task.milestones] == [
        (1, "5月底前报送方案", date(2022, 5, 31), MilestoneKind.SUBMIT_PLAN),
        (2, "10月底完成", date(2022, 10, 31), MilestoneKind.COMPLETED),
    ]
    assert not task.open_ended


def test_every_problem_of_every_row_is_named_at_once(folder: Path) -> None:
    result = result_of(
        folder,
        "KG-01,统一收件窗口,李副市长,,,实施方案,6月底",
        "KG-02,,李副市长,市审批局,,实施方案,2月30日",
        "KG-01,电子印章,李副市长,市审批局、市财政局,,实施方案,尽快",
        "KG-04,缴费进窗口,李副市长,市财政局,,实施方案,",
        "KG-05,回访,李副市长,市财政局,,实施方案,持续推进",
    )
    assert result.plan is None
    assert [task.title for task in result.tasks] == ["统一收件窗口", "", "电子印章", "缴费进窗口", "回访"]
    assert said(result, Severity.ERROR) == [
        (2, "牵头单位", "没有写明牵头单位。"),
        (3, "完成时限", "2022年2月没有30日。"),
        (3, "事项", "事项是空的。"),
        (4, "编号", "编号“KG-01”与第2行重复。"),
        (4, "牵头单位", "牵头单位一栏列了2个单位，没有写明由谁牵头。"),
        (4, "完成时限", "“尽快”不是日期，需要写明日期。"),
        (5, "完成时限", "没有写完成时限。"),
        (6, "完成时限", "没有完成日期，只说持续推进或按周期进行。"),
    ]
    assert [problem.value for problem in result.problems if problem.row == 3] == ["2月30日", ""]
    assert all(problem.sheet is None and problem.suggestion.endswith("。") for problem in result.problems)


def test_by_the_rule_the_first_listed_body_leads(folder: Path) -> None:
    result = result_of(
        folder,
        "KG-01,统一收件窗口,李副市长,市审批局、市财政局,市司法局,方案,6月底",
        "KG-02,电子印章,李副市长,,市公安局、市财政局,方案,6月底",
        "KG-03,缴费进窗口,李副市长,市财政局牵头、市审批局配合,,方案,6月底",
        options=LENIENT,
    )
    assert [(task.lead_body, task.supporting_bodies) for task in result.tasks] == [
        ("市审批局", ("市财政局", "市司法局")),
        ("市公安局", ("市财政局",)),
        ("市财政局", ("市审批局",)),
    ]
    assert result.plan is not None


def test_a_cell_that_says_who_leads_needs_no_rule(folder: Path) -> None:
    result = result_of(folder, "KG-01,统一收件窗口,李副市长,市财政局、市审批局（牵头）,,方案,6月底")
    assert [(task.lead_body, task.supporting_bodies) for task in result.tasks] == [("市审批局", ("市财政局",))]
    assert result.problems == ()


def test_a_row_that_nobody_can_lead_is_an_error_even_under_the_rule(folder: Path) -> None:
    result = result_of(folder, "KG-01,统一收件窗口,李副市长,,,方案,6月底", options=LENIENT)
    assert said(result, Severity.ERROR) == [(2, "牵头单位", "没有写明牵头单位。")]


def test_by_the_rule_rows_without_an_end_are_reported_on_in_its_cycle(folder: Path) -> None:
    result = result_of(
        folder,
        "KG-01,回访,李副市长,市财政局,,台账,",
        "KG-02,巡检,李副市长,市财政局,,台账,持续推进",
        "KG-03,培训,李副市长,市财政局,,台账,每年",
        "KG-04,补贴,李副市长,市财政局,,台账,从2023年1月1日起",
        "KG-05,扩围,李副市长,市财政局,,台账,5月底取得成效并持续推进",
        "KG-06,办结,李副市长,市财政局,,台账,5月底",
        options=LENIENT,
    )
    assert result.plan is not None
    assert [(task.open_ended, task.report_cycle) for task in result.plan.tasks] == [
        *[(True, ReportCycle.QUARTERLY)] * 5,
        (False, None),
    ]
    assert [len(task.milestones) for task in result.plan.tasks] == [0, 0, 0, 0, 1, 1]
    assert result.plan.tasks[4].milestones[0].kind is MilestoneKind.OTHER


def test_a_vague_deadline_is_an_error_even_under_the_rules(folder: Path) -> None:
    result = result_of(folder, "KG-01,回访,李副市长,市财政局,,台账,及时", options=LENIENT)
    assert said(result, Severity.ERROR) == [(2, "完成时限", "“及时”不是日期，需要写明日期。")]


def test_going_on_after_a_date_without_a_cycle_is_a_warning(folder: Path) -> None:
    result = result_of(folder, "KG-01,扩围,李副市长,市财政局,,台账,5月底取得成效并持续推进")
    assert result.plan is not None
    assert said(result, Severity.WARNING) == [(2, "完成时限", "节点之后还要持续推进，但没有约定报告周期。")]


def test_an_empty_column_is_one_warning_and_an_empty_cell_one_for_its_row(folder: Path) -> None:
    result = result_of(
        folder, "KG-01,回访,,市财政局,,台账,5月底", "KG-02,巡检,,市财政局,,,5月底", "KG-03,培训,,市财政局,,台账,5月底"
    )
    assert result.plan is not None
    assert said(result, Severity.WARNING) == [
        (None, "牵头领导", "“牵头领导”一栏全部是空的。"),
        (3, "成果形式", "“成果形式”没有填。"),
    ]


def test_a_deadline_before_the_day_of_issue_is_a_warning(folder: Path) -> None:
    result = result_of(folder, "KG-01,回访,李副市长,市财政局,,台账,3月底")
    assert result.plan is not None
    assert said(result, Severity.WARNING) == [
        (2, "完成时限", "时限2022-03-31早于印发日期2022-04-14，印发当天就已逾期。")
    ]


def test_codes_are_put_under_the_plans_and_missing_ones_numbered(folder: Path) -> None:
    result = result_of(
        folder,
        "01,回访,李副市长,市财政局,,台账,5月底",
        ",巡检,李副市长,市财政局,,台账,5月底",
        "KG-03,培训,李副市长,市财政局,,台账,5月底",
    )
    assert [task.code for task in result.tasks] == ["KG-01", "KG-02", "KG-03"]
    assert said(result, Severity.WARNING) == [(3, "编号", "没有编号，暂编为“KG-02”。")]


def test_without_a_code_column_the_rows_are_numbered_without_a_word(folder: Path) -> None:
    result = result_of(folder, "回访,李副市长,市财政局,台账,5月底", heading="事项,牵头领导,牵头单位,成果形式,完成时限")
    assert [task.code for task in result.tasks] == ["KG-01"]
    assert result.problems == ()


def test_the_plans_code_and_title_may_come_from_the_file(folder: Path) -> None:
    options = IntakeOptions(issued_on=ISSUED_ON)
    rows = ("JX-一,回访,李副市长,市财政局,,台账,5月底", "JX-十二,巡检,李副市长,市财政局,,台账,5月底")
    result = result_of(folder, *rows, options=options)
    assert result.plan is not None
    assert (result.plan.code, result.plan.title) == ("JX", "收件改革")


def test_a_code_that_cannot_name_a_workflow_is_an_error(folder: Path) -> None:
    result = result_of(folder, "KG/01,回访,李副市长,市财政局,,台账,5月底")
    assert [(row, column) for row, column, _ in said(result, Severity.ERROR)] == [(2, "编号")]


def test_a_title_above_the_heading_and_chapter_rows_are_no_tasks(folder: Path) -> None:
    result = result_of(
        folder,
        HEADING,
        "一、优化收件,,,,,,",
        "KG-01,回访,李副市长,市财政局,,台账,5月底",
        heading="收件改革任务分工表,,,,,,",
    )
    assert [task.title for task in result.tasks] == ["回访"]
    assert said(result, Severity.WARNING) == [(3, None, "这一行是标题、表头、合计或备注，没有当作任务。")]
    assert result.plan is not None


@pytest.mark.parametrize(
    "row",
    [HEADING, "合计,2项,,,,,", "备注：本表由督查室解释,,,,,,", "填表人: 李某,,,,,,"],
    ids=["heading", "sum", "note", "author"],
)
def test_a_heading_again_a_sum_and_a_note_are_no_tasks_and_that_is_said(folder: Path, row: str) -> None:
    result = result_of(folder, "KG-01,回访,李副市长,市财政局,,台账,5月底", row)
    assert [task.title for task in result.tasks] == ["回访"]
    assert result.plan is not None
    assert said(result, Severity.WARNING) == [(3, None, "这一行是标题、表头、合计或备注，没有当作任务。")]


def test_a_mark_for_nothing_is_no_body_and_ditto_is_not_understood(folder: Path) -> None:
    result = result_of(
        folder,
        "KG-01,回访,李副市长,市财政局,无,台账,5月底",
        "KG-02,巡检,李副市长,同上,/,台账,5月底",
    )
    assert [(task.lead_body, task.supporting_bodies) for task in result.tasks] == [("市财政局", ()), ("", ())]
    assert said(result, Severity.ERROR) == [(3, "牵头单位", "没有写明牵头单位。")]


def test_of_two_that_are_said_to_lead_the_first_leads_by_the_rule_and_nobody_without_it(folder: Path) -> None:
    row = "KG-01,回访,李副市长,市司法局、市审批局（牵头）、市财政局（牵头）,,台账,5月底"
    (task,) = result_of(folder, row, options=LENIENT).tasks
    assert (task.lead_body, task.supporting_bodies) == ("市审批局", ("市司法局", "市财政局"))
    assert said(result_of(folder, row), Severity.ERROR) == [
        (2, "牵头单位", "牵头单位一栏列了2个单位，没有写明由谁牵头。")
    ]


def test_a_row_with_more_cells_than_the_heading_may_be_shifted(folder: Path) -> None:
    result = result_of(folder, "KG-01,回访,李副市长,市财政局,,台账,5月底,多出的,,")
    assert said(result, Severity.ERROR) == [(2, None, "这一行比表头多出1格内容，各栏可能错位。")]


def test_a_cell_that_no_spreadsheet_could_hold_is_an_error(folder: Path) -> None:
    result = result_of(folder, f"KG-01,回访,李副市长,市财政局,,{'长' * 32_768},5月底")
    assert said(result, Severity.ERROR) == [(2, "成果形式", "单元格有32768个字符，超过32767的上限。")]
    assert len(result.problems[0].value) < 300


@pytest.mark.parametrize(
    ("heading", "problem"),
    [
        (HEADING, "只有表头，没有任务。"),
        ("甲,乙,丙", "找不到表头。"),
        ("编号,事项,牵头单位", "缺少“完成时限”一栏。"),
    ],
)
def test_a_file_without_heading_column_or_tasks_is_an_error(folder: Path, heading: str, problem: str) -> None:
    result = result_of(folder, heading=heading)
    assert problem in [text for _, _, text in said(result, Severity.ERROR)]
    assert result.plan is None


def test_bodies_go_by_the_organisations_names_and_unknown_ones_are_named_once(folder: Path) -> None:
    options = STRICT.model_copy(update={"known_bodies": {"市财政局": "市财政局", "财政局": "市财政局"}})
    result = result_of(
        folder,
        "KG-01,回访,李副市长,财政局,市财征局,台账,5月底",
        "KG-02,巡检,李副市长,市财政局,市财征局,台账,5月底",
        options=options,
    )
    assert [task.lead_body for task in result.tasks] == ["市财政局", "市财政局"]
    assert said(result, Severity.WARNING) == [(2, "配合单位", "组织机构里没有“市财征局”。")]
    assert "市财政局" in result.problems[0].suggestion


def test_a_plan_taken_over_half_way_brings_what_was_met_and_what_was_reminded(folder: Path) -> None:
    result = result_of(
        folder,
        "回访,李副市长,市财政局,台账,3月底；6月底；9月底,3月底：2022-03-28（收件〔2022〕3号）；2=2022-06-20,"
        "电话2022-05-16、书面2022年5月31日,年度、试点,是",
        heading="事项,牵头领导,牵头单位,成果形式,完成时限,已完成节点,已提醒,所属清单,上级决策",
    )
    assert result.problems == ()
    assert result.plan is not None
    (task,) = result.plan.tasks
    assert [(node.met_on, node.evidence) for node in task.milestones] == [
        (date(2022, 3, 28), "收件〔2022〕3号"),
        (date(2022, 6, 20), ""),
        (None, ""),
    ]
    assert task.reminders_given == (
        GivenReminder(level=Level.PHONE, given_on=date(2022, 5, 16)),
        GivenReminder(level=Level.WRITTEN, given_on=date(2022, 5, 31)),
    )
    assert task.list_kinds == (ListKind.ANNUAL, ListKind.PILOT)
    assert task.decided_above


def test_what_was_met_before_must_be_a_milestone_of_the_task(folder: Path) -> None:
    result = result_of(
        folder,
        "回访,李副市长,市财政局,台账,6月底,5月底,短信2022-05-16,红色清单,也许",
        heading="事项,牵头领导,牵头单位,成果形式,完成时限,已完成节点,已提醒,所属清单,上级决策",
    )
    assert said(result, Severity.ERROR) == [
        (2, "已完成节点", "完成时限里没有2022-05-31的节点（已有：2022-06-30）。"),
        (2, "已提醒", "“短信2022-05-16”读不出提醒级别和日期。"),
    ]
    assert [column for _, column, _ in said(result, Severity.WARNING)] == ["所属清单", "上级决策"]
