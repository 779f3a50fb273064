"""An installation on the real development server, whose tasks are told of changes."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.client import Client

from duban.names import dispatch_workflow_id
from tests.workflows.installation import BODIES, InFastTime, end_workflows


@pytest.fixture
async def fast(dev_client: Client, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[InFastTime]:
    """An installation with a plan of the test's own."""
    await end_workflows(dev_client, [dispatch_workflow_id(body) for body in BODIES])
    plan_code = f"C{hashlib.sha256(request.node.nodeid.encode()).hexdigest()[:8]}"
    installation = InFastTime(dev_client, tmp_path, plan_code)
    yield installation
    await installation.end()
