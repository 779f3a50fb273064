"""A house under trial: server, worker, ledger and gateway, each a process of its own that can be killed.

All of them listen on the loopback address only. What happens to them is told, so that a failure shows it.
"""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any, Protocol

from sqlalchemy import func, select
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError

from duban.client import connect
from duban.commands.connecting import Serving
from duban.commands.worker_child import WORKER, environment_beside
from duban.ledger import Ledger, LedgerUnavailable, migrate
from duban.ledger.database.engine import reading
from duban.ledger.tables.notice_tables import IS_PENDING, IS_UNFINISHED, DeliveryTable, NoticeTable
from duban.settings import LogFormat, NoticeChannel, Settings, load_settings
from tests.faults.gateway import Seen
from tests.faults.processes import Child, GatewayChild

SECRET = "whsec_ZmF1bHRzIGFyZSB0cmllZCBoZXJlLCBub3QgYXJndWVk"
TASK_QUEUE = "faults"
NAMESPACE = "default"
GATEWAY_WITHIN = 2.0
"""Seconds that the worker waits for the gateway; half a minute later an attempt without an end counts as lost."""
POLLS_WITHIN = 180.0


class Server(Protocol):
    """A Temporal server that can be killed: the development server on its file, or a cluster on PostgreSQL."""

    @property
    def address(self) -> str:
        """Host and port; the same after every start."""
        ...

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        ...

    async def start(self) -> None:
        """Start it and wait until it answers."""
        ...

    async def stop(self) -> None:
        """Stop it."""
        ...


@dataclass
class Story:
    """What happened in a trial, with the seconds since its beginning."""

    began: float = field(default_factory=time.monotonic)
    lines: list[str] = field(default_factory=list)

    def tell(self, what: str) -> None:
        """Note something."""
        self.lines.append(f"{time.monotonic() - self.began:8.2f} s  {what}")


class House:
    """One installation.

    Attributes:
        ledger: Opened by the suite, beside the worker's own.
    """

    def __init__(
        self, home: Path, server: Server, story: Story, settings: Settings, gateway: GatewayChild, client: Client
    ) -> None:
        self.home, self.server, self.story = home, server, story
        self.settings, self.gateway, self.client = settings, gateway, client
        self.ledger = Ledger.open(settings.database_url)
        self.worker = self.another_worker("worker")

    def another_worker(self, name: str) -> Child:
        """A worker on another machine: the same settings, a process of its own."""
        serving = Serving(address=self.server.address, namespace=NAMESPACE)
        environment = environment_beside(self.settings, serving)
        return Child([sys.executable, str(WORKER)], environment, self.home / f"{name}.log")

    # What is done to it

    async def work(self, worker: Child | None = None, *, limits: tuple[str, ...] = ()) -> None:
        """Start the worker and wait until it polls; one that ends because something is away is started again."""
        child = worker or self.worker
        async with asyncio.timeout(POLLS_WITHIN):
            while not await self._polls(child):
                if child.pid is None:
                    await child.start(limits=limits)
                await asyncio.sleep(0.1)
        self.story.tell(f"worker {child.pid} works")

    async def kill_worker(self, worker: Child | None = None) -> None:
        """SIGKILL."""
        child = worker or self.worker
        self.story.tell(f"worker {child.pid} is killed")
        await child.kill()

    async def kill_server(self, *, away: float = 0.0) -> None:
        """SIGKILL, and start it again on what it had written."""
        self.story.tell(f"server {self.server.pid} is killed")
        assert self.server.pid is not None
        os.kill(self.server.pid, signal.SIGKILL)
        await until(self._server_is_gone)
        await asyncio.sleep(away)
        await self.server.start()
        self.story.tell(f"server {self.server.pid} answers again")

    async def _server_is_gone(self) -> bool:
        return self.server.pid is None

    async def _polls(self, child: Child) -> bool:
        """Whether the server has seen a poll of this very process."""
        if child.pid is None:
            return False
        try:
            described = await self.client.workflow_service.describe_task_queue(
                DescribeTaskQueueRequest(
                    namespace=NAMESPACE,
                    task_queue=TaskQueue(name=TASK_QUEUE),
                    task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
                )
            )
        except RPCError:
            return False
        return any(poller.identity.startswith(f"{child.pid}@") for poller in described.pollers)

    # What is seen of it

    def is_closed(self, task_code: str) -> bool:
        """Whether the ledger has the task's end."""
        row = self.ledger.rows.task_row(task_code, datetime.now(UTC))
        return row is not None and row.closed_at is not None

    def seen(self) -> tuple[Seen, ...]:
        """What the gateway saw."""
        return self.gateway.seen()

    def undelivered(self) -> int | None:
        """Notices and messages without an end; None while the ledger cannot be read."""
        notices = select(func.count()).select_from(NoticeTable).where(IS_PENDING)
        messages = select(func.count()).select_from(DeliveryTable).where(IS_UNFINISHED)
        try:
            with reading(self.ledger.engine) as connection:
                return (connection.scalar(notices) or 0) + (connection.scalar(messages) or 0)
        except LedgerUnavailable:
            return None


@asynccontextmanager
async def opened(
    home: Path, server: Server, story: Story, *, database_url: str | None = None, **more: Any
) -> AsyncIterator[House]:
    """A house whose server, ledger and gateway run; the worker does not yet. All of them end with the block.

    Args:
        more: Settings.
    """
    async with AsyncExitStack() as ends:
        gateway = GatewayChild(home, SECRET)
        ends.push_async_callback(gateway.stop)
        await gateway.start()
        settings = load_settings(
            home=home,
            task_queue=TASK_QUEUE,
            channel=NoticeChannel.WEBHOOK,
            webhook_url=gateway.url,
            webhook_secret=SECRET,
            webhook_timeout_seconds=GATEWAY_WITHIN,
            log_format=LogFormat.JSON,
            **({"database_url": database_url} if database_url else {}),
            **more,
        )
        ends.push_async_callback(server.stop)
        await server.start()
        client = await connect(address=server.address, namespace=NAMESPACE)
        migrate(settings.database_url)  # not in a thread: Alembic keeps what it works on in one place for a process
        house = House(home, server, story, settings, gateway, client)
        ends.callback(house.ledger.close)
        ends.push_async_callback(house.worker.kill)
        yield house


async def until(is_so: Callable[[], Awaitable[bool]], *, within: float = 60.0, look_every: float = 0.1) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(within):
        while not await is_so():  # noqa: ASYNC110 - what is awaited happens in another process
            await asyncio.sleep(look_every)


@asynccontextmanager
async def disturbed(faults: Awaitable[None]) -> AsyncIterator[None]:
    """Faults happen while the block runs; it ends when both have ended."""
    task = asyncio.ensure_future(faults)
    try:
        yield
        await task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def moments(dice: Random, count: int, within: float) -> list[float]:
    """Waits between faults, as the dice fall: as many, over as many seconds."""
    at = sorted(dice.uniform(0, within) for _ in range(count))
    return [later - earlier for earlier, later in zip([0.0, *at], at, strict=False)]
