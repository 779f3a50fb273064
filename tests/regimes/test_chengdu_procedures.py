"""Chengdu 2016, rows C1 to C12: what goes step by step, on the days that the document's wording gives."""

from decimal import Decimal
from typing import Any

import pytest

from duban.supervision.bodies.organisation import Body, Organisation
from duban.supervision.registers.coming_round import AtHand, OpenPlan, OpenTask
from duban.supervision.steps.counted import LedgerCount
from duban.supervision.tasks.entries import AskChange, NoticeIntent, NoticeKind, RecordChange
from duban.supervision.tasks.messages import TakeStep
from tests.regimes.walking import Item, Waiting, items_in, opened_in
from tests.supervision.supervised import day

GROUP, HEAD, OFFICE = "市委深改小组", "市委深改小组组长", "市委深改小组办公室"
ECONOMY, BUREAU = "经济体制改革专项小组", "市发改委"
ORGANISATION = Organisation(
    roles={"special_group": (ECONOMY, "民生专项小组")},
    bodies=(Body(name=ECONOMY), Body(name=BUREAU, supervised_by=ECONOMY)),
)


def chengdu(procedure: str, entered: str, /, *, owner: str = "", **facts: Any) -> Item:
    return Item("chengdu", procedure, entered, owner=owner, organisation=ORGANISATION, **facts)


def test_c1_the_office_sends_one_docking_notice_and_each_of_the_bodies_owes_its_report_by_the_deadline() -> None:
    notice = chengdu("docking_notice", "2016-07-06", superior_plan="投融资体制改革意见", adopted_on="2016-07-05")
    assert notice.waiting == Waiting("notify", OFFICE, "2016-07-08")
    notice.at("2016-07-07").step(OFFICE, bodies=(ECONOMY, BUREAU), report_by="2016-07-29")
    assert notice.told() == [(ECONOMY, "督办提示通知"), (BUREAU, "督办提示通知")]
    assert notice.is_over
    plan, by = ("投融资体制改革意见",), ("2016-07-29",)
    assert notice.opens == [
        ("docking_report", {"body": (body,), "superior_plan": plan, "report_by": by}) for body in (ECONOMY, BUREAU)
    ]


def test_c1_a_docking_report_is_called_to_mind_chased_returned_and_counted_for_the_annual_targets() -> None:
    report = chengdu(
        "docking_report", "2016-07-07", superior_plan="投融资体制改革意见", body=BUREAU, report_by="2016-07-29"
    )
    assert report.waiting == Waiting("report", BUREAU, "2016-07-29")
    report.at("2016-08-09")
    assert report.announced() == ["2016-07-26"]
    assert report.chased() == ["2016-08-01", "2016-08-08"]
    report.step(BUREAU, arrangement="拟于三季度出台实施方案")
    assert report.waiting == Waiting("check", OFFICE, "2016-08-16")
    report.step(OFFICE, "returned")
    assert report.waiting == Waiting("report_again", BUREAU, "2016-08-16")
    report.step(BUREAU, arrangement="8月底前上会")
    report.step(OFFICE, "accepted", for_targets="计满分")
    assert report.is_over


def test_c2_the_ledger_is_refreshed_every_two_months() -> None:
    refresh = chengdu("ledger_refresh", "2016-07-01", period_from="2016-07-01", period_to="2016-08-31")
    assert refresh.waiting == Waiting("refresh", OFFICE, "2016-08-31")
    refresh.at("2016-09-02")
    assert refresh.announced() == ["2016-08-24"]
    assert refresh.chased() == ["2016-09-01"]
    refresh.step(OFFICE, changes="新增3项")
    assert refresh.is_over


def test_c2_the_ledger_is_inspected_twice_a_year_and_the_leading_group_told_each_time() -> None:
    inspection = chengdu("ledger_inspection", "2016-01-04", period_from="2016-01-01", period_to="2016-12-31")
    assert inspection.waiting == Waiting("inspect", OFFICE, "2016-06-30")
    inspection.at("2016-06-20").step(OFFICE, inspected_on="2016-06-15", result="台账完整")
    assert inspection.waiting == Waiting("inspect", OFFICE, "2016-12-31")
    inspection.at("2016-12-20").step(OFFICE, inspected_on="2016-12-15", result="台账完整")
    assert inspection.told() == [(GROUP, "台账督察报告")] * 2
    assert inspection.is_over


