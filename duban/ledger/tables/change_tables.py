"""Tables of change orders: what was ordered, and what came of each of its messages."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import Field

from duban.ledger.tables.columns import LedgerTable, UtcDateTime


class ChangeOrderTable(LedgerTable, table=True):
    """An order under the digest of its content; ``parts`` is JSON text, packed.

    What an outcome asks is ordered once: two releases may word the same order differently.
    """

    __tablename__ = "change_orders"
    __table_args__ = (
        Index("ix_change_orders_given", "ordered_at_real", "id"),
        Index(
            "uq_change_orders_asked",
            "basis",
            unique=True,
            postgresql_where=text("kind = 'outcome'"),
            sqlite_where=text("kind = 'outcome'"),
        ),
    )

    id: str = Field(primary_key=True)
    kind: str
    title: str
    reason: str
    body: str
    person: str
    basis: str
    parts: str
    ordered_at: datetime = Field(sa_type=UtcDateTime)
    ordered_at_real: datetime = Field(sa_type=UtcDateTime)


class ChangeItemTable(LedgerTable, table=True):
    """One message of an order, and what came of it; ``fields`` and ``parts`` are JSON text.

    A target need not be in the ledger yet: an order may be about tasks that are started by it.
    """

    __tablename__ = "change_items"
    __table_args__ = (
        Index("uq_change_items_position", "order_id", "position", unique=True),
        Index("ix_change_items_target", "target"),
    )

    order_id: str = Field(primary_key=True, foreign_key="change_orders.id")
    target: str = Field(primary_key=True)
    position: int
    target_kind: str
    plan_code: str
    act: str
    fields: str
    parts: str
    outcome: str
    version: int | None
    reason: str
    settled_at_real: datetime | None = Field(sa_type=UtcDateTime)
