"""Intents of notices: written with the entry that wants them, withdrawn with the one that makes them untrue."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select, true, update
from sqlmodel import col

from duban.ledger.database.writing import Row, in_chunks, insert_rows, table_of
from duban.ledger.delivery.delivery_rows import lock_notices
from duban.ledger.delivery.numbering import allot_numbers
from duban.ledger.tables.notice_tables import NoticeStatus, NoticeTable
from duban.supervision.days.calendar import Zone
from duban.supervision.days.clock import TaskClock
from duban.supervision.tasks.entries import NoticeIntent, NoticesWithdrawn

EVERYTHING = ""
"""The subject that contains all subjects of a task."""
WITHDRAWALS_AT_ONCE = 100
"""Of one task there are a few in a batch; only a plan's registration has more, and it has nothing to withdraw."""


@dataclass(frozen=True, slots=True)
class TaskKey:
    """A task in one of its rounds: the beginning of every key.

    Attributes:
        clock, zone: Of the task's plan.
    """

    code: str
    round: int
    plan_code: str
    clock: TaskClock
    zone: Zone

    @property
    def columns(self) -> Row:
        """The leading columns of the task's rows."""
        return {"task_code": self.code, "round": self.round}


@dataclass(frozen=True, slots=True)
class _Withdrawal:
    task: TaskKey
    what: NoticesWithdrawn
    at: datetime


class _Paper(NamedTuple):
    """What notices have in common that differ in their recipient only."""

    task_code: str
    round: int
    key: str
    series: str
    year: int


@dataclass(slots=True)
class NewNotices:
    """Intents and withdrawals in the order in which they were decided."""

    _intents: dict[str, Row] = field(default_factory=dict)
    _withdrawals: list[_Withdrawal] = field(default_factory=list)

    @property
    def rows(self) -> tuple[Row, ...]:
        """The notices, with what was withdrawn of them; papers have no numbers yet."""
        return tuple(self._intents.values())

    def add(self, task: TaskKey, intent: NoticeIntent) -> None:
        """Take an intent in."""
        row = _row(task, intent)
        self._intents.setdefault(row["idempotency_key"], row)

    def withdraw(self, task: TaskKey, what: NoticesWithdrawn, at: datetime) -> None:
        """Take a withdrawal in; it also holds for the intents taken in before it."""
        self._withdrawals.append(_Withdrawal(task, what, at))
        for row in self._intents.values():
            same_task = (row["task_code"], row["round"]) == (task.code, task.round)
            # What is withdrawn stays withdrawn for the first reason, as it does where entries come one by one.
            if same_task and row["withdrawn_at"] is None and _concerns(what, row):
                row.update(status=NoticeStatus.WITHDRAWN.value, withdrawn_at=at, withdraw_reason=what.reason)

    def write(self, connection: Connection) -> None:
        """Withdraw what was pending, then insert what is new and give its papers their numbers."""
        for some in in_chunks(self._withdrawals, WITHDRAWALS_AT_ONCE):
            lock_notices(connection, or_(*(_withdrawable(withdrawal) for withdrawal in some)))
            for withdrawal in some:
                _withdraw(connection, withdrawal)
        known = _known(connection, self._intents)
        rows = [row for key, row in self._intents.items() if key not in known]
        _number_papers(connection, rows)
        insert_rows(connection, NoticeTable, rows)


def _number_papers(connection: Connection, rows: Iterable[Row]) -> None:
    """Number the papers among new notices: one paper to several bodies is one paper.

    All its recipients stand in one entry, and an entry is written whole or not at all; so no
    recipient of a paper is ever numbered in another transaction than the others.
    """
    papers: dict[_Paper, list[Row]] = {}
    for row in rows:
        if row["paper_series"] is not None:
            papers.setdefault(_paper_of(row), []).append(row)
    numbers = allot_numbers(connection, [(paper.series, paper.year) for paper in papers])
    for copies, number in zip(papers.values(), numbers, strict=True):
        for row in copies:
            row["paper_number"] = number