def stocktaking() -> Item:
    year = {"period_from": "2016-01-01", "period_to": "2016-12-31"}
    task = chengdu("stocktaking", "2016-12-01", owner=BUREAU, concerns=("GG-1",), **year)
    assert task.waiting == Waiting("state", BUREAU, "2016-12-15")
    return task


def test_c2_at_the_years_end_what_is_undone_needs_a_reason_measures_and_a_new_deadline() -> None:
    task = stocktaking()
    refused = task.refuses_step(BUREAU, "uncompleted", reason="上级政策调整")
    assert all(title in refused for title in ("整改措施", "完成时限"))
    task.step(BUREAU, "uncompleted", reason="上级政策调整", measures="专班推进", new_deadline="2017-03-31")
    assert task.waiting == Waiting("settle", OFFICE, "2016-12-08")
    assert task.asks == []
    task.step(OFFICE, "settled")
    assert task.is_over
    assert task.asks == [("amend", ("GG-1",), {"new_due_on": "2017-03-31"})]
    (ask,) = task.changes(AskChange)
    for part in ("年末台账盘点", "未完成原因：上级政策调整", "整改措施：专班推进", "（据事项 D-1）"):
        assert part in str(ask.fields["reason"])


def test_c2_at_the_years_end_what_is_done_is_struck_off_and_what_is_returned_is_stated_anew() -> None:
    task = stocktaking()
    task.step(BUREAU, "completed", evidence="成发改〔2016〕9号")
    task.at("2016-12-05").step(OFFICE, "returned")
    assert task.waiting == Waiting("state", BUREAU, "2016-12-19")
    task.step(BUREAU, "completed", evidence="成发改〔2016〕9号、10号")
    task.step(OFFICE, "struck_off")
    assert task.is_over
    assert task.asks == [
        ("request_strike_off", ("GG-1",), {"deliverable": "成发改〔2016〕9号"}),
        ("verify", ("GG-1",), {"passed": False}),
        ("request_strike_off", ("GG-1",), {"deliverable": "成发改〔2016〕9号、10号"}),
        ("verify", ("GG-1",), {"passed": True}),
    ]


def test_c3_the_lead_bodys_quarterly_report_goes_to_its_special_group_and_is_filed_with_the_office() -> None:
    report = chengdu(
        "lead_body_quarterly_report", "2016-09-30", owner=BUREAU, period_from="2016-07-01", period_to="2016-09-30"
    )
    assert report.waiting == Waiting("report", BUREAU, "2016-10-12")  # 1 to 7 October off, 8 and 9 worked
    report.at("2016-10-10").step(BUREAU, progress="已出台2项")
    assert report.told() == [(ECONOMY, ""), (OFFICE, "")]


def test_c3_each_special_group_reports_on_its_field_to_the_leading_group() -> None:
    report = chengdu(
        "group_quarterly_report", "2016-09-30", owner=ECONOMY, period_from="2016-07-01", period_to="2016-09-30"
    )
    assert report.waiting == Waiting("report", ECONOMY, "2016-10-19")
    report.step(ECONOMY, progress="总体顺利")
    assert report.told() == [(GROUP, "")]


def rectification() -> Item:
    item = chengdu("rectification", "2016-08-01", body=BUREAU, subject="投融资体制改革")
    assert item.waiting == Waiting("notify", OFFICE, "2016-08-04")
    item.at("2016-08-02").step(
        OFFICE, problems=("未出台细则", "未设专班"), rectify_by="2016-09-30", node_on="2016-08-31"
    )
    return item


def test_c4_a_rectification_notice_lists_the_problems_and_is_followed_up_by_node_and_analysed() -> None:
    item = rectification()
    assert item.told() == [(BUREAU, "整改督办通知")]
    assert item.waiting == Waiting("report", BUREAU, "2016-08-31")
    item.at("2016-08-31").step(BUREAU, progress="细则已出台")
    assert item.waiting == Waiting("recheck", OFFICE, "2016-09-07")
    item.at("2016-09-01").step(OFFICE, "going_on", node_on="2016-09-30")
    assert item.waiting == Waiting("report", BUREAU, "2016-09-30")
    item.at("2016-09-30").step(BUREAU, progress="专班已成立")
    item.step(OFFICE, "rectified")
    assert item.waiting == Waiting("analyse", OFFICE, "2016-10-12")
    item.step(OFFICE, analysis="整改到位")
    assert item.told()[-1] == (GROUP, "")
    assert item.is_over


