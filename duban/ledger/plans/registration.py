"""Registering a plan: all its rows and every task's first entries, in one transaction."""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import Self

from pydantic import model_validator
from sqlalchemy import Connection, select
from sqlmodel import col

from duban.contracts import RecordBatch, StoredPlan
from duban.ledger.database.writing import Row, in_chunks, insert_rows, upserting
from duban.ledger.delivery.intents import TaskKey
from duban.ledger.plans.differences import PlanDifference
from duban.ledger.proof import chain
from duban.ledger.tables.plan_tables import PlanKind, PlanTable, TaskBodyTable, TaskTable
from duban.ledger.tasks.changes import Changes
from duban.ledger.tasks.counting import Tally
from duban.ledger.tasks.parts import keep_bodies, keep_names, part_rows
from duban.ledger.tasks.recording import Standing, snapshot_columns, take_in
from duban.ledger.tasks.restarts import keep_policies, keep_states
from duban.supervision.days.clock import TaskClock
from duban.supervision.model import Frozen
from duban.supervision.plans.plan import PlanDefinition, TaskDefinition
from duban.supervision.rules.parts import HANDLING_BODY, LEAD_BODY, SUPERVISING_BODY, SUPPORTING_BODIES


class PlanStatus(StrEnum):
    """The life of a plan; ``under_way`` once every task has been started."""

    REGISTERING = "registering"
    UNDER_WAY = "under_way"
    IN_STRIKE_OFF = "in_strike_off"
    CLOSED = "closed"


class PlanRegistration(Frozen):
    """A stored plan with the first entries of its tasks.

    Attributes:
        digest: Under which the plan is stored.
        registered_at: Business moment.
        batches: One for each task of the plan.
    """

    digest: str
    plan: StoredPlan
    clock: TaskClock
    registered_at: datetime
    batches: tuple[RecordBatch, ...]

    @model_validator(mode="after")
    def _one_batch_for_each_task(self) -> Self:
        if sorted(batch.task_code for batch in self.batches) != sorted(t.code for t in self.plan.definition.tasks):
            raise ValueError("a registration holds one batch for each task of its plan")
        return self


class RegistrationStatus(StrEnum):
    """What came of a registration; all but ``registered`` changed nothing."""

    REGISTERED = "registered"
    UNCHANGED = "unchanged"
    DIFFERS = "differs"
    CODES_TAKEN = "codes_taken"


class TakenCode(Frozen):
    """A code that belongs to another plan or one of its tasks already.

    Attributes:
        plan_code: The plan that has it, or to which the task belongs that has it.
    """

    task_code: str
    plan_code: str

    def __str__(self) -> str:
        whose = "已是方案的编号" if self.task_code == self.plan_code else f"已是方案 {self.plan_code} 的任务编号"
        return f"编号 {self.task_code} {whose}"


class RegistrationReceipt(Frozen):
    """What the ledger says to a registration.

    Attributes:
        registered_at: Business moment of the registration that stands; None where there is none. What is
            derived from a registration is derived with this moment, also when it is repeated later.
        differences: Where a plan of this code is registered with another content.
        taken: Codes that another plan or task has.
    """

    status: RegistrationStatus
    registered_at: datetime | None = None
    differences: tuple[PlanDifference, ...] = ()
    taken: tuple[TakenCode, ...] = ()


def taken_codes(connection: Connection, plan: PlanDefinition) -> tuple[TakenCode, ...]:
    """Codes that belong to others: plans and tasks have their codes as workflow ids, and share one space of names."""
    return (*_tasks_of_others(connection, plan), *_names_of_plans(connection, plan))


def _names_of_plans(connection: Connection, plan: PlanDefinition) -> Iterator[TakenCode]:
    """Where a task would have the name of a plan, its own or another, or the plan that of another's task."""
    codes = [task.code for task in plan.tasks]
    if plan.code in codes:
        yield TakenCode(task_code=plan.code, plan_code=plan.code)
    for some in in_chunks(codes):
        plans = select(col(PlanTable.code)).where(col(PlanTable.code).in_(some)).order_by(col(PlanTable.code))
        yield from (TakenCode(task_code=code, plan_code=code) for code in connection.scalars(plans))
    task = select(col(TaskTable.code), col(TaskTable.plan_code)).where(col(TaskTable.code) == plan.code)
    yield from (TakenCode(task_code=code, plan_code=owner) for code, owner in connection.execute(task))


