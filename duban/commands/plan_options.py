"""The options that a plan file may leave to the command line: one list, the same for every command that reads one.

A command takes ``options: PlanOptions`` and is registered with `add_plan_command`; the options of `gathered` stand in
its place on the command line.
"""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from duban.commands.plan_option_values import PlanOptions
from duban.commands.shared_options import with_shared
from duban.commands.stated_options import EARLIEST, LATEST
from duban.intake import LeadRule
from duban.intake.options import DEFAULT_REGIME
from duban.intake.rows.codes import is_usable
from duban.intake.spelling import compact
from duban.supervision.plans.plan import ReportCycle


def read_date(text: str) -> date:
    """A date of the command line.

    Raises:
        typer.BadParameter: It is none, or lies beyond any calendar.
    """
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        raise typer.BadParameter(f"“{text}”不是日期，请写成 2026-06-30 的形式。") from None
    if not EARLIEST <= day <= LATEST:
        raise typer.BadParameter(f"“{text}”不在 {EARLIEST} 至 {LATEST} 之间，请核对年份。")
    return day


def read_plan_code(text: str) -> str:
    """A plan's code of the command line; empty leaves it to the file.

    Raises:
        typer.BadParameter: No workflow can have this name.
    """
    code = compact(text)
    if code and not is_usable(code):
        raise typer.BadParameter(f"“{text}”里有不能用的字符，或太长。请用文字、数字和短横。")
    return code


PlanPath: TypeAlias = Annotated[
    Path, typer.Argument(metavar="FILE", help="方案文件：Excel 工作簿（.xlsx）、CSV 或 YAML")
]
AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="输出 JSON（UTF-8）")]


def gathered(
    code: Annotated[
        str | None,
        typer.Option(parser=read_plan_code, metavar="CODE", help="方案编号；不写则取文件中各项编号的共同开头"),
    ] = None,
    title: Annotated[str | None, typer.Option(metavar="TITLE", help="方案标题；不写则取文件名")] = None,
    issued_on: Annotated[
        date | None, typer.Option(parser=read_date, metavar="DATE", help="印发日期；不写则为今天")
    ] = None,
    regime: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="适用的制度：名称，或制度文件的路径", show_default=DEFAULT_REGIME),
    ] = None,
    organisation: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="机构文件（YAML）：单位、人员、由谁督察、由谁决定"),
    ] = None,
    supervising_body: Annotated[str, typer.Option(metavar="BODY", help="交办单位：谁交办、谁催办")] = "",
    field: Annotated[str, typer.Option(metavar="FIELD", help="改革领域，供分领域统计")] = "",
    adopted_by: Annotated[str, typer.Option(metavar="BODY", help="审议通过这一方案的机关")] = "",
    docks: Annotated[str, typer.Option(metavar="TITLE", help="所对接的上级方案")] = "",
    watcher: Annotated[str, typer.Option(metavar="NAME", help="盯办人：专门盯这个方案的人员或小组，重要通知抄送")] = "",
    meeting: Annotated[
        str, typer.Option(metavar="TITLE", help="会议名称：文件是会议决定事项的，须逐项写明责任单位和时限")
    ] = "",
    held_on: Annotated[date | None, typer.Option(parser=read_date, metavar="DATE", help="会议日期")] = None,
    decided_by: Annotated[str, typer.Option(metavar="BODY", help="召开会议、作出决定的机关")] = "",
    lead_rule: Annotated[
        LeadRule | None,
        typer.Option(metavar="RULE", help="没有单列牵头单位时怎样确定：first-listed 为列在最前的单位"),
    ] = None,
    open_ended_report: Annotated[
        ReportCycle | None,
        typer.Option(metavar="CYCLE", help="没有期限的任务按什么周期报告：" + "、".join(ReportCycle)),
    ] = None,
) -> PlanOptions:
    """What the file leaves open, as given; these parameters are the list of options."""
    return PlanOptions(
        code=code,
        title=title,
        issued_on=issued_on,
        regime=regime,
        organisation=organisation,
        supervising_body=supervising_body,
        field=field,
        adopted_by=adopted_by,
        docks=docks,
        watcher=watcher,
        meeting=meeting,
        held_on=held_on,
        decided_by=decided_by,
        lead_rule=lead_rule,
        open_ended_report=open_ended_report,
    )


def add_plan_command(
    app: typer.Typer, name: str, command: Callable[..., None], *, summary: str, explanation: str
) -> None:
    """Adds a command that takes ``options: PlanOptions``.

    Args:
        app: The command line.
        name: Of the command.
        command: One of its parameters is called ``options``.
        summary: One line for the list of commands.
        explanation: For the command's own help.
    """
    app.command(name, short_help=summary, help=explanation)(with_shared(command, gathered, "options"))
