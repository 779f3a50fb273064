"""Writers and readers that meet: nobody waits for ever, nobody sees half of what another has written."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count
from threading import Event

import pytest
from sqlalchemy import text

from duban.contracts import DeliveryOutcome
from duban.ledger import Ledger, LedgerUnavailable, migrate
from duban.ledger.database import engine as engines
from duban.ledger.database.engine import writing
from duban.supervision.tasks.entries import NoticesWithdrawn
from tests.ledger.building import batch, entry, notice, plan, real, register, task

ROUNDS = 40


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool


def test_a_chain_that_grows_while_it_is_checked_is_not_taken_for_broken(
    ledger: Ledger, threads: ThreadPoolExecutor
) -> None:
    register(ledger, plan(task("P-1")))
    written = Event()

    def check() -> set[int | None]:
        found: set[int | None] = set()
        while not written.is_set():
            found.add(ledger.timelines.verify_chain("P-1"))
        return found

    checking = threads.submit(check)
    for version in range(2, ROUNDS):
        ledger.tasks.record(batch("P-1", entry(version)))
    written.set()

    assert checking.result() == {None}


def test_a_task_that_withdraws_and_a_body_that_claims_never_wait_for_each_other(
    ledger: Ledger, threads: ThreadPoolExecutor
) -> None:
    """Each locks several notices. In unlike orders PostgreSQL would end one of the two after a second."""
    register(ledger, plan(task("P-1")))
    written = Event()

    def claim() -> None:
        while not written.is_set():
            delivery = ledger.deliveries.claim("统计局", real(999))
            if delivery is not None:
                ledger.deliveries.settle(delivery.id, delivery.attempt, DeliveryOutcome.RETRY, real(999))

    claiming = threads.submit(claim)
    versions = count(2)
    for _ in range(ROUNDS):
        version = next(versions)
        # By subject the last comes first, by moment and by number the first.
        told = [notice(f"{version}-{n:02}", subject=f"s/{30 - n:02}") for n in range(30)]
        ledger.tasks.record(batch("P-1", entry(version, *told)))
        ledger.tasks.record(batch("P-1", entry(next(versions), NoticesWithdrawn(subjects=("s",), reason="已完成"))))
    written.set()
    claiming.result()

    while ledger.deliveries.claim("统计局", real(999) + timedelta(days=1)):
        pytest.fail("something that is withdrawn is sent")
    assert {row.status.value for row in ledger.rows.notice_rows()} == {"withdrawn"}


def test_nobody_waits_for_ever_for_a_transaction_that_does_not_end(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "BUSY_TIMEOUT_SECONDS", 1)
    migrate(database_url)
    ledger = Ledger.open(database_url)
    register(ledger, plan(task("P-1")))
    try:
        with writing(ledger.engine) as frozen:
            frozen.execute(text("UPDATE tasks SET title = title"))
            with pytest.raises(LedgerUnavailable):
                ledger.tasks.record(batch("P-1", entry(2)))
        assert ledger.tasks.record(batch("P-1", entry(2))).version == 2
    finally:
        ledger.close()
