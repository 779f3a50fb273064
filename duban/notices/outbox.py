"""The outbox: one text file per delivery in a folder. Needs nothing, and is complete without any gateway.

A file is whole or not there, whatever is killed when; written twice, it is one file.
"""

import asyncio
import contextlib
import errno
import os
import secrets
import unicodedata
from pathlib import Path

from duban.contracts import Delivery
from duban.notices.channel import SendResult
from duban.notices.identity import short_id
from duban.notices.letter import Letter
from duban.notices.plain_text import one_line

_FORBIDDEN = frozenset('<>:"/\\|?*')
"""Characters that some file system does not take, or takes for a step into another folder."""

_LONGEST_PART = 54
"""Bytes of body and of title in a name: 18 Chinese characters each, the whole within 143, the least limit in use."""


class OutboxChannel:
    """Writes letters into a folder, which is made where it is missing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def send(self, delivery: Delivery, letter: Letter) -> SendResult:
        """Writes the file. What hinders it (a full disk, a missing right) is for people to mend: retried meanwhile."""
        name = file_name(delivery, letter)
        try:
            await asyncio.to_thread(_write, self._folder, name, letter.text.encode())
        except OSError as error:
            return SendResult.retry(f"无法写入待发文件夹：{_reason(error)}")
        return SendResult.delivered(f"已写入文件 {name}")

    async def aclose(self) -> None:
        """Nothing is held open."""


def file_name(delivery: Delivery, letter: Letter) -> str:
    """Date, body, title and short identifier; sorts by date, and is a plain name on every file system."""
    parts = (letter.dated_on.isoformat(), _safe(letter.recipient), _safe(letter.title), short_id(delivery))
    return "_".join(part for part in parts if part) + ".txt"


def _safe(text: str) -> str:
    normal = unicodedata.normalize("NFC", one_line(text))
    plain = "".join("-" if char in _FORBIDDEN else char for char in normal)
    return plain.encode()[:_LONGEST_PART].decode(errors="ignore").strip(" .")


def _write(folder: Path, name: str, content: bytes) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    # Its own name at each attempt: an earlier attempt, thought lost, may still be writing.
    unfinished = folder / f".{secrets.token_hex(8)}.part"
    try:
        with unfinished.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(folder / name)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    _keep_entry(folder)


def _keep_entry(folder: Path) -> None:
    """Makes the new name itself survive a power cut, where the system knows how."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with contextlib.suppress(OSError):  # some network file systems refuse it for folders; the file itself is safe
            os.fsync(handle)
    finally:
        os.close(handle)


def _reason(error: OSError) -> str:
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return "磁盘空间不足，请清理后等待自动重试"
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return "没有写入权限，请检查文件夹的权限"
        case errno.ENOTDIR | errno.EEXIST:
            return "路径被同名文件占用，请移走该文件或另设文件夹"
        case _:
            return f"系统错误 {errno.errorcode.get(error.errno or 0, '未知')}"
