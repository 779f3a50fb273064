"""Tables of what was issued: plans, bodies, tasks. Never payloads.

Enumerations are stored as their values in plain text: a regime may bring levels of its own.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, text
from sqlmodel import Field

from duban.ledger.tables.columns import JsonValue, LedgerTable, UtcDateTime


class StoredPlanTable(LedgerTable, table=True):
    """A parsed plan by the digest of its content."""

    __tablename__ = "stored_plans"

    digest: str = Field(primary_key=True)
    content: str


class PlanKind(StrEnum):
    """What a row of ``plans`` is: issued with its tasks, or the home of what comes by no plan."""

    PLAN = "plan"
    REGISTER = "register"


class PlanTable(LedgerTable, table=True):
    """A plan or a register, the clock that its tasks run on, and the zone in which its days are counted."""

    __tablename__ = "plans"

    code: str = Field(primary_key=True)
    kind: str = Field(default=PlanKind.PLAN.value, sa_column_kwargs={"server_default": "plan"})
    title: str
    issued_on: date
    regime: str
    supervising_body: str
    digest: str = Field(foreign_key="stored_plans.digest")
    business_epoch: datetime = Field(sa_type=UtcDateTime)
    real_epoch: datetime = Field(sa_type=UtcDateTime)
    speed: float
    stops_at: datetime | None = Field(sa_type=UtcDateTime)
    zone: Any = Field(sa_type=JsonValue, nullable=False)
    status: str
    registered_at: datetime = Field(sa_type=UtcDateTime)
    finished_at: datetime | None = Field(sa_type=UtcDateTime)
    closed_at: datetime | None = Field(sa_type=UtcDateTime)
    closed_by_body: str
    closed_by_person: str
    closing_decision: str
    closed_by_item: str | None


class BodyTable(LedgerTable, table=True):
    """A body that a plan names, with what its organisation file says of it."""

    __tablename__ = "bodies"

    name: str = Field(primary_key=True)
    tier: int | None
    supervised_by: str | None
    aliases: Any = Field(sa_type=JsonValue, nullable=False)


class TaskTable(LedgerTable, table=True):
    """A task: what was issued, and how it stands after its newest entry.

    ``position`` is the task's place in its plan; pages of the ledger run along (plan_code, position).
    ``version`` and ``chain_head`` are the number and hash of the newest timeline entry of this round.
    A task is open while ``closed_at`` is empty, and started once there is proof of its workflow.
    """

    __tablename__ = "tasks"
    __table_args__ = (
        Index("uq_tasks_place", "plan_code", "position", unique=True),
        Index("ix_tasks_status", "status", "plan_code", "position"),
        Index("ix_tasks_level", "reminder_level", "plan_code", "position"),
        Index(
            "ix_tasks_open",
            "plan_code",
            postgresql_where=text("closed_at IS NULL"),
            sqlite_where=text("closed_at IS NULL"),
        ),
        Index(
            "ix_tasks_next_moment",
            "next_moment_at",
            postgresql_where=text("closed_at IS NULL"),
            sqlite_where=text("closed_at IS NULL"),
        ),
        Index(
            "ix_tasks_due",
            "due_on",
            "plan_code",
            postgresql_where=text("closed_at IS NULL"),
            sqlite_where=text("closed_at IS NULL"),
        ),
        Index(
            "ix_tasks_lead_due",
            "lead_body",
            "due_on",
            postgresql_where=text("closed_at IS NULL"),
            sqlite_where=text("closed_at IS NULL"),
        ),
        Index(
            "ix_tasks_handling_due",
            "handling_body",
            "due_on",
            postgresql_where=text("closed_at IS NULL"),
            sqlite_where=text("closed_at IS NULL"),
        ),
        Index(
            "ix_tasks_unstarted",
            "plan_code",
            "position",
            postgresql_where=text("started_at IS NULL"),
            sqlite_where=text("started_at IS NULL"),
        ),
    )

    code: str = Field(primary_key=True)
    plan_code: str = Field(foreign_key="plans.code")
    position: int
    round: int
    title: str
    leader: str
    lead_body: str
    handling_body: str
    supporting_bodies: Any = Field(sa_type=JsonValue, nullable=False)
    measures: str
    deliverable: str
    deadline_text: str
    open_ended: bool
    list_kinds: Any = Field(sa_type=JsonValue, nullable=False)
    registered_at: datetime = Field(sa_type=UtcDateTime)
    started_at: datetime | None = Field(sa_type=UtcDateTime)
    version: int
    chain_head: str
    status: str
    due_on: date | None
    behind_since: date | None
    suspended_days: int
    suspended_since: date | None
    episode: int
    reminder_level: str | None
    awaiting: Any = Field(sa_type=JsonValue, nullable=False)
    next_moment_at: datetime | None = Field(sa_type=UtcDateTime)
    next_moment_text: str
    percent: int | None
    closed_at: datetime | None = Field(sa_type=UtcDateTime)


class TaskBodyTable(LedgerTable, table=True):
    """Which bodies take part in which tasks; carries the task's place, so that a body's pages need no sorting."""

    __tablename__ = "task_bodies"
    __table_args__ = (Index("ix_task_bodies_place", "body", "plan_code", "position", "task_code"),)

    body: str = Field(primary_key=True, foreign_key="bodies.name")
    task_code: str = Field(primary_key=True, foreign_key="tasks.code", index=True)
    roles: Any = Field(sa_type=JsonValue, nullable=False)
    plan_code: str
    position: int


class PlanCountTable(LedgerTable, table=True):
    """How many tasks of a plan stand how; ``reminder_level`` is empty where there is none."""

    __tablename__ = "plan_counts"

    plan_code: str = Field(primary_key=True, foreign_key="plans.code")
    status: str = Field(primary_key=True)
    reminder_level: str = Field(primary_key=True)
    is_open: bool = Field(primary_key=True)
    is_behind: bool = Field(primary_key=True)
    tasks: int


class BodyCountTable(LedgerTable, table=True):
    """How many of the tasks that a body leads are open, and behind."""

    __tablename__ = "body_counts"

    lead_body: str = Field(primary_key=True)
    is_open: bool = Field(primary_key=True)
    is_behind: bool = Field(primary_key=True)
    tasks: int
