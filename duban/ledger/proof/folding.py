"""The rows that follow from a task's entries, compared with those that are there.

Folded by the very code that records entries. What deliveries leave in a notice (its status, its number, when it
arrived) follows from no entry and is not compared; whether it was withdrawn is.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from duban.ledger.database.writing import Row, table_of
from duban.ledger.proof.links import Flaw
from duban.ledger.tables.columns import LedgerTable, without_nul
from duban.ledger.tables.notice_tables import NoticeStatus, NoticeTable
from duban.ledger.tables.register_tables import AskedActTable, OpeningRequestTable
from duban.ledger.tables.task_tables import (
    DecisionTable,
    MilestoneTable,
    ObligationTable,
    RecordTable,
    ReminderTable,
    ReportTable,
)
from duban.ledger.tasks.changes import Changes
from duban.supervision.model import Frozen
from duban.supervision.tasks.entries import Citation, NoticeIntent

IDENTITY: dict[type[LedgerTable], str] = {
    MilestoneTable: "number",
    ReportTable: "id",
    ReminderTable: "key",
    ObligationTable: "id",
    RecordTable: "id",
    DecisionTable: "request",
    NoticeTable: "idempotency_key",
    OpeningRequestTable: "key",
    AskedActTable: "key",
}
"""The tables whose rows follow from entries, and what names a row within its task's round."""

_OF_DELIVERY = frozenset(
    ("id", "status", "withdrawn_at", "withdraw_reason", "delivered_at", "delivered_at_real", "channel")
) | {"paper_number", "perhaps_sent_since"}
_WHOLE: Mapping[str, type[Frozen]] = {"intent": NoticeIntent, "citation": Citation}
"""Values read whole before they are compared: a later release may have added a field with its default."""


class RowFlaw(Frozen):
    """A row that is not what the entries make of it.

    Attributes:
        columns: Which of its values differ.
    """

    table: str
    row: str
    flaw: Flaw
    columns: tuple[str, ...] = ()


Present = Mapping[type[LedgerTable], Mapping[str, Mapping[Any, Any]]]
"""The rows of one task's round, by table and name."""


def compare_rows(folded: Changes, present: Present) -> Iterator[RowFlaw]:
    """Every row that is missing, differs, or follows from no entry."""
    expected: dict[type[LedgerTable], dict[str, Row]] = {}
    for model, row in folded.rows():
        expected.setdefault(model, {})[without_nul(str(row[IDENTITY[model]]))] = row
    for model in IDENTITY:
        told, there = expected.get(model, {}), present.get(model, {})
        table = str(model.__tablename__)
        for name, row in told.items():
            if name not in there:
                yield RowFlaw(table=table, row=name, flaw=Flaw.REMOVED)
            elif columns := _differing(model, row, there[name]):
                yield RowFlaw(table=table, row=name, flaw=Flaw.CHANGED, columns=columns)
        yield from (RowFlaw(table=table, row=name, flaw=Flaw.ADDED) for name in there if name not in told)


def _differing(model: type[LedgerTable], told: Row, there: Mapping[Any, Any]) -> tuple[str, ...]:
    left_out = _OF_DELIVERY if model is NoticeTable else frozenset[str]()
    columns = [
        column.name
        for column in table_of(model).columns
        if column.name not in left_out and not _same(column.name, told[column.name], there[column.name])
    ]
    if model is NoticeTable:
        columns += _withdrawal(told, there)
    return tuple(columns)


def _same(name: str, told: object, there: object) -> bool:
    if name in _WHOLE:
        read = _WHOLE[name].model_validate
        return _plain(read(told).model_dump()) == _plain(read(there).model_dump())
    return _plain(told) == _plain(there)


def _plain(value: object) -> object:
    match value:
        case str():
            return without_nul(value)
        case tuple() | list():
            return [_plain(part) for part in value]
        case dict():
            return {_plain(name): _plain(part) for name, part in value.items()}
        case _:
            return value


def _withdrawal(told: Row, there: Mapping[Any, Any]) -> list[str]:
    """A notice that was on its way when it became untrue may have arrived; any other is withdrawn as told."""
    if there["status"] == NoticeStatus.DELIVERED and there["withdrawn_at"] is None:
        return []
    columns = [name for name in ("withdrawn_at", "withdraw_reason") if _plain(told[name]) != _plain(there[name])]
    is_withdrawn = there["status"] == NoticeStatus.WITHDRAWN
    if not columns and is_withdrawn and told["withdrawn_at"] is None:
        columns.append("status")
    if not columns and there["status"] == NoticeStatus.PENDING and told["withdrawn_at"] is not None:
        columns.append("status")
    return columns
