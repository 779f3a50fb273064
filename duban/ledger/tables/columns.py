"""What tables are made of: their base, and column types that mean the same on SQLite and on PostgreSQL."""

import json
from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, MetaData
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlmodel import SQLModel

REPLACEMENT = "\ufffd"
"""What stands for a character that cannot stand for itself."""


class LedgerTable(SQLModel):
    """The base of every table; never a payload, and never anything but a declaration."""

    # One name per constraint on every database, so that a later migration can name it.
    metadata: ClassVar[MetaData] = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment; stored in UTC, read back aware and in UTC. A naive one is a mistake of ours."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware to UTC; without zone information where the database cannot keep it.

        Raises:
            ValueError: The moment is naive.
        """
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment in the ledger is aware")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Always aware, always UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class JsonValue(TypeDecorator[Any]):
    """A list of names, or a value that is read whole; binary JSON on PostgreSQL."""

    impl = JSON
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """JSONB on PostgreSQL, JSON elsewhere."""
        return dialect.type_descriptor(JSONB() if dialect.name == "postgresql" else JSON())


class RowNumber(TypeDecorator[int]):
    """A number that the database gives to a row."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """SQLite numbers rows by itself only where the type is exactly INTEGER."""
        return dialect.type_descriptor(Integer() if dialect.name == "sqlite" else BigInteger())


def without_nul(text: str) -> str:
    """A text as PostgreSQL keeps it."""
    return text.replace("\0", REPLACEMENT)


def canonical_json(value: object) -> str:
    """JSON with one spelling: sorted keys, no spaces, characters as they are."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
