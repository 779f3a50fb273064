"""`check FILE`: whether a plan can be issued, and everything that keeps it from it."""

from collections.abc import Sequence

import typer
from pydantic import BaseModel

from duban.commands.plan_files import PlanFile, PlanOptions, read_plan_file
from duban.commands.plan_options import (
    DEFAULT_REGIME_NAME,
    AsJson,
    Code,
    IssuedOn,
    Lead,
    OpenEndedReport,
    OrganisationFile,
    PlanPath,
    RegimeName,
    SupervisingBody,
    Title,
)
from duban.commands.problems import complain_of
from duban.commands.showing import complain, say, show_json, show_table
from duban.settings import load_settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "check",
        help="检查方案文件，一次指出全部问题。不需要服务器和数据库。",
        short_help="检查方案文件，一次指出全部问题。",
    )(check)


def check(
    file: PlanPath,
    code: Code = None,
    title: Title = None,
    issued_on: IssuedOn = None,
    regime: RegimeName = DEFAULT_REGIME_NAME,
    organisation: OrganisationFile = None,
    supervising_body: SupervisingBody = "",
    lead_rule: Lead = None,
    open_ended_report: OpenEndedReport = None,
    as_json: AsJson = False,
) -> None:
    """Check a plan file; exit code 1 where it holds an error."""
    options = PlanOptions(
        code=code,
        title=title,
        issued_on=issued_on,
        regime=regime,
        organisation=organisation,
        supervising_body=supervising_body,
        lead_rule=lead_rule,
        open_ended_report=open_ended_report,
    )
    read = read_plan_file(file, options, regime_dir=load_settings().regime_dir)
    if as_json:
        show_json({"tasks": _plain(read.intake.tasks), "problems": _plain(read.problems)})
    else:
        _show(read)
    if read.has_errors:
        if as_json:
            complain("方案文件有错误，不能下发。")
        raise typer.Exit(1)


def _plain(rows: Sequence[BaseModel]) -> list[object]:
    return [row.model_dump(mode="json") for row in rows]


def _show(read: PlanFile) -> None:
    show_table(
        ("编号", "事项", "牵头单位", "配合单位", "节点", "持续推进"),
        (
            (
                task.code,
                task.title,
                task.lead_body,
                task.supporting_bodies,
                tuple(f"{node.due_on}（{node.phrase}）" for node in task.milestones),
                "是" if task.open_ended else "",
            )
            for task in read.intake.tasks
        ),
        title=f"任务 {len(read.intake.tasks)} 项（制度：{read.regime.title}）",
    )
    complain_of(read.problems)
    say("有错误，不能下发。" if read.has_errors else "没有错误，可以下发。")
