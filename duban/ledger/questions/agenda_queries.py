"""Which rows await some bodies: queries, each along an index and in the order in which things are due.

They are ordered by the date alone: with anything more no index of a body's own would answer.
"""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, String, Table, and_, cast, select, text

from duban.ledger.database.writing import table_of
from duban.ledger.plans.plan_days import PlanDays
from duban.ledger.tables.notice_tables import (
    DeliveryAttemptTable,
    DeliveryNoticeTable,
    DeliveryStatus,
    DeliveryTable,
    NoticeTable,
)
from duban.ledger.tables.plan_tables import TaskBodyTable, TaskTable
from duban.ledger.tables.task_tables import ObligationTable
from duban.supervision.days.calendar import ONE_DAY
from duban.supervision.rules.parts import HANDLING_BODY, LEAD_BODY, SUPERVISING_BODY, SUPPORTING_BODIES, Role
from duban.supervision.tasks.views import SUSPENDED

# Texts, as in the partial indexes that answer: with a parameter no planner can tell that they do.
IS_OWED = text("obligations.status = 'open'")
IS_WAITING = text("notices.status = 'pending'")
IS_DEAD = text("notices.status = 'undeliverable'")
NOT_ARRIVED = text("notices.status IN ('sending', 'undeliverable')")


class AgendaQueries:
    """The queries about some bodies, in one role or in all.

    A body that supervises whole plans is asked about by plan, any other by the tasks in which it takes part.
    """

    def __init__(self, bodies: Collection[str], role: Role | None, days: PlanDays) -> None:
        self._bodies, self._role, self._days = tuple(bodies), role, days
        self._supervised = days.supervised(bodies) if role in (None, SUPERVISING_BODY) else ()
        self._tasks = table_of(TaskTable)

    def tasks(self, first: timedelta | None, last: timedelta) -> list[Select[Any]]:
        """Code, plan and deadline of open tasks whose earliest deadline lies between, each task in one query only.

        Args:
            first: After today; None for no beginning.
            last: After today, included.
        """
        tasks = self._tasks
        found = select(tasks.c.code, tasks.c.plan_code, tasks.c.due_on).where(
            tasks.c.closed_at.is_(None),
            tasks.c.status != SUSPENDED,
            self._days.between(tasks.c.plan_code, tasks.c.due_on, first, last),
        )
        queries = [*self._supervised_by(found), *self._taken_part_in(found)]
        return [query.order_by(tasks.c.due_on) for query in queries]

    def _supervised_by(self, found: Select[Any]) -> list[Select[Any]]:
        if not self._supervised:
            return []
        everything = len(self._supervised) == len(self._days.today)
        return [found if everything else found.where(self._tasks.c.plan_code.in_(self._supervised))]

    def _taken_part_in(self, found: Select[Any]) -> list[Select[Any]]:
        """Those in which the bodies have a part, of the plans that they do not supervise."""
        tasks, parts = self._tasks, table_of(TaskBodyTable)
        others = [plan for plan in self._days.today if plan not in self._supervised]
        if not others:
            return []
        if self._supervised:
            found = found.where(tasks.c.plan_code.in_(others))
        lead, handling = tasks.c.lead_body.in_(self._bodies), tasks.c.handling_body.in_(self._bodies)
        match self._role:
            case None:
                return [found.where(lead), found.where(handling, ~lead)]
            case role if role == LEAD_BODY:
                return [found.where(lead)]
            case role if role == HANDLING_BODY:
                return [found.where(handling)]
            case role if role == SUPPORTING_BODIES:
                supported = found.join_from(parts, tasks, tasks.c.code == parts.c.task_code)
                return [supported.where(parts.c.body.in_(self._bodies), self._has_part(parts))]
            case _:
                return []

    def owed(self) -> Select[Any]:
        """What the bodies owe."""
        owed = table_of(ObligationTable)
        mine = _owed().where(owed.c.owed_by.in_(self._bodies), *self._in_role())
        return mine.order_by(owed.c.due_on)

    def chased(self) -> list[Select[Any]]:
        """What others owe on supervised tasks, past its limit; no query where nothing is supervised."""
        if not self._supervised:
            return []
        owed, tasks = table_of(ObligationTable), self._tasks
        query = _owed().where(
            self._days.between(tasks.c.plan_code, owed.c.due_on, None, -ONE_DAY),
            owed.c.owed_by.not_in(self._bodies),
        )
        if len(self._supervised) < len(self._days.today):
            query = query.where(tasks.c.plan_code.in_(self._supervised))
        return [query.order_by(owed.c.due_on)]

    def undelivered(self) -> list[Select[Any]]:
        """Notices that have not arrived: those that met with trouble, and those that wait for their hour."""
        notices, carried, messages = table_of(NoticeTable), table_of(DeliveryNoticeTable), table_of(DeliveryTable)
        given_up = and_(messages.c.id == carried.c.delivery_id, messages.c.status == DeliveryStatus.UNDELIVERABLE.value)
        query = (
            select(notices, messages.c.id.label("delivery"))
            .join_from(notices, carried, carried.c.notice_id == notices.c.id, isouter=True)
            .join(messages, given_up, isouter=True)
            .where(notices.c.recipient.in_(self._bodies))
        )
        return [
            query.where(NOT_ARRIVED).order_by(notices.c.id),
            query.where(IS_WAITING).order_by(notices.c.deliver_not_before_real, notices.c.id),
        ]

    def dead_letters(self, most: int) -> Select[Any] | None:
        """Notices of the bodies to others that could not be delivered and still hold; None in a part that issues none.

        Along the index of what stands so, in its order: what carries them is looked for only once there are enough.
        """
        if self._role in (LEAD_BODY, HANDLING_BODY, SUPPORTING_BODIES):
            return None
        notices, carried, messages = table_of(NoticeTable), table_of(DeliveryNoticeTable), table_of(DeliveryTable)
        attempts, tasks = table_of(DeliveryAttemptTable), self._tasks
        names = ("task_code", "plan_code", "kind", "level", "issuer", "recipient")
        dead = (
            select(notices.c.id, *(notices.c[name] for name in names))
            .where(IS_DEAD, notices.c.withdrawn_at.is_(None))
            .where(notices.c.issuer.in_(self._bodies), notices.c.recipient.not_in(self._bodies))
            .order_by(notices.c.id)
            .limit(most)
            .subquery()
        )
        last = and_(attempts.c.delivery_id == messages.c.id, attempts.c.attempt == messages.c.attempt)
        return (
            select(*(dead.c[name] for name in names), tasks.c.title, messages.c.id.label("delivery"), attempts.c.detail)
            .join_from(dead, carried, carried.c.notice_id == dead.c.id)
            .join(messages, messages.c.id == carried.c.delivery_id)
            .join(attempts, last)
            .join(tasks, tasks.c.code == dead.c.task_code)
            .order_by(dead.c.id)
        )

    def _in_role(self) -> tuple[ColumnElement[bool], ...]:
        tasks, parts = self._tasks, table_of(TaskBodyTable)
        if self._role == SUPERVISING_BODY:
            return (tasks.c.plan_code.in_(self._supervised),)
        if self._role in (LEAD_BODY, HANDLING_BODY, SUPPORTING_BODIES):
            of_the_task = (parts.c.task_code == tasks.c.code, parts.c.body.in_(self._bodies))
            return (select(parts.c.body).where(*of_the_task, self._has_part(parts)).exists(),)
        return ()

    def _has_part(self, parts: Table) -> ColumnElement[bool]:
        """The part that is asked for."""
        return cast(parts.c.roles, String).contains(f'"{self._role}"', autoescape=True)


def _owed() -> Select[Any]:
    """Open obligations of the tasks' present rounds."""
    owed, tasks = table_of(ObligationTable), table_of(TaskTable)
    names = ("id", "task_code", "duty", "owed_by", "due_on", "chases")
    return (
        select(*(owed.c[name] for name in names), tasks.c.plan_code, tasks.c.title)
        .join_from(owed, tasks, and_(tasks.c.code == owed.c.task_code, tasks.c["round"] == owed.c["round"]))
        .where(IS_OWED)
    )
