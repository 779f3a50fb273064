"""Brings a database to the present schema; safe when several processes start at once."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, make_url, text

from duban.ledger.engine import BUSY_TIMEOUT_SECONDS, engine, reading, writing
from duban.ledger.errors import translated

SCRIPTS = Path(__file__).parent / "migrations"
LOCK = 7_232_015
"""Names our advisory lock on PostgreSQL."""


def migrate(url: str) -> None:
    """Bring a database to the newest schema, creating what is missing; nothing happens where it is current.

    Raises:
        LedgerUnavailable: The database cannot be reached, or another process holds it for too long.
    """
    if make_url(url).get_backend_name() == "sqlite":
        database = make_url(url).database or ""
        Path(database).parent.mkdir(parents=True, exist_ok=True)
    own = engine(url, connections=2)
    try:
        with _alone(own), writing(own) as connection:
            command.upgrade(_config(connection), "head")
    finally:
        own.dispose()


def schema_is_current(source: Engine) -> bool:
    """Whether the database has the newest schema.

    Raises:
        LedgerUnavailable: The database cannot be reached.
    """
    newest = ScriptDirectory(str(SCRIPTS)).get_current_head()
    with reading(source) as connection:
        return MigrationContext.configure(connection).get_current_revision() == newest


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


@contextmanager
def _alone(source: Engine) -> Iterator[None]:
    """One process at a time; the next one finds the work done.

    On SQLite the lock is an exclusive transaction on a database of its own beside ours: it works on
    every system, and ends with its process. On PostgreSQL it is an advisory lock.
    """
    if source.dialect.name == "postgresql":
        with translated(), source.connect() as connection, connection.begin():
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            yield
        return
    beside = sqlite3.connect(f"{source.url.database}.migration", timeout=BUSY_TIMEOUT_SECONDS, isolation_level=None)
    try:
        beside.execute("BEGIN EXCLUSIVE")
        yield
    finally:
        beside.close()
