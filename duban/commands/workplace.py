"""Server, worker and client on one machine, for as long as a block runs.

Nothing is restarted silently: where the worker dies, the one who waits for it is told why.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from temporalio.api.workflowservice.v1 import SetWorkerDeploymentCurrentVersionRequest
from temporalio.client import Client
from temporalio.service import RPCError

from duban.client import connect
from duban.commands.connecting import Serving, announced
from duban.commands.worker_child import WorkerChild
from duban.ledger import migrate
from duban.names import DEPLOYMENT
from duban.server import RunningServer, Say, ServerError, keep_closed_workflows, running_server, say_on_stderr
from duban.settings import Settings

KEPT_FOR = timedelta(days=3653)
"""Ten years, real time: until then a struck-off task's workflow ID is not free again and its history can be read."""


@dataclass(frozen=True)
class Workplace:
    """A server that answers, a worker that polls it, and a client of our own.

    Attributes:
        worker: Ends before the server does; `worker.ended()` raises when it stops by itself.
    """

    server: RunningServer
    client: Client
    worker: WorkerChild


@asynccontextmanager
async def workplace(
    settings: Settings,
    *,
    ui: bool = False,
    db_file: Path | None = None,
    port: int | None = None,
    ui_port: int | None = None,
    say: Say = say_on_stderr,
) -> AsyncIterator[Workplace]:
    """Gives a server with a worker that polls it; stops the worker first, then the server where it is our own.

    While the block runs, other commands with the same `home` find the server without any setting.

    Args:
        settings: Database, home, task queue and channel, for this process and for the worker.
        ui: Whether a server of our own has its Web UI.
        db_file: The state of a server of our own; in memory unless given.
        port: Port of a server of our own; a free one unless given.
        ui_port: Port of its Web UI; a free one unless given.
        say: Hears what is done and how long it may take.

    Raises:
        ServerError: No server can be had, or the worker does not start.
        ConnectionFailed: The server does not answer.
        LedgerUnavailable: The database cannot be reached.
    """
    migrate(settings.database_url)
    async with running_server(settings, ui=ui, db_file=db_file, port=port, ui_port=ui_port, say=say) as server:
        client = await connect(server.connect_config)
        await _keep_closed_workflows(client, server, say)
        say("启动工作进程（几秒钟）……")
        async with WorkerChild(settings, server, client) as worker:
            if settings.build_id is not None:
                await _make_current(client, settings.build_id)
            # One that the environment names is found by its name, with the credentials that belong to it.
            here = Serving(address=server.address, namespace=server.namespace) if server.own else None
            with announced(settings, here) if here else nullcontext():
                try:
                    yield Workplace(server, client, worker)
                finally:
                    say("正在停止工作进程（等它做完手头的事）……")


async def _keep_closed_workflows(client: Client, server: RunningServer, say: Say) -> None:
    try:
        await keep_closed_workflows(client, KEPT_FOR)
    except ServerError as refusal:
        if server.own is not None:
            raise
        # On a server that others administer it is theirs to decide; the ledger still knows every task.
        say(f"注意：{refusal}")


async def _make_current(client: Client, build_id: str) -> None:
    """Without a current version a versioned worker gets nothing to do, and says nothing about it.

    Raises:
        ServerError: The server refuses.
    """
    request = SetWorkerDeploymentCurrentVersionRequest(
        namespace=client.namespace, deployment_name=DEPLOYMENT, build_id=build_id, identity=client.identity
    )
    try:
        await client.workflow_service.set_worker_deployment_current_version(request)
    except RPCError as error:
        raise ServerError(
            f"无法把工作进程的版本 {build_id} 设为当前版本（{error.status.name}：{error.message}）。"
            "请由管理员设置，或去掉 DUBAN_BUILD_ID。"
        ) from error
