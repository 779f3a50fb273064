"""Table of the years whose holidays the office has taken over; every edition is kept, the newest holds."""

from datetime import datetime

from sqlmodel import Field

from duban.ledger.tables.columns import LedgerTable, UtcDateTime


class AnnouncedYearTable(LedgerTable, table=True):
    """A year as announced; a mistaken edition is put right by the next. ``content`` is JSON text."""

    __tablename__ = "announced_years"

    year: int = Field(primary_key=True)
    edition: int = Field(primary_key=True)
    source: str
    content: str
    body: str
    person: str
    adopted_at_real: datetime = Field(sa_type=UtcDateTime)
