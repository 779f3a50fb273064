"""Sichuan 2016, rows S1 to S6: what goes step by step, on the days that the document's wording gives."""

from typing import Any

import pytest

from duban.supervision.bodies.organisation import Body, Organisation, Person
from duban.supervision.reckoning.evaluation import EvaluatedPlan
from duban.supervision.registers.coming_round import AtHand, OpenPlan
from duban.supervision.rules.parts import PersonRole
from duban.supervision.tasks.entries import NoticeIntent
from tests.regimes.walking import Item, Waiting, items_in, opened_in, rulebook_of
from tests.supervision.supervised import day

CENTRAL_PLAN = "关于深化投融资体制改革的意见"
GROUP, OFFICE = "省委深改组", "省委改革办"
ECONOMY, COMMISSION = "经济体制改革专项小组", "省发改委"
ORGANISATION = Organisation(
    roles={"special_group": (ECONOMY,)},
    bodies=(
        Body(name=ECONOMY, persons=(Person(name="王副省长", role=PersonRole.HEAD), Person(name="张三"))),
        Body(name=COMMISSION, supervised_by=ECONOMY),
    ),
)


def sichuan(procedure: str, entered: str, /, *, owner: str = "", **facts: Any) -> Item:
    return Item("sichuan", procedure, entered, owner=owner, organisation=ORGANISATION, **facts)


@pytest.mark.parametrize(
    ("adopted_on", "last_day"),
    [
        ("2016-06-27", "2016-06-30"),  # Monday to Thursday
        ("2016-10-11", "2016-10-14"),
        ("2016-12-07", "2016-12-09"),  # the third day is a Saturday: the Friday before
        ("2016-08-30", "2016-09-02"),
        ("2016-09-12", "2016-09-14"),  # Mid-autumn begins on the third day
    ],
)
def test_s1_the_docking_prompt_goes_out_within_three_days_of_the_central_meeting(
    adopted_on: str, last_day: str
) -> None:
    item = sichuan("docking", adopted_on, central_plan=CENTRAL_PLAN, adopted_on=adopted_on, group=ECONOMY)
    assert item.waiting == Waiting("prompt", OFFICE, last_day)


def test_s1_the_office_itself_is_chased_when_the_three_days_are_over() -> None:
    item = sichuan("docking", "2016-06-28", central_plan=CENTRAL_PLAN, adopted_on="2016-06-27", group=ECONOMY)
    item.at("2016-07-02")
    assert item.chased() == ["2016-07-01"]


def test_s1_the_reply_with_its_arrangement_becomes_a_supervised_item() -> None:
    item = sichuan("docking", "2016-06-28", central_plan=CENTRAL_PLAN, adopted_on="2016-06-27", group=ECONOMY)
    item.at("2016-06-29").step(OFFICE)
    (prompt,) = (n for n in item.changes(NoticeIntent) if n.paper == "对接提示通知")
    assert (prompt.recipient, prompt.facts["head"]) == (ECONOMY, "王副省长")
    assert prompt.facts["中央改革方案"] == CENTRAL_PLAN
    assert item.waiting == Waiting("reply", ECONOMY, "2016-07-13")
    assert "对接工作安排" in item.refuses_step(ECONOMY, dock_by="2016-12-31")
    item.at("2016-07-08").step(ECONOMY, arrangement="制定实施意见", dock_by="2016-12-31")
    assert item.is_over
    handed = {"central_plan": CENTRAL_PLAN, "group": ECONOMY, "arrangement": "制定实施意见", "dock_by": "2016-12-31"}
    assert item.opens == [("docked_matter", {name: (value,) for name, value in handed.items()})]
    matter = sichuan("docked_matter", "2016-07-08", **handed)
    assert matter.waiting == Waiting("carry_out", ECONOMY, "2016-12-31")
    matter.at("2016-12-26").step(ECONOMY, result="已印发")
    matter.step(OFFICE, "returned")
    assert matter.waiting == Waiting("redo", ECONOMY, "2017-01-10")


def midyear() -> Item:
    item = sichuan("midyear_evaluation", "2016-03-30", period_from="2016-01-01", period_to="2016-06-30")
    assert item.waiting == Waiting("tabulate", OFFICE, "2016-05-30")
    return item


def test_s2_a_plans_items_are_tabulated_in_three_states_before_they_are_evaluated() -> None:
    item = midyear()
    refused = item.refuses_step(OFFICE, items="20", completed="12")
    assert all(state in refused for state in ("已启动未完成", "未启动"))
    item.at("2016-04-20").step(OFFICE, items="20", completed="12", under_way="6", not_started="2")
    assert item.waiting == Waiting("evaluate", OFFICE, "2016-06-30")


def test_s3_s5_the_three_looks_are_stated_with_the_evaluation() -> None:
    item = midyear()
    figures = {"completed": "12", "under_way": "6", "not_started": "2"}
    item.step(OFFICE, items="20", **figures)
    refused = item.refuses_step(OFFICE, "going_on", coordinated="is_so", **figures)
    assert "二看" in refused
    assert "三看" in refused
    item.at("2016-06-24").step(
        OFFICE,
        "going_on",
        coordinated="is_so",
        on_schedule="is_not",
        effective="is_so",
        institutional_results=("出台办法1项",),
        **figures,
    )
    assert item.is_over


def test_s3_at_the_years_end_every_lead_body_checks_its_own_plans() -> None:
    check = sichuan(
        "yearend_self_check", "2016-12-01", owner=COMMISSION, period_from="2016-01-01", period_to="2016-12-31"
    )
    assert check.waiting == Waiting("check", COMMISSION, "2016-12-31")
    check.at("2016-12-28")
    assert check.announced() == ["2016-12-16"]
    check.step(COMMISSION, checked=("方案一：完成", "方案二：推进中"))
    assert check.told() == [(OFFICE, "")]


