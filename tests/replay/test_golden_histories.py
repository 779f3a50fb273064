"""Tasks that were started by an earlier release go on under this one: every golden history replays."""

import json
import re
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

import worker as wiring
from duban.encryption.converter import data_converter
from duban.sandbox import LeanSandbox
from tests.replay.record import HISTORIES, IDENTITY
from tests.replay.scenarios import SCENARIOS

FILES = sorted(HISTORIES.glob("*/*.json"))
UNPATCHED = """
The histories in tests/replay/histories were made by releases whose tasks still run. A workflow that answers the same
events with other commands breaks every one of them at its next wake. Put the change behind workflow.patched("an-id"),
keeping the old way for those that have begun (one id for each change, never inside a loop)."""


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
async def test_a_workflow_of_an_earlier_release_goes_on_under_this_one(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    replayer = Replayer(workflows=wiring.WORKFLOWS, data_converter=data_converter(None), workflow_runner=LeanSandbox())
    replayed = await replayer.replay_workflow(WorkflowHistory.from_json(file.stem, text), raise_on_replay_failure=False)
    assert replayed.replay_failure is None, f"{replayed.replay_failure}\n{UNPATCHED}"


def test_every_scenario_is_kept() -> None:
    kept = {tuple(file.stem.split(".")[:2]) for file in FILES}
    assert kept == {(scenario.name, workflow) for scenario in SCENARIOS for workflow in scenario.keeps}


def test_a_history_that_continued_as_new_is_among_them() -> None:
    assert len([file for file in FILES if file.stem.startswith("continued_as_new.task.")]) >= 2


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_a_history_names_no_machine(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    events = json.loads(text)["events"]
    named = {value for event in events for part in event.values() if isinstance(part, dict) for value in _named(part)}
    assert named <= {IDENTITY, "history-service", "temporal-system", ""}
    assert not re.search(r"/(home|root|work|tmp|Users)/", text)


def _named(attributes: dict[str, object]) -> list[str]:
    return [str(attributes["identity"])] if "identity" in attributes else []