def test_c4_no_node_lies_after_the_last_day_of_the_rectification_unless_that_is_moved() -> None:
    item = chengdu("rectification", "2016-08-01", body=BUREAU, subject="督察")
    problems, last = ("甲",), "2016-09-30"
    assert item.refuses_step(OFFICE, problems=problems, rectify_by=last, node_on="2016-10-08") == (
        "进度节点（node_on）2016年10月8日晚于整改时限（rectify_by）2016年9月30日，请核对"
    )
    item.step(OFFICE, problems=problems, rectify_by=last, node_on="2016-09-30")
    item.at("2016-09-30").step(BUREAU, progress="过半")
    assert "晚于整改时限" in item.refuses_step(OFFICE, "going_on", node_on="2016-10-31")
    item.step(OFFICE, "going_on", node_on="2016-10-31", rectify_by="2016-10-31")
    assert item.waiting == Waiting("report", BUREAU, "2016-10-31")


def test_c4_c6_refusal_to_rectify_is_a_ground_that_opens_accountability() -> None:
    item = rectification()
    item.at("2016-08-31").step(BUREAU, progress="未整改")
    item.step(OFFICE, "refused", circumstances="两次督促仍不整改")
    assert item.opens == [("accountability", {"body": (BUREAU,), "circumstances": ("两次督促仍不整改",)})]
    assert item.waiting == Waiting("analyse", OFFICE, "2016-09-07")


def test_c5_a_plan_is_evaluated_by_itself_by_sample_and_by_a_third_party_and_reported_to_both() -> None:
    plan = chengdu("plan_evaluation", "2016-09-30", period_from="2016-01-01", period_to="2016-12-31")
    plan.step(OFFICE, self_evaluator=ECONOMY, self_by="2016-10-31")
    assert plan.waiting == Waiting("self_evaluation", ECONOMY, "2016-10-31")
    plan.at("2016-10-31").step(ECONOMY, self_result="完成80%")
    assert plan.waiting == Waiting("sample", OFFICE, "2016-11-28")
    plan.step(OFFICE, "commissioned", sample_result="属实")
    plan.at("2016-11-18").step(OFFICE, third_party="省社科院", third_party_result="良好")
    assert plan.waiting == Waiting("report", OFFICE, "2016-12-31")
    plan.at("2016-12-20").step(OFFICE, "going_on", conclusion="继续推进")
    assert plan.told()[-2:] == [(GROUP, "督察评估报告"), ("上级党委深改小组办公室", "督察评估报告")]
    assert plan.is_over


def test_c5_a_plan_is_submitted_by_its_special_group_and_closed_by_the_leading_group_alone() -> None:
    plan = chengdu("plan_strike_off", "2016-09-01", plan="GG2015", group=ECONOMY, completion="12项全部完成")
    assert plan.waiting == Waiting("check", OFFICE, "2016-09-08")
    plan.at("2016-09-02").step(OFFICE, "completed")
    assert plan.waiting == Waiting("decide", GROUP, "2016-10-02")
    assert "无权办理" in plan.refuses_step(OFFICE, "struck_off")
    assert plan.asks == []
    plan.step(GROUP, "struck_off")
    assert plan.is_over
    assert plan.asks == [("strike_off_plan", ("GG2015",), {})]


def accountable(target: str, measure: str) -> Item:
    item = chengdu("accountability", "2016-11-01", body=BUREAU, circumstances="年度工作台账两项未完成")
    item.step(OFFICE, "proposed", target=target, grounds=("ledger_unfinished",), statement="见台账")
    assert item.waiting == Waiting("decide", GROUP, "2016-12-01")
    item.at("2016-11-15").step(GROUP, "accountable", measure=measure)
    return item


