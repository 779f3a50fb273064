"""`serve` gives the work to the release that it runs, whichever had it before."""

import asyncio
import os
import signal
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.releases.stage import PATIENCE, Told, told_by
from tests.releases.trees import ROOT
from tests.workflows.installation import eventually

RELEASES = ("r1", "r2", "", "r2")


@dataclass
class Seen:
    """Who had the work while each release was served, one after the other on one state."""

    current: list[str] = field(default_factory=list)
    codes: list[int] = field(default_factory=list)


async def current_release(environment: dict[str, str]) -> str:
    """Who has the work; asked again while a busy server does not answer in time."""
    told: list[Told] = []

    async def is_told() -> bool:
        told.append(await told_by(ROOT, "release", "--json", environment=environment))
        return told[-1].code == 0

    try:
        await eventually(is_told, within=PATIENCE)
    except TimeoutError:
        raise AssertionError(told[-1]) from None
    return str(told[-1].json["current"])


async def one_after_the_other(program: Path, home: Path, tasks: int) -> Seen:  # noqa: ARG001 - as every trial
    seen = Seen()
    for turn, build_id in enumerate(RELEASES):
        environment = {**os.environ, "DUBAN_HOME": str(home / "home"), "DUBAN_BUILD_ID": build_id}
        log = home / f"serve-{turn}.log"
        with log.open("wb") as output:
            serving = await asyncio.create_subprocess_exec(
                *(sys.executable, str(ROOT / "starter.py"), "serve", "--port", "0", "--ui-port", "0"),
                env=environment,
                stdout=output,
                stderr=output,
            )

        async def is_serving(log: Path = log, serving: asyncio.subprocess.Process = serving) -> bool:
            assert serving.returncode is None, log.read_text(encoding="utf-8")
            return "正在运行" in log.read_text(encoding="utf-8")

        try:
            await eventually(is_serving, within=PATIENCE)
            seen.current.append(await current_release(environment))
        finally:
            if serving.returncode is None:
                serving.send_signal(signal.SIGTERM)
            seen.codes.append(await serving.wait())
    return seen


@pytest.mark.tries(trial=one_after_the_other)
def test_whichever_release_is_served_has_the_work(outcome: Seen) -> None:
    assert outcome.current == list(RELEASES)
    assert outcome.codes == [0] * len(RELEASES)
