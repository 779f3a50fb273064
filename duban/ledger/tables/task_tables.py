"""Tables of what happened to a task. Every key begins with the task and its round."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index, text
from sqlmodel import Field

from duban.ledger.tables.columns import JsonValue, LedgerTable, UtcDateTime


class TimelineTable(LedgerTable, table=True):
    """One step of a task, chained to the step before.

    ``content`` is the entry's canonical JSON; ``hash`` is taken over it and ``previous_hash``.
    """

    __tablename__ = "timeline"

    task_code: str = Field(primary_key=True, foreign_key="tasks.code")
    round: int = Field(primary_key=True)
    version: int = Field(primary_key=True)
    kind: str
    at: datetime = Field(sa_type=UtcDateTime)
    recorded_at: datetime = Field(sa_type=UtcDateTime)
    body: str
    person: str
    message_id: str
    text: str
    content: str
    previous_hash: str
    hash: str


class MilestoneTable(LedgerTable, table=True):
    """A milestone as it stands; the baseline is kept when an extension moves the date.

    ``withdrawn_at``: when an amendment of the plan took it out.
    """

    __tablename__ = "milestones"

    task_code: str = Field(primary_key=True, foreign_key="tasks.code")
    round: int = Field(primary_key=True)
    number: int = Field(primary_key=True)
    phrase: str
    kind: str
    baseline_on: date
    due_on: date
    final: bool
    met_at: datetime | None = Field(sa_type=UtcDateTime)
    met_by: str
    evidence: str
    withdrawn_at: datetime | None = Field(sa_type=UtcDateTime)


class ReportTable(LedgerTable, table=True):
    """A report, and whether it was returned."""

    __tablename__ = "reports"

    task_code: str = Field(primary_key=True, foreign_key="tasks.code")
    round: int = Field(primary_key=True)
    id: str = Field(primary_key=True)
    body: str
    person: str
    reported_at: datetime = Field(sa_type=UtcDateTime)
    percent: int | None
    note: str
    evidence: str
    milestones: Any = Field(sa_type=JsonValue, nullable=False)
    returned_at: datetime | None = Field(sa_type=UtcDateTime)
    return_reason: str


class ReminderTable(LedgerTable, table=True):
    """A level dealt with in an episode: proposed, issued, or not issued and why."""

    __tablename__ = "reminders"

    task_code: str = Field(primary_key=True, foreign_key="tasks.code")
    round: int = Field(primary_key=True)
    key: str = Field(primary_key=True)
    level: str
    episode: int
    status: str
    due_on: date
    lag_days: int
    milestone_due_on: date | None
    issued_at: datetime | None = Field(sa_type=UtcDateTime)
    issuer: str
    reason: str
    citation: Any = Field(sa_type=JsonValue, nullable=False)


class ObligationTable(LedgerTable, table=True):
    """What a body owes towards a task."""

    __tablename__ = "obligations"
    __table_args__ = (
        Index(
            "ix_obligations_open",
            "owed_by",
            "due_on",
            postgresql_where=text("status = 'open'"),
            sqlite_where=text("status = 'open'"),
        ),
        Index(
            "ix_obligations_due",
            "due_on",
            "task_code",
            postgresql_where=text("status = 'open'"),
            sqlite_where=text("status = 'open'"),
        ),
    )

    task_code: str = Field(primary_key=True, foreign_key="tasks.code")
    round: int = Field(primary_key=True)
    id: str = Field(primary_key=True)
    duty: str
    owed_by: str
    subject: str
    asked_at: datetime = Field(sa_type=UtcDateTime)
    due_on: date
    chases: int
    status: str
    closed_at: datetime | None = Field(sa_type=UtcDateTime)
    reason: str


class RecordTable(LedgerTable, table=True):
    """What people did: a call, a visit, an interview, an explanation, a rectification."""

    __tablename__ = "records"
    __table_args__ = (
        Index(
            "ix_records_steps",
            "at",
            "subject",
            "task_code",
            postgresql_where=text("kind = 'step'"),
            sqlite_where=text("kind = 'step'"),
        ),
        Index(
            "ix_records_inspections",
            "task_code",
            postgresql_where=text("kind = 'inspection'"),
            sqlite_where=text("kind = 'inspection'"),
        ),
    )

    task_code: str = Field(primary_key=True, foreign_key="tasks.code")
    round: int = Field(primary_key=True)
    id: str = Field(primary_key=True)
    kind: str
    subject: str
    body: str
    person: str
    at: datetime = Field(sa_type=UtcDateTime)
    facts: Any = Field(sa_type=JsonValue, nullable=False)


class DecisionTable(LedgerTable, table=True):
    """A decision that was asked for and given."""

    __tablename__ = "decisions"

    task_code: str = Field(primary_key=True, foreign_key="tasks.code")
    round: int = Field(primary_key=True)
    request: str = Field(primary_key=True)
    duty: str
    body: str
    person: str
    decided_at: datetime = Field(sa_type=UtcDateTime)
    approved: bool
    reason: str
    grounds: Any = Field(sa_type=JsonValue, nullable=False)
    scope: Any = Field(sa_type=JsonValue, nullable=False)
