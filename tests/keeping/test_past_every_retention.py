"""A task lives once, however long the server has forgotten it: no second start, no second reminder."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from duban.attributes import register_search_attributes
from duban.commands.issuing import IssueOutcome, issue_plan
from duban.ledger import LedgerUnavailable
from duban.names import task_workflow_id
from duban.supervision.tasks.entries import EntryKind
from tests.supervision.supervised import GROUP, HANDLING, SUPERVISOR
from tests.workflows.installation import InFastTime, eventually

SERVER_FORGETS_WITHIN = 120.0
"""A server deletes when it has time: half a minute is usual."""


@pytest.fixture
async def fast(dev_client: Client, tmp_path: Path) -> AsyncIterator[InFastTime]:
    """An installation with a plan code that no other test has."""
    installation = InFastTime(dev_client, tmp_path, f"R{uuid4().hex[:8]}")
    yield installation
    await installation.end()


async def forgotten(client: Client, workflow_id: str) -> None:
    """What the server does to a closed workflow when its retention is over; its name is free again then."""
    request = DeleteWorkflowExecutionRequest(
        namespace=client.namespace, workflow_execution=WorkflowExecution(workflow_id=workflow_id)
    )

    async def is_gone() -> bool:
        try:
            await client.get_workflow_handle(workflow_id).describe()
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            return True
        return False

    await client.workflow_service.delete_workflow_execution(request)
    await eventually(is_gone, within=SERVER_FORGETS_WITHIN)


async def struck_off(fast: InFastTime, number: int) -> None:
    await fast.report(1, number=number)
    await fast.tell("request_strike_off", HANDLING, number, deliverable="市医保发〔2016〕9号")
    await fast.tell("verify", SUPERVISOR, number, passed=True)
    await fast.handle(number).result()


def registered(fast: InFastTime, number: int = 1) -> int:
    return len(fast.of_kind(EntryKind.REGISTERED, number)) + len(fast.of_kind(EntryKind.ASSIGNED, number))


async def runs(fast: InFastTime, number: int = 1) -> int:
    """How many workflows the server has under the task's name."""
    try:
        await fast.client.get_workflow_handle(task_workflow_id(fast.tasks[number - 1])).describe()
    except RPCError:
        return 0
    return 1


async def test_issued_again_a_plan_does_not_start_a_task_that_the_server_has_forgotten(fast: InFastTime) -> None:
    await fast.issue(*(fast.task("2016-06-30", "2016-12-20", number=number) for number in (1, 2)))
    await struck_off(fast, 1)
    await forgotten(fast.client, fast.tasks[0])
    before = fast.timeline()
    plan = fast.ledger.plans.load_plan(fast.digest)

    outcome = await issue_plan(fast.client, fast.ledger, plan, fast.settings.task_queue)
    await fast.plan.signal("start_again")
    await fast.at_rest(2)
    await fast.report(percent=10, number=2)
    await fast.recorded(2)

    assert outcome is IssueOutcome.SAME_AGAIN
    assert await runs(fast) == 0
    assert fast.timeline() == before


async def test_a_start_whose_proof_was_lost_is_not_repeated_once_the_task_has_lived(
    fast: InFastTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The worker dies, or the database is away, between the start and its proof; and stays so for longer than the
    # server remembers the task.
    proves = fast.ledger.tasks.mark_started
    tried: list[int] = []

    def away(*_: object) -> None:
        tried.append(1)
        raise LedgerUnavailable("台账数据库暂时不可用")

    monkeypatch.setattr(fast.ledger.tasks, "mark_started", away)
    given = fast.prepare(*(fast.task("2016-06-30", "2016-12-20", number=number) for number in (1, 2)))
    await register_search_attributes(fast.client)
    await fast.work()
    await fast.start(given)

    async def is_running() -> bool:
        return bool(tried) and await runs(fast, 1) == 1

    await eventually(is_running)
    await struck_off(fast, 1)
    await fast.recorded(2)
    await forgotten(fast.client, fast.tasks[0])
    before = fast.timeline()
    monkeypatch.setattr(fast.ledger.tasks, "mark_started", proves)

    async def is_proven() -> bool:
        row = fast.ledger.plans.plan_row(fast.plan_code)
        return row is not None and row.unstarted_tasks == 0

    await eventually(is_proven, within=60)

    assert await runs(fast) == 0
    assert fast.timeline() == before
    assert registered(fast) == 2
    row = fast.ledger.plans.plan_row(fast.plan_code)
    assert row is not None
    assert (row.status.value, row.open_tasks, row.unstarted_tasks) == ("under_way", 1, 0)


async def test_a_plan_that_was_closed_and_forgotten_is_not_issued_a_second_time(fast: InFastTime) -> None:
    await fast.issue(fast.task("2016-06-30", "2016-12-20"))
    await struck_off(fast, 1)

    async def in_strike_off() -> bool:
        return bool((await fast.plan.query("status"))["status"] == "in_strike_off")

    await eventually(in_strike_off)
    await fast.plan.execute_update("close", await fast.said(GROUP, reason="全部完成"))
    await fast.plan.result()
    for code in (fast.plan_code, fast.tasks[0]):
        await forgotten(fast.client, code)
    before = fast.timeline()

    plan = fast.ledger.plans.load_plan(fast.digest)
    assert await issue_plan(fast.client, fast.ledger, plan, fast.settings.task_queue) is IssueOutcome.SAME_AGAIN
    with pytest.raises(RPCError):
        await fast.plan.describe()
    assert await runs(fast) == 0
    assert fast.timeline() == before


async def test_a_plan_whose_workflow_was_forgotten_while_tasks_are_open_starts_none_of_them_again(
    fast: InFastTime,
) -> None:
    await fast.issue(*(fast.task("2016-06-30", "2016-12-20", number=number) for number in (1, 2)))
    await struck_off(fast, 1)
    await fast.plan.terminate("lost")
    for code in (fast.plan_code, fast.tasks[0]):
        await forgotten(fast.client, code)
    before = fast.timeline()
    plan = fast.ledger.plans.load_plan(fast.digest)

    assert await issue_plan(fast.client, fast.ledger, plan, fast.settings.task_queue) is IssueOutcome.SAME_AGAIN
    await fast.under_way()

    assert await runs(fast) == 0
    assert fast.timeline() == before
    assert registered(fast, 2) == 2
