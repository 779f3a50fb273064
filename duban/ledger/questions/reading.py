"""The questions of the product: the ledger by page, notices by page, figures.

Pages run along an index: a page is found by the row before it, never by counting rows. What a page
costs does not grow with the ledger.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Select, and_, func, select
from sqlmodel import col

from duban.ledger.database.engine import reading
from duban.ledger.database.writing import table_of
from duban.ledger.questions.lateness import late_at
from duban.ledger.questions.lines import bodies_of, calendars, read_lines, read_task
from duban.ledger.questions.rows import (
    Lateness,
    LedgerRow,
    NoticeRow,
    PrintedRow,
    ReminderRow,
    Statistics,
    TaskRow,
    paper_text,
)
from duban.ledger.questions.statistics import of_all_plans, of_one_plan
from duban.ledger.questions.wanted import Wanted
from duban.ledger.tables.notice_tables import (
    DeliveryAttemptTable,
    DeliveryNoticeTable,
    DeliveryTable,
    NoticeStatus,
    NoticeTable,
)
from duban.ledger.tables.plan_tables import StoredPlanTable, TaskTable
from duban.ledger.tables.restart_tables import PolicyTable
from duban.ledger.tables.task_tables import ReminderTable
from duban.supervision.days.calendar import OfficeCalendar
from duban.supervision.rules.policy import decode
from duban.supervision.tasks.entries import NoticeKind

EVERYTHING = Wanted()
PAGE = 500
"""Tasks that are in memory at once while a ledger is printed."""


class ReadingRepository:
    """Reads what people look at; each method is one transaction.

    Every method raises ``LedgerUnavailable`` where the database cannot be reached.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def ledger_rows(
        self,
        real_now: datetime,
        wanted: Wanted = EVERYTHING,
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
            wanted: Which tasks; the four filters that follow win over it.
            plan: Code of a plan.
            body: A body that takes part.
            after: Code of the task after which to go on.
            limit: Lines at most; None for all.
        """
        said = {"plan": plan, "body": body, "status": status, "level": level}
        wanted = wanted.model_copy(update={name: value for name, value in said.items() if value is not None})
        with reading(self._engine) as connection:
            return read_lines(connection, LedgerRow, wanted, real_now, after=after, limit=limit)

    def printed_rows(self, real_now: datetime, wanted: Wanted = EVERYTHING) -> Iterator[PrintedRow]:
        """All wanted tasks as they are printed, read page by page; each page is a transaction."""
        after: str | None = None
        page_by_page = wanted.model_copy(update={"overdue": False, "light": None})
        while True:
            with reading(self._engine) as connection:
                page = read_lines(connection, PrintedRow, page_by_page, real_now, after=after, limit=PAGE)
            yield from (row for row in page if wanted.keeps(row))
            if len(page) < PAGE:
                return
            after = page[-1].task_code

    def bodies_taking_part(self, wanted: Wanted = EVERYTHING) -> tuple[str, ...]:
        """The bodies that take part in a plan, or in any, in one of the wanted roles."""
        with reading(self._engine) as connection:
            return bodies_of(connection, wanted)

    def calendar_of(self, plan: str) -> OfficeCalendar | None:
        """The calendar that a plan's first task runs on now; None where its state is not on record."""
        with reading(self._engine) as connection:
            return calendars(connection, [plan]).get(plan)

    def levels(self) -> dict[str, str]:
        """Every level of reminders that the rules of some plan have or had, with its title."""
        with reading(self._engine) as connection:
            adopted = connection.scalars(select(col(PolicyTable.content)))
            issued = connection.scalars(select(col(StoredPlanTable.content)))
            texts = {*adopted, *(json.loads(plan)["policy"] for plan in issued)}
        return {rung.level: rung.title for text in texts for rung in decode(text).regime.ladder.rungs}

    def task_row(self, code: str, real_now: datetime) -> TaskRow | None:
        """A task's row, or None where no such task is registered."""
        with reading(self._engine) as connection:
            return read_task(connection, code, real_now)

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
