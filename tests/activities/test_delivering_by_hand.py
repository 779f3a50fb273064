"""A round of delivering: claimed, sent, settled. A gateway's failure is an entry, never an exception."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from activities import beating, delivery
from activities.delivery import DeliveryActivities
from duban.contracts import DispatchInput, DispatchRound, RecordBatch
from duban.ledger import LedgerUnavailable
from duban.ledger.delivery.deliveries import DeliveryRepository
from duban.ledger.delivery.sending_orders import SendingOrder
from duban.ledger.questions.rows import NoticeRow
from duban.notices.channel import SendResult
from duban.supervision.bodies.organisation import Organisation
from duban.supervision.bundling import NO_RULES, SendingRules
from duban.supervision.plans.plan import PlanDefinition
from duban.supervision.tasks.advance import Transition, advance
from duban.supervision.tasks.begin import begin
from duban.supervision.tasks.messages import Terminate
from duban.supervision.tasks.views import snapshot
from tests.activities.conftest import ByHand
from tests.supervision.supervised import HANDLING, LEAD, OFFICE, SUPERVISOR, day
from worker import SETTLING
from workflows.dispatch import ROUND_HEARTBEAT, ROUND_TIMEOUT

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
    assert [sent.recipient for sent in registered.channel.sent] == [HANDLING]


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
    assert [sent.attempt for sent in registered.channel.sent] == [1, 2, 3]
    assert len({sent.id for sent in registered.channel.sent}) == 1


async def test_a_gateway_that_names_a_wait_is_obeyed(registered: ByHand) -> None:
    registered.channel.answers = [SendResult.retry("限流", after=timedelta(minutes=20))]
    done = await registered.deliver(HANDLING, MOMENT)
    assert done.next_at is not None
    assert timedelta(minutes=20) <= done.next_at - registered.real(MOMENT) < timedelta(minutes=21)


async def test_a_gateway_that_names_no_wait_worth_the_name_does_not_get_a_hail_of_attempts(registered: ByHand) -> None:
    for asked in (timedelta(), timedelta(seconds=1)):
        registered.channel.answers = [SendResult.retry("限流", after=asked)]
        moment = MOMENT * (2 * len(registered.channel.sent) + 1)
        done = await registered.deliver(HANDLING, moment)
        assert done.next_at is not None
        assert timedelta(seconds=30) <= done.next_at - registered.real(moment) < timedelta(seconds=60)


async def test_a_letter_that_has_arrived_is_not_sent_again_because_the_ledger_was_away_for_a_moment(
    registered: ByHand, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle, failures = DeliveryRepository.settle, iter((LedgerUnavailable("断开"), LedgerUnavailable("断开")))

    def fails_twice(*given: Any, **named: Any) -> None:
        for failure in failures:
            raise failure
        settle(*given, **named)

    monkeypatch.setattr(DeliveryRepository, "settle", fails_twice)
    monkeypatch.setattr(delivery, "SETTLED_AGAIN", timedelta(milliseconds=1))

    assert (await registered.deliver(HANDLING, MOMENT)).delivered == 1
    assert notice(registered).status.value == "delivered"
    assert [sent.attempt for sent in registered.channel.sent] == [1]


async def test_a_ledger_that_stays_away_ends_the_round(registered: ByHand, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_given: Any, **_named: Any) -> None:
        raise LedgerUnavailable("断开")

    monkeypatch.setattr(DeliveryRepository, "settle", fails)
    monkeypatch.setattr(delivery, "SETTLED_WITHIN", timedelta())

    with pytest.raises(LedgerUnavailable):
        await registered.deliver(HANDLING, MOMENT)


async def test_a_round_ends_in_time_and_says_that_there_is_more(
    registered: ByHand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next message would still be on its way when the server gives the round up."""
    monkeypatch.setattr(delivery, "LONGEST_ROUND", timedelta())
    done = await registered.deliver(HANDLING, MOMENT)
    assert done.delivered == 0
    assert done.next_at is not None
    assert done.next_at - registered.real(MOMENT) < timedelta(seconds=5)
    assert registered.channel.sent == []


def test_a_round_leaves_its_last_message_the_time_that_the_slowest_gateway_may_take() -> None:
    slowest = timedelta(seconds=300) + SETTLING + delivery.SETTLED_WITHIN
    assert delivery.LONGEST_ROUND + slowest < ROUND_TIMEOUT
    assert beating.BEAT < ROUND_HEARTBEAT / 2


async def test_a_worker_says_that_it_lives_while_a_gateway_keeps_it_waiting(
    registered: ByHand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beating, "BEAT", timedelta(milliseconds=5))
    beats = asyncio.Semaphore(0)
    environment = registered.at(MOMENT)
    environment.on_heartbeat = lambda *_details: beats.release()
    send = registered.channel.send

    async def slowly(*given: Any) -> SendResult:
        for _ in range(3):
            await beats.acquire()
        return await send(*given)

    monkeypatch.setattr(registered.channel, "send", slowly)
    done = await asyncio.wait_for(environment.run(registered.deliveries.deliver, DispatchInput(body=HANDLING)), 20)
    assert done.delivered == 1


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
    assert {sent.id for sent in registered.channel.sent} == {listed.delivery_id}
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


async def test_while_sending_is_stopped_nothing_is_sent_nobody_is_asked_to_wait_and_the_sweep_wakes_nobody(
    registered: ByHand,
) -> None:
    order = SendingOrder(stops=True, given_at=registered.real(MOMENT), given_by="王五", reason="机构调整")
    registered.ledger.sending.give(order)
    assert await registered.deliver(HANDLING, MOMENT) == DispatchRound(delivered=0, next_at=None)
    registered.nudged.bodies.clear()
    assert await registered.at(MOMENT).run(registered.deliveries.sweep) == 0
    assert (registered.nudged.bodies, registered.channel.sent) == ([], [])


async def test_the_sweep_wakes_nobody_for_what_sending_times_hold_back(registered: ByHand) -> None:
    later_today = SendingRules(send_at=(23 * 60 + 59,))
    registered.deliveries = DeliveryActivities(
        registered.ledger,
        registered.nudged,
        registered.channel,
        registered.threads,
        channel_name="script",
        rules_for=lambda body: later_today if body == HANDLING else NO_RULES,
    )
    waits = await registered.deliver(HANDLING, MOMENT)
    assert waits.delivered == 0
    assert waits.next_at is not None
    assert waits.next_at > registered.real(MOMENT)
    registered.nudged.bodies.clear()
    assert await registered.at(MOMENT).run(registered.deliveries.sweep) == len(registered.nudged.bodies)
    assert LEAD in registered.nudged.bodies
    assert HANDLING not in registered.nudged.bodies


async def test_the_channel_that_really_took_it_is_on_record(registered: ByHand) -> None:
    registered.channel.answers = [SendResult.delivered("短信网关已接收").model_copy(update={"channel": "短信"})]
    await registered.deliver(HANDLING, MOMENT)
    assert notice(registered).channel == "短信"
