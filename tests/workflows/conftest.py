"""Installations on the two kinds of server; each test has its own ledger, task queue and plan."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from duban.names import dispatch_workflow_id
from tests.workflows.installation import BODIES, InFastTime, OnSkippedTime, end_workflows


@pytest.fixture
def plan_code(request: pytest.FixtureRequest) -> str:
    """A plan's code of the test's own; the same at every run, so that its tasks wake at the same minute."""
    return f"T{hashlib.sha256(request.node.nodeid.encode()).hexdigest()[:8]}"


@pytest.fixture
async def days(time_skipping: WorkflowEnvironment, tmp_path: Path, plan_code: str) -> AsyncIterator[OnSkippedTime]:
    """An installation on skipped time."""
    installation = OnSkippedTime(time_skipping.client, tmp_path, plan_code)
    installation.environment = time_skipping
    yield installation
    await installation.end()


@pytest.fixture
async def fast(dev_client: Client, tmp_path: Path, plan_code: str) -> AsyncIterator[InFastTime]:
    """An installation on the real server."""
    await end_workflows(dev_client, [dispatch_workflow_id(body) for body in BODIES])
    installation = InFastTime(dev_client, tmp_path, plan_code)
    yield installation
    await installation.end()


@pytest.fixture
async def on_either_database(
    dev_client: Client, tmp_path: Path, plan_code: str, database_url: str
) -> AsyncIterator[InFastTime]:
    """An installation on the real server, once with SQLite and once with PostgreSQL."""
    await end_workflows(dev_client, [dispatch_workflow_id(body) for body in BODIES])
    installation = InFastTime(dev_client, tmp_path, plan_code, database_url=database_url)
    yield installation
    await installation.end()
