"""What must come back, and how it is chased on both sides until it does."""

from typing import Any

from duban.supervision.plans.plan import ListKind
from duban.supervision.rules.owed import Duty
from duban.supervision.rules.rungs import Ladder
from duban.supervision.tasks.entries import EntryKind, NoticeIntent, NoticeKind, NoticesWithdrawn, RecordChange
from duban.supervision.tasks.messages import (
    Action,
    Adopt,
    Ground,
    RaiseInterview,
    RecordAction,
    SubmitExplanation,
    Urge,
)
from tests.supervision.supervised import GROUP, HANDLING, LEAD, OFFICE, SUPERVISOR, Supervised, day, policy_of

LATE = "2016-12-31"


def record(task: Supervised, body: str, action: Action, *, at: str | None = None, **more: object) -> None:
    task.tell(RecordAction(**task.said(body, at), action=action, with_whom="李主任", content="已答复", **more))  # type: ignore[arg-type]


def test_acceptance_and_first_feedback_are_chased_three_times_each_and_then_no_more() -> None:
    task = Supervised(LATE).until("2016-08-31")
    assert task.chases("assignment/acceptance") == ["2016-05-09", "2016-05-16", "2016-05-23"]
    assert task.chases("assignment/feedback") == ["2016-05-18", "2016-05-25", "2016-06-01"]
    assert len(task.state.obligations) == 2


def test_signing_ends_the_chasing_of_the_signature_and_a_report_that_of_the_feedback() -> None:
    task = Supervised(LATE).until("2016-05-10 10:00")
    task.accept()
    assert [o.id for o in task.state.obligations] == ["assignment/feedback"]
    task.until("2016-05-20 10:00").report(percent=5)
    task.until("2016-08-31")
    assert task.chases("assignment/acceptance") == ["2016-05-09"]
    assert task.chases("assignment/feedback") == ["2016-05-18"]


def test_the_supervising_body_is_asked_for_the_call_record_and_chased_by_the_reform_office() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-08-31")
    order = next(n for n in task.notices(NoticeKind.REQUEST) if n.duty == "call_record")
    assert (order.recipient, order.respond_by) == (SUPERVISOR, day("2016-07-20"))
    assert task.chases("e1/phone/call_record") == ["2016-07-21", "2016-07-28", "2016-08-04"]
    issuers = {n.issuer for n in task.notices(NoticeKind.CHASE) if n.recipient == SUPERVISOR}
    assert issuers == {OFFICE}


def test_a_notice_says_why_its_answer_is_due_when_it_is() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-08-31")
    told = {
        n.recipient: n.explanation.respond_by_rule for n in task.notices(NoticeKind.REMINDER) if n.level == "written"
    }
    assert told[HANDLING] is None  # it owes nothing
    rule = told[LEAD]
    assert rule is not None
    assert (rule.rule, rule.paragraph) == ("书面说明应在5个工作日内完成", 6)
    assert rule.sentence == "要求改革任务牵头单位作出书面说明"
    assert rule.assumed == "文件未规定天数，5个工作日为系统预设"


def test_an_advance_notice_cites_the_sentence_and_says_what_it_leaves_open() -> None:
    (notice,) = Supervised("2016-06-30").until("2016-06-30").notices(NoticeKind.ADVANCE_NOTICE)
    rule = notice.explanation.citation
    assert (rule.paragraph, rule.assumed) == (3, "文件未规定提前几天，提前7天为系统预设")


def test_handing_over_and_verifying_cite_the_document_and_say_that_the_days_are_ours() -> None:
    task = Supervised(LATE)
    (assigned,) = {n.explanation.citation for n in task.notices(NoticeKind.OTHER)}
    task.ask_strike_off()
    asked = task.notices(NoticeKind.REQUEST)[-1].explanation.citation
    assert (assigned.paragraph, assigned.assumed) == (3, "文件未规定签收，签收及其3个工作日的时限为系统预设")
    assert (asked.paragraph, asked.assumed) == (2, "文件未规定核验的天数，5个工作日为系统预设")


def test_a_call_that_is_recorded_is_chased_no_more() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-07-22 10:00")
    record(task, SUPERVISOR, Action.CALL)
    task.until("2016-07-31")
    assert task.chases("e1/phone/call_record") == ["2016-07-21"]
    row = next(task.changes(RecordChange))
    assert (row.subject, row.facts["with_whom"], row.facts["content"]) == ("e1/phone", "李主任", "已答复")


