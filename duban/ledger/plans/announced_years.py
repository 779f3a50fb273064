"""The years whose holidays the office has taken over: for plans issued later, on every machine, and after a restore."""

from datetime import datetime

from sqlalchemy import Connection, Engine, func, select
from sqlmodel import col

from duban.ledger.database.engine import reading, writing
from duban.ledger.database.writing import insert_rows, table_of
from duban.ledger.tables.calendar_tables import AnnouncedYearTable
from duban.ledger.tables.columns import canonical_json
from duban.supervision.days.announced_year import AnnouncedYear
from duban.supervision.model import Frozen


class AdoptedYear(Frozen):
    """A year as the office has taken it over.

    Attributes:
        edition: 1 for the first; a later one puts it right.
        adopted_at_real: Real moment.
    """

    announced: AnnouncedYear
    edition: int
    body: str
    person: str
    adopted_at_real: datetime


class AnnouncedYearRepository:
    """Years as announced; each method is one transaction.

    Every method raises ``LedgerUnavailable`` where the database cannot be reached.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def adopt(self, announced: AnnouncedYear, body: str, person: str, at_real: datetime) -> int:
        """Keep a year; the same again changes nothing.

        Returns:
            Its edition.
        """
        content = canonical_json(announced.model_dump(mode="json"))
        table = table_of(AnnouncedYearTable)
        with writing(self._engine) as connection:
            newest = connection.execute(
                select(table.c.edition, table.c.content)
                .where(table.c.year == announced.year)
                .order_by(table.c.edition.desc())
                .limit(1)
            ).one_or_none()
            if newest is not None and newest.content == content:
                return int(newest.edition)
            edition = newest.edition + 1 if newest is not None else 1
            row = {
                "year": announced.year,
                "edition": edition,
                "source": announced.source,
                "content": content,
                "body": body,
                "person": person,
                "adopted_at_real": at_real,
            }
            insert_rows(connection, AnnouncedYearTable, [row])
            return int(edition)

    def adopted(self) -> tuple[AdoptedYear, ...]:
        """The newest edition of each year, by year."""
        with reading(self._engine) as connection:
            return _newest(connection)

    def announced(self) -> dict[int, AnnouncedYear]:
        """The years as they hold."""
        return {each.announced.year: each.announced for each in self.adopted()}


def _newest(connection: Connection) -> tuple[AdoptedYear, ...]:
    table = table_of(AnnouncedYearTable)
    editions = select(table.c.year, func.max(table.c.edition).label("edition")).group_by(table.c.year).subquery()
    query = select(table).join(editions, (editions.c.year == table.c.year) & (editions.c.edition == table.c.edition))
    return tuple(
        AdoptedYear(
            announced=AnnouncedYear.model_validate_json(row["content"]),
            **{name: row[name] for name in ("edition", "body", "person", "adopted_at_real")},
        )
        for row in connection.execute(query.order_by(col(AnnouncedYearTable.year))).mappings()
    )
