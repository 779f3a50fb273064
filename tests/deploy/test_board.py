"""The board asks in a language that Prometheus understands; that a worker answers is tried in `tests/metrics`."""

import json
import subprocess
from pathlib import Path

import yaml

from tests.deploy.conftest import DEPLOY, Program

BOARD = json.loads((DEPLOY / "grafana" / "duban.json").read_text(encoding="utf-8"))
FILLED_IN = {"$__rate_interval": "5m", "$job": "duban-worker"}


def test_every_question_of_the_board_can_be_read_by_prometheus(tmp_path: Path, program: Program) -> None:
    promtool = program("promtool", "Debian 的软件包 prometheus")
    asked = [target["expr"] for panel in BOARD["panels"] for target in panel.get("targets", ())]
    for name, value in FILLED_IN.items():
        asked = [expression.replace(name, value) for expression in asked]
    assert [expression for expression in asked if "$" in expression] == []
    rules = [{"record": f"board:question_{at}", "expr": expression} for at, expression in enumerate(asked)]
    file = tmp_path / "board.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "board", "rules": rules}]}), encoding="utf-8")
    said = subprocess.run([promtool, "check", "rules", file], capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout + said.stderr


def test_its_variables_are_those_that_its_questions_use() -> None:
    names = {variable["name"] for variable in BOARD["templating"]["list"]}
    assert names == {"datasource", "job"}
    assert all(panel["datasource"]["uid"] == "${datasource}" for panel in BOARD["panels"] if panel["type"] != "row")
