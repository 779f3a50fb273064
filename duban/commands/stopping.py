"""`notices stop` and `notices start`: all sending stops, and goes on; nothing is lost by it."""

import asyncio
import getpass
from datetime import UTC, datetime
from typing import Annotated

import typer

from duban.client import ConnectionFailed
from duban.commands.connecting import connect_to_server, reading_ledger
from duban.commands.nudging import nudge
from duban.commands.reasons import Refused
from duban.commands.showing import cell, complain, here, say
from duban.ledger import Ledger
from duban.ledger.delivery.sending_orders import SendingOrder
from duban.server import ServerError
from duban.settings import Settings, load_settings

LONGEST = 200

Person = Annotated[str, typer.Option("--person", help="谁作出的决定；不写则用 DUBAN_PERSON，再不然是本机登录的用户")]
Reason = Annotated[str, typer.Option("--reason", help="原因，写入台账")]


def register(group: typer.Typer) -> None:
    """Add the commands."""
    group.command("stop", help="停止一切发送；不丢失任何通知，恢复后补发。")(stop)
    group.command("start", help="恢复发送；其间仍然有效的通知合并送出。")(start)


def stop(reason: Reason, person: Person = "") -> None:
    """Stop all sending; from when this returns no worker begins a message."""
    with reading_ledger(load_settings()) as door:
        if not door.sending.give(_order(stops=True, reason=reason, person=person)):
            tell_if_stopped(door)
            raise Refused("发送此前已经停止，没有改变。")
        waiting = door.sending.waiting_notices()
    say(f"已停止一切发送，现有待发 {waiting} 件。正在送出的会办完；期间不再成立的会撤回，其余在恢复后合并送出。")
    say("恢复：starter.py notices start")


def start(reason: Annotated[str, typer.Option("--reason", help="说明，写入台账")] = "", person: Person = "") -> None:
    """Let sending go on."""
    asyncio.run(_start(load_settings(), _order(stops=False, reason=reason, person=person)))


async def _start(settings: Settings, order: SendingOrder) -> None:
    with reading_ledger(settings) as door:
        if not door.sending.give(order):
            raise Refused("发送没有停止，无须恢复。")
        bodies, waiting = door.sending.waiting_bodies(), door.sending.waiting_notices()
    say(f"已恢复发送。待发 {waiting} 件，涉及 {len(bodies)} 个单位，到时的即合并送出。")
    try:
        await nudge(await connect_to_server(settings), bodies, settings.task_queue)
    except (ConnectionFailed, ServerError) as error:
        complain(f"暂时不能通知工作进程（{error}）；它恢复后五分钟内会自己送出。")


def tell_if_stopped(door: Ledger) -> None:
    """Say on stderr, above everything else, that all sending is stopped; nothing where it is not."""
    tell(door.sending.standing())


def tell(order: SendingOrder | None) -> None:
    """Say on stderr which order has stopped all sending."""
    if order is not None:
        why = f"：{order.reason}" if order.reason else ""
        complain(
            f"！！发送已停止！！ 自 {cell(here(order.given_at))}，由{order.given_by}决定{why}。"
            "恢复：starter.py notices start"
        )


def stopped_as_json(order: SendingOrder | None) -> dict[str, object]:
    """The order that has stopped all sending, for a reading command's JSON; None while it goes on."""
    return {"sending_stopped": order.model_dump(mode="json", exclude={"stops"}) if order is not None else None}


def _order(*, stops: bool, reason: str, person: str) -> SendingOrder:
    if stops and not reason.strip():
        raise Refused("请写明停止发送的原因（--reason）。")
    if max(len(reason), len(person)) > LONGEST:
        raise Refused(f"原因和姓名最多 {LONGEST} 字，请精简。")
    return SendingOrder(
        stops=stops,
        given_at=datetime.now(UTC),
        given_by=person.strip() or load_settings().person or _whoever_runs_this(),
        reason=reason.strip(),
    )


def _whoever_runs_this() -> str:
    """The user of this machine; a container need not have a name for him."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # the one until Python 3.12, the other from then on
        raise Refused("不知道是谁在操作。请用 --person 写明姓名，或设置 DUBAN_PERSON。") from None
