"""Keys on a real server with the real worker: what a worker without the right one does, and that nothing is lost by it.

With the tasks' own workflows: their handlers take any JSON, and a worker without a codec leaves out the message that it
cannot read, and goes on.
"""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest
from pydantic import SecretStr
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHistory
from temporalio.converter import DataConverter
from temporalio.worker import Replayer

import worker as wiring
from duban.encryption.codec import ENCODING
from duban.encryption.converter import data_converter
from duban.encryption.errors import PayloadUnreadable
from duban.encryption.keys import PayloadKey
from duban.names import dispatch_workflow_id
from duban.sandbox import LeanSandbox
from duban.server import DevServer
from tests.supervision.supervised import HANDLING
from tests.workflows.installation import BODIES, InFastTime, end_workflows, eventually

OLD, NEW, WRONG = (PayloadKey.new(date(2026, 3, 2)) for _ in range(3))
SENTENCE = "方案送审中遇阻"
TITLE = "医保支付方式改革"


def _converter(*keys: PayloadKey) -> DataConverter:
    return data_converter(SecretStr(",".join(key.line for key in keys)) if keys else None)


def _in_plain_text(history: WorkflowHistory) -> set[str]:
    """Where payloads stand that are not encrypted: summaries and details of steps and timers count as well."""
    found: set[str] = set()

    def look(part: object, path: tuple[str, ...]) -> None:
        match part:
            case {"metadata": {"encoding": str(encoding)}}:
                if base64.b64decode(encoding) != ENCODING:
                    found.update(name for name in path if name.endswith("Attributes") and "Event" not in name)
                    found.update({path[-1]} if "searchAttributes" not in path else ())
            case dict():
                for name, value in part.items():
                    look(value, (*path, name))
            case list():
                for value in part:
                    look(value, path)
            case _:
                pass

    look(json.loads(history.to_json()), ())
    return found


class Office(InFastTime):
    """An installation whose keys change."""

    address: str

    async def use(self, *keys: PayloadKey) -> None:
        """Talk, and from the next start on work, with these keys."""
        self.client = await Client.connect(self.address, data_converter=_converter(*keys))

    async def work_with(self, *keys: PayloadKey) -> None:
        """A new worker with these keys, while we go on to talk with ours."""
        await self.rest()
        ours, self.client = self.client, await Client.connect(self.address, data_converter=_converter(*keys))
        await self.work()
        self.client = ours

    async def signal(self, note: str) -> None:
        """Progress by signal, which nobody answers."""
        await self.handle().signal("progress", await self.said(HANDLING, note=note))

    async def history(self) -> WorkflowHistory:
        """The task's history, as the server keeps it."""
        return await self.handle().fetch_history()

    async def failed_tasks(self) -> int:
        """How many workflow tasks have failed: the first failure of a row stands in the history."""
        return sum(
            event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED for event in (await self.history()).events
        )

    def notes(self) -> list[str]:
        """What people reported, as the ledger has it."""
        return [row.text for row in self.timeline() if row.message_id]


@pytest.fixture
async def office(dev_server: DevServer, dev_client: Client, tmp_path: Path, plan_code: str) -> AsyncIterator[Office]:
    await end_workflows(dev_client, [dispatch_workflow_id(body) for body in BODIES])
    installation = Office(dev_client, tmp_path, plan_code)
    installation.address = dev_server.address
    yield installation
    await installation.end()


async def test_a_task_lives_and_replays_encrypted_and_the_server_reads_nothing_that_people_wrote(
    office: Office,
) -> None:
    await office.use(OLD)
    await office.issue(office.task("2016-06-30"))
    await office.report(note=SENTENCE)
    refusal = await office.refused("report_progress", await office.said(HANDLING, percent=130))
    await office.recorded()

    assert "130" in refusal
    kept = await office.history()
    stored = b"".join(event.SerializeToString() for event in kept.events)
    for text in (SENTENCE, TITLE, "张三", "130%"):
        assert text.encode() not in stored
    assert _in_plain_text(kept) == {"searchAttributes"}
    replayed = await Replayer(
        workflows=wiring.WORKFLOWS, data_converter=_converter(NEW, OLD), workflow_runner=LeanSandbox()
    ).replay_workflow(kept, raise_on_replay_failure=False)
    assert replayed.replay_failure is None


@pytest.mark.parametrize("keys", [(WRONG,), ()], ids=["another key", "no key at all"])
async def test_a_worker_without_the_key_fails_no_workflow_and_drops_no_message(
    office: Office, keys: tuple[PayloadKey, ...]
) -> None:
    await office.use(OLD)
    await office.issue(office.task("2016-06-30"))
    await office.report(note="一")
    await office.recorded()
    await office.at_rest()

    await office.work_with(*keys)
    await office.signal("二")
    answer = asyncio.create_task(office.report(note="三"))

    async def has_failed() -> bool:
        return await office.failed_tasks() > 0

    await eventually(has_failed)
    described = await office.handle().describe()
    assert described.status is WorkflowExecutionStatus.RUNNING
    assert not answer.done()

    await office.work_with(OLD)
    assert "已受理" in (await answer).text
    await office.recorded()
    told = " ".join(office.notes())
    assert [note in told for note in ("一", "二", "三")] == [True, True, True]
    office.check_ledger()


async def test_a_worker_from_before_encryption_lets_an_encrypted_message_wait_for_one_with_the_key(
    office: Office,
) -> None:
    await office.use()
    await office.issue(office.task("2016-06-30"))
    await office.recorded()
    await office.use(OLD)  # a command line that was given the key too early
    await office.signal("太早")

    async def has_failed() -> bool:
        return await office.failed_tasks() > 0

    await eventually(has_failed)
    await office.work_with(OLD)
    await office.report(note="其后")
    await office.recorded()
    told = " ".join(office.notes())
    assert ("太早" in told, "其后" in told) == (True, True)


async def test_a_rotation_in_its_order_is_noticed_by_nobody(office: Office) -> None:
    await office.issue(office.task("2016-06-30"))
    await office.report(note="从前")
    await office.recorded()
    # Readers first, writers after them; each step meets workers and clients of the one before.
    steps = [((), (OLD,)), ((OLD,), (OLD,)), ((OLD,), (OLD, NEW)), ((NEW, OLD), (OLD, NEW)), ((NEW, OLD), (NEW, OLD))]
    for number, (client, worker) in enumerate(steps):
        await office.use(*client)
        if client:
            await office.work_with(*worker)
            await office.report(note=f"第{number}步")
            await office.recorded()

    assert await office.failed_tasks() == 0
    office.check_ledger()
    stored = b"".join(event.SerializeToString() for event in (await office.history()).events)
    assert "从前".encode() in stored
    assert OLD.id.encode() in stored
    assert NEW.id.encode() in stored


async def test_a_command_without_the_key_is_told_which_one_it_lacks(office: Office) -> None:
    await office.use(OLD)
    await office.issue(office.task("2016-06-30"))
    await office.use(NEW)
    with pytest.raises(PayloadUnreadable, match=f"“{OLD.id}”.*DUBAN_PAYLOAD_KEYS"):
        await office.status()
    await office.use(OLD)
