"""Amended plans: the new content is kept beside the issued one, and the tasks that came with it begin there.

What was issued stays as it is. A task's definition is what it was registered with, and what its own timeline says has
been amended since.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Engine, RowMapping, func, select, update
from sqlmodel import col

from duban.contracts import RULES, AmendmentReceipt, PlanAmendment, StoredPlan, unpack_state
from duban.ledger.database.engine import reading, writing
from duban.ledger.database.writing import in_chunks, insert_rows, table_of
from duban.ledger.errors import NotInLedger
from duban.ledger.plans.registration import PlanRegistration, PlanStatus, insert_tasks, taken_codes
from duban.ledger.tables.amendment_tables import PlanAmendmentTable
from duban.ledger.tables.plan_tables import PlanTable, StoredPlanTable, TaskTable
from duban.ledger.tables.restart_tables import TaskStateTable
from duban.supervision.model import Frozen
from duban.supervision.tasks.state import TaskState

TAKEN_TOLD = 10


class PlanVersion(Frozen):
    """The content of a plan from a moment on: as issued, or as amended.

    Attributes:
        id: Of the message that amended it; empty for the plan as issued.
        begins_at: Business moment at which the tasks that came with it begin.
    """

    id: str = ""
    digest: str
    begins_at: datetime

    @property
    def brings_rules(self) -> bool:
        """Whether it is what was there before, under other rules."""
        return self.id.startswith(RULES)


def rules_since(versions: Sequence[PlanVersion]) -> PlanVersion:
    """The version of a plan whose rules its workflow goes by: the issued one, or the last that brought others."""
    return next((version for version in reversed(versions) if version.brings_rules), versions[0])


class RegisteredTask(Frozen):
    """A task of a plan, as an amendment finds it.

    Attributes:
        state: What it knew after its newest entry on record; None where an earlier release recorded none.
        is_open: Not closed.
    """

    code: str
    is_open: bool
    state: TaskState | None


class AmendmentRepository:
    """Everything about amended plans; each method is one transaction.

    Every method raises ``LedgerUnavailable`` where the database cannot be reached.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def register(self, amendment: PlanAmendment, registration: PlanRegistration) -> AmendmentReceipt:
        """Keep a plan's new content and register the tasks that come with it: all of it or nothing.

        The same amendment again changes nothing.

        Args:
            registration: Of the new tasks alone; its digest is that of the amended plan, which is stored.

        Raises:
            NotInLedger: There is no such plan.
            LedgerConflict: First entries do not begin with version 1.
        """
        with writing(self._engine) as connection:
            plan = _locked(connection, amendment.code)
            if (known := _known(connection, amendment)) is not None:
                return AmendmentReceipt(registered=True, added=known)
            if plan["status"] == PlanStatus.CLOSED:
                return AmendmentReceipt(registered=False, reason=f"方案 {amendment.code} 已销账，不能再调整")
            if taken := taken_codes(connection, registration.plan.definition):
                listed = "；".join(str(code) for code in taken[:TAKEN_TOLD])
                return AmendmentReceipt(registered=False, reason=f"{listed}，不能重复使用")
            added = len(registration.plan.definition.tasks)
            was_finished_at = plan["finished_at"] if added and plan["status"] == PlanStatus.IN_STRIKE_OFF else None
            insert_tasks(connection, registration, after=_last_position(connection, amendment.code))
            insert_rows(
                connection,
                PlanAmendmentTable,
                [
                    {
                        "plan_code": amendment.code,
                        "number": _next_number(connection, amendment.code),
                        "id": amendment.id,
                        "digest": registration.digest,
                        **amendment.model_dump(include={"body", "person", "reason", "document", "amended_at"}),
                        "tasks_added": added,
                        "was_finished_at": was_finished_at,
                    }
                ],
            )
            if amendment.brings_rules:
                connection.execute(
                    update(table_of(PlanTable))
                    .where(col(PlanTable.code) == amendment.code)
                    .values(regime=registration.plan.policy.regime.name)
                )
            if was_finished_at is not None:
                connection.execute(
                    update(table_of(PlanTable))
                    .where(col(PlanTable.code) == amendment.code)
                    .values(status=PlanStatus.UNDER_WAY.value, finished_at=None)
                )
            return AmendmentReceipt(registered=True, added=added)

    def versions(self, plan_code: str) -> tuple[PlanVersion, ...]:
        """The contents of a plan, as issued first; empty where it is not registered."""
        with reading(self._engine) as connection:
            return versions_of(connection, plan_code)

    def unregistered(self, plan: StoredPlan) -> tuple[str, ...]:
        """Codes of a plan's tasks that are not registered in it, in the order of the plan."""
        known: set[str] = set()
        codes = [task.code for task in plan.definition.tasks]
        with reading(self._engine) as connection:
            for some in in_chunks(codes):
                there = select(col(TaskTable.code)).where(
                    col(TaskTable.code).in_(some), col(TaskTable.plan_code) == plan.definition.code
                )
                known.update(connection.scalars(there))
        return tuple(code for code in codes if code not in known)

    def tasks(self, plan_code: str) -> tuple[RegisteredTask, ...]:
        """The tasks of a plan with what they know, in its order."""
        tasks, states = table_of(TaskTable), table_of(TaskStateTable)
        query = (
            select(tasks.c.code, tasks.c.closed_at, states.c.content)
            .join_from(tasks, states, states.c.task_code == tasks.c.code, isouter=True)
            .where(tasks.c.plan_code == plan_code)
            .order_by(tasks.c.position)
        )
        with reading(self._engine) as connection:
            rows = connection.execute(query).all()
        return tuple(
            RegisteredTask(
                code=code, is_open=closed_at is None, state=unpack_state(content) if content is not None else None
            )
            for code, closed_at, content in rows
        )

    def states(self, codes: Sequence[str]) -> dict[str, TaskState]:
        """What these tasks know; one without a state on record is left out."""
        found: dict[str, TaskState] = {}
        states = table_of(TaskStateTable)
        with reading(self._engine) as connection:
            for some in in_chunks(codes):
                query = select(states.c.task_code, states.c.content).where(states.c.task_code.in_(some))
                found.update((code, unpack_state(content)) for code, content in connection.execute(query))
        return found


