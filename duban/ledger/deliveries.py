"""Messages on their way: claimed, sent by others, settled.

A notice leaves ``pending`` once in its life, into exactly one message, whose identifier comes from the
keys of its notices. Everything about one body's messages happens under that body's lock, so that two
claimers never get the same notice. An attempt whose outcome was never recorded is given out again,
marked uncertain, but not before its lease has ended: until then somebody may still be sending it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy import Engine, RowMapping, and_, func, select, union_all
from sqlmodel import col

from duban.contracts import Delivery, DeliveryOutcome
from duban.ledger.claiming import begin_message, resume_message
from duban.ledger.delivery_rows import lock_body, unfinished_deliveries
from duban.ledger.engine import reading, writing
from duban.ledger.notice_tables import (
    IS_PENDING,
    IS_UNFINISHED,
    DeliveryAttemptTable,
    DeliveryNoticeTable,
    DeliveryStatus,
    DeliveryTable,
    NoticeStatus,
    NoticeTable,
)
from duban.ledger.settling import settle_attempt, take_up
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
            settle_attempt(connection, delivery_id, attempt, outcome, at_real, detail, retry_at, channel)

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
        deliveries, attempts, notices = table_of(DeliveryTable), table_of(DeliveryAttemptTable), table_of(NoticeTable)
        last = and_(attempts.c.delivery_id == deliveries.c.id, attempts.c.attempt == deliveries.c.attempt)
        failed = (
            select(deliveries, attempts.c.detail, notices.c.idempotency_key, notices.c.withdrawn_at)
            .join_from(deliveries, attempts, last)
            .join(DeliveryNoticeTable, col(DeliveryNoticeTable.delivery_id) == deliveries.c.id)
            .join(notices, notices.c.id == col(DeliveryNoticeTable.notice_id))
            .where(
                deliveries.c.status == DeliveryStatus.UNDELIVERABLE.value,
                notices.c.status == NoticeStatus.UNDELIVERABLE.value,
            )
            .order_by(deliveries.c.claimed_at_real, deliveries.c.id, notices.c.id)
        )
        with reading(self._engine) as connection:
            rows = connection.execute(failed).mappings().all()
        return tuple(_undeliverable(tuple(those)) for _, those in groupby(rows, key=lambda row: row["id"]))

    def send_again(self, delivery_ids: Sequence[str], now_real: datetime) -> tuple[str, ...]:
        """Take up undeliverable messages again, under the same identifiers; what is no longer true stays out.

        Returns:
            The bodies to which something is due now.

        Raises:
            NotInLedger: There is no such message.
            LedgerConflict: A message is not undeliverable, or none of its notices is true any more.
        """
        with writing(self._engine) as connection:
            return tuple(dict.fromkeys(take_up(connection, each, now_real) for each in delivery_ids))


def _undeliverable(rows: Sequence[RowMapping]) -> UndeliverableRow:
    """A message from its rows, one for each notice."""
    message = rows[0]
    return UndeliverableRow(
        delivery_id=message["id"],
        recipient=message["recipient"],
        attempts=message["attempt"],
        ended_at=message["ended_at"],
        detail=message["detail"],
        idempotency_keys=tuple(row["idempotency_key"] for row in rows),
        still_true=any(row["withdrawn_at"] is None for row in rows),
    )
