"""An installation whose releases change: a server of its own, workers as processes, each from the tree of a release."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause
from temporalio.client import WorkflowExecutionStatus, WorkflowHandle
from temporalio.service import RPCError

from duban.attributes import register_search_attributes
from duban.client import connect
from duban.server import DevServer
from duban.standstill import Standstill, running, standing_still
from duban.supervision.plans.plan import TaskDefinition
from duban.supervision.tasks.entries import EntryKind, NoticeKind
from tests.supervision.supervised import HANDLING
from tests.workflows.installation import InFastTime, eventually

DAY, TASKS_STARTED_IN_TIME = 0.2, 12
"""Real seconds of a business day: a band of fifteen days takes more than the half second of a hand-over. More tasks
than these are not all under way before the first of them has climbed its ladder: a day takes as much longer."""
ENTERED, DUE, FINAL = "2016-06-24", "2016-06-30", "2019-12-20"
LADDER = {"phone": "2016-07-16", "written": "2016-07-31", "onsite": "2016-08-15"}
"""What falls due of itself for a task behind since the end of June, by the worked example of the mission."""
PATIENCE = 300.0
DRAINED_SOON = {
    "matching.wv.VersionDrainageStatusVisibilityGracePeriod": '"1s"',
    "matching.wv.VersionDrainageStatusRefreshInterval": '"1s"',
}
"""Minutes, unless set."""


def day_seconds(tasks: int) -> float:
    """Real seconds of a business day for so many tasks."""
    return DAY * max(1.0, tasks / TASKS_STARTED_IN_TIME)


@dataclass(frozen=True)
class Told:
    """What a command said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its result, where it was asked for JSON."""
        return json.loads(self.out)


class Work:
    """A worker process."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self.process, self.log = process, log

    def events(self, name: str) -> list[dict[str, Any]]:
        """What its log says under a name."""
        lines = [line for line in self.log.read_text(encoding="utf-8").splitlines() if line.startswith("{")]
        return [event for event in map(json.loads, lines) if event["event"] == name]

    async def says(self, name: str, **fields: object) -> None:
        """Wait until its log says so."""

        async def is_said() -> bool:
            assert self.process.returncode is None, self.log.read_text(encoding="utf-8")
            return any(fields.items() <= event.items() for event in self.events(name))

        await eventually(is_said, within=PATIENCE)

    async def drained(self) -> int:
        """SIGTERM, as a service manager sends it; its exit code."""
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        return await self.process.wait()


