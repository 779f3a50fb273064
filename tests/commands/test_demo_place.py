"""A demonstration touches nothing that is not its own."""

import os
from pathlib import Path

import pytest

from duban.commands.demo_place import LEDGER_FILE, emptied, nobody_elses_environment, settings_in
from duban.commands.reasons import Refused


def test_a_real_ledger_gateway_and_server_of_the_person_are_out_of_sight(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = {
        "DUBAN_DATABASE_URL": "postgresql://office/duban",
        "DUBAN_CHANNEL": "webhook",
        "DUBAN_WEBHOOK_URL": "https://gateway.example/",
        "TEMPORAL_ADDRESS": "temporal.example:7233",
        "TEMPORAL_CONFIG_FILE": "/home/somebody/temporal.toml",
    }
    for name, value in theirs.items():
        monkeypatch.setenv(name, value)
    with nobody_elses_environment():
        settings = settings_in(tmp_path)
        assert settings.database_url == f"sqlite:///{tmp_path}/home/duban.db"
        assert settings.channel.value == "outbox"
        assert settings.outbox_dir == tmp_path / "notices"
        assert {name for name in os.environ if name.startswith(("DUBAN_", "TEMPORAL_"))} == {"TEMPORAL_CONFIG_FILE"}
        assert os.environ["TEMPORAL_CONFIG_FILE"] == os.devnull
    assert {name: os.environ[name] for name in theirs} == theirs


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "accounts.xlsx").touch()
    with pytest.raises(Refused, match="已有别的文件"):
        emptied(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["accounts.xlsx"]


def test_what_an_earlier_demonstration_left_is_cleared_and_nothing_else(tmp_path: Path) -> None:
    folder = emptied(tmp_path / "demo")
    for name in ("home", "notices"):
        (folder / name).mkdir()
        (folder / name / "old").touch()
    (folder / LEDGER_FILE).touch()
    (folder / "my notes.txt").touch()
    emptied(folder)
    assert sorted(file.name for file in folder.iterdir()) == [".duban-demo", "my notes.txt"]
