"""What docs/operations.md tells an operator to type exists, with the options that it names."""

import re
import shlex
from pathlib import Path

import pytest

from duban.settings import Settings, variable
from tests.commands.conftest import CommandLine
from tests.releases.trees import ROOT

DOCUMENT = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
CODE = re.compile(r"```\w*\n(?P<block>.*?)```|`(?P<span>[^`\n]+)`", re.DOTALL)
TEMPORALS_OWN = ("temporal operator namespace update", "temporal workflow update-options")


def _typed() -> list[str]:
    """Every line of code, without what a comment says."""
    lines = [line for found in CODE.finditer(DOCUMENT) for line in (found["block"] or found["span"]).splitlines()]
    return [line.partition(" #")[0].strip() for line in lines]


def _commands(program: str) -> list[tuple[str, ...]]:
    return sorted({tuple(shlex.split(line)[1:]) for line in _typed() if line.startswith(f"{program} ")})


@pytest.mark.parametrize("command", _commands("starter.py"), ids=" ".join)
def test_a_command_that_the_document_names_exists(starter: CommandLine, command: tuple[str, ...]) -> None:
    told = starter(*command, "--help")  # looked at before its arguments, and after its names and options
    assert told.exit_code == 0, told.stderr


def test_the_document_names_no_setting_that_there_is_not() -> None:
    named = set(re.findall(r"\bDUBAN_[A-Z_]+\b", DOCUMENT))
    assert named <= {variable(field) for field in Settings.model_fields}


def test_of_temporals_own_commands_it_names_only_those_that_were_tried() -> None:
    named = [line for line in _typed() if re.match(r"temporal\s+[a-z]", line)]
    assert named
    assert [line for line in named if not line.startswith(TEMPORALS_OWN)] == []


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`(tests/[\w/.]+)`", DOCUMENT))))
def test_a_test_that_the_document_points_to_is_there(path: str) -> None:
    assert (ROOT / Path(path)).exists()


def test_every_part_that_is_pointed_to_is_there() -> None:
    headings = re.findall(r"^#+ (.+)$", DOCUMENT, re.MULTILINE)
    parts = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    assert set(re.findall(r"\]\(#([\w-]+)\)", DOCUMENT)) <= parts
