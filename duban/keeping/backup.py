"""Taking a backup: the ledger first, then Temporal's own state, while everything runs."""

import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from duban.keeping.archive import write_archive
from duban.keeping.manifest import LEDGER, REGIMES, TEMPORAL, KeepingError, Manifest, part_of
from duban.ledger.copies.copies import copy_ledger, kind_of, size_of
from duban.ledger.database.sqlite_files import copy_sqlite, is_read_beside_writers
from duban.server.attempts import ServerError
from duban.server.claim import claimed
from duban.settings import Settings

TOLD = ("channel", "max_concurrent_activities", "webhook_timeout_seconds", "log_level")
"""Settings that hold no secret and no address, by name: whatever is added later stays out until somebody says so."""

Say = Callable[[str], None]


def take_backup(settings: Settings, target: Path, state: Path | None, say: Say) -> Manifest:
    """Write a backup.

    Args:
        target: A file that is not there yet.
        state: Temporal's own state where it is kept on this machine.
        say: Hears what is being done.

    Raises:
        KeepingError: There is a reason in words why not.
        LedgerError: The ledger cannot be copied.
    """
    if target.exists():
        raise KeepingError(f"“{target}”已经存在，没有覆盖。请另写文件名。")
    url, hosts = settings.database_url, settings.plaintext_host_names
    # Before anything is copied: whatever was recorded by now is in the copy.
    size = size_of(url, plaintext_hosts=hosts)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as made:
        folder = Path(made)
        files = {LEDGER: folder / LEDGER}
        say(f"备份台账（{size.plans} 个方案、{size.tasks} 项任务、{size.entries} 条记录）……")
        ledger_at, temporal_at = datetime.now(UTC), None
        copy_ledger(url, files[LEDGER], plaintext_hosts=hosts)
        if state is not None and state.exists():
            _refuse_to_disturb(state)
            say("备份 Temporal 服务器的状态……")
            temporal_at = datetime.now(UTC)
            files[TEMPORAL] = folder / TEMPORAL
            copy_sqlite(state, files[TEMPORAL])
        if settings.regime_dir is not None and settings.regime_dir.is_dir():
            own = sorted((*settings.regime_dir.glob("*.yaml"), *settings.regime_dir.glob("*.yml")))
            files |= {f"{REGIMES}{file.name}": file for file in own if file.is_file()}
        say("写入备份文件……")
        manifest = Manifest(
            release=version("duban"),
            ledger=kind_of(url),
            revision=size.revision,
            ledger_at=ledger_at,
            temporal_at=temporal_at,
            plans=size.plans,
            tasks=size.tasks,
            entries=size.entries,
            task_queue=settings.task_queue,
            settings={name: str(getattr(settings, name)) for name in TOLD},
            parts=tuple(part_of(name, file) for name, file in files.items()),
        )
        write_archive(target, manifest, files)
    return manifest


def _refuse_to_disturb(state: Path) -> None:
    """A server that an earlier release started may not be read beside: its next write would fail, and it stops."""
    if is_read_beside_writers(state):
        return
    try:
        with claimed(state, by="Temporal 服务器"):
            pass
    except ServerError:
        raise KeepingError(
            "正在运行的 Temporal 服务器由旧版本启动，不能在运行中备份。请重新启动 starter.py serve，再备份。"
        ) from None
