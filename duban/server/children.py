"""Child processes: programs run to their end for a bounded time, services asked to stop, and what they wrote last."""

import asyncio
import os
import signal
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

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


async def stop(child: asyncio.subprocess.Process | None, request: signal.Signals, within_seconds: float) -> None:
    """Asks a child to stop and waits for its end; kills it when it takes too long. Does nothing if it does not run."""
    if child is None or child.returncode is not None:
        return
    with suppress(ProcessLookupError):
        child.send_signal(request)
    try:
        await asyncio.wait_for(child.wait(), within_seconds)
    except TimeoutError:
        with suppress(ProcessLookupError):
            child.kill()
        await child.wait()


def last_words(log: BinaryIO, began: int, lines: int) -> str:
    """The last lines that a child wrote into its log, which it began at a position."""
    log.seek(began)
    written = log.read().decode(errors="replace").strip().splitlines()[-lines:]
    return "它最后写道：\n" + "\n".join(f"  {line}" for line in written or ["（没有输出）"])


async def _inform(doing: str, say: Say) -> None:
    began = time.monotonic()
    while True:
        await asyncio.sleep(NEWS_EVERY_SECONDS)
        say(f"  仍在{doing}（已 {time.monotonic() - began:.0f} 秒）……")