def test_s4_a_plan_with_its_items_done_is_struck_off_by_the_leading_group_alone() -> None:
    plan = sichuan("plan_strike_off", "2016-07-01", plan="GG2015", group=ECONOMY, completion="20项全部落实")
    plan.at("2016-07-05").step(OFFICE, "completed")
    assert plan.waiting == Waiting("decide", GROUP, "2016-08-04")
    assert "无权办理" in plan.refuses_step(OFFICE, "struck_off")
    plan.step(GROUP, "struck_off")
    assert plan.is_over
    assert plan.asks == [("strike_off_plan", ("GG2015",), {})]


def test_s6_after_issue_a_plan_gets_its_watcher_and_every_item_is_assigned() -> None:
    plan = sichuan("division", "2016-07-04", plan="GG2016", drafter=COMMISSION, issued_on="2016-07-01")
    assert plan.waiting == Waiting("watch", OFFICE, "2016-07-07")
    assert "盯办人" in plan.refuses_step(OFFICE, team="第三小组")
    plan.step(OFFICE, watcher="赵处长", team="第三小组")
    assert plan.waiting == Waiting("divide", COMMISSION, "2016-07-22")
    plan.at("2016-07-20").step(COMMISSION, items="20", bodies=("省财政厅", "省国资委"))
    assert plan.told()[-3:] == [("省财政厅", ""), ("省国资委", ""), (OFFICE, "")]
    plan.step(OFFICE, "returned")
    assert plan.waiting == Waiting("divide_again", COMMISSION, "2016-07-27")


def test_s6_an_important_notice_goes_to_the_groups_head_directly() -> None:
    item = sichuan("important_notice", "2016-07-04", group=ECONOMY, notice="专题研究改革", answer_by="2016-07-15")
    item.step(OFFICE, text="川改办〔2016〕9号")
    (notice,) = (n for n in item.changes(NoticeIntent) if n.paper == "重要通知")
    assert (notice.recipient, notice.facts["head"]) == (ECONOMY, "王副省长")
    assert item.waiting == Waiting("answer", ECONOMY, "2016-07-15")


def test_the_points_and_the_ledger_of_a_year_are_drawn_up_together_with_the_special_groups() -> None:
    year = sichuan("annual_points", "2016-01-04", period_from="2016-01-01", period_to="2016-12-31")
    assert year.waiting == Waiting("draw_up", OFFICE, "2016-04-01")
    assert f"由{OFFICE}会同{ECONOMY}办理" in year.entries[-1].text
    year.step(OFFICE, document="川改〔2016〕1号")
    assert year.told() == [(ECONOMY, "")]


@pytest.mark.parametrize(
    ("rhythm", "days"),
    [
        ("midyear_evaluation", ["2016-03-30"]),  # S3: once, in the middle of the year; in 2016 from March to June
        ("yearend_self_check", ["2016-12-01"]),  # S3
        ("annual_points", ["2016-01-04"]),
        ("annual_schedule", ["2016-01-04"]),
        ("major_list", ["2016-01-04"]),
        ("report_to_centre", ["2016-01-04"]),
    ],
)
def test_what_comes_round_in_a_year_comes_on_these_days(rhythm: str, days: list[str]) -> None:
    assert [on for _, on in opened_in("sichuan", rhythm, "2016-01-01", "2016-12-31")] == days


def test_s3_of_82_adopted_plans_the_35_issued_for_half_a_year_are_evaluated() -> None:
    plans = tuple(
        OpenPlan(
            code=f"P{n}", title=f"方案{n}", issued_on=day("2015-09-30" if n <= 35 else "2015-10-08"), adopted_by=GROUP
        )
        for n in range(1, 83)
    )
    at_hand = AtHand(offices={"reform_office": (OFFICE,)}, plans=plans)
    found = items_in("sichuan", "midyear_evaluation", "2016-01-01", "2016-12-31", at_hand)
    assert [item.concerns for item in found] == [(f"P{n}",) for n in range(1, 36)]
    assert {item.facts["period_to"] for item in found} == {("2016-06-30",)}


def test_s3_the_midyear_evaluation_leaves_out_what_neither_docks_a_central_plan_nor_was_adopted() -> None:
    facts: tuple[dict[str, str], ...] = ({}, {"docks": "中央方案"}, {"adopted_by": GROUP})
    plans = tuple(OpenPlan(code=f"P{n}", title="方案", issued_on=day("2015-09-30"), **f) for n, f in enumerate(facts))
    at_hand = AtHand(offices={"reform_office": (OFFICE,)}, plans=plans)
    found = items_in("sichuan", "midyear_evaluation", "2016-01-01", "2016-12-31", at_hand)
    assert [item.concerns for item in found] == [("P1",), ("P2",)]


@pytest.mark.parametrize(
    ("issued_on", "docks", "adopted_by", "taken"),
    [
        ("2015-12-01", "中央方案", "", True),
        ("2015-12-01", "", GROUP, True),
        ("2015-12-01", "", "", False),
        ("2016-02-01", "中央方案", GROUP, False),
    ],
)
def test_s3_in_scope_is_what_docks_a_central_plan_or_was_adopted_and_was_issued_half_a_year_ago(
    issued_on: str, docks: str, adopted_by: str, taken: bool
) -> None:
    scope = rulebook_of("sichuan").evaluation
    assert scope is not None
    plan = EvaluatedPlan(code="P", title="方案", issued_on=day(issued_on), docks=docks, adopted_by=adopted_by)
    assert scope.takes(plan, day("2016-06-01")) is taken
