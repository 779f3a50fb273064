"""A command line in this process, a home of its own, and small plans."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from starter import app

HEADING = "编号,事项,牵头领导,牵头单位,配合单位,任务措施,成果形式,完成时限"


class CommandLine:
    """`starter.py`, run in this process."""

    def __call__(self, *arguments: object) -> Result:
        result = CliRunner().invoke(app, [str(argument) for argument in arguments])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    def json(self, *arguments: object) -> Any:
        """What a command that succeeds prints as JSON."""
        result = self(*arguments, "--json")
        assert result.exit_code == 0, result.stderr
        return json.loads(result.stdout)

    def refused(self, *arguments: object) -> str:
        """The reason that a refused command gives on stderr; it prints no result."""
        result = self(*arguments)
        assert result.exit_code == 1, result.output
        assert result.stdout == ""
        return result.stderr.strip()


PlanFileWriter = Callable[..., Path]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    monkeypatch.setenv("DUBAN_HOME", str(folder))
    return folder


@pytest.fixture
def starter(home: Path) -> CommandLine:
    """The command line with an empty home: no ledger, no server."""
    assert not home.exists()
    return CommandLine()


@pytest.fixture
def plan_file(tmp_path: Path) -> PlanFileWriter:
    """Writes a plan file of rows under the six fields."""

    def write(*rows: str, name: str = "plan.csv") -> Path:
        file = tmp_path / name
        file.write_text("\n".join((HEADING, *rows)) + "\n", encoding="utf-8")
        return file

    return write
