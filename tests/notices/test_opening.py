"""The channel that a deployment has chosen."""

from pathlib import Path

import pytest

from duban.notices.addresses import networks_of
from duban.notices.channel import ChannelError
from duban.notices.opening import ChannelKind, channel_from
from duban.notices.outbox import OutboxChannel
from duban.notices.webhook import WebhookChannel
from duban.settings import NoticeChannel


def test_the_outbox_needs_nothing_but_its_folder(tmp_path: Path) -> None:
    assert isinstance(channel_from("outbox", outbox_dir=tmp_path), OutboxChannel)


async def test_the_webhook_needs_its_address(tmp_path: Path) -> None:
    with pytest.raises(ChannelError, match=r"^webhook 渠道没有网关地址，请设置网关地址。$"):
        channel_from("webhook", outbox_dir=tmp_path)
    opened = channel_from("webhook", outbox_dir=tmp_path, webhook_url="https://gateway.example/")
    assert isinstance(opened, WebhookChannel)
    await opened.aclose()


async def test_what_may_be_reached_is_told_to_the_webhook(tmp_path: Path) -> None:
    plain, inside = "http://gateway.example.test/", "https://10.1.2.3/"
    with pytest.raises(ChannelError, match="DUBAN_PLAINTEXT_HOSTS"):
        channel_from("webhook", outbox_dir=tmp_path, webhook_url=plain)
    with pytest.raises(ChannelError, match="DUBAN_WEBHOOK_NETWORKS"):
        channel_from("webhook", outbox_dir=tmp_path, webhook_url=inside)
    hosts, networks = ("gateway.example.test",), networks_of("10.1.0.0/16")
    for opened in (
        channel_from("webhook", outbox_dir=tmp_path, webhook_url=plain, plaintext_hosts=hosts),
        channel_from("webhook", outbox_dir=tmp_path, webhook_url=inside, webhook_networks=networks),
    ):
        await opened.aclose()


def test_a_channel_that_does_not_exist_is_refused_with_those_that_do(tmp_path: Path) -> None:
    with pytest.raises(ChannelError, match=r"^没有名为“fax”的送达渠道，可选：outbox、webhook。$"):
        channel_from("fax", outbox_dir=tmp_path)


def test_every_channel_that_can_be_set_can_be_opened() -> None:
    assert {kind.value for kind in NoticeChannel} == {kind.value for kind in ChannelKind}
