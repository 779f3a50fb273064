"""What the last inspection of a task found."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ScalarSelect, select

from duban.ledger.plan_tables import TaskTable
from duban.ledger.task_tables import RecordTable
from duban.ledger.writing import table_of
from duban.supervision.calendar import Zone
from duban.supervision.inspecting import FOUND, INSPECTION, NO, ON_SCHEDULE
from duban.supervision.lights import inspected_light
from duban.supervision.messages import Found


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


def inspected(row: Mapping[Any, Any], zone: Zone, *, over: bool) -> dict[str, Any]:
    """What a row with ``found`` and ``seen_at`` says of the last inspection."""
    facts, seen_at = row["found"], row["seen_at"]
    if facts is None or seen_at is None:
        return {}
    found = Found(facts[FOUND])
    light = None if over else inspected_light(found, on_schedule=facts.get(ON_SCHEDULE) != NO)
    return {"inspected_light": light, "inspected": found, "inspected_on": zone.local_date(seen_at)}
