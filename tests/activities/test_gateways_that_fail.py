"""A gateway that fails in every way that gateways do: what the ledger says, what is tried again, what is for a person.

The gateway, the channel, the activity and the ledger are real; only time is the test's, so that nobody waits.
"""

import ssl
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import trustme

from activities import delivery
from activities.delivery import DeliveryActivities
from duban.contracts import DispatchRound
from duban.ledger.questions.rows import NoticeRow
from duban.notices.addresses import Network, networks_of
from duban.notices.webhook import WebhookChannel
from tests.activities.conftest import ByHand
from tests.notices.gateway import Gateway, closed_port, running_gateway, silence
from tests.supervision.supervised import HANDLING

NAME = "gateway.example.test"
MOMENT = timedelta(minutes=1)
SOON = timedelta(seconds=30)
LEEWAY = timedelta(seconds=20)
"""What a round may take here on a busy machine."""
PATIENCE = 0.5


@pytest.fixture
async def registered(by_hand: ByHand) -> ByHand:
    """The plan is registered: an assignment waits for the handling body."""
    start = by_hand.start_of(by_hand.installation.task("2016-06-30"))
    await by_hand.at(MOMENT).run(by_hand.plans.register, start)
    return by_hand


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with running_gateway() as running:
        yield running


@asynccontextmanager
async def sending_to(
    registered: ByHand, url: str, *addresses: str, networks: Sequence[Network] = ()
) -> AsyncIterator[ByHand]:
    """The deliveries go to a gateway whose name leads to these addresses."""

    async def resolve(_host: str, _port: int) -> Sequence[str]:
        return addresses

    channel = WebhookChannel(url, None, PATIENCE, networks=networks, resolve=resolve)
    registered.deliveries = DeliveryActivities(
        registered.ledger, registered.nudged, channel, registered.threads, channel_name="webhook"
    )
    try:
        yield registered
    finally:
        await channel.aclose()


def notice(registered: ByHand) -> NoticeRow:
    [row] = registered.ledger.rows.notice_rows(body=HANDLING)
    return row


def wait_until_next(registered: ByHand, done: DispatchRound, later: timedelta) -> timedelta:
    """How long after the round the next attempt is due; the ledger and the dispatch agree on it."""
    assert done.delivered == 0
    assert done.next_at is not None
    assert notice(registered).retry_at_real == done.next_at
    return done.next_at - registered.real(later)


def says(status: int, **headers: str) -> Callable[[Gateway], None]:
    def set_up(gateway: Gateway) -> None:
        gateway.status, gateway.headers = status, {name.replace("_", "-"): value for name, value in headers.items()}

    return set_up


def says_inside(answer: str) -> Callable[[Gateway], None]:
    def set_up(gateway: Gateway) -> None:
        gateway.answer = answer.encode()

    return set_up


def drips_its_headers(gateway: Gateway) -> None:
    gateway.talk = gateway.drip(b"HTTP/1.1 200 OK\r\n", b"X-Wait: yes\r\n")


def says_nothing(gateway: Gateway) -> None:
    gateway.talk = silence(2 * PATIENCE)


def breaks_off(gateway: Gateway) -> None:
    gateway.talk = lambda connection: connection.sendall(b"HTTP/1.1 200")


def heal(gateway: Gateway) -> None:
    gateway.status, gateway.headers, gateway.answer, gateway.talk = 200, {}, b'{"errcode":0,"errmsg":"ok"}', None


def identities(gateway: Gateway) -> set[str]:
    return {received.headers["webhook-id"] for received in gateway.received}


