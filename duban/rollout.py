"""Gives the work to a release, or a share of it, or takes it back: the routing of the worker deployment, set.

A roll-out and a roll-back are the same act. Nothing is lost by either: what a release cannot do is tried again by the
one that is current then.
"""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic

from temporalio.api.workflowservice.v1 import (
    SetWorkerDeploymentCurrentVersionRequest,
    SetWorkerDeploymentRampingVersionRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from duban.deployment import UNVERSIONED, release_words
from duban.names import DEPLOYMENT
from duban.server import ServerError

SETTLES_WITHIN_SECONDS = 15.0
"""A worker that has just started is known to the server a little later than it polls."""
AGAIN_SECONDS = 0.5
_NOT_YET = (RPCStatusCode.NOT_FOUND, RPCStatusCode.FAILED_PRECONDITION)
"""No such version, or one without all its task queues; for good as well, where the build id is mistyped."""


class DeploymentRefused(ServerError):
    """The server does not give the work to that release; the text says why and what to do, in Chinese."""


async def make_current(client: Client, build_id: str) -> None:
    """Gives all the work to one release; a ramp, whosever it is, ends with it.

    Args:
        build_id: Empty: workers without a build id.

    Raises:
        DeploymentRefused: The server knows no such release, or refuses.
    """
    request = SetWorkerDeploymentCurrentVersionRequest(
        namespace=client.namespace, deployment_name=DEPLOYMENT, build_id=build_id, identity=client.identity
    )
    try:
        await _settled(lambda: client.workflow_service.set_worker_deployment_current_version(request))
    except RPCError as error:
        raise _refusal(f"无法把工作交给{release_words(build_id)}", error) from error
    await _end_ramp(client)


async def ramp(client: Client, build_id: str, share: float) -> None:
    """Gives one release a share of the tasks, the same ones each time.

    Args:
        share: Percent; 0 takes it all back.

    Raises:
        DeploymentRefused: The server knows no such release, it is current already, or the server refuses.
    """
    if share == 0:
        await _end_ramp(client)
        return
    try:
        await _settled(lambda: _set_ramp(client, build_id, share))
    except RPCError as error:
        raise _refusal(f"无法试运行{release_words(build_id)}", error) from error


async def _end_ramp(client: Client) -> None:
    try:
        await _set_ramp(client, UNVERSIONED, 0)
    except RPCError as error:
        # Where nothing was ever deployed there is no ramp to end.
        if error.status not in (RPCStatusCode.NOT_FOUND, RPCStatusCode.FAILED_PRECONDITION):
            raise _refusal("无法结束试运行", error) from error


async def _set_ramp(client: Client, build_id: str, share: float) -> None:
    await client.workflow_service.set_worker_deployment_ramping_version(
        SetWorkerDeploymentRampingVersionRequest(
            namespace=client.namespace,
            deployment_name=DEPLOYMENT,
            build_id=build_id,
            percentage=share,
            identity=client.identity,
        )
    )


async def _settled(ask: Callable[[], Awaitable[object]]) -> None:
    """Asks again for a while: of a worker that has just started the server does not know every task queue at once."""
    given_up = monotonic() + SETTLES_WITHIN_SECONDS
    while True:
        try:
            await ask()
        except RPCError as error:
            if error.status not in _NOT_YET or monotonic() >= given_up:
                raise
        else:
            return
        await asyncio.sleep(AGAIN_SECONDS)


def _refusal(what: str, error: RPCError) -> DeploymentRefused:
    match error.status:
        case RPCStatusCode.NOT_FOUND:
            return DeploymentRefused(
                f"{what}：服务器上没有这个版本。请核对版本号（starter.py release），"
                "并先启动该版本的工作进程（DUBAN_BUILD_ID）。"
            )
        case RPCStatusCode.FAILED_PRECONDITION:
            return DeploymentRefused(
                f"{what}（{error.message}）。请确认该版本的工作进程正在运行且使用同一个 DUBAN_TASK_QUEUE，然后再试。"
            )
        case RPCStatusCode.UNIMPLEMENTED:
            return DeploymentRefused(
                f"{what}：这台 Temporal 服务器不支持版本管理。请升级服务器，或去掉 DUBAN_BUILD_ID。"
            )
        case _:
            return DeploymentRefused(
                f"{what}（{error.status.name}：{error.message}）。请由服务器管理员设置，或去掉 DUBAN_BUILD_ID。"
            )
