"""Kunming 2016 step by step: four handlings, five inspections, five lists, on exact days of 2016."""

from typing import Any

import pytest

from duban.supervision.bodies.organisation import Organisation
from duban.supervision.tasks.entries import AskChange, NoticeKind, OpeningChange, RecordChange
from tests.regimes.walking import Item, Waiting, rulebook_of
from tests.supervision.supervised import GROUP, HANDLING, LEAD, OFFICE

SPECIAL_GROUP = "经济体制改革专项小组"
BOTH_OFFICES = ("市委目督办", "市政府目督办")
ROLES = {"special_group": (SPECIAL_GROUP, "民生专项小组"), "counties": ("五华区委改革办", "安宁市委改革办")}


def item(procedure: str, entered: str = "2016-08-01", supervisor: str = OFFICE, **more: Any) -> Item:
    file = Organisation(roles={**ROLES, "supervising_body": supervisor})
    return Item("kunming", procedure, entered, organisation=file, **more)


# K1 tiers


def test_what_departments_cannot_agree_on_is_coordinated_by_the_office_and_decided_by_the_leading_group() -> None:
    matter = item("coordination", matter="不动产登记数据共享", body=LEAD, departments=("市国土局", "市住建局"))
    assert matter.waiting == Waiting("organise", OFFICE, "2016-08-15")
    matter.step(OFFICE, "submitted", proposal="由市国土局牵头")
    assert matter.waiting == Waiting("decide", GROUP, "2016-08-15")
    matter.step(GROUP, decision="按改革办意见办理")
    assert {recipient for _, recipient, _ in matter.sent("2016-08-01")} >= {OFFICE, LEAD, "市国土局", "市住建局"}
    assert matter.waiting == Waiting("report", LEAD, "2016-08-29")


# K3 交办


@pytest.fixture
def assigned() -> Item:
    """Supervised by a special group, to be handed over by Friday 2016-08-05, fed back by Friday 2016-09-30."""
    return item(
        "assign",
        supervisor=SPECIAL_GROUP,
        matter="医保支付方式改革",
        body=HANDLING,
        hand_over_by="2016-08-05",
        feedback_by="2016-09-30",
    )


SIX_FIELDS = {
    "number": "GG2016-31",
    "leader": "李副市长",
    "measures": "制定实施办法",
    "deliverable": "实施办法",
    "finish_by": "2016-12-31",
}


def test_a_supervising_body_that_hands_over_too_late_is_itself_chased_by_the_reform_office(assigned: Item) -> None:
    assert assigned.waiting == Waiting("hand_over", SPECIAL_GROUP, "2016-08-05")
    assigned.until("2016-08-08")
    assert assigned.chases("s1/hand_over/step") == ["2016-08-08"]
    assert ("chase", SPECIAL_GROUP, OFFICE) in assigned.sent("2016-08-08")


def test_nothing_is_handed_over_without_the_six_fields_and_its_number(assigned: Item) -> None:
    refusal = assigned.refuses_step(
        SPECIAL_GROUP, **{k: v for k, v in SIX_FIELDS.items() if k not in ("number", "leader")}
    )
    assert "登记编号" in refusal
    assert "牵头领导" in refusal


def test_the_handling_body_feeds_back_by_its_deadline_and_is_reminded_before(assigned: Item) -> None:
    assigned.step(SPECIAL_GROUP, **SIX_FIELDS)
    assert assigned.waiting == Waiting("feedback", HANDLING, "2016-09-30")
    assigned.until("2016-09-30")
    assert ("advance_notice", HANDLING, SPECIAL_GROUP) in assigned.sent("2016-09-23")
    # The National Day lasts from 10-01 to 10-07; the office works on Saturday 10-08.
    assert assigned.until("2016-10-08").chases("s2/feedback/step") == ["2016-10-08"]


def test_what_was_not_done_for_subjective_causes_goes_from_the_reconciliation_to_an_investigation(
    assigned: Item,
) -> None:
    assigned.step(SPECIAL_GROUP, **SIX_FIELDS)
    assigned.until("2016-10-08 10:00").step(HANDLING, implemented="尚未启动")
    assert assigned.waiting == Waiting("reconcile", SPECIAL_GROUP, "2016-10-13")
    assigned.step(SPECIAL_GROUP, "investigate", ground="subjective")
    assert assigned.opens == [
        ("investigate", {"matter": ("医保支付方式改革",), "body": (HANDLING,), "ground": ("subjective",)})
    ]
    assert assigned.waiting == Waiting("rework", HANDLING, "2016-10-20")


