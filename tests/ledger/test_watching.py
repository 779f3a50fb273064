"""What those see who look after an installation, on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from duban.contracts import DeliveryOutcome
from duban.ledger import Ledger, migrate
from duban.ledger.questions.watching import OVERDUE, Owed
from duban.supervision.rules.owed import Duty
from duban.supervision.tasks.entries import ObligationChange, ObligationStatus
from tests.ledger.building import at, batch, entry, notice, plan, real, register, task


@pytest.fixture
def ledger(database_url: str) -> Iterator[Ledger]:
    migrate(database_url)
    door = Ledger.open(database_url)
    register(door, plan(*(task(f"P-{number}") for number in (1, 2, 3))))
    yield door
    door.close()


def _owed(number: int, *, chases: int = 0, status: ObligationStatus = ObligationStatus.OPEN) -> ObligationChange:
    return ObligationChange(
        id=f"o{number}",
        duty=Duty.CALL_RECORD,
        owed_by="统计局",
        subject="phone",
        asked_at=at(1),
        due_on=date(2022, 4, 18),
        chases=chases,
        status=status,
    )


def test_a_database_says_what_it_is_and_its_time_where_that_is_its_own(ledger: Ledger) -> None:
    told = ledger.watch.database()
    assert told.version[0].isdigit()
    assert told.encrypted is None  # it is on this machine
    if told.kind == "sqlite":
        assert told.now is None
    else:
        assert told.kind == "postgresql"
        assert told.now is not None
        assert abs(told.now - datetime.now(UTC)) < timedelta(minutes=5)


def test_what_is_pending_is_overdue_a_quarter_of_an_hour_after_its_moment(ledger: Ledger) -> None:
    ledger.tasks.record(batch("P-1", entry(2, notice("a", day=3), notice("b", day=9))))
    before, after = (ledger.watch.unsent(real(3) + OVERDUE + timedelta(seconds=each)) for each in (-0.5, 0.5))
    assert (before.pending, before.overdue, before.overdue_since) == (2, 0, None)
    # The fast clock's other notice is due seconds later.
    assert (after.pending, after.overdue, after.overdue_since) == (2, 1, real(3))


def test_a_message_is_sending_then_retrying_then_undeliverable_until_it_is_withdrawn(ledger: Ledger) -> None:
    ledger.tasks.record(batch("P-1", entry(2, notice("a"))))
    claimed = ledger.deliveries.claim("统计局", real(5), lease=timedelta())
    assert claimed is not None
    sending = ledger.watch.unsent(real(5))
    ledger.deliveries.settle(claimed.id, 1, DeliveryOutcome.RETRY, real(5), retry_at=real(6))
    retrying = ledger.watch.unsent(real(5))
    again = ledger.deliveries.claim("统计局", real(7), lease=timedelta())
    assert again is not None
    ledger.deliveries.settle(claimed.id, 2, DeliveryOutcome.UNDELIVERABLE, real(7))
    dead = ledger.watch.unsent(real(7))

    assert [(each.sending, each.retrying, each.undeliverable) for each in (sending, retrying, dead)] == [
        (1, 0, 0),
        (1, 1, 0),
        (0, 0, 1),
    ]


def test_what_is_owed_and_chased_is_counted_until_it_has_come_back(ledger: Ledger) -> None:
    ledger.tasks.record(batch("P-1", entry(2, _owed(1), _owed(2, chases=2))))
    ledger.tasks.record(batch("P-2", entry(2, _owed(3, status=ObligationStatus.MET))))
    assert ledger.watch.owed() == Owed(open=2, chased=1)


def test_the_tasks_whose_moments_come_first_are_those_that_act_next(ledger: Ledger) -> None:
    for number, days in ((1, 9), (2, 3), (3, 6)):
        closes = number == 3
        ledger.tasks.record(batch(f"P-{number}", entry(2), next_moment_at=at(days), closes=closes))
    assert ledger.watch.next_to_act(5) == ("P-2", "P-1")
    assert ledger.watch.next_to_act(1) == ("P-2",)
