"""A database or a gateway that is away, a worker that is killed: nothing is lost, nothing is doubled."""

import asyncio
import os
import random
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from duban.contracts import Answer, RecordBatch, RecordReceipt
from duban.ledger import LedgerUnavailable
from duban.names import SWEEP_SCHEDULE, Attributes
from duban.notices.opening import channel_from
from duban.server import DevServer
from duban.supervision.tasks.entries import EntryKind, NoticeKind
from tests.notices.gateway import closed_port
from tests.supervision.supervised import GROUP, HANDLING, LEAD, SUPERVISOR
from tests.workflows.installation import EVIDENCE, InFastTime, eventually

ROOT = Path(__file__).parents[2]
DAY = 0.15
"""Real seconds of a business day: a band of fifteen days passes in two seconds."""


class Unreliable:
    """A ledger's ``record`` that fails as told: before it writes, or after."""

    def __init__(self, fast: InFastTime, monkeypatch: pytest.MonkeyPatch) -> None:
        self._record = fast.ledger.tasks.record
        self.rate, self.away, self.failures = 0.0, False, 0
        self._random = random.Random(20160630)  # noqa: S311 - a test's dice
        monkeypatch.setattr(fast.ledger.tasks, "record", self.record)

    def record(self, batch: RecordBatch) -> RecordReceipt:
        if self.away or self._random.random() < self.rate:
            self.failures += 1
            if not self.away and self._random.random() < 0.5:
                self._record(batch)  # written, and the answer is lost on the way
            raise LedgerUnavailable("台账数据库暂时不可用")
        return self._record(batch)