class Stage:
    """Server, ledger, and what people and operators do."""

    def __init__(self, home: Path, server: DevServer, fast: InFastTime) -> None:
        self.home, self.server, self.fast = home, server, fast
        self._started = 0

    @property
    def numbers(self) -> range:
        """The tasks' numbers."""
        return range(1, len(self.fast.tasks) + 1)

    # What operators do

    def environment(self, **variables: str) -> dict[str, str]:
        """What every process of the installation has."""
        return {
            **os.environ,
            "TEMPORAL_ADDRESS": self.server.address,
            "TEMPORAL_NAMESPACE": self.server.namespace,
            "DUBAN_HOME": str(self.fast.settings.home),
            "DUBAN_DATABASE_URL": self.fast.settings.database_url,
            "DUBAN_TASK_QUEUE": self.fast.settings.task_queue,
            "DUBAN_LOG_FORMAT": "json",
            **variables,
        }

    @asynccontextmanager
    async def worker(self, tree: Path, build_id: str = "", **variables: str) -> AsyncIterator[Work]:
        """``python worker.py`` of a release until the block ends; then it has drained and ended with exit code 0."""
        work = await self.launch(tree, build_id, **variables)
        try:
            await work.says("worker.started")
            yield work
            assert await work.drained() == 0
        finally:
            if work.process.returncode is None:
                work.process.kill()
                await work.process.wait()

    async def launch(self, tree: Path, build_id: str = "", **variables: str) -> Work:
        """Start a worker, whatever comes of it."""
        self._started += 1
        log = self.home / f"worker-{self._started}.log"
        environment = self.environment(DUBAN_BUILD_ID=build_id, **variables)
        with log.open("wb") as output:
            process = await asyncio.create_subprocess_exec(
                sys.executable, str(tree / "worker.py"), cwd=tree, env=environment, stdout=output, stderr=output
            )
        return Work(process, log)

    async def starter(self, tree: Path, *arguments: object) -> Told:
        """A command of a release."""
        return await told_by(tree, *arguments, environment=self.environment())

    # What happens

    def tasks(self, count: int) -> list[TaskDefinition]:
        """As many, all with the same dates."""
        return [self.fast.task(DUE, FINAL, number=number) for number in range(1, count + 1)]

    async def phoned(self) -> None:
        """Wait until every task has had its first reminder."""

        async def are() -> bool:
            return all(self._given(number) for number in self.numbers)

        await eventually(are, within=PATIENCE)

    async def stirred(self, name: str) -> list[str]:
        """Tell every task something, so that each takes a step; the messages' ids."""
        told = []
        for number in self.numbers:
            told.append(f"{name}-{number}")
            message = await self.fast.said(HANDLING, note="进展", id=told[-1])
            await self.fast.handle(number).signal("progress", message)
        return told

    async def still(self) -> list[Standstill]:
        """What stands still now, as `starter.py stuck` finds it."""
        executions = await running(self.fast.client, self.fast.settings.task_queue)
        return [found async for found in standing_still(self.fast.client, executions) if found is not None]

    async def at_the_top(self) -> None:
        """Wait until every task has climbed the whole ladder and the ledger shows it."""

        async def are() -> bool:
            # Asked of the ledger: the workflow decides while an earlier write still waits to be begun again.
            return all(self.fast.of_kind(EntryKind.APPROVAL_ASKED, number) for number in self.numbers)

        await eventually(are, within=PATIENCE)

    async def caught_up(self) -> None:
        """Wait until the ledger shows all that every task has decided."""

        async def has(number: int) -> bool:
            try:
                decided = (await self.fast.status(number)).ledger_version
            except RPCError:  # it is still to be begun again
                return False
            return (await self.fast.row(number)).version == decided

        for number in self.numbers:
            await eventually(lambda number=number: has(number), within=PATIENCE)  # type: ignore[misc] # its default

    async def diverging(self) -> list[int]:
        """Tasks that a release has met whose commands are not those of their history."""
        return [number for number in self.numbers if await self.divergences(self.fast.handle(number))]

    async def divergences(self, handle: WorkflowHandle[Any, Any]) -> int:
        """How often that happened to a workflow. On a machine that is overrun, its tasks fail in other ways as well."""
        events = (await handle.fetch_history()).events
        failed = [event.workflow_task_failed_event_attributes for event in events if event.event_type == FAILED]
        return len([one for one in failed if one.cause == DIVERGES])

    async def finished_by(self, handle: WorkflowHandle[Any, Any]) -> list[str]:
        """The releases that finished a workflow's tasks, in order, each once."""
        events = (await handle.fetch_history()).events
        done = [event.workflow_task_completed_event_attributes for event in events if event.event_type == DONE]
        return list(dict.fromkeys(one.deployment_version.build_id for one in done))

    def _given(self, number: int) -> list[str]:
        return [row.level for row in self.fast.reminders(number)]

    async def check(self) -> None:
        """Complete: each rung given once or on record as passed, every entry once, and nothing has failed."""
        for number in self.numbers:
            given = self.fast.notices(number)
            to_body = [row for row in given if row.kind is NoticeKind.REMINDER and row.recipient == HANDLING]
            dates = {str(row.level): row.reminder_due_on.isoformat() for row in to_body}
            assert len(dates) == len(to_body)
            assert dates.items() <= LADDER.items()
            passed = self.fast.of_kind(EntryKind.REMINDER_NOT_ISSUED, number)
            assert len(to_body) + len(passed) == len(LADDER)
            described = await self.fast.handle(number).describe()
            assert described.status is WorkflowExecutionStatus.RUNNING
        self.fast.check_ledger()


DONE = EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED
FAILED = EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED
DIVERGES = WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR


async def told_by(tree: Path, *arguments: object, environment: Mapping[str, str]) -> Told:
    """What a command of a release says, as a process of its own."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, str(tree / "starter.py"), *map(str, arguments)),
        cwd=tree,
        env=environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await child.communicate()
    assert child.returncode is not None
    return Told(child.returncode, out.decode(), err.decode())


@asynccontextmanager
async def staged(program: Path, home: Path, plan_code: str) -> AsyncIterator[Stage]:
    """An installation on a server of its own: deployments and dispatches are one to a namespace."""
    async with DevServer(program, log_file=home / "temporal.log", dynamic_config=DRAINED_SOON) as server:
        client = await connect(address=server.address)
        await register_search_attributes(client)
        fast = InFastTime(client, home / "home", plan_code)
        try:
            yield Stage(home, server, fast)
        finally:
            fast.ledger.close()
            await fast.channel.aclose()
            fast.threads.shutdown()
