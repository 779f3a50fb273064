"""`stats`: the figures, of one plan or of all."""

from datetime import UTC, datetime

import typer

from duban.commands.connecting import reading_ledger
from duban.commands.known_names import known_plan
from duban.commands.ledger import PlanCode
from duban.commands.plan_options import AsJson
from duban.commands.showing import cell, here, level_words, say, show_json, show_table, status_words
from duban.commands.stopping import stopped_as_json, tell
from duban.settings import load_settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("stats", help="统计：按状态、提醒级别、牵头单位。")(stats)


def stats(plan: PlanCode = None, as_json: AsJson = False) -> None:
    """Show the figures."""
    with reading_ledger(load_settings()) as door:
        known_plan(door, plan)
        figures = door.rows.statistics(plan=plan)
        order = door.sending.standing()
        late = door.rows.lateness(datetime.now(UTC), plan=plan)
    if as_json:
        show_json({**figures.model_dump(mode="json"), "late": late.model_dump(mode="json"), **stopped_as_json(order)})
        return
    tell(order)
    say(f"任务 {figures.tasks} 项，未办结 {figures.open_tasks} 项，其中逾期 {figures.behind} 项。")
    if late.tasks:
        say(f"到时未办 {late.tasks} 项，最早的应办于 {cell(here(late.since))}：工作进程停过，或一时办不过来。")
    show_table(("状态", "任务"), [(status_words(name), count) for name, count in figures.by_status.items()])
    show_table(("提醒", "任务"), [(level_words(name), count) for name, count in figures.by_level.items()])
    show_table(
        ("牵头单位", "任务", "未办结", "逾期"),
        [(row.body, row.tasks, row.open_tasks, row.behind) for row in figures.by_body],
    )
