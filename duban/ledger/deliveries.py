"""Messages on their way: claimed, sent by others, settled.

A notice leaves ``pending`` once in its life, into exactly one message, whose identifier comes from the
keys of its notices. Everything about one body's messages happens under that body's lock, so that two
claimers never get the same notice. An attempt whose outcome was never recorded is given out again,
marked uncertain, but not before its lease has ended: until then somebody may still be sending it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import assert_never

from sqlalchemy import Connection, Engine, RowMapping, and_, func, or_, select, union_all, update
from sqlmodel import col

from duban.contracts import Delivery, DeliveryOutcome
from duban.ledger.claiming import begin_message, resume_message
from duban.ledger.delivery_rows import (
    clock_columns,
    clock_of_row,
    end_attempt,
    lock_body,
    locked_delivery,
    move_notices,
    of_delivery,
    set_delivery,
    unfinished_deliveries,
)
from duban.ledger.engine import reading, writing
from duban.ledger.errors import LedgerConflict
from duban.ledger.notice_tables import (
    IS_PENDING,
    IS_UNFINISHED,
    DeliveryAttemptTable,
    DeliveryStatus,
    DeliveryTable,
    NoticeStatus,
    NoticeTable,
)
from duban.ledger.plan_tables import PlanTable
from duban.ledger.writing import table_of
from duban.supervision.model import Frozen

LEASE = timedelta(seconds=60)
"""How long an attempt may take before it counts as lost; longer than a channel waits for its gateway."""
NOTICES_AT_ONCE = 50


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
            lock_body(connection, body)
            unfinished = unfinished_deliveries(connection, body)
            if any(row["lease_until"] is not None and row["lease_until"] > now_real for row in unfinished):
                return None
            for row in unfinished:
                if row["retry_at"] is None or row["retry_at"] <= now_real:
                    resumed = resume_message(connection, row, now_real, lease)
                    if resumed is not None:
                        return resumed
            return begin_message(connection, body, now_real, limit, lease)

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
            delivery = locked_delivery(connection, delivery_id)
            end_attempt(connection, delivery_id, attempt, outcome, at_real, detail, channel)
            if delivery["status"] == DeliveryStatus.DELIVERED:
                return
            is_current = delivery["attempt"] == attempt and delivery["status"] == DeliveryStatus.SENDING
            match outcome:
                case DeliveryOutcome.DELIVERED:
                    set_delivery(connection, delivery_id, DeliveryStatus.DELIVERED, ended_at=at_real)
                    _deliver(connection, delivery_id, at_real, channel)
                case DeliveryOutcome.RETRY if is_current:
                    set_delivery(connection, delivery_id, DeliveryStatus.WAITING, retry_at=retry_at or at_real)
                case DeliveryOutcome.UNDELIVERABLE if is_current:
                    set_delivery(connection, delivery_id, DeliveryStatus.UNDELIVERABLE, ended_at=at_real)
                    move_notices(
                        connection, delivery_id, NoticeStatus.SENDING, NoticeStatus.UNDELIVERABLE, channel=channel
                    )
                case DeliveryOutcome.RETRY | DeliveryOutcome.UNDELIVERABLE:
                    pass
                case _:
                    assert_never(outcome)

    def next_delivery_at(self, body: str) -> datetime | None:
        """When to claim for a body next; None where nothing is pending.

        While somebody is sending, this is the end of the lease: settling makes it earlier.
        """
        with reading(self._engine) as connection:
            unfinished = unfinished_deliveries(connection, body)
            pending = connection.scalar(
                select(func.min(col(NoticeTable.deliver_not_before_real))).where(
                    col(NoticeTable.recipient) == body, IS_PENDING
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
            IS_PENDING,
            col(NoticeTable.deliver_not_before_real) <= now_real,
        )
        ready = func.coalesce(col(DeliveryTable.retry_at), col(DeliveryTable.lease_until))
        unfinished = select(col(DeliveryTable.recipient)).where(IS_UNFINISHED, ready <= now_real)
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


def _deliver(connection: Connection, delivery_id: str, at: datetime, channel: str) -> None:
    """The notices of a message are delivered, each at the moment that its own plan's clock shows."""
    notices, plans = table_of(NoticeTable), table_of(PlanTable)
    # A success that comes late finds the message given up already.
    carried = or_(*(of_delivery(delivery_id, s) for s in (NoticeStatus.SENDING, NoticeStatus.UNDELIVERABLE)))
    clocks = select(plans.c.code, *clock_columns()).where(plans.c.code.in_(select(notices.c.plan_code).where(carried)))
    for row in connection.execute(clocks).mappings().all():
        connection.execute(
            update(notices)
            .where(carried, notices.c.plan_code == row["code"])
            .values(
                status=NoticeStatus.DELIVERED.value,
                delivered_at=clock_of_row(row).business(at),
                delivered_at_real=at,
                channel=channel,
            )
        )


def _take_up(connection: Connection, delivery_id: str, now: datetime) -> str:
    delivery = locked_delivery(connection, delivery_id)
    if delivery["status"] != DeliveryStatus.UNDELIVERABLE:
        raise LedgerConflict(f"送达记录 {delivery_id} 不是无法送达的状态，不能重新发送")
    failed = and_(of_delivery(delivery_id, NoticeStatus.UNDELIVERABLE), col(NoticeTable.withdrawn_at).is_(None))
    moved = connection.execute(update(table_of(NoticeTable)).where(failed).values(status=NoticeStatus.SENDING.value))
    if moved.rowcount == 0:
        raise LedgerConflict(f"送达记录 {delivery_id} 中的通知都已撤回，无须重新发送")
    set_delivery(connection, delivery_id, DeliveryStatus.WAITING, retry_at=now, ended_at=None)
    recipient: str = delivery["recipient"]
    return recipient


def _undeliverable(connection: Connection, delivery: RowMapping) -> UndeliverableRow:
    notices = table_of(NoticeTable)
    failed = connection.execute(
        select(notices.c.idempotency_key, notices.c.withdrawn_at)
        .where(of_delivery(delivery["id"], NoticeStatus.UNDELIVERABLE))
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
