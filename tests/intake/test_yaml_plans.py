"""A plan in YAML: the options at its top, the six fields under Chinese or English keys, every problem with its line."""

from datetime import date
from pathlib import Path

import pytest

from duban.intake import IntakeOptions, IntakeResult, Severity, read_plan
from duban.intake.files.files import read_source

OPTIONS = IntakeOptions(code="KG", title="收件改革方案", issued_on=date(2022, 4, 14))


def written(folder: Path, text: str) -> Path:
    path = folder / "收件改革.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def result_of(folder: Path, *tasks: str) -> IntakeResult:
    return read_plan(written(folder, "tasks:\n" + "\n".join(tasks) + "\n"), OPTIONS)


def said(result: IntakeResult, severity: Severity = Severity.ERROR) -> list[tuple[int | None, str | None, str]]:
    return [(each.row, each.column, each.problem) for each in result.problems if each.severity is severity]


CHINESE = """
- {编号: KG-01, 事项: 统一收件窗口, 牵头领导: 李副市长, 牵头单位: 市审批局, 配合单位: [市财政局, 市司法局],
   成果形式: 实施方案, 完成时限: 10月底完成, 节点: [5月底前报送方案]}
"""
ENGLISH = """
- code: KG-01
  title: 统一收件窗口
  leader: 李副市长
  lead_body: 市审批局
  supporting_bodies:
    - 市财政局
    - 市司法局
  deliverable: 实施方案
  milestones:
    - 5月底前报送方案
    - 10月底完成
"""
TEXT = """
- code: KG-01
  title: |
    统一收件窗口
  leader: 李副市长
  lead body: 市审批局
  supporting bodies: 市财政局、市司法局
  deliverable: 实施方案
  deadline: 5月底前报送方案；10月底完成
"""


@pytest.mark.parametrize("task", [CHINESE, ENGLISH, TEXT], ids=["Chinese", "English", "text"])
def test_a_task_is_read_whether_its_keys_are_chinese_or_english_and_its_values_lists_or_text(
    tmp_path: Path, task: str
) -> None:
    result = result_of(tmp_path, task)
    assert result.problems == ()
    assert result.plan is not None
    (read,) = result.plan.tasks
    assert (read.code, read.title, read.lead_body) == ("KG-01", "统一收件窗口", "市审批局")
    assert read.supporting_bodies == ("市财政局", "市司法局")
    assert read.deadline_text == "5月底前报送方案；10月底完成"
    assert [str(node.due_on) for node in read.milestones] == ["2022-05-31", "2022-10-31"]


def test_nothing_is_made_of_a_value_but_its_text(tmp_path: Path) -> None:
    result = result_of(
        tmp_path,
        "- {编号: 01, 事项: 2022, 牵头领导: no, 牵头单位: 1e3, 成果形式: ~, 完成时限: 2022-06-30, 上级决策: 是}",
    )
    (task,) = result.tasks
    assert (task.code, task.title, task.lead_body) == ("KG-01", "2022", "1e3")
    assert [str(node.due_on) for node in task.milestones] == ["2022-06-30"]
    assert said(result, Severity.WARNING) == [(None, "成果形式", "“成果形式”一栏全部是空的。")]


def test_tasks_may_spell_the_same_field_in_different_ways(tmp_path: Path) -> None:
    result = result_of(
        tmp_path,
        "- {事项: 甲, 牵头领导: 张, 牵头单位: 市财政局, 成果形式: 文件, 完成时限: 6月底}",
        "- {title: 乙, leader: 李, lead_body: 市司法局, deliverable: 文件, deadline: 7月底}",
    )
    assert result.problems == ()
    assert [(task.title, task.lead_body) for task in result.tasks] == [("甲", "市财政局"), ("乙", "市司法局")]


def test_a_field_under_two_names_in_one_task_is_named_and_one_of_them_used(tmp_path: Path) -> None:
    result = result_of(
        tmp_path,
        "- {事项: 甲, 牵头领导: 张, 牵头单位: 市财政局, 成果形式: 文件, 完成时限: 6月底, deadline: 7月底}",
    )
    assert [str(node.due_on) for task in result.tasks for node in task.milestones] == ["2022-06-30"]
    assert said(result, Severity.WARNING) == [(2, "deadline", "“deadline”与“完成时限”是同一项内容，没有采用。")]


def test_a_problem_stands_in_the_line_of_its_key(tmp_path: Path) -> None:
    result = result_of(
        tmp_path,
        "- 编号: KG-01",
        "  事项: 甲",
        "  牵头领导: 张",
        "  牵头单位: 市财政局",
        "  成果形式: 文件",
        "  完成时限: 及时",
        "- 编号: KG-01",
        "  牵头单位: 市财政局",
        "  备注: 无",
        "  完成时限: 6月底",
    )
    assert said(result) == [
        (7, "完成时限", "“及时”不是日期，需要写明日期。"),
        (8, "编号", "编号“KG-01”与第2行重复。"),
        (8, "事项", "事项是空的。"),
    ]
    assert (10, "备注", "不认识“备注”这一栏，没有采用。") in said(result, Severity.WARNING)


def test_the_plan_states_its_options_and_an_unknown_one_is_an_error(tmp_path: Path) -> None:
    stated = "方案编号: GG\ntitle: 收件\nlead-rule: first-listed\nissued: 2022-04-14\n"
    path = written(tmp_path, stated + "tasks:\n- {事项: 甲, 牵头单位: 市财政局, 完成时限: 6月底}\n")
    source = read_source(path)
    assert {name: (stated.text, stated.line) for name, stated in source.stated.items()} == {
        "code": ("GG", 1),
        "title": ("收件", 2),
        "lead_rule": ("first-listed", 3),
    }
    assert said(read_plan(path, OPTIONS)) == [(4, "issued", "不认识“issued”。")]


@pytest.mark.parametrize("task", ["- 甲", "- [甲, 乙]", "- {事项: {名称: 甲}}", "- {完成时限: [[6月底]]}"])
def test_a_task_that_is_none_is_refused_with_its_line(tmp_path: Path, task: str) -> None:
    with pytest.raises(Exception, match=r"方案文件“收件改革.yaml”第2行"):
        result_of(tmp_path, task)


def test_a_plan_without_tasks_is_an_error(tmp_path: Path) -> None:
    result = read_plan(written(tmp_path, "tasks: []\n"), OPTIONS)
    assert "只有表头，没有任务。" in [problem for _, _, problem in said(result)]
