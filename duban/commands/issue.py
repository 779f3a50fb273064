"""`issue FILE`: a plan is issued; every task of it lives as a workflow from then on."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from duban.attributes import register_search_attributes
from duban.commands.connecting import connect_to_server, writing_ledger
from duban.commands.issuing import IssueOutcome, NobodyWorks, StartedTasks, issue_plan, tasks_being_started
from duban.commands.known_years import announced_years
from duban.commands.plan_files import PlanFile, read_plan_file
from duban.commands.plan_option_values import PlanOptions
from duban.commands.plan_options import PlanPath, add_plan_command
from duban.commands.problems import complain_of
from duban.commands.reasons import Refused
from duban.commands.showing import PLAN_WORDS, complain, say
from duban.contracts import StoredPlan
from duban.ledger import Ledger
from duban.ledger.plans.registration import PlanStatus
from duban.settings import Settings, load_settings

TENTHS = 10


def register(app: typer.Typer) -> None:
    """Add the command."""
    add_plan_command(
        app,
        "issue",
        issue,
        summary="下发方案：登记入账，启动各项任务。",
        explanation="下发方案：登记入账，每项任务启动一个工作流。再次下发同一方案不会重复。",
    )


def issue(
    file: PlanPath,
    options: PlanOptions,
) -> None:
    """Issue a plan file; nothing is issued where it holds an error."""
    settings = load_settings()
    read = read_plan_file(file, options, regime_dir=settings.regime_dir, announced=announced_years(settings))
    asyncio.run(_issue(settings, file, options, read))


def issuable(read: PlanFile) -> StoredPlan:
    """The plan of a file, once all its problems are told.

    Raises:
        Refused: It holds an error, or has no code of its own.
    """
    complain_of(read.problems)
    if read.stored is None:
        raise Refused("方案文件有错误，没有下发任何任务。")
    if read.code_from_file_name:
        # A renamed copy of the file would be another plan, and every reminder would be given twice.
        raise Refused(
            "文件中的编号没有共同的开头，不能作为方案编号，没有下发任何任务。"
            f"请用 --code 指定方案编号，例如 --code {read.stored.definition.code}。"
        )
    return read.stored


async def _issue(settings: Settings, file: Path, options: PlanOptions, read: PlanFile) -> None:
    if read.stored is None or read.code_from_file_name:
        issuable(read)  # says why not, before any server is asked for
    client = await connect_to_server(settings)
    await register_search_attributes(client)  # without them a start is rejected, after the plan has been stored
    with writing_ledger(settings) as ledger:
        plan = issuable(_as_registered(settings, ledger, file, options, read))
        code = plan.definition.code
        _refuse_kin(ledger, plan)
        outcome = await issue_plan(client, ledger, plan, settings.task_queue)
        row = ledger.plans.plan_row(code)
        if outcome is IssueOutcome.SAME_AGAIN and row is not None:
            say(f"方案 {code} 此前已经下发（{PLAN_WORDS[row.status]}，{row.tasks} 项任务），内容相同，没有改动。")
            if row.status is not PlanStatus.REGISTERING:
                return
        try:
            await _show_progress(tasks_being_started(client, ledger, code, settings.task_queue))
        except NobodyWorks:
            complain(
                f"方案 {code} 已交给 Temporal 服务器保存，但现在没有工作进程处理（任务队列 {settings.task_queue}）。"
                "运行 starter.py serve 或 worker.py 后会自动登记和启动，不必重新下发。"
            )
            return
        row = ledger.plans.plan_row(code)
        say(f"方案 {code}《{plan.definition.title}》已下发，{row.tasks if row else 0} 项任务全部启动。")


def _refuse_kin(ledger: Ledger, plan: StoredPlan) -> None:
    """What is split off or merged is so towards tasks that were issued before."""
    kin = [task.code for task in plan.definition.tasks if task.split_from or task.merged_into]
    if kin and ledger.plans.plan_row(plan.definition.code) is None:
        raise Refused(
            f"{kin[0]} 等 {len(kin)} 项写有“拆分自”或“并入”，而方案 {plan.definition.code} 还没有下发。"
            "首次下发请删去这两栏；调整已下发的方案请用 starter.py amend。"
        )


def _as_registered(settings: Settings, ledger: Ledger, file: Path, options: PlanOptions, read: PlanFile) -> PlanFile:
    """The plan with the date of issue that it was registered with, where the command names none."""
    standing = ledger.plans.plan_row(read.stored.definition.code) if read.stored else None
    if read.options.issued_on is not None or standing is None:
        return read
    again = options.model_copy(update={"issued_on": standing.issued_on})
    return read_plan_file(file, again, regime_dir=settings.regime_dir, announced=announced_years(settings))


async def _show_progress(steps: AsyncIterator[StartedTasks]) -> None:
    if sys.stderr.isatty():
        await _show_bar(steps)
    else:
        await _show_lines(steps)


async def _show_bar(steps: AsyncIterator[StartedTasks]) -> None:
    columns = (TextColumn("启动任务"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("", total=None)
        async for step in steps:
            progress.update(bar, completed=step.started, total=step.total or None)


async def _show_lines(steps: AsyncIterator[StartedTasks]) -> None:
    told = -1
    async for step in steps:
        tenth = step.started * TENTHS // step.total if step.total else -1
        if tenth > told:
            told = tenth
            complain(f"已启动 {step.started}/{step.total} 项任务。")