def test_what_is_done_is_struck_off_by_the_reconciliation(assigned: Item) -> None:
    assigned.step(SPECIAL_GROUP, **SIX_FIELDS)
    assigned.step(HANDLING, implemented="实施办法已印发")
    assigned.step(SPECIAL_GROUP, "struck_off")
    assert assigned.waiting is None
    assert assigned.is_over


# K3 督办


def test_supervision_goes_from_scheme_to_inspection_to_feedback_to_the_archive_and_skips_nothing() -> None:
    one = item("supervise", matter="医保支付方式改革", body=HANDLING, inspect_by="2016-08-31")
    assert one.waiting == Waiting("scheme", OFFICE, "2016-08-08")
    assert "制定方案" in one.refuses_to_skip_to("feedback", OFFICE)
    one.step(OFFICE, scheme="实地查看三家医院")
    assert one.waiting == Waiting("inspect", OFFICE, "2016-08-31")
    one.until("2016-08-31 10:00").step(OFFICE, found="两家未启动")
    assert one.waiting == Waiting("feedback", OFFICE, "2016-09-07")
    one.step(OFFICE, told="请于9月启动")
    assert HANDLING in {recipient for _, recipient, _ in one.sent("2016-08-31")}
    assert one.waiting == Waiting("report", OFFICE, "2016-09-07")
    one.step(OFFICE, "done", filed_as="督〔2016〕12号")
    assert one.is_over
    assert one.opens == []


def test_an_inspection_that_finds_demands_not_met_can_end_in_an_investigation() -> None:
    one = item("supervise", matter="医保支付方式改革", body=HANDLING, inspect_by="2016-08-31")
    one.step(OFFICE, scheme="实地查看")
    one.step(OFFICE, found="未按要求推进")
    one.step(OFFICE, told="请整改")
    one.step(OFFICE, "investigate", filed_as="督〔2016〕12号", ground="not_as_demanded")
    assert [procedure for procedure, _ in one.opens] == ["investigate"]


# K3 查办


@pytest.fixture
def investigated() -> Item:
    return item(
        "investigate", supervisor=SPECIAL_GROUP, matter="医保支付方式改革", body=HANDLING, ground="not_as_demanded"
    )


def test_an_investigation_is_proposed_approved_and_only_then_held_to_account(investigated: Item) -> None:
    assert investigated.waiting == Waiting("propose", SPECIAL_GROUP, "2016-08-08")
    assert "提出查办建议" in investigated.refuses_to_skip_to("account", OFFICE)
    investigated.step(SPECIAL_GROUP, reasons="两次督察未见进展", proposal="诫勉谈话")
    assert investigated.waiting == Waiting("approve", GROUP, "2016-08-15")
    assert SPECIAL_GROUP in investigated.refuses_step(SPECIAL_GROUP, "approved")
    investigated.step(GROUP, "approved")
    assert investigated.waiting == Waiting("account", OFFICE, "2016-08-29")
    investigated.step(OFFICE, measure="诫勉谈话", result="已谈话")
    assert investigated.is_over


def test_an_investigation_that_is_refused_ends_and_one_that_is_returned_is_proposed_anew(investigated: Item) -> None:
    investigated.step(SPECIAL_GROUP, reasons="未见进展", proposal="诫勉谈话")
    investigated.step(GROUP, "returned")
    assert investigated.waiting == Waiting("propose", SPECIAL_GROUP, "2016-08-08")
    investigated.step(SPECIAL_GROUP, reasons="补充核实", proposal="诫勉谈话")
    investigated.step(GROUP, "refused")
    assert investigated.is_over
    assert [run.step for run in investigated.state.steps] == ["propose", "approve", "propose", "approve"]


def test_there_are_two_grounds_of_an_investigation_and_no_third() -> None:
    (ground,) = (fact for fact in rulebook_of("kunming").procedures["investigate"].facts if fact.choices)
    assert list(ground.choices.values()) == ["未按照要求推进落实改革任务", "因主观原因未按时办结"]


# K4 inspections


