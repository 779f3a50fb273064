"""`notices`: what was said to whom, and what could not be delivered."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy

from duban.commands.connecting import connect_to_server, reading_ledger
from duban.commands.ledger import PlanCode, known_plan
from duban.commands.plan_options import AsJson
from duban.commands.reasons import Refused
from duban.commands.showing import KIND_WORDS, NOTICE_WORDS, here, level_words, local, say, show_json, show_table
from duban.contracts import DispatchInput
from duban.ledger.notice_tables import NoticeStatus
from duban.ledger.rows import NoticeRow
from duban.names import DISPATCH, DISPATCH_NUDGE, dispatch_workflow_id
from duban.settings import load_settings
from duban.supervision.entries import NoticeKind

UNDELIVERABLE, SEND_AGAIN = "undeliverable", "send-again"


def register(app: typer.Typer) -> None:
    """Add the command and those below it."""
    group = typer.Typer(invoke_without_command=True, help="通知：发给谁、为什么、是否送达；无法送达的可以重发。")
    group.callback()(notices)
    group.command(UNDELIVERABLE, help="列出无法送达的通知。")(undeliverable)
    group.command(SEND_AGAIN, help="重新发送无法送达的通知，编号不变。")(send_again)
    app.add_typer(group, name="notices")


def notices(
    context: typer.Context,
    plan: PlanCode = None,
    task: Annotated[str | None, typer.Option("--task", metavar="CODE", help="只看一项任务")] = None,
    body: Annotated[str | None, typer.Option("--body", help="只看发给一个单位的")] = None,
    kind: Annotated[NoticeKind | None, typer.Option("--kind", help="只看一类，如 reminder、chase")] = None,
    level: Annotated[str | None, typer.Option("--level", help="只看一级提醒，如 phone、written")] = None,
    status: Annotated[NoticeStatus | None, typer.Option("--status", help="只看一种状态，如 pending、delivered")] = None,
    as_json: AsJson = False,
) -> None:
    """Show notices in the order in which they were recorded."""
    if context.invoked_subcommand is not None:
        return
    with reading_ledger(load_settings()) as door:
        known_plan(door, plan)
        rows = door.rows.notice_rows(plan=plan, task=task, body=body, kind=kind, level=level, status=status)
        zones = {row.code: row.zone for row in door.plans.plan_rows()}
    if as_json:
        show_json(rows)
        return
    show_table(
        ("任务编号", "类别", "级别", "滞后", "应发日期", "发文单位", "受文单位", "文号", "状态", "送达时间"),
        (
            (
                row.task_code,
                KIND_WORDS[row.kind],
                level_words(row.level),
                f"{row.lag_days}天" if row.lag_days is not None else "",
                row.reminder_due_on,
                row.issuer,
                row.recipient,
                row.paper,
                _status(row),
                local(row.delivered_at, zones[row.plan_code]),
            )
            for row in rows
        ),
        title=f"通知 {len(rows)} 件",
    )


def _status(row: NoticeRow) -> str:
    """How a notice stands; where a gateway does not answer, how often it was tried and what it met with."""
    if row.retry_at_real is None:
        return NOTICE_WORDS[row.status]
    return f"等待重试（已试{row.attempts}次，{row.last_answer}）"


def undeliverable(as_json: AsJson = False) -> None:
    """Show messages that could not be delivered, oldest first."""
    with reading_ledger(load_settings()) as door:
        rows = door.deliveries.undeliverable()
    if as_json:
        show_json(rows)
        return
    show_table(
        ("编号", "受文单位", "尝试次数", "最后一次", "原因", "仍然有效"),
        (
            (row.delivery_id, row.recipient, row.attempts, here(row.ended_at), row.detail, row.still_true)
            for row in rows
        ),
        title=f"无法送达 {len(rows)} 件（重新发送：starter.py notices send-again 编号）",
    )


def send_again(
    identities: Annotated[list[str], typer.Argument(metavar="ID...", help="编号，见 notices undeliverable")],
) -> None:
    """Send undeliverable messages again; what is no longer true stays out."""
    asyncio.run(_send_again(identities))


async def _send_again(identities: Sequence[str]) -> None:
    settings = load_settings()
    with reading_ledger(settings) as door:
        client = await connect_to_server(settings)
        bodies = door.deliveries.send_again(identities, datetime.now(UTC))
    if not bodies:
        raise Refused("没有可以重新发送的通知。")
    for body in bodies:
        await _nudge(client, body, settings.task_queue)
    say(f"已安排重新发送给：{'、'.join(bodies)}。")


async def _nudge(client: Client, body: str, task_queue: str) -> None:
    await client.start_workflow(
        DISPATCH,
        DispatchInput(body=body),
        id=dispatch_workflow_id(body),
        task_queue=task_queue,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        static_summary=f"向{body}送达通知",
        start_signal=DISPATCH_NUDGE,
    )
