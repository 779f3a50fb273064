"""Records the golden histories and the fingerprints.

    .venv/bin/python -m tests.replay.record                  # histories of this version, and the fingerprints
    .venv/bin/python -m tests.replay.record --fingerprints   # the fingerprints alone: accept changed commands
    .venv/bin/python -m tests.replay.record --missing        # only of scenarios that have been added
    .venv/bin/python -m tests.replay.record --replace        # this version's histories again

Histories are kept by version of the product, ``histories/<version>/<scenario>.<workflow>.<run>.json``, and stay: tasks
that were started by a version may still run years later. So: record once for each version that offices run, after its
last change to a workflow. Histories that exist are not recorded again unless ``--replace`` is given, and that is right
only before the version has been used by anybody. For a way of life that no history shows, add a scenario
(``tests/replay/scenarios.py``); it takes about two minutes for all, on a development server of its own.
"""

import argparse
import asyncio
import gc
import shutil
import sys
import tempfile
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from temporalio.client import Client, WorkflowHistory

from duban.encryption.converter import data_converter
from duban.server import DevServer, find_temporal, find_time_skipping
from tests.replay.fingerprints import Fingerprints, baseline, runs_of, save, taken_of
from tests.replay.scenarios import ON_SKIPPED_TIME, SCENARIOS, Scenario, workflow_ids
from tests.skipped_time import start_time_skipping
from tests.workflows.installation import InFastTime, OnSkippedTime

HISTORIES = Path(__file__).parent / "histories"
DAY = 0.3
"""Real seconds of a business day."""
IDENTITY = "duban"
"""Instead of the process and machine on which a history was recorded."""


def say(line: str) -> None:
    print(line, file=sys.stderr)  # noqa: T201 - a command line


async def record_histories(folder: Path, scenarios: Sequence[Scenario]) -> None:
    """Live every scenario in fast time and keep its histories."""
    program = await find_temporal(say)
    async with DevServer(program.path) as server:
        client = await Client.connect(
            server.address,
            namespace=server.namespace,
            data_converter=data_converter(None),
            identity=IDENTITY,
        )
        for number, scenario in enumerate(scenarios, 1):
            say(f"[{number}/{len(scenarios)}] {scenario.name}……")
            with tempfile.TemporaryDirectory() as home:
                made = InFastTime(client, Path(home), f"G{number}")
                try:
                    await _record(made, scenario, folder)
                finally:
                    await made.end()


async def _record(made: InFastTime, scenario: Scenario, folder: Path) -> None:
    if scenario.policy is not None:
        made.policy = scenario.policy()
    if not scenario.comes_by_no_plan:
        task = made.task(*scenario.due_on, **scenario.task)
        await made.issue(task, entered=scenario.entered, day_seconds=DAY, continue_after=scenario.continue_after)
    await scenario.walk(made)
    for kept, identifier in workflow_ids(made, scenario).items():
        for run, events in enumerate(await runs_of(made.client, identifier), 1):
            history = WorkflowHistory(identifier, list(events))
            file = folder / f"{scenario.name}.{kept}.{run}.json"
            file.write_text(f"{history.to_json()}\n", encoding="utf-8")
            say(f"  {file.name}：{len(events)} 个事件")


async def record_fingerprints(scenarios: Sequence[Scenario], taken: Fingerprints) -> None:
    """Live every scenario on skipped time and keep its commands, beside those that are given."""
    program = await find_time_skipping(say)
    async with await start_time_skipping(program.path) as environment:
        for scenario in scenarios:
            with tempfile.TemporaryDirectory() as home:
                made = OnSkippedTime(environment.client, Path(home), f"F-{scenario.name}")
                made.environment = environment
                try:
                    taken[scenario.name] = await taken_of(made, scenario)
                finally:
                    await made.end()
    save(taken)


def _record_missing(folder: Path, kept: set[str]) -> int:
    known = baseline()
    with tempfile.TemporaryDirectory() as made:
        asyncio.run(record_histories(Path(made), [one for one in SCENARIOS if one.name not in kept]))
        shutil.copytree(made, folder, dirs_exist_ok=True)
    asyncio.run(record_fingerprints([one for one in ON_SKIPPED_TIME if one.name not in known], known))
    gc.collect()
    return 0


def main() -> int:
    """The command; 1 where histories exist and are not to be replaced."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fingerprints", action="store_true", help="只更新指纹")
    parser.add_argument("--missing", action="store_true", help="只录制尚无历史的情景")
    parser.add_argument("--replace", action="store_true", help="重新录制本版本的历史")
    chosen = parser.parse_args()
    folder = HISTORIES / version("duban")
    there = sorted(folder.glob("*.json"))
    if chosen.missing:
        return _record_missing(folder, {file.name.split(".")[0] for file in there})
    if not chosen.fingerprints:
        if there and not chosen.replace:
            say(f"{folder.name} 版已有 {len(there)} 份历史，未重录。只更新指纹用 --fingerprints，重录用 --replace。")
            return 1
        with tempfile.TemporaryDirectory() as made:  # all of them, or none
            asyncio.run(record_histories(Path(made), SCENARIOS))
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(made, folder)
    asyncio.run(record_fingerprints(ON_SKIPPED_TIME, {}))
    say("指纹已更新。")
    gc.collect()  # temporalio 1.35: the interpreter crashes now and then when it exits right after an environment
    return 0


if __name__ == "__main__":
    sys.exit(main())
