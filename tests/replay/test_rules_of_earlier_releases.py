"""Rules by which tasks of earlier releases run are read as they were written: no section comes to them."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from duban.contracts import TaskInput
from duban.supervision.packing import unpacked
from duban.supervision.rules.policy import encode

TASKS = sorted((Path(__file__).parent / "histories").glob("*/*.task.*.json"))


def begun_with(history: Path) -> dict[str, Any]:
    """The input of a history's task, as it was written."""
    (started,) = (
        event["workflowExecutionStartedEventAttributes"]
        for event in json.loads(history.read_text(encoding="utf-8"))["events"]
        if "workflowExecutionStartedEventAttributes" in event
    )
    found: dict[str, Any] = json.loads(base64.b64decode(started["input"]["payloads"][0]["data"]))
    return found


@pytest.mark.parametrize("history", TASKS, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_rules_that_were_written_before_a_section_was_known_do_not_get_it(history: Path) -> None:
    written = begun_with(history)
    before = json.loads(unpacked(written["policy"], most_bytes=1_000_000))["regime"]
    after = json.loads(encode(TaskInput.model_validate(written).policy))["regime"]
    assert after.keys() == before.keys()
    assert after["authority"].keys() == before["authority"].keys()
    assert after["limits"].keys() == before["limits"].keys()


def test_there_are_tasks_of_earlier_releases_to_ask() -> None:
    assert len(TASKS) > 5
