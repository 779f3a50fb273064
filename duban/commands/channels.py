"""`notices channels` and `notices test`: which body is told by which channel, and whether a channel really works."""

import asyncio
import secrets
from datetime import UTC, datetime
from typing import Annotated

import typer

from duban.commands.plan_options import AsJson
from duban.commands.reasons import Refused
from duban.commands.showing import say, show_json, show_table
from duban.contracts import Delivery, DeliveryOutcome
from duban.notices.arrangements import Arrangements, in_words
from duban.notices.channel import SendResult
from duban.notices.identity import printed_id
from duban.notices.letter import Letter
from duban.notices.office import open_office
from duban.settings import Settings, load_settings
from duban.supervision.model import Frozen

NOBODY = "渠道测试"


class BodyRow(Frozen):
    """How a body is told; `body` is None for all others."""

    body: str | None
    channel: str
    fallback: str | None
    phones: int
    rules: str


def register(group: typer.Typer) -> None:
    """Add the commands."""
    group.command("channels", help="各单位用哪个渠道、何时发送；同时核对渠道文件。")(channels)
    group.command("test", help="向一个渠道真的发一条测试消息，看网关怎么答复；不写台账。")(try_channel)


def channels(as_json: AsJson = False) -> None:
    """Show how bodies are told."""
    arranged = Arrangements.of(load_settings())
    bodies: list[str | None] = [None, *arranged.file.bodies]
    rows = [_row(arranged, body) for body in bodies]
    if as_json:
        show_json(rows)
        return
    kinds = {arranged.own: arranged.own, **{name: each.kind.value for name, each in arranged.file.channels.items()}}
    show_table(("渠道", "种类"), kinds.items())
    show_table(
        ("单位", "渠道", "备用", "手机号", "何时发送"),
        ((row.body or "（其他单位）", row.channel, row.fallback, row.phones or "", row.rules) for row in rows),
    )
    say("试发一条：starter.py notices test 渠道")


def try_channel(
    channel: Annotated[str, typer.Argument(metavar="CHANNEL", help="渠道名称，见 notices channels")],
    body: Annotated[str, typer.Option("--body", help="以发给这个单位的方式试发；短信渠道必须写明")] = "",
) -> None:
    """Send one test message; 0 where it was taken, 1 with what the gateway said where not."""
    result, number = asyncio.run(_sent(load_settings(), channel, body))
    match result.outcome:
        case DeliveryOutcome.DELIVERED:
            say(f"已送出：{result.reason}。请到收件一方核对编号为 {number} 的消息。")
        case DeliveryOutcome.RETRY:
            raise Refused(f"暂时没有送出：{result.reason}。正式通知会自动重试；请排除原因后再试。")
        case DeliveryOutcome.UNDELIVERABLE:
            raise Refused(
                f"没有送出：{result.reason}。改好后再试；在此之前，经此渠道的通知会列入 starter.py notices dead。"
            )


async def _sent(settings: Settings, channel: str, body: str) -> tuple[SendResult, str]:
    office = open_office(settings)
    try:
        now = datetime.now(UTC)
        delivery = Delivery(id=f"test{secrets.token_hex(8)}", recipient=body or NOBODY, claimed_at=now, notices=())
        text = f"这是一条测试消息，用于核对渠道“{channel}”是否通畅，无须办理。\n送达标识：{delivery.id}\n"
        letter = Letter(title="渠道测试", text=text, recipient=delivery.recipient, dated_on=now.astimezone().date())
        return await office.channel(channel).send(delivery, letter), printed_id(delivery)
    finally:
        await office.aclose()


def _row(arranged: Arrangements, body: str | None) -> BodyRow:
    way = arranged.way_of(body or "")
    entry = arranged.file.bodies.get(body or "")
    return BodyRow(
        body=body,
        channel=way.channel,
        fallback=way.fallback,
        phones=len(entry.phones) if entry else 0,
        rules=in_words(arranged.rules_for(body or "")),
    )
