"""How rows are written: many at a time, and so that writing one twice changes nothing."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, TypeAlias, TypeVar

from sqlalchemy import Connection, Table, insert
from sqlalchemy.dialects import postgresql, sqlite

from duban.ledger.tables.columns import LedgerTable

Row: TypeAlias = dict[str, Any]
AnyInsert: TypeAlias = postgresql.Insert | sqlite.Insert
T = TypeVar("T")

PARAMETERS_AT_ONCE = 1_000
"""Values in one IN list; SQLite takes 32,766 parameters, PostgreSQL 65,535."""


def table_of(model: type[LedgerTable]) -> Table:
    """The table of a ``table=True`` model."""
    table: Table = LedgerTable.metadata.tables[str(model.__tablename__)]
    return table


def upserting(connection: Connection, model: type[LedgerTable]) -> AnyInsert:
    """An INSERT that can say what happens on a conflict, for the database at hand."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table_of(model))
    return sqlite.insert(table_of(model))


def insert_rows(connection: Connection, model: type[LedgerTable], rows: Sequence[Row]) -> None:
    """Insert rows that are not there yet."""
    if rows:
        connection.execute(insert(table_of(model)), rows)


def upsert_rows(
    connection: Connection, model: type[LedgerTable], rows: Sequence[Row], only: Sequence[str] | None = None
) -> None:
    """Insert rows, or bring those that are there already to the given values.

    Args:
        only: Columns that change in a row that is there already; empty leaves it as it is, None means all.
    """
    if not rows:
        return
    table = table_of(model)
    key = [column.name for column in table.primary_key]
    changed = [column.name for column in table.columns if column.name not in key] if only is None else only
    statement = upserting(connection, model)
    if changed:
        statement = statement.on_conflict_do_update(
            index_elements=key, set_={name: statement.excluded[name] for name in changed}
        )
    else:
        statement = statement.on_conflict_do_nothing(index_elements=key)
    connection.execute(statement, rows)


def in_chunks(values: Sequence[T], size: int = PARAMETERS_AT_ONCE) -> Iterator[list[T]]:
    """The values, at most ``size`` at a time."""
    remaining = iter(values)
    while chunk := list(islice(remaining, size)):
        yield chunk
