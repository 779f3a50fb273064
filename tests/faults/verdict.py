"""What a trial came to: everything at rest, and then ledger, model, rehearsal and gateway compared, all of each."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import select
from temporalio.api.enums.v1 import PendingActivityState
from temporalio.client import WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from duban.contracts import StoredPlan
from duban.ledger import LedgerUnavailable
from duban.ledger.database.engine import reading
from duban.ledger.database.writing import table_of
from duban.ledger.tables.plan_tables import TaskTable
from duban.names import SWEEP_SCHEDULE, dispatch_workflow_id, task_workflow_id
from duban.supervision.days.clock import TaskClock
from duban.supervision.tasks.entries import LedgerEntry
from duban.supervision.tasks.views import StatusView
from tests.faults import deliveries
from tests.faults.house import House, until
from tests.faults.model import Said, Walk, differs_from_rehearsal, left_undone, walk
from tests.faults.people import People
from tests.faults.tables import Row, Tables, differences, read_tables, record_model

SHOWN = 12
ASKED_AT_ONCE = 20


class NotAsItShouldBe(AssertionError):
    """The comparison found something; every place is a line."""


@dataclass(frozen=True)
class Verdict:
    """What was compared, when all of it was as it should be.

    Attributes:
        exact: Tasks that were never late, and whose reminders are those of the rehearsal.
        attempts: Deliveries that the gateway saw.
    """

    walks: tuple[Walk, ...]
    real: Tables
    exact: int
    attempts: int

    def walk_of(self, code: str) -> Walk:
        """One task's."""
        return next(walked for walked in self.walks if walked.task.code == code)


async def at_rest(house: House, clock: TaskClock, people: People, *, within: float, hurry: bool = False) -> None:
    """Wait until the clock stands, everything due is done, everything answered is on record, and nothing is on its way.

    Args:
        clock: With a moment at which it stops.
        hurry: End dispatches that wait for a dead worker, as Temporal does after a minute of silence.
    """
    assert clock.stops_at is not None
    await asyncio.sleep(max((clock.real(clock.stops_at) - datetime.now(UTC)).total_seconds(), 0))

    async def rests() -> bool:
        if hurry:
            await relieve_dispatches(house)
        return _recorded(house, clock.stops_at, people) and house.undelivered() == 0

    try:
        await until(rests, within=within, look_every=0.5)
    except TimeoutError:
        raise NotAsItShouldBe(f"not at rest after {within:.0f} s: {_unrest(house, clock.stops_at, people)}") from None


def _recorded(house: House, stops_at: datetime | None, people: People) -> bool:
    try:
        return not _behind(house, stops_at, people)
    except LedgerUnavailable:
        return False


def _behind(house: House, stops_at: datetime | None, people: People) -> list[str]:
    """Tasks whose rows say that something is still to come."""
    tasks = table_of(TaskTable)
    shown: dict[str, int] = {}
    for identity, answer in people.answered.items():
        code = people.said[identity].task
        shown[code] = max(answer.version, shown.get(code, 0))
    with reading(house.ledger.engine) as connection:
        rows = connection.execute(select(tasks.c.code, tasks.c.version, tasks.c.next_moment_at)).all()
    return [
        f"{code} at version {version}, next moment {moment}"
        for code, version, moment in rows
        if version < shown.get(code, 0) or (moment is not None and stops_at is not None and moment <= stops_at)
    ]


def _unrest(house: House, stops_at: datetime | None, people: People) -> str:
    behind = _behind(house, stops_at, people)
    return f"{len(behind)} tasks behind ({behind[:SHOWN]}), {house.undelivered()} notices and messages undelivered"


async def relieve_dispatches(house: House) -> None:
    """End each dispatch that waits for a worker that is no more, and sweep: what a minute of patience would do."""
    ended = 0
    for body in house.ledger.deliveries.bodies_with_due_notices(datetime.now(UTC)):
        handle = house.client.get_workflow_handle(dispatch_workflow_id(body))
        try:
            described = await handle.describe()
            waiting = described.raw_description.pending_activities
            if described.status is WorkflowExecutionStatus.RUNNING and any(
                one.state == PendingActivityState.PENDING_ACTIVITY_STATE_STARTED
                and not one.last_worker_identity.startswith(f"{house.worker.pid}@")
                for one in waiting
            ):
                await handle.terminate("its worker is dead")
                ended += 1
            elif described.status is not WorkflowExecutionStatus.RUNNING:
                ended += 1
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            ended += 1
    if ended:
        await house.client.get_schedule_handle(SWEEP_SCHEDULE).trigger()


