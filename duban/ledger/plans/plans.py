"""Plans: stored by digest, registered with all their tasks, closed by the leading group."""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime

from pydantic import Field
from sqlalchemy import Connection, Engine, RowMapping, case, func, select, update
from sqlmodel import col

from duban.contracts import PlanClosure, StoredPlan
from duban.ledger.database.engine import reading, writing
from duban.ledger.database.writing import Row, table_of, upsert_rows
from duban.ledger.errors import LedgerConflict, NotInLedger
from duban.ledger.plans.differences import compare
from duban.ledger.plans.registration import (
    PlanRegistration,
    PlanStatus,
    RegistrationReceipt,
    RegistrationStatus,
    TakenCode,
    insert_plan,
    insert_tasks,
    taken_codes,
)
from duban.ledger.tables.columns import canonical_json
from duban.ledger.tables.plan_tables import PlanCountTable, PlanKind, PlanTable, StoredPlanTable, TaskTable
from duban.ledger.tasks.parts import keep_bodies
from duban.supervision.bodies.organisation import Body
from duban.supervision.days.calendar import Zone
from duban.supervision.days.clock import TaskClock
from duban.supervision.model import Frozen
from duban.supervision.plans.plan import PlanDefinition


class PlanRow(Frozen):
    """A plan as the ledger holds it. Moments are business time.

    Attributes:
        digest: Of the stored plan.
        finished_at: When it went into strike-off, no task being open.
        closed_by_item: Code of the item by which its closing was decided; None where there was none.
        zone: In which its days are counted and its moments shown to people.
        tasks, open_tasks: How many there are.
        unstarted_tasks: Those without proof that their workflow was started.
    """

    code: str
    title: str
    issued_on: date
    regime: str
    supervising_body: str
    digest: str
    clock: TaskClock
    zone: Zone = Field(exclude=True)
    status: PlanStatus
    registered_at: datetime
    finished_at: datetime | None
    closed_at: datetime | None
    closed_by_body: str
    closed_by_person: str
    closing_decision: str
    closed_by_item: str | None = None
    tasks: int
    open_tasks: int
    unstarted_tasks: int
    kind: PlanKind = PlanKind.PLAN

    @property
    def is_register(self) -> bool:
        """Whether it is the home of what comes by no plan."""
        return self.kind is PlanKind.REGISTER


