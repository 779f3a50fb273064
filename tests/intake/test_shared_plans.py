"""The real plans beside the checkout: every date of every deadline."""

import csv
from datetime import date
from pathlib import Path

import pytest

from duban.intake.options import IntakeOptions, IntakeResult, LeadRule
from duban.intake.problems import Severity
from duban.intake.reading import read_plan
from duban.supervision.plans.plan import ReportCycle

PLANS = Path(__file__).resolve().parents[3] / "shared" / "plans"
ISSUED_ON = {
    "baotou-2022": date(2022, 4, 14),
    "guangzhou-2012": date(2012, 5, 1),
    "employment-2018": date(2018, 11, 16),
}
OF_THE_WHOLE_PLAN = {"GZRC-01"}

pytestmark = pytest.mark.skipif(not PLANS.is_dir(), reason="公开方案样本（../shared/plans）不在这台机器上")


def read(name: str, *, by_rule: bool = True) -> IntakeResult:
    options = IntakeOptions(
        issued_on=ISSUED_ON[name],
        lead_rule=LeadRule.FIRST_LISTED if by_rule else None,
        open_ended_report=ReportCycle.QUARTERLY if by_rule else None,
    )
    return read_plan(PLANS / f"{name}.csv", options)


@pytest.mark.parametrize("name", ISSUED_ON)
def test_every_date_of_a_real_plan_is_read_and_none_is_added(name: str) -> None:
    with (PLANS / f"{name}.deadlines.csv").open(encoding="utf-8-sig", newline="") as answers:
        expected = {(row["code"], row["原文"], row["ISO"]) for row in csv.DictReader(answers) if row["ISO"]}
    result = read(name)
    assert result.plan is not None
    assert {(task.code, node.phrase, node.due_on.isoformat()) for task in result.tasks for node in task.milestones} == {
        answer for answer in expected if answer[0] not in OF_THE_WHOLE_PLAN
    }


@pytest.mark.parametrize(("name", "tasks"), [("baotou-2022", 90), ("guangzhou-2012", 44), ("employment-2018", 15)])
def test_a_real_plan_has_all_its_tasks_and_the_answers_are_not_used(name: str, tasks: int) -> None:
    result = read(name)
    assert len(result.tasks) == tasks
    assert [(each.severity, each.row) for each in result.problems if each.column == "完成时限ISO"] == [
        (Severity.WARNING, 1)
    ]


def test_what_was_due_before_the_plan_was_issued_is_named() -> None:
    assert [each.row for each in read("baotou-2022").problems if "早于印发日期" in each.problem] == [10]


def test_where_no_body_leads_the_first_supporting_one_does() -> None:
    task = next(task for task in read("employment-2018").tasks if task.code == "JY-十四")
    assert (task.lead_body, task.supporting_bodies) == ("各有关部门和单位", ("各省级人民政府",))


def test_without_the_rules_the_same_plan_is_refused_with_every_open_question() -> None:
    result = read("employment-2018", by_rule=False)
    assert result.plan is None
    leaderless = [each.row for each in result.problems if each.problem == "没有写明牵头单位。"]
    assert leaderless == [14, 15, 16]
