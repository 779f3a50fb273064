"""PostgreSQL's side of the connection; loaded only where the ledger is on one.

A server is somewhere else, and others use it too:

- It must prove who it is, unless it is on this machine: see ``postgres_tls``.
- Nobody waits for ever: not for a lock, not for a process that was frozen in the middle of a transaction,
  not for a host that has gone without a word.
- U+0000, which a text of PostgreSQL cannot hold, stands there as U+FFFD. Refused, it would stop a task for ever:
  the write is tried again and again, and no other comes before it.
"""

import json
import re
from collections.abc import Collection
from typing import Any

from psycopg import Connection
from psycopg.abc import Buffer
from psycopg.types.string import StrDumperUnknown
from sqlalchemy import Engine, create_engine, event, make_url

from duban.ledger.database.postgres_tls import stated_tls
from duban.ledger.tables.columns import REPLACEMENT, without_nul

CONNECTION = {
    "connect_timeout": 10,
    # A host that is gone is noticed within a minute and a half, not after two hours.
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 6,
    "tcp_user_timeout": 90_000,
}
FROZEN_AFTER_SECONDS = 120
"""A transaction of ours never pauses; one that does holds locks for a process that is stopped or gone."""
_ESCAPED_NUL = re.compile(r"((?<!\\)(?:\\\\)*)\\u0000")
"""An even number of backslashes before it are backslashes of the text itself."""


def engine(url: str, *, wait_seconds: int, plaintext_hosts: Collection[str], **options: Any) -> Engine:
    """An engine on PostgreSQL.

    Args:
        wait_seconds: How long a statement waits for a lock.
        plaintext_hosts: Hosts that need not prove who they are.
        options: Of the pool and the errors, as on any database.

    Raises:
        LedgerError: The database is elsewhere and need not prove that it is ours.
    """
    address = make_url(url)
    _, stated = address.get_dialect()().create_connect_args(address)
    connection = {**CONNECTION, **stated_tls(stated, plaintext_hosts)}
    made = create_engine(
        address, **{**options, "pool_pre_ping": True, "connect_args": connection, "json_serializer": json_without_nul}
    )

    def prepare(connection: Connection[Any], _record: object) -> None:
        connection.adapters.register_dumper(str, _WithoutNul)
        connection.execute(f"SET lock_timeout = '{wait_seconds}s'")
        connection.execute(f"SET idle_in_transaction_session_timeout = '{FROZEN_AFTER_SECONDS}s'")
        connection.commit()

    event.listen(made, "connect", prepare)
    return made


def json_without_nul(value: object) -> str:
    """A value as JSON that binary JSON takes, Chinese legible."""
    written = json.dumps(value, ensure_ascii=False)
    return _ESCAPED_NUL.sub(rf"\1{REPLACEMENT}", written) if "\\u0000" in written else written


class _WithoutNul(StrDumperUnknown):
    """Writes texts as PostgreSQL takes them."""

    def dump(self, obj: str) -> Buffer | None:
        return super().dump(without_nul(obj))
