"""The rows of one message: found, locked, moved. The caller's transaction is the caller's affair."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, func, select, update
from sqlmodel import col

from duban.contracts import DeliveryOutcome
from duban.ledger.errors import NotInLedger
from duban.ledger.notice_tables import (
    IS_UNFINISHED,
    DeliveryAttemptTable,
    DeliveryNoticeTable,
    DeliveryStatus,
    DeliveryTable,
    NoticeStatus,
    NoticeTable,
)
from duban.ledger.plan_tables import PlanTable
from duban.ledger.writing import Row, insert_rows, table_of
from duban.supervision.clock import TaskClock


def lock_body(connection: Connection, body: str) -> None:
    """SQLite has one writer anyway; PostgreSQL takes turns for each body."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"duban/deliveries/{body}", 0))))


def unfinished_deliveries(connection: Connection, body: str) -> Sequence[RowMapping]:
    """Messages to a body that have no end yet, oldest first."""
    table = table_of(DeliveryTable)
    query = select(table).where(table.c.recipient == body, IS_UNFINISHED)
    return connection.execute(query.order_by(table.c.claimed_at_real, table.c.id)).mappings().all()


def locked_delivery(connection: Connection, delivery_id: str) -> RowMapping:
    """A message, under the lock of its body.

    Raises:
        NotInLedger: There is no such message.
    """
    table = table_of(DeliveryTable)
    recipient = connection.scalar(select(table.c.recipient).where(table.c.id == delivery_id))
    if recipient is None:
        raise NotInLedger(f"台账中没有送达记录 {delivery_id}")
    lock_body(connection, recipient)
    return connection.execute(select(table).where(table.c.id == delivery_id)).mappings().one()


def of_delivery(delivery_id: str, status: NoticeStatus) -> ColumnElement[bool]:
    """The notices of a message that stand so."""
    carried = select(col(DeliveryNoticeTable.notice_id)).where(col(DeliveryNoticeTable.delivery_id) == delivery_id)
    return and_(col(NoticeTable.id).in_(carried), col(NoticeTable.status) == status.value)


def set_delivery(connection: Connection, delivery_id: str, status: DeliveryStatus, **values: object) -> None:
    """A message has a lease while it is sent and a moment while it waits, and neither once it is over."""
    table = table_of(DeliveryTable)
    fresh: Row = {"lease_until": None, "retry_at": None, **values, "status": status.value}
    connection.execute(update(table).where(table.c.id == delivery_id).values(fresh))


def begin_attempt(connection: Connection, delivery: Row, now: datetime) -> None:
    """Put an attempt on record before it is made."""
    attempt: Row = {
        "delivery_id": delivery["id"],
        "attempt": delivery["attempt"],
        "begun_at": now,
        "ended_at": None,
        "outcome": None,
        "detail": "",
        "channel": "",
        "uncertain": False,
    }
    insert_rows(connection, DeliveryAttemptTable, [attempt])


def end_attempt(
    connection: Connection,
    delivery_id: str,
    attempt: int,
    outcome: DeliveryOutcome,
    at: datetime,
    detail: str,
    channel: str,
) -> None:
    """Put an outcome on record; the first one stands.

    Raises:
        NotInLedger: There is no such attempt.
    """
    table = table_of(DeliveryAttemptTable)
    this = (table.c.delivery_id == delivery_id) & (table.c.attempt == attempt)
    if connection.scalar(select(func.count()).where(this)) == 0:
        raise NotInLedger(f"台账中没有送达记录 {delivery_id} 的第{attempt}次尝试")
    connection.execute(
        update(table)
        .where(this, table.c.ended_at.is_(None))
        .values(ended_at=at, outcome=outcome.value, detail=detail, channel=channel)
    )


def move_notices(
    connection: Connection, delivery_id: str, before: NoticeStatus, after: NoticeStatus, **values: object
) -> None:
    """Bring the notices of a message from one status to another."""
    connection.execute(
        update(table_of(NoticeTable)).where(of_delivery(delivery_id, before)).values(status=after.value, **values)
    )


def clock_columns() -> list[ColumnElement[Any]]:
    """The columns that hold a plan's clock."""
    return [table_of(PlanTable).c[name] for name in TaskClock.model_fields]


def clock_of_row(row: RowMapping) -> TaskClock:
    """A plan's clock from a row with its columns."""
    return TaskClock(**{name: row[name] for name in TaskClock.model_fields})
