"""Tells a task something: stamped, sent as an update, answered, and looked for in the ledger.

Every message carries an id and the business moment at which it was said. What could not be delivered may be sent again
under the same id: it is done once.
"""

import asyncio
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, TypeAlias, TypeVar
from uuid import uuid4

import typer
from temporalio.client import Client, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.service import RPCError, RPCStatusCode

from duban.commands.connecting import connect_to_server, reading_ledger
from duban.commands.reasons import Refused
from duban.commands.showing import say, status_words
from duban.contracts import Answer
from duban.ledger import Ledger
from duban.ledger.plans.plans import PlanRow
from duban.ledger.questions.rows import TaskRow
from duban.names import plan_workflow_id, register_workflow_id, task_workflow_id
from duban.settings import load_settings
from duban.supervision.model import Frozen
from duban.supervision.rules.authority import Act
from duban.supervision.tasks.door import refuse_excess
from duban.supervision.tasks.reading import read_message
from duban.supervision.tasks.turn import Refusal

ANSWERED_WITHIN = timedelta(seconds=10)
SHOWN_WITHIN_SECONDS = 3.0
LOOK_EVERY_SECONDS = 0.1
PROGRESS_SIGNAL = "progress"
CLOSE_PLAN_UPDATE = "close"

AnyAnswer = TypeVar("AnyAnswer", bound=Answer)
TaskCode: TypeAlias = Annotated[str, typer.Argument(metavar="CODE", help="任务编号")]


class Unanswered(Refused):
    """Nobody said whether the message was taken: it may be sent again as it is, under its id."""


class Sender(Frozen):
    """Who says something, and under which id.

    Attributes:
        id: Empty for a new message.
    """

    body: str
    person: str
    id: str = ""


def tell(code: str, act: Act, sender: Sender, **facts: object) -> None:
    """Send a message to a task and say what came of it.

    Args:
        code: The task's code.
        act: What is done.
        sender: Who does it.
        facts: Fields of the message; those that are None are left out.

    Raises:
        Refused: The task refuses, is unknown, not started yet or over, or nobody answers.
    """
    message = _stamped(act, sender, facts)
    asyncio.run(_tell(code, act, message))


def tell_by_signal(code: str, sender: Sender, **facts: object) -> None:
    """Report progress by signal: nobody waits for an answer, a refusal is put on record."""
    asyncio.run(_signal(code, _stamped(Act.PROGRESS, sender, facts)))


def tell_plan_to_close(code: str, sender: Sender, reason: str) -> None:
    """The leading group's decision to close a plan.

    Raises:
        Refused: The plan refuses, is unknown or over, or nobody answers.
    """
    # A plan takes one decision only, so that it needs no id to recognise a second.
    asyncio.run(_close(code, {"body": sender.body, "person": sender.person, "reason": reason}))


def tell_register(register: PlanRow, update: str, message: Mapping[str, object], answers: type[AnyAnswer]) -> AnyAnswer:
    """Tell a register something; its answer says what came of it.

    Args:
        answers: What it answers with.

    Raises:
        Refused: The register refuses, is over, or nobody answers.
    """
    stamp = {"id": uuid4().hex, "occurred_at": register.clock.business(datetime.now(UTC)).isoformat()}
    return asyncio.run(_register(register.code, update, {**stamp, **message}, answers))


async def _register(code: str, update: str, message: dict[str, Any], answers: type[AnyAnswer]) -> AnyAnswer:
    client = await connect_to_server(load_settings())
    return await _update(client, register_workflow_id(code), update, message, answers)


def _stamped(act: Act, sender: Sender, facts: Mapping[str, object]) -> dict[str, Any]:
    stated = {name: value for name, value in facts.items() if value is not None}
    message = {**stated, "body": sender.body, "person": sender.person, "id": sender.id or uuid4().hex}
    read = read_message(act, message)
    refusal = read if isinstance(read, Refusal) else refuse_excess(read)
    if refusal is not None:
        raise Refused(refusal.reason)
    return message


async def _tell(code: str, act: Act, message: dict[str, Any]) -> None:
    settings = load_settings()
    with reading_ledger(settings) as ledger:
        task = known_task(ledger, code)
        _date(ledger, task, message)
        refuse_unreachable(task)
        client = await connect_to_server(settings)
        answer = await _update(client, task_workflow_id(code), _update_of(act), message, Answer)
        shown = answer.repeated or await _is_shown(ledger, code, answer.version)
    say(f"{answer.text}。" if shown else f"{answer.text}，入账中。")


