"""Putting a backup back: everything is checked before anything is moved, and what was there is kept aside.

The ledger goes first. Should the machine stop between the two, Temporal is ahead of the ledger, and `reconcile --mend`
records from its histories what the ledger lacks.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from duban.keeping.archive import read_manifest, unpack
from duban.keeping.manifest import LEDGER, REGIMES, TEMPORAL, KeepingError, Manifest
from duban.ledger.copies.copies import (
    KIND_WORDS,
    LedgerKind,
    PerhapsSent,
    check_copy,
    file_of,
    is_known,
    kind_of,
    perhaps_sent,
    prepare_copy,
    put_ledger,
    refuse_to_replace,
)
from duban.ledger.database.sqlite_files import check_sqlite, put_in_place, rest_sqlite
from duban.private_files import private_folder
from duban.server.claim import claimed
from duban.settings import Settings
from duban.supervision.model import Frozen

Say = Callable[[str], None]


class Restored(Frozen):
    """What came of a restore.

    Attributes:
        kept: Where what was there before is kept now.
        temporal: Whether Temporal's state was put back too.
        perhaps_sent: What may have gone out since the backup was taken.
        regimes: Regime files that were put back.
    """

    manifest: Manifest
    kept: tuple[str, ...]
    temporal: bool
    perhaps_sent: PerhapsSent
    regimes: tuple[str, ...] = ()


def restore_backup(
    settings: Settings, archive: Path, state: Path | None, *, log: Path, replace: bool, say: Say
) -> Restored:
    """Put a backup in the place of what is there.

    Args:
        archive: A backup.
        state: Where Temporal's own state is kept on this machine; None leaves it alone.
        log: The worker's, by which a worker of `serve` is known.
        replace: Whether what is there may be put aside.
        say: Hears what is being done.

    Raises:
        KeepingError: The backup cannot be used here; nothing has changed.
        ServerError: `serve` runs; nothing has changed.
        LedgerError: The ledger that is there stands in the way; nothing has changed.
    """
    manifest = read_manifest(archive)
    url, hosts = settings.database_url, settings.plaintext_host_names
    _refuse_foreign(manifest, url, settings.task_queue)
    private_folder(settings.home)
    if kind_of(url) is LedgerKind.SQLITE:
        private_folder(file_of(url).parent)
    with _alone(state, log):
        aside = refuse_to_replace(url, replace=replace, plaintext_hosts=hosts)
        own = state if TEMPORAL in {part.name for part in manifest.parts} else None
        if own is not None:
            _refuse_to_replace_state(own, replace=replace)
        where = file_of(url).parent if kind_of(url) is LedgerKind.SQLITE else settings.home
        with tempfile.TemporaryDirectory(prefix=".restore.", dir=where) as made:
            folder = Path(made)
            say("核对备份文件……")
            unpack(archive, folder)
            check_copy(manifest.ledger, folder / LEDGER)
            if manifest.ledger is LedgerKind.SQLITE:
                prepare_copy(folder / LEDGER)
            ready = _beside(own, folder / TEMPORAL) if own is not None else None
            say("恢复……")
            stamp = f"replaced-{datetime.now(UTC):%Y%m%d-%H%M%S}"
            kept = [put_ledger(url, folder / LEDGER, stamp=stamp, aside=aside, plaintext_hosts=hosts)]
            if own is not None and ready is not None:
                former = own.with_name(f"{own.name}.{stamp}") if own.exists() else None
                put_in_place(ready, own, former)
                kept.append(str(former or ""))
            regimes = tuple(_put_regimes(settings.regime_dir, folder / REGIMES))
    return Restored(
        manifest=manifest,
        kept=tuple(place for place in kept if place),
        temporal=own is not None,
        perhaps_sent=perhaps_sent(url, plaintext_hosts=hosts),
        regimes=regimes,
    )


def _refuse_foreign(manifest: Manifest, url: str, task_queue: str) -> None:
    if manifest.ledger is not kind_of(url):
        raise KeepingError(
            f"备份中的台账在 {KIND_WORDS[manifest.ledger]} 上，而 DUBAN_DATABASE_URL 指向 {KIND_WORDS[kind_of(url)]}："
            "请改正 DUBAN_DATABASE_URL。"
        )
    if not is_known(manifest.revision):
        raise KeepingError(f"备份由更新的版本（{manifest.release}）写成，本版本不能使用：请改用该版本恢复。")
    if manifest.task_queue != task_queue:
        raise KeepingError(
            f"备份中的工作流在任务队列 {manifest.task_queue} 上等待，而 DUBAN_TASK_QUEUE 是 {task_queue}："
            "请改成与备份相同，否则没有工作进程处理它们。"
        )


@contextmanager
def _alone(state: Path | None, log: Path) -> Iterator[None]:
    """Nothing of `serve` runs here, and nothing is started while the block runs."""
    with ExitStack() as held:
        if state is not None:
            held.enter_context(claimed(state, by="Temporal 服务器"))
        held.enter_context(claimed(log, by="工作进程"))
        yield


def _refuse_to_replace_state(state: Path, *, replace: bool) -> None:
    if not state.exists():
        return
    if not replace:
        raise KeepingError(f"{state} 已存在。确要替换，请加 --replace：原有的会改名保留，不会删除。")
    rest_sqlite(state)


def _beside(state: Path, file: Path) -> Path:
    """Temporal's state, checked, in the folder where it is to be."""
    check_sqlite(file)
    ready = state.with_name(f".{state.name}.restoring")
    shutil.move(file, ready)
    return ready


def _put_regimes(folder: Path | None, kept: Path) -> Iterator[str]:
    """Regime files come back where none of their name is: one that is there may be newer."""
    if folder is None or not kept.is_dir():
        return
    private_folder(folder)
    for file in sorted(kept.iterdir()):
        if not (folder / file.name).exists():
            shutil.move(file, folder / file.name)
            yield file.name
