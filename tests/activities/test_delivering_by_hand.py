"""A round of delivering: claimed, sent, settled. A gateway's failure is an entry, never an exception."""

from datetime import timedelta

import pytest

from duban.contracts import RecordBatch
from duban.ledger.rows import NoticeRow
from duban.notices.channel import SendResult
from duban.supervision.advance import Transition, advance
from duban.supervision.begin import begin
from duban.supervision.messages import Terminate
from duban.supervision.organisation import Organisation
from duban.supervision.plan import PlanDefinition
from duban.supervision.views import snapshot
from tests.activities.conftest import ByHand
from tests.supervision.supervised import HANDLING, LEAD, OFFICE, SUPERVISOR, day

MOMENT = timedelta(minutes=1)


@pytest.fixture
async def registered(by_hand: ByHand) -> ByHand:
    """The plan is registered: an assignment waits for the handling body, and one for the lead body."""
    start = by_hand.start_of(by_hand.installation.task("2016-06-30"))
    await by_hand.at(MOMENT).run(by_hand.plans.register, start)
    return by_hand


def notice(by_hand: ByHand, body: str = HANDLING) -> NoticeRow:
    [row] = by_hand.ledger.rows.notice_rows(body=body)
    return row


async def test_what_is_due_is_sent_once_to_the_body_of_the_dispatch(registered: ByHand) -> None:
    done = await registered.deliver(HANDLING, MOMENT)
    assert (done.delivered, done.next_at) == (1, None)
    row = notice(registered)
    assert (row.status.value, row.channel) == ("delivered", "script")
    assert notice(registered, LEAD).status.value == "pending"
    assert (await registered.deliver(HANDLING, 2 * MOMENT)).delivered == 0
    assert [delivery.recipient for delivery in registered.channel.sent] == [HANDLING]


async def test_the_moment_of_delivery_is_the_servers_not_the_machines(registered: ByHand) -> None:
    await registered.deliver(HANDLING, timedelta(days=400))
    delivered = notice(registered).delivered_at_real
    assert delivered is not None
    assert timedelta() <= delivered - registered.real(timedelta(days=400)) < timedelta(seconds=30)


async def test_a_failed_attempt_is_tried_again_after_a_growing_wait_under_the_same_identifier(
    registered: ByHand,
) -> None:
    registered.channel.answers = [SendResult.retry("网关繁忙"), SendResult.retry("网关繁忙")]
    first = await registered.deliver(HANDLING, MOMENT)
    assert first.delivered == 0
    assert first.next_at is not None
    assert timedelta(seconds=30) <= first.next_at - registered.real(MOMENT) < timedelta(seconds=60)
    too_early = await registered.deliver(HANDLING, MOMENT + timedelta(seconds=5))
    assert (too_early.delivered, too_early.next_at) == (0, first.next_at)
    second = await registered.deliver(HANDLING, 2 * MOMENT)
    assert second.next_at is not None
    assert timedelta(seconds=60) <= second.next_at - registered.real(2 * MOMENT) < timedelta(seconds=90)
    assert (await registered.deliver(HANDLING, 5 * MOMENT)).delivered == 1
    assert [delivery.attempt for delivery in registered.channel.sent] == [1, 2, 3]
    assert len({delivery.id for delivery in registered.channel.sent}) == 1


async def test_a_gateway_that_names_a_wait_is_obeyed(registered: ByHand) -> None:
    registered.channel.answers = [SendResult.retry("限流", after=timedelta(minutes=20))]
    done = await registered.deliver(HANDLING, MOMENT)
    assert done.next_at is not None
    assert timedelta(minutes=20) <= done.next_at - registered.real(MOMENT) < timedelta(minutes=21)


async def test_what_cannot_be_delivered_is_listed_and_can_be_sent_again(registered: ByHand) -> None:
    registered.channel.answers = [SendResult.undeliverable("地址已停用")]
    done = await registered.deliver(HANDLING, MOMENT)
    assert (done.delivered, done.next_at) == (0, None)
    [listed] = registered.ledger.deliveries.undeliverable()
    assert (listed.recipient, listed.detail, listed.still_true) == (HANDLING, "地址已停用", True)
    assert (await registered.deliver(HANDLING, 2 * MOMENT)).delivered == 0

    bodies = registered.ledger.deliveries.send_again([listed.delivery_id], registered.real(3 * MOMENT))
    assert bodies == (HANDLING,)
    assert (await registered.deliver(HANDLING, 4 * MOMENT)).delivered == 1
    assert registered.ledger.deliveries.undeliverable() == ()
    assert {delivery.id for delivery in registered.channel.sent} == {listed.delivery_id}
    assert notice(registered).status.value == "delivered"


async def test_what_is_no_longer_true_is_not_tried_again(registered: ByHand) -> None:
    registered.channel.answers = [SendResult.retry("网关繁忙")]
    await registered.deliver(HANDLING, MOMENT)
    terminate(registered)
    done = await registered.deliver(HANDLING, 5 * MOMENT)
    assert (done.delivered, done.next_at) == (0, None)
    assert notice(registered).status.value == "withdrawn"
    assert len(registered.channel.sent) == 1


def terminate(by_hand: ByHand) -> None:
    """Enter in the ledger that the task is terminated."""
    made, policy = by_hand.installation, by_hand.installation.policy
    task, now = made.task("2016-06-30"), made.moment("2016-05-03 10:00")
    plan = PlanDefinition(
        code=made.plan_code, title="改革要点", issued_on=day("2016-05-03"), supervising_body=SUPERVISOR, tasks=(task,)
    )
    begun = begin(task, plan, Organisation().roles_for(task, SUPERVISOR, policy.regime), policy, now)
    message = Terminate(body=OFFICE, person="张三", id="m1", occurred_at=now, reason="并入其他任务")
    ended = advance(begun.state, message, policy, now)
    assert isinstance(ended, Transition)
    by_hand.ledger.tasks.record(
        RecordBatch(
            task_code=task.code,
            plan_code=made.plan_code,
            round=1,
            entries=ended.entries,
            snapshot=snapshot(ended.state, policy),
            clock=made.clock,
            closes=True,
        )
    )


async def test_the_sweep_nudges_every_body_with_something_due(registered: ByHand) -> None:
    await registered.deliver(LEAD, MOMENT)
    assert await registered.at(2 * MOMENT).run(registered.deliveries.sweep) == 1
    assert registered.nudged.bodies == [HANDLING]
