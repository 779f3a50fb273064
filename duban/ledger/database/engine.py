"""The connection to the database, and the two kinds of transaction on it.

SQLite, because the embedded default must be as trustworthy as a server:

- WAL, so that readers never wait for the writer.
- ``synchronous = FULL``. NORMAL may lose the last commits when the power fails. Temporal would still
  hold the activity for done, and the task's next entry would meet a gap in the ledger for ever.
- ``BEGIN IMMEDIATE`` for writers. A transaction that begins as a reader and then writes fails at once,
  without waiting, when another has written meanwhile. The driver's own implicit BEGIN is switched off.

On PostgreSQL readers see one moment (``REPEATABLE READ``), as they do on SQLite: two queries about one task
must not find a write between them. Writers lock the rows that they decide on, and see the newest
(``READ COMMITTED``). What else differs there is in ``postgres``.
"""

import json
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from functools import partial
from sqlite3 import Connection as SqliteConnection
from time import monotonic
from typing import Any, TypeAlias

from sqlalchemy import Connection, Engine, create_engine, event, make_url

from duban.ledger.errors import translated

BUSY_TIMEOUT_SECONDS = 30
WRITES = "duban_writes"
"""Execution option of a transaction that will write."""
_OBSERVER = "duban_observer"
TransactionObserver: TypeAlias = Callable[[str, float, bool], None]
"""Hears of a transaction: `read` or `write`, the seconds it took, the wait for a connection included, and whether it
came to its end."""


def engine(url: str, *, connections: int = 10, plaintext_hosts: Collection[str] = ()) -> Engine:
    """An engine for one process; thread-safe.

    Args:
        url: SQLAlchemy URL: ``sqlite:///…`` or ``postgresql+psycopg://…``.
        connections: How many are open at most; further threads wait their turn.
        plaintext_hosts: Hosts whose PostgreSQL need not prove by TLS who it is; off this machine all others must.

    Raises:
        LedgerError: The database is elsewhere and need not prove that it is ours.
    """
    options: dict[str, Any] = {
        "pool_size": connections,
        "max_overflow": 0,
        "pool_timeout": BUSY_TIMEOUT_SECONDS,
        # What people wrote has no place in an error: it goes on into logs, and into histories as plain text.
        "hide_parameters": True,
        # JSON columns keep Chinese legible to whoever looks into the database.
        "json_serializer": partial(json.dumps, ensure_ascii=False),
    }
    if make_url(url).get_backend_name() == "sqlite":
        made = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_SECONDS}, **options)
        event.listen(made, "connect", _prepare_sqlite)
        event.listen(made, "begin", _begin_sqlite)
        return made
    # Here, so that whoever has no PostgreSQL needs no driver of it, and does not wait for it to be loaded.
    from duban.ledger.database import postgres

    return postgres.engine(url, wait_seconds=BUSY_TIMEOUT_SECONDS, plaintext_hosts=plaintext_hosts, **options)


def observed(source: Engine, observe: TransactionObserver) -> Engine:
    """The same engine, whose transactions are told to an observer."""
    return source.execution_options(**{_OBSERVER: observe})


@contextmanager
def reading(source: Engine) -> Iterator[Connection]:
    """A transaction that only reads, as everything stood at one moment.

    Raises:
        LedgerUnavailable: The database cannot be reached.
    """
    seeing_one_moment = {"isolation_level": "REPEATABLE READ"} if source.dialect.name == "postgresql" else {}
    with (
        _told(source, "read"),
        translated(),
        source.connect().execution_options(**seeing_one_moment) as connection,
        connection.begin(),
    ):
        yield connection


@contextmanager
def writing(source: Engine) -> Iterator[Connection]:
    """A transaction that writes: committed at the end of the block, rolled back on any error.

    Raises:
        LedgerUnavailable: Nothing was written; try again.
        LedgerConflict: Nothing was written; the schema forbids it.
    """
    with (
        _told(source, "write"),
        translated(),
        source.connect().execution_options(**{WRITES: True}) as connection,
        connection.begin(),
    ):
        yield connection


@contextmanager
def _told(source: Engine, kind: str) -> Iterator[None]:
    observe: TransactionObserver | None = source.get_execution_options().get(_OBSERVER)
    if observe is None:
        yield
        return
    began, ended = monotonic(), False
    try:
        yield
        ended = True
    finally:
        observe(kind, monotonic() - began, ended)


def _prepare_sqlite(connection: SqliteConnection, _record: object) -> None:
    connection.isolation_level = None  # no implicit BEGIN: see `_begin_sqlite`
    cursor = connection.cursor()
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
