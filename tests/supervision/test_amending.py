"""A plan is amended while a task is under way: in every direction, at any point of a stretch of lag."""

from typing import Any

import pytest

from duban.supervision.plans.plan import ListKind, ReportCycle
from duban.supervision.rules.owed import Duty
from duban.supervision.tasks.entries import (
    EntryKind,
    NoticeIntent,
    NoticeKind,
    NoticesWithdrawn,
    ObligationStatus,
    TaskChange,
)
from duban.supervision.tasks.messages import Amend, AmendedMilestone, Ground
from duban.supervision.tasks.state import RungStatus, Stage
from tests.supervision.supervised import GROUP, HANDLING, LEAD, OFFICE, SUPERVISOR, Supervised, day

FINANCE = "市财政局"


def moved(number: int | None, due_on: str | None = None, **more: Any) -> AmendedMilestone:
    return AmendedMilestone(number=number, due_on=day(due_on) if due_on else None, **more)


def amendment(task: Supervised, *milestones: AmendedMilestone, at: str | None = None, **fields: Any) -> Amend:
    fields = {"reason": "方案调整", "document": "市改革发〔2016〕9号", **fields}
    return Amend(**task.said(SUPERVISOR, at), milestones=milestones, **fields)


def amend(task: Supervised, *milestones: AmendedMilestone, **fields: Any) -> None:
    task.tell(amendment(task, *milestones, **fields))


def due_on(task: Supervised, number: int) -> tuple[str, str]:
    milestone = task.state.milestone(number)
    assert milestone is not None
    return milestone.baseline_on.isoformat(), milestone.due_on.isoformat()


def withdrawn(task: Supervised) -> list[NoticesWithdrawn]:
    return list(task.changes(NoticesWithdrawn))


# Later


def test_a_later_date_with_nothing_overdue_any_more_ends_the_episode_and_keeps_the_baseline() -> None:
    task = Supervised("2016-06-30").until("2016-08-20 12:00")
    assert [r.level for r in task.given()] == ["phone", "written", "onsite"]
    amend(task, moved(1, "2016-12-31"))
    assert task.state.episode is None
    assert due_on(task, 1) == ("2016-06-30", "2016-12-31")
    assert task.entries[-1].kind is EntryKind.EPISODE_ENDED
    assert "方案已调整" in task.entries[-1].text
    task.until("2016-12-31")
    assert [r.level for r in task.given()] == ["phone", "written", "onsite"]
    task.until("2017-01-17 12:00")
    assert [(r.level, r.due_on) for r in task.given()][3:] == [("phone", "2017-01-16")]


def test_while_another_date_is_overdue_the_count_goes_on_from_where_it_began() -> None:
    task = Supervised("2016-06-30", "2016-07-20", "2016-12-31").until("2016-08-10 12:00")
    amend(task, moved(1, "2016-10-31"))
    episode = task.state.episode
    assert episode is not None
    assert (episode.number, episode.opened_on) == (1, day("2016-06-30"))
    task.until("2016-08-16 12:00")
    assert task.given()[-1] == ("onsite", "2016-08-15", "2016-08-15")
    assert task.notices(NoticeKind.REMINDER)[-1].explanation.milestone_due_on == day("2016-07-20")


def test_a_level_that_awaits_its_confirmation_is_withdrawn_when_the_episode_ends() -> None:
    task = Supervised("2016-06-30").until("2016-09-01 12:00")
    assert task.levels()["e1/circular"] is RungStatus.AWAITING_APPROVAL
    amend(task, moved(1, "2016-12-31"))
    assert task.levels()["e1/circular"] is RungStatus.NOT_ISSUED
    assert not task.state.owing(Duty.CONFIRMATION)
    assert any("e1/circular" in w.subjects and "方案已调整" in w.reason for w in withdrawn(task))


