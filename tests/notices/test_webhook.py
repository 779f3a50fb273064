"""The webhook against a real HTTP server: signed, bounded in time and size, silent about its address."""

import base64
import contextlib
import json
import logging
import socket
import ssl
import threading
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import trustme
from pydantic import SecretStr
from standardwebhooks import Webhook, WebhookVerificationError

from duban.contracts import DeliveryOutcome
from duban.notices.channel import ChannelError, SendResult
from duban.notices.webhook import WebhookChannel
from duban.notices.wording import write_letter
from tests.notices import samples
from tests.notices.gateway import Gateway, closed_port, running_gateway, silence
from tests.notices.samples import delivery

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
SENT = delivery(samples.WRITTEN, samples.RETURNED)
LETTER = write_letter(SENT)


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with running_gateway() as running:
        yield running


@pytest.fixture
async def channel(gateway: Gateway) -> AsyncIterator[WebhookChannel]:
    opened = WebhookChannel(gateway.url, SecretStr(SECRET), timeout=5)
    yield opened
    await opened.aclose()


async def send_to(url: str, timeout: float = 5) -> SendResult:
    opened = WebhookChannel(url, SecretStr(SECRET), timeout=timeout)
    try:
        return await opened.send(SENT, LETTER)
    finally:
        await opened.aclose()


async def test_a_receiver_can_verify_the_signature(gateway: Gateway, channel: WebhookChannel) -> None:
    assert (await channel.send(SENT, LETTER)).outcome is DeliveryOutcome.DELIVERED
    received = gateway.received[0]
    assert Webhook(SECRET).verify(received.body, received.headers) == json.loads(received.body)
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(received.body.replace(b"1", b"2"), received.headers)


async def test_this_machine_may_be_written_by_its_name(gateway: Gateway) -> None:
    result = await send_to(gateway.url.replace("127.0.0.1", "localhost"))
    assert result.outcome is DeliveryOutcome.DELIVERED


async def test_the_body_holds_the_text_and_the_readable_key_of_every_notice(
    gateway: Gateway, channel: WebhookChannel
) -> None:
    await channel.send(SENT.model_copy(update={"attempt": 2, "uncertain": True}), LETTER)
    message = json.loads(gateway.received[0].body)
    assert message["type"] == "duban.notice"
    assert message["timestamp"] == "2016-07-18T01:00:00Z"
    data = message["data"]
    assert (data["id"], data["attempt"], data["uncertain"]) == (SENT.id, 2, True)
    assert (data["title"], data["text"], data["numbers"]) == (LETTER.title, LETTER.text, ["催办通知〔2016〕1号"])
    written, returned = data["notices"]
    assert written["idempotency_key"] == "KM16-07/1/e1/written/市住房城乡建设局"
    assert (written["kind"], written["level"], written["number"]) == ("reminder", "written", "催办通知〔2016〕1号")
    assert written["explanation"]["behind_since"] == "2016-06-30"
    assert returned["facts"]["what"] == "return"


async def test_every_attempt_bears_the_same_ascii_identifier(gateway: Gateway, channel: WebhookChannel) -> None:
    await channel.send(SENT, LETTER)
    await channel.send(SENT.model_copy(update={"attempt": 2}), LETTER)
    await channel.send(SENT.model_copy(update={"id": "送达/2016-07-18/2"}), LETTER)
    first, again, other = (received.headers["webhook-id"] for received in gateway.received)
    assert first == again != other
    assert first.isascii()
    assert first.startswith("duban_")


