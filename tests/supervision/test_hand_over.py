"""The supervising body has a time of its own to hand over (并在规定时限内,交给具体承办单位办理; Kunming 2016, 3)."""

from typing import Any

from duban.supervision.plans.plan import PlanDefinition, TaskDefinition
from duban.supervision.rules.owed import Duty
from duban.supervision.tasks.advance import Transition
from duban.supervision.tasks.begin import begin
from duban.supervision.tasks.entries import EntryKind, ObligationChange, ObligationStatus
from tests.supervision.supervised import HANDLING, LEAD, SUPERVISOR, Supervised, day, node, policy_of, roles_of

MAY_1ST_AND_WEEKEND = "2016-04-29"  # five working days on: Monday 9 May


def begun(issued: str, at: str, regime: str = "kunming", **task: Any) -> Transition:
    policy = policy_of(regime)
    definition = TaskDefinition(
        **{
            "code": "T-1",
            "title": "医保支付方式改革",
            "lead_body": LEAD,
            "handling_body": HANDLING,
            "milestones": (node(1, "2016-12-31"),),
            **task,
        }
    )
    plan = PlanDefinition(code="T", title="方案", issued_on=day(issued))
    now = policy.calendar.zone.at(day(at), 600)
    return begin(definition, plan, roles_of(definition, policy), policy, now)


def duty(done: Transition) -> list[ObligationChange]:
    changes = (c for e in done.entries for c in e.changes)
    return [c for c in changes if isinstance(c, ObligationChange) and c.duty is Duty.HAND_OVER]


def told(done: Transition) -> str:
    return next(e.text for e in done.entries if e.kind is EntryKind.ASSIGNED)


def test_what_is_handed_over_in_time_is_met_in_time() -> None:
    done = begun(MAY_1ST_AND_WEEKEND, "2016-05-09")
    (met,) = duty(done)
    assert (met.owed_by, met.due_on, met.status, met.reason) == (
        SUPERVISOR,
        day("2016-05-09"),
        ObligationStatus.MET,
        "",
    )
    assert told(done) == f"{SUPERVISOR}交办给{HANDLING}"


def test_a_task_that_begins_later_than_that_is_on_record_as_handed_over_late() -> None:
    done = begun(MAY_1ST_AND_WEEKEND, "2016-05-12")
    (met,) = duty(done)
    late = "应于2016年4月29日起5个工作日内即2016年5月9日前交办，迟3天，记录在案"
    assert (met.status, met.reason, met.closed_at) == (ObligationStatus.MET, late, done.state.last_at)
    assert told(done) == f"{SUPERVISOR}交办给{HANDLING}（{late}）"


def test_a_task_that_was_handed_over_before_it_came_here_is_judged_by_that_day() -> None:
    assert duty(begun(MAY_1ST_AND_WEEKEND, "2016-08-01", handed_over_on=day("2016-05-04")))[0].reason == ""
    assert "迟1天" in duty(begun(MAY_1ST_AND_WEEKEND, "2016-08-01", handed_over_on=day("2016-05-10")))[0].reason


def test_a_part_of_a_task_is_not_handed_over_anew() -> None:
    assert duty(begun(MAY_1ST_AND_WEEKEND, "2016-08-01", split_from="T-0")) == []


def test_a_task_that_comes_with_an_amendment_is_judged_from_the_amendment() -> None:
    policy = policy_of("kunming")
    definition = TaskDefinition(code="T-9", title="新增", lead_body=LEAD, milestones=(node(1, "2016-12-31"),))
    plan = PlanDefinition(code="T", title="方案", issued_on=day("2016-01-04"))
    now = policy.calendar.zone.at(day("2016-08-01"), 600)
    roles = roles_of(definition, policy)
    done = begin(definition, plan, roles, policy, now, issued_on=day("2016-08-01"))
    assert duty(done)[0].reason == ""


def test_rules_that_do_not_state_it_keep_nothing_on_record() -> None:
    assert duty(begun(MAY_1ST_AND_WEEKEND, "2016-08-01", regime="bozhou")) == []


def test_nobody_owes_anything_more_for_it() -> None:
    task = Supervised("2016-12-31")
    assert not task.state.owing(Duty.HAND_OVER)
    task.until("2016-12-30")
    assert not any(
        n.duty is Duty.HAND_OVER for n in task.changes(ObligationChange) if n.status is not ObligationStatus.MET
    )
