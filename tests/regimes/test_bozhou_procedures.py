"""Bozhou 2015 step by step: limits by kind, verification, led inspections, the ledger by state, on exact days."""

from datetime import date
from typing import Any

from duban.supervision.bodies.organisation import Organisation
from duban.supervision.bodies.roles import Deputy
from duban.supervision.tasks.entries import NoticeIntent
from duban.supervision.tasks.messages import TakeStep
from tests.regimes.walking import Item, Waiting
from tests.supervision.supervised import HANDLING, day

OFFICE, GOVERNMENT_OFFICE, GOVERNMENT = "市政府督查室", "市政府办公室", "市政府"
SUPERVISION = "市监察部门"
COUNTIES = ("涡阳县政府", "谯城区政府")
FILE = Organisation(roles={"county_governments": COUNTIES})


def item(procedure: str, entered: str = "2015-03-02", **more: Any) -> Item:
    return Item("bozhou", procedure, entered, organisation=FILE, **more)


# B2 proposals, motions, online messages


def proposal() -> Item:
    one = item("proposal", matter="第23号", kind="proposal", proposer="王委员", body=HANDLING)
    one.step(OFFICE, handed_over_on="2015-03-03")
    return one


def test_a_proposal_is_answered_three_months_after_it_was_handed_over() -> None:
    one = proposal()
    assert one.waiting == Waiting("answer", HANDLING, "2015-06-03")
    assert ("advance_notice", HANDLING, OFFICE) in one.until("2015-06-04").sent("2015-05-20")
    assert one.chases("s2/answer/step") == ["2015-06-04"]


def test_a_proposal_that_takes_longer_needs_its_reason_and_is_answered_in_six_months_at_most() -> None:
    one = proposal().until("2015-06-01 10:00")
    assert "原因和进展情况" in one.refuses_step(HANDLING, "longer")
    one.step(HANDLING, "longer", reason="涉及省级权限")
    assert one.waiting == Waiting("answer_at_the_latest", HANDLING, "2015-09-03")
    one.until("2015-09-01 10:00").step(HANDLING, answered_with="亳医保〔2015〕9号")
    assert one.waiting == Waiting("review", OFFICE, "2015-09-09")  # 09-03 to 09-05 are holidays, 09-06 is worked
    one.step(OFFICE, "returned")
    assert one.waiting == Waiting("answer_at_the_latest", HANDLING, "2015-09-03")


def test_a_motion_is_handled_in_six_months_under_a_leader_who_approves_it() -> None:
    one = item("motion", matter="第1号议案", leader="李副市长", body=HANDLING)
    one.step(OFFICE, handed_over_on="2015-08-31")
    assert one.waiting == Waiting("handle", HANDLING, "2016-02-29")
    one.step(HANDLING, result="已办理")
    assert one.waiting is not None
    assert one.waiting.body == GOVERNMENT
    one.step(GOVERNMENT, "accepted")
    assert one.is_over


def test_the_report_on_deliberation_opinions_is_approved_before_it_is_submitted_on_time() -> None:
    one = item(
        "deliberation_opinion", matter="医保基金审议意见", body=HANDLING, draft_by="2015-05-15", submit_by="2015-05-29"
    )
    one.step(HANDLING, report="报告稿")
    one.step(GOVERNMENT, "returned")
    assert one.waiting == Waiting("rework", HANDLING, "2015-03-09")
    one.step(HANDLING, report="报告修改稿")
    one.step(GOVERNMENT, "approved")
    assert one.waiting == Waiting("submit", GOVERNMENT_OFFICE, "2015-05-29")
    one.step(GOVERNMENT_OFFICE, submitted_with="亳政办〔2015〕20号")
    assert one.is_over


def test_an_online_message_is_forwarded_handled_and_replied_to_within_ten_working_days() -> None:
    # Received on Monday 2015-03-30; 04-04 to 04-06 are Qingming.
    one = item("online_message", "2015-03-30", matter="第88号", received_on="2015-03-30", body=HANDLING)
    assert one.waiting == Waiting("forward", OFFICE, "2015-03-31")
    one.step(OFFICE, number="转88")
    assert one.waiting == Waiting("handle", HANDLING, "2015-04-10")
    one.until("2015-04-10 10:00").step(HANDLING, result="已解决")
    assert one.waiting == Waiting("reply", OFFICE, "2015-04-14")
    one.step(OFFICE, "returned")
    one.step(HANDLING, result="已核实解决")
    assert one.waiting == Waiting("reply", OFFICE, "2015-04-14")
    one.step(OFFICE, "replied", reply="已答复网友")
    assert one.is_over