async def test_without_a_secret_it_is_sent_unsigned(gateway: Gateway) -> None:
    opened = WebhookChannel(gateway.url, None, timeout=5)
    assert (await opened.send(SENT, LETTER)).outcome is DeliveryOutcome.DELIVERED
    await opened.aclose()
    assert "webhook-signature" not in gateway.received[0].headers
    assert "webhook-id" in gateway.received[0].headers


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (204, DeliveryOutcome.DELIVERED),
        (400, DeliveryOutcome.UNDELIVERABLE),
        (408, DeliveryOutcome.RETRY),
        (410, DeliveryOutcome.UNDELIVERABLE),
        (425, DeliveryOutcome.RETRY),
        (500, DeliveryOutcome.RETRY),
    ],
)
async def test_the_status_of_the_answer_decides(
    gateway: Gateway, channel: WebhookChannel, status: int, outcome: DeliveryOutcome
) -> None:
    gateway.status = status
    assert (await channel.send(SENT, LETTER)).outcome is outcome


async def test_the_gateway_s_wish_to_wait_is_passed_on(gateway: Gateway, channel: WebhookChannel) -> None:
    gateway.status, gateway.headers = 429, {"Retry-After": "90"}
    assert (await channel.send(SENT, LETTER)).retry_after == timedelta(seconds=90)
    in_ten_minutes = datetime.now(UTC) + timedelta(minutes=10)
    gateway.status, gateway.headers = 503, {"Retry-After": format_datetime(in_ten_minutes, usegmt=True)}
    wait = (await channel.send(SENT, LETTER)).retry_after
    assert wait is not None
    assert timedelta(minutes=9) < wait <= timedelta(minutes=10)


async def test_a_redirect_is_not_followed(gateway: Gateway, channel: WebhookChannel) -> None:
    gateway.status, gateway.headers = 307, {"Location": "/elsewhere"}
    result = await channel.send(SENT, LETTER)
    assert result.outcome is DeliveryOutcome.UNDELIVERABLE
    assert "不跟随转址" in result.reason
    assert len(gateway.received) == 1


async def test_a_gateway_that_is_away_is_tried_again() -> None:
    assert await send_to(f"http://127.0.0.1:{closed_port()}/") == SendResult.retry("无法连接网关")


async def test_a_gateway_that_keeps_silent_is_tried_again(gateway: Gateway) -> None:
    gateway.talk = silence(0.6)
    assert await send_to(gateway.url, timeout=0.3) == SendResult.retry("网关在0.3秒内没有答复")


async def test_a_gateway_that_drips_its_headers_is_left_in_time(gateway: Gateway) -> None:
    gateway.talk = gateway.drip(b"HTTP/1.1 200 OK\r\n", b"X-Wait: yes\r\n")
    begun = time.monotonic()
    assert (await send_to(gateway.url, timeout=0.4)).outcome is DeliveryOutcome.RETRY
    assert time.monotonic() - begun < 2


async def test_a_status_counts_though_the_rest_of_the_answer_never_ends(gateway: Gateway) -> None:
    gateway.talk = gateway.drip(b"HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n")
    begun = time.monotonic()
    assert (await send_to(gateway.url, timeout=0.4)).outcome is DeliveryOutcome.DELIVERED
    assert time.monotonic() - begun < 2


async def test_a_huge_answer_is_not_read(gateway: Gateway, channel: WebhookChannel) -> None:
    gateway.answer = b"x" * 50_000_000
    begun = time.monotonic()
    assert (await channel.send(SENT, LETTER)).outcome is DeliveryOutcome.DELIVERED
    assert time.monotonic() - begun < 2


