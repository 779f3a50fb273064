"""What is under way at an office: whom and what its rhythms are about, and what a new item may be like.

An office's plans are those of its regime. Items of registers are not among the tasks that a rhythm is about: a report
on the report on a task would be asked for at every turn.
"""

from datetime import date

from pydantic import Field
from sqlalchemy import Engine, select

from duban.ledger.database.engine import reading
from duban.ledger.database.writing import table_of
from duban.ledger.plans.registration import PlanStatus
from duban.ledger.tables.plan_tables import PlanKind, PlanTable, TaskTable
from duban.ledger.tables.register_tables import RegisterItemTable
from duban.supervision.model import Frozen
from duban.supervision.plans.plan import TaskDefinition
from duban.supervision.registers.coming_round import OpenPlan, OpenTask

MOST_COMPARED = 20_000
"""Tasks that a new item is compared with, the newest first: a second is enough for them."""


class OpenItem(Frozen):
    """A task or item under way, as far as a new one may be like it.

    Attributes:
        procedure: Empty for a task of a plan.
    """

    code: str
    title: str
    procedure: str = ""
    facts: dict[str, tuple[str, ...]] = Field(default_factory=dict)


class ConcernRepository:
    """What is under way, by regime; each method is one transaction.

    Every method raises ``LedgerUnavailable`` where the database cannot be reached.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def tasks(self, regime: str) -> tuple[OpenTask, ...]:
        """Open tasks of plans, in the order of their plans."""
        tasks, plans = table_of(TaskTable), table_of(PlanTable)
        query = (
            select(*(tasks.c[name] for name in OpenTask.model_fields))
            .join_from(tasks, plans, plans.c.code == tasks.c.plan_code)
            .where(plans.c.regime == regime, plans.c.kind == PlanKind.PLAN.value, tasks.c.closed_at.is_(None))
            .order_by(tasks.c.plan_code, tasks.c.position)
        )
        with reading(self._engine) as connection:
            return tuple(OpenTask(**row) for row in connection.execute(query).mappings())

    def plans(self, regime: str, issued_by: date) -> tuple[OpenPlan, ...]:
        """Plans that are not closed, issued on a day or before it, by code; without what only their content says."""
        plans = table_of(PlanTable)
        query = (
            select(plans.c.code, plans.c.title, plans.c.issued_on, plans.c.supervising_body)
            .where(
                plans.c.regime == regime,
                plans.c.kind == PlanKind.PLAN.value,
                plans.c.status != PlanStatus.CLOSED.value,
                plans.c.issued_on <= issued_by,
            )
            .order_by(plans.c.code)
        )
        with reading(self._engine) as connection:
            return tuple(OpenPlan(**row) for row in connection.execute(query).mappings())

    def open_items(self, regime: str) -> tuple[OpenItem, ...]:
        """All that is under way, the newest first: items of registers with what was stated of them, and tasks."""
        tasks, plans, items = table_of(TaskTable), table_of(PlanTable), table_of(RegisterItemTable)
        query = (
            select(tasks.c.code, tasks.c.title, items.c.definition)
            .join_from(tasks, plans, plans.c.code == tasks.c.plan_code)
            .join(items, items.c.task_code == tasks.c.code, isouter=True)
            .where(plans.c.regime == regime, tasks.c.closed_at.is_(None))
            .order_by(tasks.c.registered_at.desc(), tasks.c.code)
            .limit(MOST_COMPARED)
        )
        with reading(self._engine) as connection:
            rows = connection.execute(query).all()
        return tuple(_open_item(code, title, definition) for code, title, definition in rows)


def _open_item(code: str, title: str, definition: str | None) -> OpenItem:
    if definition is None:
        return OpenItem(code=code, title=title)
    stated = TaskDefinition.model_validate_json(definition)
    return OpenItem(code=code, title=title, procedure=stated.procedure, facts=stated.facts)