async def test_continuing_as_new_under_fire_loses_nothing_and_doubles_nothing(
    on_either_database: InFastTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    fast = on_either_database
    database = Unreliable(fast, monkeypatch)
    database.rate = 0.15
    await fast.issue(fast.task("2016-06-30"), continue_after=5)
    dice = random.Random(44555)  # noqa: S311 - a test's dice
    answers: dict[str, Answer] = {}

    async def calls(name: str) -> None:
        message = await fast.said(HANDLING, note="进展", id=name)
        answers[name] = await fast.handle().execute_update("report_progress", message, result_type=Answer)

    async def signals(name: str) -> None:
        await fast.handle().signal("progress", await fast.said(HANDLING, note="进展", id=name))

    async def runs() -> int:
        return len([w async for w in fast.client.list_workflows(f"WorkflowId = '{fast.tasks[0]}'")])

    volley = 0
    while volley < 10 or await runs() < 4:
        names = [f"{volley}-{number}" for number in range(8)]
        told = [calls(name) if dice.random() < 0.7 else signals(name) for name in names]
        await asyncio.gather(*told)
        await asyncio.sleep(dice.random() * 0.5)  # quiet moments exist: a task is not a hot loop
        volley += 1
    database.rate = 0.0
    status = await fast.recorded()

    said = {row.message_id: row.version for row in fast.of_kind(EntryKind.PROGRESS)}
    assert set(said) == {f"{shot}-{number}" for shot in range(volley) for number in range(8)}
    assert {name: answer.version for name, answer in answers.items()} == {name: said[name] for name in answers}
    assert status.ledger_version == 2 + 8 * volley
    fast.check_ledger()
    assert database.failures > 0


async def test_a_task_that_has_caught_up_continues_as_new_without_the_dates_that_it_lost(fast: InFastTime) -> None:
    await fast.issue(fast.task("2016-06-30", "2016-12-20"), entered="2016-08-19", continue_after=1)
    assert (await fast.handle().describe()).typed_search_attributes.get(Attributes.BEHIND_SINCE) is not None
    await fast.report(1)
    await fast.at_rest()
    described = await fast.handle().describe()
    assert described.typed_search_attributes.get(Attributes.BEHIND_SINCE) is None
    await fast.report(percent=60)
    await fast.tell("request_strike_off", HANDLING, deliverable="市医保发〔2016〕9号")
    await fast.tell("verify", SUPERVISOR, passed=True)
    assert await fast.handle().result() == "struck_off"
    fast.check_ledger()


async def test_while_the_database_is_away_the_task_answers_and_afterwards_everything_is_on_record(
    fast: InFastTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Unreliable(fast, monkeypatch)
    await fast.issue(fast.task("2016-06-30"))
    database.away = True
    await fast.tell("accept", HANDLING)
    await fast.report(percent=10)
    await fast.report(percent=20)

    async def has_failed() -> bool:
        return database.failures >= 2

    await eventually(has_failed)
    status = await fast.status()
    assert (status.percent, status.ledger_version) == (20, 5)
    assert len(fast.timeline()) == 2
    database.away = False
    await fast.recorded()
    kinds = [row.kind for row in fast.timeline()]
    assert kinds[2:] == [EntryKind.ACCEPTED, EntryKind.PROGRESS, EntryKind.PROGRESS]
    fast.check_ledger()


async def test_a_gateway_that_is_away_holds_up_notices_and_not_the_ladder(fast: InFastTime) -> None:
    fast.channel = channel_from(
        "webhook",
        outbox_dir=fast.settings.outbox_dir,
        webhook_url=f"http://127.0.0.1:{closed_port()}/hook",
        webhook_secret=None,
        webhook_timeout=1.0,
    )
    await fast.issue(fast.task("2016-06-30", "2016-12-20"), entered="2016-08-10", day_seconds=DAY)

    async def is_at_the_top() -> bool:
        return "e1/circular" in await fast.levels()

    await eventually(is_at_the_top)
    await fast.recorded()
    asked = [row for row in fast.notices() if row.kind in (NoticeKind.DECISION, NoticeKind.REQUEST)]
    assert GROUP in {row.recipient for row in asked}
    assert {row.delivered_at for row in fast.notices()} == {None}
    assert {row.status.value for row in asked} <= {"pending", "sending"}


@asynccontextmanager
async def worker_process(server: DevServer, fast: InFastTime, log: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """``python worker.py`` as an operator starts it."""
    settings = {
        "TEMPORAL_ADDRESS": server.address,
        "TEMPORAL_NAMESPACE": server.namespace,
        "DUBAN_HOME": str(fast.settings.home),
        "DUBAN_TASK_QUEUE": fast.settings.task_queue,
    }
    with log.open("ab") as output:
        child = await asyncio.create_subprocess_exec(
            sys.executable, "worker.py", cwd=ROOT, env={**os.environ, **settings}, stdout=output, stderr=output
        )
    try:
        yield child
    finally:
        if child.returncode is None:
            child.kill()
        await child.wait()


async def test_a_worker_killed_in_the_middle_goes_on_where_it_was(
    dev_server: DevServer, fast: InFastTime, tmp_path: Path
) -> None:
    tasks = [fast.task("2016-06-30", "2017-12-20", number=n) for n in range(1, 5)]
    log = tmp_path / "worker.log"

    async def all_behind() -> bool:
        return all(fast.of_kind(EntryKind.EPISODE_OPENED, n) for n in range(1, 5))

    async def others_at_the_top() -> bool:
        # Asked of the ledger: the workflow decides while an earlier write still waits to be begun again.
        return all(fast.of_kind(EntryKind.APPROVAL_ASKED, n) for n in (3, 4))

    async with worker_process(dev_server, fast, log) as killed:

        async def is_up() -> bool:
            return "worker.started" in log.read_text()

        await eventually(is_up)
        await fast.start(fast.prepare(*tasks, entered="2016-06-24", day_seconds=DAY))
        await fast.under_way()
        await eventually(all_behind)
        killed.send_signal(signal.SIGKILL)
        await killed.wait()
    reported: dict[int, str] = {}
    for number in (1, 2):
        message = await fast.said(HANDLING, milestones=[1], evidence=EVIDENCE)
        reported[number] = message["occurred_at"]
        await fast.handle(number).signal("progress", message)
    await asyncio.sleep(10 * DAY)

    async with worker_process(dev_server, fast, log) as second:

        async def reports_are_recorded() -> bool:
            return all(fast.of_kind(EntryKind.EPISODE_ENDED, n) for n in (1, 2))

        # A write that was under way when the worker was killed is begun again after its timeout of 30 seconds.
        await eventually(reports_are_recorded, within=120)
        await eventually(others_at_the_top, within=120)
        second.send_signal(signal.SIGTERM)
        assert await second.wait() == 0
    await fast.client.get_schedule_handle(SWEEP_SCHEDULE).delete()

    for number, occurred_at in reported.items():
        [entry] = fast.of_kind(EntryKind.PROGRESS, number)
        assert entry.at.isoformat() == occurred_at
        assert entry.recorded_at > entry.at
    for number in (3, 4):
        given = [row.level for row in fast.notices(number) if row.kind is NoticeKind.REMINDER and row.recipient != LEAD]
        passed = [row.text for row in fast.of_kind(EntryKind.REMINDER_NOT_ISSUED, number)]
        assert len(given) == len(set(given))
        assert len(given) + len(passed) == len({"phone", "written", "onsite"})
    fast.check_ledger()
