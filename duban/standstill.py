"""What stands still, and why: running workflows whose next step is tried again and again, or that no worker takes.

Asked of the server, workflow by workflow, because nothing else knows: not the ledger, which only sees that nothing
came, not the search attributes, which a workflow that fails cannot change.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from temporalio.api.enums.v1 import EventType, PendingWorkflowTaskState, WorkflowTaskFailedCause
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflow.v1 import PendingActivityInfo, PendingWorkflowTaskInfo
from temporalio.api.workflowservice.v1 import (
    DescribeWorkflowExecutionResponse,
    GetWorkflowExecutionHistoryReverseRequest,
)
from temporalio.client import Client, WorkflowExecution, WorkflowExecutionDescription
from temporalio.service import RPCError, RPCStatusCode

from duban.names import Attributes
from duban.supervision.model import Frozen

ASKED_AT_ONCE = 50
UNCLAIMED_FOR = timedelta(minutes=1)
"""A worker that has room takes a task at once."""
LATEST_EVENTS = 10
DETAIL = 300
"""Letters of a reason that are shown."""


class Cause(StrEnum):
    """Why it stands still."""

    NONDETERMINISM = "nondeterminism"
    """The release that tries does not answer the history as the one before it did."""
    FAILING = "failing"
    """The workflow's code fails in another way."""
    UNANSWERED = "unanswered"
    """A worker took the step and never answered: it was killed, or is overloaded."""
    UNCLAIMED = "unclaimed"
    """No worker takes it."""
    ACTIVITY = "activity"
    """A record, a start or a delivery is tried again and again: database, server or gateway."""


class Standstill(Frozen):
    """One workflow that stands still.

    Attributes:
        since: Real moment since which the step is due.
        attempt: How often it has been begun.
        build_id: The release that is to take it; empty without one.
        detail: What was met with last.
    """

    workflow_id: str
    workflow_type: str
    cause: Cause
    since: datetime
    attempt: int
    build_id: str
    detail: str


async def running(client: Client, task_queue: str, plan: str | None = None) -> list[WorkflowExecution]:
    """The running workflows of an installation, or of one plan with its tasks; the newest first.

    Raises:
        RPCError: The server does not answer.
    """
    wanted = [f"TaskQueue = {_quoted(task_queue)}", "ExecutionStatus = 'Running'"]
    if plan is not None:
        wanted.append(f"{Attributes.PLAN_CODE.name} = {_quoted(plan)}")
    return [found async for found in client.list_workflows(" AND ".join(wanted))]


async def running_now(client: Client, task_queue: str, most: int) -> list[WorkflowExecution]:
    """The newest running workflows of an installation, so many at most.

    Raises:
        RPCError: The server does not answer.
    """
    query = f"TaskQueue = {_quoted(task_queue)} AND ExecutionStatus = 'Running'"
    return [found async for found in client.list_workflows(query, limit=most)]


async def standing_still(client: Client, executions: list[WorkflowExecution]) -> AsyncIterator[Standstill | None]:
    """Asks after each workflow, in order; None for one that goes on as it should.

    Raises:
        RPCError: The server does not answer.
    """
    for first in range(0, len(executions), ASKED_AT_ONCE):
        batch = executions[first : first + ASKED_AT_ONCE]
        for found in await asyncio.gather(*(_asked(client, one) for one in batch)):
            yield found


async def _asked(client: Client, execution: WorkflowExecution) -> Standstill | None:
    handle = client.get_workflow_handle(execution.id, run_id=execution.run_id)
    try:
        described = await handle.describe()
        task = described.raw_description.pending_workflow_task
        if _is_in_trouble(task):
            return await _of_task(client, described, task)
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:  # ended meanwhile, and not kept
            return None
        raise
    return next(_of_activities(described), None)


def _is_in_trouble(task: PendingWorkflowTaskInfo) -> bool:
    return task.attempt > 1 or _is_unclaimed(task)


def _is_unclaimed(task: PendingWorkflowTaskInfo) -> bool:
    scheduled = task.state == PendingWorkflowTaskState.PENDING_WORKFLOW_TASK_STATE_SCHEDULED
    return scheduled and datetime.now(UTC) - task.scheduled_time.ToDatetime(tzinfo=UTC) > UNCLAIMED_FOR


async def _of_task(
    client: Client, described: WorkflowExecutionDescription, task: PendingWorkflowTaskInfo
) -> Standstill:
    failed = None if _is_unclaimed(task) and task.attempt == 1 else await _last_failure(client, described)
    if failed is not None:
        attributes = failed.workflow_task_failed_event_attributes
        diverges = attributes.cause == WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR
        cause, detail = Cause.NONDETERMINISM if diverges else Cause.FAILING, attributes.failure.message
    else:
        cause, detail = Cause.UNCLAIMED if _is_unclaimed(task) else Cause.UNANSWERED, ""
    return Standstill(
        workflow_id=described.id,
        workflow_type=described.workflow_type,
        cause=cause,
        since=task.original_scheduled_time.ToDatetime(tzinfo=UTC),
        attempt=task.attempt,
        build_id=_release_of(described.raw_description),
        detail=detail[:DETAIL],
    )


async def _last_failure(client: Client, described: WorkflowExecutionDescription) -> HistoryEvent | None:
    """The failed workflow task among the latest events; a history that has gone on since has none."""
    latest = await client.workflow_service.get_workflow_execution_history_reverse(
        GetWorkflowExecutionHistoryReverseRequest(
            namespace=client.namespace,
            execution=described.raw_description.workflow_execution_info.execution,
            maximum_page_size=LATEST_EVENTS,
        )
    )
    for event in latest.history.events:
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED:
            return event
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
            return None
    return None


def _of_activities(described: WorkflowExecutionDescription) -> Iterator[Standstill]:
    for pending in described.raw_description.pending_activities:
        if pending.attempt > 1 or _is_kept_waiting(pending):
            yield Standstill(
                workflow_id=described.id,
                workflow_type=described.workflow_type,
                cause=Cause.ACTIVITY if pending.attempt > 1 else Cause.UNCLAIMED,
                since=_asked_for_at(pending),
                attempt=pending.attempt,
                build_id=_release_of(described.raw_description),
                detail=f"{pending.activity_type.name}: {pending.last_failure.message}"[:DETAIL],
            )


def _is_kept_waiting(pending: PendingActivityInfo) -> bool:
    begun = pending.HasField("last_started_time")
    return not begun and datetime.now(UTC) - _asked_for_at(pending) > UNCLAIMED_FOR


def _asked_for_at(pending: PendingActivityInfo) -> datetime:
    return pending.scheduled_time.ToDatetime(tzinfo=UTC)


def _release_of(described: DescribeWorkflowExecutionResponse) -> str:
    """The one that the workflow is moving to, else the one that it is on."""
    versioning = described.workflow_execution_info.versioning_info
    return versioning.version_transition.deployment_version.build_id or versioning.deployment_version.build_id


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
