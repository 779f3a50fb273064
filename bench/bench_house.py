"""A server, a ledger and a worker in one process, with a count of the workflow tasks that were executed."""

import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.runtime import MetricBuffer, Runtime, TelemetryConfig
from temporalio.worker import Worker

import worker as product
from bench.bare import Bare
from duban.attributes import register_search_attributes
from duban.ledger import Ledger, migrate
from duban.server import DevServer, find_temporal, say_on_stderr
from duban.settings import load_settings

BARE_QUEUE = "bare"
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
    executed: Counter[str] = field(default_factory=Counter)

    def count(self, workflow_type: str) -> int:
        """Workflow tasks of a type executed so far, from the SDK's own metrics."""
        for update in self.metrics.retrieve_updates():
            if update.metric.name.endswith(EXECUTED):
                self.executed[str(update.attributes.get("workflow_type"))] += 1
        return self.executed[workflow_type]


@asynccontextmanager
async def house() -> AsyncIterator[House]:
    """Everything real: the development server with a file, SQLite with a file, the product's own worker."""
    metrics = MetricBuffer(200_000)
    runtime = Runtime(telemetry=TelemetryConfig(metrics=metrics))
    with tempfile.TemporaryDirectory(prefix="duban-bench-") as folder:
        home = Path(folder)
        settings = load_settings(home=home)
        program = (await find_temporal(say_on_stderr)).path
        async with DevServer(program, db_file=home / "temporal.db", log_file=home / "temporal.log") as server:
            client = await Client.connect(
                server.address, namespace=server.namespace, data_converter=pydantic_data_converter, runtime=runtime
            )
            await register_search_attributes(client)
            migrate(settings.database_url)
            ledger = Ledger.open(settings.database_url)
            threads = ThreadPoolExecutor(settings.max_concurrent_activities)
            channel = product.open_channel(settings)
            async with (
                product.make_worker(client, ledger, channel, settings, threads),
                Worker(client, task_queue=BARE_QUEUE, workflows=[Bare]),
            ):
                yield House(client, ledger, metrics)
            await channel.aclose()
            threads.shutdown()
            ledger.close()
