"""Messages on their way: claimed, sent by others, settled.

A notice leaves ``pending`` once in its life, into exactly one message, whose identifier comes from the
keys of its notices. Everything about one body's messages happens under that body's lock, so that two
claimers never get the same notice. An attempt whose outcome was never recorded is given out again,
marked uncertain, but not before its lease has ended: until then somebody may still be sending it.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, assert_never

from sqlalchemy import ColumnElement, Connection, Engine, RowMapping, and_, func, or_, select, union_all, update
from sqlmodel import col

from duban.contracts import Delivery, DeliveryOutcome, NoticeToSend, PaperNumber
from duban.ledger.engine import reading, writing
from duban.ledger.errors import LedgerConflict, NotInLedger
from duban.ledger.notice_tables import (
    DeliveryAttemptTable,
    DeliveryNoticeTable,
    DeliveryStatus,
    DeliveryTable,
    NoticeStatus,
    NoticeTable,
)
from duban.ledger.plan_tables import PlanTable, TaskTable
from duban.ledger.writing import Row, insert_rows, table_of
from duban.supervision.clock import TaskClock
from duban.supervision.entries import NoticeIntent
from duban.supervision.model import Frozen

LEASE = timedelta(seconds=60)
"""How long an attempt may take before it counts as lost; longer than a channel waits for its gateway."""
NOTICES_AT_ONCE = 50

UNFINISHED = (DeliveryStatus.SENDING.value, DeliveryStatus.WAITING.value)


class UndeliverableRow(Frozen):
    """A message that could not be delivered; it can be sent again. Moments are real time.

    Attributes:
        detail: What the last attempt met with.
        still_true: Whether any of its notices has not been withdrawn meanwhile.
    """

    delivery_id: str
    recipient: str
    attempts: int
    ended_at: datetime | None
    detail: str
    idempotency_keys: tuple[str, ...]
    still_true: bool


class DeliveryRepository:
    """Messages to bodies; each method is one transaction. All moments are real time.

    Every method raises ``LedgerUnavailable`` where the database cannot be reached.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def claim(
        self, body: str, now_real: datetime, *, limit: int = NOTICES_AT_ONCE, lease: timedelta = LEASE
    ) -> Delivery | None:
        """The next message to a body; an unfinished one comes before anything new.

        What was withdrawn since an unfinished message was begun is left out of it.

        Args:
            limit: Notices in one message at most.
            lease: How long the caller takes at most from here to ``settle``.

        Returns:
            The message, begun and on record as begun; None where nothing is due, or where somebody
            is sending to this body just now.
        """
        with writing(self._engine) as connection:
            _lock_body(connection, body)
            unfinished = _unfinished(connection, body)
            if any(row["lease_until"] is not None and row["lease_until"] > now_real for row in unfinished):
                return None
            for row in unfinished:
                if row["retry_at"] is None or row["retry_at"] <= now_real:
                    resumed = _resume(connection, row, now_real, lease)
                    if resumed is not None:
                        return resumed
            return _begin(connection, body, now_real, limit, lease)

    def settle(
        self,
        delivery_id: str,
        attempt: int,
        outcome: DeliveryOutcome,
        at_real: datetime,
        detail: str = "",
        retry_at: datetime | None = None,
        channel: str = "",
    ) -> None:
        """Record what came of an attempt; the same again changes nothing.

        A late success counts, even when a later attempt has begun; a late failure changes only its own record.

        Args:
            detail: What the gateway answered, without addresses.
            retry_at: For ``retry``: when to try again; at once where it is missing.
            channel: Name of the channel that was used.

        Raises:
            NotInLedger: There is no such attempt.
        """
        with writing(self._engine) as connection:
            delivery = _locked(connection, delivery_id)
            _end_attempt(connection, delivery_id, attempt, outcome, at_real, detail, channel)
            if delivery["status"] == DeliveryStatus.DELIVERED:
                return
            is_current = delivery["attempt"] == attempt and delivery["status"] == DeliveryStatus.SENDING
            match outcome:
                case DeliveryOutcome.DELIVERED:
                    _set_delivery(connection, delivery_id, DeliveryStatus.DELIVERED, ended_at=at_real)
                    _deliver(connection, delivery_id, at_real, channel)
                case DeliveryOutcome.RETRY if is_current:
                    _set_delivery(connection, delivery_id, DeliveryStatus.WAITING, retry_at=retry_at or at_real)
                case DeliveryOutcome.UNDELIVERABLE if is_current:
                    _set_delivery(connection, delivery_id, DeliveryStatus.UNDELIVERABLE, ended_at=at_real)
                    _move(connection, delivery_id, NoticeStatus.SENDING, NoticeStatus.UNDELIVERABLE, channel=channel)
                case DeliveryOutcome.RETRY | DeliveryOutcome.UNDELIVERABLE:
                    pass
                case _:
                    assert_never(outcome)

    def next_delivery_at(self, body: str) -> datetime | None:
        """When to claim for a body next; None where nothing is pending.

        While somebody is sending, this is the end of the lease: settling makes it earlier.
        """
        with reading(self._engine) as connection:
            unfinished = _unfinished(connection, body)
            pending = connection.scalar(
                select(func.min(col(NoticeTable.deliver_not_before_real))).where(
                    col(NoticeTable.recipient) == body, col(NoticeTable.status) == NoticeStatus.PENDING.value
                )
            )
        leases: list[datetime] = [row["lease_until"] for row in unfinished if row["lease_until"] is not None]
        if leases:
            return min(leases)
        moments: list[datetime] = [row["retry_at"] for row in unfinished if row["retry_at"] is not None]
        return min([*moments, *([pending] if pending is not None else [])], default=None)

    def bodies_with_due_notices(self, now_real: datetime) -> tuple[str, ...]:
        """Bodies to which something can be sent now, by name."""
        pending = select(col(NoticeTable.recipient)).where(
            col(NoticeTable.status) == NoticeStatus.PENDING.value,
            col(NoticeTable.deliver_not_before_real) <= now_real,
        )
        ready = func.coalesce(col(DeliveryTable.retry_at), col(DeliveryTable.lease_until))
        unfinished = select(col(DeliveryTable.recipient)).where(
            col(DeliveryTable.status).in_(UNFINISHED), ready <= now_real
        )
        with reading(self._engine) as connection:
            return tuple(sorted(set(connection.scalars(union_all(pending.distinct(), unfinished.distinct())))))

    def undeliverable(self) -> tuple[UndeliverableRow, ...]:
        """Messages that could not be delivered, oldest first."""
        deliveries = table_of(DeliveryTable)
        last = select(col(DeliveryAttemptTable.detail)).where(
            col(DeliveryAttemptTable.delivery_id) == deliveries.c.id,
            col(DeliveryAttemptTable.attempt) == deliveries.c.attempt,
        )
        failed = (
            select(deliveries, last.scalar_subquery().label("detail"))
            .where(deliveries.c.status == DeliveryStatus.UNDELIVERABLE.value)
            .order_by(deliveries.c.claimed_at_real)
        )
        with reading(self._engine) as connection:
            return tuple(_undeliverable(connection, row) for row in connection.execute(failed).mappings().all())

    def send_again(self, delivery_ids: Sequence[str], now_real: datetime) -> tuple[str, ...]:
        """Take up undeliverable messages again, under the same identifiers; what is no longer true stays out.

        Returns:
            The bodies to which something is due now.

        Raises:
            NotInLedger: There is no such message.
            LedgerConflict: A message is not undeliverable, or none of its notices is true any more.
        """
        with writing(self._engine) as connection:
            return tuple(dict.fromkeys(_take_up(connection, each, now_real) for each in delivery_ids))


