"""One worker process with its metrics shown, which has done a little of everything, and what it showed then."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.request import urlopen

import pytest
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from duban.contracts import TaskInput
from duban.names import REFORM_TASK
from tests.notices.platforms import WecomGroup, running
from tests.releases.stage import DAY, ENTERED, Stage, staged
from tests.releases.trees import ROOT
from tests.workflows.installation import eventually

FAILED = "temporal_workflow_task_execution_failed_total"
ROBOT = "改革办群"
DELIVERED = f'duban_delivery_attempts_total{{channel="{ROBOT}",outcome="delivered"}} 0.0'
PATIENCE = 90.0


@dataclass(frozen=True)
class Scrape:
    """What the endpoint answered."""

    text: str

    @cached_property
    def families(self) -> tuple[Metric, ...]:
        return tuple(text_string_to_metric_families(self.text))

    @cached_property
    def labels(self) -> dict[str, set[str]]:
        """The labels of every series, by its name."""
        found: dict[str, set[str]] = {}
        for sample in (sample for family in self.families for sample in family.samples):
            found.setdefault(sample.name, set()).update(sample.labels)
        return found

    def values(self, name: str, **labels: str) -> list[float]:
        """The values of the series of a name with these labels."""
        samples = (sample for family in self.families for sample in family.samples)
        return [one.value for one in samples if one.name == name and labels.items() <= one.labels.items()]


@dataclass(frozen=True)
class Scraped:
    """What was scraped, and the texts that are nobody's business."""

    scrape: Scrape
    private: Iterable[str]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


async def scraped_from(address: str) -> Scrape:
    def read() -> str:
        with urlopen(f"http://{address}/metrics", timeout=30) as answer:
            text: str = answer.read().decode()
            return text

    return Scrape(await asyncio.to_thread(read))


@pytest.fixture(scope="session")
async def scraped(temporal_program: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scraped]:
    """Of a worker that has recorded, reminded by a robot, and has met a workflow that it cannot read."""
    address, group = f"127.0.0.1:{free_port()}", WecomGroup()
    channels = tmp_path_factory.mktemp("channels") / "channels.yaml"
    channels.write_text(f"default: {ROBOT}\nchannels:\n  {ROBOT}: {{kind: wecom, address: ROBOT_OF_THE_OFFICE}}\n")
    async with (
        staged(temporal_program, tmp_path_factory.mktemp("metrics"), "M2016") as stage,
        _listening(group) as url,
        stage.worker(ROOT, DUBAN_METRICS_ADDRESS=address, DUBAN_CHANNELS_FILE=str(channels), ROBOT_OF_THE_OFFICE=url),
    ):
        await stage.fast.start(stage.fast.prepare(*stage.tasks(2), entered=ENTERED, day_seconds=DAY))
        await stage.phoned()
        await _start_what_no_release_can_read(stage)
        found = await scraped_from(address)

        async def has_all() -> bool:
            nonlocal found
            found = await scraped_from(address)
            return FAILED in found.text and DELIVERED not in found.text

        await eventually(has_all, within=PATIENCE)
        rows = stage.fast.ledger.rows.notice_rows()
        bodies = {row.recipient for row in rows} | {row.issuer for row in rows}
        yield Scraped(found, (*bodies, *stage.fast.tasks, "医保", stage.fast.settings.database_url, group.token))


@asynccontextmanager
async def _listening(group: WecomGroup) -> AsyncIterator[str]:
    """The address of the group's robot while the group is there."""
    with running(group):
        yield group.url


async def _start_what_no_release_can_read(stage: Stage) -> None:
    """Its fields are ours and their values are not: a release's mistake, at which the workflow task fails."""
    given = {name: "?" for name, field in TaskInput.model_fields.items() if field.is_required()}
    queue = stage.fast.settings.task_queue
    await stage.fast.client.start_workflow(REFORM_TASK, given, id="unreadable", task_queue=queue)
