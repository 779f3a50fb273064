"""`timeline CODE`: everything that happened to a task, from the ledger."""

import typer

from duban.commands.asked_acts import show_asked
from duban.commands.connecting import reading_ledger
from duban.commands.plan_options import AsJson
from duban.commands.reasons import Refused
from duban.commands.sending import TaskCode
from duban.commands.showing import complain, local, show_json, show_table
from duban.ledger import NotInLedger
from duban.ledger.proof.timeline import TimelineRow
from duban.settings import load_settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("timeline", help="时间线：一项任务从登记至今的每一步；核对记录有无改动。")(timeline)


def timeline(code: TaskCode, as_json: AsJson = False) -> None:
    """Show a task's timeline; exit code 1 where it is not as it was written."""
    with reading_ledger(load_settings()) as door:
        try:
            broken = door.timelines.verify_chain(code)
        except NotInLedger:
            raise Refused(f"台账中没有任务 {code}，请核对编号。") from None
        steps = door.timelines.timeline(code)
        zone = door.plans.zone_of(code)
        asked = door.asks.of_item(code)
    if as_json:
        show_json(steps)
    else:
        show_table(
            ("序号", "时间", "单位", "人员", "事项"),
            [(step.version, local(step.at, zone), step.body, step.person, _told(step)) for step in steps],
            title=f"任务 {code} 的时间线",
        )
        show_asked(asked, title="结果所要求的办理")
    if broken is not None:
        complain(f"第 {broken} 步缺失，或写入后被改动过：请核对数据库的备份。")
        raise typer.Exit(1)


def _told(step: TimelineRow) -> str:
    """A step with the word of its correction: what was written stays, and nobody takes it for right."""
    return f"{step.text}【已更正，见第{step.corrected_by}条】" if step.corrected_by else step.text
