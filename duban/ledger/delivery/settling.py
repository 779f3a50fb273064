"""Settling: what came of an attempt is put on record, and a message that failed is taken up again."""

from datetime import datetime
from typing import assert_never

from sqlalchemy import Connection, and_, select, update
from sqlmodel import col

from duban.contracts import DeliveryOutcome
from duban.ledger.database.writing import table_of
from duban.ledger.delivery.delivery_rows import (
    carried_by,
    clock_columns,
    clock_of_row,
    end_attempt,
    leave_out_withdrawn,
    lock_notices,
    locked_delivery,
    of_delivery,
    set_delivery,
)
from duban.ledger.errors import LedgerConflict
from duban.ledger.tables.notice_tables import DeliveryStatus, NoticeStatus, NoticeTable
from duban.ledger.tables.plan_tables import PlanTable


def settle_attempt(
    connection: Connection,
    delivery_id: str,
    attempt: int,
    outcome: DeliveryOutcome,
    at: datetime,
    detail: str,
    retry_at: datetime | None,
    channel: str,
) -> None:
    """Record an attempt's outcome within the caller's transaction; see ``DeliveryRepository.settle``."""
    delivery = locked_delivery(connection, delivery_id)
    end_attempt(connection, delivery_id, attempt, outcome, at, detail, channel)
    is_current = delivery["attempt"] == attempt and delivery["status"] == DeliveryStatus.SENDING
    match outcome:
        case DeliveryOutcome.DELIVERED:
            if delivery["status"] != DeliveryStatus.DELIVERED:
                set_delivery(connection, delivery_id, DeliveryStatus.DELIVERED, ended_at=at)
            _deliver(connection, delivery_id, attempt, at, channel)
        case DeliveryOutcome.RETRY if is_current:
            set_delivery(connection, delivery_id, DeliveryStatus.WAITING, retry_at=retry_at or at)
        case DeliveryOutcome.UNDELIVERABLE if is_current:
            set_delivery(connection, delivery_id, DeliveryStatus.UNDELIVERABLE, ended_at=at)
            failed = of_delivery(delivery_id, NoticeStatus.SENDING)
            lock_notices(connection, failed)
            connection.execute(
                update(table_of(NoticeTable))
                .where(failed)
                .values(status=NoticeStatus.UNDELIVERABLE.value, channel=channel)
            )
        case DeliveryOutcome.RETRY | DeliveryOutcome.UNDELIVERABLE:
            pass
        case _:
            assert_never(outcome)


def take_up(connection: Connection, delivery_id: str, now: datetime) -> str:
    """Let an undeliverable message wait for its next attempt; returns its body.

    Raises:
        NotInLedger: There is no such message.
        LedgerConflict: It is not undeliverable, or nothing of it is true any more.
    """
    delivery = locked_delivery(connection, delivery_id)
    if delivery["status"] != DeliveryStatus.UNDELIVERABLE:
        raise LedgerConflict(f"送达记录 {delivery_id} 不是无法送达的状态，不能重新发送")
    failed = of_delivery(delivery_id, NoticeStatus.UNDELIVERABLE)
    lock_notices(connection, failed)
    leave_out_withdrawn(connection, delivery)
    moved = connection.execute(update(table_of(NoticeTable)).where(failed).values(status=NoticeStatus.SENDING.value))
    if moved.rowcount == 0:
        raise LedgerConflict(f"送达记录 {delivery_id} 中的通知都已撤回，无须重新发送")
    set_delivery(connection, delivery_id, DeliveryStatus.WAITING, retry_at=now, ended_at=None)
    recipient: str = delivery["recipient"]
    return recipient


def _deliver(connection: Connection, delivery_id: str, attempt: int, at: datetime, channel: str) -> None:
    """What went out with an attempt is delivered, each notice at the moment that its own plan's clock shows.

    A success that comes late may find a notice given up or withdrawn already: it was delivered all the same.
    """
    notices, plans = table_of(NoticeTable), table_of(PlanTable)
    arrived = and_(carried_by(delivery_id, attempt), col(NoticeTable.status) != NoticeStatus.DELIVERED.value)
    lock_notices(connection, arrived)
    clocks = select(plans.c.code, *clock_columns()).where(plans.c.code.in_(select(notices.c.plan_code).where(arrived)))
    for row in connection.execute(clocks).mappings().all():
        connection.execute(
            update(notices)
            .where(arrived, notices.c.plan_code == row["code"])
            .values(
                status=NoticeStatus.DELIVERED.value,
                delivered_at=clock_of_row(row).business(at),
                delivered_at_real=at,
                channel=channel,
            )
        )
