"""Quiet hours, sending times and the week's budget, as the claim applies them."""

from datetime import UTC, date, datetime, timedelta

from duban.contracts import Delivery, DeliveryOutcome
from duban.ledger import Ledger
from duban.ledger.delivery.sending_orders import SendingOrder
from duban.supervision.bundling import NO_RULES, QuietHours, SendingRules
from duban.supervision.days.clock import TaskClock
from duban.supervision.tasks.entries import NoticeIntent, NoticeKind, NoticesWithdrawn
from tests.ledger.building import batch, entry, notice, plan, real, registration, task
from tests.ledger.building import register as register_fast

MONDAY = datetime(2022, 4, 18, 1, tzinfo=UTC)
"""Nine o'clock in Shanghai."""
HOUR = timedelta(hours=1)
OFFICE = TaskClock()
QUIET = SendingRules(quiet=QuietHours(begins=20 * 60, ends=8 * 60))
TWO_A_WEEK = SendingRules(weekly=2)


def register(ledger: Ledger, *intents: NoticeIntent) -> None:
    """A plan on the office's own clock, with these notices."""
    stored = plan(task("P-1"))
    first = batch("P-1", entry(1)).model_copy(update={"clock": OFFICE})
    asked = registration(stored, ledger.plans.store_plan(stored), [first]).model_copy(update={"clock": OFFICE})
    ledger.plans.register_plan(asked)
    ledger.tasks.record(batch("P-1", entry(2, *intents)).model_copy(update={"clock": OFFICE}))


def due(key: str, at: datetime, kind: NoticeKind = NoticeKind.REMINDER, respond_by: date | None = None) -> NoticeIntent:
    return notice(key, kind=kind).model_copy(
        update={"issued_at": at, "deliver_not_before": at, "respond_by": respond_by}
    )


def claim(ledger: Ledger, now: datetime, rules: SendingRules, limit: int = 50) -> Delivery | None:
    return ledger.deliveries.claim("统计局", now, rules=rules, limit=limit)


def deliver(ledger: Ledger, now: datetime, rules: SendingRules) -> list[str]:
    delivery = claim(ledger, now, rules)
    assert delivery is not None
    ledger.deliveries.settle(delivery.id, delivery.attempt, DeliveryOutcome.DELIVERED, now)
    return [each.intent.key for each in delivery.notices]


def waiting(ledger: Ledger, now: datetime, rules: SendingRules) -> list[str]:
    return list(ledger.deliveries.kept_waiting(now, lambda _body: rules))


def test_what_falls_in_quiet_hours_goes_at_their_end_and_keeps_its_own_moments(ledger: Ledger) -> None:
    at_night = MONDAY + 12 * HOUR
    register(ledger, due("a", at_night))
    assert claim(ledger, at_night, QUIET) is None
    morning = MONDAY + 23 * HOUR
    assert ledger.deliveries.next_delivery_at("统计局", at_night, rules=QUIET) == morning

    assert deliver(ledger, morning, QUIET) == ["a"]
    row = ledger.rows.notice_rows()[0]
    assert (row.issued_at, row.delivered_at) == (at_night, morning)


def test_nothing_is_tried_again_in_quiet_hours_and_nobody_asks_all_night(ledger: Ledger) -> None:
    register(ledger, due("a", MONDAY))
    evening = MONDAY + 10 * HOUR
    first = claim(ledger, evening, QUIET)
    assert first is not None
    ledger.deliveries.settle(first.id, 1, DeliveryOutcome.RETRY, evening, "503", evening + 2 * HOUR)
    at_night, morning = evening + 3 * HOUR, MONDAY + 23 * HOUR

    assert claim(ledger, at_night, QUIET) is None
    assert ledger.deliveries.next_delivery_at("统计局", at_night, rules=QUIET) == morning
    again = claim(ledger, morning, QUIET)
    assert again is not None
    assert again.attempt == 2


