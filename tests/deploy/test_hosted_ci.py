"""The hosted CI runs what every submission must pass, and nothing that somebody else can exchange."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from tests.deploy.conftest import Program
from tests.releases.trees import ROOT

FILE = ROOT / ".github" / "workflows" / "ci.yml"
TEXT = FILE.read_text("utf-8")
STATED: dict[str, Any] = yaml.safe_load(TEXT)


def test_it_is_a_workflow() -> None:
    check = Path(sys.executable).with_name("check-jsonschema")
    checked = subprocess.run(
        [check, "--builtin-schema", "vendor.github-workflows", FILE], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_its_linter_has_nothing_to_say(program: Program) -> None:
    linter = program("actionlint", "go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.7")
    said = subprocess.run([linter, FILE], capture_output=True, text=True, check=False)
    assert (said.returncode, said.stdout) == (0, "")


def test_it_runs_the_script_that_every_submission_must_pass() -> None:
    steps = [step.get("run", "") for job in STATED["jobs"].values() for step in job["steps"]]
    assert "bash .ci/run" in steps
    assert "make check PYTHON=python" in steps


def test_the_fast_part_runs_on_every_python_that_is_supported() -> None:
    assert STATED["jobs"]["check"]["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13"]
    for folder in re.findall(r"tests/\w+", " ".join(step.get("run", "") for step in STATED["jobs"]["check"]["steps"])):
        assert (ROOT / folder).is_dir()


def test_actions_are_pinned_by_commit_and_may_only_read() -> None:
    used = re.findall(r"uses: (\S+)(.*)", TEXT)
    assert used
    for action, comment in used:
        assert re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{40}", action)
        assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment)
    assert STATED["permissions"] == {"contents": "read"}
