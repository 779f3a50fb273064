"""Alerts: Prometheus reads them, they fire when they should and only then, and lead to a row of the 3-a.m. table."""

import re
import subprocess
from typing import Any

import pytest
import yaml

from tests.commands.conftest import CommandLine
from tests.deploy.conftest import DEPLOY, Program
from tests.releases.trees import ROOT

FOLDER = DEPLOY / "prometheus"
RULES: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load((FOLDER / "duban-alerts.yml").read_text("utf-8"))["groups"]
    for rule in group["rules"]
]
DOCUMENT = (ROOT / "docs" / "operations.md").read_text("utf-8")
SYMPTOMS = [line.split("|")[1].strip() for line in DOCUMENT.splitlines() if line.startswith("| ")]


@pytest.fixture(params=RULES, ids=lambda rule: str(rule["alert"]))
def rule(request: pytest.FixtureRequest) -> dict[str, Any]:
    found: dict[str, Any] = request.param
    return found


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "rules", "duban-alerts.yml"),
        ("check", "config", "prometheus.yml"),
        ("test", "rules", "duban-alerts.test.yml"),
    ],
    ids=" ".join,
)
def test_prometheus_reads_them_and_they_fire_when_they_should(program: Program, arguments: tuple[str, ...]) -> None:
    promtool = program("promtool", "Debian 的软件包 prometheus")
    said = subprocess.run([promtool, *arguments], cwd=FOLDER, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout + said.stderr


def test_an_alert_leads_to_a_row_of_the_table(rule: dict[str, Any]) -> None:
    assert rule["annotations"]["symptom"] in SYMPTOMS


def test_an_alert_names_a_command_that_exists(
    rule: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setenv("DUBAN_HOME", str(tmp_path))
    program, *arguments = rule["annotations"]["look"].split()
    assert program == "starter.py"
    assert CommandLine()(*arguments, "--help").exit_code == 0


def test_an_alert_speaks_chinese_waits_a_while_and_has_a_severity(rule: dict[str, Any]) -> None:
    assert re.search(r"[\u4e00-\u9fff]", rule["annotations"]["summary"])
    assert re.fullmatch(r"\d+m", rule["for"])
    assert rule["labels"]["severity"] in ("critical", "warning")


def test_figures_of_the_ledger_are_never_added_up(rule: dict[str, Any]) -> None:
    # Every worker shows the same.
    assert not re.search(r"sum[^(]*\((duban_(?!delivery|ledger_transaction)\w+)", rule["expr"])
