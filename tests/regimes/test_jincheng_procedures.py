"""Jincheng 2019 step by step: seven steps, four slips, the board, special reports, on exact days of 2019."""

from typing import Any

import pytest

from duban.supervision.tasks.entries import NoticeIntent
from duban.supervision.tasks.messages import TakeStep
from tests.regimes.walking import Item, Waiting, rulebook_of
from tests.supervision.supervised import HANDLING

OFFICE, GROUP, ORGANISATION = "市委市政府督查办公室", "市委市政府督查工作领导小组", "市委组织部"
SLIP: dict[str, Any] = {
    "matter": "市医院易址扩建拆迁",
    "body": HANDLING,
    "standard": "全部拆除",
    "schedule": ("11月15日前签约", "11月29日前拆除"),
    "finish_by": "2019-11-29",
}


def item(procedure: str, entered: str = "2019-11-06", **more: Any) -> Item:
    return Item("jincheng", procedure, entered, **more)


# J4 seven steps


@pytest.fixture
def seven() -> Item:
    return item("inspection_item", matter="市医院易址扩建拆迁", origin="difficult", assigned_by="市长")


def test_an_item_goes_through_the_seven_steps_from_intake_to_archive_and_use(seven: Item) -> None:
    assert seven.waiting == Waiting("intake", OFFICE, "2019-11-07")
    seven.step(OFFICE, "registered", number="督2019-59")
    assert seven.waiting == Waiting("opinion", OFFICE, "2019-11-08")
    opinion = {name: value for name, value in SLIP.items() if name != "matter"}
    seven.step(OFFICE, opinion="限期拆除", **opinion)
    assert seven.waiting == Waiting("approval", GROUP, "2019-11-08")
    seven.step(GROUP, "approved")
    assert seven.waiting == Waiting("method", OFFICE, "2019-11-07")
    seven.step(OFFICE, "slip")
    assert seven.opens == [("assignment_slip", {k: (v,) if isinstance(v, str) else v for k, v in SLIP.items()})]
    assert seven.waiting == Waiting("completion", OFFICE, "2019-12-06")  # five working days after 11-29
    seven.until("2019-12-02 10:00").step(OFFICE, result="已拆除", quality="in_time")
    seven.step(OFFICE, report="拆迁完成")
    assert seven.papers() == [("督查专报", GROUP), ("督查专报", HANDLING)]
    assert seven.waiting == Waiting("archive", OFFICE, "2019-12-09")
    seven.step(OFFICE, filed_as="档2019-59", used_for=("appraisal", "leaders"))
    assert seven.is_over
    assert [run.step for run in seven.state.steps] == [
        "intake",
        "opinion",
        "approval",
        "method",
        "completion",
        "feedback",
        "archive",
    ]


def test_the_seven_steps_bear_the_names_of_the_document() -> None:
    titles = [step.title for step in rulebook_of("jincheng").procedures["inspection_item"].steps]
    names = [
        "督查收件登记（接受督查任务）",
        "拟定督办意见",
        "督查立项审批",
        "督查办法确认",
        "督查办结报告",
        "反馈督查结果",
        "结果归档运用",
    ]
    assert [title.split(" ")[1] for title in titles] == names


def test_nothing_is_archived_without_saying_what_it_is_used_for(seven: Item) -> None:
    assert "督查收件登记" in seven.refuses_to_skip_to("archive", OFFICE)
    archive = rulebook_of("jincheng").procedures["inspection_item"].step("archive")
    assert archive is not None
    assert {fact.name: fact.optional for fact in archive.facts} == {"filed_as": False, "used_for": False}


def test_an_opinion_that_is_not_approved_is_drawn_up_anew(seven: Item) -> None:
    seven.step(OFFICE, "registered", number="督2019-59")
    opinion = {name: value for name, value in SLIP.items() if name != "matter"}
    seven.step(OFFICE, opinion="限期拆除", **opinion)
    seven.step(GROUP, "returned")
    assert seven.waiting == Waiting("opinion", OFFICE, "2019-11-08")


# J1 one inlet


def test_what_is_under_supervision_already_is_joined_to_the_first_item_at_the_intake(seven: Item) -> None:
    assert "原件编号" in seven.refuses_step(OFFICE, "duplicate")
    seven.step(OFFICE, "duplicate", joined_to="DC2019-0031")
    assert seven.is_over
    assert seven.opens == []


