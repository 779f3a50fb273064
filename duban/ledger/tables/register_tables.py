"""Registers: what they have opened, what came round in them, what outcomes of items ask them to open and to do."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field

from duban.ledger.tables.columns import JsonValue, LedgerTable, UtcDateTime


class RegisterItemTable(LedgerTable, table=True):
    """An item that a register has opened, or why it has not.

    ``key`` is its business identity: ``rhythm/period/body``, ``item/task/round/key`` of another item's outcome, or
    ``message/id``. ``definition`` is what was registered, as canonical JSON. ``asked_…`` is the outcome that asked for
    it, in whatever register it is opened. ``first_version`` is that of the last entry that it was registered with.
    """

    __tablename__ = "register_items"
    __table_args__ = (
        Index("uq_register_items_number", "register_code", "number", unique=True),
        Index("uq_register_items_task", "task_code", unique=True),
        Index("uq_register_items_asked", "asked_task", "asked_round", "asked_key", unique=True),
        Index("ix_register_items_procedure", "procedure", "register_code"),
    )

    register_code: str = Field(primary_key=True, foreign_key="plans.code")
    key: str = Field(primary_key=True)
    status: str
    number: int | None
    task_code: str | None = Field(foreign_key="tasks.code")
    procedure: str
    title: str
    definition: str
    first_version: int
    asked_task: str | None
    asked_round: int | None
    asked_key: str | None
    body: str
    person: str
    anyway: str
    alike: Any = Field(sa_type=JsonValue, nullable=False)
    reason: str
    at: datetime = Field(sa_type=UtcDateTime)


class RegisterPeriodTable(LedgerTable, table=True):
    """A period of a rhythm that a register has dealt with: its items are opened, or it was missed."""

    __tablename__ = "register_periods"

    register_code: str = Field(primary_key=True, foreign_key="plans.code")
    rhythm: str = Field(primary_key=True)
    period: str = Field(primary_key=True)
    status: str
    title: str
    first_on: date
    last_on: date
    due_at: datetime = Field(sa_type=UtcDateTime)
    at: datetime = Field(sa_type=UtcDateTime)
    items: int
    reason: str


class OpeningRequestTable(LedgerTable, table=True):
    """An item that another one's outcome asks for: written with the entry of that outcome."""

    __tablename__ = "opening_requests"

    task_code: str = Field(primary_key=True, foreign_key="tasks.code")
    round: int = Field(primary_key=True)
    key: str = Field(primary_key=True)
    procedure: str
    facts: Any = Field(sa_type=JsonValue, nullable=False)


class AskedActTable(LedgerTable, table=True):
    """What an item's outcome asks of tasks or a plan: written with the entry of that outcome.

    ``body`` and ``person`` took the step; ``at`` is the business moment at which they did. What came of it is in the
    change order that bears its identity as ``basis``.
    """

    __tablename__ = "asked_acts"

    task_code: str = Field(primary_key=True, foreign_key="tasks.code")
    round: int = Field(primary_key=True)
    key: str = Field(primary_key=True)
    act: str
    targets: Any = Field(sa_type=JsonValue, nullable=False)
    fields: Any = Field(sa_type=JsonValue, nullable=False)
    body: str
    person: str
    at: datetime = Field(sa_type=UtcDateTime)
