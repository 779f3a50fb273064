"""Lines of the ledger, read: the row of each task with what today makes of it."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Select, String, and_, cast, func, or_, select, tuple_

from duban.contracts import unpack_state
from duban.ledger.database.writing import table_of
from duban.ledger.questions.rows import LedgerRow, PrintedRow, TaskRow, business_today, lagging
from duban.ledger.questions.wanted import Wanted
from duban.ledger.tables.plan_tables import PlanTable, TaskBodyTable, TaskTable
from duban.ledger.tables.restart_tables import TaskStateTable
from duban.ledger.tables.task_tables import MilestoneTable
from duban.ledger.tasks.inspections import inspected, latest_inspection
from duban.ledger.tasks.standings import policy_of
from duban.supervision.days.calendar import OfficeCalendar, Zone
from duban.supervision.days.clock import TaskClock
from duban.supervision.tasks.lights import computed_light, reported_light

R = TypeVar("R", bound=LedgerRow)

FOR_THE_LAG = ("behind_since", "due_on", "status", "suspended_days", "suspended_since", "closed_at")
WORKED_OUT = (
    *("task_code", "lag_days", "light", "roles", "final_due_on", "next_on", "provisional"),
    *("reported_light", "inspected_light", "inspected", "inspected_on"),
)
"""Of a line: what its task's row does not hold."""


def read_lines(
    connection: Connection,
    model: type[R],
    wanted: Wanted,
    real_now: datetime,
    *,
    after: str | None = None,
    limit: int | None = None,
) -> tuple[R, ...]:
    """Lines by plan and in the order of the plan, as far as ``limit``, after a task."""
    tasks, parts = table_of(TaskTable), table_of(TaskBodyTable)
    query = wanted.chosen(_tasks(model))
    leading = parts if wanted.body is not None else tasks
    # Within one plan the position alone: a pair hides from SQLite that half of it is settled.
    place = [leading.c.position] if wanted.plan is not None else [leading.c.plan_code, leading.c.position]
    if after is not None:
        last = select(*(tasks.c[column.name] for column in place)).where(tasks.c.code == after)
        found = connection.execute(last).one_or_none()
        if found is not None:
            query = query.where(tuple_(*place) > tuple_(*found) if len(place) > 1 else place[0] > found[0])
    query = query.order_by(*place)
    if not wanted.is_by_day:
        return tuple(_Lines(connection, real_now).made(model, query.limit(limit), wanted, None))
    return tuple(_Lines(connection, real_now).made(model, query, wanted, limit))


def read_task(connection: Connection, code: str, real_now: datetime) -> TaskRow | None:
    """A task's row, or None where no such task is registered."""
    query = _tasks(TaskRow).where(table_of(TaskTable).c.code == code)
    return next(iter(_Lines(connection, real_now).made(TaskRow, query, Wanted(), None)), None)


def bodies_of(connection: Connection, wanted: Wanted) -> tuple[str, ...]:
    """The bodies that take part, in the plan and the roles that are wanted."""
    parts = table_of(TaskBodyTable)
    query = select(parts.c.body).distinct().order_by(parts.c.body)
    if wanted.plan is not None:
        query = query.where(parts.c.plan_code == wanted.plan)
    if wanted.roles:
        roles = cast(parts.c.roles, String)
        query = query.where(or_(*(roles.contains(f'"{role}"', autoescape=True) for role in wanted.roles)))
    return tuple(connection.scalars(query))


def calendars(connection: Connection, plans: Collection[str]) -> dict[str, OfficeCalendar]:
    """The calendars that the first tasks of plans run on now."""
    tasks, states, issued = table_of(TaskTable), table_of(TaskStateTable), table_of(PlanTable)
    query = (
        select(tasks.c.plan_code, issued.c.digest, states.c.content)
        .join_from(tasks, states, states.c.task_code == tasks.c.code)
        .join(issued, issued.c.code == tasks.c.plan_code)
        .where(and_(tasks.c.plan_code.in_(plans), tasks.c.position == 1))
    )
    found = {}
    for plan, digest, content in connection.execute(query).all():
        policy = policy_of(connection, unpack_state(content).policy_digest, digest)
        if policy is not None:
            found[plan] = policy.calendar
    return found


def _tasks(model: type[LedgerRow]) -> Select[Any]:
    tasks, plans, nodes = table_of(TaskTable), table_of(PlanTable), table_of(MilestoneTable)
    names = dict.fromkeys((*(name for name in model.model_fields if name not in WORKED_OUT), *FOR_THE_LAG))
    clock = (plans.c[name] for name in (*TaskClock.model_fields, "zone"))
    query = select(tasks.c.code.label("task_code"), *(tasks.c[name] for name in names), *clock)
    if issubclass(model, PrintedRow):
        last = select(func.max(nodes.c.due_on)).where(
            nodes.c.task_code == tasks.c.code, nodes.c["round"] == tasks.c["round"]
        )
        query = query.add_columns(last.scalar_subquery().label("final_due_on"))
        query = query.add_columns(latest_inspection("facts").label("found"), latest_inspection("at").label("seen_at"))
    return query.join_from(tasks, plans)


class _Lines:
    """Makes lines at one moment, in one transaction."""

    def __init__(self, connection: Connection, real_now: datetime) -> None:
        self._connection, self._now = connection, real_now
        self._today: dict[str, date] = {}
        self._calendars: dict[str, OfficeCalendar] = {}

    def made(self, model: type[R], query: Select[Any], wanted: Wanted, limit: int | None) -> list[R]:
        """The lines of a query that are wanted today, as many as ``limit``."""
        lines: list[R] = []
        rows = self._connection.execute(query).mappings()
        for row in rows:
            line = self._line(model, row)
            if wanted.keeps(line):
                lines.append(line)
            if limit is not None and len(lines) == limit:
                rows.close()
                break
        if lines and issubclass(model, PrintedRow):
            self._calendars = calendars(self._connection, {line.plan_code for line in lines})
            return [self._marked(line) for line in lines]
        return lines

    def _line(self, model: type[R], row: Mapping[Any, Any]) -> R:
        plan = row["plan_code"]
        if plan not in self._today:
            self._today[plan] = business_today(row, self._now)
        today, over = self._today[plan], row["closed_at"] is not None
        lag, since = lagging(row, today)
        facts: dict[str, Any] = {name: row[name] for name in model.model_fields if name in row}
        facts |= {"lag_days": lag, "behind_since": since, "light": computed_light(lag, over=over)}
        if issubclass(model, PrintedRow):
            zone, final = Zone.model_validate(row["zone"]), row["final_due_on"]
            begun = zone.local_date(row["registered_at"])
            facts |= inspected(row, zone, over=over)
            moment = row["next_moment_at"]
            facts["reported_light"] = reported_light(row["percent"], begun, final, today, over=over)
            facts["next_on"] = zone.local_date(moment) if moment else None
            facts["provisional"] = False
        return model(**facts)

    def _marked(self, line: R) -> R:
        """A printed line with the mark of a date that may still move."""
        day, calendar = getattr(line, "next_on", None), self._calendars.get(line.plan_code)
        moves = day is not None and calendar is not None and calendar.is_provisional(day)
        return line.model_copy(update={"provisional": moves})
