"""`release`: which release has the work, whether another one would go on with it, and giving it to that one."""

import asyncio
import sys
from collections.abc import Iterator
from typing import Annotated

import typer
from pydantic import ValidationError

from duban.commands.command_line import command_group
from duban.commands.connecting import connect_to_server, served_here
from duban.commands.plan_options import AsJson
from duban.commands.reasons import Refused
from duban.commands.showing import complain, here, say, show_json, show_table
from duban.commands.worker_child import WORKER, environment_beside
from duban.deployment import UNVERSIONED, Deployment, Release, Standing, deployment_of, release_words
from duban.histories import HistoriesChecked
from duban.rollout import make_current, ramp
from duban.settings import Settings, load_settings

OF_EACH = 200
STANDING_WORDS = {
    Standing.CURRENT: "当前版本",
    Standing.RAMPING: "试运行",
    Standing.WAITING: "未启用，得不到任务",
    Standing.DRAINING: "排空中",
    Standing.DRAINED: "已排空，可以停止",
}
BuildId = Annotated[str, typer.Argument(metavar="VERSION", help="版本号，即工作进程的 DUBAN_BUILD_ID")]
WithoutWorkers = Annotated[
    bool, typer.Option("--without-workers", help="该版本没有正在运行的工作进程也照做；任务会停住，直到它启动")
]


def register(app: typer.Typer) -> None:
    """Add the command and those below it."""
    group = command_group(app, "release", about="版本：谁在承担任务；核对、试运行、切换和退回。", alone=release)
    group.command("check", help="用本版本重放正在运行的任务的历史，看切换后能否接着办；不改动任何东西。")(check)
    group.command("current", help="把全部任务交给一个版本；退回旧版本也用它。")(current)
    group.command("ramp", help="先让一个版本承担一部分任务；0 为收回。")(ramp_to)


def release(context: typer.Context, as_json: AsJson = False) -> None:
    """Show who has the work, and how much of it waits."""
    if context.invoked_subcommand is not None:
        return
    settings = load_settings()
    found = asyncio.run(_found(settings))
    if as_json:
        show_json(found)
        return
    show_table(
        ("版本", "状态", "承担", "正在运行的工作进程", "最近一次领取任务"),
        _rows(found),
        title=f"当前：{release_words(found.current)}（队列 {settings.task_queue}，约 {found.backlog} 件待领取）",
    )


def check(
    of_each: Annotated[
        int, typer.Option("--limit", min=0, help="每种工作流至多核对多少个，从最早到最新均匀抽取；0 为全部")
    ] = OF_EACH,
    as_json: AsJson = False,
) -> None:
    """Replay running workflows with the code of this very release."""
    settings = load_settings()
    found = asyncio.run(_checked(settings, of_each))
    if as_json:
        show_json(found)
    else:
        _show_checked(found)
    if not found.goes_on:
        raise typer.Exit(1)


def current(
    build_id: Annotated[str, typer.Argument(metavar="VERSION", help="版本号；用 --unversioned 时不写")] = UNVERSIONED,
    unversioned: Annotated[bool, typer.Option("--unversioned", help="交给没有设置 DUBAN_BUILD_ID 的工作进程")] = False,
    without_workers: WithoutWorkers = False,
) -> None:
    """Give all the work to one release; a trial of another ends with it."""
    if bool(build_id) == unversioned:
        raise typer.BadParameter("请写明版本号，或用 --unversioned（二者取一）", param_hint="VERSION")
    asyncio.run(_make_current(load_settings(), build_id, without_workers=without_workers))


def ramp_to(
    build_id: BuildId,
    share: Annotated[float, typer.Argument(metavar="PERCENT", min=0, max=100, help="承担百分之几的任务")],
    without_workers: WithoutWorkers = False,
) -> None:
    """Give a share to one release, or take it back."""
    asyncio.run(_ramp(load_settings(), build_id, share, without_workers=without_workers))


async def _found(settings: Settings) -> Deployment:
    return await deployment_of(await connect_to_server(settings), settings.task_queue)


def _rows(found: Deployment) -> Iterator[tuple[object, ...]]:
    for one in found.releases:
        standing = found.standing_of(one.build_id)
        if one.build_id == UNVERSIONED and standing is Standing.WAITING and not one.workers:
            continue
        yield (
            one.build_id or "（未标版本）",
            STANDING_WORDS[standing],
            f"{_share(found, standing):g}%",
            _identities(one),
            here(max((worker.polled_at for worker in one.workers), default=None)),
        )


def _share(found: Deployment, standing: Standing) -> float:
    match standing:
        case Standing.CURRENT:
            return 100 - found.share
        case Standing.RAMPING:
            return found.share
        case _:
            return 0


def _identities(one: Release) -> str:
    return "、".join(worker.identity for worker in one.workers) or "无"


async def _make_current(settings: Settings, build_id: str, *, without_workers: bool) -> None:
    client = await connect_to_server(settings)
    before = await deployment_of(client, settings.task_queue)
    _refuse_without_workers(before, build_id, allowed=without_workers)
    if before.current != build_id or before.ramping is not None:
        await make_current(client, build_id)
    say(f"当前版本：{release_words(build_id)}（此前为{release_words(before.current)}）。")
    if before.current != build_id:
        say("每项任务在下一次有事可做时转到这个版本。请用 starter.py release 和 starter.py stuck 查看。")


async def _ramp(settings: Settings, build_id: str, share: float, *, without_workers: bool) -> None:
    client = await connect_to_server(settings)
    if share == 0:
        await ramp(client, build_id, 0)
        say("试运行已结束，全部任务交回当前版本。")
        return
    before = await deployment_of(client, settings.task_queue)
    _refuse_without_workers(before, build_id, allowed=without_workers)
    await ramp(client, build_id, share)
    say(f"试运行：{release_words(build_id)}，承担 {share:g}% 的任务。")
    say(f"其余由当前的{release_words(before.current)} 承担。请用 starter.py release 和 starter.py stuck 查看。")


def _refuse_without_workers(found: Deployment, build_id: str, *, allowed: bool) -> None:
    if not allowed and not found.workers_of(build_id):
        raise Refused(
            f"{release_words(build_id)} 没有正在运行的工作进程，任务交给它会停住。"
            "请先启动它（worker.py，DUBAN_BUILD_ID），或用 --without-workers。"
        )


async def _checked(settings: Settings, of_each: int) -> HistoriesChecked:
    """Ask the worker of this release, as a process of its own: only it knows the workflows."""
    environment = environment_beside(settings, served_here(settings))
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        str(WORKER),
        "--check-histories",
        str(of_each),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        env=environment,
    )
    written, _ = await child.communicate()
    try:
        return HistoriesChecked.model_validate_json(written)
    except ValidationError:
        raise Refused("没有核对成功，原因见上。") from None


def _show_checked(found: HistoriesChecked) -> None:
    show_table(
        ("工作流", "正在运行", "已核对", "接不上"),
        (
            (
                one.workflow_type,
                one.running,
                one.replayed,
                len([other for other in found.diverging if other.workflow_type == one.workflow_type]),
            )
            for one in found.replayed
        ),
        title="本版本能否接着办正在运行的工作流",
    )
    if found.goes_on:
        say("全部接得上，可以切换到本版本。")
        return
    show_table(
        ("编号", "工作流", "原因"), ((one.workflow_id, one.workflow_type, one.reason) for one in found.diverging)
    )
    complain(
        f"有 {len(found.diverging)} 个工作流在本版本下会停住：不要切换。"
        "请由开发人员用 workflow.patched 保留原来的做法（见 docs/operations.md）。"
    )