# B4 verification, revisit, look-back


def test_at_least_thirty_per_cent_of_the_results_of_online_messages_are_verified_again() -> None:
    month = item("reverification", "2015-04-01", period_from="2015-03-01", period_to="2015-03-31")
    assert month.waiting == Waiting("verify", OFFICE, "2015-04-16")
    assert "即不少于4，现为3" in month.refuses_step(OFFICE, "all", reported="11", verified="3")
    month.step(OFFICE, "wanting", matter="第88号", body=HANDLING, wanting="水费未退")
    month.step(OFFICE, "all", reported="11", verified="4")
    assert month.opens == [("revisit", {"matter": ("第88号",), "body": (HANDLING,), "wanting": ("水费未退",)})]
    assert month.is_over


def test_what_is_found_wanting_on_site_is_rectified_and_revisited_until_it_is_done() -> None:
    visit = item("on_site_verification", matter="保障房", body=HANDLING, chosen_for=("concern", "impact"))
    assert visit.waiting == Waiting("visit", OFFICE, "2015-03-16")
    visit.step(OFFICE, "wanting", found="未入住", wanting="配套未完工")
    assert [procedure for procedure, _ in visit.opens] == ["revisit"]
    again = item("revisit", matter="保障房", body=HANDLING, wanting="配套未完工")
    assert again.waiting == Waiting("rectify", HANDLING, "2015-03-30")
    again.step(HANDLING, rectified="正在施工")
    again.step(OFFICE, "again", found="仍未完工")
    again.step(HANDLING, rectified="已完工")
    assert again.waiting is not None
    again.step(OFFICE, "rectified", found="已入住")
    assert again.is_over


def test_looking_back_at_key_matters_sends_what_slipped_to_a_revisit() -> None:
    quarter = item("look_back", "2015-04-01", period_from="2015-04-01", period_to="2015-06-30")
    quarter.step(OFFICE, "wanting", matter="招商项目", body=HANDLING, wanting="停工")
    quarter.step(OFFICE, "all", looked_at=("招商项目", "民生工程"))
    assert [procedure for procedure, _ in quarter.opens] == ["revisit"]
    assert quarter.is_over


# B5 leaders' inspections


def test_leaders_lead_two_inspections_a_month_and_the_missing_one_is_chased_at_their_government() -> None:
    month = item("led_inspections", owner="涡阳县政府", period_from="2015-03-01", period_to="2015-03-31")
    assert month.waiting == Waiting("inspect", "涡阳县政府", "2015-03-15")
    month.until("2015-03-16")
    assert ("chase", "涡阳县政府", GOVERNMENT_OFFICE) in month.sent("2015-03-16")
    for place in ("开发区", "水利工地"):
        month.step("涡阳县政府", leader="赵县长", place=place, solved="用地指标")
    assert month.is_over
    assert {recipient for kind, recipient, _ in month.sent("2015-03-17") if kind == "other"} == {OFFICE}


# B6 the ledger by state


def test_the_ledger_of_a_decision_asks_why_how_far_and_what_came_of_it_by_its_state() -> None:
    one = item("implementation", decision="促进就业意见", issued_on="2015-03-02", body=HANDLING)
    assert one.waiting == Waiting("register", OFFICE, "2015-03-02")
    one.step(OFFICE, number="台帐3")
    assert one.waiting == Waiting("state", HANDLING, "2015-04-02")
    assert "未落实的原因" in one.refuses_step(HANDLING, "not_implemented")
    one.until("2015-04-02 10:00").step(HANDLING, "not_implemented", cause="资金未到位")
    assert one.waiting == Waiting("state", HANDLING, "2015-05-02")
    one.step(HANDLING, "under_way", progress="已发放一半")
    one.step(HANDLING, "implemented", result="全部发放")
    assert one.waiting == Waiting("check", OFFICE, "2015-04-17")
    one.step(OFFICE, "confirmed")
    assert one.is_over


# B8 targets of the government work report


