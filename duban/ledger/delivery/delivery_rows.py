"""The rows of one message: found, locked, moved. The caller's transaction is the caller's affair."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, func, or_, select, update
from sqlmodel import col

from duban.contracts import DeliveryOutcome
from duban.ledger.database.writing import Row, insert_rows, table_of
from duban.ledger.errors import NotInLedger
from duban.ledger.tables.notice_tables import (
    IS_UNFINISHED,
    DeliveryAttemptTable,
    DeliveryNoticeTable,
    DeliveryStatus,
    DeliveryTable,
    NoticeStatus,
    NoticeTable,
)
from duban.ledger.tables.plan_tables import PlanTable
from duban.supervision.days.clock import TaskClock


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


def of_delivery(delivery_id: str, *statuses: NoticeStatus) -> ColumnElement[bool]:
    """The notices of a message that stand so."""
    carried = select(col(DeliveryNoticeTable.notice_id)).where(col(DeliveryNoticeTable.delivery_id) == delivery_id)
    return and_(col(NoticeTable.id).in_(carried), col(NoticeTable.status).in_([status.value for status in statuses]))


def carried_by(delivery_id: str, attempt: int) -> ColumnElement[bool]:
    """The notices that went out with an attempt, however they stand now."""
    left_out_from = col(DeliveryNoticeTable.left_out_from)
    carried = select(col(DeliveryNoticeTable.notice_id)).where(
        col(DeliveryNoticeTable.delivery_id) == delivery_id, or_(left_out_from.is_(None), left_out_from > attempt)
    )
    return col(NoticeTable.id).in_(carried)


def leave_out_withdrawn(connection: Connection, delivery: RowMapping) -> None:
    """What was withdrawn since a message was begun goes out with no attempt from the next one on."""
    delivery_id: str = delivery["id"]
    notices, carried = table_of(NoticeTable), table_of(DeliveryNoticeTable)
    untrue = and_(
        of_delivery(delivery_id, NoticeStatus.SENDING, NoticeStatus.UNDELIVERABLE), notices.c.withdrawn_at.is_not(None)
    )
    connection.execute(
        update(carried)
        .where(carried.c.delivery_id == delivery_id, carried.c.notice_id.in_(select(notices.c.id).where(untrue)))
        .values(left_out_from=delivery["attempt"] + 1)
    )
    connection.execute(update(notices).where(untrue).values(status=NoticeStatus.WITHDRAWN.value))


def lock_notices(connection: Connection, which: ColumnElement[bool]) -> Sequence[int]:
    """Lock notices until the transaction ends; returns their numbers.

    Everybody who changes several notices locks them here first, and in one order: a task withdraws its notices to
    many bodies while a body's message takes up those of many tasks, and each would wait for the other.
    """
    notices = table_of(NoticeTable)
    locked = select(notices.c.id).where(which).order_by(notices.c.id).with_for_update(key_share=True)
    return connection.scalars(locked).all()


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


def clock_columns() -> list[ColumnElement[Any]]:
    """The columns that hold a plan's clock."""
    return [table_of(PlanTable).c[name] for name in TaskClock.model_fields]


def clock_of_row(row: RowMapping) -> TaskClock:
    """A plan's clock from a row with its columns."""
    return TaskClock(**{name: row[name] for name in TaskClock.model_fields})
