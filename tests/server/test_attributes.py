"""The search attributes are there before the first workflow starts, on every server."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from google.protobuf.duration_pb2 import Duration
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client
from temporalio.common import SearchAttributePair, TypedSearchAttributes
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment

from duban.attributes import SearchAttributesUnusable, register_search_attributes
from duban.client import connect
from duban.names import ALL_ATTRIBUTES, Attributes
from duban.server import DevServer

NAMES = tuple(key.name for key in ALL_ATTRIBUTES)


@pytest.fixture
async def fresh(dev_server: DevServer, dev_client: Client) -> Client:
    """A client of a namespace without any search attribute of ours."""
    name = f"attributes-{uuid4().hex[:8]}"
    request = RegisterNamespaceRequest(
        namespace=name, workflow_execution_retention_period=Duration(seconds=int(timedelta(days=1).total_seconds()))
    )
    await dev_client.workflow_service.register_namespace(request)
    # Its cache of namespaces is what a server asks for an attribute's name, and is some seconds behind.
    async with asyncio.timeout(30):
        while True:
            try:
                client = await connect(address=dev_server.address, namespace=name)
                await client.count_workflows()
            except RPCError:
                await asyncio.sleep(0.25)
            else:
                return client


async def _listed(client: Client) -> dict[str, str]:
    listed = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace)
    )
    return {name: IndexedValueType.Name(kind) for name, kind in listed.custom_attributes.items()}


async def _add(client: Client, **kinds: IndexedValueType.ValueType) -> None:
    request = AddSearchAttributesRequest(namespace=client.namespace, search_attributes=kinds)
    await client.operator_service.add_search_attributes(request)


async def _starts_with_attributes(client: Client) -> bool:
    handle = await client.start_workflow(
        "Nothing",
        id=f"nothing-{uuid4().hex}",
        task_queue="nobody-polls",
        search_attributes=TypedSearchAttributes(
            [
                SearchAttributePair(Attributes.PLAN_CODE, "KM"),
                SearchAttributePair(Attributes.LIST_KINDS, ["annual", "key"]),
                SearchAttributePair(Attributes.BEHIND_SINCE, datetime(2016, 6, 30, tzinfo=UTC)),
            ]
        ),
        rpc_timeout=timedelta(seconds=10),
    )
    await handle.terminate()
    return True


async def test_all_are_registered_with_their_types(fresh: Client) -> None:
    assert await register_search_attributes(fresh) == NAMES
    assert await _listed(fresh) == {
        key.name: IndexedValueType.Name(IndexedValueType.ValueType(int(key.indexed_value_type)))
        for key in ALL_ATTRIBUTES
    }


async def test_a_workflow_starts_with_them_at_once(fresh: Client) -> None:
    await register_search_attributes(fresh)
    assert await _starts_with_attributes(fresh)


async def test_registering_again_changes_nothing(fresh: Client) -> None:
    await register_search_attributes(fresh)
    before = await _listed(fresh)
    assert await register_search_attributes(fresh) == ()
    assert await _listed(fresh) == before


async def test_only_what_is_missing_is_added(fresh: Client) -> None:
    await _add(fresh, PlanCode=IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD)
    assert set(await register_search_attributes(fresh)) == set(NAMES) - {"PlanCode"}


async def test_workers_that_start_together_all_find_them(fresh: Client) -> None:
    await asyncio.gather(*(register_search_attributes(fresh) for _ in range(5)))
    assert set(await _listed(fresh)) == set(NAMES)


async def test_an_attribute_of_another_type_under_our_name_is_named_with_both_types(fresh: Client) -> None:
    await _add(fresh, PlanCode=IndexedValueType.INDEXED_VALUE_TYPE_INT)
    with pytest.raises(SearchAttributesUnusable, match="PlanCode 应为 Keyword，现为 Int"):
        await register_search_attributes(fresh)
    assert set(await _listed(fresh)) == {"PlanCode"}


async def test_where_there_is_no_room_for_more_the_administrator_gets_the_commands(fresh: Client) -> None:
    await _add(fresh, Other=IndexedValueType.INDEXED_VALUE_TYPE_DATETIME)
    with pytest.raises(SearchAttributesUnusable, match="服务器不接受更多搜索属性") as refusal:
        await register_search_attributes(fresh)
    command = f"search-attribute create --namespace {fresh.namespace} --name ListKinds --type KeywordList"
    assert command in str(refusal.value)


async def test_the_time_skipping_server_which_cannot_list_them_takes_them_as_often_as_asked(
    time_skipping: WorkflowEnvironment,
) -> None:
    client = time_skipping.client
    await register_search_attributes(client)
    assert await register_search_attributes(client) == ()
    assert await _starts_with_attributes(client)
