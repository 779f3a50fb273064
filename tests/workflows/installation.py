"""An installation under test: ledger, outbox, worker and one issued plan, on a task queue of its own.

``OnSkippedTime`` runs on the time-skipping server, where exact days are asserted; ``InFastTime`` on a real one.
"""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.api.testservice.v1 import LockTimeSkippingRequest, UnlockTimeSkippingRequest
from temporalio.client import Client, WorkflowHandle, WorkflowUpdateFailedError
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

import worker as wiring
from duban.attributes import register_search_attributes
from duban.contracts import Answer, PlanInput, StoredPlan
from duban.ledger import Ledger, migrate
from duban.ledger.proof.timeline import TimelineRow
from duban.ledger.questions.rows import NoticeRow, TaskRow
from duban.names import REFORM_PLAN, dispatch_workflow_id, plan_workflow_id, task_workflow_id
from duban.notices.channel import Channel
from duban.settings import Settings, load_settings
from duban.supervision.bodies.organisation import Organisation
from duban.supervision.days.calendar import MINUTES_PER_DAY
from duban.supervision.days.clock import TaskClock
from duban.supervision.plans.plan import PlanDefinition, PlannedMilestone, TaskDefinition
from duban.supervision.rules.policy import Policy
from duban.supervision.tasks.entries import EntryKind, NoticeKind
from duban.supervision.tasks.views import StatusView
from tests.supervision.supervised import GROUP, HANDLING, LEAD, OFFICE, SUPERVISOR, Reminder, day, node, policy_of

BODIES = (LEAD, HANDLING, SUPERVISOR, OFFICE, GROUP)
PATIENCE = 30.0
"""Seconds after which a test gives up waiting for what should come at once."""

BEGUN_AND_DONE = (
    (EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED, EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED),
    (EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED, EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED),
)

EVIDENCE = "市医保发〔2016〕1号"


class Sent(NamedTuple):
    """A notice as sent: what for, to whom, and on which local dates it became due and was delivered."""

    kind: str
    recipient: str
    due_on: str
    delivered_on: str


