"""Ways to the `temporal` program, which holds the development server and its Web UI."""

import re
import shutil
from functools import partial
from pathlib import Path

from duban.server.attempts import NotThisWay, Program, Say, Way, first_that_works
from duban.server.cache import default_cache, growing_in, kept
from duban.server.children import output_of
from duban.server.sdk_download import Downloadable, downloaded

MODULE = "github.com/temporalio/cli/cmd/temporal@v1.5.1"
"""The last version that `go install` can install: the go.mod of later ones has a `replace`."""

OLDEST_GO = (1, 25)
OLDEST_SERVER = (1, 28)
"""The first server whose worker deployments `serve` can make current."""

VERSION_WITHIN_SECONDS = 30
"""A program of 250 MB that is read from a cold disk for the first time takes its time."""

BUILD_WITHIN_SECONDS = 1800


async def find_temporal(say: Say, cache: Path | None = None) -> Program:
    """Finds the `temporal` program, or fetches it into the cache.

    Args:
        say: Hears what is tried.
        cache: Where fetched programs are kept; the user's cache folder unless given.

    Raises:
        NothingWorked: None of the ways works.
    """
    return await first_that_works(" Temporal 服务器程序", ways_to_temporal(cache or default_cache()), say)


def ways_to_temporal(cache: Path) -> list[Way[Program]]:
    """The ways, the cheapest first."""
    place = cache / "temporal"
    return [
        Way("在 PATH 中查找 temporal（立即完成）", "安装 temporal 命令行程序，并放在 PATH 中", _on_path),
        Way(f"在缓存 {cache} 中查找 temporal（立即完成）", f"把 temporal 程序放到 {place}", partial(_cached, place)),
        Way(
            "由 Temporal SDK 下载 temporal（约 50 MB，几秒到 5 分钟，只需一次；先用 5 秒确认能否访问）",
            "让本机能访问 temporal.download，或设置 HTTPS_PROXY",
            partial(_downloaded, cache, place),
        ),
        Way(
            "用 Go 编译 temporal（2 核约 3 分钟，占 250 MB，只需一次）",
            f"安装 Go {_dotted(OLDEST_GO)} 或更高版本",
            partial(_built, cache, place),
        ),
    ]


async def _on_path(_: Say) -> Program:
    found = shutil.which("temporal")
    if found is None:
        raise NotThisWay("PATH 中没有 temporal")
    return await _usable(Path(found), "PATH")


async def _cached(place: Path, _: Say) -> Program:
    if not place.exists():
        raise NotThisWay("缓存中还没有")
    return await _usable(place, "缓存")


async def _downloaded(cache: Path, place: Path, say: Say) -> Program:
    return await _usable(await downloaded(Downloadable.DEV_SERVER, cache, place, say), "SDK 下载")


async def _built(cache: Path, place: Path, say: Say) -> Program:
    go = shutil.which("go")
    if go is None:
        raise NotThisWay("PATH 中没有 go")
    version = _version(r"\bgo(\d+)\.(\d+)", await output_of(go, "version", limit_seconds=VERSION_WITHIN_SECONDS))
    if version is None or version < OLDEST_GO:
        raise NotThisWay(f"Go 的版本是 {_dotted(version) if version else '未知'}，需要 {_dotted(OLDEST_GO)} 或更高")
    with growing_in(cache) as folder:
        # Away from any go.mod or go.work of the caller's folder, and not into the caller's own GOBIN.
        await output_of(
            go,
            "install",
            MODULE,
            limit_seconds=BUILD_WITHIN_SECONDS,
            environ={"GOBIN": str(folder), "GOWORK": "off"},
            cwd=folder,
            news=("编译", say),
        )
        return await _usable(kept(folder / "temporal", place), "Go 编译")


async def _usable(path: Path, how: str) -> Program:
    told = await output_of(path, "--version", limit_seconds=VERSION_WITHIN_SECONDS)
    server = _version(r"\bServer (\d+)\.(\d+)", told)
    if server is not None and server < OLDEST_SERVER:
        raise NotThisWay(f"{path} 的服务器版本 {_dotted(server)} 太旧，需要 {_dotted(OLDEST_SERVER)} 或更高")
    return Program(path, how)


def _version(pattern: str, text: str) -> tuple[int, int] | None:
    found = re.search(pattern, text)
    return (int(found[1]), int(found[2])) if found else None


def _dotted(version: tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]}"
