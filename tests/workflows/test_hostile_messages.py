"""Hostile input to the workflows on a real server: refused at the door, no workflow task fails, the next is served."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHandle, WorkflowQueryFailedError, WorkflowUpdateFailedError
from temporalio.common import RawValue, WorkflowIDConflictPolicy

from duban.names import dispatch_workflow_id
from duban.supervision.rules.authority import Act
from duban.supervision.tasks.entries import EntryKind
from tests.hostile import NO_OBJECT, ODD_BUT_FIT, UNFIT, UNREADABLE, raw
from tests.supervision.supervised import GROUP, HANDLING, SUPERVISOR
from tests.workflows.installation import InFastTime, eventually

WHO = {"body": HANDLING, "person": "张三"}
UPDATES = ["report_progress", *(act.value for act in Act if act is not Act.PROGRESS)]


@pytest.fixture
async def under_way(fast: InFastTime) -> AsyncIterator[InFastTime]:
    """One task under way; afterwards it still is, and no workflow task has failed."""
    await fast.issue(fast.task("2016-06-30"))
    yield fast
    answer = await fast.report(percent=77)
    assert answer.text == "已受理：报告进展"
    status = await fast.recorded()
    assert status.percent == 77
    fast.check_ledger()
    assert await failed_tasks(fast.handle()) == 0
    assert await failed_tasks(fast.plan) == 0


async def failed_tasks(handle: WorkflowHandle[Any, Any]) -> int:
    kinds = [event.event_type for event in (await handle.fetch_history()).events]
    pending = (await handle.describe()).raw_description.pending_workflow_task.attempt
    return kinds.count(EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED) + max(pending - 1, 0)


async def refusal(handle: WorkflowHandle[Any, Any], update: str, args: list[Any]) -> str:
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await handle.execute_update(update, args=args)
    return str(refused.value.cause)


async def test_what_cannot_be_read_is_refused_by_an_update(under_way: InFastTime) -> None:
    before = len((await under_way.handle().fetch_history()).events)
    for payload in UNREADABLE.values():
        assert "内容无法解读（编码“" in await refusal(under_way.handle(), "decide", [payload])
    for value in NO_OBJECT.values():
        why = await refusal(under_way.handle(), "decide", [sendable(value)])
        assert "须为 JSON 对象，例如" in why or "内容过多" in why
    assert len((await under_way.handle().fetch_history()).events) == before


async def test_every_update_refuses_what_it_cannot_read_and_a_wrong_number_of_arguments(under_way: InFastTime) -> None:
    before = len((await under_way.handle().fetch_history()).events)
    for update in UPDATES:
        assert "内容无法解读（编码“" in await refusal(under_way.handle(), update, [UNREADABLE["cut off"]])
        assert "须为 JSON 对象" in await refusal(under_way.handle(), update, [])
        assert "须为 JSON 对象" in await refusal(under_way.handle(), update, [None, {}, "x"])
    assert len((await under_way.handle().fetch_history()).events) == before


async def test_what_is_no_message_is_refused_by_an_update_in_few_words(under_way: InFastTime) -> None:
    for payload in (*NO_OBJECT.values(), *({**WHO, **fields} for fields in UNFIT.values() if fields)):
        if isinstance(payload, dict) and payload.get("occurred_at") == "2016-06-01T00:00:00":
            payload["note"] = "x"
        assert 5 < len(await refusal(under_way.handle(), "report_progress", [sendable(payload)])) < 700


async def test_what_cannot_be_taken_as_a_signal_is_on_record_one_by_one(under_way: InFastTime) -> None:
    sent = [*UNREADABLE.values(), *NO_OBJECT.values(), *({**WHO, **fields} for fields in UNFIT.values() if fields)]
    small = [payload for payload in sent if not _is_big(payload)]
    for payload in small:
        await under_way.handle().signal("progress", sendable(payload))

    async def all_recorded() -> bool:
        return len(under_way.of_kind(EntryKind.REFUSED)) == len(small)

    await eventually(all_recorded)
    texts = [row.text for row in under_way.of_kind(EntryKind.REFUSED)]
    assert all(text.startswith("未受理的进展报告：") and len(text) < 700 for text in texts)


@pytest.mark.parametrize("name", [name for name in (*NO_OBJECT, *UNFIT) if "MB" in name or ",000" in name])
async def test_a_signal_of_almost_two_megabytes_is_on_record_in_few_words(under_way: InFastTime, name: str) -> None:
    payload = NO_OBJECT.get(name) or {**WHO, **UNFIT.get(name, {})}
    await under_way.handle().signal("progress", sendable(payload))

    async def recorded() -> bool:
        return len(under_way.of_kind(EntryKind.REFUSED)) == 1

    await eventually(recorded)
    [entry] = under_way.of_kind(EntryKind.REFUSED)
    assert len(entry.text) < 700


async def test_what_only_looks_dangerous_is_kept_as_it_was_said(under_way: InFastTime) -> None:
    for number, fields in enumerate(ODD_BUT_FIT.values()):
        message = {**await under_way.said(HANDLING), "percent": number, **fields}
        await under_way.handle().execute_update("report_progress", message)
    await under_way.recorded()
    texts = "\n".join(row.text for row in under_way.of_kind(EntryKind.PROGRESS))
    for fields in ODD_BUT_FIT.values():
        assert str(fields.get("note", "")).strip() in texts


async def test_signals_of_an_unknown_name_are_on_record(under_way: InFastTime) -> None:
    await under_way.handle().signal("progess", {**WHO, "percent": 5})
    await under_way.handle().signal("进" * 300, UNREADABLE["cut off"])
    await under_way.handle().signal("x", args=[1, 2, 3])
    await under_way.plan.signal("progess", UNREADABLE["cut off"])
    await under_way.plan.signal("tasks_finish", {})

    async def recorded() -> bool:
        return len(under_way.of_kind(EntryKind.REFUSED)) == 3

    await eventually(recorded)
    first, second, _ = (row.text for row in under_way.of_kind(EntryKind.REFUSED))
    assert first == "未受理的信号“progess”：任务只受理信号 progress，其他事项请用更新"
    assert "进" * 40 + "”" in second


async def test_queries_with_arguments_that_nobody_can_read_are_answered(under_way: InFastTime) -> None:
    for query in ("status", "timeline"):
        for payload in UNREADABLE.values():
            assert await under_way.handle().query(query, payload)
        assert await under_way.handle().query(query, args=[1, 2, 3])
    assert await under_way.plan.query("status", UNREADABLE["cut off"])
    with pytest.raises(WorkflowQueryFailedError):
        await under_way.handle().query("no_such_query")


async def test_the_plan_refuses_to_be_closed_by_what_is_no_decision(under_way: InFastTime) -> None:
    for payload in (*UNREADABLE.values(), *NO_OBJECT.values()):
        assert await refusal(under_way.plan, "close", [payload])
    for fields in UNFIT.values():
        assert len(await refusal(under_way.plan, "close", [sendable({"body": GROUP, "person": "甲", **fields})])) < 700
    for signal in ("tasks_finished", "start_again"):
        await under_way.plan.signal(signal, UNREADABLE["nested 5,000 deep"])


async def test_a_dispatch_takes_any_nudge(under_way: InFastTime, dev_client: Client) -> None:
    await under_way.tell("urge", SUPERVISOR, text="请抓紧")
    handle = dev_client.get_workflow_handle(dispatch_workflow_id(HANDLING))
    await dev_client.start_workflow(
        "Dispatch",
        {"body": HANDLING},
        id=handle.id,
        task_queue=under_way.settings.task_queue,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        start_signal="nudge",
        start_signal_args=[UNREADABLE["cut off"], 2],
    )
    assert isinstance(await handle.result(), int)


def sendable(payload: Any) -> Any:
    """As it goes over the wire: what our own converter would not write is written by hand."""
    if isinstance(payload, RawValue):
        return payload
    return raw(json.dumps(payload, ensure_ascii=False).encode())


def _is_big(payload: Any) -> bool:
    return len(str(payload)) > 50_000