PASSING = {
    "429 that asks for twenty minutes": (
        says(429, Retry_After="1200"), timedelta(minutes=20), "网关暂时不能接收（HTTP 429）",
    ),
    "429 that asks for three days": (
        says(429, Retry_After="259200"), timedelta(hours=1), "网关暂时不能接收（HTTP 429）",
    ),
    "429 that asks for nothing": (says(429), SOON, "网关暂时不能接收（HTTP 429）"),
    "500": (says(500), SOON, "网关暂时不能接收（HTTP 500）"),
    "503 that asks for five minutes": (
        says(503, Retry_After="300"), timedelta(minutes=5), "网关暂时不能接收（HTTP 503）",
    ),
    "headers that drip": (drips_its_headers, SOON, "网关在0.5秒内没有答复"),
    "nothing at all": (says_nothing, SOON, "网关在0.5秒内没有答复"),
    "an answer that breaks off": (breaks_off, SOON, "与网关的连接中断，或网关的答复不合规范"),
    "too many calls, inside a 200": (
        says_inside('{"errcode":45009,"errmsg":"api freq out of limit"}'), SOON,
        "网关暂时不能接收：代码 45009，“api freq out of limit”（HTTP 200）",
    ),
}  # fmt: skip


@pytest.mark.parametrize("failing", PASSING)
async def test_what_passes_by_itself_is_tried_again_in_time_under_the_same_identifier(
    registered: ByHand, gateway: Gateway, failing: str
) -> None:
    set_up, wait, answer = PASSING[failing]
    set_up(gateway)
    async with sending_to(registered, gateway.url):
        done = await registered.deliver(HANDLING, MOMENT)
        assert wait <= wait_until_next(registered, done, MOMENT) < wait + LEEWAY
        row = notice(registered)
        assert (row.status.value, row.attempts, row.last_answer) == ("sending", 1, answer)
        assert registered.ledger.deliveries.undeliverable() == ()

        too_early = await registered.deliver(HANDLING, MOMENT + wait - SOON / 2)
        assert (too_early.delivered, too_early.next_at) == (0, done.next_at)
        assert len(gateway.received) == 1

        heal(gateway)
        assert (await registered.deliver(HANDLING, MOMENT + wait + LEEWAY)).delivered == 1
        assert (await registered.deliver(HANDLING, 2 * (MOMENT + wait + LEEWAY))).delivered == 0
    row = notice(registered)
    assert (row.status.value, row.channel, row.attempts) == ("delivered", "webhook", 2)
    assert (len(gateway.received), len(identities(gateway))) == (2, 1)


MENDABLE = {
    "410": (says(410), "接收地址已停用（gone），请停止推送或更换网关地址（HTTP 410）"),
    "302": (
        says(302, Location="/elsewhere"),
        "网关要求转到其他地址，本系统不跟随转址，请把网关地址改为最终地址（HTTP 302）",
    ),
    "307 to this very machine": (
        says(307, Location="http://127.0.0.1/"),
        "网关要求转到其他地址，本系统不跟随转址，请把网关地址改为最终地址（HTTP 307）",
    ),
    "401": (says(401), "网关不认可签名或身份，请核对签名密钥（HTTP 401）"),
    "a refusal inside a 200": (
        says_inside('{"errcode":93000,"errmsg":"invalid webhook url"}'),
        "网关没有接收：代码 93000，“invalid webhook url”。请按网关的说明处理后重新发送（HTTP 200）",
    ),
}  # fmt: skip


async def lists_and_sends_again(registered: ByHand, answer: str, mended: Callable[[], object]) -> None:
    """What is for a person is listed, is not tried by itself, and goes out again under its identifier when told to."""
    done = await registered.deliver(HANDLING, MOMENT)
    assert (done.delivered, done.next_at) == (0, None)
    row = notice(registered)
    assert (row.status.value, row.attempts, row.last_answer, row.retry_at_real) == ("undeliverable", 1, answer, None)
    [listed] = registered.ledger.deliveries.undeliverable()
    assert (listed.recipient, listed.detail, listed.attempts, listed.still_true) == (HANDLING, answer, 1, True)
    later = await registered.deliver(HANDLING, timedelta(days=3))
    assert (later.delivered, notice(registered).attempts) == (0, 1)

    mended()
    again = registered.ledger.deliveries.send_again([listed.delivery_id], registered.real(timedelta(days=3)))
    assert again == (HANDLING,)
    assert (await registered.deliver(HANDLING, timedelta(days=3) + MOMENT)).delivered == 1
    row = notice(registered)
    assert (row.status.value, row.attempts) == ("delivered", 2)
    assert registered.ledger.deliveries.undeliverable() == ()


