"""Messages that arrive in the same instant as the end of a run: each is answered, and what is accepted is on record."""

import asyncio
from collections.abc import Awaitable
from typing import Any

import pytest
from temporalio.client import WorkflowUpdateFailedError
from temporalio.service import RPCError, RPCStatusCode

from duban.contracts import Answer
from duban.supervision.tasks.entries import EntryKind
from tests.supervision.supervised import HANDLING, OFFICE, SUPERVISOR
from tests.workflows.installation import InFastTime, eventually

SENT = 0.4
"""Seconds in which all that is sent without a worker has reached the server, which keeps it for the next one."""


async def outcome(call: Awaitable[Any]) -> str:
    """What the sender of an update is told: accepted with a version, refused with a reason, or too late."""
    try:
        answer = await call
    except WorkflowUpdateFailedError as refused:
        return f"refused: {refused.cause}"
    except RPCError as error:
        return "too late" if error.status is RPCStatusCode.NOT_FOUND else error.message
    assert isinstance(answer, Answer)
    return f"accepted: {answer.version}"


async def all_at_once(fast: InFastTime, last: list[Any], updates: int = 8, signals: int = 8) -> tuple[list[str], str]:
    """Send updates and signals with an ending among them while no worker runs: one activation gets them all."""
    await fast.at_rest()
    await fast.rest()
    calls = [outcome(fast.report(percent=n, id=f"update-{n}")) for n in range(updates)]
    sent = [asyncio.create_task(call) for call in calls[: updates // 2]]
    for n in range(signals // 2):
        await fast.handle().signal("progress", await fast.said(HANDLING, percent=n, id=f"signal-{n}"))
    await asyncio.sleep(SENT)
    ending = asyncio.create_task(outcome(fast.tell(last[0], last[1], **last[2])))
    await asyncio.sleep(SENT)
    sent += [asyncio.create_task(call) for call in calls[updates // 2 :]]
    for n in range(signals // 2, signals):
        await fast.handle().signal("progress", await fast.said(HANDLING, percent=n, id=f"signal-{n}"))
    await asyncio.sleep(SENT)
    await fast.work()
    async with asyncio.timeout(60):
        return list(await asyncio.gather(*sent)), await ending


def on_record(fast: InFastTime) -> dict[str, int]:
    return {row.message_id: row.version for row in fast.timeline() if row.message_id}


def check(fast: InFastTime, outcomes: list[str]) -> None:
    """Every update is answered; what was accepted is on record under its version, and nothing else of it is."""
    recorded = on_record(fast)
    for number, told in enumerate(outcomes):
        if told.startswith("accepted: "):
            assert recorded[f"update-{number}"] == int(told.removeprefix("accepted: "))
        else:
            assert f"update-{number}" not in recorded
            assert told == "too late" or "不再受理“报告进展”" in told or "没有待核验" in told
    fast.check_ledger()


@pytest.mark.parametrize("continue_after", [None, 4])
async def test_what_arrives_in_the_same_instant_as_the_strike_off(fast: InFastTime, continue_after: int | None) -> None:
    await fast.issue(fast.task("2016-06-30"), continue_after=continue_after)
    await fast.tell("request_strike_off", HANDLING, deliverable="市医保发〔2016〕9号")
    await fast.recorded()
    outcomes, ending = await all_at_once(fast, ["verify", SUPERVISOR, {"passed": True}])
    assert ending.startswith("accepted: ")
    assert await fast.handle().result() == "struck_off"
    check(fast, outcomes)
    assert on_record(fast).keys() >= {f"signal-{n}" for n in range(4)}


@pytest.mark.parametrize("continue_after", [None, 4])
async def test_what_arrives_in_the_same_instant_as_the_termination(
    fast: InFastTime, continue_after: int | None
) -> None:
    await fast.issue(fast.task("2016-06-30"), continue_after=continue_after)
    outcomes, ending = await all_at_once(fast, ["terminate", OFFICE, {"reason": "机构改革"}])
    assert ending.startswith("accepted: ")
    assert await fast.handle().result() == "terminated"
    check(fast, outcomes)
    assert on_record(fast).keys() >= {f"signal-{n}" for n in range(4)}
    assert [row.kind for row in fast.timeline()][-1] is EntryKind.TERMINATED


async def test_what_arrives_in_the_same_instant_as_a_new_run_is_all_accepted_and_all_on_record(
    fast: InFastTime,
) -> None:
    await fast.issue(fast.task("2016-06-30"), continue_after=3)
    outcomes, ending = await all_at_once(fast, ["report_progress", HANDLING, {"percent": 50, "id": "ending"}])
    assert all(str(told).startswith("accepted: ") for told in (*outcomes, ending))

    async def all_recorded() -> bool:
        return on_record(fast).keys() >= {f"signal-{n}" for n in range(8)}

    await eventually(all_recorded)
    check(fast, outcomes)
    runs = [run async for run in fast.client.list_workflows(f"WorkflowId = '{fast.tasks[0]}'")]
    assert len(runs) >= 1


async def test_what_arrives_in_the_same_instant_as_temporals_own_termination_is_answered(fast: InFastTime) -> None:
    await fast.issue(fast.task("2016-06-30"))
    await fast.recorded()

    async def ended_soon() -> None:
        await fast.handle().terminate("by mistake")

    async with asyncio.timeout(60):
        *outcomes, _ = await asyncio.gather(
            *(outcome(fast.report(percent=n, id=f"update-{n}")) for n in range(10)), ended_soon()
        )
    assert len([told for told in outcomes if told]) == 10
    assert all(str(told).startswith("accepted: ") or told == "too late" for told in outcomes)