@pytest.mark.parametrize(
    ("target", "measure", "implementer"),
    [
        ("special_group", "interview", HEAD),
        ("special_group", "deduction", HEAD),
        ("district", "admonition", OFFICE),
        ("department", "interview", OFFICE),
        ("department", "circular", OFFICE),
        ("district", "deduction", OFFICE),
        ("department", "organisational", "相关职能部门"),
    ],
)
def test_c6_who_carries_accountability_out_follows_from_target_and_measure(
    target: str, measure: str, implementer: str
) -> None:
    item = accountable(target, measure)
    assert item.waiting == Waiting("carry_out", implementer, "2016-11-29")
    points = {"points": "2"} if measure == "deduction" else {}
    item.step(implementer, carried_out_on="2016-11-20", record="已实施", **points)
    assert item.waiting == Waiting("register", OFFICE, "2016-11-22")
    item.step(OFFICE, register_number="2016-1")
    assert item.is_over


def test_c6_points_are_deducted_together_with_both_supervision_offices() -> None:
    item = accountable("department", "deduction")
    assert f"由{OFFICE}会同市委督查室、市政府督查室办理" in item.entries[-1].text
    item.step(OFFICE, carried_out_on="2016-11-20", points="2", record="扣2分")
    assert [body for body, _ in item.told()][-4:] == [BUREAU, GROUP, "市委督查室", "市政府督查室"]


def test_c6_how_many_points_are_deducted_cannot_be_left_out_of_a_deduction_alone() -> None:
    deduction, interview = accountable("department", "deduction"), accountable("department", "interview")
    said = {"carried_out_on": "2016-11-20", "record": "已实施"}
    assert "扣分（points，数字）" in deduction.refuses_step(OFFICE, **said)
    interview.step(OFFICE, **said)
    assert interview.waiting == Waiting("register", OFFICE, "2016-11-22")


def proposal(item: Item, counted: dict[str, LedgerCount], **facts: str) -> TakeStep:
    stated: dict[str, tuple[str, ...]] = {
        "target": ("department",),
        "grounds": ("ledger_unfinished",),
        "statement": ("见台账",),
    }
    stated |= {name: (value,) for name, value in facts.items()}
    return TakeStep(**item.said(OFFICE), outcome="proposed", facts=stated, counted=counted)


def asked_to_decide(item: Item) -> dict[str, str]:
    """What the leading group reads when it is asked."""
    [asked] = [n for n in item.changes(NoticeIntent) if n.recipient == GROUP and n.kind is NoticeKind.REQUEST]
    return asked.facts


def test_c6_the_leading_group_sees_which_tasks_the_ledger_counts_and_whether_the_office_states_another_number() -> None:
    in_the_ledger = LedgerCount(number=Decimal(2), things=2, codes=("GG-1", "GG-7"))
    item = chengdu("accountability", "2016-11-01", body=BUREAU, circumstances="两项未完成")
    item.tell(proposal(item, {"ledger_open": in_the_ledger}, ledger_open="2", refused_items="1"))
    assert asked_to_decide(item)["未完成的工作台账任务数"] == "2（与台账一致：GG-1、GG-7）"
    assert asked_to_decide(item)["考核年度内拒不整改的件数"] == "1（填报数，未与台账核对）"

    other = chengdu("accountability", "2016-11-01", body=BUREAU, circumstances="三项未完成")
    refused = other.refuses(proposal(other, {"ledger_open": in_the_ledger}, ledger_open="3"))
    assert "填报3，台账计2：GG-1、GG-7" in refused
    explained = in_the_ledger.model_copy(update={"why": "另有一项尚未录入"})
    other.tell(proposal(other, {"ledger_open": explained}, ledger_open="3"))
    shown = "3（填报数；台账计2：GG-1、GG-7；不一致的理由：另有一项尚未录入）"
    assert asked_to_decide(other)["未完成的工作台账任务数"] == shown
    assert shown in "".join(entry.text for entry in other.entries)
    [record] = other.changes(RecordChange)
    assert (record.facts["fact.ledger_open"], record.facts["counted.ledger_open"], record.facts["why.ledger_open"]) == (
        "3",
        "2：GG-1、GG-7",
        "另有一项尚未录入",
    )


