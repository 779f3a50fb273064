"""What people decide: extension, suspension, interview, carry-over, changed rules."""

import pytest

from duban.supervision.tasks.entries import DecisionChange, EntryKind, MilestoneChange, NoticeKind
from duban.supervision.tasks.messages import Adopt, CarryOver, Cause, Decide, Ground, RaiseInterview, Resume
from duban.supervision.tasks.state import RungStatus
from tests.supervision.supervised import (
    GROUP,
    HANDLING,
    LEAD,
    OFFICE,
    SUPERVISOR,
    Reminder,
    Supervised,
    day,
    node,
    policy_of,
    roles_of,
)

LATE = "2016-12-31"


def resume(task: Supervised) -> None:
    task.tell(Resume(**task.said(SUPERVISOR)))


def raise_interview(task: Supervised, *grounds: Ground) -> RaiseInterview:
    return RaiseInterview(**task.said(OFFICE), grounds=grounds, reason="多次催办无回音")


# Extension


def test_a_pending_extension_changes_nothing() -> None:
    asked, silent = (Supervised("2016-06-30", LATE).until("2016-06-25 10:00") for _ in range(2))
    asked.ask_extension(1, "2016-08-31")
    assert asked.until("2016-08-20").given() == silent.until("2016-08-20").given() != []
    assert asked.lag("2016-08-20") == silent.lag("2016-08-20") == 51


def test_an_approved_extension_ends_the_episode_and_keeps_the_baseline() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-07-20 10:00")
    task.extend(1, "2016-08-31")
    assert task.state.episode is None
    node = task.state.milestone(1)
    assert node is not None
    assert (node.baseline_on, node.due_on) == (day("2016-06-30"), day("2016-08-31"))
    task.until("2016-09-18")
    assert task.given() == [
        Reminder("phone", "2016-07-16", "2016-07-18"),
        Reminder("phone", "2016-09-16", "2016-09-18"),  # after Mid-Autumn: 09-18 is a Sunday worked in exchange
    ]
    assert [e.number for e in task.state.episodes] == [1, 2]


def test_an_extension_of_one_milestone_does_not_end_the_lag_of_another() -> None:
    task = Supervised("2016-06-30", "2016-07-10", LATE).until("2016-07-20 10:00")
    task.extend(1, "2016-08-31")
    assert task.lag("2016-07-20") == 20


def test_an_extension_is_announced_anew_before_its_own_date() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-06-25 10:00")
    task.extend(1, "2016-08-31")
    task.until("2016-08-31")
    announced = [n.respond_by for n in task.notices(NoticeKind.ADVANCE_NOTICE)]
    assert announced == [day("2016-06-30"), day("2016-08-31")]


def test_a_refused_extension_leaves_the_date_and_tells_the_handling_body() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-06-25 10:00")
    task.ask_extension(1, "2016-08-31")
    task.decide(SUPERVISOR, False)
    node = task.state.milestone(1)
    assert node is not None
    assert node.due_on == day("2016-06-30")
    told = task.notices(NoticeKind.OTHER)[-1]
    assert (told.recipient, "不同意" in told.facts["text"]) == (HANDLING, True)


def test_a_wish_for_a_later_date_lapses_when_the_milestone_is_met() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-06-25 10:00")
    task.ask_extension(1, "2016-08-31")
    task.report(1)
    assert task.state.extensions == ()
    assert task.state.obligation("x1/extension_decision") is None
    assert task.chases("x1/extension_decision") == []


def test_a_carried_over_item_can_not_be_brought_back_by_an_older_wish() -> None:
    task = Supervised("2016-06-30").until("2016-12-20 10:00")
    task.ask_extension(1, "2017-01-31")
    task.tell(CarryOver(**task.said(OFFICE), new_due_on=day("2017-06-30"), cause=Cause.OBJECTIVE, reason="待省批复"))
    assert task.state.extensions == ()
    assert [m.due_on for m in task.state.milestones] == [day("2017-06-30")]


# Suspension


