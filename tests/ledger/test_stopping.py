"""All sending is stopped by an order in the ledger, and goes on by another; nothing is lost between."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest

from duban.contracts import DeliveryOutcome
from duban.ledger import Ledger
from duban.ledger.database.engine import writing
from duban.ledger.delivery.delivery_rows import lock_body
from duban.ledger.delivery.sending_orders import SendingOrder, stopped
from duban.ledger.tables.notice_tables import NoticeStatus
from duban.supervision.tasks.entries import NoticesWithdrawn
from tests.ledger.building import batch, entry, notice, plan, real, register, task

AT = datetime(2026, 1, 5, tzinfo=UTC)
STOP = SendingOrder(stops=True, given_at=AT, given_by="王五", reason="机构调整")
GO_ON = SendingOrder(stops=False, given_at=AT + timedelta(days=1), given_by="王五", reason="")
LATER = real(9) + timedelta(days=1)


@pytest.fixture
def told(ledger: Ledger) -> Ledger:
    """Two notices to one body, due; one to another, not yet."""
    register(ledger, plan(task("P-1")))
    ledger.tasks.record(
        batch("P-1", entry(2, notice("a", day=2), notice("b", day=5), notice("c", to="财政局", day=30)))
    )
    return ledger


def test_while_sending_is_stopped_nothing_is_begun_and_nobody_is_woken_for_it(told: Ledger) -> None:
    assert told.sending.standing() is None
    assert told.sending.give(STOP)

    assert told.sending.standing() == STOP
    assert told.deliveries.claim("统计局", real(9)) is None
    assert told.deliveries.next_delivery_at("统计局", real(9)) is None
    assert {row.status for row in told.rows.notice_rows()} == {NoticeStatus.PENDING}


def test_an_order_that_changes_nothing_is_not_recorded(told: Ledger) -> None:
    assert not told.sending.give(GO_ON)
    assert told.sending.give(STOP)
    assert not told.sending.give(STOP.model_copy(update={"reason": "再次"}))
    assert told.sending.standing() == STOP


def test_what_is_on_its_way_is_settled_and_what_failed_waits(told: Ledger) -> None:
    delivery = told.deliveries.claim("统计局", real(9), limit=1)
    assert delivery is not None
    told.sending.give(STOP)
    told.deliveries.settle(delivery.id, 1, DeliveryOutcome.RETRY, real(9), "503", real(9))

    assert told.deliveries.claim("统计局", LATER) is None

    told.sending.give(GO_ON)
    again = told.deliveries.claim("统计局", LATER)
    assert again is not None
    assert (again.id, again.attempt, again.uncertain) == (delivery.id, 2, False)
    told.deliveries.settle(again.id, 2, DeliveryOutcome.DELIVERED, LATER)
    assert told.deliveries.next_delivery_at("统计局", LATER) == LATER


def test_when_it_goes_on_all_that_is_still_true_goes_in_one_message(told: Ledger) -> None:
    told.sending.give(STOP)
    told.tasks.record(batch("P-1", entry(3, NoticesWithdrawn(subjects=("a",), reason="已报送"), notice("d", day=6))))
    told.sending.give(GO_ON)

    assert told.sending.waiting_bodies() == ("统计局", "财政局"), "the one that is not due yet needs its dispatch too"
    assert told.sending.waiting_notices() == 3
    delivery = told.deliveries.claim("统计局", real(9))
    assert delivery is not None
    assert [each.intent.key for each in delivery.notices] == ["b", "d"]


def test_an_order_to_stop_waits_for_whoever_is_just_claiming(told: Ledger) -> None:
    looked, ordered = Event(), Event()

    def claim_slowly() -> None:
        with writing(told.engine) as connection:
            lock_body(connection, "统计局")
            assert not stopped(connection)
            looked.set()
            assert not ordered.wait(0.5), "it was on record while a claim went on that had not seen it"

    def order() -> None:
        looked.wait(10)
        told.sending.give(STOP)
        ordered.set()

    with ThreadPoolExecutor(2) as threads:
        for work in [threads.submit(claim_slowly), threads.submit(order)]:
            work.result(timeout=30)
    assert told.sending.standing() == STOP
