"""A year ahead: what comes round and what a plan sets off, on exact days, for both sides."""

from datetime import date, datetime

import pytest

from duban.supervision.bodies.organisation import Organisation
from duban.supervision.clauses import Source
from duban.supervision.foresight.rehearsal import ForeseenNotice, rehearse
from duban.supervision.foresight.undertakings import Office, Side
from duban.supervision.foresight.year_ahead import YearAhead, year_ahead
from duban.supervision.plans.plan import PlanDefinition, PlannedMilestone, TaskDefinition
from duban.supervision.reckoning.evaluation import EvaluationScope
from duban.supervision.rules.policy import Policy
from duban.supervision.tasks.entries import NoticeKind
from tests.supervision.offices import CULTURE, ECONOMY, OFFICE, ORGANISATION, RHYTHMS, office, office_of, rulebook


def day(text: str) -> date:
    return date.fromisoformat(text)


PLAN = PlanDefinition(
    code="T",
    title="方案",
    issued_on=day("2023-02-01"),
    tasks=(
        TaskDefinition(
            code="T-1",
            title="甲事",
            lead_body="市财政局",
            handling_body="市国库中心",
            milestones=(PlannedMilestone(number=1, phrase="6月底", due_on=day("2023-06-30")),),
        ),
        TaskDefinition(
            code="T-2",
            title="乙事",
            lead_body="市民政局",
            milestones=(PlannedMilestone(number=1, phrase="10月底", due_on=day("2023-10-31")),),
        ),
    ),
)


def issued(found: Office, plan: PlanDefinition = PLAN) -> datetime:
    return found.calendar.office_moment(plan.issued_on, 0)


def of_2023(*rhythms: str, plan: PlanDefinition | None = None, organisation: Organisation = ORGANISATION) -> YearAhead:
    found = office(*rhythms, organisation=organisation)
    return year_ahead(found, day("2023-01-01"), day("2023-12-31"), plan, issued(found) if plan else None)


def test_each_special_group_reports_each_quarter_and_the_last_days_follow_from_the_day_of_opening() -> None:
    found = of_2023("reports")

    assert [(item.period, item.opens_on.isoformat(), item.owed_by) for item in found.items] == [
        ("2022-Q4", "2023-01-03", CULTURE), ("2022-Q4", "2023-01-03", ECONOMY),
        ("2023-Q1", "2023-03-31", CULTURE), ("2023-Q1", "2023-03-31", ECONOMY),
        ("2023-Q2", "2023-06-30", CULTURE), ("2023-Q2", "2023-06-30", ECONOMY),
        ("2023-Q3", "2023-10-07", CULTURE), ("2023-Q3", "2023-10-07", ECONOMY),
    ]  # fmt: skip
    first_quarter = found.items[2]
    assert first_quarter.title == "2023年第一季度专项小组季报"
    assert [(step.title, step.owed_by, str(step.due_on)) for step in first_quarter.steps] == [
        ("报送报告", CULTURE, "2023-04-10"),  # five working days after the opening; the 5th is a holiday
        ("审核报告", OFFICE, "2023-04-20"),
    ]


def test_what_nobody_takes_is_told_announced_and_chased_on_exact_days() -> None:
    found = of_2023("reports")

    own = [one for one in found.notices if one.recipient == ECONOMY and "2023-Q1" in one.task_code]
    assert [(one.kind, str(one.deliver_on), one.issuer) for one in own][:4] == [
        (NoticeKind.REQUEST, "2023-03-31", OFFICE),
        (NoticeKind.ADVANCE_NOTICE, "2023-04-06", OFFICE),  # two working days before
        (NoticeKind.CHASE, "2023-04-11", OFFICE),
        (NoticeKind.CHASE, "2023-04-18", OFFICE),  # and every five working days
    ]
    assert {one.side for one in own} == {Side.SUPERVISING}
    owed = [duty for duty in found.duties if duty.owed_by == ECONOMY and "2023-Q1" in duty.task_code]
    assert [(duty.what, duty.duty, str(duty.asked_on), str(duty.due_on)) for duty in owed] == [
        ("报送报告", "step", "2023-03-31", "2023-04-10")
    ]


def test_twice_a_year_is_one_item_whose_last_days_are_spread_over_the_year() -> None:
    found = of_2023("inspections")

    assert [(item.title, item.owed_by, str(item.opens_on)) for item in found.items] == [
        ("2023年全面督察", OFFICE, "2023-01-03")
    ]
    assert [(step.title, str(step.due_on)) for step in found.items[0].steps] == [
        ("开展督察（第1次，共2次）", "2023-06-30"),
        ("开展督察（第2次，共2次）", "2023-12-31"),
    ]


