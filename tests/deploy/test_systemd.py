"""The units: systemd reads them, what they name exists, and they stop as slowly as a worker drains."""

import configparser
import re
import stat
import subprocess
from pathlib import Path

import pytest

import worker
from duban.commands.worker_child import DRAINED_WITHIN_SECONDS
from duban.server.dev_server import STOPPED_WITHIN_SECONDS
from duban.settings import Settings, variable
from tests.commands.conftest import CommandLine
from tests.deploy.conftest import DEPLOY, Program
from tests.releases.trees import ROOT

UNITS = sorted((DEPLOY / "systemd").iterdir())
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]
KNOWN = {variable(field) for field in Settings.model_fields}
HARDENED = {
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "NoNewPrivileges": "yes",
    "CapabilityBoundingSet": "",
    "UMask": "0077",
}


class Unit:
    """The settings of a unit; one that stands several times has several values."""

    def __init__(self, file: Path) -> None:
        self.name, self.text = file.name, file.read_text(encoding="utf-8")
        pairs = re.findall(r"^(\w+)=(.*)$", self.text, re.MULTILINE)
        self.values: dict[str, list[str]] = {}
        for key, value in pairs:
            self.values.setdefault(key, []).append(value)

    def one(self, key: str) -> str:
        [value] = self.values[key]
        return value

    @property
    def environment(self) -> dict[str, str]:
        words = (word for line in self.values.get("Environment", ()) for word in line.split())
        return dict(word.split("=", 1) for word in words)


@pytest.fixture(params=SERVICES, ids=lambda file: file.name)
def service(request: pytest.FixtureRequest) -> Unit:
    return Unit(request.param)


def test_there_are_units_for_worker_office_codec_and_backup() -> None:
    assert {unit.name for unit in UNITS} == {
        "duban@.service",
        "duban-serve.service",
        "duban-codec.service",
        "duban-backup.service",
        "duban-backup.timer",
    }


def test_systemd_reads_them_without_a_word(tmp_path: Path, program: Program) -> None:
    verify = program("systemd-analyze", "Debian 的软件包 systemd")
    # It looks whether what is started can be started: here nothing lies in /opt.
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\n")
    python.chmod(0o755)
    copies = []
    for unit in UNITS:
        copy = tmp_path / unit.name.replace("@.", "@r1.")
        text = re.sub(r"/opt/duban/(%i|current)/\.venv/bin/python", str(python), unit.read_text(encoding="utf-8"))
        copy.write_text(text.replace("docs/operations.md", "docs"), encoding="utf-8")
        copies.append(str(copy))
    said = subprocess.run([verify, "verify", "--man=no", *copies], capture_output=True, text=True, check=False)
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")


def test_every_setting_that_a_unit_names_exists(service: Unit) -> None:
    credentials = [line.partition(":")[0] for line in service.values.get("LoadCredential", ())]
    named = {*service.environment, *credentials}
    assert {name for name in named if name.startswith("DUBAN_")} <= KNOWN


def test_secrets_are_credentials_and_stand_in_no_environment(service: Unit) -> None:
    assert service.environment["DUBAN_SECRETS_DIR"] == "%d"
    secret = {"DUBAN_DATABASE_URL", "DUBAN_PAYLOAD_KEYS", "DUBAN_CODEC_TOKEN", "DUBAN_WEBHOOK_SECRET"}
    assert not secret & service.environment.keys()
    assert all(line.split(":")[1].startswith("/etc/duban/credentials/") for line in service.values["LoadCredential"])


def test_what_a_unit_starts_is_a_command_that_exists(
    service: Unit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUBAN_HOME", str(tmp_path / "home"))
    [started] = service.values["ExecStart"]
    _, program, *arguments = started.split()
    assert (ROOT / program).is_file()
    if program == "starter.py":
        assert CommandLine()(*arguments, "--help").exit_code == 0


def test_a_unit_is_shut_in_and_runs_as_nobody_of_note(service: Unit) -> None:
    assert {key: service.one(key) for key in HARDENED} == HARDENED
    assert service.values.get("User") == ["duban"] or service.values.get("DynamicUser") == ["yes"]


def test_a_unit_that_is_stopped_has_the_time_to_drain() -> None:
    of = {unit.name: Unit(unit) for unit in SERVICES}
    assert float(of["duban@.service"].one("TimeoutStopSec")) > worker.DRAIN.total_seconds()
    office = of["duban-serve.service"]
    assert float(office.one("TimeoutStopSec")) > DRAINED_WITHIN_SECONDS + STOPPED_WITHIN_SECONDS
    assert office.one("KillMode") == "mixed"  # it stops its own children, the server last


def test_a_worker_has_the_build_id_of_its_folder() -> None:
    unit = Unit(DEPLOY / "systemd" / "duban@.service")
    assert unit.environment["DUBAN_BUILD_ID"] == "%i"
    assert unit.one("WorkingDirectory") == "/opt/duban/%i"
    assert unit.one("ExecStart").startswith("/opt/duban/%i/")


def test_no_file_that_is_handed_out_is_a_program_by_accident() -> None:
    assert [unit.name for unit in UNITS if unit.stat().st_mode & stat.S_IXUSR] == []
    for unit in UNITS:
        configparser.ConfigParser(strict=False, interpolation=None).read_string(unit.read_text(encoding="utf-8"))
