"""Messages on their way: claimed, sent by others, settled.

A notice leaves ``pending`` once in its life, into exactly one message, whose identifier comes from the
keys of its notices. Everything about one body's messages happens under that body's lock, so that two
claimers never get the same notice. An attempt whose outcome was never recorded is given out again,
marked uncertain, but not before its lease has ended: until then somebody may still be sending it.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy import Connection, Engine, RowMapping, and_, exists, func, select, union_all
from sqlmodel import col

from duban.contracts import Delivery, DeliveryOutcome
from duban.ledger.database.engine import reading, writing
from duban.ledger.database.writing import table_of
from duban.ledger.delivery.choosing import chosen, may_try_at
from duban.ledger.delivery.claiming import begin_message, resume_message
from duban.ledger.delivery.delivery_rows import lock_body, unfinished_deliveries
from duban.ledger.delivery.sending_orders import order_to_stop, stopped
from duban.ledger.delivery.settling import settle_attempt, take_up
from duban.ledger.questions.watching import OVERDUE
from duban.ledger.tables.notice_tables import (
    IS_PENDING,
    IS_UNFINISHED,
    DeliveryAttemptTable,
    DeliveryNoticeTable,
    DeliveryStatus,
    DeliveryTable,
    NoticeStatus,
    NoticeTable,
)
from duban.ledger.tables.plan_tables import BodyCountTable
from duban.supervision.bundling import NO_RULES, SendingRules
from duban.supervision.model import Frozen

LEASE = timedelta(seconds=60)
"""How long an attempt may take before it counts as lost; longer than a channel waits for its gateway."""
NOTICES_AT_ONCE = 50


class UndeliverableRow(Frozen):
    """A message that could not be delivered; it can be sent again. Moments are real time.

    Attributes:
        detail: What the last attempt met with.
        channel: By which the last attempt went.
        still_true: Whether any of its notices has not been withdrawn meanwhile.
    """

    delivery_id: str
    recipient: str
    attempts: int
    ended_at: datetime | None
    detail: str
    idempotency_keys: tuple[str, ...]
    still_true: bool
    channel: str = ""


class DeliveryRepository:
    """Messages to bodies; each method is one transaction. All moments are real time.

    Every method raises ``LedgerUnavailable`` where the database cannot be reached.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def claim(
        self,
        body: str,
        now_real: datetime,
        *,
        limit: int = NOTICES_AT_ONCE,
        lease: timedelta = LEASE,
        rules: SendingRules = NO_RULES,
    ) -> Delivery | None:
        """The next message to a body; an unfinished one comes before anything new.

        What was withdrawn since an unfinished message was begun is left out of it.

        Args:
            limit: Notices in one message at most.
            lease: How long the caller takes at most from here to ``settle``.
            rules: What the installation has set for the body.

        Returns:
            The message, begun and on record as begun; None where nothing is due, where somebody
            is sending to this body just now, or where all sending is stopped.
        """
        with writing(self._engine) as connection:
            lock_body(connection, body)
            if stopped(connection):
                return None
            unfinished = unfinished_deliveries(connection, body)
            if any(row["lease_until"] is not None and row["lease_until"] > now_real for row in unfinished):
                return None
            for row in unfinished:
                if _may_go_on(connection, row, now_real, rules):
                    resumed = resume_message(connection, row, now_real, lease)
                    if resumed is not None:
                        return resumed
            return begin_message(connection, body, now_real, limit, lease, rules)

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

    def next_delivery_at(self, body: str, now_real: datetime, *, rules: SendingRules = NO_RULES) -> datetime | None:
        """When to claim for a body next; None where nothing is pending, and while all sending is stopped.

        While somebody is sending, this is the end of the lease: settling makes it earlier.
        """
        with reading(self._engine) as connection:
            if order_to_stop(connection) is not None:
                return None
            unfinished = unfinished_deliveries(connection, body)
            moments = {
                row["id"]: may_try_at(connection, row["id"], max(ready, now_real), rules)
                for row in unfinished
                if (ready := row["lease_until"] or row["retry_at"]) is not None
            }
            leases = [moments[row["id"]] for row in unfinished if row["lease_until"] is not None]
            if leases:
                return min(leases)
            choice = chosen(connection, body, rules, now_real)
        pending = now_real if choice.ids else choice.next_at
        return min([*moments.values(), *([pending] if pending is not None else [])], default=None)

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

    def kept_waiting(self, now_real: datetime, rules_for: Callable[[str], SendingRules]) -> Iterator[str]:
        """Bodies to which something could have gone a quarter of an hour ago and has not, one by one.

        What waits for the end of quiet hours, for a time of sending, for next week's budget or for somebody's order to
        go on is not kept waiting. Each body is asked about when it is taken, so one may stop at the first.
        """
        then = now_real - OVERDUE
        for body in self.bodies_with_due_notices(then):
            moment = self.next_delivery_at(body, then, rules=rules_for(body))
            if moment is not None and moment <= then:
                yield body

    def known_bodies(self, names: Collection[str]) -> set[str]:
        """Which of these bodies lead a task or have been told something."""
        leads, recipients = col(BodyCountTable.lead_body), col(NoticeTable.recipient)
        with reading(self._engine) as connection:
            return {
                name
                for name in names
                if connection.scalar(select(exists().where(leads == name) | exists().where(recipients == name)))
            }

    def undeliverable(self) -> tuple[UndeliverableRow, ...]:
        """Messages that could not be delivered, oldest first."""
        deliveries, attempts, notices = table_of(DeliveryTable), table_of(DeliveryAttemptTable), table_of(NoticeTable)
        last = and_(attempts.c.delivery_id == deliveries.c.id, attempts.c.attempt == deliveries.c.attempt)
        failed = (
            select(deliveries, attempts.c.detail, attempts.c.channel, notices.c.idempotency_key, notices.c.withdrawn_at)
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


def _may_go_on(connection: Connection, row: RowMapping, now: datetime, rules: SendingRules) -> bool:
    """Whether an unfinished message may be tried again now: its moment has come, and nobody is disturbed by it."""
    due = row["retry_at"] is None or row["retry_at"] <= now
    return due and may_try_at(connection, row["id"], now, rules) <= now


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
        channel=message["channel"],
    )
