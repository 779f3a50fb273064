"""Claiming: a message is begun with what is pending, or an unfinished one is taken up again."""

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping, and_, func, select, update
from sqlmodel import col

from duban.contracts import Delivery, NoticeToSend, PaperNumber
from duban.ledger.database.writing import Row, insert_rows, table_of
from duban.ledger.delivery.choosing import chosen
from duban.ledger.delivery.delivery_rows import (
    begin_attempt,
    clock_columns,
    clock_of_row,
    leave_out_withdrawn,
    lock_notices,
    of_delivery,
    set_delivery,
)
from duban.ledger.tables.notice_tables import (
    IS_PENDING,
    DeliveryAttemptTable,
    DeliveryNoticeTable,
    DeliveryStatus,
    DeliveryTable,
    NoticeStatus,
    NoticeTable,
)
from duban.ledger.tables.plan_tables import PlanTable, TaskTable
from duban.supervision.bundling import SendingRules
from duban.supervision.days.calendar import Zone
from duban.supervision.days.clock import TaskClock
from duban.supervision.tasks.entries import NoticeIntent


def begin_message(
    connection: Connection, body: str, now: datetime, limit: int, lease: timedelta, rules: SendingRules
) -> Delivery | None:
    """A new message with what is due by the rules, under the body's lock; None where nothing is."""
    wanted = chosen(connection, body, rules, now).ids[:limit]
    if not wanted:
        return None
    # Looked at again under the lock: one may have been withdrawn meanwhile.
    numbers = lock_notices(connection, and_(col(NoticeTable.id).in_(wanted), IS_PENDING))
    if not numbers:
        return None
    claimed = connection.execute(
        select(col(NoticeTable.idempotency_key), col(NoticeTable.perhaps_sent_since)).where(
            col(NoticeTable.id).in_(numbers)
        )
    ).all()
    identity = "\n".join(sorted(key for key, _ in claimed))
    delivery_id = hashlib.sha256(identity.encode()).hexdigest()[:32]
    notices = table_of(NoticeTable)
    connection.execute(update(notices).where(notices.c.id.in_(numbers)).values(status=NoticeStatus.SENDING.value))
    row: Row = {
        "id": delivery_id,
        "recipient": body,
        "status": DeliveryStatus.SENDING.value,
        "attempt": 1,
        "uncertain": any(since is not None for _, since in claimed),
        "claimed_at": _clock_of(connection, claimed[0][0]).business(now),
        "claimed_at_real": now,
        "lease_until": now + lease,
        "retry_at": None,
        "ended_at": None,
    }
    insert_rows(connection, DeliveryTable, [row])
    insert_rows(
        connection,
        DeliveryNoticeTable,
        [{"delivery_id": delivery_id, "notice_id": number, "left_out_from": None} for number in numbers],
    )
    begin_attempt(connection, row, now)
    return _delivery(connection, row)


def resume_message(connection: Connection, delivery: RowMapping, now: datetime, lease: timedelta) -> Delivery | None:
    """The next attempt at an unfinished message; None where nothing of it is true any more."""
    delivery_id: str = delivery["id"]
    lost = delivery["status"] == DeliveryStatus.SENDING
    if lost:
        attempts = table_of(DeliveryAttemptTable)
        connection.execute(
            update(attempts)
            .where(attempts.c.delivery_id == delivery_id, attempts.c.attempt == delivery["attempt"])
            .values(uncertain=True)
        )
    sending = of_delivery(delivery_id, NoticeStatus.SENDING)
    lock_notices(connection, sending)
    leave_out_withdrawn(connection, delivery)
    if connection.scalar(select(func.count()).where(sending)) == 0:
        set_delivery(connection, delivery_id, DeliveryStatus.WITHDRAWN, ended_at=now)
        return None
    row: Row = {**delivery, "attempt": delivery["attempt"] + 1, "uncertain": delivery["uncertain"] or lost}
    set_delivery(
        connection,
        delivery_id,
        DeliveryStatus.SENDING,
        attempt=row["attempt"],
        uncertain=row["uncertain"],
        lease_until=now + lease,
    )
    begin_attempt(connection, row, now)
    return _delivery(connection, row)


def _delivery(connection: Connection, delivery: Row) -> Delivery:
    notices, tasks, plans = table_of(NoticeTable), table_of(TaskTable), table_of(PlanTable)
    carried = (
        select(notices, tasks.c.title.label("task_title"), plans.c.title.label("plan_title"), plans.c.zone)
        .join_from(notices, tasks, notices.c.task_code == tasks.c.code)
        .join(plans, notices.c.plan_code == plans.c.code)
        .where(of_delivery(delivery["id"], NoticeStatus.SENDING))
        .order_by(notices.c.id)
    )
    return Delivery(
        id=delivery["id"],
        recipient=delivery["recipient"],
        attempt=delivery["attempt"],
        uncertain=delivery["uncertain"],
        claimed_at=delivery["claimed_at"],
        notices=tuple(_to_send(row) for row in connection.execute(carried).mappings()),
    )


def _to_send(row: RowMapping) -> NoticeToSend:
    paper = None
    if row["paper_number"] is not None:
        paper = PaperNumber(series=row["paper_series"], year=row["paper_year"], number=row["paper_number"])
    return NoticeToSend(
        idempotency_key=row["idempotency_key"],
        task_code=row["task_code"],
        task_title=row["task_title"],
        plan_title=row["plan_title"],
        zone=Zone.model_validate(row["zone"]),
        paper=paper,
        intent=NoticeIntent.model_validate(row["intent"]),
    )


def _clock_of(connection: Connection, idempotency_key: str) -> TaskClock:
    notices, plans = table_of(NoticeTable), table_of(PlanTable)
    query = select(*clock_columns()).join_from(notices, plans, notices.c.plan_code == plans.c.code)
    return clock_of_row(connection.execute(query.where(notices.c.idempotency_key == idempotency_key)).mappings().one())
