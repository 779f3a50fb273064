"""The whole ledger as a file: copied while it is used, checked, and put in the ledger's place.

A ledger that is put back may be older than what bodies have received since. What was about to go out then is marked:
whoever receives it is told that it may be a repetition (``perhaps_sent_since``, ``uncertain``).
"""

from collections.abc import Collection
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, and_, func, make_url, select, update
from sqlmodel import col

from duban.ledger.database.engine import engine, reading, writing
from duban.ledger.database.sqlite_files import check_sqlite, copy_sqlite, put_in_place, rest_sqlite
from duban.ledger.database.writing import table_of
from duban.ledger.errors import LedgerConflict, LedgerError
from duban.ledger.migration import SCRIPTS, migrate
from duban.ledger.tables.notice_tables import DeliveryStatus, DeliveryTable, NoticeStatus, NoticeTable
from duban.ledger.tables.plan_tables import PlanTable, TaskTable
from duban.ledger.tables.task_tables import TimelineTable
from duban.supervision.model import Frozen


class LedgerKind(StrEnum):
    """What a ledger is kept in."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


KIND_WORDS = {LedgerKind.SQLITE: "SQLite", LedgerKind.POSTGRESQL: "PostgreSQL"}


class LedgerSize(Frozen):
    """What a ledger holds, and the schema it has."""

    revision: str
    plans: int
    tasks: int
    entries: int


class PerhapsSent(Frozen):
    """What may have gone out before a restore: notices that wait, messages that had no end."""

    notices: int
    deliveries: int


def kind_of(url: str) -> LedgerKind:
    """What the ledger at a URL is kept in."""
    return LedgerKind.SQLITE if make_url(url).get_backend_name() == "sqlite" else LedgerKind.POSTGRESQL


def file_of(url: str) -> Path:
    """The file of a ledger kept in SQLite."""
    return Path(make_url(url).database or "")


def copy_ledger(url: str, target: Path, *, plaintext_hosts: Collection[str] = ()) -> None:
    """Copy a ledger as it stands at one moment into a file; whoever works with it goes on.

    Raises:
        LedgerError: The database cannot be read, or what it takes is not on this machine.
    """
    match kind_of(url):
        case LedgerKind.SQLITE:
            copy_sqlite(file_of(url), target)
        case LedgerKind.POSTGRESQL:
            from duban.ledger.copies import postgres_copies  # whoever has no PostgreSQL needs no driver of it

            postgres_copies.dump(url, target, plaintext_hosts)


def check_copy(kind: LedgerKind, file: Path) -> None:
    """See whether a copy is sound.

    Raises:
        LedgerError: It is not.
    """
    match kind:
        case LedgerKind.SQLITE:
            check_sqlite(file)
        case LedgerKind.POSTGRESQL:
            from duban.ledger.copies import postgres_copies

            postgres_copies.check_dump(file)


def is_known(revision: str) -> bool:
    """Whether this release can read a ledger of a schema."""
    return revision in {script.revision for script in ScriptDirectory(str(SCRIPTS)).walk_revisions()}


def refuse_to_replace(url: str, *, replace: bool, plaintext_hosts: Collection[str] = ()) -> bool:
    """See that a ledger may be put at a URL.

    Returns:
        Whether one is there that is to be kept aside.

    Raises:
        LedgerConflict: One is there and must not be replaced, or somebody uses it.
    """
    match kind_of(url):
        case LedgerKind.SQLITE:
            there = file_of(url).exists()
            if there:
                rest_sqlite(file_of(url))
        case LedgerKind.POSTGRESQL:
            from duban.ledger.copies import postgres_copies

            there = postgres_copies.tables_in(url, plaintext_hosts) > 0
            postgres_copies.refuse_users(url, plaintext_hosts)
    if there and not replace:
        raise LedgerConflict("原处已有台账。确要用备份替换，请加 --replace：原有的台账会改名保留，不会删除")
    return there


def prepare_copy(file: Path) -> None:
    """Bring a copy kept in SQLite to the newest schema and mark in it what may have gone out since."""
    url = f"sqlite:///{file}"
    migrate(url)
    file.with_name(f"{file.name}.migration").unlink(missing_ok=True)
    own = engine(url, connections=1)
    try:
        with writing(own) as connection:
            _mark(connection, datetime.now(UTC))
    finally:
        own.dispose()
    rest_sqlite(file)


def put_ledger(url: str, file: Path, *, stamp: str, aside: bool, plaintext_hosts: Collection[str] = ()) -> str:
    """Put a checked copy in the ledger's place.

    Args:
        file: For SQLite: prepared, and in the ledger's own folder.
        stamp: Names what is kept aside.
        aside: Whether a ledger is there.

    Returns:
        Where that one is kept now; empty where none was.
    """
    match kind_of(url):
        case LedgerKind.SQLITE:
            place = file_of(url)
            kept = place.with_name(f"{place.name}.{stamp}") if aside else None
            put_in_place(file, place, kept)
            return str(kept or "")
        case LedgerKind.POSTGRESQL:
            from duban.ledger.copies import postgres_copies

            schema = f"public_{stamp.replace('-', '_')}" if aside else None
            postgres_copies.load(url, file, plaintext_hosts, aside=schema)
            migrate(url, plaintext_hosts=plaintext_hosts)
            return f"模式 {schema}" if schema else ""


def perhaps_sent(url: str, *, plaintext_hosts: Collection[str] = ()) -> PerhapsSent:
    """How much was marked when the ledger was put back."""
    notices, deliveries = table_of(NoticeTable), table_of(DeliveryTable)
    waiting = and_(notices.c.status == NoticeStatus.PENDING.value, notices.c.perhaps_sent_since.is_not(None))
    unsettled = deliveries.c.uncertain & deliveries.c.status.in_([status.value for status in _UNSETTLED])
    own = engine(url, connections=1, plaintext_hosts=plaintext_hosts)
    try:
        with reading(own) as connection:
            return PerhapsSent(
                notices=connection.scalar(select(func.count()).where(waiting)) or 0,
                deliveries=connection.scalar(select(func.count()).where(unsettled)) or 0,
            )
    finally:
        own.dispose()


def size_of(url: str, *, plaintext_hosts: Collection[str] = ()) -> LedgerSize:
    """What a ledger holds.

    Raises:
        LedgerError: It has no schema of ours.
    """
    own = engine(url, connections=1, plaintext_hosts=plaintext_hosts)
    try:
        with reading(own) as connection:
            revision = MigrationContext.configure(connection).get_current_revision()
            if revision is None:
                raise LedgerError("数据库里没有台账")
            plans, tasks, entries = (
                connection.scalar(select(func.count()).select_from(table_of(model))) or 0
                for model in (PlanTable, TaskTable, TimelineTable)
            )
            return LedgerSize(revision=revision, plans=plans, tasks=tasks, entries=entries)
    finally:
        own.dispose()


_UNSETTLED = (DeliveryStatus.SENDING, DeliveryStatus.WAITING, DeliveryStatus.UNDELIVERABLE)


def _mark(connection: Connection, now: datetime) -> None:
    notices, deliveries = table_of(NoticeTable), table_of(DeliveryTable)
    connection.execute(
        update(notices)
        .where(col(NoticeTable.status) == NoticeStatus.PENDING.value, notices.c.deliver_not_before_real <= now)
        .values(perhaps_sent_since=now)
    )
    connection.execute(
        update(deliveries)
        .where(deliveries.c.status.in_([status.value for status in _UNSETTLED]))
        .values(uncertain=True)
    )
