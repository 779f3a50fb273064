"""Settings and folders: what can be read, what others can read, and how much room there is."""

import os
import shutil
from pathlib import Path

from duban.doctor.finding import Check, Diagnosis
from duban.doctor.surroundings import Surroundings, aside
from duban.private_files import OWNER_ONLY
from duban.secret_files import files_in, is_open_to_all
from duban.settings import PREFIX, Settings

OTHERS = 0o077
LITTLE, NEXT_TO_NOTHING = 2 << 30, 200 << 20
"""Bytes that are free. A write that fails for want of room is tried again, and people wait meanwhile."""


async def settings(at: Surroundings) -> Diagnosis:
    """Whether they can all be read."""
    if at.problems:
        return Diagnosis.mend("".join(at.problems), "修改环境变量或机密文件；靠它们才能核对的，列在“未核对”中")
    stated = sorted(at.settings.model_fields_set)
    return Diagnosis.well(f"已设 {len(stated)} 项，其余用默认值")


async def secrets(at: Surroundings) -> Diagnosis:
    """Whether what is secret is for its owner's eyes alone."""
    return await aside(_secrets, at.settings)


def _secrets(chosen: Settings) -> Diagnosis:
    kept = [] if chosen.secrets_dir is None else list(files_in(chosen.secrets_dir, PREFIX).values())
    private = [file for file in (chosen.codec_tls_key, _profile_file()) if file is not None and file.is_file()]
    open_files = [str(file) for file in (*kept, *private) if is_open_to_all(file)]
    if open_files:
        return Diagnosis.beware(f"本机其他用户可以读取 {'、'.join(open_files)}", f"chmod 400 {' '.join(open_files)}")
    return Diagnosis.well(f"{len(kept)} 个机密文件，其他用户读不到" if kept else "没有使用机密文件")


def _profile_file() -> Path | None:
    """Temporal's file of profiles, where one is named: it may hold an API key."""
    named = os.environ.get("TEMPORAL_CONFIG_FILE")
    return Path(named) if named else None


async def home(at: Surroundings) -> Diagnosis:
    """Whether our own folder can be used, and by us alone."""
    return await aside(_home, at.settings.home)


def _home(folder: Path) -> Diagnosis:
    if not folder.exists():
        return Diagnosis.well(f"{folder} 还没有建立，第一次使用时建立")
    if not folder.is_dir() or not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        return Diagnosis.mend(
            f"{folder} 不是文件夹，或当前用户不能读写", f"ls -ld {folder}，改正所有者或权限，或另设 DUBAN_HOME"
        )
    if os.name == "posix" and folder.stat().st_mode & OTHERS:
        return Diagnosis.beware(
            f"{folder} 对本机其他用户开放，里面有台账和日志", f"chmod {OWNER_ONLY:o} {folder}（有意共用的不必理会）"
        )
    return Diagnosis.well(f"{folder}，只有本用户能进入")


async def room(at: Surroundings) -> Diagnosis:
    """How much the file systems that we write to can still take."""
    return await aside(_room, [at.settings.home, at.settings.outbox_dir])


def _room(folders: list[Path]) -> Diagnosis:
    free = {there: shutil.disk_usage(there).free for there in map(_existing, folders)}
    fullest, left = min(free.items(), key=lambda one: one[1])
    detail = f"{fullest} 所在磁盘还有 {left / (1 << 30):.1f} GiB"
    if left < NEXT_TO_NOTHING:
        return Diagnosis.mend(detail, f"df -h {fullest}，腾出空间；写台账会反复失败，恢复后自动继续")
    if left < LITTLE:
        return Diagnosis.beware(detail, f"df -h {fullest}，腾出空间，或把 DUBAN_HOME 移到更大的磁盘")
    return Diagnosis.well(detail)


def _existing(folder: Path) -> Path:
    return next(there for there in (folder, *folder.parents) if there.exists())


CHECKS = (
    Check("settings", "设置", settings),
    Check("secrets", "机密文件", secrets, frozenset({"secrets_dir", "codec_tls_key"})),
    Check("home", "数据目录", home, frozenset({"home"})),
    Check("disk", "磁盘空间", room, frozenset({"home", "outbox_dir"})),
)
