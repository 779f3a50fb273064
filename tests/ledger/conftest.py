from collections.abc import Iterator

import pytest

from duban.ledger import Ledger, migrate


@pytest.fixture
def ledger(database_url: str) -> Iterator[Ledger]:
    """An empty ledger, on SQLite and on PostgreSQL."""
    migrate(database_url)
    opened = Ledger.open(database_url)
    yield opened
    opened.close()
