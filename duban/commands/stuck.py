"""`stuck`: which running tasks, plans and dispatches stand still, and why."""

import asyncio
from typing import Annotated

import typer

from duban.commands.connecting import connect_to_server
from duban.commands.ledger import PlanCode
from duban.commands.plan_options import AsJson
from duban.commands.showing import complain, here, say, show_json, show_table
from duban.settings import Settings, load_settings
from duban.standstill import ASKED_AT_ONCE, Cause, Standstill, running, standing_still

SHOWN = 30
SAID_EVERY = 20 * ASKED_AT_ONCE
CAUSE_WORDS = {
    Cause.NONDETERMINISM: "版本与历史不符",
    Cause.FAILING: "程序出错",
    Cause.UNANSWERED: "工作进程没有答复",
    Cause.UNCLAIMED: "没有工作进程领取",
    Cause.ACTIVITY: "写台账、启动或发送反复失败",
}
REMEDY_WORDS = {
    Cause.NONDETERMINISM: "退回能接上的版本（starter.py release current VERSION）；"
    "能否接上，用那个版本的 starter.py release check 核对",
    Cause.FAILING: "退回上一个版本：starter.py release current VERSION，并把原因交给开发人员",
    Cause.UNANSWERED: "查看工作进程是否在运行、日志里有无错误；刚刚退回或重启的，等下一次重试（最长约十分钟）",
    Cause.UNCLAIMED: "启动工作进程；已在运行的，用 starter.py release 查看它是否为当前版本",
    Cause.ACTIVITY: "按原因检查数据库、Temporal 服务器或磁盘；恢复后自动继续，不必重做",
}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("stuck", help="哪些任务停住了、为什么、怎么办；有停住的，退出码为 1。")(stuck)


def stuck(
    plan: PlanCode = None,
    as_json: AsJson = False,
    shown: Annotated[int, typer.Option("--limit", min=1, help="至多列出多少个")] = SHOWN,
) -> None:
    """Show what stands still; everything that runs is asked after."""
    asked, found = asyncio.run(_found(load_settings(), plan))
    if as_json:
        show_json(found)
    elif found:
        _show(found, asked, shown)
    else:
        say(f"{asked} 个正在运行的工作流，没有停住的。")
    if found:
        raise typer.Exit(1)


async def _found(settings: Settings, plan: str | None) -> tuple[int, list[Standstill]]:
    client = await connect_to_server(settings)
    executions = await running(client, settings.task_queue, plan)
    found = []
    asked = 0
    async for one in standing_still(client, executions):
        asked += 1
        if one is not None:
            found.append(one)
        if asked % SAID_EVERY == 0:
            complain(f"已查看 {asked}/{len(executions)} 个。")
    return len(executions), found


def _show(found: list[Standstill], asked: int, shown: int) -> None:
    show_table(
        ("编号", "原因", "自", "已试", "版本", "最后一次"),
        (
            (
                one.workflow_id,
                CAUSE_WORDS[one.cause],
                here(one.since),
                f"{one.attempt}次",
                one.build_id,
                one.detail,
            )
            for one in found[:shown]
        ),
        title=f"停住 {len(found)} 个（正在运行 {asked} 个）" + (f"，列出 {shown} 个" if len(found) > shown else ""),
    )
    for cause in dict.fromkeys(one.cause for one in found):
        complain(f"{CAUSE_WORDS[cause]}：{REMEDY_WORDS[cause]}。")
