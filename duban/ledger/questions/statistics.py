"""Figures: how many tasks by status, by level, by lead body."""

from collections import Counter
from collections.abc import Iterable
from typing import TypeAlias

from sqlalchemy import ColumnElement, Connection, and_, func, select
from sqlmodel import col

from duban.ledger.questions.rows import BodyStatistics, Statistics
from duban.ledger.tables.plan_tables import BodyCountTable, PlanCountTable, TaskTable
from duban.ledger.tasks.counting import NO_LEVEL

Standing: TypeAlias = tuple[str, str, bool, bool, int]
"""Status, level, whether open, whether behind, how many tasks."""
BodyStanding: TypeAlias = tuple[str, bool, bool, int]
"""Lead body, whether open, whether behind, how many tasks."""


def of_all_plans(connection: Connection) -> Statistics:
    """Figures of everything, from the counts that are kept."""
    tasks = func.sum(col(PlanCountTable.tasks))
    standings = connection.execute(
        select(
            col(PlanCountTable.status),
            col(PlanCountTable.reminder_level),
            col(PlanCountTable.is_open),
            col(PlanCountTable.is_behind),
            tasks,
        )
        .group_by(
            col(PlanCountTable.status),
            col(PlanCountTable.reminder_level),
            col(PlanCountTable.is_open),
            col(PlanCountTable.is_behind),
        )
        .having(tasks > 0)
    )
    bodies = connection.execute(
        select(
            col(BodyCountTable.lead_body),
            col(BodyCountTable.is_open),
            col(BodyCountTable.is_behind),
            col(BodyCountTable.tasks),
        ).where(col(BodyCountTable.tasks) > 0)
    )
    return _figures(standings.all(), bodies.all())


def of_one_plan(connection: Connection, plan: str) -> Statistics:
    """Figures of a plan, counted now."""
    is_open: ColumnElement[bool] = col(TaskTable.closed_at).is_(None)
    is_behind = and_(is_open, col(TaskTable.behind_since).is_not(None))
    level = func.coalesce(col(TaskTable.reminder_level), NO_LEVEL)
    of_plan = col(TaskTable.plan_code) == plan
    standings = connection.execute(
        select(col(TaskTable.status), level, is_open, is_behind, func.count())
        .where(of_plan)
        .group_by(col(TaskTable.status), level, is_open, is_behind)
    )
    bodies = connection.execute(
        select(col(TaskTable.lead_body), is_open, is_behind, func.count())
        .where(of_plan)
        .group_by(col(TaskTable.lead_body), is_open, is_behind)
    )
    return _figures(standings.all(), bodies.all())


def _figures(standings: Iterable[Standing], bodies: Iterable[BodyStanding]) -> Statistics:
    by_status: Counter[str] = Counter()
    by_level: Counter[str] = Counter()
    tasks = open_tasks = behind = 0
    for status, level, is_open, is_behind, count in standings:
        tasks += int(count)
        open_tasks += int(count) if is_open else 0
        behind += int(count) if is_behind else 0
        by_status[status] += int(count)
        if level != NO_LEVEL:
            by_level[level] += int(count)
    return Statistics(
        tasks=tasks,
        open_tasks=open_tasks,
        behind=behind,
        by_status=dict(sorted(by_status.items())),
        by_level=dict(sorted(by_level.items())),
        by_body=_by_body(bodies),
    )


def _by_body(counted: Iterable[BodyStanding]) -> tuple[BodyStatistics, ...]:
    figures: dict[str, Counter[str]] = {}
    for body, is_open, is_behind, count in counted:
        own = figures.setdefault(body, Counter())
        own["tasks"] += int(count)
        own["open_tasks"] += int(count) if is_open else 0
        own["behind"] += int(count) if is_behind else 0
    lines = (
        BodyStatistics(body=body, tasks=own["tasks"], open_tasks=own["open_tasks"], behind=own["behind"])
        for body, own in figures.items()
    )
    return tuple(sorted(lines, key=lambda line: (-line.behind, -line.open_tasks, line.body)))