def versions_of(connection: Connection, plan_code: str) -> tuple[PlanVersion, ...]:
    """As ``AmendmentRepository.versions``, within the caller's transaction."""
    plans, amendments = table_of(PlanTable), table_of(PlanAmendmentTable)
    issued = connection.execute(
        select(plans.c.digest, plans.c.registered_at).where(plans.c.code == plan_code)
    ).one_or_none()
    if issued is None:
        return ()
    later = connection.execute(
        select(amendments.c.id, amendments.c.digest, amendments.c.amended_at)
        .where(amendments.c.plan_code == plan_code)
        .order_by(amendments.c.number)
    )
    return (
        PlanVersion(digest=issued[0], begins_at=issued[1]),
        *(PlanVersion(id=identity, digest=digest, begins_at=at) for identity, digest, at in later),
    )


def stored_content(connection: Connection, digest: str) -> str | None:
    """The text of a stored plan."""
    return connection.scalar(select(col(StoredPlanTable.content)).where(col(StoredPlanTable.digest) == digest))


def _locked(connection: Connection, code: str) -> RowMapping:
    table = table_of(PlanTable)
    found = connection.execute(select(table).where(table.c.code == code).with_for_update(key_share=True))
    plan = found.mappings().one_or_none()
    if plan is None:
        raise NotInLedger(f"台账中没有方案 {code}")
    return plan


def _known(connection: Connection, amendment: PlanAmendment) -> int | None:
    table = table_of(PlanAmendmentTable)
    return connection.scalar(
        select(table.c.tasks_added).where(table.c.plan_code == amendment.code, table.c.id == amendment.id)
    )


def _next_number(connection: Connection, code: str) -> int:
    table = table_of(PlanAmendmentTable)
    return (connection.scalar(select(func.max(table.c.number)).where(table.c.plan_code == code)) or 0) + 1


def _last_position(connection: Connection, code: str) -> int:
    query = select(func.max(col(TaskTable.position))).where(col(TaskTable.plan_code) == code)
    return connection.scalar(query) or 0