def test_an_attempt_lost_before_the_night_is_taken_up_in_the_morning(ledger: Ledger) -> None:
    register(ledger, due("a", MONDAY))
    assert claim(ledger, MONDAY + 10 * HOUR, QUIET) is not None
    at_night, morning = MONDAY + 12 * HOUR, MONDAY + 23 * HOUR
    assert claim(ledger, at_night, QUIET) is None
    assert ledger.deliveries.next_delivery_at("统计局", at_night, rules=QUIET) == morning


def test_what_becomes_due_in_one_morning_goes_in_one_message(ledger: Ledger) -> None:
    rules = SendingRules(send_at=(10 * 60 + 30,))
    register(ledger, due("a", MONDAY), due("b", MONDAY + HOUR), due("c", MONDAY + 3 * HOUR))
    at = MONDAY + timedelta(minutes=90)
    assert claim(ledger, MONDAY + HOUR, rules) is None
    assert ledger.deliveries.next_delivery_at("统计局", MONDAY + HOUR, rules=rules) == at
    assert deliver(ledger, at, rules) == ["a", "b"]


def test_when_the_week_s_messages_are_used_up_a_chase_waits_and_rides_along_with_a_reminder(ledger: Ledger) -> None:
    register(
        ledger,
        *(due(key, MONDAY + n * HOUR) for n, key in enumerate("ab")),
        due("chase", MONDAY + 2 * HOUR, NoticeKind.CHASE),
        due("advance", MONDAY + 2 * HOUR, NoticeKind.ADVANCE_NOTICE, date(2022, 5, 10)),
        due("r", MONDAY + 50 * HOUR),
    )
    for n, key in enumerate("ab"):
        assert deliver(ledger, MONDAY + n * HOUR, TWO_A_WEEK) == [key]
    assert claim(ledger, MONDAY + 4 * HOUR, TWO_A_WEEK) is None
    assert ledger.deliveries.next_delivery_at("统计局", MONDAY + 4 * HOUR, rules=TWO_A_WEEK) == MONDAY + 50 * HOUR

    assert deliver(ledger, MONDAY + 50 * HOUR, TWO_A_WEEK) == ["chase", "advance", "r"]


def test_a_chase_that_no_reminder_takes_along_goes_in_the_next_week(ledger: Ledger) -> None:
    register(ledger, due("a", MONDAY), due("b", MONDAY + HOUR), due("chase", MONDAY + 2 * HOUR, NoticeKind.CHASE))
    for n in range(2):
        deliver(ledger, MONDAY + n * HOUR, TWO_A_WEEK)
    next_week = MONDAY + timedelta(days=7) + 2 * HOUR
    assert ledger.deliveries.next_delivery_at("统计局", MONDAY + 3 * HOUR, rules=TWO_A_WEEK) == next_week
    assert deliver(ledger, next_week, TWO_A_WEEK) == ["chase"]


def test_an_announcement_goes_despite_the_budget_where_the_next_week_would_be_too_late(ledger: Ledger) -> None:
    register(
        ledger,
        due("a", MONDAY),
        due("b", MONDAY + HOUR),
        due("advance", MONDAY + 2 * HOUR, NoticeKind.ADVANCE_NOTICE, date(2022, 4, 22)),
    )
    for n in range(2):
        deliver(ledger, MONDAY + n * HOUR, TWO_A_WEEK)
    assert deliver(ledger, MONDAY + 2 * HOUR, TWO_A_WEEK) == ["advance"]


def test_urgent_notices_come_first_where_a_message_has_not_room_for_all(ledger: Ledger) -> None:
    register(
        ledger,
        due("a", MONDAY),
        due("b", MONDAY + HOUR),
        *(due(f"chase{n}", MONDAY + HOUR, NoticeKind.CHASE) for n in range(3)),
        due("r", MONDAY + 2 * HOUR),
    )
    first = claim(ledger, MONDAY, TWO_A_WEEK)
    assert first is not None
    ledger.deliveries.settle(first.id, 1, DeliveryOutcome.DELIVERED, MONDAY)
    second = claim(ledger, MONDAY + HOUR, TWO_A_WEEK, limit=1)
    assert second is not None
    ledger.deliveries.settle(second.id, 1, DeliveryOutcome.DELIVERED, MONDAY + HOUR)
    third = claim(ledger, MONDAY + 2 * HOUR, TWO_A_WEEK, limit=2)
    assert third is not None
    assert [each.intent.key for each in third.notices] == ["chase0", "r"]


