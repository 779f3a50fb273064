"""From entries to rows: gathered in order, written table by table.

A registration gathers thousands of tasks and a retry a single entry: it is one code path. Rows of
the same key are folded before they are written, the later one winning, because one statement
must not touch a row twice.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import assert_never

from sqlalchemy import Connection

from duban.ledger.database.writing import Row, insert_rows, table_of, upsert_rows
from duban.ledger.delivery.intents import NewNotices, TaskKey
from duban.ledger.proof import chain
from duban.ledger.tables.columns import LedgerTable
from duban.ledger.tables.notice_tables import NoticeTable
from duban.ledger.tables.register_tables import AskedActTable, OpeningRequestTable
from duban.ledger.tables.task_tables import (
    DecisionTable,
    MilestoneTable,
    ObligationTable,
    RecordTable,
    ReminderTable,
    ReportTable,
    TimelineTable,
)
from duban.supervision.tasks.entries import (
    AskChange,
    Change,
    DecisionChange,
    LedgerEntry,
    MilestoneChange,
    NoticeIntent,
    NoticesWithdrawn,
    ObligationChange,
    OpeningChange,
    RecordChange,
    ReminderChange,
    ReportChange,
    TaskChange,
)

RETURNED = ("returned_at", "return_reason")
"""A report that is returned keeps all else that it said."""


@dataclass(slots=True)
class Changes:
    """Rows that entries leave, waiting to be written in one transaction."""

    timeline: list[Row] = field(default_factory=list)
    notices: NewNotices = field(default_factory=NewNotices)
    reissued: dict[str, TaskChange] = field(default_factory=dict)
    """The newest change of what is issued of a task, by its code; its own row is written by whoever has locked it."""
    _rows: dict[type[LedgerTable], dict[tuple[object, ...], Row]] = field(default_factory=dict)
    _returned: list[Row] = field(default_factory=list)

    def add(self, task: TaskKey, entry: LedgerEntry, previous_hash: str) -> str:
        """Take an entry in; returns its hash."""
        content = chain.content_of(entry)
        own_hash = chain.seal(previous_hash, content)
        self.timeline.append(
            {
                **task.columns,
                **entry.model_dump(exclude={"changes"}),
                "kind": entry.kind.value,
                "content": content,
                "previous_hash": previous_hash,
                "hash": own_hash,
            }
        )
        for change in entry.changes:
            self._take(task, entry, change)
        return own_hash

    def rows(self) -> Iterator[tuple[type[LedgerTable], Row]]:
        """The rows that follow from what was taken in, the timeline's own left out."""
        for model, rows in self._rows.items():
            yield from ((model, row) for row in rows.values())
        yield from ((NoticeTable, row) for row in self.notices.rows)

    def write(self, connection: Connection) -> None:
        """Write everything that was taken in."""
        insert_rows(connection, TimelineTable, self.timeline)
        for model, rows in self._rows.items():
            upsert_rows(connection, model, list(rows.values()))
        upsert_rows(connection, ReportTable, self._returned, only=RETURNED)
        self.notices.write(connection)

    def _take(self, task: TaskKey, entry: LedgerEntry, change: Change) -> None:
        match change:
            case MilestoneChange():
                self._put(MilestoneTable, task, change)
            case ReportChange():
                self._take_report(task, change)
            case ReminderChange():
                self._put(ReminderTable, task, change)
            case ObligationChange():
                self._put(ObligationTable, task, change)
            case RecordChange():
                self._put(RecordTable, task, change)
            case DecisionChange():
                self._put(DecisionTable, task, change)
            case NoticeIntent():
                self.notices.add(task, change)
            case NoticesWithdrawn():
                self.notices.withdraw(task, change, entry.recorded_at)
            case TaskChange():
                self.reissued[task.code] = change
            case OpeningChange():
                self._put(OpeningRequestTable, task, change)
            case AskChange():
                self._put(AskedActTable, task, change)
            case _:
                assert_never(change)

    def _take_report(self, task: TaskKey, change: ReportChange) -> None:
        if change.returned_at is None:
            self._put(ReportTable, task, change)
            return
        row = {**task.columns, **change.model_dump(exclude={"table"})}
        taken = self._rows.get(ReportTable, {}).get(_key(ReportTable, row))
        if taken is None:
            self._returned.append(row)
        else:
            taken.update({name: row[name] for name in RETURNED})

    def _put(self, model: type[LedgerTable], task: TaskKey, change: Change) -> None:
        row = {**task.columns, **change.model_dump(exclude={"table"})}
        self._rows.setdefault(model, {})[_key(model, row)] = row


def _key(model: type[LedgerTable], row: Row) -> tuple[object, ...]:
    return tuple(row[column.name] for column in table_of(model).primary_key)