def test_c6_only_the_leading_group_decides_and_only_on_stated_grounds() -> None:
    item = chengdu("accountability", "2016-11-01", body=BUREAU, circumstances="扣分多")
    assert "追责问责的内容" in item.refuses_step(OFFICE, "proposed", target="department", statement="见附件")
    item.step(OFFICE, "proposed", target="department", grounds=("many_deductions",), statement="见附件")
    assert "无权办理" in item.refuses_step(OFFICE, "accountable", measure="interview")
    item.step(GROUP, "refused")
    assert item.is_over


def test_c8_exemption_states_its_three_distinctions_and_is_registered() -> None:
    item = chengdu("accountability", "2016-11-01", body=BUREAU, circumstances="先行先试失误")
    item.step(OFFICE, "proposed", target="department", grounds=("grave_effect",), statement="见附件")
    refused = item.refuses_step(GROUP, "exempted", exemption_reason="先行先试", inexperience="slip")
    assert "国家无明文规定" in refused
    assert "无意过失" in refused
    item.step(
        GROUP,
        "exempted",
        inexperience="slip",
        no_rule="exploring",
        haste="not_concerned",
        exemption_reason="先行先试",
    )
    assert item.waiting == Waiting("register", OFFICE, "2016-11-08")


def pilot() -> Item:
    item = chengdu("pilot", "2016-03-01", plan="GG2016", body=BUREAU, place="天府新区", started_on="2016-03-01")
    assert item.waiting == Waiting("file", BUREAU, "2016-03-15")
    assert "推进方案" in item.refuses_step(BUREAU, leader="李副市长", team="专班")
    item.at("2016-03-10").step(BUREAU, leader="李副市长", scheme="试点方案", team="专班")
    return item


def test_c7_a_pilot_is_filed_with_one_leader_one_plan_one_team_and_runs_for_a_year() -> None:
    item = pilot()
    assert item.told() == [(GROUP, ""), (OFFICE, "")]
    assert item.waiting == Waiting("first_year", BUREAU, "2017-03-01")
    item.at("2017-02-27")
    assert item.announced() == ["2017-01-26"]  # thirty days before, and before the Spring Festival
    item.step(BUREAU, "concluded", results="完成")
    item.step(OFFICE, experience="可推广")
    assert item.is_over


def test_c7_beyond_two_years_a_pilot_needs_a_recorded_exception() -> None:
    item = pilot()
    item.at("2017-02-27").step(BUREAU, "prolonged", results="部分完成", prolonged_because="上级方案刚出台")
    assert item.waiting == Waiting("second_year", BUREAU, "2018-03-01")
    item.at("2018-02-27").step(BUREAU, "exception_asked", results="部分完成", exception_because="立法未完成")
    assert item.waiting == Waiting("except", GROUP, "2018-03-29")
    item.step(GROUP, "granted", until="2018-12-31")
    assert item.waiting == Waiting("beyond", BUREAU, "2018-12-31")


@pytest.mark.parametrize("year", ["first", "second"])
def test_c7_a_pilot_can_be_left_at_any_time(year: str) -> None:
    item = pilot()
    if year == "second":
        item.step(BUREAU, "prolonged", results="部分完成", prolonged_because="上级方案刚出台")
    item.step(BUREAU, "left", results="条件不具备")
    assert item.waiting is not None
    assert item.waiting[:2] == ("leave", OFFICE)
    item.step(OFFICE, left_because="条件不具备")
    assert item.is_over


def test_c9_the_annual_schedule_is_drawn_up_and_a_scheduled_plan_comes_to_its_session() -> None:
    schedule = chengdu("annual_schedule", "2016-01-04", period_from="2016-01-01", period_to="2016-12-31")
    assert schedule.waiting == Waiting("draw_up", OFFICE, "2016-02-01")
    plan = chengdu("scheduled_plan", "2016-02-15", plan_title="国企改革方案", body=BUREAU, session_on="2016-05-20")
    assert plan.waiting == Waiting("submit", BUREAU, "2016-05-20")
    plan.at("2016-05-16").step(BUREAU, groundwork="已征求意见", risk="assessed", legality="合法")
    assert plan.announced() == ["2016-04-20"]
    plan.step(OFFICE, "passed")
    plan.step(GROUP, "postponed", session_on="2016-07-15")
    assert plan.waiting == Waiting("submit", BUREAU, "2016-07-15")


