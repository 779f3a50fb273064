"""What the last inspection of a task found."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, ScalarSelect, and_, select, text

from duban.ledger.database.writing import table_of
from duban.ledger.tables.plan_tables import TaskTable
from duban.ledger.tables.task_tables import RecordTable
from duban.supervision.days.calendar import Zone
from duban.supervision.plans.plan import Found
from duban.supervision.tasks.inspecting import FOUND, INSPECTION, NO, ON_SCHEDULE
from duban.supervision.tasks.lights import inspected_light

# A text, as in the partial index that answers: with a parameter no planner can tell that it does.
IS_INSPECTION = text(f"records.kind = '{INSPECTION}'")


def latest_inspection(column: str) -> ScalarSelect[Any]:
    """A column of the record of the last inspection of a task; for a query of tasks."""
    records, tasks = table_of(RecordTable), table_of(TaskTable)
    return (
        select(records.c[column])
        .where(
            records.c.task_code == tasks.c.code,
            records.c["round"] == tasks.c["round"],
            records.c.kind == INSPECTION,
        )
        .order_by(records.c.at.desc(), records.c.id.desc())
        .limit(1)
        .correlate(tasks)
        .scalar_subquery()
    )


def last_found(connection: Connection, plan: str) -> dict[str, Found]:
    """What the last inspection of each task of a plan found, where there was one."""
    records, tasks = table_of(RecordTable), table_of(TaskTable)
    query = (
        select(records.c.task_code, records.c.facts, records.c.at, records.c.id)
        .join_from(tasks, records, and_(records.c.task_code == tasks.c.code, records.c["round"] == tasks.c["round"]))
        .where(tasks.c.plan_code == plan, IS_INSPECTION)
    )
    rows = sorted(connection.execute(query).all(), key=lambda row: (row.at, row.id))
    return {row.task_code: Found(row.facts[FOUND]) for row in rows}


def inspected(row: Mapping[Any, Any], zone: Zone, *, over: bool) -> dict[str, Any]:
    """What a row with ``found`` and ``seen_at`` says of the last inspection."""
    facts, seen_at = row["found"], row["seen_at"]
    if facts is None or seen_at is None:
        return {}
    found = Found(facts[FOUND])
    light = None if over else inspected_light(found, on_schedule=facts.get(ON_SCHEDULE) != NO)
    return {"inspected_light": light, "inspected": found, "inspected_on": zone.local_date(seen_at)}
