"""Headings as offices write them, in Chinese or English."""

import pytest

from duban.intake.problems import Severity
from duban.intake.sheets.columns import Field, field_of, missing_columns, read_heading


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("code", Field.CODE),
        ("编号", Field.CODE),
        ("序 号", Field.CODE),
        ("No.", Field.CODE),
        ("事项", Field.TITLE),
        ("改革事项", Field.TITLE),
        ("任务名称", Field.TITLE),
        ("牵头领导", Field.LEADER),
        ("牵头单位", Field.LEAD_BODY),
        ("牵 头\n单 位", Field.LEAD_BODY),
        ("　牵头单位　", Field.LEAD_BODY),
        ("*牵头单位", Field.LEAD_BODY),
        ("责任主体", Field.LEAD_BODY),
        ("Lead Body", Field.LEAD_BODY),
        ("lead_body", Field.LEAD_BODY),
        ("具体承办单位", Field.HANDLING_BODY),
        ("配合单位", Field.SUPPORTING_BODIES),
        ("责任部门", Field.SUPPORTING_BODIES),
        ("任务措施", Field.MEASURES),
        ("工作举措", Field.MEASURES),
        ("成果形式", Field.DELIVERABLE),
        ("完成时限", Field.DEADLINE),
        ("完成时限（年/月）", Field.DEADLINE),
        ("【完成时限】", Field.DEADLINE),
        ("截止日期", Field.DEADLINE),
        ("Due Date", Field.DEADLINE),
        ("所属清单", Field.LIST_KINDS),
        ("上级决策", Field.DECIDED_ABOVE),
        ("已完成节点", Field.MILESTONES_MET),
        ("已提醒", Field.REMINDERS_GIVEN),
        ("完成时限ISO", None),
        ("备注", None),
    ],
)
def test_a_heading_names_its_field_however_it_is_spaced_bracketed_or_starred(heading: str, field: Field | None) -> None:
    assert field_of(heading) is field


def test_a_column_that_is_not_known_is_named_and_not_used() -> None:
    columns, problems = read_heading(["事项", "牵头单位", "完成时限", "完成时限ISO", ""], 1, None)
    assert set(columns.places) == {Field.TITLE, Field.LEAD_BODY, Field.DEADLINE}
    assert [(problem.severity, problem.row, problem.column) for problem in problems] == [
        (Severity.WARNING, 1, "完成时限ISO")
    ]


def test_of_two_columns_for_one_field_the_more_telling_is_used() -> None:
    columns, problems = read_heading(["序号", "编号", "事项", "牵头单位", "完成时限"], 1, None)
    assert columns.heading(Field.CODE) == "编号"
    assert [problem.column for problem in problems] == ["序号"]


def test_responsible_bodies_lead_unless_another_column_names_who_leads() -> None:
    alone, _ = read_heading(["事项", "责任单位", "完成时限"], 1, None)
    beside, _ = read_heading(["事项", "牵头单位", "责任单位", "完成时限"], 1, None)
    assert alone.heading(Field.LEAD_BODY) == "责任单位"
    assert (beside.heading(Field.LEAD_BODY), beside.heading(Field.SUPPORTING_BODIES)) == ("牵头单位", "责任单位")


def test_a_missing_column_is_an_error_that_lists_the_headings_accepted() -> None:
    columns, _ = read_heading(["事项", "配合单位"], 3, None)
    problems = missing_columns(columns, 3, None, lead_may_be_first_supporting=False)
    assert [(problem.severity, problem.row, problem.column) for problem in problems] == [
        (Severity.ERROR, 3, "牵头单位"),
        (Severity.ERROR, 3, "完成时限"),
    ]
    assert "截止日期" in problems[1].suggestion
    by_rule = missing_columns(columns, 3, None, lead_may_be_first_supporting=True)
    assert [problem.column for problem in by_rule] == ["完成时限"]
