"""The table of what became of a plan after its issue. A plan's own row keeps what was issued."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from duban.ledger.tables.columns import LedgerTable, UtcDateTime


class PlanAmendmentTable(LedgerTable, table=True):
    """The content of a plan from a moment on; the tasks that came with it begin at that moment.

    ``id`` names the message that brought it. ``was_finished_at``: when the plan had gone into strike-off, where the
    amendment has called it back from there.
    """

    __tablename__ = "plan_amendments"
    __table_args__ = (Index("uq_plan_amendments_id", "plan_code", "id", unique=True),)

    plan_code: str = Field(primary_key=True, foreign_key="plans.code")
    number: int = Field(primary_key=True)
    id: str
    digest: str = Field(foreign_key="stored_plans.digest")
    body: str
    person: str
    reason: str
    document: str
    tasks_added: int
    amended_at: datetime = Field(sa_type=UtcDateTime)
    was_finished_at: datetime | None = Field(sa_type=UtcDateTime)
