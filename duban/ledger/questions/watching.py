"""What those ask who look after an installation: how the database is, what has not gone out, what is owed.

Asked again and again, by a doctor and by every scrape of the metrics: each question is answered from an index or from
few rows, whatever the size of the ledger.
"""

from datetime import datetime, timedelta

from sqlalchemy import Engine, func, select, text
from sqlmodel import col

from duban.ledger.database.engine import reading
from duban.ledger.tables.notice_tables import (
    IS_PENDING,
    DeliveryStatus,
    DeliveryTable,
    NoticeStatus,
    NoticeTable,
)
from duban.ledger.tables.plan_tables import TaskTable
from duban.ledger.tables.task_tables import ObligationTable
from duban.supervision.model import Frozen

OVERDUE = timedelta(minutes=15)
"""Real time. Whatever a crash left lying is picked up by a sweep every five minutes."""
IS_OPEN = text("status = 'open'")


class Database(Frozen):
    """The database that the ledger is in.

    Attributes:
        kind: As its dialect is named: `sqlite`, `postgresql`.
        now: By its own clock; None where that is this machine's.
        encrypted: Whether our connection is; None where it does not leave this machine.
    """

    kind: str
    version: str
    now: datetime | None = None
    encrypted: bool | None = None


class Unsent(Frozen):
    """What has not reached its receivers.

    Attributes:
        pending: Notices that wait for their moment, or for a dispatch.
        overdue: Those of them whose moment passed a quarter of an hour ago.
        overdue_since: Real moment of the earliest of these.
        sending: Notices in a message that is under way or waits for its next attempt.
        retrying: Messages that failed and wait for their next attempt.
        undeliverable: Notices that cannot be delivered and still hold: a person has to see to them.
    """

    pending: int
    overdue: int
    overdue_since: datetime | None
    sending: int
    retrying: int
    undeliverable: int


class Owed(Frozen):
    """What bodies owe towards tasks.

    Attributes:
        open: Call records, explanations, decisions and the rest that have not come back.
        chased: Those of them that have been chased at least once.
    """

    open: int
    chased: int


class WatchingRepository:
    """Looks after the ledger; changes nothing.

    Every method raises ``LedgerUnavailable`` where the database cannot be reached.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def database(self) -> Database:
        """What the database says of itself and of our connection."""
        with reading(self._engine) as connection:
            if self._engine.dialect.name == "sqlite":
                version = connection.scalar(text("SELECT sqlite_version()"))
                return Database(kind="sqlite", version=str(version))
            version, now, encrypted, here = connection.execute(
                text(
                    "SELECT current_setting('server_version'), clock_timestamp(), "
                    "(SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), "
                    "coalesce(inet_server_addr() <<= '127.0.0.0/8' OR inet_server_addr() = '::1', true)"
                )
            ).one()
            return Database(
                kind=self._engine.dialect.name, version=version, now=now, encrypted=None if here else encrypted
            )

    def unsent(self, real_now: datetime) -> Unsent:
        """What has not gone out at a real moment."""
        due = col(NoticeTable.deliver_not_before_real)
        notices = select(func.count()).select_from(NoticeTable)
        overdue = select(func.count(), func.min(due)).where(IS_PENDING, due <= real_now - OVERDUE)
        retrying = (
            select(func.count())
            .select_from(DeliveryTable)
            .where(col(DeliveryTable.status) == DeliveryStatus.WAITING.value)
        )
        status = col(NoticeTable.status)
        with reading(self._engine) as connection:
            late, since = connection.execute(overdue).one()
            return Unsent(
                pending=connection.scalar(notices.where(IS_PENDING)) or 0,
                overdue=late,
                overdue_since=since,
                sending=connection.scalar(notices.where(status == NoticeStatus.SENDING.value)) or 0,
                retrying=connection.scalar(retrying) or 0,
                undeliverable=connection.scalar(
                    notices.where(status == NoticeStatus.UNDELIVERABLE.value, col(NoticeTable.withdrawn_at).is_(None))
                )
                or 0,
            )

    def owed(self) -> Owed:
        """What has not come back."""
        owed = select(func.count()).select_from(ObligationTable).where(IS_OPEN)
        with reading(self._engine) as connection:
            return Owed(
                open=connection.scalar(owed) or 0,
                chased=connection.scalar(owed.where(col(ObligationTable.chases) > 0)) or 0,
            )

    def next_to_act(self, most: int) -> tuple[str, ...]:
        """Codes of the open tasks whose moments come first."""
        moment = col(TaskTable.next_moment_at)
        first = (
            select(col(TaskTable.code))
            .where(col(TaskTable.closed_at).is_(None), moment.is_not(None))
            .order_by(moment)
            .limit(most)
        )
        with reading(self._engine) as connection:
            return tuple(connection.scalars(first))
