"""A worker that a roll-out stops in the middle of a delivery ends it first: nothing is left uncertain."""

import asyncio
import signal
from dataclasses import dataclass
from pathlib import Path

import pytest

from duban.ledger.tables.notice_tables import NoticeStatus
from duban.supervision.tasks.entries import EntryKind
from tests.faults.gateway import Seen as Delivered
from tests.faults.processes import GatewayChild
from tests.releases.stage import staged
from tests.releases.trees import released
from tests.supervision.supervised import HANDLING
from tests.workflows.installation import eventually

SECRET = "whsec_cmVsZWFzZXMgYXJlIHRyaWVkIGhlcmUsIG5vdCBhcmd1ZWQ="
ANSWERS_AFTER = 2.0


@dataclass
class Seen:
    """What was seen of the trial.

    Attributes:
        code: Of the worker that was stopped.
        attempts: Of each notice, with its status, right after the stop.
        deliveries: What the gateway saw in the end.
    """

    code: int
    attempts: list[tuple[NoticeStatus, int]]
    deliveries: tuple[Delivered, ...]


async def stopped_while_delivering(program: Path, home: Path, tasks: int) -> Seen:  # noqa: ARG001 - one shows it
    """SIGTERM between the request and the gateway's answer; another worker goes on."""
    tree, gateway = released(home / "present"), GatewayChild(home, SECRET)
    await gateway.start()
    channel = {"DUBAN_CHANNEL": "webhook", "DUBAN_WEBHOOK_URL": gateway.url, "DUBAN_WEBHOOK_SECRET": SECRET}

    async def is_on_its_way() -> bool:
        return bool(gateway.seen())

    try:
        async with staged(program, home, "D1") as stage:
            fast = stage.fast
            async with stage.worker(tree, **channel) as stopped:
                await gateway.told(takes=ANSWERS_AFTER)
                await fast.start(fast.prepare(fast.task("2016-12-20"), entered="2016-06-24"))
                await eventually(is_on_its_way)
                stopped.process.send_signal(signal.SIGTERM)
                code = await stopped.process.wait()
            attempts = [(row.status, row.attempts) for row in fast.notices()]
            async with stage.worker(tree, **channel):
                await fast.under_way()
                await fast.tell("accept", HANDLING)
                await fast.recorded()
                assert fast.of_kind(EntryKind.ACCEPTED)
                fast.check_ledger()
            return Seen(code, attempts, gateway.seen())
    finally:
        await asyncio.shield(gateway.stop())


@pytest.mark.tries(trial=stopped_while_delivering)
class TestStoppedWhileDelivering:
    def test_the_delivery_is_ended_and_on_record_before_the_worker_is(self, outcome: Seen) -> None:
        assert outcome.code == 0
        assert (NoticeStatus.DELIVERED, 1) in outcome.attempts
        assert NoticeStatus.SENDING not in {status for status, _ in outcome.attempts}

    def test_and_the_next_worker_does_not_send_it_again(self, outcome: Seen) -> None:
        said = [seen.body["data"] for seen in outcome.deliveries]
        assert {(message["attempt"], message["uncertain"]) for message in said} == {(1, False)}
        assert len({message["id"] for message in said}) == len(said)