class Installation:
    """Ledger, channel and worker of one test, and the plan that it issues."""

    def __init__(self, client: Client, home: Path, name: str, *, database_url: str | None = None) -> None:
        url = {"database_url": database_url} if database_url else {}
        self.client, self.plan_code = client, name
        self.settings: Settings = load_settings(home=home, task_queue=name, **url)
        migrate(self.settings.database_url)
        self.ledger = Ledger.open(self.settings.database_url)
        self.channel: Channel = wiring.open_channel(self.settings)
        self.policy: Policy = policy_of()
        self.clock = TaskClock()
        self.digest = ""
        self.tasks: tuple[str, ...] = ()
        self.threads = ThreadPoolExecutor(8)
        self._worker: Worker | None = None
        self._said = count(1)

    # The worker

    async def work(self) -> None:
        """Start a worker, unless one runs."""
        if self._worker is None:
            self._worker = wiring.make_worker(self.client, self.ledger, self.channel, self.settings, self.threads)
            await self._worker.__aenter__()

    async def rest(self) -> None:
        """Stop the worker."""
        running, self._worker = self._worker, None
        if running is not None:
            await running.__aexit__(None, None, None)

    async def end(self) -> None:
        """End all that the test started: its clock and its bodies' dispatches are everybody's."""
        await end_workflows(self.client, [plan_workflow_id(self.plan_code), *map(task_workflow_id, self.tasks)])
        for _ in range(2):  # a write that was under way may begin a dispatch anew
            recipients = {row.recipient for row in self.ledger.rows.notice_rows()}
            await end_workflows(self.client, list(map(dispatch_workflow_id, recipients)))
            await asyncio.sleep(0.05)
        await self.rest()
        await self.channel.aclose()
        self.ledger.close()
        self.threads.shutdown()

    # Issuing

    def task(self, *due_on: str | PlannedMilestone, number: int = 1, **more: Any) -> TaskDefinition:
        """A task of the test's plan with these milestones, the last of them final."""
        nodes = tuple(d if isinstance(d, PlannedMilestone) else node(i, d) for i, d in enumerate(due_on, 1))
        fields = {"title": "医保支付方式改革", "lead_body": LEAD, "handling_body": HANDLING, **more}
        return TaskDefinition(code=f"{self.plan_code}-{number}", milestones=nodes, **fields)

    def store(self, *tasks: TaskDefinition, entered: str, continue_after: int | None = None) -> PlanInput:
        """Store the plan, as ``starter.py issue`` does, and give what its workflow starts with."""
        definition = PlanDefinition(
            code=self.plan_code, title="改革要点", issued_on=day(entered), supervising_body=SUPERVISOR, tasks=tasks
        )
        plan = StoredPlan(definition=definition, organisation=Organisation(), policy=self.policy)
        self.digest = self.ledger.plans.store_plan(plan)
        self.tasks = tuple(task.code for task in tasks)
        return PlanInput(code=self.plan_code, digest=self.digest, clock=self.clock, continue_after=continue_after)

    async def start(self, given: PlanInput) -> None:
        """Start the plan's workflow."""
        queue = self.settings.task_queue
        await self.client.start_workflow(REFORM_PLAN, given, id=plan_workflow_id(self.plan_code), task_queue=queue)

    async def under_way(self) -> None:
        """Wait until every task has been started."""

        async def is_under_way() -> bool:
            standing = await self.plan.query("status")
            return bool(standing["status"] == "under_way")

        await eventually(is_under_way)

    async def until(self, text: str) -> None:
        """Let time pass with a worker running; all that falls due is done."""
        raise NotImplementedError

    # Talking

    @property
    def plan(self) -> WorkflowHandle[Any, Any]:
        return self.client.get_workflow_handle(plan_workflow_id(self.plan_code))

    def handle(self, number: int = 1) -> WorkflowHandle[Any, Any]:
        return self.client.get_workflow_handle(task_workflow_id(self.tasks[number - 1]))

    async def now(self) -> datetime:
        """The business moment."""
        return self.clock.business(datetime.now(UTC))

    def moment(self, text: str) -> datetime:
        """``2016-07-16`` is the last minute of that local day, ``2016-07-16 10:00`` a minute of it."""
        local = datetime.fromisoformat(text)
        minute = local.hour * 60 + local.minute if " " in text else MINUTES_PER_DAY - 1
        return self.policy.calendar.zone.at(local.date(), minute)

    def local_date(self, moment: datetime | None) -> str:
        return self.policy.calendar.zone.local_date(moment).isoformat() if moment else ""

    async def said(self, body: str, at: str | None = None, **fields: Any) -> dict[str, Any]:
        """A message as our clients send it: with id and moment."""
        occurred_at = self.moment(at) if at else await self.now()
        stamp = {"id": f"m{next(self._said)}", "occurred_at": occurred_at.isoformat()}
        return {"body": body, "person": "张三", **stamp, **fields}

    async def tell(self, update: str, body: str, number: int = 1, at: str | None = None, **fields: Any) -> Answer:
        message = await self.said(body, at, **fields)
        answer: Answer = await self.handle(number).execute_update(update, message, result_type=Answer)
        return answer

    async def refused(self, update: str, message: object, number: int = 1) -> str:
        """Why an update is refused."""
        with pytest.raises(WorkflowUpdateFailedError) as refusal:
            await self.handle(number).execute_update(update, message)
        return str(refusal.value.cause)

    async def report(self, *milestones: int, at: str | None = None, number: int = 1, **more: Any) -> Answer:
        """The handling body reports; what it claims it shows."""
        fields = {"milestones": milestones, "evidence": EVIDENCE if milestones else "", "note": "进展", **more}
        return await self.tell("report_progress", HANDLING, number, at, **fields)

    # Looking

    async def status(self, number: int = 1) -> StatusView:
        return StatusView.model_validate(await self.handle(number).query("status"))

    async def row(self, number: int = 1) -> TaskRow:
        """The task's line in the ledger, with the lag of today; the query's is that of the last thing that happened."""
        row = self.ledger.rows.task_row(self.tasks[number - 1], self.clock.real(await self.now()))
        assert row is not None
        return row

    async def levels(self, number: int = 1) -> dict[str, str]:
        """The status of every level dealt with, by its episode and name."""
        reminders = (await self.status(number)).reminders
        return {f"e{r.episode}/{r.level}": r.status.value for r in reminders}

    async def recorded(self, number: int = 1) -> StatusView:
        """Wait until the ledger shows all that the task has decided; returns its status then."""

        async def is_recorded() -> bool:
            return (await self.row(number)).version == (await self.status(number)).ledger_version

        await eventually(is_recorded)
        return await self.status(number)

    async def at_rest(self, number: int = 1) -> None:
        """Wait until the task has nothing under way and waits for time or people."""

        async def rests() -> bool:
            kinds = [event.event_type for event in (await self.handle(number).fetch_history()).events]
            return all(kinds.count(begun) == kinds.count(done) for begun, done in BEGUN_AND_DONE)

        await eventually(rests)

    def timeline(self, number: int = 1) -> tuple[TimelineRow, ...]:
        return self.ledger.timelines.timeline(self.tasks[number - 1])

    def of_kind(self, kind: EntryKind, number: int = 1) -> list[TimelineRow]:
        return [row for row in self.timeline(number) if row.kind is kind]

    def notices(self, number: int = 1) -> tuple[NoticeRow, ...]:
        return self.ledger.rows.notice_rows(task=self.tasks[number - 1])

    def reminders(self, number: int = 1) -> list[Reminder]:
        """Reminders given, each once, whatever the number of recipients."""
        rows = (row for row in self.notices(number) if row.kind is NoticeKind.REMINDER)
        found = (
            Reminder(row.level or "", row.reminder_due_on.isoformat(), self.local_date(row.delivered_at))
            for row in rows
        )
        return list(dict.fromkeys(found))

    def sent(self, *kinds: NoticeKind, number: int = 1) -> list[Sent]:
        """Notices of these kinds in the order in which they were recorded."""
        return [
            Sent(row.kind.value, row.recipient, row.reminder_due_on.isoformat(), self.local_date(row.delivered_at))
            for row in self.notices(number)
            if row.kind in kinds
        ]

    def check_ledger(self) -> None:
        """Every task's timeline is unbroken and says everything once."""
        for number, code in enumerate(self.tasks, 1):
            rows = self.timeline(number)
            assert [row.version for row in rows] == list(range(1, len(rows) + 1))
            assert self.ledger.timelines.verify_chain(code) is None
            said = [(row.message_id, row.kind) for row in rows if row.message_id]
            assert len(said) == len(set(said))
            keys = [row.idempotency_key for row in self.notices(number)]
            assert len(keys) == len(set(keys))


