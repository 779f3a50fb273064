"""Opening an item within the caller's transaction: its number, its task, and the proof that it was opened."""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, func, select

from duban.ledger.database.writing import Row, insert_rows, table_of
from duban.ledger.plans.registration import insert_tasks
from duban.ledger.registers.register_rows import Asked, Build, ItemStatus, ItemToOpen, OpenedItem
from duban.ledger.tables.columns import canonical_json
from duban.ledger.tables.plan_tables import PlanTable, TaskTable
from duban.ledger.tables.register_tables import RegisterItemTable
from duban.supervision.plans.plan import TaskDefinition

DIGITS = 4
"""Of a running number, as it stands in a code; a larger one takes more."""


def definitions_in(connection: Connection, code: str) -> dict[str, TaskDefinition]:
    """What a register has opened, as it was registered, by code."""
    table = table_of(RegisterItemTable)
    rows = connection.execute(
        select(table.c.task_code, table.c.definition).where(
            table.c.register_code == code, table.c.task_code.is_not(None)
        )
    )
    return {task: TaskDefinition.model_validate_json(definition) for task, definition in rows}


def open_item(
    connection: Connection, code: str, item: ItemToOpen, at: datetime, build: Build, after: int
) -> OpenedItem:
    """Open an item once; see ``RegisterRepository.open_items``. The register's row is locked."""
    if (known := settled(connection, code, item.key, item.asked)) is not None:
        return known
    number = _next_number(connection, code, after)
    made = build(item, f"{code}-{number:0{DIGITS}}")
    if isinstance(made, str):
        insert_rows(connection, RegisterItemTable, [_row(code, item, at, reason=made)])
        return OpenedItem(key=item.key, reason=made)
    insert_tasks(connection, made.registration, after=number - 1)
    first_version = made.registration.batches[0].entries[-1].version
    row = _row(code, item, at, number=number, definition=made.definition, first_version=first_version)
    insert_rows(connection, RegisterItemTable, [row])
    return OpenedItem(key=item.key, code=made.definition.code, number=number)


def _row(
    code: str,
    item: ItemToOpen,
    at: datetime,
    *,
    reason: str = "",
    number: int | None = None,
    definition: TaskDefinition | None = None,
    first_version: int = 0,
) -> Row:
    asked = item.asked
    return {
        "register_code": code,
        "key": item.key,
        "status": (ItemStatus.OPENED if definition else ItemStatus.REFUSED).value,
        "number": number,
        "task_code": definition.code if definition else None,
        "procedure": item.procedure,
        "title": definition.title if definition else "",
        "definition": canonical_json(definition.model_dump(mode="json")) if definition else "",
        "first_version": first_version,
        "asked_task": asked.task_code if asked else None,
        "asked_round": asked.round if asked else None,
        "asked_key": asked.key if asked else None,
        **item.model_dump(include={"body", "person", "anyway"}),
        "alike": list(item.alike),
        "reason": reason,
        "at": at,
    }


def settled(connection: Connection, code: str, key: str, asked: Asked | None = None) -> OpenedItem | None:
    """What came of a wish; None where it has not been dealt with."""
    table = table_of(RegisterItemTable)
    own: ColumnElement[bool] = and_(table.c.register_code == code, table.c.key == key)
    if asked is not None:  # perhaps in another register, that was the newest then
        own = and_(
            table.c.asked_task == asked.task_code,
            table.c.asked_round == asked.round,
            table.c.asked_key == asked.key,
        )
    row = connection.execute(select(table.c.task_code, table.c.number, table.c.reason).where(own)).one_or_none()
    if row is None:
        return None
    return OpenedItem(key=key, code=row[0] or "", number=row[1] or 0, reason=row[2], repeated=True)


def _next_number(connection: Connection, code: str, after: int) -> int:
    """The next number whose code nothing else bears: plans and tasks share one space of names.

    Args:
        after: What the register has given and a ledger that was taken back may not have any more.
    """
    items, tasks, plans = table_of(RegisterItemTable), table_of(TaskTable), table_of(PlanTable)
    highest = connection.scalar(select(func.max(items.c.number)).where(items.c.register_code == code)) or 0
    number = max(highest, after) + 1
    while any(
        connection.scalar(select(table.c.code).where(table.c.code == f"{code}-{number:0{DIGITS}}"))
        for table in (tasks, plans)
    ):
        number += 1
    return number
