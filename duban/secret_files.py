"""Settings as files: a folder with one file for each, named like its variable.

As Docker, Kubernetes and systemd hand secrets to a process: a value that stands in a file is in nobody's list of
processes and in no child's environment. The folder is looked at before pydantic-settings reads it, so that a mistyped
name, an empty file or one that others may change is told in words and never passed over.
"""

import logging
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

LONGEST = 64 * 1024
"""Bytes of a file; what is longer is no setting."""

_log = logging.getLogger("duban.settings")


def files_in(folder: Path, prefix: str) -> dict[str, Path]:
    """The files of a folder that are meant as settings, by the name of their variable."""
    return {path.name.upper(): path for path in sorted(folder.iterdir()) if path.name.upper().startswith(prefix)}


def faults_in(folder: Path, prefix: str, unknown: Callable[[str], str | None]) -> Iterator[str]:
    """What is wrong with a folder, a line for each file (Chinese); warns of files that everybody may read.

    Args:
        prefix: How the names of our variables begin; other files are other programs'.
        unknown: Says that there is no such variable.
    """
    try:
        files = files_in(folder, prefix)
    except OSError as error:
        yield f"{prefix}SECRETS_DIR：不能读取目录 {folder}（{error.strerror}）。请核对路径和权限。"
        return
    for name, path in files.items():
        if fault := unknown(name) or fault_of(path):
            yield f"{path}：{fault}"


def fault_of(path: Path) -> str | None:
    """What is wrong with a file that holds a secret (Chinese); None where it can be used."""
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            return "不是文件。请核对路径。"
        if path.parent.resolve() not in path.resolve().parents:
            return "指向目录之外。请把文件放在该目录中。"
        if os.name == "posix":
            if found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
                return "其他用户可以改写它。请运行 chmod 400，或修正挂载时的权限。"
            if is_open_to_all(path):
                _log.warning("%s：本机其他用户可以读取它，建议运行 chmod 400，或修正挂载时的权限。", path)
        if found.st_size > LONGEST:
            return f"超过 {LONGEST} 字节，不是设置。请核对内容。"
        return None if path.read_text("utf-8").strip() else "文件是空的。请写入内容，或删除它。"
    except OSError as error:
        return f"不能读取（{error.strerror}）。请核对权限。"
    except UnicodeDecodeError:
        return "不是 UTF-8 文本。请核对内容。"


def is_open_to_all(path: Path) -> bool:
    """Whether everybody on this machine may read a file.

    Raises:
        OSError: It cannot be looked at.
    """
    if os.name != "posix":
        return False
    return bool(path.stat().st_mode & stat.S_IROTH and path.parent.stat().st_mode & stat.S_IXOTH)
