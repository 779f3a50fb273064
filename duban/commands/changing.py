"""Giving a change order and carrying it out, for every command that orders one.

The order is kept before anybody is asked for: whatever is away then, the order waits, and says how it is resumed.
"""

import asyncio
import sys

import typer

from duban.changes.carrying import carry_out, shown
from duban.client import ConnectionFailed
from duban.commands.connecting import connect_to_server
from duban.commands.issuing import someone_works
from duban.commands.pacing import pacing
from duban.commands.reasons import Refused
from duban.commands.showing import complain, say
from duban.ledger import Ledger
from duban.ledger.plans.change_orders import OrderRow
from duban.orders import ChangeOrder, ItemOutcome
from duban.settings import Settings

TOLD = 20
OUTCOME_WORDS: dict[ItemOutcome, str] = {
    ItemOutcome.WAITING: "未送达",
    ItemOutcome.DONE: "已办理",
    ItemOutcome.REFUSED: "未受理",
    ItemOutcome.NOT_CONCERNED: "已办结，不涉及",
    ItemOutcome.DROPPED: "不再办理",
}


def ask(question: str, *, yes: bool) -> None:
    """Ask whether to go on, unless that has been said already.

    Raises:
        Refused: The answer is no, or there is nobody to answer.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise Refused("没有作任何改动。核对无误后请加 --yes 运行。")
    if not typer.confirm(question, err=True):
        raise Refused("没有作任何改动。")


def give(settings: Settings, ledger: Ledger, order: ChangeOrder) -> OrderRow:
    """Keep an order, carry it out, and say what came of it.

    Raises:
        Refused: Not all of it could be carried out; it is kept, and the text says how it is resumed.
    """
    if not ledger.orders.give(order):
        complain(f"变更单 {order.id} 此前已经记录，接着办理。")
    return resume(settings, ledger, order.id)


def resume(settings: Settings, ledger: Ledger, order_id: str) -> OrderRow:
    """Carry on with an order that is kept, and say what came of it.

    Raises:
        Refused: Not all of it could be carried out.
    """
    before = ledger.orders.order_row(order_id)
    if not before.is_carried_out:
        _carry_out(settings, ledger, before)
    after = ledger.orders.order_row(order_id)
    say(f"变更单 {after.id}《{after.title}》：{in_words(after)}。")
    if not after.is_carried_out:
        _complain_of(ledger, after)
        raise Refused(_how_to_go_on(after))
    return after


def in_words(row: OrderRow) -> str:
    """What came of an order, in figures."""
    figures = (
        (row.done, ItemOutcome.DONE),
        (row.not_concerned, ItemOutcome.NOT_CONCERNED),
        (row.refused, ItemOutcome.REFUSED),
        (row.waiting, ItemOutcome.WAITING),
        (row.dropped, ItemOutcome.DROPPED),
    )
    told = "，".join(f"{OUTCOME_WORDS[outcome]} {number} 项" for number, outcome in figures if number)
    return f"共 {row.items} 项，{told}" if told else "没有需要办理的事项"


def _carry_out(settings: Settings, ledger: Ledger, row: OrderRow) -> None:
    try:
        asyncio.run(_told(settings, ledger, row))
    except ConnectionFailed as failure:
        raise Refused(f"{failure}\n{_how_to_go_on(row)}") from failure


async def _told(settings: Settings, ledger: Ledger, row: OrderRow) -> None:
    client = await connect_to_server(settings)
    if not await someone_works(client, settings.task_queue):
        raise Refused(
            f"没有工作进程在处理任务队列 {settings.task_queue}，请先运行 starter.py serve 或 worker.py。"
            f"{_how_to_go_on(row)}"
        )
    with pacing("办理变更", row.waiting + row.refused) as advance:
        await carry_out(client, ledger, row.id, advance)
    if not await shown(ledger, row.id):
        complain("已受理的变更仍在入账中。")


def _complain_of(ledger: Ledger, row: OrderRow) -> None:
    left = [
        item for item in ledger.orders.item_rows(row.id) if item.outcome in (ItemOutcome.REFUSED, ItemOutcome.WAITING)
    ]
    for item in left[:TOLD]:
        complain(f"{item.target}（{OUTCOME_WORDS[item.outcome]}）：{item.reason or '尚未告知'}")
    if len(left) > TOLD:
        complain(f"以上只列 {TOLD} 项，全部见 starter.py changes show {row.id}。")


def _how_to_go_on(row: OrderRow) -> str:
    return (
        f"变更单 {row.id} 已存入台账，没有丢失，也没有办完；原因排除后运行 starter.py changes resume {row.id}，"
        "已办理的不会重复。"
    )