def test_a_comprehensive_inspection_is_led_by_head_or_deputy_and_done_by_the_end_of_june() -> None:
    one = item(
        "comprehensive_inspection",
        "2016-05-31",
        owner=SPECIAL_GROUP,
        period_from="2016-01-01",
        period_to="2016-06-30",
    )
    assert one.waiting == Waiting("scheme", SPECIAL_GROUP, "2016-06-07")
    assert "带队领导的职务" in one.refuses_step(SPECIAL_GROUP, led_by="王某", post="clerk", scheme="方案")
    one.step(SPECIAL_GROUP, led_by="王某", post="deputy", scheme="方案")
    assert one.waiting == Waiting("inspect", SPECIAL_GROUP, "2016-06-30")
    one.until("2016-07-01")
    assert one.chases("s2/inspect/step") == ["2016-07-01"]
    one.step(SPECIAL_GROUP, tasks="18项按期", leaders="均已部署", lead_bodies="2家滞后")
    one.step(SPECIAL_GROUP, told="已反馈")
    one.step(SPECIAL_GROUP, filed_as="全督〔2016〕1号")
    assert one.is_over
    assert GROUP in {recipient for _, recipient, _ in one.sent("2016-07-04")}


JOINT: dict[str, str | tuple[str, ...]] = {
    "matter": "棚户区改造",
    "basis": "difficult",
    "members": ("市委改革办", *BOTH_OFFICES),
    "found": "协调到位",
}


def test_joint_inspections_are_held_twice_a_year_and_a_missing_one_is_chased_at_the_reform_office() -> None:
    year = item("joint_inspection", "2016-01-04", period_from="2016-01-01", period_to="2016-12-31")
    assert year.waiting == Waiting("inspect", OFFICE, "2016-06-30")
    year.until("2016-07-01")
    assert ("chase", OFFICE, GROUP) in year.sent("2016-07-01")
    year.step(OFFICE, **JOINT, filed_as="联督1")
    assert year.waiting == Waiting("inspect", OFFICE, "2016-12-31")
    year.until("2016-11-10 10:00").step(OFFICE, **JOINT, filed_as="联督2")
    assert year.is_over


def test_a_plan_of_special_inspections_opens_each_with_its_date() -> None:
    plan = item(
        "special_inspection_plan",
        "2016-01-04",
        owner=SPECIAL_GROUP,
        period_from="2016-01-01",
        period_to="2016-12-31",
    )
    assert plan.waiting == Waiting("draft", SPECIAL_GROUP, "2016-03-04")
    plan.step(SPECIAL_GROUP, plan="全年两项")
    for matter, kind, by in (("户籍改革", "key", "2016-05-31"), ("公立医院", "vital", "2016-10-31")):
        plan.step(SPECIAL_GROUP, "one", matter=matter, body=SPECIAL_GROUP, kind=kind, inspect_by=by)
    plan.step(SPECIAL_GROUP, "all")
    assert plan.is_over
    assert [(p, f["matter"], f["inspect_by"]) for p, f in plan.opens] == [
        ("special_inspection", ("户籍改革",), ("2016-05-31",)),
        ("special_inspection", ("公立医院",), ("2016-10-31",)),
    ]


def test_a_decision_from_above_is_divided_among_lead_bodies_that_report_by_their_deadlines() -> None:
    decision = item("decision_division", decision="国有企业改革意见", made_by="central")
    decision.step(OFFICE, "one", body="市国资委", matter="分类改革", report_by="2016-09-30")
    decision.step(OFFICE, "one", body="市财政局", matter="预算管理", report_by="2016-10-31")
    decision.step(OFFICE, "all", review_by="2016-12-30")
    assert [(p, f["body"], f["report_by"]) for p, f in decision.opens] == [
        ("regular_inspection", ("市国资委",), ("2016-09-30",)),
        ("regular_inspection", ("市财政局",), ("2016-10-31",)),
    ]
    assert decision.waiting == Waiting("track", OFFICE, "2016-12-30")


def test_each_part_of_a_division_is_on_record_and_gives_no_more_time() -> None:
    decision = item("decision_division", decision="国有企业改革意见", made_by="central")
    assert decision.waiting == Waiting("divide", OFFICE, "2016-08-08")
    decision.at("2016-08-08").step(OFFICE, "one", body="市国资委", matter="分类改革", report_by="2016-09-30")
    assert decision.waiting == Waiting("divide", OFFICE, "2016-08-08")
    decision.step(OFFICE, "one", body="市财政局", matter="预算管理", report_by="2016-10-31")
    assert decision.until("2016-08-09").chased() == ["2016-08-09"]
    assert [change.key for change in decision.changes(OpeningChange)] == [
        "s1/divide/part/1/opens/1",
        "s1/divide/part/2/opens/1",
    ]
    assert [change.id for change in decision.changes(RecordChange)] == [
        "step/s1/divide/part/1",
        "step/s1/divide/part/2",
    ]
    assert len(decision.notices(NoticeKind.REQUEST)) == 1