def _paper_of(row: Row) -> _Paper:
    return _Paper(row["task_code"], row["round"], row["intent"]["key"], row["paper_series"], row["paper_year"])


def _row(task: TaskKey, intent: NoticeIntent) -> Row:
    why = intent.explanation
    return {
        **task.columns,
        "idempotency_key": f"{task.code}/{task.round}/{intent.key}/{intent.recipient}",
        "plan_code": task.plan_code,
        "kind": intent.kind.value,
        "level": intent.level,
        "episode": intent.episode,
        "subject": intent.subject,
        "recipient": intent.recipient,
        "issuer": intent.issuer,
        "issued_at": intent.issued_at,
        "issued_at_real": task.clock.real(intent.issued_at),
        "deliver_not_before": intent.deliver_not_before,
        "deliver_not_before_real": task.clock.real(intent.deliver_not_before),
        "lag_days": why.lag_days,
        "milestone_due_on": why.milestone_due_on,
        "reminder_due_on": why.due_on,
        "paper_series": intent.paper,
        "paper_year": intent.dated_on(task.zone).year if intent.paper else None,
        "paper_number": None,
        "intent": intent.model_dump(mode="json"),
        "status": NoticeStatus.PENDING.value,
        "withdrawn_at": None,
        "withdraw_reason": "",
        "delivered_at": None,
        "delivered_at_real": None,
        "channel": "",
        "perhaps_sent_since": None,
    }


def _concerns(what: NoticesWithdrawn, row: Row) -> bool:
    subject: str = row["subject"]
    about = any(s in (EVERYTHING, subject) or subject.startswith(f"{s}/") for s in what.subjects)
    of_kind = not what.kinds or row["kind"] in {kind.value for kind in what.kinds}
    return about and of_kind and (not what.recipients or row["recipient"] in what.recipients)


def _withdraw(connection: Connection, withdrawal: _Withdrawal) -> None:
    """Pending notices are withdrawn; one on its way is marked, and left out of the next attempt."""
    pending = col(NoticeTable.status) == NoticeStatus.PENDING.value
    values: Row = {
        "status": case((pending, NoticeStatus.WITHDRAWN.value), else_=col(NoticeTable.status)),
        "withdrawn_at": withdrawal.at,
        "withdraw_reason": withdrawal.what.reason,
    }
    connection.execute(update(table_of(NoticeTable)).where(_withdrawable(withdrawal)).values(values))


def _withdrawable(withdrawal: _Withdrawal) -> ColumnElement[bool]:
    undelivered = (NoticeStatus.PENDING, NoticeStatus.SENDING, NoticeStatus.UNDELIVERABLE)
    return and_(
        col(NoticeTable.task_code) == withdrawal.task.code,
        col(NoticeTable.round) == withdrawal.task.round,
        col(NoticeTable.status).in_([status.value for status in undelivered]),
        col(NoticeTable.withdrawn_at).is_(None),
        _about(withdrawal.what),
    )


def _about(what: NoticesWithdrawn) -> ColumnElement[bool]:
    subject = col(NoticeTable.subject)
    # By length, not by LIKE: SQLite's LIKE takes e1/A and e1/a for the same.
    subjects = or_(
        *(
            true() if s == EVERYTHING else or_(subject == s, func.substr(subject, 1, len(s) + 1) == f"{s}/")
            for s in what.subjects
        )
    )
    of_kind = col(NoticeTable.kind).in_([kind.value for kind in what.kinds]) if what.kinds else true()
    to = col(NoticeTable.recipient).in_(what.recipients) if what.recipients else true()
    return and_(subjects, of_kind, to)


def _known(connection: Connection, keys: Iterable[str]) -> set[str]:
    column = col(NoticeTable.idempotency_key)
    found: set[str] = set()
    for some in in_chunks(list(keys)):
        found.update(connection.scalars(select(column).where(column.in_(some))))
    return found