def test_a_level_that_awaits_its_confirmation_stays_while_the_lag_goes_on() -> None:
    task = Supervised("2016-06-30", "2016-07-20", "2016-12-31").until("2016-09-01 12:00")
    amend(task, moved(1, "2016-12-30"))
    assert task.levels()["e1/circular"] is RungStatus.AWAITING_APPROVAL
    task.decide(GROUP, True, request="e1/circular/confirmation")
    assert task.levels()["e1/circular"] is RungStatus.ISSUED


def test_a_reminder_that_fell_due_and_was_not_given_when_the_date_was_moved_is_on_record() -> None:
    task = Supervised("2016-06-30").until("2016-07-16 12:00")  # a Saturday: due, and given on Monday
    amend(task, moved(1, "2016-09-30"))
    assert task.levels() == {"e1/phone": RungStatus.NOT_ISSUED}
    assert "方案已调整" in task.reasons()["e1/phone"]


# Earlier


def test_an_earlier_date_makes_nobody_late_in_retrospect() -> None:
    task = Supervised("2016-12-31").until("2016-08-10 12:00")
    assert "早于今天" in task.refuses(amendment(task, moved(1, "2016-08-09")))
    assert due_on(task, 1) == ("2016-12-31", "2016-12-31")


def test_a_date_that_has_passed_by_the_time_the_amendment_is_handled_is_refused_too() -> None:
    task = Supervised("2016-12-31").until("2016-08-10 12:00").asleep_until("2016-08-13 12:00")
    assert "早于今天" in task.refuses(amendment(task, moved(1, "2016-08-11"), at="2016-08-10 12:00"))


def test_an_overdue_date_may_be_renamed_but_not_moved_within_the_past() -> None:
    task = Supervised("2016-06-30", "2016-12-31").until("2016-08-10 12:00")
    assert "早于今天" in task.refuses(amendment(task, moved(1, "2016-07-31")))
    amend(task, moved(1, "2016-06-30", phrase="报送试点方案"))
    assert task.lag("2016-08-10") == 41


def test_a_new_date_of_today_fires_nothing_at_once_and_its_lag_begins_tomorrow() -> None:
    task = Supervised("2016-12-31").until("2016-08-10 12:00")
    known = len(task.notices(NoticeKind.ADVANCE_NOTICE))
    amend(task, moved(1, "2016-08-10"))
    task.wake()
    assert task.state.episode is None
    assert len(task.notices(NoticeKind.ADVANCE_NOTICE)) == known
    task.until("2016-08-11")
    assert task.state.episode is not None
    assert task.lag("2016-08-11") == 1
    task.until("2016-08-26")
    assert task.given() == [("phone", "2016-08-26", "2016-08-26")]


def test_an_earlier_date_in_the_middle_of_an_episode_leaves_the_count_alone() -> None:
    task = Supervised("2016-06-30", "2016-12-31").until("2016-08-10 12:00")
    amend(task, moved(2, "2016-08-12"))
    assert task.lag("2016-08-10") == 41
    task.report(1)
    assert task.state.episode is None
    task.until("2016-08-15")
    assert task.state.episodes[-1].opened_on == day("2016-08-12")
    assert len(task.state.episodes) == 2


# What was announced and asked for


def test_what_was_announced_for_the_old_date_is_withdrawn_and_the_new_date_announced() -> None:
    task = Supervised("2016-06-30").until("2016-06-24 12:00")
    before = [n.key for n in task.notices(NoticeKind.ADVANCE_NOTICE)]
    assert before
    amend(task, moved(1, "2016-09-30"))
    taken_back = [w for w in withdrawn(task) if w.subjects == ("m1",) and w.kinds == (NoticeKind.ADVANCE_NOTICE,)]
    assert [w.reason for w in taken_back] == ["方案已调整，期限改为2016年9月30日"]
    task.until("2016-09-30 12:00")
    after = [n for n in task.notices(NoticeKind.ADVANCE_NOTICE) if n.key not in before]
    assert [n.respond_by for n in after] == [day("2016-09-30")]