class OnSkippedTime(Installation):
    """On the time-skipping server: business days are exact, and pass at once."""

    environment: WorkflowEnvironment

    async def issue(
        self,
        *due_on: str | PlannedMilestone,
        entered: str = "2016-05-03",
        **task: Any,
    ) -> None:
        """Issue a plan with one task at ten o'clock of a local day."""
        await self.issue_tasks(self.task(*due_on, **task), entered=entered)

    async def issue_tasks(self, *tasks: TaskDefinition, entered: str) -> None:
        """Issue a plan with these tasks at ten o'clock of a local day."""
        real_epoch = await self.environment.get_current_time()
        self.clock = TaskClock(business_epoch=self.moment(f"{entered} 10:00"), real_epoch=real_epoch)
        await register_search_attributes(self.client)
        given = self.store(*tasks, entered=entered)
        await self.work()
        await self.start(given)
        await self.under_way()

    async def end(self) -> None:
        # The server never lets go of its clock for a workflow that is ended while work for it lies about: the next
        # test would wait for ever. A second passes only when all work is done.
        await self.work()
        await self.environment.sleep(timedelta(seconds=1))
        await super().end()

    async def now(self) -> datetime:
        return self.clock.business(await self.environment.get_current_time())

    async def until(self, text: str) -> None:
        """Let time pass with a worker running; all that falls due is done."""
        await self.environment.sleep(self.moment(text) - await self.now())

    async def asleep_until(self, text: str) -> None:
        """Let time pass with no worker running, and stay without one."""
        await self.rest()
        service = self.environment.client.service_client.test_service
        passing = asyncio.create_task(self.until(text))
        released = 0
        # The server holds its clock for every workflow task that waits for a worker: each is released once more.
        while not (await asyncio.wait({passing}, timeout=0.2))[0]:
            await service.unlock_time_skipping(UnlockTimeSkippingRequest())
            released += 1
        for _ in range(released):
            await service.lock_time_skipping(LockTimeSkippingRequest())
        await passing

    async def wake(self) -> None:
        """A worker is back; wait until it has done what fell due meanwhile."""
        await self.work()
        await self.recorded()
        await self.environment.sleep(timedelta(seconds=5))
        await self.recorded()


class InFastTime(Installation):
    """On a real server: business time runs as fast as a test wants, and the office never closes."""

    async def issue(
        self,
        *tasks: TaskDefinition,
        entered: str = "2016-05-03",
        day_seconds: float | None = None,
        continue_after: int | None = None,
    ) -> None:
        """Issue a plan.

        Args:
            day_seconds: Real seconds that a business day takes; None lets it take a day.
        """
        given = self.prepare(*tasks, entered=entered, day_seconds=day_seconds, continue_after=continue_after)
        await register_search_attributes(self.client)
        await self.work()
        await self.start(given)
        await self.under_way()

    async def until(self, text: str) -> None:
        """Wait until a business moment has come."""
        await asyncio.sleep(max((self.clock.real(self.moment(text)) - datetime.now(UTC)).total_seconds(), 0))
        await self.recorded()

    def prepare(
        self,
        *tasks: TaskDefinition,
        entered: str = "2016-05-03",
        day_seconds: float | None = None,
        continue_after: int | None = None,
    ) -> PlanInput:
        """Set the clock and store the plan."""
        if day_seconds is not None:
            calendar = self.policy.calendar.model_copy(update={"opens": 0, "closes": MINUTES_PER_DAY})
            self.policy = self.policy.model_copy(update={"calendar": calendar})
        speed = 1.0 if day_seconds is None else timedelta(days=1).total_seconds() / day_seconds
        epoch = self.moment(f"{entered} 10:00")
        self.clock = TaskClock(business_epoch=epoch, real_epoch=datetime.now(UTC), speed=speed)
        return self.store(*tasks, entered=entered, continue_after=continue_after)


async def end_workflows(client: Client, identifiers: list[str]) -> None:
    """End the workflows of these ids that run."""
    for identifier in identifiers:
        try:
            await client.get_workflow_handle(identifier).terminate("the test is over")
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise


async def eventually(is_so: Callable[[], Awaitable[bool]], *, within: float = PATIENCE) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(within):
        while not await is_so():  # noqa: ASYNC110 - what is awaited happens on a server
            await asyncio.sleep(0.05)
