"""Carries an order out: some targets at once, what came of each kept before the next ones are told.

May be broken off anywhere and done again, here or on another machine: whoever has been told recognises it.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence

import structlog
from temporalio.client import Client

from duban.changes.telling import AMEND_PLAN, NOBODY_THERE, Teller
from duban.ledger import Ledger
from duban.ledger.database.writing import in_chunks
from duban.ledger.plans.change_orders import OrderRow
from duban.orders import ItemOutcome, ItemSettled, OrderItem, TargetKind

TOLD_AT_ONCE = 20
SHOWN_WITHIN_SECONDS = 20.0
LOOK_EVERY_SECONDS = 0.2

log = structlog.get_logger("duban.changes")


async def carry_out(
    client: Client, ledger: Ledger, order_id: str, advance: Callable[[int], None], *, again: bool = True
) -> OrderRow:
    """Tell every target of an order that has not been told; those that refused are asked again.

    A plan that is amended is told first, and its tasks only when it has agreed: what it begins takes up what ends.
    Stops where nobody is there to answer, because nobody would answer the others either: they wait.

    Args:
        advance: Hears how many more have been told.
        again: Whether those that refused are asked again.

    Returns:
        The order as it stands then.

    Raises:
        NotInLedger: There is no such order.
        RPCError: The server refuses us altogether.
    """
    order = await asyncio.to_thread(ledger.orders.order, order_id)
    waiting = set(await asyncio.to_thread(ledger.orders.unsettled, order_id, refused=again))
    teller = Teller(client, ledger, order)
    for some in _by_turns([item for item in order.items if item.target in waiting]):
        settled = await asyncio.gather(*(teller.tell(item) for item in some))
        await asyncio.to_thread(ledger.orders.settle, order_id, settled)
        advance(len(settled))
        if _a_plan_is_not_amended(some, settled):
            break
        if _nobody_is_there(settled):
            log.warning("changes.nobody_there", order=order_id, reason=settled[0].reason)
            break
    return await asyncio.to_thread(ledger.orders.order_row, order_id)


def _by_turns(items: Sequence[OrderItem]) -> Iterator[list[OrderItem]]:
    """What a plan has to know before its tasks first, then all else, so many at once, in the order of the order."""
    for first in (True, False):
        yield from in_chunks([item for item in items if _comes_first(item) is first], TOLD_AT_ONCE)


def _comes_first(item: OrderItem) -> bool:
    """A new content: what a plan begins from then on begins under it."""
    return item.target_kind is TargetKind.PLAN and "digest" in item.fields


def _amends_a_plan(item: OrderItem) -> bool:
    return item.target_kind is TargetKind.PLAN and item.act == AMEND_PLAN


def _a_plan_is_not_amended(some: Sequence[OrderItem], settled: Sequence[ItemSettled]) -> bool:
    plans = {item.target for item in some if _amends_a_plan(item)}
    return any(each.target in plans and each.outcome is not ItemOutcome.DONE for each in settled)


def _nobody_is_there(settled: Sequence[ItemSettled]) -> bool:
    return all(each.outcome is ItemOutcome.WAITING and each.reason in NOBODY_THERE for each in settled)


async def shown(ledger: Ledger, order_id: str, within_seconds: float = SHOWN_WITHIN_SECONDS) -> bool:
    """Wait until the ledger shows what tasks have accepted: what is compared next is compared with that.

    Returns:
        Whether it does; else it is still being written.
    """
    items = await asyncio.to_thread(ledger.orders.item_rows, order_id)
    wanted = {item.target: item.version for item in items if item.version and item.target_kind is TargetKind.TASK}
    end = time.monotonic() + within_seconds
    while True:
        versions = await asyncio.to_thread(ledger.tasks.versions_of, list(wanted))
        wanted = {code: version for code, version in wanted.items() if versions.get(code, version) < version}
        if not wanted or time.monotonic() > end:
            return not wanted
        await asyncio.sleep(LOOK_EVERY_SECONDS)
