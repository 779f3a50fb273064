"""What an outcome asks for, as the change order that carries it out: named by the outcome, therefore given once."""

from pydantic import JsonValue

from duban.ledger.registers.asks import Wish
from duban.orders import ChangeOrder, OrderItem, OrderKind, TargetKind
from duban.supervision.steps.asking import ASKED_WORDS

CLOSE_PLAN = "close"
"""Update by which a plan is closed."""


def order_of(wish: Wish) -> ChangeOrder:
    """The order. A target that nobody knows is in it too: what becomes of it is put on record like the rest."""
    is_plan = wish.act.of_a_plan
    fields: dict[str, JsonValue] = {
        name: list(value) if isinstance(value, tuple) else value for name, value in wish.fields.items()
    }
    if is_plan:
        fields["item"] = wish.item
    return ChangeOrder(
        kind=OrderKind.OUTCOME,
        title=f"事项 {wish.item} 的结果：{ASKED_WORDS[wish.act]}",
        reason=str(fields[wish.act.why_field]),
        body=wish.body,
        person=wish.person,
        basis=wish.identity,
        items=tuple(
            OrderItem(
                target=target,
                target_kind=TargetKind.PLAN if is_plan else TargetKind.TASK,
                plan_code=wish.plans.get(target, target),
                act=CLOSE_PLAN if is_plan else wish.act.value,
                fields=fields,
            )
            for target in wish.targets
        ),
        ordered_at=wish.at,
        ordered_at_real=wish.clock.real(wish.at),
    )
