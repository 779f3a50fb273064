"""Brings a database to the present schema; safe when several processes start at once."""

import sqlite3
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, make_url, text

from duban.ledger.database.engine import BUSY_TIMEOUT_SECONDS, engine, reading, writing
from duban.ledger.errors import LedgerError, LedgerUnavailable, translated
from duban.private_files import private_folder

SCRIPTS = Path(__file__).parent / "migrations"
_SCRIPTS = ScriptDirectory(str(SCRIPTS))
LOCK = 7_232_015
"""Names our advisory lock on PostgreSQL."""


def migrate(url: str, *, plaintext_hosts: Collection[str] = ()) -> None:
    """Bring a database to the newest schema, creating what is missing; nothing happens where it is current.

    Args:
        plaintext_hosts: Hosts whose PostgreSQL need not prove by TLS who it is.

    Raises:
        LedgerUnavailable: The database cannot be reached, or another process holds it for too long.
        LedgerError: Its folder cannot be made, a newer release has made it, or it need not prove that it is ours.
    """
    if make_url(url).get_backend_name() == "sqlite":
        _make_folder(Path(make_url(url).database or "").parent)
    own = engine(url, connections=2, plaintext_hosts=plaintext_hosts)
    try:
        with _alone(own), writing(own) as connection:
            _refuse_newer(connection)
            command.upgrade(config_for(connection), "head")
    finally:
        own.dispose()


def migrate_back(url: str, revision: str, *, plaintext_hosts: Collection[str] = ()) -> None:
    """Bring a database back to an earlier schema, for the release before this one.

    What only later tables and columns hold is gone then. No worker of this release may run.

    Args:
        revision: The newest one that the other release knows.
        plaintext_hosts: As for `migrate`.

    Raises:
        LedgerUnavailable: The database cannot be reached, or another process holds it for too long.
        LedgerError: The database does not descend from that revision, or a newer release has made it.
    """
    own = engine(url, connections=2, plaintext_hosts=plaintext_hosts)
    try:
        with _alone(own), writing(own) as connection:
            _refuse_newer(connection)
            present = MigrationContext.configure(connection).get_current_revision()
            passed = {script.revision for script in _SCRIPTS.iterate_revisions(present, "base")} if present else set()
            if revision not in passed:
                raise LedgerError(f"台账的结构现为 {present or '空'}，不能退回到 {revision}：请核对那个版本的结构编号")
            command.downgrade(config_for(connection), revision)
    finally:
        own.dispose()


def schema_revisions(source: Engine) -> tuple[str | None, str]:
    """The schema that a database has, None for an empty one; and the newest that this release knows.

    Raises:
        LedgerUnavailable: The database cannot be reached.
    """
    newest = _SCRIPTS.get_current_head() or ""
    with reading(source) as connection:
        return MigrationContext.configure(connection).get_current_revision(), newest


def schema_is_current(source: Engine) -> bool:
    """Whether the database has the newest schema.

    Raises:
        LedgerUnavailable: The database cannot be reached.
    """
    present, newest = schema_revisions(source)
    return present == newest


def _make_folder(folder: Path) -> None:
    try:
        private_folder(folder)
    except OSError as error:
        raise LedgerError(f"不能建立台账所在的文件夹 {folder}，请核对 DUBAN_HOME 和 DUBAN_DATABASE_URL") from error


def _refuse_newer(connection: Connection) -> None:
    present = MigrationContext.configure(connection).get_current_revision()
    known = {script.revision for script in _SCRIPTS.walk_revisions()}
    if present is not None and present not in known:
        raise LedgerError("台账已由更新的版本升级过，本版本不能使用它：请改用更新的版本，或恢复升级前的备份")


def config_for(connection: Connection) -> Config:
    """What Alembic needs to work on a connection of ours."""
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
    with ExitStack() as held:
        try:
            path = f"{source.url.database}.migration"
            beside = sqlite3.connect(path, timeout=BUSY_TIMEOUT_SECONDS, isolation_level=None)
            held.callback(beside.close)
            beside.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error as error:
            raise LedgerUnavailable("台账数据库正由另一个进程升级，或所在的文件夹不能写入，请稍后再试") from error
        yield
