"""What outcomes ask of tasks and plans, in the ledger: taken up once, settled, shown to those who keep the register."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from duban.changes.asked_orders import order_of
from duban.contracts import PlanClosure, StoredPlan
from duban.ledger import Ledger, PlanRegistration
from duban.orders import ItemOutcome, ItemSettled, OrderKind
from duban.registers import RegisterClosure
from duban.supervision.plans.plan import PlanDefinition
from duban.supervision.rules.asks import AskedAct
from duban.supervision.tasks.entries import AskChange
from tests.ledger.building import EPOCH, FAST, POLICY, at, batch, entry, plan, real, register, task
from tests.own_office import NAME, own_office

ASK = AskChange(
    key="s1/settle/asks/1",
    act=AskedAct.AMEND,
    targets=("P-1", "没有-1"),
    fields={"new_due_on": "2023-03-31", "reason": "盘点（据事项 P-2）", "lists": ("key", "annual")},
    body="改革办",
    person="张三",
    at=at(2),
)


@pytest.fixture
def begun(ledger: Ledger, tmp_path: Path) -> Ledger:
    """A ledger with a register of the office, and a plan whose second task asks something."""
    rulebook, organisation = own_office(tmp_path)
    definition = PlanDefinition(code="QY-2022", title="登记簿", issued_on=date(2022, 1, 1), regime=NAME)
    content = StoredPlan(definition=definition, organisation=organisation, policy=POLICY, rulebook=rulebook)
    digest = ledger.plans.store_plan(content)
    ledger.plans.register_plan(
        PlanRegistration(digest=digest, plan=content, clock=FAST, registered_at=EPOCH, batches=())
    )
    issued = plan(task("P-1"), task("P-2"))
    register(ledger, issued.model_copy(update={"definition": issued.definition.model_copy(update={"regime": NAME})}))
    ledger.tasks.record(batch("P-2", entry(2, ASK)))
    ledger.tasks.record(batch("P-2", entry(2, ASK)))
    return ledger


def given(ledger: Ledger) -> str:
    [wish] = ledger.asks.without_order("QY-2022", 10)
    order = order_of(wish)
    assert ledger.orders.give(order)
    return order.id


def settled(ledger: Ledger, order: str, **outcomes: ItemOutcome) -> None:
    now = datetime(2026, 1, 3, tzinfo=UTC)
    codes = {"known": "P-1", "unknown": "没有-1"}
    ledger.orders.settle(
        order,
        [
            ItemSettled(target=codes[name], outcome=outcome, reason="" if outcome == "done" else "不受理", at_real=now)
            for name, outcome in outcomes.items()
        ],
    )


def test_a_wish_is_taken_up_once_as_an_order_of_whoever_took_the_step(begun: Ledger) -> None:
    assert [row.outcome for row in begun.asks.of_item("P-2")] == [ItemOutcome.WAITING] * 2
    [wish] = begun.asks.without_order("QY-2022", 10)
    order = order_of(wish)
    assert begun.orders.give(order)
    assert begun.asks.without_order("QY-2022", 10) == ()
    again = order.model_copy(update={"title": "另一版本的措辞"})
    assert again.id != order.id
    assert not begun.orders.give(again)
    assert [row.id for row in begun.orders.order_rows()] == [order.id]
    kept = begun.orders.order(order.id)
    assert (kept.kind, kept.basis) == (OrderKind.OUTCOME, "item/P-2/1/s1/settle/asks/1")
    assert (kept.body, kept.person, kept.ordered_at_real) == ("改革办", "张三", real(2))
    assert [(item.target, item.plan_code, item.act) for item in kept.items] == [
        ("P-1", "P", "amend"),
        ("没有-1", "没有-1", "amend"),
    ]
    assert kept.facts_of(kept.items[0]) == {
        "body": "改革办",
        "person": "张三",
        "new_due_on": "2023-03-31",
        "reason": "盘点（据事项 P-2）",
        "lists": ["key", "annual"],
    }
    assert begun.asks.wish(kept.basis) == wish.model_copy(update={"plans": {}})
    assert [found for _, found in begun.proofs.check(rows=True)] == [()]


def test_what_is_settled_is_asked_no_more_and_what_was_refused_only_by_people(begun: Ledger) -> None:
    order = given(begun)
    assert begun.asks.unfinished("QY-2022") == (order,)
    settled(begun, order, known=ItemOutcome.WAITING, unknown=ItemOutcome.REFUSED)
    assert begun.asks.unfinished("QY-2022") == (order,)
    assert begun.orders.unsettled(order, refused=False) == ("P-1",)
    assert begun.orders.unsettled(order) == ("P-1", "没有-1")
    settled(begun, order, known=ItemOutcome.DONE)
    assert begun.asks.unfinished("QY-2022") == ()
    rows = begun.asks.of_register("P")
    assert [(row.target, row.outcome.value, row.order) for row in rows] == [
        ("P-1", "done", order),
        ("没有-1", "refused", order),
    ]


def test_what_was_refused_awaits_those_who_keep_the_register_until_it_is_done_or_dropped(begun: Ledger) -> None:
    order = given(begun)
    settled(begun, order, known=ItemOutcome.DONE, unknown=ItemOutcome.REFUSED)
    agenda = begun.agendas.agenda(["改革办"], real(3))
    assert agenda.counts.refused == 1
    [row] = agenda.refused
    assert (row.item, row.plan_code, row.order, row.targets, row.reasons) == (
        "P-2",
        "P",
        order,
        ("没有-1",),
        ("不受理",),
    )
    assert begun.agendas.agenda(["统计局"], real(3)).refused == ()
    assert begun.agendas.agenda(["改革办"], real(3), role="lead_body").refused == ()

    assert begun.orders.drop(order, "改革办 张三决定不再办理：任务已撤销", datetime(2026, 1, 4, tzinfo=UTC)) == 1
    assert begun.agendas.agenda(["改革办"], real(3)).refused == ()
    last = begun.asks.of_item("P-2")[-1]
    assert (last.outcome, last.reason) == (ItemOutcome.DROPPED, "不受理；改革办 张三决定不再办理：任务已撤销")
    assert begun.orders.unsettled(order) == ()
    assert begun.orders.order_row(order).is_carried_out


def test_a_register_does_not_close_over_what_nobody_has_taken_up(begun: Ledger) -> None:
    assert begun.registers.opener_for("P") == "QY-2022"
    closing = RegisterClosure(
        code="QY-2022", digest="", at=at(9), clock=FAST, id="m", body="改革办", person="张三", reason="完"
    )
    assert begun.registers.close(closing) == ""  # what the task of a plan asks is the next register's
    assert [wish.item for wish in begun.asks.without_order("QY-2022", 10)] == []


def test_a_plan_knows_the_item_by_which_it_was_closed(begun: Ledger) -> None:
    for code in ("P-1", "P-2"):
        begun.tasks.record(batch(code, entry(3 if code == "P-2" else 2), closes=True))
    assert begun.plans.plan_finished("P", at(4))
    closure = PlanClosure(code="P", closed_at=at(5), body="领导小组", person="王五", reason="同意", item="QY-2022-0001")
    begun.plans.close_plan(closure)
    begun.plans.close_plan(closure)
    row = begun.plans.plan_row("P")
    assert row is not None
    assert row.closed_by_item == "QY-2022-0001"
    assert begun.concerned.plans(NAME, date(2023, 1, 1)) == ()
