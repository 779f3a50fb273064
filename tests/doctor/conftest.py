"""An installation that is well, and what the doctor says of it once something is broken."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest
from google.protobuf.duration_pb2 import Duration
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError

from duban.attributes import SearchAttributesUnusable, register_search_attributes
from duban.client import ConnectionFailed, connect
from duban.commands.connecting import connect_to_server
from duban.commands.reasons import reason_of
from duban.doctor import CHECKS, Finding, State, examine
from duban.ledger import Ledger, migrate
from duban.server import DevServer
from duban.settings import load_settings
from tests.ledger.building import batch, entry, plan, register, task

Findings = Mapping[str, Finding]
Doctor = Callable[..., Awaitable[Findings]]
TEN_YEARS = timedelta(days=3653)
PATIENCE = 90.0
CONNECTED_WITHIN = timedelta(seconds=3)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of the test's own, as `serve` makes it."""
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("DUBAN_HOME", str(folder))
    return folder


@pytest.fixture
def doctor(home: Path) -> Doctor:
    """Looks at the installation that the environment names; only at some things where they are named."""
    assert home.is_dir()

    async def look(*names: str, within: float = 20.0) -> Findings:
        checks = tuple(check for check in CHECKS if not names or check.name in names)
        assert len(checks) == (len(names) or len(CHECKS))
        connecting = partial(connect_to_server, within=CONNECTED_WITHIN)
        found = await examine(connecting, reason_of, checks=checks, within=within)
        return {finding.check: finding for finding in found}

    return look


@pytest.fixture
async def namespace(dev_server: DevServer, dev_client: Client, monkeypatch: pytest.MonkeyPatch) -> str:
    """A namespace of the test's own, empty, that keeps closed workflows for ten years."""
    name = f"n{uuid4().hex[:8]}"
    kept = Duration()
    kept.FromTimedelta(TEN_YEARS)
    await dev_client.workflow_service.register_namespace(
        RegisterNamespaceRequest(namespace=name, workflow_execution_retention_period=kept)
    )
    monkeypatch.setenv("TEMPORAL_ADDRESS", dev_server.address)
    monkeypatch.setenv("TEMPORAL_NAMESPACE", name)
    return name


@pytest.fixture
async def client(namespace: str) -> Client:
    """A client of that namespace, once the server's parts have all heard of it, which takes seconds."""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                known = await connect(namespace=namespace)
                await known.count_workflows()
            except (ConnectionFailed, RPCError):
                await asyncio.sleep(0.2)
            else:
                return known


@pytest.fixture
async def registered(client: Client) -> Client:
    """The same, with our search attributes."""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                await register_search_attributes(client)
            except SearchAttributesUnusable:
                await asyncio.sleep(0.5)
            else:
                return client


@pytest.fixture
async def ledger(home: Path) -> AsyncIterator[Ledger]:
    """A ledger with a plan of three tasks."""
    url = load_settings().database_url
    assert str(home) in url
    migrate(url)
    door = Ledger.open(url)
    try:
        register(door, plan(*(task(f"P-{number}") for number in (1, 2, 3))), [])
        for number in (1, 2, 3):
            door.tasks.record(batch(f"P-{number}", entry(2), status="assigned"))
        yield door
    finally:
        door.close()


def states(found: Findings) -> dict[str, State]:
    """How each thing is."""
    return {name: finding.state for name, finding in found.items()}


def not_well(found: Findings) -> dict[str, State]:
    """What is not well."""
    return {name: state for name, state in states(found).items() if state is not State.OK}
