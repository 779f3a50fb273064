"""`ledger`: all tasks and how they stand; filtered, on the terminal, as JSON, or printed as a workbook."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from duban.commands.connecting import reading_ledger
from duban.commands.known_names import known_body, known_level, known_plan
from duban.commands.pacing import pacing
from duban.commands.plan_options import AsJson, read_date
from duban.commands.printed_ledger import LIGHT_WORDS, Heading, Reminded, RemindersOf, print_ledger
from duban.commands.shared_options import with_shared
from duban.commands.showing import level_words, say, show_json, show_table, status_words
from duban.ledger import Ledger
from duban.ledger.plans.plans import PlanRow
from duban.ledger.questions.rows import PrintedRow
from duban.ledger.questions.wanted import Wanted
from duban.settings import load_settings
from duban.supervision.plans.plan import ListKind
from duban.supervision.rules.parts import HANDLING_BODY, LEAD_BODY, SUPERVISING_BODY, SUPPORTING_BODIES
from duban.supervision.tasks.lights import Light
from duban.supervision.tasks.state import Stage
from duban.supervision.tasks.views import SUSPENDED
from duban.supervision.words import LIST_WORDS, role_words

PlanCode: TypeAlias = Annotated[str | None, typer.Option("--plan", metavar="CODE", help="只看一个方案")]
TITLE = "改革任务督办台账"
ROLES = {
    "lead": LEAD_BODY,
    "handling": HANDLING_BODY,
    "supporting": SUPPORTING_BODIES,
    "supervising": SUPERVISING_BODY,
}
"""How a role is written on the command line; its full name does as well."""
WORKS = (LEAD_BODY, HANDLING_BODY, SUPPORTING_BODIES)
"""Roles for which a body gets an extract of its own, unless others are named."""
_UNFIT = re.compile(r'[\\/:*?"<>|\x00-\x1f]')


def _read_status(text: str) -> str:
    """A status that is none would look like an empty ledger."""
    known = (*Stage, SUSPENDED)
    if text not in known:
        raise typer.BadParameter(f"“{text}”不是状态，请用 {'、'.join(known)}。")
    return text


def _read_role(text: str) -> str:
    role = ROLES.get(text, text)
    if role not in ROLES.values():
        raise typer.BadParameter(f"“{text}”不是角色，请用 {'、'.join(ROLES)}。")
    return role


def wanted_tasks(
    plan: PlanCode = None,
    body: Annotated[str | None, typer.Option("--body", help="只看一个单位参与的任务")] = None,
    role: Annotated[
        list[str] | None,
        typer.Option(
            "--as",
            parser=_read_role,
            metavar="ROLE",
            help="单位的角色：lead 牵头、handling 承办、supporting 配合、supervising 督察，可重复写；不写则不限",
        ),
    ] = None,
    status: Annotated[
        str | None,
        typer.Option("--status", parser=_read_status, metavar="STATUS", help="只看一种状态，如 under_way、struck_off"),
    ] = None,
    level: Annotated[str | None, typer.Option("--level", help="只看已发到某一级提醒的，如 phone、written")] = None,
    light: Annotated[Light | None, typer.Option("--light", help="只看一种核算灯：green 绿、yellow 黄、red 红")] = None,
    overdue: Annotated[bool, typer.Option("--overdue", help="只看滞后的")] = False,
    due_before: Annotated[
        date | None,
        typer.Option("--due-before", parser=read_date, metavar="DATE", help="只看这一天以前（含当日）到期而未完成的"),
    ] = None,
    list_kind: Annotated[
        ListKind | None,
        typer.Option("--list", help="只看一张清单：annual 年度、key 重点、grassroots 基层、pilot 试点、problem 问题"),
    ] = None,
    leader: Annotated[str, typer.Option("--leader", help="只看牵头领导姓名中含这些字的")] = "",
    text: Annotated[str, typer.Option("--text", help="只看编号、事项、措施或成果中含这些字的")] = "",
) -> Wanted:
    """Which tasks; these parameters are the list of filters, and each may be combined with every other."""
    return Wanted(
        plan=plan,
        body=body,
        roles=tuple(role or ()),
        status=status,
        level=level,
        light=light,
        overdue=overdue,
        due_by=due_before,
        list_kind=list_kind,
        leader=leader,
        text=text,
    )


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("ledger", help="台账：各项任务的现状；可筛选，可打印（Excel，A3 横向），可按单位分别导出。")(
        with_shared(ledger, wanted_tasks, "wanted")
    )


def ledger(
    wanted: Wanted,
    as_json: AsJson = False,
    xlsx: Annotated[
        Path | None, typer.Option("--xlsx", metavar="FILE", help="另存为 Excel 文件；与 --per-body 同用时为文件夹")
    ] = None,
    per_body: Annotated[
        bool, typer.Option("--per-body", help="每个单位一个 Excel 文件，只含它的任务（不写 --as 时：牵头、承办、配合）")
    ] = False,
) -> None:
    """Show the ledger."""
    if per_body and (xlsx is None or wanted.body is not None):
        raise typer.BadParameter("--per-body 须与 --xlsx 文件夹 同用，且不与 --body 同用。")
    if wanted.roles and wanted.body is None and not per_body:
        raise typer.BadParameter("--as 须与 --body 或 --per-body 同用。")
    with reading_ledger(load_settings()) as door:
        known_plan(door, wanted.plan)
        now = datetime.now(UTC)
        if next(door.rows.printed_rows(now, wanted), None) is None:
            known_body(door, wanted.body)
            known_level(door, wanted.level)
        if per_body and xlsx is not None:
            written = _print_per_body(door, xlsx, wanted, now)
            say(f"已在 {xlsx} 写出 {written} 个单位的台账。")
            return
        if xlsx is not None:
            tasks = print_to(xlsx, door, wanted, now)
            if not as_json:
                say(f"已写出 {xlsx}，共 {tasks} 项任务。")
                return
        rows = door.rows.ledger_rows(now, wanted)
        title = _title(door, wanted)
    if as_json:
        show_json(rows)
        return
    show_table(
        ("任务编号", "改革事项", "牵头单位", "承办单位", "期限", "状态", "灯", "滞后", "提醒"),
        (
            (
                row.task_code,
                row.title,
                row.lead_body,
                row.handling_body,
                row.due_on,
                status_words(row.status),
                LIGHT_WORDS[row.light] if row.light else "",
                f"{row.lag_days}天" if row.lag_days else "",
                level_words(row.reminder_level),
            )
            for row in rows
        ),
        title=f"{title}（{len(rows)} 项）",
    )


def print_to(
    file: Path,
    door: Ledger,
    wanted: Wanted,
    now: datetime,
    *,
    title: str = "",
    reminders: RemindersOf | None = None,
) -> int:
    """Print wanted tasks as a workbook, in place of a file that is there.

    Args:
        file: The workbook.
        door: The ledger.
        wanted: Which tasks.
        now: Real moment.
        title: Instead of the plan's own.
        reminders: Where they have been read already.

    Returns:
        How many tasks there are.

    Raises:
        Refused: The file cannot be written.
    """
    plans = {row.code: row for row in door.plans.plan_rows() if wanted.plan in (None, row.code)}
    tasks = 0

    def counted() -> Iterator[PrintedRow]:
        nonlocal tasks
        for row in door.rows.printed_rows(now, wanted):
            tasks += 1
            yield row

    heading = _heading(plans, wanted, now, title or _title(door, wanted))
    print_ledger(file, heading, counted(), reminders or reminders_from(door))
    return tasks


def reminders_from(door: Ledger) -> RemindersOf:
    """The reminders of plans, those of each read once: with a file for each body they are asked for again and again."""
    zones = {row.code: row.zone for row in door.plans.plan_rows()}

    @cache
    def reminded(plan: str) -> Reminded:
        rows = door.rows.reminder_rows(plan=plan)
        return Reminded(rows=rows, zone=zones[plan], calendar=door.rows.calendar_of(plan))

    return reminded


def _print_per_body(door: Ledger, folder: Path, wanted: Wanted, now: datetime) -> int:
    """One file for each body that takes part; a body without wanted tasks gets none."""
    folder.mkdir(parents=True, exist_ok=True)
    by_role = wanted if wanted.roles else wanted.model_copy(update={"roles": WORKS})
    bodies, reminders = door.rows.bodies_taking_part(by_role), reminders_from(door)
    used: set[str] = set()
    with pacing("写出单位台账", len(bodies)) as advance:
        for body in bodies:
            own = by_role.model_copy(update={"body": body})
            if next(door.rows.printed_rows(now, own), None) is not None:
                name = _file_name(body, used)
                used.add(name.casefold())
                print_to(folder / name, door, own, now, reminders=reminders)
            advance(1)
    return len(used)


def _file_name(body: str, used: set[str]) -> str:
    """A name under which every system keeps a file, and that no other body has."""
    plain = _UNFIT.sub("_", body).strip(" .")[:80] or "_"
    name, number = f"{plain}.xlsx", 2
    while name.casefold() in used:
        name, number = f"{plain}（{number}）.xlsx", number + 1
    return name


def _heading(plans: dict[str, PlanRow], wanted: Wanted, now: datetime, title: str) -> Heading:
    days = sorted({row.zone.local_date(row.clock.business(now)) for row in plans.values()})
    offices = dict.fromkeys(row.supervising_body for row in plans.values())
    return Heading(
        title=title,
        office="、".join(offices),
        today="、".join(day.isoformat() for day in days),
        choice="，".join(_choice(wanted)),
    )


def _choice(wanted: Wanted) -> Iterator[str]:
    """The filters in words, those aside that stand in the title."""
    if wanted.roles:
        yield f"角色为{'、'.join(role_words(role) for role in wanted.roles)}"
    if wanted.status:
        yield f"状态为{status_words(wanted.status)}"
    if wanted.level:
        yield f"已发{level_words(wanted.level)}"
    if wanted.light:
        yield f"核算灯为{LIGHT_WORDS[wanted.light]}"
    if wanted.overdue:
        yield "只列滞后的"
    if wanted.due_by:
        yield f"{wanted.due_by}以前到期"
    if wanted.list_kind:
        yield f"清单为{LIST_WORDS[wanted.list_kind]}"
    if wanted.leader:
        yield f"牵头领导含“{wanted.leader}”"
    if wanted.text:
        yield f"含“{wanted.text}”"


def _title(door: Ledger, wanted: Wanted) -> str:
    row = door.plans.plan_row(wanted.plan) if wanted.plan is not None else None
    plan = f"《{row.title}》" if row else ""
    return f"{plan}{TITLE}" + (f"（{wanted.body}）" if wanted.body else "")
