"""Which of a body's pending notices go out next: the rows for the rule that decides (``supervision.bundling``)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, RowMapping, func, select
from sqlmodel import col

from duban.ledger.database.writing import in_chunks, table_of
from duban.ledger.delivery.delivery_rows import clock_columns, clock_of_row
from duban.ledger.tables.notice_tables import (
    IS_PENDING,
    DeliveryNoticeTable,
    DeliveryStatus,
    DeliveryTable,
    NoticeTable,
)
from duban.ledger.tables.plan_tables import PlanTable
from duban.supervision.bundling import CAN_WAIT, Choice, SendingRules, Waiting, choose, quiet_until, week_of
from duban.supervision.days.calendar import Zone
from duban.supervision.days.clock import TaskClock
from duban.supervision.tasks.entries import NoticeIntent, NoticeKind

LOOKED_AT = 1_000
"""Notices to one body that are weighed at once; what lies beyond is looked at when these have gone."""


class _Time(NamedTuple):
    """A plan's time, and how many messages the body has had in the week that it is there."""

    clock: TaskClock
    zone: Zone
    sent: int


def chosen(connection: Connection, body: str, rules: SendingRules, now: datetime) -> Choice:
    """What of a body's pending notices goes out at a real moment, and when to look again where nothing does."""
    due = _pending(connection, body, col(NoticeTable.deliver_not_before_real) <= now, LOOKED_AT)
    # Of what is still to come the first one says when to look again.
    coming = _pending(connection, body, col(NoticeTable.deliver_not_before_real) > now, 1)
    rows = [*due, *coming]
    if not rows:
        return Choice(ids=(), next_at=None)
    times = _times(connection, body, {row["plan_code"] for row in rows}, rules, now)
    waits = [row["id"] for row in due if rules.weekly is not None and times[row["plan_code"]].sent >= rules.weekly]
    answers = _answers_by(connection, waits)
    waiting = [
        Waiting(
            id=row["id"],
            kind=NoticeKind(row["kind"]),
            ready_at=row["deliver_not_before"],
            clock=times[row["plan_code"]].clock,
            zone=times[row["plan_code"]].zone,
            respond_by=answers.get(row["id"]),
            sent=times[row["plan_code"]].sent,
            not_before=row["deliver_not_before_real"],
        )
        for row in rows
    ]
    return choose(waiting, rules, now)


def may_try_at(connection: Connection, delivery_id: str, moment: datetime, rules: SendingRules) -> datetime:
    """A real moment, or the end of the quiet hours in which it lies by the clock of the message's first notice."""
    if rules.quiet is None:
        return moment
    carried, notices, plans = table_of(DeliveryNoticeTable), table_of(NoticeTable), table_of(PlanTable)
    query = (
        select(*clock_columns(), plans.c.zone)
        .join_from(carried, notices, notices.c.id == carried.c.notice_id)
        .join(plans, notices.c.plan_code == plans.c.code)
        .where(carried.c.delivery_id == delivery_id)
        .order_by(notices.c.id)
        .limit(1)
    )
    row = connection.execute(query).mappings().one()
    return quiet_until(moment, rules, clock_of_row(row), Zone.model_validate(row["zone"]))


def _pending(connection: Connection, body: str, when: ColumnElement[bool], limit: int) -> Sequence[RowMapping]:
    notices = table_of(NoticeTable)
    query = (
        select(
            notices.c.id,
            notices.c.kind,
            notices.c.plan_code,
            notices.c.deliver_not_before,
            notices.c.deliver_not_before_real,
        )
        .where(notices.c.recipient == body, IS_PENDING, when)
        .order_by(notices.c.deliver_not_before_real, notices.c.id)
        .limit(limit)
    )
    return connection.execute(query).mappings().all()


def _times(
    connection: Connection, body: str, plan_codes: Collection[str], rules: SendingRules, now: datetime
) -> Mapping[str, _Time]:
    plans = table_of(PlanTable)
    query = select(plans.c.code, plans.c.zone, *clock_columns()).where(plans.c.code.in_(plan_codes))
    times: dict[str, _Time] = {}
    for row in connection.execute(query).mappings().all():
        clock, zone = clock_of_row(row), Zone.model_validate(row["zone"])
        sent = _sent(connection, body, week_of(clock.business(now), zone)) if rules.weekly is not None else 0
        times[row["code"]] = _Time(clock, zone, sent)
    return times


def _sent(connection: Connection, body: str, week: tuple[datetime, datetime]) -> int:
    """Messages to a body begun in a week of business time; one of which nothing was true any more was none."""
    deliveries = table_of(DeliveryTable)
    begun = select(func.count()).where(
        deliveries.c.recipient == body,
        deliveries.c.claimed_at >= week[0],
        deliveries.c.claimed_at < week[1],
        deliveries.c.status != DeliveryStatus.WITHDRAWN.value,
    )
    return connection.scalar(begun) or 0


def _answers_by(connection: Connection, ids: Sequence[int]) -> Mapping[int, date]:
    """By when notices that can wait want an answer; only theirs are read."""
    notices = table_of(NoticeTable)
    kinds = [kind.value for kind in CAN_WAIT]
    found: dict[int, date] = {}
    for some in in_chunks(ids):
        query = select(notices.c.id, notices.c.intent).where(notices.c.id.in_(some), notices.c.kind.in_(kinds))
        for number, intent in connection.execute(query):
            respond_by = NoticeIntent.model_validate(intent).respond_by
            if respond_by is not None:
                found[number] = respond_by
    return found