def test_whatever_comes_in_is_compared_with_what_is_under_way_before_it_is_opened() -> None:
    by_hand = {key: p for key, p in rulebook_of("jincheng").procedures.items() if p.opened_by}
    assert all(procedure.alike for procedure in by_hand.values())


def test_next_months_inspections_are_arranged_by_the_end_of_the_month_in_one_place() -> None:
    month = item("inspection_schedule", "2019-11-01", period_from="2019-11-01", period_to="2019-11-30")
    assert month.waiting == Waiting("arrange", OFFICE, "2019-11-30")
    month.step(OFFICE, "one", matter="厕所革命", inspect_by="2019-12-13")
    month.step(OFFICE, "all")
    assert month.opens == [("special_inspection", {"matter": ("厕所革命",), "inspect_by": ("2019-12-13",)})]


# J3 slips


@pytest.fixture
def slip() -> Item:
    return item("assignment_slip", **SLIP)


def test_the_assignment_slip_carries_standard_and_schedule_and_is_signed_with_consent(slip: Item) -> None:
    slip.step(OFFICE)
    assert slip.papers() == [("任务通知单", HANDLING)]
    (notice,) = [n for n in slip.changes(NoticeIntent) if n.paper]
    assert slip.waiting == Waiting("sign", HANDLING, "2019-11-08")
    asked = [n for n in slip.changes(NoticeIntent) if n.key == "s2/sign"]
    assert asked[0].facts["工作标准"] == "全部拆除"
    assert asked[0].facts["倒排的工期"] == "11月15日前签约、11月29日前拆除"
    assert notice.recipient == HANDLING
    slip.until("2019-11-11")
    assert slip.chases("s2/sign/step") == ["2019-11-11"]
    slip.step(HANDLING, "agreed", signed_by="王局长")
    assert slip.waiting == Waiting("implement", HANDLING, "2019-11-29")


def test_who_does_not_consent_says_why_and_is_notified_anew(slip: Item) -> None:
    slip.step(OFFICE)
    slip.step(HANDLING, "objected", signed_by="王局长", objection="时限过紧")
    slip.step(OFFICE, finish_by="2019-12-13", standard="全部拆除")
    slip.step(HANDLING, "agreed", signed_by="王局长")
    assert slip.waiting == Waiting("implement", HANDLING, "2019-12-13")


def test_what_is_done_is_struck_off_on_a_slip_of_its_own_and_what_is_not_goes_on(slip: Item) -> None:
    slip.step(OFFICE)
    slip.step(HANDLING, "agreed", signed_by="王局长")
    slip.step(HANDLING, result="余两户", evidence="照片")
    slip.step(OFFICE, "returned")
    assert slip.waiting == Waiting("again", HANDLING, "2019-11-13")
    slip.step(HANDLING, result="已拆除", evidence="照片")
    slip.step(OFFICE, "struck_off")
    assert slip.papers() == [("任务通知单", HANDLING), ("任务销号单", HANDLING)]
    assert slip.is_over


def test_the_tracking_slip_follows_what_lags_and_leads_to_the_coordination_slip() -> None:
    one = item("tracking_slip", matter="拆迁", body=HANDLING, catch_up_by="2019-11-20")
    one.step(OFFICE, lagging="余两户")
    one.step(HANDLING, signed_by="王局长", measures="增派人手")
    assert one.waiting == Waiting("catch_up", HANDLING, "2019-11-20")
    one.until("2019-11-20 10:00").step(HANDLING, progress="余一户")
    assert one.waiting == Waiting("check", OFFICE, "2019-11-25")
    one.step(OFFICE, "lagging", problem="土石方清运")
    assert one.opens == [("coordination_slip", {"matter": ("拆迁",), "body": (HANDLING,), "problem": ("土石方清运",)})]


def test_the_coordination_slip_is_a_second_timed_check_that_divides_anew_what_needs_several_bodies() -> None:
    one = item("coordination_slip", matter="学校建设", body=HANDLING, problem="土石方清运")
    one.step(OFFICE, check_by="2019-11-22")
    one.step(HANDLING, signed_by="王局长")
    for part, body in (("清运", "市城管局"), ("堆场", "市自然资源局")):
        one.step(
            OFFICE,
            "one",
            part=part,
            part_body=body,
            part_standard="清完",
            part_schedule=("每日200车",),
            part_finish_by="2019-11-20",
        )
    one.step(OFFICE, "all")
    assert [(p, f["matter"], f["body"], f["finish_by"]) for p, f in one.opens] == [
        ("assignment_slip", ("清运",), ("市城管局",), ("2019-11-20",)),
        ("assignment_slip", ("堆场",), ("市自然资源局",), ("2019-11-20",)),
    ]
    assert one.waiting == Waiting("check", OFFICE, "2019-11-22")
    one.step(OFFICE, "again", check_by="2019-11-29")
    assert one.waiting == Waiting("check", OFFICE, "2019-11-29")
    one.step(OFFICE, "result", result="已清完")
    assert one.is_over