def test_a_lead_body_reports_on_its_regular_inspection_to_the_office_until_it_is_implemented() -> None:
    one = item(
        "regular_inspection", decision="国有企业改革意见", body="市国资委", matter="分类改革", report_by="2016-09-30"
    )
    assert one.waiting == Waiting("inspect", "市国资委", "2016-09-30")
    one.until("2016-09-29 10:00").step("市国资委", implemented="已分类")
    assert one.waiting == Waiting("review", OFFICE, "2016-10-11")
    one.step(OFFICE, "again", report_by="2016-12-30")
    assert one.waiting == Waiting("inspect", "市国资委", "2016-12-30")


def test_a_daily_inspection_tells_plans_not_yet_issued_apart_from_those_issued() -> None:
    one = item("daily_inspection", owner=LEAD, period_from="2016-08-01", period_to="2016-08-31")
    assert one.waiting == Waiting("inspect", LEAD, "2016-08-31")
    assert "已出台方案改革任务落实情况" in one.refuses_step(LEAD, not_issued="三项在起草")
    one.step(LEAD, not_issued="三项在起草", issued="两项已落实")
    assert one.is_over


# K5 lists


@pytest.fixture
def year_list() -> Item:
    return item("annual_list", "2016-01-04", period_from="2016-01-01", period_to="2016-12-31")


def test_last_years_items_are_carried_over_for_objective_causes_and_investigated_for_subjective_ones(
    year_list: Item,
) -> None:
    assert year_list.waiting == Waiting("carry_over", OFFICE, "2016-02-01")
    year_list.step(OFFICE, "objective", task="GG2015-07", cause="上级政策调整", new_deadline="2016-12-31")
    assert year_list.asks == [
        ("carry_over", ("GG2015-07",), {"new_due_on": "2016-12-31", "cause": "objective"}),
        ("mark", ("GG2015-07",), {"lists": "annual"}),
    ]
    (carried, _) = year_list.changes(AskChange)
    assert (carried.body, carried.fields["reason"]) == (OFFICE, "上级政策调整（据事项 D-1）")
    year_list.step(OFFICE, "subjective", matter="GG2015-09 农村金融", body=HANDLING, ground="subjective")
    year_list.step(OFFICE, "all")
    assert year_list.opens == [
        ("investigate", {"matter": ("GG2015-09 农村金融",), "body": (HANDLING,), "ground": ("subjective",)})
    ]
    assert year_list.waiting == Waiting("draft", OFFICE, "2016-02-01")


def test_the_list_adopted_by_the_leading_group_opens_the_list_of_key_items(year_list: Item) -> None:
    year_list.step(OFFICE, "all")
    year_list.step(OFFICE, items="90", text="2016年要点")
    year_list.step(GROUP, "returned")
    year_list.step(OFFICE, items="91", text="2016年要点（修改）")
    year_list.step(GROUP, "adopted")
    assert year_list.is_over
    assert [procedure for procedure, _ in year_list.opens] == ["key_list"]


def test_the_key_items_are_twenty_out_of_the_annual_list() -> None:
    keys = item("key_list", "2016-03-01")
    numbers = tuple(f"GG2016-{number:02}" for number in range(1, 21))
    assert keys.refuses_step(OFFICE, items=numbers[:19]).endswith("至少写20个，现为19个")
    keys.step(OFFICE, items=numbers)
    assert keys.asks == []
    keys.step(GROUP, "confirmed")
    assert keys.is_over
    assert keys.asks == [("mark", numbers, {"lists": "key"})]


def test_a_county_brings_one_or_two_grassroots_items_and_reports_by_the_years_end() -> None:
    county = item(
        "grassroots_list",
        "2016-01-04",
        owner="安宁市委改革办",
        period_from="2016-01-01",
        period_to="2016-12-31",
    )
    assert county.waiting == Waiting("propose", "安宁市委改革办", "2016-04-04")
    assert "最多写2个" in county.refuses_step("安宁市委改革办", items=("甲", "乙", "丙"))
    county.step("安宁市委改革办", items=("农村宅基地", "水价"))
    assert county.waiting == Waiting("result", "安宁市委改革办", "2016-12-31")
    assert county.until("2017-01-03").chases("s2/result/step") == ["2017-01-03"]