def test_moved_away_and_back_a_date_is_announced_again() -> None:
    task = Supervised("2016-06-30").until("2016-06-30 12:00")
    assert [n.respond_by for n in task.notices(NoticeKind.ADVANCE_NOTICE)] == [day("2016-06-30")]
    amend(task, moved(1, "2016-09-30"))
    task.until("2016-07-20 12:00")
    amend(task, moved(1, "2016-08-05"))
    task.until("2016-08-04 12:00")
    amend(task, moved(1, "2016-09-30"))
    task.until("2016-09-29")
    dates = [n.respond_by for n in task.notices(NoticeKind.ADVANCE_NOTICE)]
    assert dates == [day("2016-06-30"), day("2016-08-05"), day("2016-09-30")]
    amend(task, moved(1, "2016-10-31"))
    task.until("2016-10-30")
    amend(task, moved(1, "2016-12-30"))
    task.until("2016-11-01 12:00")
    amend(task, moved(1, "2016-11-30"))
    keys = [(n.key, n.recipient) for n in task.notices(NoticeKind.ADVANCE_NOTICE)]
    assert len(set(keys)) == len(keys)


def test_a_wish_for_a_later_date_lapses_with_the_date_that_it_was_about() -> None:
    task = Supervised("2016-06-30", "2016-12-31").until("2016-06-20 12:00")
    task.ask_extension(1, "2016-08-31")
    task.ask_extension(2, "2017-03-31")
    amend(task, moved(1, "2016-09-30"))
    assert [e.milestone for e in task.state.extensions] == [2]
    assert [o.subject for o in task.state.owing(Duty.EXTENSION_DECISION)] == ["x2"]
    assert due_on(task, 1) == ("2016-06-30", "2016-09-30")


# Milestones come and go


def test_a_milestone_is_added_and_nothing_is_due_on_it_before_its_day() -> None:
    task = Supervised("2016-12-31").until("2016-08-10 12:00")
    amend(task, moved(None, "2016-09-30", phrase="印发文件"))
    assert [(m.number, m.final) for m in task.state.milestones] == [(1, True), (2, False)]
    task.until("2016-10-17")
    assert task.given() == [("phone", "2016-10-16", "2016-10-17")]
    task.report(2)
    assert task.state.episode is None


def test_a_milestone_later_than_the_final_one_becomes_final() -> None:
    task = Supervised("2016-06-30", "2016-12-31").until("2016-05-10 12:00")
    amend(task, moved(None, "2017-03-31", phrase="验收"))
    assert [(m.number, m.final) for m in task.state.milestones] == [(1, False), (2, False), (3, True)]
    task.report(1, 2)
    task.ask_strike_off()
    task.verify()
    assert task.state.stage is Stage.STRUCK_OFF


def test_without_its_only_overdue_milestone_a_task_lags_no_more() -> None:
    task = Supervised("2016-06-30", "2016-12-31").until("2016-08-10 12:00")
    amend(task, withdrawn_milestones=(1,))
    assert task.state.episode is None
    assert [m.number for m in task.state.unmet] == [2]
    assert "没有第1个节点" in task.refuses(amendment(task, moved(1, "2016-10-31")))


def test_without_its_final_milestone_the_last_one_left_is_final() -> None:
    task = Supervised("2016-06-30", "2016-09-30", "2016-12-31").until("2016-05-10 12:00")
    amend(task, withdrawn_milestones=(3,))
    assert [(m.number, m.final) for m in task.state.milestones] == [(1, False), (2, True), (3, False)]


def test_a_task_is_not_left_without_anything_to_do() -> None:
    task = Supervised("2016-12-31").until("2016-05-10 12:00")
    assert "没有未完成的节点" in task.refuses(amendment(task, withdrawn_milestones=(1,)))


