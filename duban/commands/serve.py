"""`serve`: server, worker and files on one machine until Ctrl-C; started again it goes on where it was."""

import asyncio
import signal
from typing import Annotated

import typer

from duban.commands.showing import complain, say
from duban.commands.workplace import Workplace, workplace
from duban.notices.arrangements import Arrangements
from duban.redaction import Redactor
from duban.server import say_on_stderr
from duban.settings import NoticeChannel, Settings, load_settings

STATE = "temporal.db"
PORT, UI_PORT = 7233, 8233
"""Temporal's own defaults, so that its command line finds the server without being told."""

Port = Annotated[int, typer.Option("--port", min=0, max=65535, help="Temporal 服务器的端口；0 为任选空闲端口")]
UiPort = Annotated[int, typer.Option("--ui-port", min=0, max=65535, help="网页界面的端口；0 为任选空闲端口")]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "serve",
        help="在本机运行服务器和工作进程，直到按 Ctrl-C；再次启动时从停下的地方继续。",
        short_help="在本机运行服务器和工作进程，直到按 Ctrl-C。",
    )(serve)


def serve(port: Port = PORT, ui_port: UiPort = UI_PORT) -> None:
    """Serve until Ctrl-C or SIGTERM, then drain."""
    settings = load_settings()
    Arrangements.of(settings)  # what is wrong with them is told before a server is started
    asyncio.run(_serve(settings, port, ui_port))


async def _serve(settings: Settings, port: int, ui_port: int) -> None:
    serving = asyncio.create_task(_until_stopped(settings, port, ui_port))
    stopping = False

    def stop() -> None:
        # Once: a second Ctrl-C must not cut short the draining that the first one began.
        nonlocal stopping
        if not stopping:
            stopping = True
            serving.cancel()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    try:
        await serving
    except asyncio.CancelledError:
        if not stopping:
            raise
        complain("已停止。任务和台账都已保存，再次运行 serve 会从这里继续。")


async def _until_stopped(settings: Settings, port: int, ui_port: int) -> None:
    async with workplace(
        settings,
        ui=True,
        db_file=settings.home / STATE,
        port=port or None,
        ui_port=ui_port or None,
        say=say_on_stderr,
    ) as place:
        _show(settings, place)
        await place.ended()


def _show(settings: Settings, place: Workplace) -> None:
    say(f"Temporal 服务器：{place.server.address}（命名空间 {place.server.namespace}）")
    if place.server.ui_url:
        say(f"网页界面：{place.server.ui_url}")
    say(f"台账：{Redactor().text(settings.database_url)}")
    arranged = Arrangements.of(settings)
    if arranged.file.channels:
        say(f"通知：渠道“{arranged.usual_way.channel}”，有另行规定的单位见 starter.py notices channels")
    elif settings.channel is NoticeChannel.OUTBOX:
        say(f"通知：写入 {settings.outbox_dir}")
    else:
        say("通知：推送到 DUBAN_WEBHOOK_URL 所指网关")
    say(f"工作进程日志：{place.worker.log_file}")
    say("正在运行，按 Ctrl-C 停止。")
