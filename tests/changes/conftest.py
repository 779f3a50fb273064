"""An installation on the real development server, whose tasks are told of changes."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.client import Client

from duban.names import dispatch_workflow_id
from duban.regimes.loading import BUNDLED
from duban.server import DevServer
from tests.commands.conftest import CommandLine
from tests.workflows.installation import BODIES, InFastTime, end_workflows


@pytest.fixture
async def fast(dev_client: Client, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[InFastTime]:
    """An installation with a plan of the test's own."""
    await end_workflows(dev_client, [dispatch_workflow_id(body) for body in BODIES])
    plan_code = f"C{hashlib.sha256(request.node.nodeid.encode()).hexdigest()[:8]}"
    installation = InFastTime(dev_client, tmp_path, plan_code)
    yield installation
    await installation.end()


@pytest.fixture
def starter(fast: InFastTime, dev_server: DevServer, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """The command line beside that installation; run it in a thread, where a loop runs already."""
    monkeypatch.setenv("DUBAN_HOME", str(fast.settings.home))
    monkeypatch.setenv("DUBAN_TASK_QUEUE", fast.settings.task_queue)
    monkeypatch.setenv("TEMPORAL_ADDRESS", dev_server.address)
    monkeypatch.setenv("TEMPORAL_NAMESPACE", dev_server.namespace)
    return CommandLine()


@pytest.fixture
def stricter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An office's own rules: Kunming's, but the first levels come sooner and the circular needs no confirmation."""
    folder = tmp_path / "regimes"
    folder.mkdir()
    text = (BUNDLED / "kunming.yaml").read_text(encoding="utf-8")
    for old, new in (
        ("name: kunming", "name: stricter"),
        ("above: 15, through: 30", "above: 10, through: 20"),
        ("above: 30, through: 45", "above: 20, through: 45"),
        ("    suspend: [supervising_body, reform_office]", "    suspend: [reform_office]"),
    ):
        assert old in text
        text = text.replace(old, new, 1)
    (folder / "stricter.yaml").write_text(text, encoding="utf-8")
    monkeypatch.setenv("DUBAN_REGIME_DIR", str(folder))
