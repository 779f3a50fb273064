"""Lateness: tasks whose moment has passed and that have nothing on record for it.

A task's row holds the moment at which time alone changes something next, in the business time of its plan. Most plans
share one clock; each clock there is says what its moments mean.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, func, select, true
from sqlmodel import col

from duban.ledger.delivery.delivery_rows import clock_columns, clock_of_row
from duban.ledger.questions.rows import Lateness
from duban.ledger.tables.plan_tables import PlanTable, TaskTable
from duban.supervision.days.clock import TaskClock

LATE = timedelta(minutes=1)
"""Real time: a timer, a decision and its record take seconds."""


def late_at(connection: Connection, real_now: datetime, plan: str | None) -> Lateness:
    """What is late at a real moment."""
    clocks = select(*clock_columns()).distinct()
    if plan is not None:
        clocks = clocks.where(col(PlanTable.code) == plan)
    shown = [clock_of_row(row) for row in connection.execute(clocks).mappings().all()]
    found = [
        _late_by(connection, clock, real_now - LATE, _plans(clock, plan, alone=len(shown) == 1)) for clock in shown
    ]
    return Lateness(
        tasks=sum(each.tasks for each in found), since=min((each.since for each in found if each.since), default=None)
    )


def _plans(clock: TaskClock, plan: str | None, *, alone: bool) -> ColumnElement[bool]:
    """The tasks of a plan, or of the plans of one clock."""
    if plan is not None:
        return col(TaskTable.plan_code) == plan
    if alone:  # no plan is looked at then: of a million tasks few are late, and an index has their moments
        return true()
    same = (column == getattr(clock, str(column.key)) for column in clock_columns())
    return col(TaskTable.plan_code).in_(select(col(PlanTable.code)).where(*same))


def _late_by(connection: Connection, clock: TaskClock, before: datetime, which: ColumnElement[bool]) -> Lateness:
    moment = col(TaskTable.next_moment_at)
    query = select(func.count(), func.min(moment)).where(
        col(TaskTable.closed_at).is_(None), moment <= clock.business(before), which
    )
    tasks, earliest = connection.execute(query).one()
    return Lateness(tasks=tasks, since=clock.real(earliest) if earliest else None)
