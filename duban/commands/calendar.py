"""`calendar`: what is known of each year's holidays, and an announced year brought to all that runs."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from duban.calendars import library_year
from duban.changes.calendar_order import NewYear, YearUnknown, calendar_order, new_year
from duban.changes.register_years import register_years
from duban.changes.running import RunningPlan, running_plans
from duban.commands.acting import OrderingBody, OrderingPerson
from duban.commands.changing import ask, give
from duban.commands.command_line import command_group
from duban.commands.connecting import reading_ledger
from duban.commands.known_names import known_plan
from duban.commands.pacing import pacing
from duban.commands.plan_options import AsJson
from duban.commands.reasons import Refused
from duban.commands.showing import complain, say, show_json, show_table
from duban.ledger import Ledger
from duban.ledger.plans.announced_years import AdoptedYear
from duban.office_files import read_office_file
from duban.settings import load_settings
from duban.supervision.days.announced_year import AnnouncedYear, WrittenYear
from duban.supervision.model import Frozen

OnePlan = Annotated[str | None, typer.Option("--plan", help="只涉及一个方案；不写则为全部未销账的方案")]
YEARS_SHOWN = 2
"""Before and after the present one, unless there are more."""
TOLD = 30
EARLIEST, LATEST = 2001, 2100


class YearLine(Frozen):
    """What is known of a year.

    Attributes:
        source: The notice, or the library that knows it; empty for a year that is provisional.
        edition: Of the office's own; 0 where it has taken none over.
        with_it, without_it: Running tasks whose calendars have the year as announced, and those that have not.
    """

    year: int
    announced: bool
    source: str
    edition: int
    days_off: int
    worked_weekends: int
    with_it: int
    without_it: int


def register(app: typer.Typer) -> None:
    """Add the commands."""
    about = "日历：各年的放假调休安排是否已公布；新的一年公布后，让在办任务一并采用。"
    group = command_group(app, "calendar", about=about, alone=calendar)
    group.command("adopt", help="采用一年的放假调休安排：列出哪些日期随之移动，确认后告知每一项在办任务。")(adopt)


def calendar(context: typer.Context, as_json: AsJson = False) -> None:
    """Show what is known of each year."""
    if context.invoked_subcommand is not None:
        return
    with reading_ledger(load_settings()) as ledger:
        running = _running(ledger, None)
        lines = list(_lines(ledger.years.adopted(), running, datetime.now(UTC).year))
    if as_json:
        show_json(lines)
        return
    show_table(
        ("年份", "安排", "来源", "工作日放假", "周末上班", "在办任务"),
        [
            (
                line.year,
                "已公布" if line.announced else "暂定（尚未公布，只按法定节日）",
                f"{line.source}（第{line.edition}版）" if line.edition > 1 else line.source,
                f"{line.days_off}天" if line.announced else "",
                f"{line.worked_weekends}天" if line.announced else "",
                f"已采用 {line.with_it} 项，未采用 {line.without_it} 项" if line.with_it + line.without_it else "",
            )
            for line in lines
        ],
        title="各年放假调休安排",
    )
    if any(line.announced and line.without_it for line in lines):
        complain("已公布而在办任务未采用的年份，请运行 starter.py calendar adopt 年份。")


def adopt(
    year: Annotated[int, typer.Argument(metavar="YEAR", min=EARLIEST, max=LATEST, help="年份")],
    body: OrderingBody = "",
    person: OrderingPerson = "",
    file: Annotated[
        Path | None,
        typer.Option("--file", metavar="FILE", help="按国务院办公厅通知写的文件（YAML）；不写则取 holidays 库"),
    ] = None,
    reason: Annotated[str, typer.Option("--reason", help="依据；不写则为来源")] = "",
    plan: OnePlan = None,
    yes: Annotated[bool, typer.Option("--yes", help="不再询问")] = False,
) -> None:
    """Bring an announced year to all that runs, and to plans issued later."""
    settings = load_settings()
    announced = _announced(year, file)
    with reading_ledger(settings) as ledger:
        found = _found(ledger, announced, plan, body, person)
        _show(found)
        if found.refusals:
            listed = "\n".join(f"  {code}：{why}" for code, why in list(found.refusals.items())[:TOLD])
            raise Refused(
                f"没有作任何改动。有 {len(found.refusals)} 项任务不能受理（可用 --plan 逐个方案采用）：\n{listed}"
            )
        registers = f"、{len(found.registers)} 本登记簿" if found.registers else ""
        ask(f"采用 {year} 年的安排，告知 {len(found.policies)} 项在办任务{registers}？", yes=yes)
        now = datetime.now(UTC)
        edition = ledger.years.adopt(announced, body, person, now)
        say(f"{year} 年的放假调休安排已采用（第{edition}版，{announced.source}），以后下发的方案也按此推算。")
        if not found.is_empty:
            give(settings, ledger, calendar_order(found, body, person, reason or announced.source, now))


def _announced(year: int, file: Path | None) -> AnnouncedYear:
    if file is None:
        found = library_year(year)
        if found is None:
            raise Refused(
                f"holidays 库还不知道 {year} 年的放假调休安排。通知已公布的，请按通知写成文件"
                f"（格式见 docs/operations.md），用 starter.py calendar adopt {year} --file 文件 采用；"
                "尚未公布的，请等待公布。"
            )
        return found
    found = read_office_file(file, WrittenYear).announced
    if found.year != year:
        raise Refused(f"“{file}”写的是 {found.year} 年，不是 {year} 年，请核对。")
    return found


def _running(ledger: Ledger, plan: str | None) -> list[RunningPlan]:
    with pacing("核对任务", ledger.proofs.count(plan=plan)) as advance:
        return list(running_plans(ledger, plan, advance))


def _found(ledger: Ledger, announced: AnnouncedYear, plan: str | None, body: str, person: str) -> NewYear:
    known_plan(ledger, plan)
    running = _running(ledger, plan)
    if unknown := [code for each in running for code in each.unknown]:
        complain(f"有 {len(unknown)} 项任务由旧版本登记，台账中没有其日历，不在变更之内：{'、'.join(unknown[:TOLD])}")
    try:
        registers = register_years(ledger, running, announced)
        return new_year(running, announced, ledger.years.announced(), body, person, datetime.now(UTC), registers)
    except YearUnknown as unknown_year:
        raise Refused(str(unknown_year)) from None


def _show(found: NewYear) -> None:
    year = found.announced
    registers = f"、{len(found.registers)} 本登记簿" if found.registers else ""
    say(
        f"{year.year} 年：工作日放假 {len(year.closed)} 天，周末上班 {len(year.worked)} 天（{year.source}）；"
        f"{len(found.policies)} 项在办任务{registers}的日历随之改变。"
    )
    if found.moves:
        show_table(
            ("编号", "事项", "原定", "改为"),
            [(move.task_code, move.what, move.before_on, move.after_on) for move in found.moves[:TOLD]],
            title=f"随之移动的日期（{len(found.moves)} 处"
            + (f"，列出 {TOLD} 处）" if len(found.moves) > TOLD else "）"),
        )
    elif not found.is_empty:
        say("目前没有随之移动的日期；以后推算的日期按新的安排。")
    say("已经告知各单位的期限不变。")


def _lines(adopted: Sequence[AdoptedYear], running: Sequence[RunningPlan], present: int) -> Iterator[YearLine]:
    own = {each.announced.year: each for each in adopted}
    known = [task.policy.calendar.known_until for plan in running for task in plan.tasks]
    years = {*own, *range(present - YEARS_SHOWN, present + YEARS_SHOWN + 1)}
    for year in sorted(years):
        edition = own.get(year)
        announced = edition.announced if edition else library_year(year)
        with_it = sum(until is None or until >= date(year, 12, 31) for until in known)
        yield YearLine(
            year=year,
            announced=announced is not None,
            source=announced.source if announced else "",
            edition=edition.edition if edition else 0,
            days_off=len(announced.closed) if announced else 0,
            worked_weekends=len(announced.worked) if announced else 0,
            with_it=with_it,
            without_it=len(known) - with_it,
        )
