"""What the Temporal UI lets anyone do to a workflow: request its cancellation, terminate it, start another by hand."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowFailureError
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import Worker

import worker as wiring
from activities import delivery
from duban.contracts import Delivery, RecordBatch, RecordReceipt
from duban.ledger.tables.notice_tables import NoticeStatus
from duban.names import DISPATCH, DISPATCH_SWEEP, REFORM_PLAN, REFORM_TASK, dispatch_workflow_id
from duban.notices.channel import SendResult
from duban.notices.letter import Letter
from duban.supervision.tasks.entries import EntryKind
from tests.hostile import UNREADABLE, raw
from tests.supervision.supervised import GROUP, HANDLING, SUPERVISOR
from tests.workflows.installation import InFastTime, eventually
from tests.workflows.test_hostile_messages import failed_tasks

REFUSED = "Temporal 的取消请求未执行，督办照常进行：确需终止任务，请用 terminate 并写明理由"


async def refused(fast: InFastTime) -> None:
    """Wait until the request to cancel is on record."""

    async def is_recorded() -> bool:
        return [row.text for row in fast.of_kind(EntryKind.REFUSED)] == [REFUSED]

    await eventually(is_recorded)


async def strike_off(fast: InFastTime) -> None:
    await fast.tell("request_strike_off", HANDLING, deliverable="市医保发〔2016〕9号")
    await fast.tell("verify", SUPERVISOR, passed=True)
    assert await fast.handle().result() == "struck_off"


async def test_a_request_to_cancel_ends_no_supervision_and_is_on_record(fast: InFastTime) -> None:
    await fast.issue(fast.task("2016-06-30"))
    await fast.handle().cancel()
    await refused(fast)
    await fast.handle().cancel()
    await fast.report(percent=10)
    await fast.recorded()
    await strike_off(fast)
    fast.check_ledger()
    assert [row.kind for row in fast.timeline()][2:] == [
        EntryKind.REFUSED,
        EntryKind.PROGRESS,
        EntryKind.STRIKE_OFF_REQUESTED,
        EntryKind.STRUCK_OFF,
    ]


async def test_a_request_to_cancel_a_plan_leaves_it_open_until_the_leading_group_closes_it(fast: InFastTime) -> None:
    await fast.issue(fast.task("2016-06-30"))
    await fast.plan.cancel()
    await strike_off(fast)

    async def is_in_strike_off() -> bool:
        return bool((await fast.plan.query("status"))["status"] == "in_strike_off")

    await eventually(is_in_strike_off)
    await fast.plan.execute_update("close", await fast.said(GROUP))
    assert await fast.plan.result() == "closed"


class Gateway:
    """A channel that is away until it is told otherwise."""

    def __init__(self) -> None:
        self.away, self.taken = True, list[str]()

    async def send(self, delivery: Delivery, letter: Letter) -> SendResult:  # noqa: ARG002 - the protocol's
        if self.away:
            return SendResult.retry("网关没有答复")
        self.taken.append(delivery.id)
        return SendResult.delivered("已收下")

    async def aclose(self) -> None:
        """Nothing is open."""


async def test_a_dispatch_that_somebody_cancels_is_begun_anew_by_the_sweep_and_loses_nothing(
    fast: InFastTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "FIRST_WAIT", timedelta(milliseconds=1))
    fast.channel = gateway = Gateway()
    await fast.issue(fast.task("2016-06-30"))
    dispatch = fast.client.get_workflow_handle(dispatch_workflow_id(HANDLING))

    async def has_tried() -> bool:
        return any(row.recipient == HANDLING and row.status is NoticeStatus.SENDING for row in fast.notices())

    async def is_cancelled() -> bool:
        return (await dispatch.describe()).status is WorkflowExecutionStatus.CANCELED

    await eventually(has_tried)
    await dispatch.cancel()
    await eventually(is_cancelled)
    gateway.away = False
    await fast.client.execute_workflow(
        DISPATCH_SWEEP, id=f"{fast.plan_code}/sweep", task_queue=fast.settings.task_queue
    )

    async def has_arrived() -> bool:
        told = [row for row in fast.notices() if row.recipient == HANDLING]
        return bool(told) and all(row.status is NoticeStatus.DELIVERED for row in told)

    await eventually(has_arrived)
    assert len(gateway.taken) == len(set(gateway.taken))


@pytest.mark.parametrize("signal", ["close", "提醒"])
async def test_a_signal_that_a_plan_or_a_dispatch_does_not_know_is_in_the_log_and_holds_up_nothing(
    fast: InFastTime, caplog: pytest.LogCaptureFixture, signal: str
) -> None:
    fast.channel = Gateway()
    await fast.issue(fast.task("2016-06-30"))
    dispatch = fast.client.get_workflow_handle(dispatch_workflow_id(HANDLING))
    for handle in (fast.plan, dispatch):
        await handle.signal(signal, "whatever")

    async def is_told_twice() -> bool:
        return sum("of an unknown name" in record.getMessage() for record in caplog.records) == 2

    await eventually(is_told_twice)
    assert await failed_tasks(fast.plan) == await failed_tasks(dispatch) == 0
    assert (await fast.plan.query("status"))["status"] == "under_way"


async def test_a_request_to_cancel_while_a_record_is_being_written_loses_and_doubles_nothing(
    fast: InFastTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fast.issue(fast.task("2016-06-30"), continue_after=3)
    record = fast.ledger.tasks.record
    writing, go_on = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def slow(batch: RecordBatch) -> RecordReceipt:
        loop.call_soon_threadsafe(writing.set)
        asyncio.run_coroutine_threadsafe(go_on.wait(), loop).result(timeout=30)
        return record(batch)

    monkeypatch.setattr(fast.ledger.tasks, "record", slow)
    await fast.report(percent=10)
    await writing.wait()
    await asyncio.gather(
        fast.handle().cancel(), *(fast.report(percent=n) for n in range(20, 26)), fast.handle().signal("progress", {})
    )
    go_on.set()
    await fast.recorded()

    async def all_recorded() -> bool:
        return len(fast.of_kind(EntryKind.PROGRESS)) == 7 and len(fast.of_kind(EntryKind.REFUSED)) == 2

    await eventually(all_recorded)
    fast.check_ledger()
    await strike_off(fast)


async def test_a_task_that_is_put_out_of_the_cache_takes_that_for_no_request_to_cancel(
    fast: InFastTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wiring, "CACHED_WORKFLOWS", 0)
    await fast.issue(fast.task("2016-06-30"), fast.task("2016-06-30", number=2))
    for number in (1, 2):
        await fast.report(percent=10, number=number)
        await fast.recorded(number)
    await fast.handle().cancel()
    await refused(fast)
    await fast.report(percent=20)
    await fast.recorded()
    assert fast.of_kind(EntryKind.REFUSED, 2) == []
    assert await failed_tasks(fast.handle()) == await failed_tasks(fast.handle(2)) == 0
    fast.check_ledger()
    await strike_off(fast)


async def test_a_worker_that_stops_cancels_no_task(fast: InFastTime) -> None:
    await fast.issue(fast.task("2016-06-30"))
    await fast.rest()
    await fast.work()
    await fast.report(percent=10)
    await fast.recorded()
    assert fast.of_kind(EntryKind.REFUSED) == []
    assert isinstance(fast._worker, Worker)


STARTS: dict[str, list[Any]] = {
    "nothing": [],
    "two values": [{}, {}],
    "null": [None],
    "text": ["x"],
    "an empty object": [{}],
    "bytes": [b"x"],
    "half of ours": [{"state": {}, "code": "X"}],
    **{name: [payload] for name, payload in UNREADABLE.items()},
}


@pytest.mark.parametrize("workflow", [REFORM_TASK, REFORM_PLAN, DISPATCH])
async def test_a_workflow_started_by_hand_with_rubbish_fails_at_once_in_words(fast: InFastTime, workflow: str) -> None:
    await fast.work()
    for name, arguments in STARTS.items():
        identity = f"{fast.plan_code}/{workflow}/{name}"
        handle = await fast.client.start_workflow(
            workflow, args=arguments, id=identity, task_queue=fast.settings.task_queue
        )
        with pytest.raises(WorkflowFailureError) as failure:
            await handle.result()
        assert "启动参数不是督办程序给出的" in str(failure.value.cause), name
        assert await failed_tasks(handle) == 0


async def test_an_input_of_ours_that_this_release_cannot_read_waits_for_one_that_can(
    fast: InFastTime, dev_client: Client
) -> None:
    await fast.work()
    handle = await dev_client.start_workflow(
        REFORM_TASK,
        {"state": {"from": "a later release"}, "policy": "zlib:"},
        id=f"{fast.plan_code}-9",
        task_queue=fast.settings.task_queue,
    )

    async def is_tried_again() -> bool:
        return await failed_tasks(handle) > 0

    await eventually(is_tried_again)
    assert (await handle.describe()).raw_description.workflow_execution_info.status == 1
    await handle.terminate()


async def test_a_copy_of_a_task_under_another_name_writes_nothing(fast: InFastTime) -> None:
    await fast.issue(fast.task("2016-06-30"))
    await fast.recorded()
    before = fast.timeline()
    events = (await fast.handle().fetch_history()).events
    payload = events[0].workflow_execution_started_event_attributes.input.payloads[0]
    copy = await fast.client.start_workflow(
        REFORM_TASK,
        raw(payload.data, payload.metadata["encoding"]),
        id=f"{fast.plan_code}-copy",
        task_queue=fast.settings.task_queue,
    )
    with pytest.raises(WorkflowFailureError) as failure:
        await copy.result()
    assert f"只能以 {fast.tasks[0]} 为编号启动" in str(failure.value.cause)
    assert fast.timeline() == before


async def test_a_plan_that_no_ledger_knows_fails_in_words(fast: InFastTime) -> None:
    await fast.work()
    handle = await fast.client.start_workflow(
        REFORM_PLAN,
        {"code": f"{fast.plan_code}-x", "digest": "0" * 16},
        id=f"{fast.plan_code}-x",
        task_queue=fast.settings.task_queue,
    )
    with pytest.raises(WorkflowFailureError) as failure:
        await handle.result()
    assert "方案未登记" in str(failure.value.cause.__cause__)


async def test_after_temporals_own_termination_nothing_is_accepted_and_nobody_is_told_that_it_was(
    fast: InFastTime,
) -> None:
    await fast.issue(fast.task("2016-06-30"))
    await fast.report(percent=10)
    await fast.recorded()
    await fast.handle().terminate("by mistake")
    with pytest.raises(RPCError) as unknown:
        await fast.report(percent=20)
    assert unknown.value.status is RPCStatusCode.NOT_FOUND
    assert [row.kind for row in fast.timeline()][-1] is EntryKind.PROGRESS