# J7 instructions and the board


def test_every_instruction_of_a_leader_becomes_an_assignment_slip_with_a_deadline() -> None:
    one = item("leader_instruction", leader="市委书记", instruction="学校和市民广场", instructed_on="2019-11-06")
    assert one.waiting == Waiting("sort", OFFICE, "2019-11-08")
    for matter in ("东南新区学校", "市民广场"):
        one.step(OFFICE, "slip", **{**SLIP, "matter": matter})
    one.step(OFFICE, "all", report_by="2019-12-06")
    assert [(p, f["matter"], f["finish_by"]) for p, f in one.opens] == [
        ("assignment_slip", ("东南新区学校",), ("2019-11-29",)),
        ("assignment_slip", ("市民广场",), ("2019-11-29",)),
    ]
    one.step(OFFICE, result="均已落实")
    assert one.papers() == [("督查专报", GROUP)]
    [report] = [n for n in one.changes(NoticeIntent) if n.paper == "督查专报"]
    assert report.facts["for_person"] == "市委书记"


def test_a_hard_case_on_the_board_is_visited_again_and_again_without_telling_the_body() -> None:
    board = item("board", matter="拆迁", body=HANDLING)
    board.step(OFFICE, number="牌1", solve_by="2019-11-15")
    assert board.waiting == Waiting("visit", OFFICE, "2019-11-08")
    before = len(told(board, HANDLING))
    board.until("2019-11-08 10:00").step(OFFICE, "again", found="余两户")
    assert board.waiting == Waiting("visit", OFFICE, "2019-11-12")
    board.until("2019-11-12 10:00").step(OFFICE, "solved", found="已拆完")
    assert len(told(board, HANDLING)) == before
    board.step(OFFICE, result="一周内拆完")
    assert board.is_over
    assert ("督查专报", GROUP) in board.papers()


def told(one: Item, body: str) -> list[str]:
    return [n.key for n in one.changes(NoticeIntent) if n.recipient == body]


# J2, J5, J6


def test_a_special_inspection_calls_in_part_timers_experts_and_the_public() -> None:
    one = item("special_inspection", matter="城中村改造", inspect_by="2019-11-22")
    one.step(OFFICE, staff=("甲",), part_timers=("乙",), experts=("丙",), public=("丁",))
    assert one.waiting == Waiting("inspect", OFFICE, "2019-11-22")
    one.step(OFFICE, found="属实")
    one.step(OFFICE, report="专报")
    assert one.papers() == [("督查专报", GROUP)]


def test_the_expert_pool_is_renewed_in_two_months_of_the_year_and_approved() -> None:
    year = item("expert_pool", "2019-01-02", period_from="2019-01-01", period_to="2019-12-31")
    assert year.waiting == Waiting("renew", OFFICE, "2019-03-02")
    year.step(OFFICE, members="60", added=("戊",))
    assert year.waiting == Waiting("approve", GROUP, "2019-01-16")
    year.step(GROUP, "approved")
    assert year.is_over


def test_the_years_results_go_into_the_appraisal_of_bodies_and_of_leaders() -> None:
    year = item("yearly_results", "2019-12-31", period_from="2019-01-01", period_to="2019-12-31")
    assert year.waiting == Waiting("compile", OFFICE, "2020-01-15")
    year.step(OFFICE, results="58项，按期52项")
    year.step(ORGANISATION, weighed="计入目标责任制考核")
    assert year.waiting is not None
    assert year.waiting.step == "weigh_leaders"
    year.step(ORGANISATION, evaluated="列入综合考核评价")
    assert year.is_over


def test_a_special_report_is_numbered_and_issued_by_another_person_than_who_drafted_it() -> None:
    one = item("special_report", topic="重点工程进度")
    one.step(OFFICE, report="稿")
    assert "请另派人员" in one.refuses_step(OFFICE, "issued")
    one.tell(TakeStep(**{**one.said(OFFICE), "person": "李四"}, outcome="issued"))
    assert one.papers() == [("督查专报", GROUP)]
