"""The channel of the settings: whether it can be opened and reached. Nothing is sent.

A new kind of channel adds its way of being looked at to `WAYS`.
"""

import os
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from duban.doctor.finding import Check, Diagnosis
from duban.doctor.surroundings import Surroundings, aside
from duban.notices.addresses import networks_of
from duban.notices.channel import ChannelError
from duban.notices.gateway import trusted_authorities
from duban.notices.opening import channel_from
from duban.notices.reaching import reach
from duban.settings import NoticeChannel, Settings

SOON = timedelta(days=14)
"""Before the end of a gateway's certificate, after which no notice gets through."""


async def channel(at: Surroundings) -> Diagnosis:
    """Whether the channel that notices go by can be opened, and reached."""
    chosen = at.settings
    try:
        opened = channel_from(
            chosen.channel.value,
            outbox_dir=chosen.outbox_dir,
            webhook_url=str(chosen.webhook_url) if chosen.webhook_url else None,
            webhook_secret=chosen.webhook_secret,
            webhook_timeout=chosen.webhook_timeout_seconds,
            webhook_networks=networks_of(chosen.webhook_networks),
            plaintext_hosts=chosen.plaintext_host_names,
        )
        await opened.aclose()
        look = WAYS.get(chosen.channel)
        return await look(chosen) if look is not None else Diagnosis.well(f"{chosen.channel.value} 可以打开，没有连接")
    except ChannelError as reason:
        return Diagnosis.mend(str(reason), "修好后自动补发；已列为无法送达的用 starter.py notices resend ID")


async def _outbox(chosen: Settings) -> Diagnosis:
    return await aside(_folder, chosen.outbox_dir)


def _folder(outbox: Path) -> Diagnosis:
    if not outbox.exists():
        return Diagnosis.well(f"写入 {outbox}（第一次发送时建立）；需有人把文件送出")
    if not outbox.is_dir() or not os.access(outbox, os.W_OK | os.X_OK):
        return Diagnosis.mend(
            f"{outbox} 不是文件夹，或当前用户不能写入", f"ls -ld {outbox}，改正所有者或权限，或另设 DUBAN_OUTBOX_DIR"
        )
    return Diagnosis.well(f"写入 {outbox}；需有人把文件送出")


async def _webhook(chosen: Settings) -> Diagnosis:
    trusted = await aside(trusted_authorities)
    reached = await reach(str(chosen.webhook_url), networks=networks_of(chosen.webhook_networks), trusted=trusted)
    detail = f"webhook 网关 {reached.host}（{reached.address}）可以连接，没有发送任何内容"
    until = reached.certificate_until
    if until is not None and until - datetime.now(UTC) < SOON:
        return Diagnosis.beware(f"{detail}；它的证书 {until:%Y-%m-%d} 到期", "请网关的管理员更换证书")
    if chosen.webhook_secret is None:
        return Diagnosis.beware(f"{detail}；推送没有签名", "设置 DUBAN_WEBHOOK_SECRET，网关据此辨认我们")
    return Diagnosis.well(detail)


WAYS: Mapping[NoticeChannel, Callable[[Settings], Awaitable[Diagnosis]]] = {
    NoticeChannel.OUTBOX: _outbox,
    NoticeChannel.WEBHOOK: _webhook,
}

CHECKS = (
    Check(
        "channel",
        "送达渠道",
        channel,
        frozenset({"channel", "outbox_dir", "webhook_url", "webhook_secret", "webhook_networks", "plaintext_hosts"}),
    ),
)
