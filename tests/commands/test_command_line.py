"""What a command writes where."""

import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
import typer

from starter import app
from tests.commands.conftest import CommandLine

LOGS_AND_ANSWERS = """
import structlog
from duban.commands.command_line import command_line, run

app = command_line()

@app.command()
def one() -> None:
    structlog.get_logger("duban.reconcile").info("reconcile.recorded", task="T-1")
    print('{"answer": 1}')

@app.command()
def other() -> None: ...

run(app)
"""


def test_what_is_logged_on_the_way_is_not_part_of_the_result() -> None:
    said = subprocess.run([sys.executable, "-c", LOGS_AND_ANSWERS, "one"], capture_output=True, text=True, check=True)
    assert said.stdout == '{"answer": 1}\n'
    assert "reconcile.recorded" in said.stderr


def _ways(commands: typer.Typer, *before: str) -> Iterator[tuple[str, ...]]:
    """Every command and group, as it is called."""
    for command in commands.registered_commands:
        yield (*before, str(command.name))
    for group in commands.registered_groups:
        assert group.typer_instance is not None
        yield (*before, str(group.name))
        yield from _ways(group.typer_instance, *before, str(group.name))


@pytest.mark.parametrize("way", list(_ways(app)), ids=" ".join)
def test_whatever_is_asked_about_is_explained_in_chinese_to_the_last_line(
    starter: CommandLine, way: tuple[str, ...]
) -> None:
    shown = starter(*way, "--help")
    assert shown.exit_code == 0
    assert f"用法： starter.py {way[0]}" in shown.stdout or f"用法： root {way[0]}" in shown.stdout
    assert not re.search(r"Usage|Show this|OPTIONS|COMMAND|Options", shown.stdout)
