"""Whether anything may be sent at all: the last order says so, in the ledger, for every worker alike.

Once an order to stop is on record no message is begun and none is tried again. What is on its way is settled; what
waits goes on waiting, and is withdrawn where it becomes untrue.
"""

from datetime import datetime

from sqlalchemy import Connection, Engine, func, select
from sqlmodel import col

from duban.ledger.database.engine import reading, writing
from duban.ledger.database.writing import insert_rows, table_of
from duban.ledger.tables.notice_tables import IS_PENDING, IS_UNFINISHED, DeliveryTable, NoticeTable, SendingOrderTable
from duban.supervision.model import Frozen

_LOCK = "duban/sending"


class SendingOrder(Frozen):
    """An order as it was given; the moment is real time."""

    stops: bool
    given_at: datetime
    given_by: str
    reason: str


class SendingOrderRepository:
    """Orders about all sending; each method is one transaction.

    Every method raises ``LedgerUnavailable`` where the database cannot be reached.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def standing(self) -> SendingOrder | None:
        """The order that has stopped all sending; None while it goes on."""
        with reading(self._engine) as connection:
            return order_to_stop(connection)

    def give(self, order: SendingOrder) -> bool:
        """Put an order on record; when this returns, no worker begins anything against it.

        Returns:
            Whether it changes anything; one that does not is not recorded.
        """
        with writing(self._engine) as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(_LOCK, 0))))
            if (order_to_stop(connection) is not None) == order.stops:
                return False
            insert_rows(connection, SendingOrderTable, [order.model_dump()])
            return True

    def waiting_bodies(self) -> tuple[str, ...]:
        """Bodies for which anything waits, due or not, by name: their dispatches ended while sending was stopped."""
        pending = select(col(NoticeTable.recipient)).where(IS_PENDING)
        unfinished = select(col(DeliveryTable.recipient)).where(IS_UNFINISHED)
        with reading(self._engine) as connection:
            return tuple(sorted(connection.scalars(pending.union(unfinished))))

    def waiting_notices(self) -> int:
        """How many notices wait, due or not."""
        with reading(self._engine) as connection:
            return connection.scalar(select(func.count()).select_from(NoticeTable).where(IS_PENDING)) or 0


def stopped(connection: Connection) -> bool:
    """Whether nothing may be begun, within the caller's transaction, until whose end that stays so.

    SQLite has one writer anyway; on PostgreSQL an order waits for the claims that have not seen it.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock_shared(func.hashtextextended(_LOCK, 0))))
    return order_to_stop(connection) is not None


def order_to_stop(connection: Connection) -> SendingOrder | None:
    """The last order where it stops all sending."""
    orders = table_of(SendingOrderTable)
    last = select(func.max(orders.c.id)).scalar_subquery()
    row = connection.execute(select(orders).where(orders.c.id == last)).mappings().one_or_none()
    if row is None or not row["stops"]:
        return None
    return SendingOrder(**{name: row[name] for name in SendingOrder.model_fields})