@pytest.mark.parametrize("failing", MENDABLE)
async def test_what_needs_a_person_is_listed_and_sent_again_when_told_under_the_same_identifier(
    registered: ByHand, gateway: Gateway, failing: str
) -> None:
    set_up, answer = MENDABLE[failing]
    set_up(gateway)
    async with sending_to(registered, gateway.url):
        await lists_and_sends_again(registered, answer, lambda: heal(gateway))
    assert (len(gateway.received), len(identities(gateway))) == (2, 1)


async def test_a_gateway_with_a_wrong_certificate_gets_nothing_until_a_person_has_mended_it(
    registered: ByHand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("other.example.test").configure_cert(context)

    def renew() -> None:
        assert secure.received == []
        authority.issue_cert(NAME).configure_cert(context)

    with running_gateway(context) as secure:
        url = f"https://{NAME}:{secure.port}/hook"
        async with sending_to(registered, url, "127.0.0.1", networks=networks_of("127.0.0.0/8")):
            answer = "网关的证书未通过验证，请更换证书，或在本机信任其签发机构"
            await lists_and_sends_again(registered, answer, renew)
        assert len(secure.received) == 1


async def test_a_name_that_leads_inside_is_listed_with_the_setting_that_would_allow_it(registered: ByHand) -> None:
    async with sending_to(registered, f"https://{NAME}/hook", "192.168.1.10"):
        await registered.deliver(HANDLING, MOMENT)
    [listed] = registered.ledger.deliveries.undeliverable()
    assert "192.168.1.10" in listed.detail
    assert "DUBAN_WEBHOOK_NETWORKS" in listed.detail


async def test_a_letter_taken_by_a_gateway_whose_answer_does_not_end_is_delivered_and_not_sent_again(
    registered: ByHand, gateway: Gateway
) -> None:
    gateway.talk = gateway.drip(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n")
    async with sending_to(registered, gateway.url):
        assert (await registered.deliver(HANDLING, MOMENT)).delivered == 1
        assert (await registered.deliver(HANDLING, 2 * MOMENT)).delivered == 0
    assert (notice(registered).status.value, len(gateway.received)) == ("delivered", 1)


async def test_a_refusal_is_heard_though_the_answer_does_not_end(registered: ByHand, gateway: Gateway) -> None:
    said = b'{"errcode":93000,"errmsg":"no"}'
    start = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n" % (len(said), said)
    gateway.talk = gateway.drip(start, b"1\r\n \r\n")
    async with sending_to(registered, gateway.url):
        assert (await registered.deliver(HANDLING, MOMENT)).delivered == 0
    assert notice(registered).status.value == "undeliverable"


async def test_three_days_without_a_gateway_cost_a_bounded_number_of_attempts_and_lose_nothing(
    registered: ByHand,
) -> None:
    away, back = closed_port(), timedelta(days=3)
    later, waits = MOMENT, list[timedelta]()
    async with sending_to(registered, f"http://127.0.0.1:{away}/hook"):
        # As the dispatch goes on: from each round to the moment that it names.
        while later < back:
            waits.append(wait_until_next(registered, await registered.deliver(HANDLING, later), later))
            later += waits[-1]
        row = notice(registered)
        assert (row.status.value, row.last_answer, row.attempts) == ("sending", "无法连接网关", len(waits))
        # Half a minute at first, an hour in the end: some eighty attempts in three days.
        assert delivery.FIRST_WAIT <= waits[0] < delivery.FIRST_WAIT + LEEWAY
        assert delivery.LONGEST_WAIT <= max(waits) < delivery.LONGEST_WAIT + LEEWAY
        assert 70 <= len(waits) <= 80

        with running_gateway(port=away) as gateway:
            assert (await registered.deliver(HANDLING, later)).delivered == 1
            assert (await registered.deliver(HANDLING, later + back)).delivered == 0
            assert (len(gateway.received), len(identities(gateway))) == (1, 1)
    row = notice(registered)
    assert (row.status.value, row.attempts) == ("delivered", len(waits) + 1)
    assert row.delivered_at_real is not None
    assert timedelta() <= row.delivered_at_real - registered.real(later) < LEEWAY
