"""`rehearse FILE`: what a plan would set off if nobody reported and nobody decided. No server, no database."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated

import typer

from duban.commands.known_years import announced_years
from duban.commands.plan_files import read_plan_file
from duban.commands.plan_option_values import PlanOptions
from duban.commands.plan_options import AsJson, PlanPath, add_plan_command, read_date
from duban.commands.problems import complain_of
from duban.commands.reasons import Refused
from duban.commands.showing import KIND_WORDS, say, show_json, show_table
from duban.contracts import StoredPlan
from duban.settings import load_settings
from duban.supervision.days.calendar import MINUTES_PER_DAY, OfficeCalendar
from duban.supervision.foresight.rehearsal import ForeseenNotice, rehearse
from duban.supervision.rules.regime import Regime
from duban.supervision.tasks.entries import NoticeKind

Until = Annotated[
    date | None,
    typer.Option("--until", parser=read_date, metavar="DATE", help="推演到哪一天为止；不写则到印发一年后"),
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    add_plan_command(
        app,
        "rehearse",
        rehearse_file,
        summary="演练：如果无人报告，会引发哪些提醒。",
        explanation="演练：如果没有任何单位报告，这份方案会引发哪些提醒。不需要服务器和数据库。",
    )


def rehearse_file(
    file: PlanPath,
    options: PlanOptions,
    until: Until = None,
    as_json: AsJson = False,
) -> None:
    """Rehearse a plan file; exit code 1 where it holds an error."""
    settings = load_settings()
    read = read_plan_file(file, options, regime_dir=settings.regime_dir, announced=announced_years(settings))
    if read.stored is None:
        complain_of(read.problems)
        raise Refused("方案文件有错误，不能演练。")
    last = until or _a_year_after(read.stored.definition.issued_on)
    if last < read.stored.definition.issued_on:
        raise Refused(f"推演截止日 {last} 早于印发日期 {read.stored.definition.issued_on}，请改正 --until。")
    foreseen = foreseen_notices(read.stored, last)
    if as_json:
        show_json(foreseen)
        return
    complain_of(read.problems)
    _show(foreseen, read.stored, last)


def foreseen_notices(plan: StoredPlan, until: date) -> tuple[ForeseenNotice, ...]:
    """What a plan would set off from the first office moment of its day of issue to the end of a local day."""
    calendar = plan.policy.calendar
    return rehearse(
        plan.definition,
        plan.organisation,
        plan.policy,
        first_office_moment(calendar, plan.definition.issued_on),
        calendar.zone.at(until, MINUTES_PER_DAY),
    )


def first_office_moment(calendar: OfficeCalendar, day: date) -> datetime:
    """When the office opens on a local day, or on the next working day."""
    return calendar.office_moment(calendar.working_day_from(day), 0)


def _a_year_after(day: date) -> date:
    return day.replace(year=day.year + 1, day=min(day.day, 28) if day.month == 2 else day.day)


def _show(foreseen: Sequence[ForeseenNotice], plan: StoredPlan, until: date) -> None:
    columns = _columns(plan.policy.regime, foreseen)
    counts = Counter((notice.recipient, _month(notice), _column(notice)) for notice in foreseen)
    lines = dict.fromkeys(sorted((recipient, month) for recipient, month, _ in counts))
    rows = [(*line, *(counts[(*line, column)] or "" for column in columns)) for line in lines]
    totals = Counter(_column(notice) for notice in foreseen)
    show_table(
        ("受文单位", "月份", *columns.values()),
        [*rows, ("合计", "", *(totals[column] for column in columns))],
        title=f"{plan.definition.title}：{plan.definition.issued_on} 至 {until}，如无任何报告将发出 {len(foreseen)} 件",
    )
    for line in (*_assumptions(plan.policy.regime, plan.policy.calendar, until), *_of_kin(plan)):
        say(line)


def _month(notice: ForeseenNotice) -> str:
    return f"{notice.deliver_on:%Y-%m}"


def _column(notice: ForeseenNotice) -> str:
    return notice.level if notice.level is not None and notice.kind is NoticeKind.REMINDER else notice.kind.value


def _columns(regime: Regime, foreseen: Sequence[ForeseenNotice]) -> dict[str, str]:
    """The levels of the ladder, then whatever else there is, with their headings."""
    levels = {rung.level: rung.title for rung in regime.ladder.rungs}
    present = {_column(notice) for notice in foreseen}
    return {**levels, **{kind.value: words for kind, words in KIND_WORDS.items() if kind.value in present}}


def _assumptions(regime: Regime, calendar: OfficeCalendar, until: date) -> list[str]:
    lines = ["说明：", "  按“没有任何单位报告、也没有任何决定”推演；通报和约谈各为提请一次，得到确认或决定后才会发出。"]
    lines += [f"  {rung.title}中属推定的：{rung.assumed}" for rung in regime.ladder.rungs if rung.assumed]
    if calendar.known_until is not None and until > calendar.known_until:
        lines.append(f"  {calendar.known_until} 之后的放假调休安排尚未公布，送达日期为暂定。")
    return lines


def _of_kin(plan: StoredPlan) -> list[str]:
    """What a rehearsal cannot know of a plan that is amended."""
    tasks = plan.definition.tasks
    lines = []
    if merged := [task.code for task in tasks if task.merged_into]:
        lines.append(f"  并入其他任务的 {len(merged)} 项随调整终止，没有推演。")
    if merged or any(task.split_from for task in tasks):
        lines.append("  推演从印发之日算起；调整之后的下一次提醒，以 starter.py amend 加 --dry-run 显示的为准。")
    return lines
