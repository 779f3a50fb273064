"""Who does the work: nobody, somebody else, too few, in vain."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.worker import UnsandboxedWorkflowRunner, Worker, WorkerDeploymentConfig

from duban import standstill
from duban.doctor import State, workers
from duban.names import DEPLOYMENT
from duban.rollout import make_current
from duban.settings import load_settings
from tests.doctor.conftest import Doctor
from tests.workflows.installation import eventually


@workflow.defn(name="Idle")
class Idle:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("fail", start_to_close_timeout=timedelta(seconds=10))


@activity.defn(name="fail")
async def fail() -> None:
    raise RuntimeError("台账写不进去")


@asynccontextmanager
async def _working(client: Client, build_id: str | None = None) -> AsyncIterator[None]:
    """A worker that polls until the block ends."""
    config = build_id and WorkerDeploymentConfig(
        version=WorkerDeploymentVersion(deployment_name=DEPLOYMENT, build_id=build_id),
        use_worker_versioning=True,
        default_versioning_behavior=VersioningBehavior.AUTO_UPGRADE,
    )
    async with Worker(
        client,
        task_queue=load_settings().task_queue,
        workflows=[Idle],
        activities=[fail],
        deployment_config=config or None,
        workflow_runner=UnsandboxedWorkflowRunner(),  # its sandbox would load this module with all that it imports
    ):
        yield


async def _until(doctor: Doctor, name: str, state: State) -> str:
    """What is said once a thing is so: the server notes polls when they are made."""
    told = ""

    async def is_so() -> bool:
        nonlocal told
        found = (await doctor(name))[name]
        told = f"{found.detail}\n{found.remedy}"
        return found.state is state

    await eventually(is_so, within=60)
    return told


async def test_without_a_worker_nothing_happens_and_that_is_said(doctor: Doctor, client: Client) -> None:
    assert client.namespace
    found = (await doctor("workers"))["workers"]
    assert found.state is State.FAULT
    assert "worker.py" in found.remedy


async def test_a_worker_that_answers_for_workflows_and_not_for_activities_is_told(
    doctor: Doctor, client: Client
) -> None:
    queue = load_settings().task_queue
    async with Worker(client, task_queue=queue, workflows=[Idle], workflow_runner=UnsandboxedWorkflowRunner()):
        while "只有人领取工作流任务" not in await _until(doctor, "workers", State.FAULT):
            pass


async def test_a_worker_that_polls_is_seen(doctor: Doctor, client: Client) -> None:
    async with _working(client):
        assert "1 个" in await _until(doctor, "workers", State.OK)


async def test_workers_that_get_nothing_are_named_with_the_command(
    doctor: Doctor, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with _working(client, "r1"):
        told = await _until(doctor, "workers", State.FAULT)
        while "得不到任务" not in told:
            told = await _until(doctor, "workers", State.FAULT)
        assert "starter.py release current" in told
        await _until(doctor, "release", State.WARNING)  # it runs, and is not current

        await make_current(client, "r1")
        await _until(doctor, "workers", State.OK)
        beside = await _until(doctor, "release", State.WARNING)  # this machine has no build id
        assert "DUBAN_BUILD_ID" in beside
        monkeypatch.setenv("DUBAN_BUILD_ID", "r1")
        assert "版本 r1" in await _until(doctor, "release", State.OK)


async def test_what_no_worker_takes_is_counted_and_stands_still(
    doctor: Doctor, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "LONG_QUEUE", 0)
    monkeypatch.setattr(standstill, "UNCLAIMED_FOR", timedelta())  # a minute
    handle = await client.start_workflow("Idle", id="doctor-idle", task_queue=load_settings().task_queue)
    try:
        assert "1 件" in await _until(doctor, "backlog", State.WARNING)
        assert "doctor-idle" in await _until(doctor, "stuck", State.FAULT)
    finally:
        await handle.terminate()


async def test_a_step_that_fails_again_and_again_is_named(doctor: Doctor, client: Client) -> None:
    async with _working(client):
        handle = await client.start_workflow("Idle", id="doctor-failing", task_queue=load_settings().task_queue)
        try:
            told = await _until(doctor, "stuck", State.FAULT)
        finally:
            await handle.terminate()
    assert "doctor-failing" in told
    assert "starter.py stuck" in told
