"""Numbers that grounds, shares and evaluations rest on, counted now: each with what it was counted from."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, RowMapping, Select, and_, or_, select

from duban.ledger.database.engine import reading
from duban.ledger.database.writing import in_chunks, table_of
from duban.ledger.questions.agenda_queries import IS_OWED
from duban.ledger.questions.rows import business_today, lagging
from duban.ledger.questions.stepped_items import AT_ONCE, IS_STEP, stated_of, stepped_items
from duban.ledger.tables.plan_tables import BodyTable, PlanKind, PlanTable, TaskBodyTable, TaskTable
from duban.ledger.tables.register_tables import RegisterItemTable
from duban.ledger.tables.task_tables import MilestoneTable, ObligationTable, RecordTable
from duban.ledger.tasks.inspections import last_found
from duban.supervision.days.calendar import ONE_DAY, Zone
from duban.supervision.days.clock import TaskClock
from duban.supervision.model import Frozen
from duban.supervision.plans.plan import Found, ListKind
from duban.supervision.reckoning.evaluation import state_of
from duban.supervision.reckoning.taken_steps import SteppedItem
from duban.supervision.rules.owed import Duty
from duban.supervision.tasks.views import SUSPENDED


class CountedTask(Frozen):
    """A task or an item that was counted.

    Attributes:
        on: The day that it is counted for: the deadline that is over, or the day of the step.
        found: Of a plan's item: its state.
    """

    task_code: str
    title: str
    on: date | None = None
    found: Found | None = None


class StepsWanted(Frozen):
    """Which steps are counted.

    Attributes:
        outcomes: Only with one of these; empty: however it ended.
        bodies: Only of items that these lead or handle; None: whoever's.
        codes: Only of these items; None: of all.
        first, last: Local days, both included.
    """

    procedure: str
    step: str
    outcomes: tuple[str, ...] = ()
    bodies: tuple[str, ...] | None = None
    codes: tuple[str, ...] | None = None
    first: date
    last: date


class FigureRepository:
    """Counts, under one regime; each method is one transaction.

    Every method raises ``LedgerUnavailable`` where the database cannot be reached.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def supervised_by(self, body: str) -> tuple[str, ...]:
        """The bodies that a body supervises, by name."""
        bodies = table_of(BodyTable)
        query = select(bodies.c.name).where(bodies.c.supervised_by == body).order_by(bodies.c.name)
        with reading(self._engine) as connection:
            return tuple(connection.scalars(query))

    def overdue_tasks(
        self, regime: str, bodies: Collection[str], lists: Collection[ListKind], real_now: datetime
    ) -> tuple[CountedTask, ...]:
        """Open tasks of plans that these bodies lead or handle and of which something is overdue, by code."""
        with reading(self._engine) as connection:
            today = _days(connection, regime, PlanKind.PLAN, real_now)
            rows = _rows(connection, *_late_tasks(bodies, today))
        return tuple(
            CountedTask(task_code=row["code"], title=row["title"], on=since)
            for row in rows
            if row["plan_code"] in today
            and _is_on(row, lists)
            and (since := lagging(row, today[row["plan_code"]])[1]) is not None
        )

    def unfinished_tasks(
        self, regime: str, bodies: Collection[str], lists: Collection[ListKind], real_now: datetime
    ) -> tuple[CountedTask, ...]:
        """Open tasks of plans that these bodies lead or handle and whose last deadline is over, by code."""
        tasks, nodes = table_of(TaskTable), table_of(MilestoneTable)
        last = and_(nodes.c.task_code == tasks.c.code, nodes.c["round"] == tasks.c["round"], nodes.c.final)
        unmet = (nodes.c.met_at.is_(None), nodes.c.withdrawn_at.is_(None))
        with reading(self._engine) as connection:
            today = _days(connection, regime, PlanKind.PLAN, real_now)
            late = (query.join(nodes, last).where(*unmet) for query in _late_tasks(bodies, today))
            rows = _rows(connection, *(query.add_columns(nodes.c.due_on.label("final_on")) for query in late))
        return tuple(
            CountedTask(task_code=row["code"], title=row["title"], on=row["final_on"])
            for row in rows
            if row["plan_code"] in today and _is_on(row, lists) and row["final_on"] < today[row["plan_code"]]
        )

    def plan_items(self, plan: str) -> tuple[CountedTask, ...]:
        """The items of a plan, each in the state in which an evaluation finds it, in the plan's order."""
        tasks = table_of(TaskTable)
        columns = (tasks.c.code, tasks.c.title, tasks.c.status, tasks.c.percent)
        query = select(*columns).where(tasks.c.plan_code == plan).order_by(tasks.c.position)
        with reading(self._engine) as connection:
            rows = connection.execute(query).all()
            seen = last_found(connection, plan)
        states = ((code, title, state_of(status, percent, seen.get(code))) for code, title, status, percent in rows)
        return tuple(CountedTask(task_code=c, title=t, found=state[0]) for c, t, state in states if state is not None)

    def overdue_steps(
        self, regime: str, procedure: str, step: str, bodies: Collection[str] | None, real_now: datetime
    ) -> tuple[CountedTask, ...]:
        """Open items of a procedure that wait for a step past its last day, by code.

        Args:
            step: Empty: for whatever step.
            bodies: Only items that these lead or handle; None: whoever's.
        """
        tasks, items = table_of(TaskTable), table_of(RegisterItemTable)
        query = (
            select(tasks.c.code, tasks.c.title, tasks.c.plan_code, tasks.c["round"], tasks.c.due_on)
            .join_from(tasks, items, items.c.task_code == tasks.c.code)
            .where(items.c.procedure == procedure, tasks.c.closed_at.is_(None), tasks.c.status != SUSPENDED)
        )
        if bodies is not None:
            query = query.where(_handled_by(bodies))
        with reading(self._engine) as connection:
            today = _days(connection, regime, PlanKind.REGISTER, real_now)
            rows = _rows(connection, query.where(tasks.c.plan_code.in_(today), tasks.c.due_on < _latest(today)))
            late = [row for row in rows if row["due_on"] < today[row["plan_code"]]]
            waiting = _waiting(connection, late) if step else {}
        return tuple(
            CountedTask(task_code=row["code"], title=row["title"], on=row["due_on"])
            for row in late
            if not step or waiting.get(row["code"]) == step
        )

    def steps_taken(self, regime: str, wanted: StepsWanted) -> tuple[CountedTask, ...]:
        """Items of which a step was taken, each once, by code."""
        records, tasks, items = table_of(RecordTable), table_of(TaskTable), table_of(RegisterItemTable)
        present = and_(tasks.c.code == records.c.task_code, tasks.c["round"] == records.c["round"])
        subject = records.c.subject
        from_at = datetime.combine(wanted.first, time(), UTC) - ONE_DAY
        until_at = datetime.combine(wanted.last, time(), UTC) + 2 * ONE_DAY
        query = (
            select(tasks.c.code, tasks.c.title, tasks.c.plan_code, records.c.at, subject)
            .join_from(records, tasks, present)
            .join(items, items.c.task_code == tasks.c.code)
            .where(IS_STEP, records.c.at >= from_at, records.c.at < until_at)
            .where(or_(subject.like(f"s%/{wanted.step}"), subject.like(f"s%/{wanted.step}/%")))
            .where(items.c.procedure == wanted.procedure)
        )
        if wanted.outcomes:
            query = query.add_columns(records.c.facts)
        if wanted.bodies is not None:
            parts = table_of(TaskBodyTable)
            query = query.join(parts, parts.c.task_code == records.c.task_code)
            query = query.where(parts.c.body.in_(wanted.bodies), _handled_by(wanted.bodies))
        if wanted.codes is not None:
            query = query.where(records.c.task_code.in_(wanted.codes))
        with reading(self._engine) as connection:
            zones = _zones(connection, regime)
            rows = _rows(connection, query)
        found = (_taken(row, zones[row["plan_code"]], wanted) for row in rows if row["plan_code"] in zones)
        return tuple({one.task_code: one for one in found if one is not None}.values())

    def stated_of(self, task_code: str, names: Collection[str]) -> tuple[str, ...]:
        """What has been stated of an item with its steps under some names."""
        with reading(self._engine) as connection:
            return stated_of(connection, task_code, names)

    def stepped_items(self, regime: str, procedures: Collection[str]) -> tuple[SteppedItem, ...]:
        """The items of some procedures of which a step has been taken, by code."""
        with reading(self._engine) as connection:
            return stepped_items(connection, regime, procedures)


