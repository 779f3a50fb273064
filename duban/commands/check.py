"""`check FILE`: whether a plan can be issued, and everything that keeps it from it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel

from duban.commands.known_years import announced_years
from duban.commands.marked_copy import kind_of_copy, write_marked_copy
from duban.commands.plan_files import PlanFile, read_plan_file
from duban.commands.plan_option_values import PlanOptions
from duban.commands.plan_options import AsJson, PlanPath, add_plan_command
from duban.commands.problems import complain_of
from duban.commands.showing import complain, say, show_json, show_table
from duban.intake.options import CheckedTask
from duban.settings import load_settings

Mark = Annotated[
    Path | None,
    typer.Option("--mark", metavar="FILE", help="把问题批注到方案文件的副本里，写到这个文件（原文件不动）"),
]


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
    mark: Mark = None,
    as_json: AsJson = False,
) -> None:
    """Check a plan file; exit code 1 where it holds an error."""
    settings = load_settings()
    read = read_plan_file(file, options, regime_dir=settings.regime_dir, announced=announced_years(settings))
    if mark is not None and read.problems:
        write_marked_copy(file, mark, read.problems, read.intake)
    if as_json:
        show_json({"tasks": _plain(read.intake.tasks), "problems": _plain(read.problems)})
    else:
        _show(read)
        if about := _about_the_copy(file, mark, read):
            say(about)
    if read.has_errors:
        if as_json:
            complain("方案文件有错误，不能下发。")
        raise typer.Exit(1)


def _about_the_copy(file: Path, mark: Path | None, read: PlanFile) -> str:
    if not read.problems:
        return "没有问题，不必批注。" if mark is not None else ""
    if mark is not None:
        return f"已把 {len(read.problems)} 个问题批注到副本“{mark}”，原文件没有改动。"
    return f"要在文件里逐处查看，请加 --mark 副本{kind_of_copy(file)}，问题会批注到副本的相应位置。"


def _plain(rows: Sequence[BaseModel]) -> list[object]:
    return [row.model_dump(mode="json") for row in rows]


def _show(read: PlanFile) -> None:
    tasks = read.intake.tasks
    merged = sum(bool(task.merged_into) for task in tasks)
    amends = any(task.is_amendment for task in tasks)
    show_table(
        ("编号", "事项", "牵头单位", "配合单位", "节点", "持续推进", *(["拆分、并入"] if amends else [])),
        (
            (
                task.code,
                task.title,
                task.lead_body,
                task.supporting_bodies,
                tuple(f"{node.due_on}（{node.phrase}）" for node in task.milestones),
                "是" if task.open_ended else "",
                *([_kin(task)] if amends else []),
            )
            for task in tasks
        ),
        title=f"任务 {len(tasks) - merged} 项{f'，另有 {merged} 项并入其他任务' if merged else ''}"
        f"（制度：{read.regime.title}）",
    )
    complain_of(read.problems)
    if read.has_errors:
        say(f"有错误，不能{'办理' if amends else '下发'}。")
    elif amends:
        say("没有错误。写有“拆分自”“并入”的是对已下发方案的调整，请用 starter.py amend 办理。")
    else:
        say("没有错误，可以下发。")


def _kin(task: CheckedTask) -> str:
    if task.merged_into:
        return f"并入 {task.merged_into}"
    return f"拆分自 {task.split_from}" if task.split_from else ""