def test_the_list_of_pilots_opens_a_pilot_for_each_with_its_term() -> None:
    pilots = item("pilot_list", "2016-01-04", period_from="2016-01-01", period_to="2016-12-31")
    pilots.step(OFFICE, "one", pilot="海绵城市", body="市水务局", granted_by="provincial", finish_by="2016-12-31")
    pilots.step(OFFICE, "all")
    assert [(p, f["pilot"], f["finish_by"]) for p, f in pilots.opens] == [("pilot", ("海绵城市",), ("2016-12-31",))]
    one = item("pilot", pilot="海绵城市", body="市水务局", granted_by="provincial", finish_by="2016-12-31")
    assert one.waiting == Waiting("result", "市水务局", "2016-12-31")


def test_of_the_problems_collected_the_hard_ones_become_topics() -> None:
    problems = item("problem_list", "2016-07-01", owner=SPECIAL_GROUP, period_from="2016-07-01", period_to="2016-09-30")
    assert problems.waiting == Waiting("collect", SPECIAL_GROUP, "2016-09-30")
    problems.step(SPECIAL_GROUP, "ordinary", problem="报表重复")
    problems.step(SPECIAL_GROUP, "hard", problem="数据不共享", department=LEAD, leader="李副市长")
    problems.step(SPECIAL_GROUP, "all")
    assert problems.opens == [
        ("hard_problem", {"problem": ("数据不共享",), "department": (LEAD,), "leader": ("李副市长",)})
    ]


def test_the_leading_group_decides_a_hard_problem_only_after_departments_and_leader_have_studied_it() -> None:
    hard = item("hard_problem", problem="数据不共享", department=LEAD, leader="李副市长")
    hard.step(OFFICE, topic="数据共享议题")
    assert hard.waiting == Waiting("study", LEAD, "2016-08-29")
    assert "提前研究" in hard.refuses_to_skip_to("decide", GROUP, "refused")
    hard.step(LEAD, solution="建共享平台", agreed_by="李副市长")
    assert hard.waiting == Waiting("decide", GROUP, "2016-08-29")
    hard.step(GROUP, "adopted", matter="建共享平台", body=LEAD, hand_over_by="2016-08-12", feedback_by="2016-12-30")
    assert [procedure for procedure, _ in hard.opens] == ["assign"]
    assert hard.is_over


def test_a_task_stands_on_the_list_of_pilots_while_its_pilot_lasts() -> None:
    pilots = item("pilot_list", "2016-01-04", period_from="2016-01-01", period_to="2016-12-31")
    stated = {"pilot": "县级公立医院", "body": HANDLING, "granted_by": "provincial", "finish_by": "2016-12-30"}
    pilots.step(OFFICE, "one", **stated, task="GG2016-03")
    pilots.step(OFFICE, "one", **stated)  # a pilot that is no task of a plan
    assert pilots.asks == [("mark", ("GG2016-03",), {"lists": "pilot"})]
    assert ["task" in facts for _, facts in pilots.opens] == [True, False]

    pilot = item("pilot", "2016-01-04", **stated, task="GG2016-03")
    pilot.step(HANDLING, result="已推开")
    pilot.step(OFFICE, opinion="可以推广")
    assert pilot.asks == [("mark", ("GG2016-03",), {"lists": "pilot", "remove": True})]


def test_what_counties_bring_and_what_a_problem_is_about_is_put_on_its_list() -> None:
    county = item(
        "grassroots_list", "2016-01-04", owner="安宁市委改革办", period_from="2016-01-01", period_to="2016-12-31"
    )
    county.step("安宁市委改革办", items=("农村产权",), tasks=("AN2016-01",))
    assert county.asks == [("mark", ("AN2016-01",), {"lists": "grassroots"})]
    problems = item("problem_list", "2016-01-04", owner=OFFICE, period_from="2016-01-01", period_to="2016-03-31")
    problems.step(OFFICE, "ordinary", problem="资金缺口", task="GG2016-05")
    problems.step(OFFICE, "ordinary", problem="无任务的问题")
    assert problems.asks == [("mark", ("GG2016-05",), {"lists": "problem"})]
