"""What Temporal says of a task or a plan: whether its workflow is there, runs, and how far it has come."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import timedelta
from enum import StrEnum
from typing import TypeVar

from temporalio.client import (
    Client,
    WorkflowExecutionDescription,
    WorkflowExecutionStatus,
    WorkflowQueryFailedError,
    WorkflowQueryRejectedError,
)
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from duban.names import REFORM_PLAN, REFORM_TASK, REGISTER, Attributes, plan_workflow_id, task_workflow_id
from duban.registers import RegisterStanding
from duban.supervision.model import Frozen
from duban.supervision.tasks.views import StatusView

ASKED_AT_ONCE = 20
ANSWERED_WITHIN = timedelta(seconds=10)
CONFLICT = "LedgerConflict"
"""Type of the failure with which a record contradicts what is in the ledger: trying again changes nothing."""
RECORD = "record"

T = TypeVar("T")
R = TypeVar("R")


class Presence(StrEnum):
    """Whether there is a workflow."""

    RUNNING = "running"
    COMPLETED = "completed"
    BROKEN_OFF = "broken_off"
    """Terminated, cancelled, failed or timed out: not ended by what its messages and dates say."""
    ABSENT = "absent"


class Seen(Frozen):
    """A workflow as the server shows it.

    Attributes:
        answered: Whether it said how it stands; what follows is empty without an answer.
        version: A task's: of the last entry that it has decided.
        contradicts: It tries in vain to record what contradicts the ledger.
    """

    presence: Presence
    answered: bool = False
    round: int = 0
    version: int = 0
    status: str = ""
    contradicts: bool = False


async def see_task(client: Client, code: str) -> Seen:
    """A task's workflow."""
    described, presence = await _described(client, task_workflow_id(code))
    if described is None or presence is not Presence.RUNNING:
        return Seen(presence=presence)
    contradicts = await _contradicts(client, described)
    view = await _asked(client, task_workflow_id(code), StatusView)
    if view is None:
        return Seen(presence=presence, contradicts=contradicts)
    return Seen(
        presence=presence,
        answered=True,
        round=view.round,
        version=view.ledger_version,
        status=view.status,
        contradicts=contradicts,
    )


async def see_plan(client: Client, code: str) -> Seen:
    """The workflow of a plan or a register."""
    described, presence = await _described(client, plan_workflow_id(code))
    if described is None or presence is not Presence.RUNNING:
        return Seen(presence=presence)
    standing = await _asked(client, plan_workflow_id(code), RegisterStanding)  # a plan's, and what a register adds
    return Seen(presence=presence, answered=standing is not None, status=standing.status if standing else "")


async def running_codes(client: Client, task_queue: str, plan: str | None) -> AsyncIterator[str]:
    """The codes of all plans, registers and tasks that run, as the server lists them."""
    wanted = f"WorkflowType IN ('{REFORM_TASK}', '{REFORM_PLAN}', '{REGISTER}') AND ExecutionStatus = 'Running'"
    wanted += f" AND TaskQueue = '{task_queue}'"
    if plan is not None:
        wanted += f" AND {Attributes.PLAN_CODE.name} = '{plan}'"
    async for execution in client.list_workflows(wanted):
        yield execution.id


async def at_once(work: Callable[[T], Awaitable[R]], items: Sequence[T]) -> list[R]:
    """Do something for each of several, so many at a time; in their order."""
    room = asyncio.Semaphore(ASKED_AT_ONCE)

    async def one(item: T) -> R:
        async with room:
            return await work(item)

    return await asyncio.gather(*(one(item) for item in items))


async def _described(client: Client, workflow_id: str) -> tuple[WorkflowExecutionDescription | None, Presence]:
    try:
        described = await client.get_workflow_handle(workflow_id).describe()
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return None, Presence.ABSENT
    match described.status:
        case WorkflowExecutionStatus.RUNNING | None:
            return described, Presence.RUNNING
        case WorkflowExecutionStatus.COMPLETED:
            return described, Presence.COMPLETED
        case WorkflowExecutionStatus.CONTINUED_AS_NEW:  # the next run begins at this moment
            return described, Presence.RUNNING
        case _:
            return described, Presence.BROKEN_OFF


async def _asked(client: Client, workflow_id: str, answer: type[T]) -> T | None:
    """What the workflow answers to ``status``; None where no worker answers in time."""
    handle = client.get_workflow_handle(workflow_id)
    try:
        said: T = await handle.query("status", result_type=answer, rpc_timeout=ANSWERED_WITHIN)
    except (WorkflowQueryFailedError, WorkflowQueryRejectedError):
        return None
    except RPCError as error:
        if error.status in (RPCStatusCode.UNAVAILABLE, RPCStatusCode.UNAUTHENTICATED, RPCStatusCode.PERMISSION_DENIED):
            raise
        return None
    return said


async def _contradicts(client: Client, described: WorkflowExecutionDescription) -> bool:
    for pending in described.raw_description.pending_activities:
        if pending.activity_type.name == RECORD and pending.HasField("last_failure"):
            failure = await client.data_converter.decode_failure(pending.last_failure)
            if isinstance(failure, ApplicationError) and failure.type == CONFLICT:
                return True
    return False
