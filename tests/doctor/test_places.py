"""Settings, secrets, folders and disks, each broken in turn."""

import os
import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from duban.doctor import State
from duban.doctor.ledgers import file_system_of
from tests.doctor.conftest import Doctor, not_well, states

KEY = "S0tLS0tLS0tLS0tLS0tLS0tLS0tLS0tLS0tLS0tLS0s="
Usage = namedtuple("Usage", "total used free")


async def test_an_unknown_variable_is_named_and_everything_else_is_looked_at(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = states(await doctor())
    monkeypatch.setenv("DUBAN_DATABSE_URL", "sqlite:////x")

    found = await doctor()

    assert found["settings"].state is State.FAULT
    assert "DUBAN_DATABASE_URL？" in found["settings"].detail
    assert {**states(found), "settings": State.OK} == before
    assert os.environ["DUBAN_DATABSE_URL"] == "sqlite:////x"


async def test_a_setting_that_cannot_be_read_hides_only_what_rests_on_it(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUBAN_CHANNEL", "pigeon")
    found = await doctor("settings", "home", "disk", "database", "channel", "calendar")
    assert not_well(found) == {
        "settings": State.FAULT,
        "database": State.WARNING,  # there is no ledger yet
        "channel": State.UNEXAMINED,
    }
    assert "DUBAN_CHANNEL" in found["channel"].detail


async def test_several_faults_of_settings_are_all_named(doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    # The second shows only once the first is out of the way: a rule about two fields.
    monkeypatch.setenv("DUBAN_WEBHOOK_TIMEOUT_SECONDS", "soon")
    monkeypatch.setenv("DUBAN_CHANNEL", "webhook")
    detail = (await doctor("settings"))["settings"].detail
    assert "DUBAN_WEBHOOK_TIMEOUT_SECONDS" in detail
    assert "DUBAN_WEBHOOK_URL" in detail


async def test_a_secret_that_others_may_change_is_named_and_the_rest_is_looked_at(
    doctor: Doctor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "secrets" / "DUBAN_WEBHOOK_SECRET"
    secret.parent.mkdir()
    secret.write_text(KEY)
    secret.chmod(0o666)
    monkeypatch.setenv("DUBAN_SECRETS_DIR", str(secret.parent))

    found = await doctor("settings", "home", "channel")

    assert not_well(found) == {"settings": State.FAULT, "channel": State.UNEXAMINED}
    assert str(secret) in found["settings"].detail


async def test_a_secret_that_everybody_may_read_is_warned_of_with_the_command(
    doctor: Doctor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "secrets" / "DUBAN_WEBHOOK_SECRET"
    secret.parent.mkdir(mode=0o755)
    secret.write_text(KEY)
    secret.chmod(0o444)
    monkeypatch.setenv("DUBAN_SECRETS_DIR", str(secret.parent))

    found = (await doctor("secrets"))["secrets"]

    assert (found.state, found.remedy) == (State.WARNING, f"chmod 400 {secret}")


async def test_a_home_that_is_open_to_others_is_warned_of(doctor: Doctor, home: Path) -> None:
    home.chmod(0o755)
    found = (await doctor("home"))["home"]
    assert found.state is State.WARNING
    assert f"chmod 700 {home}" in found.remedy


async def test_a_home_that_is_a_file_cannot_be_used(doctor: Doctor, home: Path) -> None:
    home.rmdir()
    home.touch()
    assert (await doctor("home"))["home"].state is State.FAULT


@pytest.mark.parametrize(("free", "state"), [(100 << 20, State.FAULT), (1 << 30, State.WARNING), (50 << 30, State.OK)])
async def test_a_disk_that_is_nearly_full_is_told_before_it_is(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch, free: int, state: State
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(100 << 30, (100 << 30) - free, free))
    assert (await doctor("disk"))["disk"].state is state


def test_the_file_system_of_a_path_is_that_of_the_nearest_mount(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/sda1 / ext4 rw 0 0\nfiler:/x {tmp_path}/shared nfs4 rw 0 0\n")
    assert file_system_of(tmp_path / "shared" / "duban.db", mounts) == "nfs4"
    assert file_system_of(tmp_path / "duban.db", mounts) == "ext4"
    assert file_system_of(tmp_path, tmp_path / "none") == ""
