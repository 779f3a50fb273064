from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from duban.contracts import Delivery, DeliveryOutcome
from duban.ledger import Ledger, LedgerConflict, NotInLedger
from duban.ledger.database.engine import writing
from duban.ledger.delivery.numbering import allot_numbers
from duban.ledger.tables.notice_tables import NoticeStatus
from duban.supervision.tasks.entries import NoticeKind, NoticesWithdrawn
from tests.ledger.building import at, batch, entry, notice, plan, real, register, task

MINUTE = timedelta(minutes=1)
LATER = real(9) + timedelta(days=1)


def claimed(ledger: Ledger, now: object = None, body: str = "统计局") -> Delivery:
    delivery = ledger.deliveries.claim(body, real(9) if now is None else now)  # type: ignore[arg-type] # a moment
    assert delivery is not None
    return delivery


def statuses(ledger: Ledger) -> dict[str, NoticeStatus]:
    return {row.idempotency_key.split("/", 2)[2]: row.status for row in ledger.rows.notice_rows()}


@pytest.fixture
def told(ledger: Ledger) -> Ledger:
    """A ledger with three notices: two to one body, one to another."""
    register(ledger, plan(task("P-1")))
    ledger.tasks.record(
        batch(
            "P-1", entry(2, notice("a", day=2), notice("b", day=5), notice("a", to="财政局", day=3, paper="催办通知"))
        )
    )
    return ledger


def test_a_notice_is_claimed_when_its_moment_has_come_and_only_once(told: Ledger) -> None:
    assert told.deliveries.claim("统计局", real(1)) is None
    assert told.deliveries.next_delivery_at("统计局", real(1)) == real(2)

    first = claimed(told, real(3))

    assert [n.idempotency_key for n in first.notices] == ["P-1/1/a/统计局"]
    assert (first.attempt, first.uncertain, first.claimed_at) == (1, False, at(3))
    assert (first.notices[0].task_title, first.notices[0].plan_title) == ("事项P-1", "改革方案")
    assert first.notices[0].intent == notice("a", day=2)
    assert told.deliveries.claim("统计局", real(4)) is None


def test_all_that_is_due_to_a_body_goes_in_one_message(told: Ledger) -> None:
    delivery = claimed(told)

    assert [n.intent.key for n in delivery.notices] == ["a", "b"]
    other = claimed(told, body="财政局")
    assert str(other.notices[0].paper) == "催办通知〔2022〕1号"
    assert other.id != delivery.id


def test_a_message_has_no_more_notices_than_allowed(told: Ledger) -> None:
    first = told.deliveries.claim("统计局", real(9), limit=1)
    assert first is not None
    told.deliveries.settle(first.id, 1, DeliveryOutcome.DELIVERED, real(9))
    second = told.deliveries.claim("统计局", real(9), limit=1)
    assert second is not None

    assert [first.notices[0].intent.key, second.notices[0].intent.key] == ["a", "b"]


def test_a_delivered_notice_shows_when_in_business_time_and_in_real_time(told: Ledger) -> None:
    delivery = claimed(told)
    told.deliveries.settle(delivery.id, 1, DeliveryOutcome.DELIVERED, real(10), channel="outbox")

    row = told.rows.notice_rows()[0]
    assert (row.status, row.delivered_at, row.delivered_at_real, row.channel) == (
        NoticeStatus.DELIVERED,
        at(10),
        real(10),
        "outbox",
    )
    assert told.deliveries.claim("统计局", LATER) is None
    assert told.deliveries.next_delivery_at("统计局", LATER) is None


def test_a_retry_waits_for_its_moment_and_is_not_uncertain(told: Ledger) -> None:
    first = claimed(told, real(9))
    told.deliveries.settle(first.id, 1, DeliveryOutcome.RETRY, real(9), "503", real(9) + MINUTE)

    assert told.deliveries.claim("统计局", real(9)) is None
    assert told.deliveries.next_delivery_at("统计局", real(9)) == real(9) + MINUTE
    again = claimed(told, real(9) + MINUTE)
    assert (again.id, again.attempt, again.uncertain) == (first.id, 2, False)
    assert again.notices == first.notices


