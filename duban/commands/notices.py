"""`notices`: what was said to whom, and what could not be delivered."""

from typing import Annotated

import typer

from duban.commands import channels, dead_letters, stopping
from duban.commands.command_line import command_group
from duban.commands.connecting import reading_ledger
from duban.commands.known_names import known_body, known_level, known_plan, known_task
from duban.commands.ledger import PlanCode
from duban.commands.plan_options import AsJson
from duban.commands.showing import KIND_WORDS, NOTICE_WORDS, level_words, local, show_json, show_table
from duban.ledger.questions.rows import NoticeRow
from duban.ledger.tables.notice_tables import NoticeStatus
from duban.settings import load_settings
from duban.supervision.tasks.entries import NoticeKind


def register(app: typer.Typer) -> None:
    """Add the command and those below it."""
    about = "通知：发给谁、为什么、是否送达；渠道的试发、停发和重发。"
    group = command_group(app, "notices", about=about, alone=notices)
    for part in (dead_letters, stopping, channels):
        part.register(group)


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
        stopping.tell_if_stopped(door)
        rows = door.rows.notice_rows(plan=plan, task=task, body=body, kind=kind, level=level, status=status)
        if not rows:
            known_task(door, task)
            known_body(door, body)
            known_level(door, level)
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
