"""Activities run by hand: a registered plan, an activity environment with a clock, no worker."""

import dataclasses
from collections.abc import AsyncIterator, Iterable
from concurrent.futures import Executor
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from temporalio.client import Client
from temporalio.testing import ActivityEnvironment

from activities.delivery import DeliveryActivities
from activities.nudging import Dispatches
from activities.plans import PlanActivities
from duban.contracts import Delivery, DispatchInput, DispatchRound, PlanStart
from duban.notices.channel import SendResult
from duban.notices.letter import Letter
from duban.supervision.plans.plan import TaskDefinition
from tests.workflows.installation import InFastTime


class Nudged(Dispatches):
    """Remembers who was nudged instead of starting their dispatch."""

    def __init__(self) -> None:
        self.bodies: list[str] = []

    async def nudge(self, bodies: Iterable[str]) -> int:
        once = list(dict.fromkeys(bodies))
        self.bodies += once
        return len(once)


class Script:
    """A channel that answers as it is told, and remembers what it was given."""

    def __init__(self) -> None:
        self.answers: list[SendResult] = []
        self.sent: list[Delivery] = []

    async def send(self, delivery: Delivery, letter: Letter) -> SendResult:
        self.sent.append(delivery)
        assert letter.text
        return self.answers.pop(0) if self.answers else SendResult.delivered("测试")

    async def aclose(self) -> None:
        return None


class ByHand:
    """A registered plan of one task and the activities around it."""

    def __init__(self, installation: InFastTime, client: Client, threads: Executor) -> None:
        self.installation, self.ledger = installation, installation.ledger
        self.nudged, self.channel = Nudged(), Script()
        queue = installation.settings.task_queue
        self.plans = PlanActivities(self.ledger, self.nudged, client, threads, task_queue=queue)
        self.deliveries = DeliveryActivities(self.ledger, self.nudged, self.channel, threads, channel_name="script")
        self.client, self.threads = client, threads

    def start_of(self, *tasks: TaskDefinition) -> PlanStart:
        """What the plan's activities get."""
        given = self.installation.prepare(*tasks)
        registered_at = self.installation.moment("2016-05-03 10:00")
        return PlanStart(code=given.code, digest=given.digest, registered_at=registered_at, clock=given.clock)

    def at(self, later: timedelta) -> ActivityEnvironment:
        """An activity's surroundings, so long after the plan was registered."""
        environment = ActivityEnvironment()
        started = self.real(later)
        environment.info = dataclasses.replace(environment.info, started_time=started)
        return environment

    def real(self, later: timedelta) -> datetime:
        return self.installation.clock.real_epoch + later

    async def deliver(self, body: str, later: timedelta) -> DispatchRound:
        return await self.at(later).run(self.deliveries.deliver, DispatchInput(body=body))


@pytest.fixture
async def by_hand(dev_client: Client, tmp_path: Path, database_url: str) -> AsyncIterator[ByHand]:
    """On SQLite and on PostgreSQL."""
    installation = InFastTime(dev_client, tmp_path, "H", database_url=database_url)
    yield ByHand(installation, dev_client, installation.threads)
    await installation.end()
