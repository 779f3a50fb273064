from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from duban.ledger import Ledger, NotInLedger
from duban.ledger.database.engine import reading, writing
from duban.orders import ChangeOrder, ItemOutcome, ItemSettled, OrderItem, OrderKind, TargetKind

GIVEN = datetime(2026, 11, 27, 1, tzinfo=UTC)
POLICY = "规则" * 10_000


def order(*targets: str, **more: Any) -> ChangeOrder:
    """An order that brings one policy to these tasks, and to each of them roles of its own."""
    fields: dict[str, Any] = {
        "kind": OrderKind.CALENDAR,
        "title": "2027年日历",
        "reason": "国办发明电〔2026〕7号",
        "body": "市委改革办",
        "person": "王五",
        "parts": {"p": {"policy": POLICY}},
        "items": tuple(
            OrderItem(target=target, plan_code="P", act="adopt", fields={"roles": {"of": target}}, parts=("p",))
            for target in targets
        ),
        "ordered_at": GIVEN,
        "ordered_at_real": GIVEN,
    }
    return ChangeOrder(**fields | more)


def settled(target: str, outcome: ItemOutcome, **more: Any) -> ItemSettled:
    return ItemSettled(target=target, outcome=outcome, at_real=GIVEN + timedelta(minutes=1), **more)


def test_an_order_is_kept_as_it_was_given(ledger: Ledger) -> None:
    given = order("P-1", "P-2")

    assert ledger.orders.give(given)

    assert ledger.orders.order(given.id) == given
    row = ledger.orders.order_row(given.id)
    assert (row.items, row.waiting, row.done, row.is_carried_out) == (2, 2, 0, False)
    assert [item.target for item in ledger.orders.item_rows(given.id)] == ["P-1", "P-2"]
    assert given.facts_of(given.items[1]) == {
        "body": "市委改革办",
        "person": "王五",
        "reason": "国办发明电〔2026〕7号",
        "policy": POLICY,
        "roles": {"of": "P-2"},
    }


def test_the_same_order_given_again_later_is_the_same_order(ledger: Ledger) -> None:
    first, later = order("P-1"), order("P-1", ordered_at=GIVEN + timedelta(1), ordered_at_real=GIVEN + timedelta(1))
    ledger.orders.give(first)
    ledger.orders.settle(first.id, [settled("P-1", ItemOutcome.DONE, version=3)])

    assert not ledger.orders.give(later)

    assert later.id == first.id
    [row] = ledger.orders.order_rows()
    assert (row.ordered_at_real, row.done) == (GIVEN, 1)


@pytest.mark.parametrize(
    "other",
    [{"reason": "另一份通知"}, {"basis": "此前的日历"}, {"person": "赵六"}, {"parts": {"p": {"policy": "别的"}}}],
    ids=lambda other: next(iter(other)),
)
def test_whatever_else_it_orders_makes_it_another_order(other: dict[str, Any]) -> None:
    assert order("P-1", **other).id != order("P-1").id


def test_what_has_been_done_stays_done_whichever_machine_says_otherwise_later(ledger: Ledger) -> None:
    given = order("P-1", "P-2", "P-3", "P-4")
    ledger.orders.give(given)
    ledger.orders.settle(
        given.id,
        [
            settled("P-1", ItemOutcome.DONE, version=7),
            settled("P-2", ItemOutcome.REFUSED, reason="不合规则"),
            settled("P-3", ItemOutcome.NOT_CONCERNED, reason="已办结"),
        ],
    )

    assert ledger.orders.unsettled(given.id) == ("P-2", "P-4")
    away = [settled(target, ItemOutcome.WAITING, reason="没有答复") for target in ("P-1", "P-4")]
    ledger.orders.settle(given.id, away)

    rows = {row.target: (row.outcome, row.version, row.reason) for row in ledger.orders.item_rows(given.id)}
    assert rows == {
        "P-1": (ItemOutcome.DONE, 7, ""),
        "P-2": (ItemOutcome.REFUSED, None, "不合规则"),
        "P-3": (ItemOutcome.NOT_CONCERNED, None, "已办结"),
        "P-4": (ItemOutcome.WAITING, None, "没有答复"),
    }


def test_a_common_part_is_kept_once_however_many_are_told(ledger: Ledger) -> None:
    given = order(*(f"P-{number}" for number in range(50)))
    ledger.orders.give(given)

    with reading(ledger.engine) as connection:
        in_items = connection.scalar(text("SELECT sum(length(fields)) + sum(length(parts)) FROM change_items"))
        in_order = connection.scalar(text("SELECT length(parts) FROM change_orders"))
    assert in_items < len(POLICY)
    assert in_order < len(POLICY)


def test_an_order_is_named_by_the_beginning_of_its_name(ledger: Ledger) -> None:
    given = order("P-1")
    ledger.orders.give(given)

    assert ledger.orders.named(given.id[:4]) == given.id
    for unknown in ("", "zzzz", "%", "_"):
        with pytest.raises(NotInLedger, match="没有变更单"):
            ledger.orders.named(unknown)


def test_an_order_that_somebody_altered_is_found(ledger: Ledger) -> None:
    given = order("P-1")
    ledger.orders.give(given)
    assert ledger.proofs.check_strangers() == ()

    with writing(ledger.engine) as connection:
        connection.execute(text('UPDATE change_items SET fields = \'{"roles": {"of": "P-9"}}\''))

    [finding] = ledger.proofs.check_strangers()
    assert str(finding) == f"变更单 {given.id}：内容 写入后被改动过"


def test_an_order_tells_each_target_one_thing() -> None:
    with pytest.raises(ValueError, match="each target one thing"):
        order("P-1", "P-1")
    with pytest.raises(ValueError, match="without these parts"):
        order("P-1", parts={})


def test_a_plan_may_be_told_beside_its_tasks(ledger: Ledger) -> None:
    item = OrderItem(target="P", target_kind=TargetKind.PLAN, plan_code="P", act="adopt", fields={"body": "旧办公室"})
    given = order(items=(item,), parts={})
    ledger.orders.give(given)

    assert ledger.orders.order(given.id).facts_of(item)["body"] == "旧办公室"
