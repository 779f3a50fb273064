"""Records and registrations are done once, however often their activities run."""

from datetime import timedelta

import pytest
from temporalio.client import Client
from temporalio.exceptions import ApplicationError

from activities.ledger import LedgerActivities
from activities.nudging import Dispatches
from duban.contracts import RecordBatch
from duban.ledger import LedgerConflict
from duban.ledger.plans.plans import PlanRepository
from duban.names import dispatch_workflow_id
from duban.supervision.bodies.organisation import Organisation
from duban.supervision.plans.plan import PlanDefinition
from duban.supervision.tasks.advance import Tick, Transition, advance
from duban.supervision.tasks.begin import begin
from duban.supervision.tasks.views import snapshot
from tests.activities.conftest import ByHand
from tests.supervision.supervised import HANDLING, LEAD, SUPERVISOR, day
from tests.workflows.installation import end_workflows

MOMENT = timedelta(minutes=1)


def reminded(by_hand: ByHand, now: str) -> RecordBatch:
    """What the task enters when it wakes at a moment."""
    made, policy = by_hand.installation, by_hand.installation.policy
    task = made.task("2016-06-30")
    plan = PlanDefinition(
        code=made.plan_code, title="改革要点", issued_on=day("2016-05-03"), supervising_body=SUPERVISOR, tasks=(task,)
    )
    roles = Organisation().roles_for(task, SUPERVISOR, policy.regime)
    begun = begin(task, plan, roles, policy, made.moment("2016-05-03 10:00"))
    woken = advance(begun.state, Tick(), policy, made.moment(now))
    assert isinstance(woken, Transition)
    return RecordBatch(
        task_code=task.code,
        plan_code=made.plan_code,
        round=1,
        entries=woken.entries,
        snapshot=snapshot(woken.state, policy),
        clock=made.clock,
    )


async def test_a_record_repeated_after_a_crash_writes_nothing_and_nudges_again(by_hand: ByHand) -> None:
    await by_hand.at(MOMENT).run(by_hand.plans.register, by_hand.start_of(by_hand.installation.task("2016-06-30")))
    activities = LedgerActivities(by_hand.ledger, by_hand.nudged, by_hand.client, by_hand.threads)
    batch = reminded(by_hand, "2016-08-17 16:50")
    first = await by_hand.at(MOMENT).run(activities.record, batch)
    rows, notices = by_hand.installation.timeline(), by_hand.installation.notices()
    nudged, by_hand.nudged.bodies = by_hand.nudged.bodies, []
    again = await by_hand.at(MOMENT).run(activities.record, batch)
    assert first.late_by > timedelta()
    assert again == first.model_copy(update={"late_by": timedelta()})
    assert (by_hand.installation.timeline(), by_hand.installation.notices()) == (rows, notices)
    # The first attempt may have died between its commit and its nudge.
    assert by_hand.nudged.bodies == nudged
    assert set(nudged) == {HANDLING, SUPERVISOR}


async def test_another_content_under_a_recorded_version_is_a_conflict(by_hand: ByHand) -> None:
    await by_hand.at(MOMENT).run(by_hand.plans.register, by_hand.start_of(by_hand.installation.task("2016-06-30")))
    activities = LedgerActivities(by_hand.ledger, by_hand.nudged, by_hand.client, by_hand.threads)
    await by_hand.at(MOMENT).run(activities.record, reminded(by_hand, "2016-08-17 16:50"))
    with pytest.raises(LedgerConflict, match="内容与这一次的不同"):
        await by_hand.at(MOMENT).run(activities.record, reminded(by_hand, "2016-08-18 16:50"))


async def test_two_nudges_are_one_dispatch(dev_client: Client) -> None:
    body = "市档案局"
    dispatches = Dispatches(dev_client, "nobody-polls")
    assert await dispatches.nudge([body, body]) == 1
    await dispatches.nudge([body])
    runs = [w async for w in dev_client.get_workflow_handle(dispatch_workflow_id(body)).fetch_history_events()]
    kinds = [event.WhichOneof("attributes") for event in runs]
    assert kinds.count("workflow_execution_started_event_attributes") == 1
    assert kinds.count("workflow_execution_signaled_event_attributes") == 2
    await end_workflows(dev_client, [dispatch_workflow_id(body)])


async def test_registering_the_same_plan_again_changes_nothing(by_hand: ByHand) -> None:
    start = by_hand.start_of(by_hand.installation.task("2016-06-30"))
    first = await by_hand.at(MOMENT).run(by_hand.plans.register, start)
    later = start.model_copy(update={"registered_at": start.registered_at + timedelta(days=3)})
    assert await by_hand.at(MOMENT).run(by_hand.plans.register, later) == first
    row = by_hand.ledger.plans.plan_row(start.code)
    assert row is not None
    assert row.registered_at == start.registered_at
    assert len(by_hand.installation.timeline()) == 2


async def test_a_differing_plan_of_the_same_code_is_refused_with_its_differences(by_hand: ByHand) -> None:
    made = by_hand.installation
    await by_hand.at(MOMENT).run(by_hand.plans.register, by_hand.start_of(made.task("2016-06-30")))
    other = by_hand.start_of(made.task("2016-07-31", lead_body="市民政局"))
    with pytest.raises(ApplicationError, match="方案未登记") as refusal:
        await by_hand.at(MOMENT).run(by_hand.plans.register, other)
    assert (refusal.value.type, refusal.value.non_retryable) == ("PlanRefused", True)
    assert "市民政局" in str(refusal.value)
    assert LEAD in str(refusal.value)
    assert len(made.timeline()) == 2


async def test_a_plan_that_the_ledger_cannot_take_is_refused_and_not_tried_for_ever(
    by_hand: ByHand, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_given: object) -> None:
        raise LedgerConflict("有的名称太长")

    monkeypatch.setattr(PlanRepository, "register_plan", refuses)
    with pytest.raises(ApplicationError, match="方案未登记：有的名称太长") as refusal:
        await by_hand.at(MOMENT).run(by_hand.plans.register, by_hand.start_of(by_hand.installation.task("2016-06-30")))
    assert (refusal.value.type, refusal.value.non_retryable) == ("PlanRefused", True)
