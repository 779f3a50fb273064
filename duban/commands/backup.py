"""`backup TARGET`: ledger and Temporal's state in one file, while everything runs; `restore FILE` puts it back."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from duban.commands.connecting import is_named, reading_ledger
from duban.commands.plan_options import AsJson
from duban.commands.reasons import Refused
from duban.commands.serve import STATE
from duban.commands.showing import complain, here, say, show_json
from duban.keeping.backup import take_backup
from duban.keeping.last import LastBackup, note_backup
from duban.keeping.manifest import Manifest
from duban.keeping.restore import Restored, restore_backup
from duban.settings import Settings, load_settings

WORKER_LOG = "worker.log"
"""By its lock a worker of `serve` is known (`worker_child`)."""
NOT_INCLUDED = "备份中没有口令、密钥和已写出的通知文件：DUBAN_ 与 TEMPORAL_ 变量、加密密钥和 outbox 请另行保存。"
OF_A_CLUSTER = "Temporal 服务器由他人管理，它的状态不在备份中：请由管理员在此之后备份（先台账、后 Temporal）。"

Target = Annotated[Path, typer.Argument(metavar="TARGET", help="备份文件，或存放它的文件夹（文件名按时间取）")]
Archive = Annotated[Path, typer.Argument(metavar="FILE", help="starter.py backup 写出的文件")]
Replace = Annotated[bool, typer.Option("--replace", help="替换已有的台账和服务器状态；原有的改名保留，不删除")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("backup", help="备份台账和 Temporal 服务器的状态，可在运行中进行。")(backup)
    app.command(
        "restore",
        help="用备份恢复台账和 Temporal 服务器的状态；须先停止 serve 和 worker.py。",
        short_help="用备份恢复台账和 Temporal 服务器的状态。",
    )(restore)


def backup(target: Target, as_json: AsJson = False) -> None:
    """Take a backup."""
    settings = load_settings()
    file = target / f"duban-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.tar" if target.is_dir() else target
    if not file.parent.is_dir():
        raise Refused(f"没有文件夹“{file.parent}”。请先建立，或另写路径。")
    with reading_ledger(settings):
        pass  # there is one, of this release
    manifest = take_backup(settings, file.absolute(), _own_state(settings), complain)
    note_backup(settings.home, LastBackup(at=manifest.ledger_at, file=file.absolute()))
    if as_json:
        show_json(manifest)
    else:
        say(f"已备份到 {file}：{_in_words(manifest)}。")
    if manifest.temporal_at is None:
        complain(OF_A_CLUSTER if is_named() else "本机没有 Temporal 服务器的状态文件，备份中只有台账。")
    complain(NOT_INCLUDED)


def restore(archive: Archive, replace: Replace = False, as_json: AsJson = False) -> None:
    """Put a backup back."""
    settings = load_settings()
    state, log = _own_state(settings), settings.home / WORKER_LOG
    done = restore_backup(settings, archive.absolute(), state, log=log, replace=replace, say=complain)
    if as_json:
        show_json(done)
    else:
        say(f"已恢复 {here(done.manifest.ledger_at):%Y-%m-%d %H:%M:%S} 的备份：{_in_words(done.manifest)}。")
        for place in done.kept:
            say(f"原有的保留在 {place}。")
    _warn(done)


def _warn(done: Restored) -> None:
    sent = done.perhaps_sent
    if sent.notices or sent.deliveries:
        complain(
            f"备份中有 {sent.notices} 件待发的通知已到送达时间，另有 {sent.deliveries} 份文书当时正在送达或没有送达："
            "备份之后可能已经发出。再次送达时标明可能重复（uncertain），文号不变。"
        )
    if not done.temporal:
        complain("Temporal 服务器的状态没有恢复（备份中没有，或服务器由他人管理）。")
    complain("请运行 starter.py serve（或 worker.py），再运行 starter.py reconcile 核对任务与台账，加 --mend 修补。")


def _own_state(settings: Settings) -> Path | None:
    """Where `serve` keeps the state of its own server; None where the environment names another."""
    return None if is_named() else settings.home / STATE


def _in_words(manifest: Manifest) -> str:
    state = "，含 Temporal 服务器的状态" if manifest.temporal_at else ""
    return f"{manifest.plans} 个方案、{manifest.tasks} 项任务、{manifest.entries} 条记录{state}"