def test_c9_special_groups_meet_every_quarter_and_evaluate_themselves_every_half_year() -> None:
    meeting = chengdu("group_meeting", "2016-07-01", owner=ECONOMY, period_from="2016-07-01", period_to="2016-09-30")
    assert meeting.waiting == Waiting("hold", ECONOMY, "2016-09-30")
    meeting.step(ECONOMY, held_on="2016-07-20", kind="plenary")
    assert meeting.is_over
    half = chengdu("self_evaluation", "2016-07-01", owner=ECONOMY, period_from="2016-07-01", period_to="2016-12-31")
    assert half.waiting == Waiting("evaluate", ECONOMY, "2016-12-31")


@pytest.mark.parametrize(
    ("inspector", "inspected"), [(OFFICE, ECONOMY), (OFFICE, BUREAU), (OFFICE, "锦江区委"), (ECONOMY, BUREAU)]
)
def test_c10_an_inspection_finds_problems_that_become_a_rectification(inspector: str, inspected: str) -> None:
    item = chengdu(
        "inspection",
        "2016-08-01",
        inspector=inspector,
        inspected=inspected,
        subject="国企改革",
        mandate="一次一授权",
        inspect_by="2016-08-31",
    )
    assert item.waiting == Waiting("inspect", inspector, "2016-08-31")
    item.at("2016-08-25").step(inspector, "problems", findings="三项滞后")
    assert item.opens == [("rectification", {"body": (inspected,), "subject": ("国企改革",)})]
    assert item.is_over


def test_c11_a_meeting_hears_reports_and_each_decision_has_its_body_and_its_date() -> None:
    meeting = chengdu("meeting", "2016-08-15", session="第十五次会议", held_on="2016-08-30")
    assert meeting.waiting == Waiting("agenda", OFFICE, "2016-08-30")
    meeting.at("2016-08-26").step(OFFICE, studied="中央深改组第二十七次会议精神", deliberated=("国企改革方案",))
    assert meeting.waiting == Waiting("hear", OFFICE, "2016-08-30")
    meeting.at("2016-08-30").step(OFFICE, reporters=(ECONOMY, BUREAU), reported="国企改革进展")
    assert meeting.waiting == Waiting("divide", OFFICE, "2016-09-02")
    decision = chengdu(
        "decision", "2016-08-31", session="第十五次会议", matter="出台实施细则", body=BUREAU, due_on="2016-10-31"
    )
    assert decision.waiting == Waiting("carry_out", BUREAU, "2016-10-31")
    decision.at("2016-11-02")
    assert decision.announced() == ["2016-10-24"]
    assert decision.chased() == ["2016-11-01"]


def test_c11_a_decision_without_a_body_or_a_date_is_not_entered() -> None:
    with pytest.raises(ValueError, match="进度要求"):
        chengdu("decision", "2016-08-31", session="第十五次会议", matter="出台实施细则", body=BUREAU)


def test_c11_a_major_task_stands_under_a_member_and_is_inspected_on_its_own() -> None:
    chosen = chengdu("major_list", "2016-01-04", period_from="2016-01-01", period_to="2016-12-31")
    assert chosen.waiting == Waiting("choose", OFFICE, "2016-04-01")
    task = chengdu(
        "major_task",
        "2016-03-01",
        matter="全面创新改革试验",
        member="李副书记",
        body=BUREAU,
        responsible=("市科技局",),
        goal="建成平台",
        due_on="2016-12-31",
    )
    task.at("2016-12-30").step(BUREAU, result="已建成")
    assert task.waiting == Waiting("inspect", OFFICE, "2017-02-03")


@pytest.mark.parametrize("duty", ["training", "site_meeting"])
def test_c12_what_has_to_be_held_at_least_twice_a_year_is_due_by_the_middle_and_the_end(duty: str) -> None:
    year = chengdu(duty, "2016-01-04", period_from="2016-01-01", period_to="2016-12-31")
    assert year.waiting == Waiting("hold", OFFICE, "2016-06-30")
    year.at("2016-07-04")
    assert year.chased() == ["2016-07-01"]
    year.step(OFFICE, held_on="2016-07-03", content="改革专题")
    assert year.waiting == Waiting("hold", OFFICE, "2016-12-31")
    year.step(OFFICE, held_on="2016-07-04", content="改革专题")
    assert year.is_over


