"""Opens the channel that a deployment has chosen."""

from collections.abc import Collection
from enum import StrEnum
from pathlib import Path
from typing import assert_never

from pydantic import SecretStr

from duban.notices.addresses import Network
from duban.notices.channel import Channel, ChannelError
from duban.notices.outbox import OutboxChannel
from duban.notices.webhook import WebhookChannel


class ChannelKind(StrEnum):
    """Where letters go."""

    OUTBOX = "outbox"
    WEBHOOK = "webhook"


def channel_from(
    kind: str,
    *,
    outbox_dir: Path,
    webhook_url: str | None = None,
    webhook_secret: SecretStr | None = None,
    webhook_timeout: float = 10.0,
    webhook_networks: Collection[Network] = (),
    plaintext_hosts: Collection[str] = (),
) -> Channel:
    """Opens a channel.

    Args:
        kind: A value of `ChannelKind`.
        outbox_dir: Folder of the outbox; made when the first letter is written.
        webhook_url: Gateway of the webhook.
        webhook_secret: Signing secret of the webhook; None sends unsigned.
        webhook_timeout: Seconds that one attempt may take altogether.
        webhook_networks: Networks inside in which the gateway may be.
        plaintext_hosts: Hosts to which a letter may go unencrypted.

    Raises:
        ChannelError: There is no such channel, or it lacks what it needs.
    """
    try:
        chosen = ChannelKind(kind)
    except ValueError:
        known = "、".join(ChannelKind)
        raise ChannelError(f"没有名为“{kind}”的送达渠道，可选：{known}。") from None
    match chosen:
        case ChannelKind.OUTBOX:
            return OutboxChannel(outbox_dir)
        case ChannelKind.WEBHOOK:
            if webhook_url is None:
                raise ChannelError("webhook 渠道没有网关地址，请设置网关地址。")
            return WebhookChannel(
                webhook_url,
                webhook_secret,
                webhook_timeout,
                networks=webhook_networks,
                plaintext_hosts=plaintext_hosts,
            )
        case _:
            assert_never(chosen)