def test_what_is_done_is_not_amended() -> None:
    task = Supervised("2016-06-30", "2016-12-31").until("2016-06-10 12:00")
    task.report(1)
    assert "已完成" in task.refuses(amendment(task, moved(1, "2016-09-30")))
    assert "已完成" in task.refuses(amendment(task, withdrawn_milestones=(1,)))
    task.report(at=None)
    task.ask_strike_off()
    assert "销号申请正在核验" in task.refuses(amendment(task, moved(2, "2017-06-30")))
    amend(task, title="医保支付方式改革（修订）")
    assert task.state.stage is Stage.STRIKE_OFF_REQUESTED


def test_a_report_that_is_returned_after_the_date_was_moved_leaves_it_at_the_new_date() -> None:
    task = Supervised("2016-06-30", "2016-12-31").until("2016-08-10 12:00")
    amend(task, moved(1, "2016-10-31"))
    task.report(1)
    task.send_back()
    assert task.state.episode is None
    assert due_on(task, 1)[1] == "2016-10-31"


# A suspended task


def test_a_suspended_task_is_amended_and_its_suspension_stays() -> None:
    task = Supervised("2016-06-30").until("2016-07-10 12:00")
    task.suspend(until="2016-09-01")
    task.until("2016-08-10 12:00")
    amend(task, moved(1, "2016-12-31"))
    assert task.state.episode is None
    assert task.state.suspended_on(day("2016-08-10"))
    task.until("2016-12-30")
    assert task.given() == []


# Other bodies


def test_what_is_owed_is_handed_on_to_the_body_that_takes_over() -> None:
    task = Supervised("2016-06-30").until("2016-05-04 12:00")
    assert {o.duty for o in task.state.obligations} == {Duty.ACCEPTANCE, Duty.FEEDBACK}
    due = next(o.due_on for o in task.state.owing(Duty.FEEDBACK))
    amend(task, handling_body=FINANCE)
    owed = {o.duty: (o.owed_by, o.subject) for o in task.state.obligations}
    assert owed == {Duty.FEEDBACK: (FINANCE, "assignment"), Duty.ACCEPTANCE: (FINANCE, "amendment/1")}
    assert next(o.due_on for o in task.state.owing(Duty.FEEDBACK)) == due
    assert task.refuses(_acceptance(task, HANDLING)).startswith(f"{HANDLING}无权")
    task.tell(_acceptance(task, FINANCE))
    assert task.state.stage is Stage.ACCEPTED


def _acceptance(task: Supervised, body: str) -> Any:
    from duban.supervision.tasks.messages import Accept

    return Accept(**task.said(body))


def test_who_takes_over_signs_while_the_work_goes_on() -> None:
    task = Supervised("2016-06-30").until("2016-05-20 12:00")
    task.report()
    assert task.state.stage is Stage.UNDER_WAY
    amend(task, handling_body=FINANCE)
    task.tell(_acceptance(task, FINANCE))
    assert task.state.stage is Stage.UNDER_WAY
    assert task.state.obligations == ()


def test_the_new_body_is_told_like_an_assignment_and_the_old_one_that_it_is_released() -> None:
    task = Supervised("2016-06-30", measures="推进按病种付费").until("2016-08-10 12:00")
    amend(task, handling_body=FINANCE)
    told = {n.recipient: n for n in task.notices(NoticeKind.OTHER) if n.subject == "amendment/1"}
    assert {body: n.facts["what"] for body, n in told.items()} == {
        FINANCE: "amendment",
        LEAD: "amendment",
        HANDLING: "released",
    }
    assert told[FINANCE].facts["measures"] == "推进按病种付费"
    assert told[FINANCE].duty is Duty.ACCEPTANCE
    assert (told[FINANCE].explanation.behind_since, told[FINANCE].explanation.lag_days) == (day("2016-06-30"), 41)
    assert told[HANDLING].explanation.lag_days is None


def test_what_waits_for_delivery_to_the_old_body_is_withdrawn() -> None:
    task = Supervised("2016-06-30").until("2016-05-04 12:00")
    amend(task, handling_body=FINANCE)
    assert any(w.recipients == (HANDLING,) and w.subjects == ("",) for w in withdrawn(task))


