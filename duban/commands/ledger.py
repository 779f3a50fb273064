"""`ledger`: all tasks and how they stand, by plan, body, status or level; on the terminal, as JSON, as a workbook."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from duban.commands.connecting import reading_ledger
from duban.commands.plan_options import AsJson
from duban.commands.reasons import Refused
from duban.commands.showing import level_words, say, show_json, show_table, status_words
from duban.commands.workbook import write_ledger_workbook
from duban.ledger import Ledger
from duban.settings import load_settings

PlanCode: TypeAlias = Annotated[str | None, typer.Option("--plan", metavar="CODE", help="只看一个方案")]
TITLE = "改革任务督办台账"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("ledger", help="台账：各项任务的现状；可按方案、单位、状态、提醒级别筛选。")(ledger)


def ledger(
    plan: PlanCode = None,
    body: Annotated[str | None, typer.Option("--body", help="只看一个单位参与的任务")] = None,
    status: Annotated[str | None, typer.Option("--status", help="只看一种状态，如 under_way、struck_off")] = None,
    level: Annotated[str | None, typer.Option("--level", help="只看已发到某一级提醒的，如 phone、written")] = None,
    as_json: AsJson = False,
    xlsx: Annotated[Path | None, typer.Option("--xlsx", metavar="FILE", help="另存为 Excel 文件")] = None,
) -> None:
    """Show the ledger."""
    with reading_ledger(load_settings()) as door:
        title = _title(door, plan)
        rows = door.rows.ledger_rows(datetime.now(UTC), plan=plan, body=body, status=status, level=level)
    if xlsx is not None:
        write_ledger_workbook(xlsx, title, rows)
    if as_json:
        show_json(rows)
    elif xlsx is not None:
        say(f"已写出 {xlsx}，共 {len(rows)} 项任务。")
    else:
        show_table(
            ("任务编号", "改革事项", "牵头单位", "承办单位", "期限", "状态", "滞后", "提醒"),
            (
                (
                    row.task_code,
                    row.title,
                    row.lead_body,
                    row.handling_body,
                    row.due_on,
                    status_words(row.status),
                    f"{row.lag_days}天" if row.lag_days else "",
                    level_words(row.reminder_level),
                )
                for row in rows
            ),
            title=f"{title}（{len(rows)} 项）",
        )


def known_plan(door: Ledger, code: str | None) -> None:
    """See to it that a plan that is asked for is registered: a slip of the keyboard must not look like an empty ledger.

    Raises:
        Refused: It is not.
    """
    if code is not None and door.plans.plan_row(code) is None:
        known = "、".join(row.code for row in door.plans.plan_rows()) or "还没有方案"
        raise Refused(f"台账中没有方案 {code}。现有：{known}。")


def _title(door: Ledger, plan: str | None) -> str:
    known_plan(door, plan)
    row = door.plans.plan_row(plan) if plan is not None else None
    return f"{row.title} {TITLE}" if row else TITLE