def test_an_attempt_lost_in_a_crash_is_given_out_again_as_uncertain_before_anything_new(told: Ledger) -> None:
    lost = claimed(told, real(3))
    assert told.deliveries.claim("统计局", real(9)) is None, "somebody may still be sending it"
    assert told.deliveries.next_delivery_at("统计局", real(9)) == real(3) + MINUTE

    again = claimed(told, real(3) + MINUTE)

    assert (again.id, again.attempt, again.uncertain) == (lost.id, 2, True)
    assert [n.intent.key for n in again.notices] == ["a"]
    told.deliveries.settle(again.id, 2, DeliveryOutcome.DELIVERED, LATER)
    assert [n.intent.key for n in claimed(told, LATER).notices] == ["b"]


def test_a_success_that_is_reported_late_counts(told: Ledger) -> None:
    lost = claimed(told, real(9))
    claimed(told, real(9) + MINUTE)

    told.deliveries.settle(lost.id, 1, DeliveryOutcome.DELIVERED, LATER)
    told.deliveries.settle(lost.id, 2, DeliveryOutcome.RETRY, LATER, "timeout", LATER)

    assert statuses(told)["a/统计局"] is NoticeStatus.DELIVERED
    assert told.deliveries.claim("统计局", LATER) is None


def test_settling_the_same_outcome_again_changes_nothing(told: Ledger) -> None:
    delivery = claimed(told)
    told.deliveries.settle(delivery.id, 1, DeliveryOutcome.DELIVERED, real(10))
    told.deliveries.settle(delivery.id, 1, DeliveryOutcome.DELIVERED, real(11))

    assert told.rows.notice_rows()[0].delivered_at == at(10)
    with pytest.raises(NotInLedger):
        told.deliveries.settle(delivery.id, 2, DeliveryOutcome.DELIVERED, real(11))
    with pytest.raises(NotInLedger):
        told.deliveries.settle("nothing", 1, DeliveryOutcome.DELIVERED, real(11))


def test_what_cannot_be_delivered_is_listed_and_can_be_sent_again_under_its_number(told: Ledger) -> None:
    delivery = claimed(told)
    told.deliveries.settle(delivery.id, 1, DeliveryOutcome.UNDELIVERABLE, real(9), "410")
    assert told.deliveries.claim("统计局", LATER) is None

    [listed] = told.deliveries.undeliverable()
    assert (listed.delivery_id, listed.recipient, listed.detail, listed.still_true) == (
        delivery.id,
        "统计局",
        "410",
        True,
    )
    assert listed.idempotency_keys == ("P-1/1/a/统计局", "P-1/1/b/统计局")

    assert told.deliveries.send_again([delivery.id], LATER) == ("统计局",)
    assert told.deliveries.undeliverable() == ()
    assert told.deliveries.bodies_with_due_notices(LATER) == ("统计局", "财政局")
    again = claimed(told, LATER)
    assert (again.id, again.attempt, again.notices) == (delivery.id, 2, delivery.notices)
    with pytest.raises(LedgerConflict):
        told.deliveries.send_again([delivery.id], LATER)


@pytest.mark.parametrize(
    ("withdrawal", "left"),
    [
        (NoticesWithdrawn(subjects=("e1",), reason="已完成"), {"e10/phone", "m1"}),
        (NoticesWithdrawn(subjects=("e1/phone",), reason="已完成"), {"e1/written", "e10/phone", "m1"}),
        (NoticesWithdrawn(subjects=("e1", "m1"), reason="已完成"), {"e10/phone"}),
        (
            NoticesWithdrawn(subjects=("e1", "m1"), kinds=(NoticeKind.CHASE,), reason="已完成"),
            {"e1/written", "e10/phone", "m1"},
        ),
        (NoticesWithdrawn(subjects=("",), reason="已销号"), set()),
        (NoticesWithdrawn(subjects=("e_",), reason="已完成"), {"e1/phone", "e1/written", "e10/phone", "m1"}),
        (NoticesWithdrawn(subjects=("E1", "M1"), reason="已完成"), {"e1/phone", "e1/written", "e10/phone", "m1"}),
    ],
)
@pytest.mark.parametrize("in_one_batch", [True, False])
def test_pending_notices_are_withdrawn_by_subject_and_what_lies_under_it(
    ledger: Ledger, withdrawal: NoticesWithdrawn, left: set[str], in_one_batch: bool
) -> None:
    register(ledger, plan(task("P-1"), task("P-2")))
    notices = (
        notice("e1/phone", kind=NoticeKind.CHASE),
        notice("e1/written"),
        notice("e10/phone"),
        notice("m1"),
    )
    ledger.tasks.record(batch("P-2", entry(2, *notices)))
    if in_one_batch:
        ledger.tasks.record(batch("P-1", entry(2, *notices), entry(3, withdrawal)))
    else:
        ledger.tasks.record(batch("P-1", entry(2, *notices)))
        ledger.tasks.record(batch("P-1", entry(3, withdrawal)))

    rows = ledger.rows.notice_rows(task="P-1")
    assert {
        row.idempotency_key.split("/", 2)[2].removesuffix("/统计局") for row in rows if row.status == "pending"
    } == left
    assert {row.withdraw_reason for row in rows if row.status == "withdrawn"} <= {withdrawal.reason}
    assert {row.status for row in ledger.rows.notice_rows(task="P-2")} == {NoticeStatus.PENDING}
    delivery = ledger.deliveries.claim("统计局", real(9))
    assert delivery is not None
    assert {n.intent.key for n in delivery.notices if n.task_code == "P-1"} == left