def test_a_suspension_stops_the_count_and_resuming_flushes_nothing() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-07-20 10:00")
    task.suspend()
    task.until("2016-09-20 10:00")
    assert task.lag("2016-09-20") == 19
    assert [r.level for r in task.given()] == ["phone"]
    resume(task)
    task.until("2016-09-30")
    assert task.lag("2016-09-20") == 20
    assert len(task.of_kind(EntryKind.RESUMED)) == 1
    assert [r.level for r in task.given()] == ["phone"]
    task.until("2016-10-08")
    assert task.given()[1:] == [Reminder("written", "2016-10-01", "2016-10-08")]
    written = next(n for n in task.notices(NoticeKind.REMINDER) if n.level == "written")
    assert (written.explanation.lag_days, written.explanation.suspended_days) == (31, 62)


def test_a_suspension_until_a_day_ends_by_itself() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-07-11 10:00")
    task.suspend(until="2016-07-21")
    task.until("2016-07-21")
    assert task.lag("2016-07-21") == 11
    assert task.of_kind(EntryKind.RESUMED)[0].text == "暂停期满，自2016年7月21日起恢复计时"
    assert task.until("2016-07-30").given() == [Reminder("phone", "2016-07-26", "2016-07-26")]


def test_a_milestone_that_falls_due_in_a_suspension_begins_to_lag_when_it_is_over() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-06-20 10:00")
    task.suspend()
    task.until("2016-07-31 10:00")
    resume(task)
    assert task.lag("2016-07-31") == 1
    assert task.until("2016-08-14").given() == []
    assert task.until("2016-08-15").given() == [Reminder("phone", "2016-08-15", "2016-08-15")]


def test_nothing_is_chased_or_announced_in_a_suspension() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-05-04 10:00")
    task.suspend()
    before = len(task.entries)
    task.until("2016-06-25 10:00").wake()
    assert len(task.entries) == before


def test_a_task_woken_in_a_suspension_reminds_nobody() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-07-10 10:00")
    task.suspend(at="2016-07-10 10:00", until="2016-12-01")
    task.asleep_until("2016-10-10 10:00").wake()
    assert task.given() == []
    assert task.lag("2016-10-10") == 9


def test_a_circular_confirmed_in_a_suspension_goes_out_for_it_is_the_leading_groups_own_decision() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-08-31 10:00")
    task.suspend()
    task.until("2016-09-05 10:00").decide(GROUP, True, request="e1/circular")
    assert task.given()[-1] == Reminder("circular", "2016-08-30", "2016-09-05")
    circular = next(n for n in task.notices(NoticeKind.REMINDER) if n.level == "circular")
    assert circular.explanation.lag_days == 61


def test_a_suspension_approved_during_an_outage_counts_from_its_own_day() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-07-05").asleep_until("2016-08-20 10:00")
    task.suspend(at="2016-07-10 10:00")
    resume(task)
    task.wake().until("2016-08-26")
    assert task.lag("2016-08-26") == 16
    assert task.given() == [Reminder("phone", "2016-08-26", "2016-08-26")]


# Interview


def test_an_interview_may_be_raised_without_any_lag() -> None:
    task = Supervised(LATE).until("2016-06-01 10:00")
    task.tell(raise_interview(task, Ground.INATTENTIVE))
    assert task.state.obligation("c1/interview/decision") is not None
    task.decide(GROUP, True)
    assert task.given() == [Reminder("interview", "2016-06-01", "2016-06-01")]
    assert task.notices(NoticeKind.REMINDER)[0].facts["grounds"] == "思想上不重视：多次催办无回音"


def test_an_interview_is_raised_once_in_an_episode() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-07-20 10:00")
    task.tell(raise_interview(task, Ground.PASSIVE))
    assert "正在办理" in task.refuses(raise_interview(task, Ground.PASSIVE))
    task.decide(GROUP, True)
    assert "不得重复约谈" in task.refuses(raise_interview(task, Ground.PASSIVE))
    task.until("2016-12-01")
    assert [r.level for r in task.given()].count("interview") == 1


def test_after_a_no_of_the_leading_group_the_reform_office_may_raise_the_interview_again() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-07-20 10:00")
    task.tell(raise_interview(task, Ground.PASSIVE))
    task.decide(GROUP, False)
    task.until("2016-07-21 10:00").tell(raise_interview(task, Ground.PASSIVE, Ground.INEFFECTIVE))
    task.decide(GROUP, True)
    assert task.levels() == {
        "e1/phone": RungStatus.ISSUED,
        "e1/interview": RungStatus.REFUSED,
        "e1/interview/2": RungStatus.ISSUED,
    }


