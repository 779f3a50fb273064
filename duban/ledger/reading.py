"""The questions of the product: the ledger by page, notices by page, figures.

Pages run along an index: a page is found by the row before it, never by counting rows. What a page
costs does not grow with the ledger.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import Engine, Select, and_, func, select, tuple_
from sqlmodel import col

from duban.ledger.engine import reading
from duban.ledger.lateness import late_at
from duban.ledger.notice_tables import (
    DeliveryAttemptTable,
    DeliveryNoticeTable,
    DeliveryTable,
    NoticeStatus,
    NoticeTable,
)
from duban.ledger.plan_tables import PlanTable, TaskBodyTable, TaskTable
from duban.ledger.rows import (
    Lateness,
    LedgerRow,
    NoticeRow,
    ReminderRow,
    Statistics,
    TaskRow,
    business_today,
    lagging,
    paper_text,
)
from duban.ledger.statistics import of_all_plans, of_one_plan
from duban.ledger.task_tables import ReminderTable
from duban.ledger.writing import table_of
from duban.supervision.clock import TaskClock
from duban.supervision.entries import NoticeKind

R = TypeVar("R", bound=LedgerRow)


class ReadingRepository:
    """Reads what people look at; each method is one transaction.

    Every method raises ``LedgerUnavailable`` where the database cannot be reached.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def ledger_rows(
        self,
        real_now: datetime,
        *,
        plan: str | None = None,
        body: str | None = None,
        status: str | None = None,
        level: str | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> tuple[LedgerRow, ...]:
        """Lines of the ledger, by plan and in the order of the plan.

        Args:
            real_now: Real moment for which the lag is worked out.
            plan: Code of a plan.
            body: A body that takes part, in whatever role.
            after: Code of the task after which to go on.
            limit: Lines at most; None for all.
        """
        tasks, parts = table_of(TaskTable), table_of(TaskBodyTable)
        query = _tasks(LedgerRow)
        leading = tasks
        if body is not None:
            query = query.join(parts, parts.c.task_code == tasks.c.code).where(parts.c.body == body)
            leading = parts  # the body's own index leads through the pages then
        for column, wanted in (
            (leading.c.plan_code, plan),
            (tasks.c.status, status),
            (tasks.c.reminder_level, level),
        ):
            if wanted is not None:
                query = query.where(column == wanted)
        # Within one plan the position alone: a pair hides from SQLite that half of it is settled.
        place = [leading.c.position] if plan is not None else [leading.c.plan_code, leading.c.position]
        if after is not None:
            last = select(*(tasks.c[column.name] for column in place)).where(tasks.c.code == after)
            with reading(self._engine) as connection:
                found = connection.execute(last).one_or_none()
            if found is not None:
                query = query.where(tuple_(*place) > tuple_(*found) if len(place) > 1 else place[0] > found[0])
        return self._lines(LedgerRow, query.order_by(*place).limit(limit), real_now)

    def task_row(self, code: str, real_now: datetime) -> TaskRow | None:
        """A task's row, or None where no such task is registered."""
        query = _tasks(TaskRow).where(table_of(TaskTable).c.code == code)
        return next(iter(self._lines(TaskRow, query, real_now)), None)

    def notice_rows(
        self,
        *,
        plan: str | None = None,
        task: str | None = None,
        body: str | None = None,
        kind: NoticeKind | None = None,
        level: str | None = None,
        status: NoticeStatus | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> tuple[NoticeRow, ...]:
        """Notices in the order in which they were recorded.

        Args:
            body: The body addressed.
            after: Idempotency key of the notice after which to go on.
            limit: Rows at most; None for all.
        """
        notices = table_of(NoticeTable)
        query = _notices().order_by(notices.c.id).limit(limit)
        wanted = {
            "plan_code": plan,
            "task_code": task,
            "recipient": body,
            "kind": kind,
            "level": level,
            "status": status,
        }
        for name, value in wanted.items():
            if value is not None:
                query = query.where(notices.c[name] == str(value))
        if after is not None:
            last = select(col(NoticeTable.id)).where(col(NoticeTable.idempotency_key) == after)
            query = query.where(notices.c.id > last.scalar_subquery())
        with reading(self._engine) as connection:
            return tuple(_notice(row) for row in connection.execute(query).mappings())

    def reminder_rows(
        self, *, plan: str | None = None, task: str | None = None, level: str | None = None
    ) -> tuple[ReminderRow, ...]:
        """Reminders of the present rounds, issued and not issued, in the order in which they became due."""
        reminders, tasks = table_of(ReminderTable), table_of(TaskTable)
        query = (
            select(reminders, tasks.c.plan_code)
            .join_from(reminders, tasks, (reminders.c.task_code == tasks.c.code) & (reminders.c.round == tasks.c.round))
            .order_by(tasks.c.plan_code, reminders.c.due_on, tasks.c.position, reminders.c.key)
        )
        for column, wanted in ((tasks.c.plan_code, plan), (tasks.c.code, task), (reminders.c.level, level)):
            if wanted is not None:
                query = query.where(column == wanted)
        with reading(self._engine) as connection:
            rows = connection.execute(query).mappings()
            return tuple(ReminderRow(**{name: row[name] for name in ReminderRow.model_fields}) for row in rows)

    def statistics(self, *, plan: str | None = None) -> Statistics:
        """Figures of a plan, counted now, or of all plans, as kept with every write."""
        with reading(self._engine) as connection:
            if plan is not None:
                return of_one_plan(connection, plan)
            return of_all_plans(connection)

    def lateness(self, real_now: datetime, *, plan: str | None = None) -> Lateness:
        """What is late by more than a minute at a real moment, of a plan or of all."""
        with reading(self._engine) as connection:
            return late_at(connection, real_now, plan)

    def _lines(self, model: type[R], query: Select[Any], real_now: datetime) -> tuple[R, ...]:
        today: dict[str, date] = {}
        lines = []
        with reading(self._engine) as connection:
            for row in connection.execute(query).mappings():
                plan_code = row["plan_code"]
                if plan_code not in today:
                    today[plan_code] = business_today(row, real_now)
                lines.append(_line(model, row, today[plan_code]))
        return tuple(lines)


_FOR_THE_LAG = ("behind_since", "due_on", "status", "suspended_days", "suspended_since", "closed_at")


def _tasks(model: type[LedgerRow]) -> Select[Any]:
    tasks, plans = table_of(TaskTable), table_of(PlanTable)
    names = dict.fromkeys((*(n for n in model.model_fields if n not in ("task_code", "lag_days")), *_FOR_THE_LAG))
    clock = (plans.c[name] for name in (*TaskClock.model_fields, "zone"))
    return select(tasks.c.code.label("task_code"), *(tasks.c[name] for name in names), *clock).join_from(tasks, plans)


def _line(model: type[R], row: Mapping[Any, Any], today: date) -> R:
    lag_days, behind_since = lagging(row, today)
    worked_out: dict[str, Any] = {"lag_days": lag_days, "behind_since": behind_since}
    return model(**{name: row[name] for name in model.model_fields if name not in worked_out}, **worked_out)


def _notices() -> Select[Any]:
    """Notices, each with the message that carries it and that message's last attempt."""
    notices, carried = table_of(NoticeTable), table_of(DeliveryNoticeTable)
    messages, attempts = table_of(DeliveryTable), table_of(DeliveryAttemptTable)
    last = and_(attempts.c.delivery_id == messages.c.id, attempts.c.attempt == messages.c.attempt)
    return (
        select(
            notices,
            func.coalesce(messages.c.attempt, 0).label("attempts"),
            func.coalesce(attempts.c.detail, "").label("last_answer"),
            messages.c.retry_at.label("retry_at_real"),
        )
        .join_from(notices, carried, carried.c.notice_id == notices.c.id, isouter=True)
        .join(messages, messages.c.id == carried.c.delivery_id, isouter=True)
        .join(attempts, last, isouter=True)
    )


def _notice(row: Mapping[Any, Any]) -> NoticeRow:
    worked_out = {"paper": paper_text(row), "provisional": row["intent"]["explanation"].get("provisional", False)}
    stored = {name: row[name] for name in NoticeRow.model_fields if name not in worked_out}
    return NoticeRow(**stored, **worked_out)