def test_a_message_of_which_nothing_was_true_any_more_has_used_up_nothing(ledger: Ledger) -> None:
    register(ledger, due("a", MONDAY), due("chase", MONDAY + HOUR, NoticeKind.CHASE))
    one_a_week = SendingRules(weekly=1)
    lost = claim(ledger, MONDAY, one_a_week)
    assert lost is not None
    ledger.deliveries.settle(lost.id, 1, DeliveryOutcome.RETRY, MONDAY, "503", MONDAY)
    ledger.tasks.record(
        batch("P-1", entry(3, NoticesWithdrawn(subjects=("a",), reason="已报送"))).model_copy(update={"clock": OFFICE})
    )
    assert deliver(ledger, MONDAY + HOUR, one_a_week) == ["chase"]


def test_a_week_on_a_fast_clock_is_a_week_of_business_time(ledger: Ledger) -> None:
    register_fast(ledger, plan(task("P-1")))
    ledger.tasks.record(batch("P-1", entry(2, notice("a", day=4.1), notice("b", day=4.2, kind=NoticeKind.CHASE))))
    one_a_week = SendingRules(weekly=1)
    assert deliver(ledger, real(4.1), one_a_week) == ["a"]
    assert claim(ledger, real(4.3), one_a_week) is None
    held_until = ledger.deliveries.next_delivery_at("统计局", real(4.3), rules=one_a_week)
    assert held_until is not None
    assert held_until - real(4.3) < timedelta(seconds=7), "a business day is a real second"
    assert deliver(ledger, held_until, one_a_week) == ["b"]


def test_a_body_is_kept_waiting_a_quarter_of_an_hour_after_its_hours_allow_and_not_before(ledger: Ledger) -> None:
    at_night, morning, quarter = MONDAY + 12 * HOUR, MONDAY + 23 * HOUR, HOUR / 4
    register(ledger, due("a", at_night))
    assert waiting(ledger, at_night + quarter, NO_RULES) == ["统计局"]
    assert waiting(ledger, at_night + quarter / 2, NO_RULES) == []
    assert waiting(ledger, morning - HOUR, QUIET) == []
    assert waiting(ledger, morning + quarter / 2, QUIET) == []
    assert waiting(ledger, morning + quarter, QUIET) == ["统计局"]


def test_nobody_is_kept_waiting_by_the_budget_by_another_attempt_or_by_an_order_to_stop(ledger: Ledger) -> None:
    register(ledger, *(due(name, MONDAY + at * HOUR, NoticeKind.CHASE) for at, name in enumerate("abc")))
    for passed in (0, 1):
        deliver(ledger, MONDAY + passed * HOUR, TWO_A_WEEK)
    later = MONDAY + 5 * HOUR
    assert waiting(ledger, later, TWO_A_WEEK) == []
    assert waiting(ledger, later, NO_RULES) == ["统计局"]

    order = SendingOrder(stops=True, given_at=later, given_by="王五", reason="")
    ledger.sending.give(order)
    assert waiting(ledger, later, NO_RULES) == []
    ledger.sending.give(order.model_copy(update={"stops": False}))

    delivery = claim(ledger, later, NO_RULES)
    assert delivery is not None
    tomorrow = later + 24 * HOUR
    ledger.deliveries.settle(delivery.id, delivery.attempt, DeliveryOutcome.RETRY, later, retry_at=tomorrow)
    assert waiting(ledger, later + 2 * HOUR, NO_RULES) == []
    assert waiting(ledger, tomorrow + HOUR, NO_RULES) == ["统计局"]
