"""What Duban makes for itself is for its owner's eyes alone."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from duban.ledger import migrate
from duban.private_files import private_folder


@pytest.fixture(autouse=True)
def _a_liberal_machine() -> Iterator[None]:
    before = os.umask(0o000)
    yield
    os.umask(before)


def _mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_the_folder_of_a_new_ledger_is_closed_to_everybody_else(tmp_path: Path) -> None:
    migrate(f"sqlite:///{tmp_path / 'home' / 'duban.db'}")
    assert _mode(tmp_path / "home") == 0o700


def test_a_folder_that_somebody_has_opened_to_others_stays_as_it_is(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir(mode=0o750)
    assert _mode(private_folder(shared)) == 0o750
