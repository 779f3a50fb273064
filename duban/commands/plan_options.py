"""The options that a plan file may leave to the command line: the same for every command that reads one."""

from datetime import date
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from duban.intake import LeadRule
from duban.intake.options import DEFAULT_REGIME
from duban.supervision.plan import ReportCycle

EARLIEST, LATEST = date(1971, 1, 1), date(2095, 12, 31)
"""Within the calendar, with its years before and after."""


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


PlanPath: TypeAlias = Annotated[Path, typer.Argument(metavar="FILE", help="方案文件（CSV）")]
Code: TypeAlias = Annotated[str | None, typer.Option("--code", help="方案编号；不写则取文件中各项编号的共同开头")]
Title: TypeAlias = Annotated[str | None, typer.Option("--title", help="方案标题；不写则取文件名")]
IssuedOn: TypeAlias = Annotated[
    date | None,
    typer.Option("--issued-on", parser=read_date, metavar="DATE", help="印发日期；不写则为今天"),
]
RegimeName: TypeAlias = Annotated[
    str, typer.Option("--regime", metavar="NAME", help="适用的制度：名称，或制度文件的路径")
]
OrganisationFile: TypeAlias = Annotated[
    Path | None,
    typer.Option("--organisation", metavar="FILE", help="机构文件（YAML）：单位、人员、由谁督察、由谁决定"),
]
SupervisingBody: TypeAlias = Annotated[str, typer.Option("--supervising-body", help="交办单位：谁交办、谁催办")]
Lead: TypeAlias = Annotated[
    LeadRule | None,
    typer.Option("--lead-rule", help="没有单列牵头单位时怎样确定：first-listed 为列在最前的单位"),
]
OpenEndedReport: TypeAlias = Annotated[
    ReportCycle | None,
    typer.Option("--open-ended-report", help="没有期限的任务按什么周期报告：monthly、quarterly、half-yearly、yearly"),
]
AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="输出 JSON（UTF-8）")]

DEFAULT_REGIME_NAME = DEFAULT_REGIME