def test_a_call_nobody_had_to_make_is_recorded_too() -> None:
    task = Supervised(LATE)
    record(task, OFFICE, Action.CALL)
    assert task.of_kind(EntryKind.RECORD_KEPT)[0].text == "市委改革办登记电话提醒记录：已答复"


def test_the_lead_body_owes_the_explanation_and_is_chased_by_the_supervising_body() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-08-10 10:00")
    assert task.chases("e1/written/explanation") == ["2016-08-09"]
    chase = next(n for n in task.notices(NoticeKind.CHASE) if n.duty == "explanation")
    assert (chase.recipient, chase.issuer) == (LEAD, SUPERVISOR)
    task.tell(SubmitExplanation(**task.said(LEAD), text="省级系统未开放"))
    task.until("2016-08-31")
    assert task.chases("e1/written/explanation") == ["2016-08-09"]


def test_an_explanation_that_is_returned_is_owed_and_chased_anew_under_numbers_of_its_own() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-08-10 10:00")
    task.tell(SubmitExplanation(**task.said(LEAD), text="忙"))
    task.send_back(what="explanation")
    assert task.until("2016-08-31").chases("e1/written/explanation/r1") == ["2016-08-18", "2016-08-25"]
    keys = [n.key for n in task.changes(NoticeIntent) if n.duty == "explanation" and n.kind is NoticeKind.CHASE]
    assert len(set(keys)) == len(keys)
    task.tell(SubmitExplanation(**task.said(LEAD), text="省级系统未开放，附函"))
    assert task.state.explained == ("e1/written",)


def test_the_onsite_reminder_wants_a_record_of_the_visit_from_those_who_made_it() -> None:
    task = Supervised("2016-06-30", LATE, list_kinds=(ListKind.PROBLEM,)).until("2016-08-16 10:00")
    assert "应由市委改革办登记" in task.refuses(
        RecordAction(**task.said(LEAD), action=Action.VISIT, with_whom="x", content="y")
    )
    record(task, OFFICE, Action.VISIT)
    assert task.state.obligation("e1/onsite/visit_record") is None


def test_after_the_interview_its_record_is_owed_and_then_the_rectification_by_its_date() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-09-20 10:00")
    task.decide(OFFICE, True, grounds=[Ground.INEFFECTIVE])
    task.decide(GROUP, True, request="e1/interview/decision")
    order = [n for n in task.notices(NoticeKind.REQUEST) if n.duty == "interview_record"]
    assert [n.recipient for n in order] == [OFFICE]
    facts: dict[str, Any] = {"problems": "无方案", "requirements": "月底前成稿", "rectify_by": day("2016-10-14")}
    record(task, OFFICE, Action.INTERVIEW, **facts)
    owed = task.state.obligation("e1/interview/rectification")
    assert owed is not None
    assert (owed.owed_by, owed.due_on) == (HANDLING, day("2016-10-14"))
    task.until("2016-10-18 10:00")
    assert task.chases("e1/interview/rectification") == ["2016-10-17"]
    task.tell(RecordAction(**task.said(HANDLING), action=Action.RECTIFICATION, content="已印发方案"))
    assert task.state.obligation("e1/interview/rectification") is None


def test_after_an_outage_each_debt_is_chased_once_not_once_for_each_chase_missed() -> None:
    task = Supervised(LATE).asleep_until("2016-07-15 10:00").wake()
    assert task.chases("assignment/acceptance") == task.chases("assignment/feedback") == ["2016-07-15"]


def test_a_chase_not_delivered_yet_is_withdrawn_by_what_it_asks_for() -> None:
    task = Supervised(LATE).until("2016-05-04").asleep_until("2016-05-14 10:00").wake()  # a Saturday
    assert task.chases("assignment/acceptance") == ["2016-05-16"]
    task.accept()
    withdrawn = [c for c in task.changes(NoticesWithdrawn) if c.subjects == ("assignment/acceptance",)]
    assert [NoticeKind.CHASE in c.kinds for c in withdrawn] == [True]


