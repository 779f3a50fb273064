"""SQLite databases as files: copied while they are used, looked into, brought to rest, put in another's place.

The dev server of Temporal keeps its state in such a file too. All moves happen within one folder, so that each is
one step for the file system.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from duban.ledger.errors import LedgerConflict, LedgerError

BUSY_SECONDS = 30.0
BESIDE = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a database while it is used."""
_WAL = b"\x02\x02"
_WAL_AT = 18
"""Where a database says in its header how it is written (file format write and read version)."""


def is_read_beside_writers(file: Path) -> bool:
    """Whether reading a database never holds up the one who writes it (WAL)."""
    with file.open("rb") as opened:
        opened.seek(_WAL_AT)
        return opened.read(len(_WAL)) == _WAL


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy a database as it stands at one moment, in one step, whoever uses it meanwhile.

    Raises:
        LedgerConflict: It is locked for too long, or cannot be read.
        LedgerError: It is no database, or the copy is not sound.
    """
    with _translated(source), closing(_opened(source)) as origin, closing(sqlite3.connect(target)) as copy:
        origin.backup(copy)
        # One file, whole in itself: nothing beside it that could be forgotten.
        copy.execute("PRAGMA journal_mode = DELETE")
    check_sqlite(target)


def check_sqlite(file: Path) -> None:
    """See whether a database is sound.

    Raises:
        LedgerError: It is not.
    """
    with _translated(file), closing(_opened(file)) as connection:
        said = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if said != ("ok",):
        raise LedgerError(f"数据库文件 {file.name} 已损坏，不能使用")


def rest_sqlite(file: Path) -> None:
    """Bring a database that nobody uses to rest in its one file.

    Raises:
        LedgerConflict: Somebody has it open.
    """
    with _translated(file), closing(_opened(file, wait=1.0)) as connection:
        # Needs the file for itself alone: an open connection, idle though it may be, refuses it.
        [mode] = connection.execute("PRAGMA journal_mode = DELETE").fetchone()
        if mode != "delete":
            raise _in_use(file)


def put_in_place(file: Path, place: Path, aside: Path | None) -> None:
    """Give a database the place of another one, which is kept under another name.

    Args:
        file: In the folder of ``place``.
        aside: Where the one goes that is there; None where none is.
    """
    if aside is not None:
        for end in ("", *BESIDE):
            old = place.with_name(place.name + end)
            if old.exists():
                old.replace(aside.with_name(aside.name + end))
    file.replace(place)
    keep_entries(place.parent)


def keep_entries(folder: Path) -> None:
    """Make the names in a folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _opened(file: Path, wait: float = BUSY_SECONDS) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=rw", uri=True, timeout=wait, isolation_level=None)


def _in_use(file: Path) -> LedgerConflict:
    return LedgerConflict(
        f"数据库文件 {file} 正由另一个进程使用，或不能读写：请先停止 serve 和所有 worker.py，并核对权限和磁盘空间"
    )


@contextmanager
def _translated(file: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise _in_use(file) from error
    except sqlite3.DatabaseError as error:
        raise LedgerError(f"文件 {file.name} 不是数据库，或已损坏") from error
