from datetime import UTC, datetime
from pathlib import Path

from duban.ledger import Ledger, migrate
from duban.ledger.copies.copies import copy_ledger, prepare_copy
from duban.orders import ItemOutcome
from tests.changes.years import year_2027
from tests.ledger.test_change_orders import order, settled


def test_a_copy_of_the_ledger_has_what_was_ordered_and_how_far_it_came(tmp_path: Path) -> None:
    url, file = f"sqlite:///{tmp_path / 'duban.db'}", tmp_path / "copy.db"
    migrate(url)
    ledger = Ledger.open(url)
    given, year = order("P-1", "P-2"), year_2027(tmp_path)
    ledger.orders.give(given)
    ledger.orders.settle(given.id, [settled("P-1", ItemOutcome.DONE, version=4)])
    ledger.years.adopt(year, "市委改革办", "王五", datetime(2026, 11, 27, tzinfo=UTC))
    copy_ledger(url, file)
    ledger.close()

    prepare_copy(file)

    kept = Ledger.open(f"sqlite:///{file}")
    assert kept.orders.order(given.id) == given
    assert kept.orders.unsettled(given.id) == ("P-2",)
    assert kept.years.announced() == {2027: year}
    assert kept.proofs.check_strangers() == ()
    kept.close()