def test_each_target_of_the_work_report_is_divided_into_the_ledger_of_its_body() -> None:
    year = item("government_work_report_targets", "2015-01-04", period_from="2015-01-01", period_to="2015-12-31")
    assert year.waiting == Waiting("divide", OFFICE, "2015-01-30")
    year.step(
        OFFICE,
        "one",
        matter="新增就业3万人",
        body="市人社局",
        plan="按季推进",
        workload="3万人",
        team="就业专班，周局长",
        issued_on="2015-01-20",
    )
    year.step(OFFICE, "all")
    assert year.opens == [
        (
            "implementation",
            {"decision": ("新增就业3万人",), "issued_on": ("2015-01-20",), "body": ("市人社局",)},
        )
    ]


def test_targets_are_inspected_by_the_month_circulated_by_the_quarter_and_appraised_at_the_years_end() -> None:
    month = item("monthly_supervision", period_from="2015-03-01", period_to="2015-03-31")
    assert month.waiting == Waiting("inspect", OFFICE, "2015-03-31")
    quarter = item("quarterly_circular", "2015-03-31", period_from="2015-01-01", period_to="2015-03-31")
    assert quarter.waiting == Waiting("issue", OFFICE, "2015-04-15")
    quarter.step(OFFICE, text="就业落后")
    assert quarter.papers() == [("政办通报", body) for body in (GOVERNMENT, *COUNTIES)]
    year = item("year_end_appraisal", "2015-12-31", period_from="2015-01-01", period_to="2015-12-31")
    assert year.waiting == Waiting("appraise", OFFICE, "2016-01-29")
    year.step(OFFICE, result="32项完成")
    assert year.waiting is not None
    assert year.waiting.body == GOVERNMENT_OFFICE


# B10 decisions of meetings


def test_decisions_of_a_meeting_are_divided_on_the_next_working_day_and_reported_on_specially() -> None:
    meeting = item("meeting_decisions", "2015-03-06", kind="executive", held_on="2015-03-06")
    assert meeting.waiting == Waiting("divide", GOVERNMENT_OFFICE, "2015-03-09")
    for matter, body in (("水厂", "市住建委"), ("学校", "市教育局")):
        meeting.step(GOVERNMENT_OFFICE, "one", matter=matter, body=body, person="主任", finish_by="2015-06-30")
    meeting.step(GOVERNMENT_OFFICE, "all", report_by="2015-07-10")
    assert [(p, f["body"]) for p, f in meeting.opens] == [
        ("decided_matter", ("市住建委",)),
        ("decided_matter", ("市教育局",)),
    ]
    assert meeting.waiting == Waiting("report", OFFICE, "2015-07-10")
    meeting.step(OFFICE, result="两项落实")
    assert meeting.papers() == [("督查专报", GOVERNMENT)]


def test_what_was_decided_goes_out_on_a_prompt_or_an_assignment_slip() -> None:
    fields = {"matter": "水厂", "body": "市住建委", "person": "主任", "finish_by": "2015-06-30"}
    prompt, assignment = item("decided_matter", **fields), item("decided_matter", **fields)
    prompt.step(GOVERNMENT_OFFICE, "prompt")
    assignment.step(GOVERNMENT_OFFICE, "assignment")
    assert prompt.papers() == [("市长工作提示单", "市住建委")]
    assert assignment.papers() == [("市政府重要事项交办单", "市住建委")]
    assert prompt.waiting == Waiting("implement", "市住建委", "2015-06-30")
    prompt.step("市住建委", result="已通水")
    prompt.step(OFFICE, "returned")
    assert prompt.waiting == Waiting("rework", "市住建委", "2015-03-09")


# Leaders' instructions


def test_a_leaders_instruction_is_forwarded_on_the_day_it_came_and_its_result_told_to_the_leader() -> None:
    one = item(
        "leader_instruction", matter="积水", kind="instruction", leader="市长", body=HANDLING, finish_by="2015-03-20"
    )
    assert one.waiting == Waiting("forward", OFFICE, "2015-03-02")
    one.step(OFFICE, clerk="陈科长")
    assert one.waiting == Waiting("handle", HANDLING, "2015-03-20")
    one.step(HANDLING, "difficult", difficulty="管网老旧")
    assert one.waiting == Waiting("organise", HANDLING, "2015-03-09")
    one.step(HANDLING, head="局长", measures="分段改造")
    assert one.waiting == Waiting("handle", HANDLING, "2015-03-20")
    one.step(HANDLING, "done", result="已改造")
    one.step(OFFICE, "fed_back")
    [told] = [n for n in one.changes(NoticeIntent) if n.recipient == GOVERNMENT]
    assert (told.facts["for_person"], told.facts["outcome"]) == ("市长", "已反馈")
    assert one.is_over


