"""A server, a ledger and a worker in one process, with a count of the workflow tasks that were executed."""

import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from temporalio.client import Client
from temporalio.runtime import MetricBuffer, Runtime, TelemetryConfig
from temporalio.worker import Worker

import worker as product
from bench.bare import Bare
from duban.attributes import register_search_attributes
from duban.encryption.converter import data_converter
from duban.ledger import Ledger, migrate
from duban.server import DevServer, find_temporal, say_on_stderr
from duban.settings import Settings, load_settings

BARE_QUEUE = "bare"
CACHED_WORKFLOWS = product.CACHED_WORKFLOWS
EXECUTED = "workflow_task_execution_latency"


@dataclass
class House:
    """What a measurement works with.

    Attributes:
        executed: Workflow tasks executed by the workers so far, by workflow type.
    """

    client: Client
    ledger: Ledger
    metrics: MetricBuffer
    settings: Settings
    executed: Counter[str] = field(default_factory=Counter)

    @asynccontextmanager
    async def workers(self) -> AsyncIterator[None]:
        """The product's own worker and one for the bare engine, both with an empty cache."""
        channel = product.open_channel(self.settings)
        with ThreadPoolExecutor(self.settings.max_concurrent_activities) as threads:
            async with (
                product.make_worker(self.client, self.ledger, channel, self.settings, threads),
                Worker(self.client, task_queue=BARE_QUEUE, workflows=[Bare], max_cached_workflows=CACHED_WORKFLOWS),
            ):
                yield
        await channel.aclose()

    def count(self, workflow_type: str) -> int:
        """Workflow tasks of a type executed so far, from the SDK's own metrics."""
        for update in self.metrics.retrieve_updates():
            if update.metric.name.endswith(EXECUTED):
                self.executed[str(update.attributes.get("workflow_type"))] += 1
        return self.executed[workflow_type]


@asynccontextmanager
async def house() -> AsyncIterator[House]:
    """Everything real: the development server with a file, SQLite with a file, the product's own worker."""
    async with empty_house() as at, at.workers():
        yield at


@asynccontextmanager
async def empty_house() -> AsyncIterator[House]:
    """The same without anybody at work in it."""
    with tempfile.TemporaryDirectory(prefix="duban-bench-") as folder:
        home = Path(folder)
        settings = load_settings(home=home)
        program = (await find_temporal(say_on_stderr)).path
        async with DevServer(program, db_file=home / "temporal.db", log_file=home / "temporal.log") as server:
            migrate(settings.database_url)
            async with house_at(server.address, home) as at:
                await register_search_attributes(at.client)
                yield at


@asynccontextmanager
async def house_at(address: str, home: Path) -> AsyncIterator[House]:
    """A house whose server and ledger another process has set up."""
    metrics = MetricBuffer(200_000)
    runtime = Runtime(telemetry=TelemetryConfig(metrics=metrics))
    client = await Client.connect(address, data_converter=data_converter(None), runtime=runtime)
    settings = load_settings(home=home)
    ledger = Ledger.open(settings.database_url)
    yield House(client, ledger, metrics, settings)
    ledger.close()
