"""How many tasks stand how, kept with every write.

Counting a million rows takes PostgreSQL two hundred milliseconds, and statistics may take a hundred.
Therefore each write moves its task from one count to another, in its own transaction. Only figures of
all plans come from here: those of one plan are counted when they are asked for.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from sqlalchemy import Connection

from duban.ledger.database.writing import Row, table_of, upserting
from duban.ledger.tables.columns import LedgerTable
from duban.ledger.tables.plan_tables import BodyCountTable, PlanCountTable

Key: TypeAlias = tuple[str | bool, ...]
NO_LEVEL = ""
"""Stands for no reminder: a key column is never empty."""


@dataclass(slots=True)
class Tally:
    """Changes of counts, waiting to be written."""

    _by_plan: Counter[Key] = field(default_factory=Counter)
    _by_body: Counter[Key] = field(default_factory=Counter)

    def enter(self, task: Mapping[Any, Any], by: int = 1) -> None:
        """Count a task as its row says; ``by=-1`` takes it out of where it stood."""
        is_open = task["closed_at"] is None
        is_behind = is_open and task["behind_since"] is not None
        level = task["reminder_level"] or NO_LEVEL
        self._by_plan[(task["plan_code"], task["status"], level, is_open, is_behind)] += by
        self._by_body[(task["lead_body"], is_open, is_behind)] += by

    def move(self, before: Mapping[Any, Any], after: Mapping[Any, Any]) -> None:
        """Count a task anew."""
        self.enter(before, -1)
        self.enter(after)

    def write(self, connection: Connection) -> None:
        """Change the counts; last in a transaction, because others wait for these rows."""
        _add(connection, PlanCountTable, self._by_plan)
        _add(connection, BodyCountTable, self._by_body)


def _add(connection: Connection, model: type[LedgerTable], counts: Counter[Key]) -> None:
    # Sorted: two writers that change the same two counts lock them in the same order.
    changes = sorted((key, change) for key, change in counts.items() if change)
    if not changes:
        return
    key_columns = [column.name for column in table_of(model).primary_key]
    rows: list[Row] = [{**dict(zip(key_columns, key, strict=True)), "tasks": change} for key, change in changes]
    statement = upserting(connection, model)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=key_columns, set_={"tasks": statement.table.c.tasks + statement.excluded.tasks}
        ),
        rows,
    )
