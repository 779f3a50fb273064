"""Speaks the script: every message at its business moment, through the public surface, as people's clients would.

Messages of one task are said one after the other, those of different tasks at the same time. A message said late, on a
slow machine, still counts at its own moment: it carries it. Said again after a lost answer it is the same message.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from temporalio.client import (
    Client,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.service import RPCError, RPCStatusCode

from duban.commands.demo_script import Messages
from duban.commands.reasons import reason_of
from duban.names import task_workflow_id
from duban.supervision.days.clock import TaskClock
from duban.supervision.rules.authority import Act
from duban.supervision.tasks.messages import AnyMessage
from duban.supervision.words import ACT_WORDS

AT_ONCE = 6
"""Messages in flight. Few, so that on a slow machine it is the messages that wait, which carry their moments, and not
the reminders behind them in the worker's queue."""
ANSWER_WITHIN = timedelta(seconds=15)
GIVE_UP_AFTER_SECONDS = 90.0
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.2, 3.0

PASSING = frozenset(
    {
        RPCStatusCode.ABORTED,
        RPCStatusCode.CANCELLED,
        RPCStatusCode.DEADLINE_EXCEEDED,
        RPCStatusCode.INTERNAL,
        RPCStatusCode.NOT_FOUND,  # the task's workflow is not started yet
        RPCStatusCode.RESOURCE_EXHAUSTED,
        RPCStatusCode.UNAVAILABLE,
        RPCStatusCode.UNKNOWN,
    }
)


async def drive(client: Client, clock: TaskClock, messages: Messages, until: datetime) -> tuple[str, ...]:
    """Say all messages of a script up to a business moment.

    Returns:
        What was refused or could not be said, and why; nothing, where all went well. A refused signal is not among
        them: nobody is told of it, the ledger keeps it.
    """
    slots = asyncio.Semaphore(AT_ONCE)
    problems = await asyncio.gather(
        *(_speak(client, clock, code, said, until, slots) for code, said in messages.items())
    )
    return tuple(problem for some in problems for problem in some)


async def _speak(
    client: Client,
    clock: TaskClock,
    code: str,
    messages: Sequence[AnyMessage],
    until: datetime,
    slots: asyncio.Semaphore,
) -> list[str]:
    problems: list[str] = []
    for message in messages:
        if message.occurred_at is None or message.occurred_at > until:
            continue
        await asyncio.sleep(max((clock.real(message.occurred_at) - datetime.now(UTC)).total_seconds(), 0))
        async with slots:
            problem = await _say(client, code, message)
        if problem:
            problems.append(f"{code} {ACT_WORDS[message.act]}（{message.id}）：{problem}")
    return problems


async def _say(client: Client, code: str, message: AnyMessage) -> str:
    """Say one message, again and again while what hinders it may pass; the reason where it was not accepted."""
    loop = asyncio.get_running_loop()
    give_up_at, pause = loop.time() + GIVE_UP_AFTER_SECONDS, FIRST_PAUSE_SECONDS
    while True:
        try:
            await _send(client, code, message)
        except WorkflowUpdateFailedError as refused:
            return reason_of(refused) or str(refused)
        except (RPCError, WorkflowUpdateRPCTimeoutOrCancelledError) as error:
            _leave_if_cancelled()
            if not _may_pass(error) or loop.time() > give_up_at:
                return reason_of(error) or str(error)
        else:
            return ""
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE_SECONDS)


async def _send(client: Client, code: str, message: AnyMessage) -> None:
    """Progress by signal, as machines report; everything else by an update that is answered."""
    handle = client.get_workflow_handle(task_workflow_id(code))
    given = message.model_dump(mode="json", exclude_none=True)
    if message.act is Act.PROGRESS:
        await handle.signal("progress", given, rpc_timeout=ANSWER_WITHIN)
    else:
        await handle.execute_update(message.act.value, given, id=message.id, rpc_timeout=ANSWER_WITHIN)


def _may_pass(error: Exception) -> bool:
    return not isinstance(error, RPCError) or error.status in PASSING


def _leave_if_cancelled() -> None:
    """The SDK turns a cancellation during an update into an error of its own, which must not be taken for a delay."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
