"""A task's own row, compared with the plan that was issued and with the state that the task recorded last."""

import hashlib
from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, RowMapping, select
from sqlmodel import col

from duban.contracts import StoredPlan, unpack_state
from duban.ledger.columns import without_nul
from duban.ledger.folding import RowFlaw
from duban.ledger.links import Flaw
from duban.ledger.plan_tables import PlanTable, StoredPlanTable, TaskTable
from duban.ledger.restart_tables import TaskStateTable
from duban.ledger.writing import table_of
from duban.supervision.model import Frozen
from duban.supervision.plan import TaskDefinition
from duban.supervision.regime import HANDLING_BODY, LEAD_BODY, SUPPORTING_BODIES
from duban.supervision.state import TaskState
from duban.supervision.views import status_of

ISSUED = ("title", "leader", "measures", "deliverable", "deadline_text", "open_ended")
"""Columns that are as in the plan, until it is amended."""


class MissingTask(Frozen):
    """A task that its plan names and the ledger does not have, or a plan that is not the one stored."""

    task_code: str
    flaw: Flaw
    table: str


def missing_tasks(connection: Connection, plan_code: str) -> Iterator[MissingTask]:
    """Tasks of a plan that are not in the ledger; the plan itself where its text does not bear its digest."""
    digest, content = _stored(connection, plan_code)
    if content is None or hashlib.sha256(content.encode()).hexdigest() != digest:
        flaw = Flaw.REMOVED if content is None else Flaw.CHANGED
        yield MissingTask(task_code=plan_code, flaw=flaw, table="stored_plans")
        return
    there = set(connection.scalars(select(col(TaskTable.code)).where(col(TaskTable.plan_code) == plan_code)))
    for task in StoredPlan.model_validate_json(content).definition.tasks:
        if task.code not in there:
            yield MissingTask(task_code=task.code, flaw=Flaw.REMOVED, table="tasks")


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
    plan_code = ""
    for row in rows.mappings():
        if row["plan_code"] != plan_code:
            plan_code = row["plan_code"]
            content = _stored(connection, plan_code)[1]
            plan = StoredPlan.model_validate_json(content) if content else None
            issued = {task.code: task for task in plan.definition.tasks} if plan else {}
        state = _state(row)
        columns = (*_unlike_issue(row, issued.get(row["code"]), state), *_unlike_state(row, state))
        if columns:
            yield RowFlaw(table="tasks", row=row["code"], flaw=Flaw.CHANGED, columns=columns)


def _stored(connection: Connection, plan_code: str) -> tuple[str, str | None]:
    plans, stored = table_of(PlanTable), table_of(StoredPlanTable)
    found = connection.execute(
        select(plans.c.digest, stored.c.content)
        .join_from(plans, stored, stored.c.digest == plans.c.digest, isouter=True)
        .where(plans.c.code == plan_code)
    )
    digest, content = found.one()
    return digest, content


def _unlike_issue(row: RowMapping, task: TaskDefinition | None, state: TaskState | None) -> tuple[str, ...]:
    """What a task was issued with, or has adopted since under its state's own word."""
    if task is None:
        return ("code",)
    definition = state.definition if state is not None else task
    names = [name for name in ISSUED if row[name] != _kept(getattr(definition, name))]
    if row["content"] is not None and state is None:
        return tuple(names)  # its state lags behind, or is told below to be none
    bodies = {
        "lead_body": state.roles.first(LEAD_BODY) if state else task.lead_body,
        "handling_body": state.roles.first(HANDLING_BODY) if state else task.handled_by,
    }
    names += [name for name, body in bodies.items() if row[name] != _kept(body)]
    supporting = [*map(without_nul, state.roles.of(SUPPORTING_BODIES) if state else task.supporting_bodies)]
    return tuple(names + (["supporting_bodies"] if row["supporting_bodies"] != supporting else []))


def _kept(value: object) -> object:
    return without_nul(value) if isinstance(value, str) else value


def _state(row: RowMapping) -> TaskState | None:
    """The state of a row's newest entry; a row without one was written by an earlier release."""
    if row["content"] is None or row["state_version"] != row["version"]:
        return None
    try:
        return unpack_state(row["content"])
    except ValueError:
        return None


def _unlike_state(row: RowMapping, state: TaskState | None) -> tuple[str, ...]:
    if state is None:
        is_current = row["content"] is not None and row["state_version"] == row["version"]
        return ("state",) if is_current else ()
    told = {
        "version": state.version,
        "status": status_of(state),
        "behind_since": _behind_since(state),
        "percent": state.percent,
        "closed_at": state.last_at if state.stage.is_final else None,
    }
    return tuple(name for name, value in told.items() if row[name] != value)


def _behind_since(state: TaskState) -> object:
    episode = None if state.stage.is_final else state.episode
    return episode.opened_on if episode else None