def test_what_is_difficult_about_an_instruction_is_studied_by_the_head_of_the_body_himself() -> None:
    one = item(
        "leader_instruction", matter="积水", kind="instruction", leader="市长", body=HANDLING, finish_by="2015-03-20"
    )
    deputy = Deputy(name="李副局长", from_on=date(2015, 3, 10))
    roles = one.state.roles.model_copy(update={"heads": {HANDLING: "王局长"}, "deputies": {HANDLING: (deputy,)}})
    one.state = one.state.model_copy(update={"roles": roles})
    one.step(OFFICE, clerk="陈科长")
    one.step(HANDLING, "difficult", difficulty="管网老旧")
    studied = {"head": "王局长", "measures": "分段改造"}
    assert one.refuses_step(HANDLING, **studied) == (
        f"“主要领导亲自组织研究”须由{HANDLING}主要负责人王局长办理；现在没有人代行职责"
    )
    facts: dict[str, tuple[str, ...]] = {name: (value,) for name, value in studied.items()}
    one.tell(TakeStep(**{**one.said(HANDLING), "person": "王局长"}, facts=facts))
    assert one.waiting == Waiting("handle", HANDLING, "2015-03-20")


def test_what_leaders_settle_on_the_spot_is_divided_at_once_into_items_like_instructions() -> None:
    visit = item("field_research", leader="市长", visited_on="2015-03-02")
    assert visit.waiting == Waiting("divide", GOVERNMENT_OFFICE, "2015-03-03")
    visit.step(GOVERNMENT_OFFICE, "one", matter="修路", kind="field", body=HANDLING, finish_by="2015-05-29")
    visit.step(GOVERNMENT_OFFICE, "all")
    assert [(p, f["leader"], f["matter"]) for p, f in visit.opens] == [("leader_instruction", ("市长",), ("修路",))]


# B11 periodicals, criticism, accountability


def test_the_two_periodicals_have_numbers_of_their_own() -> None:
    bulletin = item("bulletin", topic="春季招商")
    bulletin.step(OFFICE, "bulletin", text="内容")
    assert {paper for paper, _ in bulletin.papers()} == {"政务督查"}
    criticism = item("criticism", matter="棚改", body=HANDLING, problems="进度缓慢")
    criticism.step(GOVERNMENT_OFFICE, "issued")
    assert criticism.papers() == [("政办通报", HANDLING)]
    assert criticism.waiting == Waiting("report_causes", HANDLING, "2015-03-16")


def test_falsehood_found_behind_a_criticism_goes_to_the_supervision_department_with_consent_only() -> None:
    criticism = item("criticism", matter="棚改", body=HANDLING, problems="进度缓慢")
    criticism.step(GOVERNMENT_OFFICE, "issued")
    criticism.step(HANDLING, causes="人手不足", measures="增派")
    criticism.step(OFFICE, "accountable", facts_found="数据造假")
    assert [procedure for procedure, _ in criticism.opens] == ["accountability"]
    one = item("accountability", matter="棚改", body=HANDLING, facts_found="数据造假")
    assert one.waiting == Waiting("consent", GOVERNMENT, "2015-03-09")
    one.step(GOVERNMENT, "consented")
    assert one.waiting == Waiting("account", SUPERVISION, "2015-06-02")
    assert ("移交函", SUPERVISION) in one.papers()


def test_a_decision_is_evaluated_by_self_check_inspection_and_third_party() -> None:
    one = item("evaluation", decision="促进就业意见", body=HANDLING)
    one.step(HANDLING, self_checked="三项问题")
    one.step(OFFICE, "commissioned", inspected="属实")
    assert one.waiting is not None
    assert one.waiting.step == "third_party"
    one.step(OFFICE, evaluator="某大学", evaluated="良")
    one.step(OFFICE, advice="扩大培训")
    assert [run.step for run in one.state.steps] == ["self_check", "inspect", "third_party", "advise"]
    assert day("2015-03-02") == one.state.entered_on
