"""Which bodies take part in a task: written when it is registered, put anew when its bodies change.

Under the names that they have now: what is found by a name is what its bearer takes part in today. What a body did
under an earlier name stands in the timeline, where nothing changes.
"""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, delete, select

from duban.ledger.database.writing import Row, insert_rows, table_of, upsert_rows
from duban.ledger.delivery.intents import TaskKey
from duban.ledger.tables.plan_tables import BodyTable, TaskBodyTable
from duban.supervision.bodies.organisation import Body
from duban.supervision.rules.parts import HANDLING_BODY, LEAD_BODY, SUPERVISING_BODY, SUPPORTING_BODIES, Role
from duban.supervision.tasks.entries import TaskChange


def part_rows(task_code: str, plan_code: str, position: int, bodies: Mapping[Role, Iterable[str]]) -> list[Row]:
    """One row for each body that takes part in a task, with all its roles."""
    roles: dict[str, list[Role]] = {}
    for role, held in bodies.items():
        for body in dict.fromkeys(held):
            roles.setdefault(body, []).append(role)
    return [
        {"body": body, "task_code": task_code, "roles": held, "plan_code": plan_code, "position": position}
        for body, held in roles.items()
    ]


def reissued_columns(change: TaskChange | None) -> Row:
    """The columns of a task's own row that change with what is issued of it."""
    if change is None:
        return {}
    return {
        **change.model_dump(mode="json", exclude={"table", "supervising_body"}),
        "supporting_bodies": list(change.supporting_bodies),
    }


def put_parts(connection: Connection, task: TaskKey, position: int, change: TaskChange | None) -> None:
    """Let the bodies take part that do so now, and no others."""
    if change is None:
        return
    parts = table_of(TaskBodyTable)
    supervising = [change.supervising_body] if change.supervising_body else _supervising(connection, task.code)
    bodies = {
        SUPERVISING_BODY: supervising,
        LEAD_BODY: [change.lead_body],
        HANDLING_BODY: [change.handling_body],
        SUPPORTING_BODIES: change.supporting_bodies,
    }
    rows = part_rows(task.code, task.plan_code, position, bodies)
    keep_names(connection, {row["body"] for row in rows})
    connection.execute(delete(parts).where(parts.c.task_code == task.code))
    insert_rows(connection, TaskBodyTable, rows)


def _supervising(connection: Connection, task_code: str) -> list[str]:
    parts = table_of(TaskBodyTable)
    found = connection.execute(select(parts.c.body, parts.c.roles).where(parts.c.task_code == task_code))
    return [body for body, roles in found if SUPERVISING_BODY in roles]


def keep_bodies(connection: Connection, stated: Sequence[Body]) -> None:
    """Keep bodies as an organisation file says that they are now."""
    rows: list[Row] = [
        {"name": b.name, "tier": b.tier, "supervised_by": b.supervised_by, "aliases": list(b.aliases)}
        for b in sorted(stated, key=lambda body: body.name)
    ]
    upsert_rows(connection, BodyTable, rows)


def keep_names(connection: Connection, named: set[str]) -> None:
    """Keep bodies that are only named, where they are not known yet."""
    rows: list[Row] = [{"name": name, "tier": None, "supervised_by": None, "aliases": []} for name in sorted(named)]
    upsert_rows(connection, BodyTable, rows, only=())