def test_an_interview_decided_on_a_sunday_withdraws_no_reminder_of_the_other_track() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-07-10").asleep_until("2016-08-20 10:00").wake()
    task.asleep_until("2016-08-21 10:00").tell(raise_interview(task, Ground.PASSIVE))
    task.decide(GROUP, True)
    assert task.levels()["e1/onsite"] is RungStatus.ISSUED
    assert [(r.level, r.delivered_on) for r in task.given()] == [("onsite", "2016-08-22"), ("interview", "2016-08-22")]


# Carry-over


def test_an_item_unfinished_for_objective_reasons_is_carried_over_with_its_overdue_milestones() -> None:
    task = Supervised("2016-10-31", LATE).until("2016-12-20 10:00")
    order = CarryOver(**task.said(OFFICE), new_due_on=day("2017-06-30"), cause=Cause.OBJECTIVE, reason="待省批复")
    task.tell(order)
    assert [m.due_on for m in task.state.milestones] == [day("2017-06-30")] * 2
    assert [m.baseline_on for m in task.state.milestones] == [day("2016-10-31"), day(LATE)]
    assert task.state.episode is None
    assert task.until("2017-03-01").lag("2017-03-01") == 0


# Changed rules


def test_a_changed_ladder_reaches_a_running_task_and_what_was_given_stays_given() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-09-01 10:00")
    kunming = policy_of()
    short = kunming.regime.ladder.model_copy(update={"rungs": kunming.regime.ladder.rungs[:2]})
    changed = kunming.model_copy(update={"regime": kunming.regime.model_copy(update={"ladder": short})})
    done = task.tell(Adopt(**task.said(OFFICE), reason="修订", policy=changed))
    assert done.policy == changed
    assert task.levels()["e1/circular"] is RungStatus.NOT_ISSUED
    assert task.state.obligation("e1/circular/confirmation") is None
    assert len(task.until("2016-12-01").given()) == 3


def test_what_a_renamed_body_owed_is_decided_by_its_successor() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-09-01 10:00")
    renamed = task.state.roles.model_copy(update={"bodies": {**task.state.roles.bodies, "leading_group": ("深改委",)}})
    task.tell(Adopt(**task.said(OFFICE), reason="机构改革", roles=renamed))
    assert "无权" in task.refuses(_confirm(task, GROUP))
    task.decide("深改委", True)
    assert task.given()[-1].level == "circular"


def test_a_body_that_keeps_a_part_in_the_task_keeps_what_it_owes() -> None:
    task = Supervised(LATE)
    bodies = {**task.state.roles.bodies, "handling_body": ("市财政局",), "lead_body": (HANDLING,)}
    roles = task.state.roles.model_copy(update={"bodies": bodies})
    task.tell(Adopt(**task.said(OFFICE), reason="调整分工", roles=roles))
    assert {o.owed_by for o in task.state.obligations} == {HANDLING}


def test_rules_that_nobody_can_carry_out_are_not_adopted() -> None:
    task = Supervised("2016-06-30", LATE)
    order = Adopt(**task.said(OFFICE), reason="换规则", policy=policy_of("bozhou"))
    assert "没有单位担任：督查室" in task.refuses(order)
    both = order.model_copy(update={"roles": roles_of(task.state.definition, policy_of("bozhou"))})
    task.tell(both)
    assert task.policy.regime.name == "bozhou"


@pytest.mark.parametrize("approve", [True, False])
def test_a_decision_is_recorded_with_its_words(approve: bool) -> None:
    task = Supervised("2016-06-30", LATE).until("2016-06-20 10:00")
    task.ask_extension(1, "2016-08-31")
    task.decide(SUPERVISOR, approve, reason="研究决定")
    row = next(task.changes(DecisionChange))
    assert (row.approved, row.reason, row.body) == (approve, "研究决定", SUPERVISOR)
    assert ("不同意" in task.of_kind(EntryKind.DECIDED)[0].text) is not approve


def test_a_milestone_taken_over_as_met_shows_in_the_ledger() -> None:
    task = Supervised(node(1, "2016-03-31", met_on=day("2016-03-20"), evidence="纪要"), LATE).until("2016-12-31")
    first = next(task.changes(MilestoneChange))
    assert (first.met_at, first.evidence) == (task.moment("2016-03-20 12:00"), "纪要")
    assert task.state.episodes == ()
    assert task.state.definition.lead_body == LEAD


def _confirm(task: Supervised, body: str) -> Decide:
    return Decide(**task.said(body), approve=True)
