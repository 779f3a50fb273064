"""docs/regimes.md: every row names its clause, commands that there are and tests that there are."""

import re
from pathlib import Path

import pytest
from typer.main import get_command

from starter import app

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "regimes.md").read_text(encoding="utf-8")
ROWS = [
    tuple(cell.strip() for cell in line.strip("|").split(" | "))
    for line in PAGE.splitlines()
    if line.startswith("| ") and not line.startswith(("| row |", "| --- |"))
]
DEMANDED = (
    *("K1", "K2", "K3", "K5", "K6", "C1", "C2", "C3", "C6", "C7", "C8", "C9", "C10", "C11", "C12", "J1", "J4", "J7"),
    *("B1", "B2", "B3", "B6", "B8", "B9", "B10", "S1", "S4", "S6"),
)
TESTS = frozenset(
    name
    for file in (ROOT / "tests").rglob("test_*.py")
    for name in re.findall(r"def test_(\w+)", file.read_text(encoding="utf-8"))
)
COMMANDS = frozenset(getattr(get_command(app), "commands"))  # noqa: B009 - typer does not say that it makes a group


def test_every_row_of_the_five_documents_is_there() -> None:
    assert [row for row in DEMANDED if not any(cells[0].split()[0] == row for cells in ROWS)] == []


@pytest.mark.parametrize("cells", ROWS, ids=[cells[0] for cells in ROWS])
def test_a_row_names_clause_command_and_test(cells: tuple[str, ...]) -> None:
    _, clause, how, shown_by, tests = cells
    assert re.fullmatch(r"\d+(, \d+)*", clause), "paragraphs"
    assert how
    commands = re.findall(r"`([^`]+)`", shown_by)
    assert commands
    assert [command for command in commands if command.split()[0] not in COMMANDS] == []
    assert tests
    begun = [name.removesuffix("…") for name in re.findall(r"`(\w+…)`", tests)]
    assert [name for name in begun if not any(test.startswith(name) for test in TESTS)] == []
    files = re.findall(r"`([\w/]+(?:\.py)?)`", tests)
    assert [file for file in files if not list((ROOT / "tests").rglob(Path(file).name))] == []