def _lock_body(connection: Connection, body: str) -> None:
    """SQLite has one writer anyway; PostgreSQL takes turns for each body."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"duban/deliveries/{body}", 0))))


def _unfinished(connection: Connection, body: str) -> Sequence[RowMapping]:
    table = table_of(DeliveryTable)
    query = select(table).where(table.c.recipient == body, table.c.status.in_(UNFINISHED))
    return connection.execute(query.order_by(table.c.claimed_at_real, table.c.id)).mappings().all()


def _locked(connection: Connection, delivery_id: str) -> RowMapping:
    table = table_of(DeliveryTable)
    recipient = connection.scalar(select(table.c.recipient).where(table.c.id == delivery_id))
    if recipient is None:
        raise NotInLedger(f"台账中没有送达记录 {delivery_id}")
    _lock_body(connection, recipient)
    return connection.execute(select(table).where(table.c.id == delivery_id)).mappings().one()


def _begin(connection: Connection, body: str, now: datetime, limit: int, lease: timedelta) -> Delivery | None:
    due = (
        select(col(NoticeTable.id), col(NoticeTable.idempotency_key))
        .where(
            col(NoticeTable.recipient) == body,
            col(NoticeTable.status) == NoticeStatus.PENDING.value,
            col(NoticeTable.deliver_not_before_real) <= now,
        )
        .order_by(col(NoticeTable.deliver_not_before_real), col(NoticeTable.id))
        .limit(limit)
        .with_for_update()  # against a withdrawal at the same moment
    )
    claimed = connection.execute(due).all()
    if not claimed:
        return None
    identity = "\n".join(sorted(key for _, key in claimed))
    delivery_id = hashlib.sha256(identity.encode()).hexdigest()[:32]
    notices = table_of(NoticeTable)
    connection.execute(
        update(notices).where(notices.c.id.in_([i for i, _ in claimed])).values(status=NoticeStatus.SENDING.value)
    )
    row: Row = {
        "id": delivery_id,
        "recipient": body,
        "status": DeliveryStatus.SENDING.value,
        "attempt": 1,
        "uncertain": False,
        "claimed_at": _clock_of(connection, claimed[0][1]).business(now),
        "claimed_at_real": now,
        "lease_until": now + lease,
        "retry_at": None,
        "ended_at": None,
    }
    insert_rows(connection, DeliveryTable, [row])
    insert_rows(connection, DeliveryNoticeTable, [{"delivery_id": delivery_id, "notice_id": i} for i, _ in claimed])
    _begin_attempt(connection, row, now)
    return _delivery(connection, row)


def _resume(connection: Connection, delivery: RowMapping, now: datetime, lease: timedelta) -> Delivery | None:
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
    notices = table_of(NoticeTable)
    sending = _of_delivery(delivery_id, NoticeStatus.SENDING)
    connection.execute(
        update(notices).where(sending, notices.c.withdrawn_at.is_not(None)).values(status=NoticeStatus.WITHDRAWN.value)
    )
    if connection.scalar(select(func.count()).where(sending)) == 0:
        _set_delivery(connection, delivery_id, DeliveryStatus.WITHDRAWN, ended_at=now)
        return None
    row: Row = {**delivery, "attempt": delivery["attempt"] + 1, "uncertain": delivery["uncertain"] or lost}
    _set_delivery(
        connection,
        delivery_id,
        DeliveryStatus.SENDING,
        attempt=row["attempt"],
        uncertain=row["uncertain"],
        lease_until=now + lease,
    )
    _begin_attempt(connection, row, now)
    return _delivery(connection, row)


def _begin_attempt(connection: Connection, delivery: Row, now: datetime) -> None:
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


def _end_attempt(
    connection: Connection,
    delivery_id: str,
    attempt: int,
    outcome: DeliveryOutcome,
    at: datetime,
    detail: str,
    channel: str,
) -> None:
    table = table_of(DeliveryAttemptTable)
    this = (table.c.delivery_id == delivery_id) & (table.c.attempt == attempt)
    if connection.scalar(select(func.count()).where(this)) == 0:
        raise NotInLedger(f"台账中没有送达记录 {delivery_id} 的第{attempt}次尝试")
    connection.execute(
        update(table)
        .where(this, table.c.ended_at.is_(None))
        .values(ended_at=at, outcome=outcome.value, detail=detail, channel=channel)
    )


def _of_delivery(delivery_id: str, status: NoticeStatus) -> ColumnElement[bool]:
    carried = select(col(DeliveryNoticeTable.notice_id)).where(col(DeliveryNoticeTable.delivery_id) == delivery_id)
    return and_(col(NoticeTable.id).in_(carried), col(NoticeTable.status) == status.value)


def _set_delivery(connection: Connection, delivery_id: str, status: DeliveryStatus, **values: object) -> None:
    """A message has a lease while it is sent and a moment while it waits, and neither once it is over."""
    table = table_of(DeliveryTable)
    fresh: Row = {"lease_until": None, "retry_at": None, **values, "status": status.value}
    connection.execute(update(table).where(table.c.id == delivery_id).values(fresh))


def _move(
    connection: Connection, delivery_id: str, before: NoticeStatus, after: NoticeStatus, **values: object
) -> None:
    connection.execute(
        update(table_of(NoticeTable)).where(_of_delivery(delivery_id, before)).values(status=after.value, **values)
    )


def _deliver(connection: Connection, delivery_id: str, at: datetime, channel: str) -> None:
    """The notices of a message are delivered, each at the moment that its own plan's clock shows."""
    notices, plans = table_of(NoticeTable), table_of(PlanTable)
    # A success that comes late finds the message given up already.
    carried = or_(*(_of_delivery(delivery_id, s) for s in (NoticeStatus.SENDING, NoticeStatus.UNDELIVERABLE)))
    clocks = select(plans.c.code, *_clock_columns()).where(plans.c.code.in_(select(notices.c.plan_code).where(carried)))
    for row in connection.execute(clocks).mappings().all():
        connection.execute(
            update(notices)
            .where(carried, notices.c.plan_code == row["code"])
            .values(
                status=NoticeStatus.DELIVERED.value,
                delivered_at=_clock(row).business(at),
                delivered_at_real=at,
                channel=channel,
            )
        )


