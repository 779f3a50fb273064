"""A search attribute that an administrator removes under a running worker: tasks wait, and heal when it is back."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from google.protobuf.duration_pb2 import Duration
from temporalio.api.operatorservice.v1 import RemoveSearchAttributesRequest
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.service import RPCError

from duban.attributes import register_search_attributes
from duban.client import ConnectionFailed, connect
from duban.names import Attributes
from duban.server import DevServer
from tests.supervision.supervised import HANDLING
from tests.workflows.installation import InFastTime, eventually


@pytest.fixture
async def alone(dev_server: DevServer, dev_client: Client, tmp_path: Path, plan_code: str) -> AsyncIterator[InFastTime]:
    """An installation in a namespace of its own: what is removed from it nobody else misses."""
    name = f"alone-{plan_code.lower()}"
    kept = Duration(seconds=int(timedelta(days=1).total_seconds()))
    await dev_client.workflow_service.register_namespace(
        RegisterNamespaceRequest(namespace=name, workflow_execution_retention_period=kept)
    )
    installation: InFastTime | None = None
    async with asyncio.timeout(30):
        while installation is None:
            try:
                client = await connect(address=dev_server.address, namespace=name)
                await client.count_workflows()
                installation = InFastTime(client, tmp_path, plan_code)
            except (RPCError, ConnectionFailed):
                await asyncio.sleep(0.25)
    yield installation
    await installation.end()


async def test_it_holds_up_a_task_only_until_it_is_back(alone: InFastTime) -> None:
    await alone.issue(alone.task("2016-06-30"))
    await alone.recorded()
    before = alone.timeline()
    await alone.client.operator_service.remove_search_attributes(
        RemoveSearchAttributesRequest(namespace=alone.client.namespace, search_attributes=["TaskStatus"])
    )
    message = await alone.said(HANDLING)

    async def told(within: timedelta) -> str:
        try:
            answer = await alone.handle().execute_update("accept", message, id=message["id"], rpc_timeout=within)
        except (RPCError, WorkflowUpdateRPCTimeoutOrCancelledError) as error:
            return f"unanswered: {error}"
        return str(answer["text"])

    async def is_missed() -> bool:  # the server's own look at its attributes is some seconds old
        return (await told(timedelta(seconds=3))).startswith("unanswered") or len(alone.timeline()) > len(before)

    await eventually(is_missed)
    assert await register_search_attributes(alone.client) == ("TaskStatus",)

    async def is_accepted() -> bool:
        return not (await told(timedelta(seconds=10))).startswith("unanswered")

    await eventually(is_accepted, within=90)
    status = await alone.recorded()
    assert status.status == "accepted"
    alone.check_ledger()

    async def is_shown() -> bool:
        described = await alone.handle().describe()
        return described.typed_search_attributes.get(Attributes.TASK_STATUS) == "accepted"

    await eventually(is_shown)