def test_what_is_withdrawn_while_a_message_waits_is_left_out_of_its_next_attempt(told: Ledger) -> None:
    first = claimed(told)
    told.tasks.record(batch("P-1", entry(3, NoticesWithdrawn(subjects=("a",), reason="已完成"))))
    told.deliveries.settle(first.id, 1, DeliveryOutcome.RETRY, real(9), "503", real(9))

    again = claimed(told)

    assert (again.id, [n.intent.key for n in again.notices]) == (first.id, ["b"])
    assert statuses(told)["a/统计局"] is NoticeStatus.WITHDRAWN


def test_a_message_of_which_nothing_is_true_any_more_is_not_sent(told: Ledger) -> None:
    first = claimed(told)
    told.tasks.record(batch("P-1", entry(3, NoticesWithdrawn(subjects=("",), reason="已销号"))))
    told.deliveries.settle(first.id, 1, DeliveryOutcome.RETRY, real(9), "503", real(9))

    assert told.deliveries.claim("统计局", LATER) is None
    assert set(statuses(told).values()) == {NoticeStatus.WITHDRAWN}
    assert told.deliveries.next_delivery_at("统计局", LATER) is None


def test_an_undeliverable_message_that_is_no_longer_true_is_not_sent_again(told: Ledger) -> None:
    first = claimed(told)
    told.deliveries.settle(first.id, 1, DeliveryOutcome.UNDELIVERABLE, real(9), "410")
    told.tasks.record(batch("P-1", entry(3, NoticesWithdrawn(subjects=("",), reason="已销号"))))

    assert [row.still_true for row in told.deliveries.undeliverable()] == [False]
    with pytest.raises(LedgerConflict, match="撤回"):
        told.deliveries.send_again([first.id], LATER)


def test_what_was_withdrawn_before_a_message_is_sent_again_is_not_taken_for_delivered(told: Ledger) -> None:
    first = claimed(told)
    told.deliveries.settle(first.id, 1, DeliveryOutcome.UNDELIVERABLE, real(9), "410")
    told.tasks.record(batch("P-1", entry(3, NoticesWithdrawn(subjects=("a",), reason="已完成"))))

    told.deliveries.send_again([first.id], LATER)
    again = claimed(told, LATER)
    told.deliveries.settle(again.id, 2, DeliveryOutcome.DELIVERED, LATER)

    assert [n.intent.key for n in again.notices] == ["b"]
    assert (statuses(told)["a/统计局"], statuses(told)["b/统计局"]) == (NoticeStatus.WITHDRAWN, NoticeStatus.DELIVERED)