def _tasks_of_others(connection: Connection, plan: PlanDefinition) -> tuple[TakenCode, ...]:
    found: list[TakenCode] = []
    for codes in in_chunks([task.code for task in plan.tasks]):
        rows = connection.execute(
            select(col(TaskTable.code), col(TaskTable.plan_code))
            .where(col(TaskTable.code).in_(codes), col(TaskTable.plan_code) != plan.code)
            .order_by(col(TaskTable.code))
        )
        found.extend(TakenCode(task_code=code, plan_code=plan_code) for code, plan_code in rows)
    return tuple(found)


def insert_plan(connection: Connection, registration: PlanRegistration) -> bool:
    """The plan's own row; False where the code is registered already (by a transaction that has just ended, too)."""
    definition = registration.plan.definition
    row = {
        "code": definition.code,
        "kind": (PlanKind.REGISTER if registration.plan.is_register else PlanKind.PLAN).value,
        "title": definition.title,
        "issued_on": definition.issued_on,
        "regime": definition.regime,
        "supervising_body": _supervising_body(registration),
        "digest": registration.digest,
        **registration.clock.model_dump(),
        "zone": registration.plan.policy.calendar.zone.model_dump(mode="json"),
        # A register has nothing to start before it is under way.
        "status": (PlanStatus.UNDER_WAY if registration.plan.is_register else PlanStatus.REGISTERING).value,
        "registered_at": registration.registered_at,
        "finished_at": None,
        "closed_at": None,
        "closed_by_body": "",
        "closed_by_person": "",
        "closing_decision": "",
        "closed_by_item": None,
    }
    statement = upserting(connection, PlanTable).values(row).on_conflict_do_nothing(index_elements=["code"])
    return connection.scalar(statement.returning(statement.table.c.code)) is not None


def insert_tasks(connection: Connection, registration: PlanRegistration, after: int = 0) -> None:
    """The rows of the plan's tasks, of their bodies, and of their first entries.

    Args:
        after: The last place in the plan that is taken already.
    """
    definition = registration.plan.definition
    batches = {batch.task_code: batch for batch in registration.batches}
    changes = Changes()
    tasks: list[Row] = []
    parts: list[Row] = []
    for position, task in enumerate(definition.tasks, start=after + 1):
        key = TaskKey(task.code, 1, definition.code, registration.clock, registration.plan.policy.calendar.zone)
        batch = batches[task.code]
        standing = take_in(changes, key, Standing(0, chain.origin(task.code, 1)), batch.entries)
        tasks.append(
            {
                **_task_row(task, key, position),
                "registered_at": registration.registered_at,
                **snapshot_columns(batch.snapshot, standing),
            }
        )
        parts.extend(_parts(registration, task, position))
    stated = registration.plan.organisation.bodies
    keep_bodies(connection, stated)
    keep_names(connection, {part["body"] for part in parts} - {body.name for body in stated})
    insert_rows(connection, TaskTable, tasks)
    insert_rows(connection, TaskBodyTable, parts)
    changes.write(connection)
    keep_policies(connection, (batch.adopted for batch in registration.batches))
    keep_states(connection, registration.batches)
    tally = Tally()
    for row in tasks:
        tally.enter(row)
    tally.write(connection)


def _task_row(task: TaskDefinition, key: TaskKey, position: int) -> Row:
    return {
        "code": task.code,
        "plan_code": key.plan_code,
        "position": position,
        "round": key.round,
        "title": task.title,
        "leader": task.leader,
        "lead_body": task.lead_body,
        "handling_body": task.handled_by,
        "supporting_bodies": list(task.supporting_bodies),
        "measures": task.measures,
        "deliverable": task.deliverable,
        "deadline_text": task.deadline_text,
        "open_ended": task.open_ended,
        "list_kinds": [kind.value for kind in task.list_kinds],
        "started_at": None,
    }


def _supervising_body(registration: PlanRegistration) -> str:
    plan = registration.plan
    return plan.organisation.supervising_body(plan.definition.supervising_body, plan.policy.regime)


def _parts(registration: PlanRegistration, task: TaskDefinition, position: int) -> list[Row]:
    bodies = {
        SUPERVISING_BODY: (_supervising_body(registration),),
        LEAD_BODY: (task.lead_body,),
        HANDLING_BODY: (task.handled_by,),
        SUPPORTING_BODIES: task.supporting_bodies,
    }
    return part_rows(task.code, registration.plan.definition.code, position, bodies)
