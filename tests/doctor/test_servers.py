"""The Temporal server and what is registered with it, each broken in turn."""

import asyncio
import socket
from datetime import datetime as real_datetime
from datetime import timedelta
from typing import Any

import pytest
from google.protobuf.duration_pb2 import Duration
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import UpdateNamespaceRequest
from temporalio.client import Client

from duban.doctor import State, clocks
from duban.names import SWEEP_SCHEDULE
from duban.schedules import ensure_sweep
from duban.settings import load_settings
from tests.doctor.conftest import PATIENCE, Doctor, not_well
from tests.notices.gateway import closed_port

OF_THE_SERVER = ("server", "namespace", "attributes", "sweep", "workers", "release", "backlog", "stuck", "server_clock")


async def test_without_a_server_one_line_says_so_and_the_others_say_that_they_were_not_examined(doctor: Doctor) -> None:
    found = await doctor()
    assert found["server"].state is State.FAULT
    assert "starter.py serve" in found["server"].detail
    assert {found[name].state for name in OF_THE_SERVER[1:]} == {State.UNEXAMINED}
    assert {found[name].state for name in ("settings", "home", "disk", "channel", "regimes")} == {State.OK}


async def test_a_server_that_refuses_connections_is_named(doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    address = f"127.0.0.1:{closed_port()}"
    monkeypatch.setenv("TEMPORAL_ADDRESS", address)
    found = await doctor("server", "database")
    assert not_well(found) == {"server": State.FAULT, "database": State.WARNING}
    assert address in found["server"].detail


async def test_a_server_that_takes_connections_and_says_nothing_holds_up_nobody(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("TEMPORAL_ADDRESS", f"127.0.0.1:{silent.getsockname()[1]}")
        found = await doctor("server", "calendar")
    assert not_well(found) == {"server": State.FAULT}


async def test_a_server_elsewhere_without_tls_is_refused_with_the_setting(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", "temporal.example.test:7233")
    assert "TEMPORAL_TLS=true" in (await doctor("server"))["server"].detail


async def test_a_profile_that_is_missing_is_named(doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_PROFILE", "office")
    found = (await doctor("server"))["server"]
    assert found.state is State.FAULT
    assert "TEMPORAL_PROFILE" in found.detail


async def test_a_namespace_that_is_missing_is_named(
    doctor: Doctor, namespace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEMPORAL_NAMESPACE", f"not-{namespace}")
    found = (await doctor("server"))["server"]
    assert found.state is State.FAULT
    assert f"not-{namespace}" in found.detail
    assert "TEMPORAL_NAMESPACE" in found.detail


@pytest.mark.parametrize(("days", "state"), [(3, State.FAULT), (90, State.WARNING), (3653, State.OK)])
async def test_a_namespace_that_forgets_too_soon_is_told_with_the_command(
    doctor: Doctor, client: Client, days: int, state: State
) -> None:
    kept = Duration()
    kept.FromTimedelta(timedelta(days=days))
    await client.workflow_service.update_namespace(
        UpdateNamespaceRequest(
            namespace=client.namespace, config=NamespaceConfig(workflow_execution_retention_ttl=kept)
        )
    )
    found = (await doctor("namespace"))["namespace"]
    assert found.state is state
    assert ("--retention 87648h" in found.remedy) is (state is not State.OK)


async def test_attributes_that_are_not_registered_are_named(doctor: Doctor, client: Client) -> None:
    assert client.namespace
    found = (await doctor("attributes"))["attributes"]
    assert found.state is State.FAULT
    assert "PlanCode" in found.detail
    assert "worker.py" in found.remedy


async def test_an_attribute_of_another_type_is_named(doctor: Doctor, client: Client) -> None:
    await _add(client, {"PlanCode": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD_LIST})
    found = (await doctor("attributes"))["attributes"]
    assert found.state is State.FAULT
    assert "PlanCode 应为 Keyword，现为 KeywordList" in found.detail


async def test_attributes_for_which_there_is_no_room_are_named(doctor: Doctor, client: Client) -> None:
    await _add(client, {f"Other{n}": IndexedValueType.INDEXED_VALUE_TYPE_DATETIME for n in (1, 2)})
    found = (await doctor("attributes"))["attributes"]
    assert found.state is State.FAULT
    assert "已没有名额" in found.detail
    assert "TEMPORAL_NAMESPACE" in found.remedy


async def test_a_sweep_that_is_missing_or_paused_is_told_with_the_command(doctor: Doctor, client: Client) -> None:
    missing = (await doctor("sweep"))["sweep"]
    await ensure_sweep(client, load_settings().task_queue)
    handle = client.get_schedule_handle(SWEEP_SCHEDULE)
    try:
        await handle.pause(note="盘库")
        paused = (await doctor("sweep"))["sweep"]
        await handle.unpause()
        well = (await doctor("sweep"))["sweep"]
    finally:
        await handle.delete()

    assert [missing.state, paused.state, well.state] == [State.FAULT, State.FAULT, State.OK]
    assert "盘库" in paused.detail
    assert "--unpause" in paused.remedy


@pytest.mark.parametrize(
    ("ahead", "state", "words"),
    [
        (timedelta(minutes=5), State.FAULT, "快 300 秒"),
        (-timedelta(seconds=20), State.WARNING, "慢 "),
        (timedelta(), State.OK, "一致"),
    ],
)
async def test_a_clock_that_is_wrong_is_told_with_the_seconds(
    doctor: Doctor, client: Client, monkeypatch: pytest.MonkeyPatch, ahead: timedelta, state: State, words: str
) -> None:
    assert client.namespace

    class Wrong:
        @staticmethod
        def now(zone: Any) -> real_datetime:
            return real_datetime.now(zone) + ahead

    monkeypatch.setattr(clocks, "datetime", Wrong)
    found = (await doctor("server_clock"))["server_clock"]
    assert found.state is state
    assert words in found.detail


async def _add(client: Client, attributes: dict[str, IndexedValueType.ValueType]) -> None:
    """Add attributes and wait until they are listed."""
    listing = ListSearchAttributesRequest(namespace=client.namespace)
    request = AddSearchAttributesRequest(namespace=client.namespace, search_attributes=attributes)
    async with asyncio.timeout(PATIENCE):
        await client.operator_service.add_search_attributes(request)
        while True:
            listed = await client.operator_service.list_search_attributes(listing)
            if attributes.keys() <= listed.custom_attributes.keys():
                return
            await asyncio.sleep(0.2)
