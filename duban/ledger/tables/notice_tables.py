"""Tables of what is said to bodies: notices, the messages that carry them, the numbers of papers."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field

from duban.ledger.tables.columns import JsonValue, LedgerTable, RowNumber, UtcDateTime

# One text for a partial index and for the queries that shall use it: with a parameter in place of the value
# no planner can tell that the index holds what is asked for.
IS_PENDING = text("status = 'pending'")
IS_UNFINISHED = text("status IN ('sending', 'waiting')")


class NoticeStatus(StrEnum):
    """How a notice stands; ``sending`` until the message that carries it has an end."""

    PENDING = "pending"
    SENDING = "sending"
    DELIVERED = "delivered"
    WITHDRAWN = "withdrawn"
    UNDELIVERABLE = "undeliverable"


class DeliveryStatus(StrEnum):
    """How a message stands: an attempt is being made, the next one waits for its moment, or it is over."""

    SENDING = "sending"
    WAITING = "waiting"
    DELIVERED = "delivered"
    UNDELIVERABLE = "undeliverable"
    WITHDRAWN = "withdrawn"


class NoticeTable(LedgerTable, table=True):
    """The intent to tell one body something. Moments are business time, ``…_real`` ones real.

    ``perhaps_sent_since``: the real moment at which the ledger was taken back to a time when this notice had not gone
    out. It may have, so the message that carries it says from its first attempt on that it may be a repetition.
    """

    __tablename__ = "notices"
    __table_args__ = (
        UniqueConstraint("idempotency_key"),
        # A paper has one number for all its recipients, and each of them gets it once.
        UniqueConstraint("paper_series", "paper_year", "paper_number", "recipient"),
        Index(
            "ix_notices_pending",
            "recipient",
            "deliver_not_before_real",
            "id",
            postgresql_where=IS_PENDING,
            sqlite_where=IS_PENDING,
        ),
        Index("ix_notices_task", "task_code", "round", "subject"),
        Index("ix_notices_plan", "plan_code", "id"),
        Index("ix_notices_recipient", "recipient", "id"),
        Index("ix_notices_status", "status", "id"),
        Index("ix_notices_level", "level", "id"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=RowNumber)
    idempotency_key: str
    task_code: str = Field(foreign_key="tasks.code")
    round: int
    plan_code: str = Field(foreign_key="plans.code")
    kind: str
    level: str | None
    episode: int
    subject: str
    recipient: str
    issuer: str
    issued_at: datetime = Field(sa_type=UtcDateTime)
    issued_at_real: datetime = Field(sa_type=UtcDateTime)
    deliver_not_before: datetime = Field(sa_type=UtcDateTime)
    deliver_not_before_real: datetime = Field(sa_type=UtcDateTime)
    lag_days: int | None
    milestone_due_on: date | None
    reminder_due_on: date
    paper_series: str | None
    paper_year: int | None
    paper_number: int | None
    intent: Any = Field(sa_type=JsonValue, nullable=False)
    status: str
    withdrawn_at: datetime | None = Field(sa_type=UtcDateTime)
    withdraw_reason: str
    delivered_at: datetime | None = Field(sa_type=UtcDateTime)
    delivered_at_real: datetime | None = Field(sa_type=UtcDateTime)
    channel: str
    perhaps_sent_since: datetime | None = Field(sa_type=UtcDateTime)


class PaperNumberTable(LedgerTable, table=True):
    """The last number given in a series; its row is the lock under which the next one is given."""

    __tablename__ = "paper_numbers"

    series: str = Field(primary_key=True)
    year: int = Field(primary_key=True)
    last_number: int


class DeliveryTable(LedgerTable, table=True):
    """A message to one body. All moments but ``claimed_at`` are real time.

    ``lease_until``: an attempt without outcome counts as lost after it.
    ``uncertain``: an attempt was lost, so the message may have been received already.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        Index(
            "ix_deliveries_unfinished",
            "recipient",
            "claimed_at_real",
            "id",
            postgresql_where=IS_UNFINISHED,
            sqlite_where=IS_UNFINISHED,
        ),
        Index("ix_deliveries_status", "status", "claimed_at_real"),
        Index("ix_deliveries_week", "recipient", "claimed_at"),
    )

    id: str = Field(primary_key=True)
    recipient: str
    status: str
    attempt: int
    uncertain: bool
    claimed_at: datetime = Field(sa_type=UtcDateTime)
    claimed_at_real: datetime = Field(sa_type=UtcDateTime)
    lease_until: datetime | None = Field(sa_type=UtcDateTime)
    retry_at: datetime | None = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(sa_type=UtcDateTime)


class DeliveryNoticeTable(LedgerTable, table=True):
    """Which notices a message carries.

    ``left_out_from``: the first attempt that no longer carries it, because it was withdrawn; None while all do.
    """

    __tablename__ = "delivery_notices"

    delivery_id: str = Field(primary_key=True, foreign_key="deliveries.id")
    notice_id: int = Field(primary_key=True, foreign_key="notices.id", index=True, sa_type=RowNumber)
    left_out_from: int | None


class DeliveryAttemptTable(LedgerTable, table=True):
    """One attempt at a message, in real time. Without ``ended_at`` its outcome was never recorded."""

    __tablename__ = "delivery_attempts"

    delivery_id: str = Field(primary_key=True, foreign_key="deliveries.id")
    attempt: int = Field(primary_key=True)
    begun_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(sa_type=UtcDateTime)
    outcome: str | None
    detail: str
    channel: str
    uncertain: bool


class SendingOrderTable(LedgerTable, table=True):
    """An order that all sending stop or go on, by whom and why. The last one holds; without any, sending goes on."""

    __tablename__ = "sending_orders"

    id: int | None = Field(default=None, primary_key=True, sa_type=RowNumber)
    stops: bool
    given_at: datetime = Field(sa_type=UtcDateTime)
    given_by: str
    reason: str