def test_a_reminder_that_was_not_delivered_is_given_to_the_body_that_takes_over() -> None:
    task = Supervised("2016-06-30").asleep_until("2016-07-18 20:00").wake()
    assert task.levels() == {"e1/phone": RungStatus.ISSUED}
    amend(task, handling_body=FINANCE)
    assert task.levels() == {"e1/phone": RungStatus.WITHDRAWN}
    assert {o.duty for o in task.state.obligations} == {Duty.ACCEPTANCE, Duty.FEEDBACK}
    task.until("2016-07-19 18:00")
    assert task.levels() == {"e1/phone": RungStatus.WITHDRAWN, "e1/phone/2": RungStatus.ISSUED}
    assert [n.recipient for n in task.notices(NoticeKind.REMINDER)] == [HANDLING, FINANCE]


def test_a_reminder_that_was_delivered_stays_given_and_the_next_goes_to_the_new_body() -> None:
    task = Supervised("2016-06-30").until("2016-08-10 12:00")
    explanation = task.state.owing(Duty.EXPLANATION)[0]
    assert explanation.owed_by == LEAD
    amend(task, lead_body=FINANCE, handling_body="市预算中心")
    assert task.state.owing(Duty.EXPLANATION)[0].owed_by == FINANCE
    task.until("2016-08-16 12:00")
    assert [r.level for r in task.given()] == ["phone", "written", "onsite"]
    assert task.notices(NoticeKind.REMINDER)[-1].recipient == "市预算中心"


def test_the_conduct_of_a_body_that_has_left_is_not_decided_against_the_next() -> None:
    task = Supervised("2016-06-30").until("2016-09-20 12:00")
    task.decide(OFFICE, True, grounds=[Ground.PASSIVE], request="e1/interview/grounds", reason="两次未回函")
    assert task.levels()["e1/interview"] is RungStatus.AWAITING_APPROVAL
    amend(task, handling_body=FINANCE)
    assert task.levels()["e1/interview"] is RungStatus.NOT_ISSUED
    assert task.levels()["e1/circular"] is RungStatus.AWAITING_APPROVAL


def test_where_the_lead_body_does_the_work_a_new_lead_does_it() -> None:
    task = Supervised("2016-06-30", handling_body="").until("2016-05-20 12:00")
    amend(task, lead_body=FINANCE)
    assert (task.state.roles.first("lead_body"), task.state.roles.first("handling_body")) == (FINANCE, FINANCE)
    [row] = task.changes(TaskChange)
    assert (row.lead_body, row.handling_body) == (FINANCE, FINANCE)


def test_new_persons_may_speak_for_the_new_body_at_once() -> None:
    task = Supervised("2016-06-30").until("2016-05-20 12:00")
    amend(task, handling_body=FINANCE, persons={FINANCE: ("李四",)}, heads={FINANCE: "王局长"})
    assert "人员名单" in task.refuses(_acceptance(task, FINANCE))
    assert task.state.roles.heads[FINANCE] == "王局长"


# What is not dated


def test_words_are_amended_and_told_and_the_register_alone_tells_nobody() -> None:
    task = Supervised("2016-06-30").until("2016-05-20 12:00")
    amend(task, title="医保支付方式改革（修订）", measures="新措施", leader="王副市长")
    assert task.state.definition.title == "医保支付方式改革（修订）"
    assert "牵头领导由“无”改为“王副市长”" in task.entries[-1].text
    known = len(task.notices(NoticeKind.OTHER))
    amend(task, list_kinds=(ListKind.KEY,), decided_above=True)
    assert len(task.notices(NoticeKind.OTHER)) == known
    assert task.state.definition.decided_above


def test_nothing_different_is_no_amendment() -> None:
    task = Supervised("2016-06-30").until("2016-05-20 12:00")
    assert "没有需要调整的内容" in task.refuses(amendment(task, moved(1, "2016-06-30"), title="医保支付方式改革"))


