"""A task's own row, compared with the plan that was issued and with the state that the task recorded last."""

import hashlib
from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, RowMapping, select
from sqlmodel import col

from duban.contracts import StoredPlan, unpack_state
from duban.ledger.database.writing import table_of
from duban.ledger.plans.amendments import stored_content, versions_of
from duban.ledger.proof.folding import RowFlaw
from duban.ledger.proof.links import Flaw
from duban.ledger.registers.opening_items import definitions_in
from duban.ledger.tables.columns import without_nul
from duban.ledger.tables.plan_tables import TaskTable
from duban.ledger.tables.restart_tables import TaskStateTable
from duban.ledger.tables.task_tables import TimelineTable
from duban.ledger.tasks.parts import reissued_columns
from duban.supervision.model import Frozen
from duban.supervision.plans.plan import TaskDefinition
from duban.supervision.tasks.entries import EntryKind, LedgerEntry, TaskChange
from duban.supervision.tasks.views import kept_behind_since, status_of

CHANGING = (EntryKind.AMENDED, EntryKind.ADOPTED, EntryKind.MARKED)
"""Entries that may change what a task is issued as."""


NOT_OF_THE_FILE = ("table", "handling_body", "supervising_body")


class MissingTask(Frozen):
    """A task that its plan names and the ledger does not have, or a plan that is not the one stored."""

    task_code: str
    flaw: Flaw
    table: str


def missing_tasks(connection: Connection, plan_code: str) -> Iterator[MissingTask]:
    """Tasks of a plan that are not in the ledger; the plan itself where its text does not bear its digest."""
    there = set(connection.scalars(select(col(TaskTable.code)).where(col(TaskTable.plan_code) == plan_code)))
    missed: set[str] = set()
    for version in versions_of(connection, plan_code):
        content = stored_content(connection, version.digest)
        if content is None or hashlib.sha256(content.encode()).hexdigest() != version.digest:
            flaw = Flaw.REMOVED if content is None else Flaw.CHANGED
            yield MissingTask(task_code=plan_code, flaw=flaw, table="stored_plans")
            continue
        named = [task.code for task in StoredPlan.model_validate_json(content).definition.tasks]
        for code in (*named, *definitions_in(connection, plan_code)):
            if code not in there | missed:
                missed.add(code)
                yield MissingTask(task_code=code, flaw=Flaw.REMOVED, table="tasks")


def compare_tasks(connection: Connection, codes: Sequence[str]) -> Iterator[RowFlaw]:
    """Tasks whose rows say something else than what was issued, or than what they recorded last."""
    tasks, states = table_of(TaskTable), table_of(TaskStateTable)
    rows = connection.execute(
        select(tasks, states.c.content, states.c.version.label("state_version"))
        .join_from(tasks, states, states.c.task_code == tasks.c.code, isouter=True)
        .where(tasks.c.code.in_(codes))
        .order_by(tasks.c.plan_code, tasks.c.code)
    )
    issued: dict[str, TaskDefinition] = {}
    amended = _amended(connection, codes)
    plan_code = ""
    for row in rows.mappings():
        if row["plan_code"] != plan_code:
            plan_code = row["plan_code"]
            issued = _issued(connection, plan_code)
        said = amended.get((row["code"], row["round"])) or _as_issued(issued.get(row["code"]))
        columns = (*_unlike_issued(row, said), *_unlike_state(row))
        if columns:
            yield RowFlaw(table="tasks", row=row["code"], flaw=Flaw.CHANGED, columns=columns)


def _issued(connection: Connection, plan_code: str) -> dict[str, TaskDefinition]:
    """Each task as the first content of its plan that has it: later ones reach it by its own timeline."""
    issued: dict[str, TaskDefinition] = {}
    for version in versions_of(connection, plan_code):
        content = stored_content(connection, version.digest)
        plan = StoredPlan.model_validate_json(content) if content else None
        issued = {**{task.code: task for task in plan.definition.tasks}, **issued} if plan else issued
    return {**definitions_in(connection, plan_code), **issued}


def _amended(connection: Connection, codes: Sequence[str]) -> dict[tuple[str, int], TaskChange]:
    """What the timelines of these tasks say of their rows, the newest word."""
    table = table_of(TimelineTable)
    steps = connection.execute(
        select(table.c.task_code, table.c["round"], table.c.content)
        .where(table.c.task_code.in_(codes), table.c.kind.in_([kind.value for kind in CHANGING]))
        .order_by(table.c.task_code, table.c["round"], table.c.version)
    )
    return {
        (code, lap): change
        for code, lap, content in steps
        for change in LedgerEntry.model_validate_json(content).changes
        if isinstance(change, TaskChange)
    }


def _as_issued(task: TaskDefinition | None) -> TaskChange | None:
    if task is None:
        return None
    told = {name: getattr(task, name) for name in TaskChange.model_fields if name not in NOT_OF_THE_FILE}
    return TaskChange(**told, handling_body=task.handled_by)


def _unlike_issued(row: RowMapping, said: TaskChange | None) -> tuple[str, ...]:
    if said is None:
        return ("code",)
    return tuple(name for name, value in reissued_columns(said).items() if _plain(row[name]) != _plain(value))


def _plain(value: object) -> object:
    match value:
        case str():
            return without_nul(value)
        case list():
            return [_plain(part) for part in value]
        case _:
            return value


def _unlike_state(row: RowMapping) -> tuple[str, ...]:
    """A row without the state of its newest entry was written by an earlier release, and is not compared."""
    if row["content"] is None or row["state_version"] != row["version"]:
        return ()
    try:
        state = unpack_state(row["content"])
    except ValueError:
        return ("state",)
    told = {
        "version": state.version,
        "status": status_of(state),
        "behind_since": kept_behind_since(state),
        "percent": state.percent,
        "closed_at": state.last_at if state.stage.is_final else None,
    }
    return tuple(name for name, value in told.items() if row[name] != value)
