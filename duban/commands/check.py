"""`check FILE`: whether a plan can be issued, and everything that keeps it from it."""

from collections.abc import Sequence

import typer
from pydantic import BaseModel

from duban.commands.known_years import announced_years
from duban.commands.plan_files import PlanFile, PlanOptions, read_plan_file
from duban.commands.plan_options import AsJson, PlanPath, add_plan_command
from duban.commands.problems import complain_of
from duban.commands.showing import complain, say, show_json, show_table
from duban.settings import load_settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    add_plan_command(
        app,
        "check",
        check,
        summary="检查方案文件，一次指出全部问题。",
        explanation="检查方案文件，一次指出全部问题。不需要服务器和数据库。",
    )


def check(
    file: PlanPath,
    options: PlanOptions,
    as_json: AsJson = False,
) -> None:
    """Check a plan file; exit code 1 where it holds an error."""
    settings = load_settings()
    read = read_plan_file(file, options, regime_dir=settings.regime_dir, announced=announced_years(settings))
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