def test_a_task_becomes_open_ended_and_is_reported_on_by_cycle() -> None:
    task = Supervised("2016-06-30").until("2016-05-20 12:00")
    assert "报告周期" in task.refuses(amendment(task, open_ended=True))
    amend(task, open_ended=True, report_cycle=ReportCycle.QUARTERLY, withdrawn_milestones=(1,))
    assert task.state.cycle_ends_on == day("2016-06-30")
    task.until("2016-07-20 12:00")
    assert task.state.episode is None
    assert task.notices(NoticeKind.REPORT_DUE)


def test_a_task_that_ceases_to_be_open_ended_owes_no_periodic_report() -> None:
    task = Supervised(open_ended=True, report_cycle=ReportCycle.QUARTERLY).until("2016-06-29 12:00")
    assert task.state.owing(Duty.CYCLE_REPORT)
    assert "至少须有一个节点" in task.refuses(amendment(task, open_ended=False))
    amend(task, moved(None, "2016-12-31", phrase="年底前完成"), open_ended=False)
    assert not task.state.owing(Duty.CYCLE_REPORT)
    assert [(m.number, m.final) for m in task.state.milestones] == [(1, True)]
    assert task.state.cycle_ends_on is None
    task.until("2017-01-17 12:00")
    assert task.given() == [("phone", "2017-01-16", "2017-01-16")]


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"milestones": (moved(9, "2016-12-31"),)}, "没有第9个节点"),
        ({"milestones": (moved(1, "2016-12-31"), moved(1, "2016-11-30"))}, "出现了两次"),
        ({"milestones": (moved(1, "2016-12-31"),), "withdrawn_milestones": (1,)}, "出现了两次"),
        ({"milestones": (moved(None, "2016-12-31"),)}, "须写明期限"),
        ({"milestones": (moved(1, "2099-12-31"),)}, "过于遥远"),
        ({"milestones": tuple(moved(None, "2016-12-31", phrase="x") for _ in range(30))}, "节点过多"),
        ({"successors": ("T-1",)}, "自身"),
    ],
)
def test_what_cannot_be_an_amendment_is_refused_with_its_reason(fields: dict[str, Any], why: str) -> None:
    task = Supervised("2016-06-30").until("2016-05-20 12:00")
    message = Amend(**{**task.said(SUPERVISOR), "reason": "调整", **fields})
    assert why in task.refuses(message)


def test_what_the_plan_says_is_kept_apart_from_what_an_extension_moved() -> None:
    task = Supervised("2016-06-30", "2016-12-31").until("2016-06-20 12:00")
    task.extend(1, "2016-08-31")
    amend(task, moved(2, "2017-03-31"))
    assert [(n.number, n.due_on.isoformat()) for n in task.state.definition.milestones] == [
        (1, "2016-06-30"),
        (2, "2017-03-31"),
    ]
    assert due_on(task, 1) == ("2016-06-30", "2016-08-31")


def test_the_same_amendment_twice_is_one() -> None:
    task = Supervised("2016-06-30").until("2016-05-20 12:00")
    message = amendment(task, moved(1, "2016-12-31"))
    done = task.tell(message)
    again = task.tell(message)
    assert (again.repeated, again.version, again.entries) == (True, done.version, ())


def test_an_acceptance_that_lapsed_with_its_body_is_on_record() -> None:
    task = Supervised("2016-06-30").until("2016-05-04 12:00")
    amend(task, handling_body=FINANCE)
    from duban.supervision.tasks.entries import ObligationChange

    last = {c.id: c for c in task.changes(ObligationChange)}
    assert last["assignment/acceptance"].status is ObligationStatus.LAPSED
    assert HANDLING in last["assignment/acceptance"].reason
    assert isinstance(task.notices(NoticeKind.OTHER)[-1], NoticeIntent)
