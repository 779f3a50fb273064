"""An old server, a namespace or search attribute that is missing: said at the start, and nothing is half done."""

import asyncio
import os
import sys
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from google.protobuf.duration_pb2 import Duration
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import (
    AddSearchAttributesRequest,
    ListSearchAttributesResponse,
)
from temporalio.api.workflowservice.v1 import (
    DescribeNamespaceResponse,
    GetSystemInfoResponse,
    RegisterNamespaceRequest,
    StartWorkflowExecutionResponse,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from duban.attributes import SearchAttributesUnusable, register_search_attributes
from duban.client import ConnectionFailed, connect
from duban.names import ALL_ATTRIBUTES
from duban.schedules import ensure_sweep
from duban.server import DevServer
from tests.server.frontend import frontend

ROOT = Path(__file__).resolve().parents[2]
KEPT = {key.name: IndexedValueType.ValueType(int(key.indexed_value_type)) for key in ALL_ATTRIBUTES}
PLAN = "编号,事项,牵头领导,牵头单位,配合单位,任务措施,成果形式,完成时限\nX-1,一项改革,张三,市财政局,,,文件,6月底\n"


def release(version: str) -> GetSystemInfoResponse:
    return GetSystemInfoResponse(server_version=version)


@pytest.mark.parametrize("version", ["1.24.2", "1.20.0", "0.31.1", "v1.24.9-rc.1", "1.9.0"])
async def test_a_server_that_is_too_old_is_refused_by_its_release(version: str) -> None:
    async with frontend(GetSystemInfo=release(version), DescribeNamespace=DescribeNamespaceResponse()) as old:
        with pytest.raises(ConnectionFailed, match=r"太旧，不能使用.*1\.25.*升级该服务器") as failure:
            await connect(address=old.address)
        assert version in str(failure.value)
        assert set(old.asked) == {"GetSystemInfo"}


async def test_what_cannot_even_tell_its_release_is_no_server_of_ours() -> None:
    async with frontend(DescribeNamespace=DescribeNamespaceResponse()) as old:
        with pytest.raises(ConnectionFailed, match="无法连接 Temporal 服务器"):
            await connect(address=old.address)


@pytest.mark.parametrize("version", ["1.25.0", "1.29.1", "v2.0", "", "cloud", "1"])
async def test_a_newer_one_and_one_that_keeps_it_to_itself_will_do(version: str) -> None:
    async with frontend(GetSystemInfo=release(version), DescribeNamespace=DescribeNamespaceResponse()) as server:
        assert (await connect(address=server.address)).namespace == "default"


async def test_where_we_may_neither_see_nor_add_attributes_the_administrator_gets_the_commands() -> None:
    answers = {"GetSystemInfo": release("1.29.1"), "DescribeNamespace": DescribeNamespaceResponse()}
    denied = RPCStatusCode.PERMISSION_DENIED
    async with frontend(**answers, ListSearchAttributes=denied) as server:
        with pytest.raises(SearchAttributesUnusable, match="我们无权登记搜索属性，请由管理员执行"):
            await register_search_attributes(await connect(address=server.address))
    listed = ListSearchAttributesResponse(custom_attributes={k: v for k, v in KEPT.items() if k != "DueAt"})
    async with frontend(**answers, ListSearchAttributes=listed, AddSearchAttributes=denied) as server:
        with pytest.raises(SearchAttributesUnusable) as refusal:
            await register_search_attributes(await connect(address=server.address))
    assert "search-attribute create --namespace default --name DueAt --type Datetime" in str(refusal.value)
    assert "PlanCode" not in str(refusal.value)


async def test_a_sweep_that_may_not_be_scheduled_is_refused_in_words() -> None:
    answers = {"GetSystemInfo": release("1.29.1"), "DescribeNamespace": DescribeNamespaceResponse()}
    async with frontend(**answers, CreateSchedule=RPCStatusCode.PERMISSION_DENIED) as server:
        client = await connect(address=server.address)
        with pytest.raises(ConnectionFailed, match="无法在 Temporal 服务器上建立补送计划"):
            await ensure_sweep(client, "q")


async def run(program: str, *arguments: object, home: Path, **variables: str) -> tuple[int | None, str, str]:
    """Run one of our programs to its end: exit code, what it printed, what it said on stderr."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        str(ROOT / program),
        *map(str, arguments),
        env={**os.environ, "DUBAN_HOME": str(home), **variables},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        out, err = await asyncio.wait_for(child.communicate(), 60)
    finally:
        if child.returncode is None:
            child.kill()
    return child.returncode, out.decode(), err.decode()


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    file = tmp_path / "plan.csv"
    file.write_text(PLAN, encoding="utf-8")
    return file


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def issue(plan: Path) -> tuple[object, ...]:
    return ("issue", plan, "--code", "X", "--issued-on", "2026-03-02", "--open-ended-report", "quarterly")


@pytest.mark.parametrize("version", ["1.24.2", "1.29.1"])
async def test_on_a_server_that_will_not_do_no_program_leaves_anything_behind(
    plan: Path, home: Path, version: str
) -> None:
    """Too old, or without the attributes and without the right to add them."""
    async with frontend(
        GetSystemInfo=release(version),
        DescribeNamespace=DescribeNamespaceResponse(),
        ListSearchAttributes=ListSearchAttributesResponse(),
        AddSearchAttributes=RPCStatusCode.PERMISSION_DENIED,
        StartWorkflowExecution=StartWorkflowExecutionResponse(),
    ) as server:
        why = "太旧" if version == "1.24.2" else "无法登记搜索属性"
        for program, arguments in (("starter.py", issue(plan)), ("worker.py", ())):
            code, out, err = await run(program, *arguments, home=home, TEMPORAL_ADDRESS=server.address)
            assert (code, out) == (1, "")
            assert why in err
            assert "Traceback" not in err
        assert not (home / "duban.db").exists()
        assert not {"StartWorkflowExecution", "CreateSchedule", "PollWorkflowTaskQueue"} & set(server.asked)


async def test_without_its_namespace_no_program_leaves_anything_behind(
    dev_server: DevServer, plan: Path, home: Path
) -> None:
    named = {"TEMPORAL_ADDRESS": dev_server.address, "TEMPORAL_NAMESPACE": "nowhere"}
    for program, arguments in (("starter.py", issue(plan)), ("worker.py", ())):
        code, out, err = await run(program, *arguments, home=home, **named)
        assert (code, out) == (1, "")
        assert "没有命名空间“nowhere”" in err
        assert "Traceback" not in err
    assert not (home / "duban.db").exists()


@pytest.fixture
async def fresh(dev_server: DevServer, dev_client: Client) -> Client:
    """A client of a namespace of the test's own."""
    name = f"will-not-do-{uuid4().hex[:8]}"
    kept = Duration(seconds=int(timedelta(days=1).total_seconds()))
    await dev_client.workflow_service.register_namespace(
        RegisterNamespaceRequest(namespace=name, workflow_execution_retention_period=kept)
    )
    async with asyncio.timeout(30):
        while True:
            try:
                client = await connect(address=dev_server.address, namespace=name)
                await client.count_workflows()
            except (RPCError, ConnectionFailed):
                await asyncio.sleep(0.25)
            else:
                return client


async def test_with_an_attribute_of_another_type_no_program_leaves_anything_behind(
    fresh: Client, dev_server: DevServer, plan: Path, home: Path
) -> None:
    await fresh.operator_service.add_search_attributes(
        AddSearchAttributesRequest(
            namespace=fresh.namespace, search_attributes={"DueAt": IndexedValueType.INDEXED_VALUE_TYPE_INT}
        )
    )
    named = {"TEMPORAL_ADDRESS": dev_server.address, "TEMPORAL_NAMESPACE": fresh.namespace}
    for program, arguments in (("starter.py", issue(plan)), ("worker.py", ())):
        code, out, err = await run(program, *arguments, home=home, **named)
        assert (code, out) == (1, "")
        assert "DueAt 应为 Datetime，现为 Int" in err
    assert not (home / "duban.db").exists()
    assert [workflow.id async for workflow in fresh.list_workflows()] == []
