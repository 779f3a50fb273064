"""Ways to the time-skipping test server, on which tests run years in seconds.

It has no Schedules and no Web UI, and its clock is shared by all that runs on it.
"""

import os
import shutil
from functools import partial
from pathlib import Path

from duban.server.attempts import NotThisWay, Program, Say, Way, first_that_works
from duban.server.cache import default_cache, growing_in, kept
from duban.server.children import output_of
from duban.server.sdk_download import Downloadable, downloaded

NAME = "temporal-test-server"
VERSION = "1.31.0"
JARS_WITHIN_SECONDS = 600

POM = f"""<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>duban</groupId>
  <artifactId>time-skipping</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>io.temporal</groupId>
      <artifactId>temporal-test-server</artifactId>
      <version>{VERSION}</version>
    </dependency>
  </dependencies>
</project>
"""

# The SDK runs one file with a port and ends it by its process id: therefore `exec`. The flags shorten the start.
WRAPPER = """#!/bin/sh
exec java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "$(dirname "$0")/jars/*" io.temporal.testserver.TestServer "$@"
"""


async def find_time_skipping(say: Say, cache: Path | None = None) -> Program:
    """Finds the time-skipping test server, or fetches it into the cache.

    Args:
        say: Hears what is tried.
        cache: Where fetched programs are kept; the user's cache folder unless given.

    Returns:
        A program for the SDK's `test_server_existing_path`.

    Raises:
        NothingWorked: None of the ways works.
    """
    return await first_that_works("可跳时的 Temporal 测试服务器", ways_to_time_skipping(cache or default_cache()), say)


def ways_to_time_skipping(cache: Path) -> list[Way[Program]]:
    """The ways, the cheapest first."""
    return [
        Way(f"在 PATH 中查找 {NAME}（立即完成）", f"把 {NAME} 放在 PATH 中", _on_path),
        Way(f"在缓存 {cache} 中查找 {NAME}（立即完成）", f"把 {NAME} 放到 {cache / NAME}", partial(_cached, cache)),
        Way(
            f"由 Temporal SDK 下载 {NAME}（约 50 MB，几秒到 5 分钟，只需一次；先用 5 秒确认能否访问）",
            "让本机能访问 temporal.download，或设置 HTTPS_PROXY",
            partial(_downloaded, cache),
        ),
        Way(
            f"用 Maven 下载 {NAME}（约 50 MB，半分钟到几分钟，只需一次）",
            "安装 Java 17（或更高版本）和 Maven，并让 Maven 能访问中央仓库或其镜像",
            partial(_from_maven, cache),
        ),
    ]


async def _on_path(_: Say) -> Program:
    found = shutil.which(NAME)
    if found is None:
        raise NotThisWay(f"PATH 中没有 {NAME}")
    return Program(Path(found), "PATH")


async def _cached(cache: Path, _: Say) -> Program:
    if os.access(cache / NAME, os.X_OK) and (cache / NAME).is_file():
        return Program(cache / NAME, "缓存")
    wrapper = _from_jars(cache)
    if not wrapper.exists():
        raise NotThisWay("缓存中还没有")
    _require("java")
    return Program(wrapper, "缓存")


async def _downloaded(cache: Path, say: Say) -> Program:
    return Program(await downloaded(Downloadable.TIME_SKIPPING, cache, cache / NAME, say), "SDK 下载")


async def _from_maven(cache: Path, say: Say) -> Program:
    _require("java")
    maven = _require("mvn")
    with growing_in(cache) as folder:
        (folder / "pom.xml").write_text(POM, encoding="utf-8")
        await output_of(
            maven,
            "--batch-mode",
            "--quiet",
            "dependency:copy-dependencies",
            "-DincludeScope=runtime",
            "-DoutputDirectory=jars",
            limit_seconds=JARS_WITHIN_SECONDS,
            cwd=folder,
            news=("下载", say),
        )
        (folder / NAME).write_text(WRAPPER, encoding="utf-8")
        (folder / NAME).chmod(0o755)
        kept(folder, _from_jars(cache).parent)
    return Program(_from_jars(cache), "Maven")


def _from_jars(cache: Path) -> Path:
    return cache / f"{NAME}-{VERSION}" / NAME


def _require(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        raise NotThisWay(f"PATH 中没有 {program}")
    return found
