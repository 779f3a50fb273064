"""One process to a file or a port: two servers that write the same SQLite state destroy it; two workers go unnoticed.

The claim is a lock that the child process inherits. It lasts until that process ends, even where ours was killed and
left its child behind, and needs no tidying up: the system lets go of it.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from duban.server.attempts import ServerError

REFUSAL = (
    "{by}已在运行（进程 {owner}），正在使用 {state}，可能是上次没有正常停止。请先停止它（kill {owner}），再重新启动。"
)


@contextmanager
def claimed(state: Path, *, by: str, refusal: str = REFUSAL) -> Iterator[int]:
    """Claims a file while a child process is started on it.

    Args:
        state: The file; its folder must exist. The lock lies beside it.
        by: What the child is, in Chinese, for the refusal of another.
        refusal: What another is told, in Chinese: `{by}`, `{owner}` and `{state}` stand for what they are.

    Yields:
        A file descriptor for the child to inherit; `note_owner` writes into it whose it is.

    Raises:
        ServerError: A process that still runs has it; the text names its id.
    """
    lock = os.open(state.with_name(f"{state.name}.lock"), os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = os.pread(lock, 20, 0).decode(errors="replace").strip() or "未知"
            raise ServerError(refusal.format(by=by, owner=owner, state=state)) from None
        os.ftruncate(lock, 0)  # whoever had it before is not its owner any more
        yield lock
    finally:
        os.close(lock)


def note_owner(lock: int, pid: int) -> None:
    """Writes down the process that has the claim, for the person who is refused it."""
    os.ftruncate(lock, 0)
    os.pwrite(lock, str(pid).encode(), 0)
