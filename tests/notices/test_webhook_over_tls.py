"""The webhook towards a name: its addresses are checked at every attempt, the connection is pinned, the name verified.

Names lead where the test's own resolver says; the gateway listens on the loopback address, which is listed as allowed.
"""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from pydantic import SecretStr

from duban.contracts import DeliveryOutcome
from duban.notices.addresses import Network, networks_of
from duban.notices.channel import ChannelError, SendResult
from duban.notices.gateway import trusted_authorities
from duban.notices.webhook import WebhookChannel
from duban.notices.wording import write_letter
from tests.notices import samples
from tests.notices.gateway import Gateway, closed_port, running_gateway
from tests.notices.samples import delivery

NAME = "gateway.example.test"
SENT = delivery(samples.WRITTEN, samples.RETURNED)
LETTER = write_letter(SENT)
HERE = networks_of("127.0.0.0/8,::1/128")
NOT_VERIFIED = SendResult.undeliverable("网关的证书未通过验证，请更换证书，或在本机信任其签发机构")


class Names:
    """A name server of the test's own; remembers what it was asked."""

    def __init__(self, *addresses: str) -> None:
        self.addresses: Sequence[str] = addresses
        self.asked: list[str] = []

    async def __call__(self, host: str, _port: int) -> Sequence[str]:
        self.asked.append(host)
        if not self.addresses:
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        return self.addresses


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(autouse=True)
def _authority_is_trusted(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As an administrator has it trusted."""
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))


def serving(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certificate.configure_cert(context)
    return context


@pytest.fixture
def gateway(authority: trustme.CA) -> Iterator[Gateway]:
    with running_gateway(serving(authority.issue_cert(NAME))) as running:
        yield running


@asynccontextmanager
async def channel_to(
    port: int, names: Names, host: str = NAME, networks: Collection[Network] = HERE
) -> AsyncIterator[WebhookChannel]:
    opened = WebhookChannel(f"https://{host}:{port}/hook?token=SECRET-TOKEN", None, 5, networks=networks, resolve=names)
    try:
        yield opened
    finally:
        await opened.aclose()


async def test_the_connection_goes_to_the_checked_address_under_the_gateway_s_name(gateway: Gateway) -> None:
    names = Names("127.0.0.1")
    async with channel_to(gateway.port, names) as channel:
        assert (await channel.send(SENT, LETTER)).outcome is DeliveryOutcome.DELIVERED
    assert names.asked == [NAME]
    assert gateway.names == [NAME]
    assert gateway.received[0].headers["Host"] == f"{NAME}:{gateway.port}"
    assert gateway.received[0].path == "/hook?token=SECRET-TOKEN"


async def test_a_connection_is_used_again_and_the_name_is_asked_for_again(gateway: Gateway) -> None:
    names = Names("127.0.0.1")
    async with channel_to(gateway.port, names) as channel:
        for _ in range(3):
            assert (await channel.send(SENT, LETTER)).outcome is DeliveryOutcome.DELIVERED
    assert (gateway.connections, len(gateway.received)) == (1, 3)
    assert names.asked == [NAME] * 3


async def test_a_certificate_for_another_name_at_the_same_address_does_not_hold(gateway: Gateway) -> None:
    names = Names("127.0.0.1")
    async with channel_to(gateway.port, names) as channel, channel_to(gateway.port, names, "other.test") as other:
        assert (await channel.send(SENT, LETTER)).outcome is DeliveryOutcome.DELIVERED
        # The connection of the other channel is open still; nobody else may use it.
        assert await other.send(SENT, LETTER) == NOT_VERIFIED
    assert len(gateway.received) == 1


async def test_the_certificate_must_be_the_name_s_and_not_the_address_s(authority: trustme.CA) -> None:
    with running_gateway(serving(authority.issue_cert("127.0.0.1"))) as gateway:
        async with channel_to(gateway.port, Names("127.0.0.1")) as channel:
            assert await channel.send(SENT, LETTER) == NOT_VERIFIED
        async with channel_to(gateway.port, Names(), "127.0.0.1") as channel:
            assert (await channel.send(SENT, LETTER)).outcome is DeliveryOutcome.DELIVERED


@pytest.mark.parametrize("wrong", ["a stranger's", "expired"])
async def test_a_certificate_that_nobody_vouches_for_or_that_has_expired_does_not_hold(
    authority: trustme.CA, wrong: str
) -> None:
    now = datetime.now(UTC)
    certificate = (
        trustme.CA().issue_cert(NAME)
        if wrong == "a stranger's"
        else authority.issue_cert(NAME, not_before=now - timedelta(days=9), not_after=now - timedelta(days=1))
    )
    with running_gateway(serving(certificate)) as gateway:
        async with channel_to(gateway.port, Names("127.0.0.1")) as channel:
            assert await channel.send(SENT, LETTER) == NOT_VERIFIED
        assert gateway.received == []


async def test_a_name_that_later_leads_inside_is_refused_at_that_attempt_though_a_connection_is_open(
    gateway: Gateway,
) -> None:
    names = Names("127.0.0.1")
    async with channel_to(gateway.port, names) as channel:
        assert (await channel.send(SENT, LETTER)).outcome is DeliveryOutcome.DELIVERED
        names.addresses = ("10.1.2.3",)
        refused = await channel.send(SENT, LETTER)
        assert refused.outcome is DeliveryOutcome.UNDELIVERABLE
        assert refused.reason == (
            "网关地址解析为内部地址 10.1.2.3，为防止通知被引向内部系统，未予发送。请核对域名解析；"
            "如网关确在内部网络，请把它所在的网段写入 DUBAN_WEBHOOK_NETWORKS"
        )
        names.addresses = ("127.0.0.1",)
        assert (await channel.send(SENT, LETTER)).outcome is DeliveryOutcome.DELIVERED
    assert len(gateway.received) == 2


async def test_this_machine_is_inside_for_a_name_that_does_not_say_so(gateway: Gateway) -> None:
    async with channel_to(gateway.port, Names("127.0.0.1"), networks=()) as channel:
        assert (await channel.send(SENT, LETTER)).outcome is DeliveryOutcome.UNDELIVERABLE
    assert gateway.connections == 0


async def test_an_address_where_nobody_listens_is_passed_over_for_the_next(gateway: Gateway) -> None:
    async with channel_to(gateway.port, Names("::1", "127.0.0.2", "127.0.0.1")) as channel:
        assert (await channel.send(SENT, LETTER)).outcome is DeliveryOutcome.DELIVERED
    assert len(gateway.received) == 1


async def test_where_nobody_listens_at_any_address_it_is_tried_again() -> None:
    async with channel_to(closed_port(), Names("127.0.0.1", "127.0.0.2")) as channel:
        assert await channel.send(SENT, LETTER) == SendResult.retry("无法连接网关")


async def test_a_name_that_is_not_found_is_tried_again() -> None:
    async with channel_to(443, Names()) as channel:
        result = await channel.send(SENT, LETTER)
    assert result == SendResult.retry("无法解析网关的主机名，请核对网关地址和本机的域名解析")


async def test_a_name_server_that_keeps_silent_holds_nobody_up() -> None:
    async def silent(_host: str, _port: int) -> Sequence[str]:
        await asyncio.Event().wait()
        return ()

    channel = WebhookChannel(f"https://{NAME}/", None, 0.2, resolve=silent)
    assert await channel.send(SENT, LETTER) == SendResult.retry("网关在0.2秒内没有答复")
    await channel.aclose()


async def test_a_proxy_of_the_environment_is_not_used(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{closed_port()}")
    async with channel_to(gateway.port, Names("127.0.0.1")) as channel:
        assert (await channel.send(SENT, LETTER)).outcome is DeliveryOutcome.DELIVERED


def test_plain_text_off_this_machine_is_refused_at_once_unless_the_host_is_named() -> None:
    url = f"http://{NAME}/hook?token=SECRET-TOKEN"
    with pytest.raises(ChannelError) as refused:
        WebhookChannel(url, None, 5)
    assert str(refused.value) == (
        f"webhook 网关 {NAME} 不在本机，而连接没有加密或不验证对方的证书，已拒绝连接。请把网关地址改为 https:// 开头。"
        f"如确须明文连接（仅限可信的内部网络），请把 {NAME} 写入 DUBAN_PLAINTEXT_HOSTS。"
    )
    WebhookChannel(url, None, 5, plaintext_hosts=(NAME,))


async def test_plain_text_allowed_to_a_host_does_not_allow_it_inside() -> None:
    names = Names("10.1.2.3")
    channel = WebhookChannel(f"http://{NAME}/", None, 5, plaintext_hosts=(NAME,), resolve=names)
    assert (await channel.send(SENT, LETTER)).outcome is DeliveryOutcome.UNDELIVERABLE
    await channel.aclose()


@pytest.mark.parametrize("host", ["10.1.2.3", "[fd00::1]", "169.254.169.254", "[::ffff:10.1.2.3]"])
def test_an_address_inside_that_is_written_out_is_refused_at_once(host: str) -> None:
    with pytest.raises(ChannelError, match=r"DUBAN_WEBHOOK_NETWORKS。$|它不可能是网关"):
        WebhookChannel(f"https://{host}/", None, 5)


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_authorities_that_cannot_be_read_are_told_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None
) -> None:
    if content is not None:
        (tmp_path / "wrong.pem").write_text(content)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "wrong.pem"))
    with pytest.raises(ChannelError, match="SSL_CERT_FILE 或 SSL_CERT_DIR 所指的证书不能使用"):
        WebhookChannel(f"https://{NAME}/", None, 5)


async def test_an_answer_that_repeats_our_secrets_is_not_quoted_with_them(gateway: Gateway) -> None:
    token, secret = "693axxx6-7aoc-4bc4-97a0-0ec2sifa5aaa", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    echo = f'"bad url https://{NAME}/send?key={token} or {token}, signed with {secret}"'
    gateway.answer = f'{{"errcode":93000,"errmsg":{echo}}}'.encode()
    url = f"https://{NAME}:{gateway.port}/send?key={token}"
    channel = WebhookChannel(url, SecretStr(f"whsec_{secret}"), 5, networks=HERE, resolve=Names("127.0.0.1"))
    result = await channel.send(SENT, LETTER)
    await channel.aclose()
    assert result.outcome is DeliveryOutcome.UNDELIVERABLE
    assert "代码 93000" in result.reason
    assert token not in result.reason
    assert secret not in result.reason


def test_authorities_are_read_once_for_all_gateways_and_anew_where_the_environment_names_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = trusted_authorities()
    assert trusted_authorities() is usual
    trustme.CA().cert_pem.write_to_path(tmp_path / "ours.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ours.pem"))
    assert trusted_authorities() is not usual
    assert len(trusted_authorities().get_ca_certs()) == 1