def _take_up(connection: Connection, delivery_id: str, now: datetime) -> str:
    delivery = _locked(connection, delivery_id)
    if delivery["status"] != DeliveryStatus.UNDELIVERABLE:
        raise LedgerConflict(f"送达记录 {delivery_id} 不是无法送达的状态，不能重新发送")
    failed = and_(_of_delivery(delivery_id, NoticeStatus.UNDELIVERABLE), col(NoticeTable.withdrawn_at).is_(None))
    moved = connection.execute(update(table_of(NoticeTable)).where(failed).values(status=NoticeStatus.SENDING.value))
    if moved.rowcount == 0:
        raise LedgerConflict(f"送达记录 {delivery_id} 中的通知都已撤回，无须重新发送")
    _set_delivery(connection, delivery_id, DeliveryStatus.WAITING, retry_at=now, ended_at=None)
    recipient: str = delivery["recipient"]
    return recipient


def _delivery(connection: Connection, delivery: Row) -> Delivery:
    notices, tasks, plans = table_of(NoticeTable), table_of(TaskTable), table_of(PlanTable)
    carried = (
        select(notices, tasks.c.title.label("task_title"), plans.c.title.label("plan_title"))
        .join_from(notices, tasks, notices.c.task_code == tasks.c.code)
        .join(plans, notices.c.plan_code == plans.c.code)
        .where(_of_delivery(delivery["id"], NoticeStatus.SENDING))
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
        paper=paper,
        intent=NoticeIntent.model_validate(row["intent"]),
    )


