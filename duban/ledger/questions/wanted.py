"""Which tasks of the ledger are wanted: every filter may be combined with every other."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, String, cast, or_
from sqlmodel import col

from duban.ledger.database.writing import table_of
from duban.ledger.questions.rows import LedgerRow
from duban.ledger.tables.plan_tables import TaskBodyTable, TaskTable
from duban.supervision.model import Frozen
from duban.supervision.plans.plan import ListKind
from duban.supervision.rules.parts import Role
from duban.supervision.tasks.lights import Light


class Wanted(Frozen):
    """A choice of tasks; what is empty chooses nothing away.

    Attributes:
        body: Takes part, in one of ``roles`` where any is given, otherwise in whatever role.
        overdue: Only what is behind today.
        due_by: With an unmet deadline on this day or before.
        leader, text: Part of the leader's name; of title, measures, deliverable or code.
    """

    plan: str | None = None
    body: str | None = None
    roles: tuple[Role, ...] = ()
    status: str | None = None
    level: str | None = None
    light: Light | None = None
    overdue: bool = False
    due_by: date | None = None
    list_kind: ListKind | None = None
    leader: str = ""
    text: str = ""

    @property
    def is_by_day(self) -> bool:
        """Whether the lag of today decides, which the database does not hold."""
        return self.overdue or self.light is not None

    def keeps(self, row: LedgerRow) -> bool:
        """Whether a line is wanted as far as today decides."""
        if self.overdue and row.lag_days == 0:
            return False
        return self.light is None or row.light is self.light

    def chosen(self, query: Select[Any]) -> Select[Any]:
        """A query of tasks without those that are not wanted, as far as the database knows."""
        tasks, parts = table_of(TaskTable), table_of(TaskBodyTable)
        if self.body is not None:
            # The body's own index leads through the pages then.
            query = query.join(parts, parts.c.task_code == tasks.c.code).where(parts.c.body == self.body)
            query = query.add_columns(parts.c.roles)
            if self.roles:
                query = query.where(_holds_any(parts.c.roles, self.roles))
        leading = parts if self.body is not None else tasks
        for column, value in (
            (leading.c.plan_code, self.plan),
            (tasks.c.status, self.status),
            (tasks.c.reminder_level, self.level),
        ):
            if value is not None:
                query = query.where(column == value)
        return query.where(*self._parts_of_text())

    def _parts_of_text(self) -> list[ColumnElement[bool]]:
        tasks = table_of(TaskTable)
        found: list[ColumnElement[bool]] = []
        if self.is_by_day and self.light is not Light.GREEN:
            found += [col(TaskTable.closed_at).is_(None), col(TaskTable.due_on).is_not(None)]
        if self.due_by is not None:
            found.append(tasks.c.due_on <= self.due_by)
        if self.list_kind is not None:
            found.append(_holds_any(tasks.c.list_kinds, (self.list_kind.value,)))
        if self.leader:
            found.append(tasks.c.leader.contains(self.leader, autoescape=True))
        if self.text:
            searched = (tasks.c.title, tasks.c.measures, tasks.c.deliverable, tasks.c.code)
            found.append(or_(*(column.icontains(self.text, autoescape=True) for column in searched)))
        return found


def _holds_any(names: ColumnElement[Any], wanted: tuple[str, ...]) -> ColumnElement[bool]:
    """A list of names that holds one of these."""
    return or_(*(cast(names, String).contains(f'"{name}"', autoescape=True) for name in wanted))