async def judge(house: House, plan: StoredPlan, clock: TaskClock, people: People) -> Verdict:
    """Compare everything; call it when all is at rest.

    Raises:
        NotAsItShouldBe: With every difference.
    """
    real = await asyncio.to_thread(read_tables, house.settings.database_url)
    seen = house.seen()
    verdict = compare(real, plan, clock, people, len(seen))
    wrong = [*deliveries.differences(real, seen), *await _workflows_differ(house, real)]
    _complain(wrong)
    house.story.tell(
        f"compared: {len(verdict.walks)} tasks, {sum(len(w.entries) for w in verdict.walks)} entries, "
        f"{len(real['notices'])} notices, {verdict.attempts} deliveries; {verdict.exact} tasks exactly as foretold; "
        f"{len(people.answered)} messages answered, {len(people.refused)} refused, {people.repeated} said again"
    )
    return verdict


def compare(real: Tables, plan: StoredPlan, clock: TaskClock, people: People, attempts: int) -> Verdict:
    """Ledger, model and rehearsal.

    Raises:
        NotAsItShouldBe: With every difference.
        Departure: A task's timeline is not the core's.
    """
    assert clock.stops_at is not None
    [registered] = [row for row in real["plans"] if row["code"] == plan.definition.code]
    walks = walks_of(real, plan, registered, list(people.said.values()))
    with TemporaryDirectory() as folder:
        model = record_model(Path(folder), plan, registered, walks)
    wrong = differences(real, model)
    wrong += [text for walked in walks if (text := left_undone(walked, clock.stops_at))]
    on_time = [walked for walked in walks if walked.on_time]
    wrong += [text for walked in on_time if (text := differs_from_rehearsal(walked, plan, clock.stops_at))]
    wrong += _messages_differ(walks, people)
    _complain(wrong)
    return Verdict(walks=tuple(walks), real=real, exact=len(on_time), attempts=attempts)


def walks_of(real: Tables, plan: StoredPlan, registered: Row, said: Sequence[Said]) -> list[Walk]:
    """The core's explanation of every timeline of a plan."""
    recorded: dict[str, list[LedgerEntry]] = {task.code: [] for task in plan.definition.tasks}
    for row in sorted(real["timeline"], key=lambda row: (row["task_code"], row["round"], row["version"])):
        recorded[row["task_code"]].append(LedgerEntry.model_validate_json(row["content"]))
    return [
        walk(
            plan,
            task,
            registered["registered_at"],
            recorded[task.code],
            {one.id: one for one in said if one.task == task.code},
        )
        for task in plan.definition.tasks
    ]


def _messages_differ(walks: Sequence[Walk], people: People) -> list[str]:
    """Every message that was answered is there once, at the version that the answer named; none that was refused."""
    counted: dict[str, list[int]] = {}
    for walked in walks:
        for handling in walked.handlings:
            if handling.message is not None:
                counted.setdefault(handling.message.id, []).append(handling.state.version)
    wrong = [
        f"{identity}: answered with version {answer.version}, on record {counted.get(identity, [])}"
        for identity, answer in people.answered.items()
        if counted.get(identity, []) != [answer.version]
    ]
    wrong += [f"{i}: refused ({reason}), and on record" for i, reason in people.refused.items() if i in counted]
    wrong += [f"{identity}: on record {len(found)} times" for identity, found in counted.items() if len(found) != 1]
    return wrong


async def _workflows_differ(house: House, real: Tables) -> list[str]:
    """The workflow is the truth about what should happen, the ledger about what happened."""
    turns = asyncio.Semaphore(ASKED_AT_ONCE)

    async def of_one(row: Row) -> str | None:
        async with turns:
            answer = await house.client.get_workflow_handle(task_workflow_id(row["code"])).query("status")
        status = StatusView.model_validate(answer)
        held, told = (row["version"], row["status"]), (status.ledger_version, status.status)
        return None if held == told else f"{row['code']}: the ledger says {held}, the workflow {told}"

    return [text for text in await asyncio.gather(*map(of_one, real["tasks"])) if text]


def _complain(wrong: Sequence[str]) -> None:
    if wrong:
        more = f"\n… and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
        raise NotAsItShouldBe(f"{len(wrong)} differences:\n" + "\n".join(wrong[:SHOWN]) + more)