def test_what_comes_round_for_each_task_and_plan_is_opened_for_those_of_the_plan() -> None:
    found = of_2023(plan=PLAN)

    by_rhythm = {
        key: [(item.owed_by, item.concerns, str(item.opens_on)) for item in found.items if item.rhythm == key]
        for key in ("stocktaking", "evaluations")
    }
    assert by_rhythm == {
        "stocktaking": [("市财政局", ("T-1",), "2023-12-01"), ("市民政局", ("T-2",), "2023-12-01")],
        "evaluations": [(OFFICE, ("T",), "2023-06-30")],
    }
    assert {item.owed_by: item.side for item in found.items if item.rhythm == "stocktaking"} == {
        "市财政局": Side.SUPERVISED,
        "市民政局": Side.SUPERVISED,
    }


def test_a_plan_is_not_at_hand_before_it_is_issued() -> None:
    late = PLAN.model_copy(update={"issued_on": day("2023-07-03")})
    found = office("evaluations")

    ahead = year_ahead(found, day("2023-01-01"), day("2023-12-31"), late, issued(found, late))

    assert ahead.items == ()


def test_a_rhythm_that_keeps_to_the_scope_of_evaluation_is_rehearsed_for_plans_in_it() -> None:
    scope = EvaluationScope(docking=True, source=Source(assumed=True))
    rhythm = RHYTHMS["evaluations"].model_copy(update={"in_scope": True})
    rules = rulebook("evaluations").model_copy(update={"rhythms": {"evaluations": rhythm}, "evaluation": scope})
    found = office_of(rules)
    for docks, concerned in (("", []), ("省方案", [("T",)])):
        plan = PLAN.model_copy(update={"docks": docks})
        ahead = year_ahead(found, day("2023-01-01"), day("2023-12-31"), plan, issued(found, plan))
        assert [item.concerns for item in ahead.items] == concerned


def test_both_sides_have_their_duties_on_a_task_of_the_plan() -> None:
    found = of_2023("inspections", plan=PLAN)

    own = [duty for duty in found.duties if duty.task_code == "T-1"]
    assert ("节点：6月底", "市国库中心", "2023-06-30", Side.SUPERVISED) in [
        (duty.what, duty.owed_by, str(duty.due_on), duty.side) for duty in own
    ]
    call = next(duty for duty in own if duty.duty == "call_record")
    assert (call.owed_by, call.side, str(call.asked_on), str(call.due_on)) == (
        OFFICE,
        Side.SUPERVISING,
        "2023-07-17",
        "2023-07-19",
    )


def test_the_rehearsal_of_a_plan_without_rhythms_is_what_it_was() -> None:
    found = office("inspections")
    policy = Policy(regime=found.rulebook.regime, calendar=found.calendar)
    until = found.calendar.zone.at(day("2023-12-31"), 24 * 60)

    ahead = of_2023("inspections", plan=PLAN)

    of_plan = [
        ForeseenNotice(**{name: getattr(one, name) for name in ForeseenNotice.model_fields})
        for one in ahead.notices
        if not one.rhythm
    ]
    assert tuple(of_plan) == rehearse(PLAN, ORGANISATION, policy, issued(found), until)
    assert of_plan


def test_only_the_days_asked_for_are_shown() -> None:
    found = office("reports")

    ahead = year_ahead(found, day("2023-04-01"), day("2023-09-30"))

    assert {item.period for item in ahead.items} == {"2023-Q2"}
    days = [*(duty.due_on for duty in ahead.duties), *(one.deliver_on for one in ahead.notices)]
    assert min(days) >= day("2023-04-01")
    assert max(days) <= day("2023-09-30")


@pytest.mark.parametrize(
    ("rhythm", "reason"),
    [
        ("stocktaking", "逐任务开展，给出方案文件才能演练"),
        ("evaluations", "逐方案开展，给出方案文件才能演练"),
        ("reports", "没有指明哪个单位担任“专项小组”（机构文件 roles 的 special_group）"),
    ],
)
def test_what_cannot_be_rehearsed_is_named_with_its_reason(rhythm: str, reason: str) -> None:
    without_groups = ORGANISATION.model_copy(update={"roles": {"reform_office": OFFICE}})

    found = of_2023(rhythm, organisation=without_groups)

    assert [one.reason for one in found.left_out] == [reason]
    assert found.items == ()


def test_a_role_that_nobody_holds_leaves_out_what_cannot_be_walked_to_its_end() -> None:
    nobody = ORGANISATION.model_copy(update={"roles": {**ORGANISATION.roles, "reform_office": ()}})

    found = of_2023("reports", organisation=nobody)

    assert found.items == ()
    assert [one.title for one in found.left_out] == ["专项小组季报"]
    assert "改革办" in found.left_out[0].reason