def _undeliverable(connection: Connection, delivery: RowMapping) -> UndeliverableRow:
    notices = table_of(NoticeTable)
    failed = connection.execute(
        select(notices.c.idempotency_key, notices.c.withdrawn_at)
        .where(_of_delivery(delivery["id"], NoticeStatus.UNDELIVERABLE))
        .order_by(notices.c.id)
    ).all()
    return UndeliverableRow(
        delivery_id=delivery["id"],
        recipient=delivery["recipient"],
        attempts=delivery["attempt"],
        ended_at=delivery["ended_at"],
        detail=delivery["detail"] or "",
        idempotency_keys=tuple(key for key, _ in failed),
        still_true=any(withdrawn is None for _, withdrawn in failed),
    )


def _clock_columns() -> list[ColumnElement[Any]]:
    return [table_of(PlanTable).c[name] for name in TaskClock.model_fields]


def _clock(row: RowMapping) -> TaskClock:
    return TaskClock(**{name: row[name] for name in TaskClock.model_fields})


def _clock_of(connection: Connection, idempotency_key: str) -> TaskClock:
    notices, plans = table_of(NoticeTable), table_of(PlanTable)
    query = select(*_clock_columns()).join_from(notices, plans, notices.c.plan_code == plans.c.code)
    return _clock(connection.execute(query.where(notices.c.idempotency_key == idempotency_key)).mappings().one())