def test_what_an_attempt_carried_is_delivered_by_its_late_success_though_it_was_withdrawn_meanwhile(
    told: Ledger,
) -> None:
    """The body has it in hand: the ledger says what happened."""
    lost = claimed(told, real(9))
    told.tasks.record(batch("P-1", entry(3, NoticesWithdrawn(subjects=("a",), reason="已完成"))))
    again = claimed(told, real(9) + MINUTE)
    assert [n.intent.key for n in again.notices] == ["b"]

    told.deliveries.settle(lost.id, 2, DeliveryOutcome.DELIVERED, LATER)
    assert statuses(told)["a/统计局"] is NoticeStatus.WITHDRAWN
    told.deliveries.settle(lost.id, 1, DeliveryOutcome.DELIVERED, LATER)

    assert statuses(told)["a/统计局"] is NoticeStatus.DELIVERED
    assert told.rows.notice_rows()[0].withdraw_reason == "已完成"


def test_the_late_success_of_a_message_that_was_withdrawn_whole_counts(told: Ledger) -> None:
    lost = claimed(told, real(9))
    told.tasks.record(batch("P-1", entry(3, NoticesWithdrawn(subjects=("",), reason="已销号"))))
    assert told.deliveries.claim("统计局", real(9) + MINUTE) is None

    told.deliveries.settle(lost.id, 1, DeliveryOutcome.DELIVERED, LATER)

    assert (statuses(told)["a/统计局"], statuses(told)["b/统计局"]) == (NoticeStatus.DELIVERED, NoticeStatus.DELIVERED)
    assert statuses(told)["a/财政局"] is NoticeStatus.WITHDRAWN


def at_once(count: int, act: Callable[[int], object]) -> list[object]:
    """What several threads get that begin together."""
    together = Barrier(count)

    def run(number: int) -> object:
        together.wait()
        return act(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def test_claimers_at_the_same_moment_never_get_the_same_notice(ledger: Ledger) -> None:
    register(ledger, plan(task("P-1")))
    ledger.tasks.record(batch("P-1", entry(2, *(notice(f"n{n}") for n in range(40)))))
    sent: list[str] = []

    def send_all(_: int) -> None:
        for _attempt in range(60):
            delivery = ledger.deliveries.claim("统计局", real(9), limit=3)
            if delivery is not None:
                assert delivery.attempt == 1
                sent.extend(n.idempotency_key for n in delivery.notices)
                ledger.deliveries.settle(delivery.id, 1, DeliveryOutcome.DELIVERED, real(9))

    at_once(4, send_all)

    assert len(sent) == len(set(sent)) == 40


def crash_after_numbering(ledger: Ledger) -> None:
    """A writer that has got its numbers, and then its transaction is rolled back."""
    with writing(ledger.engine) as connection:
        allot_numbers(connection, [("通报", 2022), ("催办通知", 2022), ("通报", 2022)])
        raise RuntimeError("a crash")


def test_paper_numbers_have_no_gap_though_writers_meet_and_some_are_rolled_back(ledger: Ledger) -> None:
    codes = [f"P-{n}" for n in range(1, 9)]
    register(ledger, plan(*(task(code) for code in codes)))

    def write(number: int) -> None:
        for version in range(2, 8):
            with pytest.raises(RuntimeError, match="a crash"):
                crash_after_numbering(ledger)
            papers = (notice(f"w{version}", paper="催办通知"), notice(f"c{version}", paper="通报"))
            ledger.tasks.record(batch(codes[number], entry(version, *(papers if number % 2 else papers[::-1]))))

    at_once(len(codes), write)

    papers = [row.paper for row in ledger.rows.notice_rows()]
    for series in ("催办通知", "通报"):
        assert sorted(p for p in papers if p and p.startswith(series)) == sorted(
            f"{series}〔2022〕{n}号" for n in range(1, 49)
        )


def test_of_two_tasks_that_close_at_the_same_moment_one_finishes_the_plan(ledger: Ledger) -> None:
    codes = [f"P-{n}" for n in range(1, 7)]
    register(ledger, plan(*(task(code) for code in codes)))

    receipts = at_once(len(codes), lambda n: ledger.tasks.record(batch(codes[n], entry(2), closes=True)).plan_finished)

    assert receipts.count(True) == 1


def test_a_retry_that_meets_its_first_attempt_writes_once(ledger: Ledger) -> None:
    register(ledger, plan(task("P-1")))
    own = batch("P-1", entry(2, notice("a", paper="催办通知")))

    receipts = at_once(4, lambda _: ledger.tasks.record(own).version)

    assert receipts == [2, 2, 2, 2]
    assert [row.paper for row in ledger.rows.notice_rows()] == ["催办通知〔2022〕1号"]
