"""Items that go step by step, with the steps that were taken; for queries about what they say."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import date
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, and_, select, text

from duban.ledger.database.writing import in_chunks, table_of
from duban.ledger.tables.plan_tables import PlanTable, TaskBodyTable, TaskTable
from duban.ledger.tables.register_tables import RegisterItemTable
from duban.ledger.tables.task_tables import RecordTable
from duban.supervision.days.calendar import Zone
from duban.supervision.plans.plan import TaskDefinition
from duban.supervision.reckoning.taken_steps import SteppedItem, TakenStep, stated_in

# A text, as in the partial index that answers: with a parameter no planner can tell that it does.
IS_STEP = text("records.kind = 'step'")
AT_ONCE = 500
"""Codes that one query names."""
LAST = 1_000_000
"""Comes after every part of a step: its end."""


def stepped_items(connection: Connection, regime: str, procedures: Collection[str]) -> tuple[SteppedItem, ...]:
    """The items of some procedures under a regime of which a step has been taken, in the order of their codes."""
    if not procedures:
        return ()
    items, plans, tasks = table_of(RegisterItemTable), table_of(PlanTable), table_of(TaskTable)
    query = (
        _taken(items.c.definition, items.c.procedure, tasks.c.title)
        .join(items, items.c.task_code == table_of(RecordTable).c.task_code)
        .join(plans, plans.c.code == tasks.c.plan_code)
        .where(items.c.procedure.in_(procedures), plans.c.regime == regime)
        .add_columns(plans.c.zone)
    )
    rows: dict[str, list[RowMapping]] = defaultdict(list)
    for row in connection.execute(query).mappings():
        rows[row["task_code"]].append(row)
    bodies = _bodies(connection, rows)
    return tuple(_item(rows[code], bodies[code]) for code in sorted(rows))


def stated_of(connection: Connection, task_code: str, names: Collection[str]) -> tuple[str, ...]:
    """What has been stated of an item with its steps under some names, each value once."""
    records = table_of(RecordTable)
    query = _taken().where(records.c.task_code == task_code)
    found = [stated_in(row["facts"]) for row in connection.execute(query).mappings()]
    return tuple(dict.fromkeys(value for facts in found for name in names for value in facts.get(name, ())))


def _taken(*more: Any) -> Select[Any]:
    """The records of steps, of the tasks' present rounds."""
    records, tasks = table_of(RecordTable), table_of(TaskTable)
    present = and_(tasks.c.code == records.c.task_code, tasks.c["round"] == records.c["round"])
    columns = (records.c.task_code, records.c.id, records.c.body, records.c.at, records.c.facts)
    return select(*columns, *more).join_from(records, tasks, present).where(IS_STEP)


def _bodies(connection: Connection, codes: Iterable[str]) -> dict[str, dict[str, tuple[str, ...]]]:
    parts = table_of(TaskBodyTable)
    found: dict[str, dict[str, tuple[str, ...]]] = {code: {} for code in codes}
    query = select(parts.c.task_code, parts.c.body, parts.c.roles).order_by(parts.c.task_code, parts.c.body)
    for some in in_chunks(tuple(found), AT_ONCE):
        for code, body, roles in connection.execute(query.where(parts.c.task_code.in_(some))):
            for role in roles:
                found[code][role] = (*found[code].get(role, ()), body)
    return found


def _item(rows: list[RowMapping], bodies: dict[str, tuple[str, ...]]) -> SteppedItem:
    first = rows[0]
    definition = TaskDefinition.model_validate_json(first["definition"])
    zone = Zone.model_validate(first["zone"])
    return SteppedItem(
        task_code=first["task_code"],
        title=first["title"],
        procedure=first["procedure"],
        facts=definition.facts,
        bodies=bodies,
        taken=tuple(sorted(_steps(rows, zone), key=_order)),
    )


def _steps(rows: Iterable[RowMapping], zone: Zone) -> Iterator[TakenStep]:
    for row in rows:
        facts, on = row["facts"], zone.local_date(row["at"])
        yield TakenStep(
            key=row["id"].removeprefix("step/"),
            step=facts.get("step", ""),
            outcome=facts.get("outcome", ""),
            body=row["body"],
            on=on,
            facts=stated_in(facts),
        )


def _order(taken: TakenStep) -> tuple[date, int, int]:
    """As they were taken: steps have running numbers, and parts of one come before its end."""
    number, _, rest = taken.key.partition("/")
    part = rest.rpartition("/part/")[2] if "/part/" in rest else ""
    return taken.on, int(number.removeprefix("s")), int(part) if part else LAST