class PlanRepository:
    """Everything about plans; each method is one transaction.

    Every method raises ``LedgerUnavailable`` where the database cannot be reached.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def store_plan(self, plan: StoredPlan) -> str:
        """Store a parsed plan; storing it again changes nothing.

        Returns:
            Its digest.
        """
        content = canonical_json(plan.model_dump(mode="json"))
        digest = hashlib.sha256(content.encode()).hexdigest()
        with writing(self._engine) as connection:
            upsert_rows(connection, StoredPlanTable, [{"digest": digest, "content": content}], only=())
        return digest

    def keep_bodies(self, bodies: Sequence[Body]) -> None:
        """Keep bodies as an organisation file says that they are now."""
        with writing(self._engine) as connection:
            keep_bodies(connection, bodies)

    def load_plan(self, digest: str) -> StoredPlan:
        """The plan of a digest.

        Raises:
            NotInLedger: No plan was stored under it.
        """
        with reading(self._engine) as connection:
            return _load(connection, digest)

    def register_plan(self, registration: PlanRegistration) -> RegistrationReceipt:
        """Register a plan with its bodies, its tasks and their first entries: all of it or nothing.

        The same plan again, a differing plan of the same code, and task codes of another plan change
        nothing; the receipt says which it is.

        Raises:
            LedgerConflict: The plan is not stored, or first entries do not begin with version 1.
        """
        with writing(self._engine) as connection:
            code = registration.plan.definition.code
            standing = _find(connection, code)
            if standing is None:
                taken = taken_codes(connection, registration.plan.definition)
                if taken:
                    return RegistrationReceipt(status=RegistrationStatus.CODES_TAKEN, taken=taken)
                if insert_plan(connection, registration):
                    insert_tasks(connection, registration)
                    return RegistrationReceipt(
                        status=RegistrationStatus.REGISTERED, registered_at=registration.registered_at
                    )
                standing = _find(connection, code)  # another registration was faster
            if standing is None:
                raise NotInLedger(f"台账中没有方案 {code}")
            return _compared(connection, standing, registration)

    def taken_codes(self, plan: PlanDefinition) -> tuple[TakenCode, ...]:
        """Codes of a plan that is not registered, its own included, that belong to other plans or tasks."""
        with reading(self._engine) as connection:
            return taken_codes(connection, plan)

    def plan_row(self, code: str, /) -> PlanRow | None:
        """A plan, or None where no plan of the code is registered."""
        with reading(self._engine) as connection:
            rows = _plan_rows(connection, code)
        return rows[0] if rows else None

    def zone_of(self, task_code: str) -> Zone:
        """The zone of a task's plan.

        Raises:
            NotInLedger: The task is not registered.
        """
        plans, tasks = table_of(PlanTable), table_of(TaskTable)
        query = select(plans.c.zone).join_from(plans, tasks, tasks.c.plan_code == plans.c.code)
        with reading(self._engine) as connection:
            zone = connection.scalar(query.where(tasks.c.code == task_code))
        if zone is None:
            raise NotInLedger(f"台账中没有任务 {task_code}")
        return Zone.model_validate(zone)

    def plan_rows(self) -> tuple[PlanRow, ...]:
        """All plans, by code."""
        with reading(self._engine) as connection:
            return _plan_rows(connection)

    def plan_finished(self, code: str, at: datetime) -> bool:
        """The plan goes into strike-off, if none of its tasks is open.

        Args:
            at: Business moment.

        Returns:
            Whether it is in strike-off or beyond.

        Raises:
            NotInLedger: There is no such plan.
        """
        with writing(self._engine) as connection:
            plan = _locked(connection, code)
            if plan["status"] in (PlanStatus.IN_STRIKE_OFF, PlanStatus.CLOSED):
                return True
            if plan["kind"] == PlanKind.REGISTER or _open_tasks(connection, code):
                return False
            _set(connection, code, {"status": PlanStatus.IN_STRIKE_OFF.value, "finished_at": at})
            return True

    def put_under(self, code: str, regime: str) -> None:
        """From now on a plan or register is one of this regime.

        Raises:
            NotInLedger: There is no such plan.
        """
        with writing(self._engine) as connection:
            _locked(connection, code)
            _set(connection, code, {"regime": regime})

    def close_plan(self, closure: PlanClosure) -> None:
        """Close a plan by the leading group's decision (销账); the same closure again changes nothing.

        Raises:
            NotInLedger: There is no such plan.
            LedgerConflict: Tasks are still open, or it is closed by another decision.
        """
        decided: Row = {
            "closed_at": closure.closed_at,
            "closed_by_body": closure.body,
            "closed_by_person": closure.person,
            "closing_decision": closure.reason,
            "closed_by_item": closure.item or None,
        }
        with writing(self._engine) as connection:
            plan = _locked(connection, closure.code)
            match PlanStatus(plan["status"]):
                case PlanStatus.CLOSED if any(plan[name] != value for name, value in decided.items()):
                    raise LedgerConflict(f"方案 {closure.code} 已于此前销账，不能再次销账")
                case PlanStatus.CLOSED:
                    return
                case PlanStatus.IN_STRIKE_OFF:
                    _set(connection, closure.code, {"status": PlanStatus.CLOSED.value, **decided})
                case PlanStatus.REGISTERING | PlanStatus.UNDER_WAY if plan["kind"] == PlanKind.REGISTER:
                    raise LedgerConflict(f"{closure.code} 是登记簿，请用 starter.py register close 办结")
                case PlanStatus.REGISTERING | PlanStatus.UNDER_WAY:
                    raise LedgerConflict(f"方案 {closure.code} 还有未办结的任务，不能销账")


def _load(connection: Connection, digest: str) -> StoredPlan:
    content = connection.scalar(select(col(StoredPlanTable.content)).where(col(StoredPlanTable.digest) == digest))
    if content is None:
        raise NotInLedger(f"台账中没有存放摘要为 {digest} 的方案")
    return StoredPlan.model_validate_json(content)


def _find(connection: Connection, code: str) -> RowMapping | None:
    table = table_of(PlanTable)
    return connection.execute(select(table).where(table.c.code == code)).mappings().one_or_none()


def _locked(connection: Connection, code: str) -> RowMapping:
    table = table_of(PlanTable)
    found = connection.execute(select(table).where(table.c.code == code).with_for_update(key_share=True))
    plan = found.mappings().one_or_none()
    if plan is None:
        raise NotInLedger(f"台账中没有方案 {code}")
    return plan


def _set(connection: Connection, code: str, values: Row) -> None:
    connection.execute(update(table_of(PlanTable)).where(col(PlanTable.code) == code).values(values))


def _open_tasks(connection: Connection, code: str) -> int:
    open_ones = select(func.count()).where(col(TaskTable.plan_code) == code, col(TaskTable.closed_at).is_(None))
    return connection.scalar(open_ones) or 0


def _compared(connection: Connection, standing: RowMapping, registration: PlanRegistration) -> RegistrationReceipt:
    """A registered plan beside the one that is issued again."""
    registered_at: datetime = standing["registered_at"]
    differences = (
        ()
        if standing["digest"] == registration.digest
        # Equal values under unequal digests: a release between the two added a field with its default.
        else compare(_load(connection, standing["digest"]), registration.plan)
    )
    status = RegistrationStatus.DIFFERS if differences else RegistrationStatus.UNCHANGED
    return RegistrationReceipt(status=status, registered_at=registered_at, differences=differences)


def _plan_rows(connection: Connection, code: str | None = None) -> tuple[PlanRow, ...]:
    plans, counts, tasks = table_of(PlanTable), table_of(PlanCountTable), table_of(TaskTable)
    counted = (
        select(
            counts.c.plan_code,
            func.sum(counts.c.tasks).label("tasks"),
            func.sum(case((counts.c.is_open, counts.c.tasks), else_=0)).label("open_tasks"),
        )
        .group_by(counts.c.plan_code)
        .subquery()
    )
    unstarted = (
        select(tasks.c.plan_code, func.count().label("unstarted_tasks"))
        .where(tasks.c.started_at.is_(None))
        .group_by(tasks.c.plan_code)
        .subquery()
    )
    figures = (counted.c.tasks, counted.c.open_tasks, unstarted.c.unstarted_tasks)
    query = (
        select(plans, *(func.coalesce(figure, 0).label(figure.name) for figure in figures))
        .join_from(plans, counted, counted.c.plan_code == plans.c.code, isouter=True)
        .join(unstarted, unstarted.c.plan_code == plans.c.code, isouter=True)
        .order_by(plans.c.code)
    )
    if code is not None:
        query = query.where(plans.c.code == code)
    return tuple(_plan_row(row) for row in connection.execute(query).mappings())


def _plan_row(row: RowMapping) -> PlanRow:
    columns = dict(row)
    clock = TaskClock(**{name: columns.pop(name) for name in TaskClock.model_fields})
    return PlanRow(**{**columns, "zone": Zone.model_validate(columns["zone"])}, clock=clock)
