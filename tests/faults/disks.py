"""A disk of a trial's own, small enough to be filled."""

import asyncio
import errno
import resource
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import MISSING
from tests.faults.conftest import Trial
from tests.faults.house import House

MEGABYTES = 64
PAGE = bytes(4096)


@dataclass(frozen=True)
class Disk:
    """A folder on it.

    Attributes:
        real: A file system of its own. Where this user may not mount one, no file of the worker may grow instead:
            the system answers a write alike, and other files on the disk are not concerned.
    """

    folder: Path
    real: bool

    @asynccontextmanager
    async def filled(self, house: House) -> AsyncIterator[None]:
        """Nothing more fits on it while the block runs."""
        if self.real:
            ballast = self.folder / "ballast"
            await asyncio.to_thread(_fill, ballast)
            try:
                yield
            finally:
                ballast.unlink()
            return
        assert house.worker.pid is not None
        largest = max(file.stat().st_size for file in self.folder.glob("duban.db-wal"))
        resource.prlimit(house.worker.pid, resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))
        try:
            yield
        finally:
            resource.prlimit(house.worker.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def _fill(ballast: Path) -> None:
    with ballast.open("wb", buffering=0) as file:
        while True:
            try:
                file.write(PAGE)
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
                return


@asynccontextmanager
async def small_disk(trial: Trial) -> AsyncIterator[Disk]:
    """A file system in memory, mounted in the trial's home; it is gone after the block."""
    folder = trial.home / "disk"
    folder.mkdir()
    mounted = await _run("mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "duban-trial", str(folder))
    if not mounted:
        trial.request.config.stash[MISSING]["写满一个真实文件系统的试验"] = (
            "本用户不能挂载文件系统（需要 root），改为限制工作进程的文件大小"
        )
        yield Disk(folder, real=False)
        return
    try:
        yield Disk(folder, real=True)
    finally:
        assert await _run("umount", "--lazy", str(folder)), "the small disk is still mounted"


async def _run(*command: str) -> bool:
    try:
        process = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
        )
    except FileNotFoundError:
        return False
    return await process.wait() == 0
