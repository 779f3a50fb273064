"""What stands still for other reasons than a release, and how a sample of histories is drawn."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.client import Client

from duban.contracts import RecordBatch, RecordReceipt
from duban.histories import spread
from duban.ledger import LedgerUnavailable
from duban.names import dispatch_workflow_id
from duban.standstill import Cause, Standstill, running, standing_still
from tests.supervision.supervised import HANDLING
from tests.workflows.installation import BODIES, InFastTime, end_workflows, eventually


@pytest.fixture
async def fast(dev_client: Client, tmp_path: Path) -> AsyncIterator[InFastTime]:
    await end_workflows(dev_client, [dispatch_workflow_id(body) for body in BODIES])
    installation = InFastTime(dev_client, tmp_path, "Still1")
    yield installation
    await installation.end()


async def _still(fast: InFastTime) -> list[Standstill]:
    executions = await running(fast.client, fast.settings.task_queue, fast.plan_code)
    return [found async for found in standing_still(fast.client, executions) if found is not None]


async def test_a_ledger_that_is_away_is_named_and_afterwards_nothing_stands_still(
    fast: InFastTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fast.issue(fast.task("2016-12-20"))
    await fast.recorded()
    assert await _still(fast) == []

    def away(_: RecordBatch) -> RecordReceipt:
        raise LedgerUnavailable("台账数据库暂时不可用，稍后会自动重试")

    found: list[Standstill] = []

    async def stands_still() -> bool:
        found.extend(await _still(fast))
        return bool(found)

    with monkeypatch.context() as patch:
        patch.setattr(fast.ledger.tasks, "record", away)
        await fast.tell("accept", HANDLING)
        await eventually(stands_still)
    assert (found[0].workflow_id, found[0].cause) == (fast.tasks[0], Cause.ACTIVITY)
    assert found[0].detail == "record: 台账数据库暂时不可用，稍后会自动重试"

    await fast.recorded()
    assert await _still(fast) == []


@pytest.mark.parametrize(
    ("at_most", "drawn"),
    [(0, [1, 2, 3, 4, 5, 6, 7]), (9, [1, 2, 3, 4, 5, 6, 7]), (1, [7]), (2, [1, 7]), (3, [1, 4, 7])],
)
def test_a_sample_reaches_from_the_first_to_the_last(at_most: int, drawn: list[int]) -> None:
    assert spread([1, 2, 3, 4, 5, 6, 7], at_most) == drawn