def _days(connection: Connection, regime: str, kind: PlanKind, real_now: datetime) -> dict[str, date]:
    """Which day it is in each plan, or in each register, under a regime."""
    plans = table_of(PlanTable)
    columns = (plans.c[name] for name in ("code", *TaskClock.model_fields, "zone"))
    query = select(*columns).where(plans.c.regime == regime, plans.c.kind == kind.value)
    return {row["code"]: business_today(row, real_now) for row in connection.execute(query).mappings()}


def _latest(today: Mapping[str, date]) -> date:
    return max(today.values(), default=date.min)


def _zones(connection: Connection, regime: str) -> dict[str, Zone]:
    plans = table_of(PlanTable)
    query = select(plans.c.code, plans.c.zone).where(plans.c.regime == regime, plans.c.kind == PlanKind.REGISTER.value)
    return {code: Zone.model_validate(zone) for code, zone in connection.execute(query)}


def _rows(connection: Connection, *queries: Select[Any]) -> list[RowMapping]:
    """By the codes of tasks; sorted here: to the database an order by code would be a reason to take another way."""
    rows = (row for query in queries for row in connection.execute(query).mappings())
    return sorted(rows, key=lambda row: str(row["code"]))


def _waiting(connection: Connection, rows: Sequence[RowMapping]) -> dict[str, str]:
    """The step that each item waits for. By code: asked all at once, the database would go through all that is owed."""
    owed, rounds = table_of(ObligationTable), {row["code"]: row["round"] for row in rows}
    found: dict[str, str] = {}
    for codes in in_chunks(tuple(rounds), AT_ONCE):
        query = select(owed.c.task_code, owed.c["round"], owed.c.duty, owed.c.subject)
        for code, life, duty, subject in connection.execute(query.where(owed.c.task_code.in_(codes), IS_OWED)):
            if duty == Duty.STEP.value and life == rounds[code]:
                found[code] = _step_of(subject)
    return found


