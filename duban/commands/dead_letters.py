"""`notices dead` and `notices resend`: messages that could not be delivered, and sending them again."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer

from duban.commands.connecting import connect_to_server, reading_ledger
from duban.commands.nudging import nudge
from duban.commands.plan_options import AsJson
from duban.commands.reasons import Refused
from duban.commands.showing import here, say, show_json, show_table
from duban.commands.stopping import tell, tell_if_stopped
from duban.ledger.delivery.deliveries import UndeliverableRow
from duban.settings import load_settings

SHORTEST_BEGINNING = 6
"""Characters of an identifier's beginning that may stand for it: on a robot's message there are twelve."""


class DeadLetter(UndeliverableRow):
    """A message that could not be delivered, with what to do about it (Chinese)."""

    what_to_do: str


def register(group: typer.Typer) -> None:
    """Add the commands, those under their earlier names too."""
    group.command("dead", help="列出无法送达的消息、原因和怎么办。")(dead)
    group.command("resend", help="重新发送无法送达的消息，编号不变。")(resend)
    group.command("undeliverable", help="列出无法送达的通知（同 dead）。", hidden=True)(dead)
    group.command("send-again", help="重新发送无法送达的通知（同 resend）。", hidden=True)(resend)


def dead(as_json: AsJson = False) -> None:
    """Show messages that could not be delivered, oldest first."""
    with reading_ledger(load_settings()) as door:
        tell_if_stopped(door)
        letters = [_letter(row) for row in door.deliveries.undeliverable()]
    if as_json:
        show_json(letters)
        return
    show_table(
        ("编号", "受文单位", "渠道", "尝试次数", "最后一次", "原因", "仍然有效", "怎么办"),
        (
            (
                letter.delivery_id,
                letter.recipient,
                letter.channel,
                letter.attempts,
                here(letter.ended_at),
                letter.detail,
                letter.still_true,
                letter.what_to_do,
            )
            for letter in letters
        ),
        title=f"无法送达 {len(letters)} 件（全部重新发送：starter.py notices resend --all）",
    )


def resend(
    identities: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]...", help="编号，见 notices dead；可只写开头六位以上")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="所有仍然有效的")] = False,
) -> None:
    """Send undeliverable messages again; what is no longer true stays out."""
    if bool(identities) == every:
        raise Refused("请写明要重新发送的编号（见 starter.py notices dead），或用 --all 重新发送全部。")
    asyncio.run(_resend(identities or (), every=every))


async def _resend(identities: Sequence[str], *, every: bool) -> None:
    settings = load_settings()
    with reading_ledger(settings) as door:
        client = await connect_to_server(settings)
        rows = door.deliveries.undeliverable()
        wanted = [row.delivery_id for row in rows if row.still_true] if every else _named(identities, rows)
        bodies = door.deliveries.send_again(wanted, datetime.now(UTC))
        order = door.sending.standing()
    if not bodies:
        raise Refused("没有可以重新发送的通知。")
    await nudge(client, bodies, settings.task_queue)
    say(f"已安排重新发送给：{'、'.join(bodies)}。")
    tell(order)


def _named(identities: Sequence[str], rows: Sequence[UndeliverableRow]) -> list[str]:
    """The identifiers that are meant; one that means nothing is left to the ledger, which says so."""
    named: dict[str, None] = {}
    for identity in identities:
        begun = [row.delivery_id for row in rows if row.delivery_id.startswith(identity)]
        if len(identity) >= SHORTEST_BEGINNING and len(begun) > 1:
            raise Refused(f"以 {identity} 开头的有 {len(begun)} 件，请把编号写全。")
        named[begun[0] if len(identity) >= SHORTEST_BEGINNING and begun else identity] = None
    return list(named)


def _letter(row: UndeliverableRow) -> DeadLetter:
    again = f"按原因处理后运行：starter.py notices resend {row.delivery_id}"
    done = "其中的通知都已不再成立，无须处理"
    return DeadLetter(**row.model_dump(), what_to_do=again if row.still_true else done)