async def _signal(code: str, message: dict[str, Any]) -> None:
    settings = load_settings()
    with reading_ledger(settings) as ledger:
        task = known_task(ledger, code)
        _date(ledger, task, message)
        refuse_unreachable(task)
    client = await connect_to_server(settings)
    await client.get_workflow_handle(task_workflow_id(code)).signal(
        PROGRESS_SIGNAL, message, rpc_timeout=ANSWERED_WITHIN
    )
    say("已送出，由任务自行受理；是否受理见时间线。")


async def _close(code: str, message: dict[str, Any]) -> None:
    settings = load_settings()
    with reading_ledger(settings) as ledger:
        if ledger.plans.plan_row(code) is None:
            raise Refused(f"台账中没有方案 {code}，请核对编号。")
    client = await connect_to_server(settings)
    answer = await _update(client, plan_workflow_id(code), CLOSE_PLAN_UPDATE, message, Answer)
    say(f"{answer.text}。")


def known_task(ledger: Ledger, code: str) -> TaskRow:
    """The row of a task.

    Raises:
        Refused: There is none of this code.
    """
    task = ledger.rows.task_row(code, datetime.now(UTC))
    if task is None:
        kind = "是方案编号，请写明其中的任务编号" if ledger.plans.plan_row(code) else "请核对编号"
        raise Refused(f"台账中没有任务 {code}，{kind}。")
    return task


def _date(ledger: Ledger, task: TaskRow, message: dict[str, Any]) -> None:
    """Business time, by the plan's own clock."""
    plan = ledger.plans.plan_row(task.plan_code)
    if plan is not None:
        message["occurred_at"] = plan.clock.business(datetime.now(UTC)).isoformat()


def refuse_unreachable(task: TaskRow) -> None:
    """See to it that a task can be told something.

    Raises:
        Refused: It is over, or not started yet.
    """
    if task.closed_at is not None:
        raise Refused(f"任务 {task.task_code} {status_words(task.status)}，不再受理。")
    if task.started_at is None:
        raise Refused(f"任务 {task.task_code} 正在下发，请稍后再试。")


def _update_of(act: Act) -> str:
    return "report_progress" if act is Act.PROGRESS else act.value


async def _update(
    client: Client, workflow_id: str, update: str, message: dict[str, Any], answers: type[AnyAnswer]
) -> AnyAnswer:
    handle = client.get_workflow_handle(workflow_id)
    identity = message.get("id")
    try:
        answer: AnyAnswer = await handle.execute_update(
            update, message, id=identity, rpc_timeout=ANSWERED_WITHIN, result_type=answers
        )
        return answer  # noqa: TRY300
    except WorkflowUpdateRPCTimeoutOrCancelledError:
        raise Unanswered(_unanswered(identity)) from None
    except RPCError as error:
        match error.status:
            case RPCStatusCode.DEADLINE_EXCEEDED | RPCStatusCode.CANCELLED:
                raise Unanswered(_unanswered(identity)) from None
            case RPCStatusCode.FAILED_PRECONDITION:  # its workflow task fails again and again
                raise Refused(
                    f"{workflow_id} 停住了，暂时不能受理。请告知管理员（starter.py stuck 查看原因），恢复后再试。"
                    f"{_again(identity)}"
                ) from None
            case RPCStatusCode.NOT_FOUND:
                raise Refused(
                    f"Temporal 服务器上没有正在进行的 {workflow_id}：它刚刚结束，或连到了另一台服务器。"
                    f"请用 starter.py status {workflow_id} 核对。"
                ) from None
            case _:
                raise


def _unanswered(identity: str | None) -> str:
    return (
        "没有工作进程答复，不能确定是否已受理。请确认 starter.py serve 或 worker.py 在运行，然后再试。"
        f"{_again(identity)}"
    )


def _again(identity: str | None) -> str:
    return f"重试时请加 --id {identity}，不会重复办理。" if identity else ""


async def _is_shown(ledger: Ledger, code: str, version: int) -> bool:
    """Whether the ledger shows a version within three seconds."""
    end = time.monotonic() + SHOWN_WITHIN_SECONDS
    while time.monotonic() < end:
        task = ledger.rows.task_row(code, datetime.now(UTC))
        if task is not None and task.version >= version:
            return True
        await asyncio.sleep(LOOK_EVERY_SECONDS)
    return False