def _late_tasks(bodies: Collection[str], today: Mapping[str, date]) -> tuple[Select[Any], Select[Any]]:
    """Open tasks whose earliest deadline is past the latest day of any plan; each is looked at by its own plan's.

    Those that the bodies lead, and those that they only handle: either has an index, both at once have none.
    """
    tasks = table_of(TaskTable)
    names = ("code", "plan_code", "title", "status", "list_kinds", "due_on", "behind_since")
    more = ("suspended_days", "suspended_since", "closed_at")
    late = select(*(tasks.c[name] for name in (*names, *more))).where(
        tasks.c.closed_at.is_(None), tasks.c.status != SUSPENDED, tasks.c.due_on < _latest(today)
    )
    lead, handling = tasks.c.lead_body.in_(bodies), tasks.c.handling_body.in_(bodies)
    return late.where(lead), late.where(handling, ~lead)


def _handled_by(bodies: Collection[str]) -> ColumnElement[bool]:
    tasks = table_of(TaskTable)
    return or_(tasks.c.lead_body.in_(bodies), tasks.c.handling_body.in_(bodies))


def _is_on(row: RowMapping, lists: Collection[ListKind]) -> bool:
    return not lists or any(kind.value in row["list_kinds"] for kind in lists)


def _step_of(subject: str) -> str:
    """The id of a step in the key of its run: ``s3/inspect/2``."""
    return subject.split("/")[1] if "/" in subject else ""


def _taken(row: RowMapping, zone: Zone, wanted: StepsWanted) -> CountedTask | None:
    on = zone.local_date(row["at"])
    if _step_of(row["subject"]) != wanted.step or not wanted.first <= on <= wanted.last:
        return None
    if wanted.outcomes and row["facts"].get("outcome") not in wanted.outcomes:
        return None
    return CountedTask(task_code=row["code"], title=row["title"], on=on)