def test_c12_one_press_conference_a_year() -> None:
    year = chengdu("press_conference", "2016-01-04", period_from="2016-01-01", period_to="2016-12-31")
    assert year.waiting == Waiting("hold", OFFICE, "2016-12-31")
    assert year.at("2016-11-02").announced() == ["2016-11-01"]


YEAR = ("2016-01-01", "2016-12-31")


@pytest.mark.parametrize(
    ("rhythm", "days"),
    [
        (
            "ledger_refresh",  # C2: every two months
            ["2016-01-04", "2016-03-01", "2016-05-03", "2016-07-01", "2016-09-01", "2016-11-01"],
        ),
        ("ledger_inspection", ["2016-01-04"]),  # C2: one item for the year, to be done twice
        ("stocktaking", ["2016-12-01"]),  # C2: at the year's end
        ("lead_body_quarterly_report", ["2016-03-31", "2016-06-30", "2016-09-30", "2017-01-03"]),  # C3
        ("group_quarterly_report", ["2016-03-31", "2016-06-30", "2016-09-30", "2017-01-03"]),  # C3
        ("plan_evaluation", ["2016-09-30"]),  # C5: once a year
        ("annual_schedule", ["2016-01-04"]),  # C9
        ("group_meeting", ["2016-01-04", "2016-04-01", "2016-07-01", "2016-10-08"]),  # C9: every quarter
        ("self_evaluation", ["2016-01-04", "2016-07-01"]),  # C9: every half-year
        ("major_list", ["2016-01-04"]),  # C11
        ("training", ["2016-01-04"]),  # C12
        ("site_meeting", ["2016-01-04"]),  # C12
        ("press_conference", ["2016-01-04"]),  # C12
    ],
)
def test_what_comes_round_in_a_year_comes_on_these_days(rhythm: str, days: list[str]) -> None:
    found = [on for key, on in opened_in("chengdu", rhythm, "2016-01-01", "2017-01-31") if key.startswith("2016")]
    assert found == days


def test_c2_at_the_years_end_every_open_task_is_taken_stock_of() -> None:
    tasks = (OpenTask(code="GG-1", title="甲", lead_body=BUREAU), OpenTask(code="GG-2", title="乙", lead_body=BUREAU))
    found = items_in("chengdu", "stocktaking", *YEAR, AtHand(offices={}, tasks=tasks))
    assert [(item.lead_body, item.concerns) for item in found] == [(BUREAU, ("GG-1",)), (BUREAU, ("GG-2",))]


def test_c3_each_lead_body_owes_one_report_a_quarter_however_many_tasks_it_leads() -> None:
    tasks = (OpenTask(code="GG-1", title="甲", lead_body=BUREAU), OpenTask(code="GG-2", title="乙", lead_body=BUREAU))
    found = items_in("chengdu", "lead_body_quarterly_report", *YEAR, AtHand(offices={}, tasks=tasks))
    assert [item.lead_body for item in found] == [BUREAU] * 3


def test_c5_only_plans_formally_issued_for_half_a_year_are_evaluated() -> None:
    plans = tuple(
        OpenPlan(code=code, title=code, issued_on=day(issued_on))
        for code, issued_on in [("OLD", "2015-05-05"), ("SPRING", "2016-03-30"), ("APRIL", "2016-04-01")]
    )
    found = items_in("chengdu", "plan_evaluation", *YEAR, AtHand(offices={"reform_office": (OFFICE,)}, plans=plans))
    assert [(item.lead_body, item.concerns) for item in found] == [(OFFICE, ("OLD",)), (OFFICE, ("SPRING",))]


def test_c9_every_special_group_has_its_own_quarterly_meeting() -> None:
    groups = AtHand(offices={"special_group": (ECONOMY, "民生专项小组")})
    found = items_in("chengdu", "group_meeting", "2016-07-01", "2016-07-31", groups)
    assert [item.lead_body for item in found] == [ECONOMY, "民生专项小组"]
