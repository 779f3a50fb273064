"""Runs other people's programs to their end, for a bounded time, and keeps a waiting person informed."""

import asyncio
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from duban.server.attempts import NotThisWay, Say

NEWS_EVERY_SECONDS = 30
LAST_LINES = 3


async def output_of(
    *command: str | Path,
    limit_seconds: float,
    environ: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    news: tuple[str, Say] | None = None,
) -> str:
    """Runs a program and returns what it wrote on stdout and stderr.

    Args:
        command: The program and its arguments.
        limit_seconds: It is killed after that many seconds.
        environ: Variables set over those of this process.
        cwd: Where it runs; here unless given.
        news: What is being done (Chinese) and who hears every half minute that it still is.

    Raises:
        NotThisWay: It cannot be started, takes too long, or fails; with its last lines.
    """
    name = Path(command[0]).name
    try:
        child = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={**os.environ, **(environ or {})},
            cwd=cwd,
        )
    except OSError as error:
        raise NotThisWay(f"{name} 无法运行（{error.strerror}）") from None
    informing = asyncio.create_task(_inform(*news)) if news else None
    try:
        written, _ = await asyncio.wait_for(child.communicate(), limit_seconds)
    except TimeoutError:
        raise NotThisWay(f"{name} 超过 {limit_seconds:.0f} 秒仍未完成，已停止") from None
    finally:
        if informing:
            informing.cancel()
        if child.returncode is None:
            with suppress(ProcessLookupError):
                child.kill()
            await child.wait()
    text = written.decode(errors="replace").strip()
    if child.returncode != 0:
        last = "；".join(line.strip() for line in text.splitlines()[-LAST_LINES:] if line.strip())
        raise NotThisWay(f"{name} 失败（退出码 {child.returncode}）：{last or '没有输出'}")
    return text


async def _inform(doing: str, say: Say) -> None:
    began = time.monotonic()
    while True:
        await asyncio.sleep(NEWS_EVERY_SECONDS)
        say(f"  仍在{doing}（已 {time.monotonic() - began:.0f} 秒）……")
