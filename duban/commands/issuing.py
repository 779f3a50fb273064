"""Issuing a plan: stored by its digest, started as a workflow, waited for until all its tasks are started.

The plan's workflow registers the plan and starts its tasks. Whoever issues may die at any point: what the ledger has no
proof of is started by issuing the same plan again.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from duban.commands.reasons import Refused
from duban.contracts import PlanInput, StoredPlan
from duban.ledger import Ledger
from duban.ledger.plans.differences import compare
from duban.ledger.plans.plans import PlanRow
from duban.ledger.plans.registration import PlanStatus
from duban.names import plan_workflow_id
from duban.starts import DIGEST, start_plan
from duban.supervision.days.clock import TaskClock
from duban.supervision.model import Frozen

START_AGAIN = "start_again"
CLASHES_TOLD = 10
LOOK_EVERY_SECONDS = 0.2
NEWS_WITHIN_SECONDS = 60.0
POLLED_WITHIN = timedelta(seconds=75)
"""A worker that is there asks again within a minute."""


class IssueOutcome(StrEnum):
    """What issuing came to."""

    STARTED = "started"
    SAME_AGAIN = "same_again"


class PlanDiffers(Refused):
    """A plan of this code is registered with another content; the text lists the differences."""


class StartedTasks(Frozen):
    """How far a plan's tasks are; ``total`` is 0 until the plan is registered."""

    started: int
    total: int


class NobodyWorks(Exception):
    """No worker asks for work on the task queue: what was issued lies on the server and waits."""


async def issue_plan(
    client: Client,
    ledger: Ledger,
    plan: StoredPlan,
    task_queue: str,
    *,
    clock: TaskClock | None = None,
    continue_after: int | None = None,
) -> IssueOutcome:
    """Issue a plan; the same plan again only starts whatever the ledger has no proof of.

    Args:
        client: Of the server that runs the plan.
        ledger: With the newest schema.
        plan: As read from its file.
        task_queue: Of the workers.
        clock: Business time; real time unless given. A plan that is registered keeps its own.
        continue_after: See ``TaskInput``; for tests.

    Raises:
        PlanDiffers: Another content is registered, or about to be, under this code. Nothing has changed.
        Refused: The plan is closed, or a code is taken by something else.
    """
    code = plan.definition.code
    digest = await asyncio.to_thread(ledger.plans.store_plan, plan)
    standing = await asyncio.to_thread(ledger.plans.plan_row, code)
    if standing is not None:
        newest = (await asyncio.to_thread(ledger.amendments.versions, code))[-1]
        await _refuse_differences(ledger, newest.digest, plan)
        if standing.status is PlanStatus.CLOSED:
            return IssueOutcome.SAME_AGAIN
    else:
        await asyncio.to_thread(_refuse_clashes, ledger, plan)
    given = PlanInput(
        code=code,
        title=plan.definition.title,
        digest=standing.digest if standing else digest,
        clock=standing.clock if standing else clock or TaskClock(),
        continue_after=continue_after,
    )
    handle = await _start(client, given, plan, task_queue)
    running = await handle.describe()
    began_with = await running.memo_value(DIGEST, default=given.digest, type_hint=str)
    if began_with != given.digest:  # issued a moment ago from another file, and not registered yet
        await _refuse_differences(ledger, began_with, plan)
    if standing is not None:
        await handle.signal(START_AGAIN)
        return IssueOutcome.SAME_AGAIN
    return IssueOutcome.STARTED


def _refuse_clashes(ledger: Ledger, plan: StoredPlan) -> None:
    """Plans and tasks are workflows under their codes: the same code for one of each would be one workflow."""
    taken = ledger.plans.taken_codes(plan.definition)
    if taken:
        listed = "；".join(str(code) for code in taken[:CLASHES_TOLD])
        rest = f"等 {len(taken)} 处" if len(taken) > CLASHES_TOLD else ""
        raise Refused(f"{listed}{rest}，不能重复使用。请改正文件中的编号，或用 --code 另定方案编号。")


async def _start(client: Client, given: PlanInput, plan: StoredPlan, task_queue: str) -> WorkflowHandle[object, object]:
    try:
        return await start_plan(
            client, given, task_queue, regime=plan.policy.regime.name, tasks=len(plan.definition.tasks)
        )
    except WorkflowAlreadyStartedError:
        raise Refused(f"方案 {given.code} 已经销账，不能再次下发。新的方案请用新的编号（--code）。") from None


async def _refuse_differences(ledger: Ledger, digest: str, plan: StoredPlan) -> None:
    registered = await asyncio.to_thread(ledger.plans.load_plan, digest)
    differences = compare(registered, plan)
    if differences:
        listed = "\n".join(f"  {difference}" for difference in differences)
        raise PlanDiffers(
            f"方案 {plan.definition.code} 已经下发，这份文件与已下发的不同（{len(differences)} 处），没有作任何改动：\n"
            f"{listed}\n确需调整的，请用 starter.py amend 办理。"
        )


async def tasks_being_started(
    client: Client, ledger: Ledger, code: str, task_queue: str
) -> AsyncIterator[StartedTasks]:
    """Tells how far a plan's tasks are, whenever it changes, until all of them are started.

    Raises:
        NobodyWorks: No worker polls the task queue, or nothing moved for a minute.
        WorkflowFailureError: The plan was refused when it was registered.
    """
    handle = client.get_workflow_handle(plan_workflow_id(code))
    last: StartedTasks | None = None
    moved = time.monotonic()
    while True:
        row = await asyncio.to_thread(ledger.plans.plan_row, code)
        now = _standing(row)
        if now != last:
            last, moved = now, time.monotonic()
            yield now
        if row is not None and row.unstarted_tasks == 0:
            return
        if row is None and await _is_over(handle):
            await handle.result()
        if not await someone_works(client, task_queue) or time.monotonic() - moved > NEWS_WITHIN_SECONDS:
            raise NobodyWorks
        await asyncio.sleep(LOOK_EVERY_SECONDS)


def _standing(row: PlanRow | None) -> StartedTasks:
    return (
        StartedTasks(started=row.tasks - row.unstarted_tasks, total=row.tasks)
        if row
        else StartedTasks(started=0, total=0)
    )


async def _is_over(handle: WorkflowHandle[object, object]) -> bool:
    return (await handle.describe()).status is not WorkflowExecutionStatus.RUNNING


async def someone_works(client: Client, task_queue: str) -> bool:
    """Whether a worker has asked for work on the task queue lately."""
    try:
        described = await client.workflow_service.describe_task_queue(
            DescribeTaskQueueRequest(
                namespace=client.namespace,
                task_queue=TaskQueue(name=task_queue),
                task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
            )
        )
    except RPCError as error:
        if error.status in (RPCStatusCode.PERMISSION_DENIED, RPCStatusCode.UNIMPLEMENTED):
            return True  # what we may not see we do not deny
        raise
    since = datetime.now(UTC) - POLLED_WITHIN
    return any(poller.last_access_time.ToDatetime(UTC) > since for poller in described.pollers)
