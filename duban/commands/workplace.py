"""Server, worker and client on one machine, for as long as a block runs.

Nothing is restarted silently: where the worker dies, the one who waits for it is told why.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from temporalio.client import Client
from temporalio.service import RPCError

from duban.client import connect
from duban.commands.connecting import Serving, announced
from duban.commands.worker_child import WorkerChild
from duban.deployment import UNVERSIONED, Standing, deployment_of
from duban.ledger import migrate
from duban.rollout import make_current
from duban.server import RunningServer, Say, ServerError, keep_closed_workflows, running_server, say_on_stderr
from duban.settings import Settings

KEPT_FOR = timedelta(days=3653)
"""Ten years, real time: until then a struck-off task's workflow ID is not free again and its history can be read."""


@dataclass(frozen=True)
class Workplace:
    """A server that answers, a worker that polls it, and a client of our own.

    Attributes:
        worker: Ends before the server does.
    """

    server: RunningServer
    client: Client
    worker: WorkerChild

    async def ended(self) -> None:
        """Waits for as long as both run.

        Raises:
            WorkerStopped: The worker has ended by itself.
            ServerError: The server has, where it is our own.
        """
        children = [asyncio.create_task(self.worker.ended())]
        if self.server.own is not None:
            children.append(asyncio.create_task(self.server.own.ended()))
        try:
            done, _ = await asyncio.wait(children, return_when=asyncio.FIRST_COMPLETED)
            for child in done:
                await child
        finally:
            for child in children:
                child.cancel()
            await asyncio.gather(*children, return_exceptions=True)


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
    migrate(settings.database_url, plaintext_hosts=settings.plaintext_host_names)
    async with running_server(settings, ui=ui, db_file=db_file, port=port, ui_port=ui_port, say=say) as server:
        client = await connect(server.connect_config)
        await _keep_closed_workflows(client, server, say)
        say("启动工作进程（几秒钟）……")
        async with WorkerChild(settings, server, client) as worker:
            await _give_it_the_work(settings, server, client, say)
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


async def _give_it_the_work(settings: Settings, server: RunningServer, client: Client, say: Say) -> None:
    """A worker that is not of the current release gets nothing to do; nor does one without a build id beside it.

    Raises:
        DeploymentRefused: The server refuses.
    """
    if settings.build_id is not None:
        await make_current(client, settings.build_id)
        return
    with suppress(RPCError):  # a server that knows no deployments has none that is current
        current = (await deployment_of(client)).current
        if current == UNVERSIONED:
            return
        if server.own is not None:
            await make_current(client, UNVERSIONED)
        else:
            say(f"注意：{Standing.WAITING.words(UNVERSIONED)}（当前版本：{current}）。")