def test_a_question_that_has_been_decided_is_not_asked_on_monday() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-08-29").asleep_until("2016-09-03 10:00").wake()
    asked = next(n for n in task.notices(NoticeKind.DECISION) if n.duty == "confirmation")
    assert task.delivered(asked) == "2016-09-05"
    task.decide(GROUP, True)
    withdrawn = [c for c in task.changes(NoticesWithdrawn) if asked.subject in c.subjects]
    assert any(NoticeKind.DECISION in c.kinds and NoticeKind.REMINDER not in c.kinds for c in withdrawn)


def test_what_an_episode_left_owed_is_chased_after_its_end() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-07-19 10:00")
    task.report(1)
    assert task.until("2016-07-31").chases("e1/phone/call_record") == ["2016-07-21", "2016-07-28"]


def test_an_urging_by_hand_goes_out_in_the_name_of_whoever_urges() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-06-01 10:00")
    task.tell(Urge(**task.said(OFFICE), text="请抓紧"))
    urging = list(task.changes(NoticeIntent))[-1]
    assert (urging.key, urging.issuer, urging.recipient) == ("urge/1", OFFICE, HANDLING)


def test_a_verification_is_chased_though_the_count_stands_still() -> None:
    task = Supervised("2016-06-30").until("2016-06-20 10:00")
    task.suspend()
    task.ask_strike_off()
    task.until("2016-07-31")
    assert task.chases("strike_off/0/verification") == ["2016-06-28", "2016-07-05", "2016-07-12"]
    assert task.chases("assignment/acceptance") == ["2016-05-09", "2016-05-16", "2016-05-23"]


def test_what_is_owed_in_a_suspension_is_chased_on_the_day_it_is_over() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-07-19 10:00")
    task.suspend(until="2016-08-08")
    assert task.until("2016-08-31").chases("e1/phone/call_record") == ["2016-08-08", "2016-08-15", "2016-08-22"]


def test_an_office_that_urges_for_itself_is_chased_in_its_own_name_with_a_word_to_its_head() -> None:
    task = Supervised("2016-06-30", LATE, supervisor=OFFICE)
    roles = task.state.roles.model_copy(update={"heads": {OFFICE: "赵主任", HANDLING: "王主任"}})
    task.tell(Adopt(**task.said(OFFICE), reason="补充人员", roles=roles))
    task.until("2016-07-31")
    chases = [n for n in task.notices(NoticeKind.CHASE) if n.duty == "call_record"]
    assert {(n.issuer, n.recipient, n.facts.get("head")) for n in chases} == {(OFFICE, OFFICE, "赵主任")}
    others = [n for n in task.notices(NoticeKind.CHASE) if n.recipient == HANDLING]
    assert {n.facts.get("head") for n in others} == {None}


def test_a_call_is_recorded_with_its_own_moment_though_something_else_was_entered_meanwhile() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-07-19 14:00")
    task.report(percent=10)
    task.until("2016-07-19 15:00")
    record(task, SUPERVISOR, Action.CALL, at="2016-07-19 10:00")
    row = next(task.changes(RecordChange))
    assert (row.at, row.person, row.facts["with_whom"]) == (task.moment("2016-07-19 10:00"), "张三", "李主任")
    assert task.entries[-1].at == task.moment("2016-07-19 14:00")
    record(task, SUPERVISOR, Action.CALL, at="2016-08-19 10:00")
    assert list(task.changes(RecordChange))[-1].at == task.now


def test_the_date_that_an_interview_sets_replaces_the_one_that_the_rules_set() -> None:
    kunming = policy_of()
    *others, interview = kunming.regime.ladder.rungs
    rectified = interview.answers[0].model_copy(update={"duty": Duty.RECTIFICATION, "by": "handling_body"})
    both = interview.model_copy(update={"answers": (*interview.answers, rectified)})
    regime = kunming.regime.model_copy(update={"ladder": Ladder(rungs=(*others, both))})
    task = Supervised(LATE, regime=kunming.model_copy(update={"regime": regime})).until("2016-06-01 10:00")
    task.tell(RaiseInterview(**task.said(OFFICE), grounds=(Ground.PASSIVE,), reason="多次催办无回音"))
    task.decide(GROUP, True)
    facts: dict[str, Any] = {"problems": "无方案", "requirements": "成稿", "rectify_by": day("2016-06-20")}
    record(task, OFFICE, Action.INTERVIEW, **facts)
    assert [o.due_on for o in task.state.owing(Duty.RECTIFICATION)] == [day("2016-06-20")]