async def test_an_endless_answer_is_not_read_to_its_end(gateway: Gateway) -> None:
    def flood(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while not gateway.closing.is_set():
            connection.sendall(b"1000\r\n" + b"x" * 4096 + b"\r\n")

    gateway.talk = flood
    begun = time.monotonic()
    assert (await send_to(gateway.url, timeout=20)).outcome is DeliveryOutcome.DELIVERED
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize(
    "said",
    [b"", b"HTTP/1.1 200", b"220 smtp ready\r\n", b"\x00\xff" * 100 + b"\r\n\r\n"],
    ids=["nothing", "broken off", "another protocol", "noise"],
)
async def test_an_answer_that_is_no_http_is_tried_again(gateway: Gateway, said: bytes) -> None:
    gateway.talk = lambda connection: connection.sendall(said)
    assert await send_to(gateway.url) == SendResult.retry("与网关的连接中断，或网关的答复不合规范")


async def test_the_channel_goes_on_after_a_failure(gateway: Gateway, channel: WebhookChannel) -> None:
    gateway.talk = lambda connection: connection.sendall(b"nonsense\r\n\r\n")
    assert (await channel.send(SENT, LETTER)).outcome is DeliveryOutcome.RETRY
    gateway.talk = None
    assert (await channel.send(SENT, LETTER)).outcome is DeliveryOutcome.DELIVERED


async def test_https_to_a_gateway_that_speaks_http_names_what_to_check(gateway: Gateway) -> None:
    result = await send_to(gateway.url.replace("http://", "https://"))
    assert result == SendResult.retry("与网关的加密连接失败，请核对网关地址应为 https:// 还是 http://")


@pytest.fixture
def nobodys_certificate() -> ssl.SSLContext:
    """A server's side with a certificate for which nobody vouches whom we trust."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    return context


async def test_a_certificate_that_does_not_hold_is_for_a_person_to_mend(nobodys_certificate: ssl.SSLContext) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def shake_hands() -> None:
            connection, _ = listening.accept()
            with connection, contextlib.suppress(OSError):  # the client breaks off
                nobodys_certificate.wrap_socket(connection, server_side=True)

        thread = threading.Thread(target=shake_hands)
        thread.start()
        result = await send_to(f"https://127.0.0.1:{listening.getsockname()[1]}/")
        thread.join()
    assert result == SendResult.undeliverable("网关的证书未通过验证，请更换证书，或在本机信任其签发机构")


async def test_the_token_in_the_address_is_never_logged(
    gateway: Gateway, channel: WebhookChannel, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        await channel.send(SENT, LETTER)
        gateway.status = 500
        result = await channel.send(SENT, LETTER)
    assert 'HTTP Request: POST http://127.0.0.1/… "HTTP/1.1 500 Internal Server Error"' in caplog.messages
    assert "SECRET-TOKEN" not in caplog.text
    assert "SECRET-TOKEN" not in result.reason


@pytest.mark.parametrize(
    "url",
    [
        "",
        "gateway.example",
        "ftp://gateway.example/",
        "http://",
        "http://[::1",
        "https:///x",
        "http://gateway.example:99999/",
    ],
)
def test_an_address_that_cannot_be_used_is_refused_at_once(url: str) -> None:
    with pytest.raises(ChannelError, match=r"^网关地址不可用：应为以 http:// 或 https:// 开头的完整地址。$"):
        WebhookChannel(url, None, timeout=5)


@pytest.mark.parametrize("secret", ["口令一二三四", "whsec_!!!", "not base64 at all", "abcde"])
def test_a_secret_that_is_no_base64_is_refused_at_once(secret: str) -> None:
    with pytest.raises(ChannelError, match=r"^签名密钥不可用：应为 Base64 编码的密钥，可带 whsec_ 前缀。$") as refused:
        WebhookChannel("https://gateway.example/", SecretStr(secret), timeout=5)
    assert secret not in str(refused.value)


@pytest.mark.parametrize("secret", ["", "whsec_", "password"])
def test_a_password_in_place_of_a_key_is_refused(secret: str) -> None:
    with pytest.raises(ChannelError, match="签名密钥太短"):
        WebhookChannel("https://gateway.example/", SecretStr(secret), timeout=5)


@pytest.mark.parametrize("secret", [SECRET, SECRET.removeprefix("whsec_"), SECRET.rstrip("=")])
async def test_a_secret_is_taken_with_and_without_its_prefix_and_padding(gateway: Gateway, secret: str) -> None:
    opened = WebhookChannel(gateway.url, SecretStr(secret), timeout=5)
    await opened.send(SENT, LETTER)
    await opened.aclose()
    Webhook(SECRET).verify(gateway.received[0].body, gateway.received[0].headers)
