"""The compose file and the image: what can be said of them without a Docker engine."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
import yaml

import worker
from duban.encryption.keys import KeyRing
from duban.settings import Settings, load_settings, variable
from duban.transport import exact_hosts
from tests.deploy.conftest import DEPLOY, Program
from tests.releases.trees import PROGRAMS, ROOMS

FILE = DEPLOY / "compose" / "compose.yaml"
IMAGE = DEPLOY / "docker" / "Dockerfile"
KNOWN = {variable(field) for field in Settings.model_fields}
PINNED = re.compile(r"[\w./-]+:\d[\w.-]*\d[\w.-]*")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    told: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return told


def test_it_is_what_the_compose_specification_allows() -> None:
    check = Path(sys.executable).with_name("check-jsonschema")
    checked = subprocess.run(
        [check, "--builtin-schema", "vendor.compose-spec", FILE], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_images_of_others_are_pinned_by_their_version(compose: dict[str, Any]) -> None:
    foreign = [one["image"] for one in compose["services"].values() if "build" not in one]
    assert len(foreign) == 3
    assert [image for image in foreign if not PINNED.fullmatch(image) or "latest" in image] == []


def test_our_containers_are_not_root_and_write_only_where_they_must(compose: dict[str, Any]) -> None:
    for name in ("worker", "commands"):
        ours = compose["services"][name]
        assert ours["read_only"] is True
        assert ours["cap_drop"] == ["ALL"]
        assert ours["security_opt"] == ["no-new-privileges:true"]
        assert ours["volumes"] == ["duban:/var/lib/duban"]
    assert re.search(r"^USER 10001:10001$", IMAGE.read_text("utf-8"), re.MULTILINE)


def test_no_secret_stands_in_it(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        for name, value in service.get("environment", {}).items():
            assert not re.search(r"PASSWORD(?!_FILE)|PWD|SECRET(?!S_DIR)|TOKEN|KEYS|DATABASE_URL", name), name
            assert "@" not in str(value)
    assert all(one["file"].startswith("./secrets/") for one in compose["secrets"].values())
    assert (DEPLOY / "compose" / ".gitignore").read_text("utf-8") == "secrets/\n"


def test_only_the_ui_is_published_and_on_this_machine_alone(compose: dict[str, Any]) -> None:
    published = {name: one["ports"] for name, one in compose["services"].items() if "ports" in one}
    assert published == {"temporal-ui": ["127.0.0.1:8233:8080"]}
    assert compose["networks"]["inside"]["internal"] is True
    assert compose["services"]["postgresql"]["networks"] == ["inside"]
    assert compose["services"]["temporal"]["networks"] == ["inside"]


def test_what_is_spoken_to_in_plain_is_named_and_is_a_service_of_it(compose: dict[str, Any]) -> None:
    environment = compose["services"]["worker"]["environment"]
    assert set(exact_hosts(environment["DUBAN_PLAINTEXT_HOSTS"])) == {"temporal", "postgresql"}
    assert {"temporal", "postgresql"} <= compose["services"].keys()
    assert environment["TEMPORAL_ADDRESS"] == "temporal:7233"


def test_every_setting_that_it_names_exists(compose: dict[str, Any]) -> None:
    named = {name for one in compose["services"].values() for name in one.get("environment", {})}
    named |= compose["secrets"].keys()
    assert {name for name in named if name.startswith("DUBAN_")} <= KNOWN


def test_services_wait_for_what_they_need_and_have_the_time_to_drain(compose: dict[str, Any]) -> None:
    services = compose["services"]
    for name in ("postgresql", "temporal", "worker"):
        assert services[name]["healthcheck"]["test"][0] == "CMD"
        assert services[name]["restart"] == "unless-stopped"
    needed = services["worker"]["depends_on"]
    assert {name: one["condition"] for name, one in needed.items()} == {
        "postgresql": "service_healthy",
        "temporal": "service_healthy",
    }
    assert float(services["worker"]["stop_grace_period"].removesuffix("s")) > worker.DRAIN.total_seconds()


def test_the_secrets_that_are_made_are_ones_that_we_can_read(
    tmp_path: Path, compose: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "make-secrets.sh"
    script.write_text((DEPLOY / "compose" / "make-secrets.sh").read_text("utf-8"), encoding="utf-8")
    for _ in range(2):  # what is there already stays
        subprocess.run(["sh", script], check=True, capture_output=True)
    made = {file.name: file.read_text("utf-8").strip() for file in (tmp_path / "secrets").iterdir()}

    assert made.keys() == compose["secrets"].keys()
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700
    monkeypatch.setenv("DUBAN_SECRETS_DIR", str(tmp_path / "secrets"))
    settings = load_settings()
    assert settings.database_url == f"postgresql+psycopg://duban:{made['ledger_db_password']}@postgresql/duban"
    assert settings.payload_keys is not None
    assert len(KeyRing.parse(settings.payload_keys.get_secret_value()).keys) == 1


def test_the_database_of_the_ledger_is_made_with_an_owner_of_its_own(postgres_url: str) -> None:
    script = DEPLOY / "compose" / "initdb" / "duban.sh"
    subprocess.run(["sh", "-n", script], check=True)
    statements = re.search(r"<<'SQL'\n(.*?)\nSQL\n", script.read_text("utf-8"), re.DOTALL)
    assert statements is not None
    name = f"office_{uuid4().hex}"
    server = postgres_url.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(server, autocommit=True) as connection:
        for statement in statements[1].replace(":'password'", "'made up'").replace("duban", name).splitlines():
            connection.execute(statement.encode())
        owner = connection.execute(
            "SELECT pg_get_userbyid(datdba), has_database_privilege('public', oid, 'CONNECT') FROM pg_database "
            "WHERE datname = %s",
            (name,),
        ).fetchone()
        connection.execute(f"DROP DATABASE {name}".encode())
        connection.execute(f"DROP ROLE {name}".encode())
    assert owner == (name, False)


def test_the_image_has_all_that_is_run_and_installs_only_what_is_locked() -> None:
    steps = IMAGE.read_text("utf-8")
    lines = re.findall(r"^COPY (?!--from)(.*) \./\w*$", steps, re.MULTILINE)
    copied = {word for line in lines for word in line.split()}
    assert {*ROOMS, *PROGRAMS, "requirements.txt", "pyproject.toml", "LICENSE"} <= copied
    assert "--require-hashes -r requirements.txt" in steps
    assert "--no-deps --no-build-isolation" in steps
    let_in = (IMAGE.parent / "Dockerfile.dockerignore").read_text("utf-8").splitlines()
    assert "*" in let_in
    assert {line.removeprefix("!") for line in let_in if line.startswith("!")} == copied
    bases = re.findall(r"^FROM (\S+)", steps, re.MULTILINE)
    assert all(re.fullmatch(r"python:3\.\d+(\.\d+)?-slim-\w+", base) for base in bases)


def test_the_image_passes_its_linter(program: Program) -> None:
    linter = program("hadolint", "hadolint 的发布页")
    said = subprocess.run([linter, IMAGE], capture_output=True, text=True, check=False)
    assert (said.returncode, said.stdout) == (0, "")
