"""Channels, keys and certificates, each broken in turn; nothing is ever sent."""

import os
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from temporalio.client import Client

from duban.client import connect
from duban.doctor import State, channels
from duban.settings import NoticeChannel, load_settings
from tests.doctor.conftest import Doctor
from tests.notices.gateway import Gateway, closed_port, running_gateway

OLD, NEW = (f"k{n}:{letter * 43}=" for n, letter in ((1, "A"), (2, "B")))
TOKEN = "t" * 40


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def gateway(authority: trustme.CA) -> Iterator[Gateway]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)
    with running_gateway(context) as running:
        yield running


@pytest.fixture
def webhook(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("DUBAN_CHANNEL", "webhook")
    monkeypatch.setenv("DUBAN_WEBHOOK_SECRET", "whsec_" + "A" * 32)
    return monkeypatch


async def _channel(doctor: Doctor) -> tuple[State, str]:
    found = (await doctor("channel"))["channel"]
    assert "TOKEN" not in found.detail + found.remedy
    return found.state, found.detail


async def test_an_outbox_that_is_no_folder_is_told(doctor: Doctor, home: Path) -> None:
    (home / "outbox").touch()
    state, detail = await _channel(doctor)
    assert state is State.FAULT
    assert "不是文件夹" in detail


async def test_a_gateway_that_is_trusted_is_reached_and_nothing_is_sent_to_it(
    doctor: Doctor, gateway: Gateway, authority: trustme.CA, tmp_path: Path, webhook: pytest.MonkeyPatch
) -> None:
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    webhook.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    webhook.setenv("DUBAN_WEBHOOK_URL", f"https://localhost:{gateway.port}/hook?token=SECRET-TOKEN")
    state, detail = await _channel(doctor)
    assert state is State.OK, detail
    assert "localhost" in detail
    assert gateway.received == []


async def test_a_gateway_whose_certificate_nobody_vouches_for_is_told(
    doctor: Doctor, gateway: Gateway, webhook: pytest.MonkeyPatch
) -> None:
    webhook.setenv("DUBAN_WEBHOOK_URL", f"https://localhost:{gateway.port}/hook?token=SECRET-TOKEN")
    state, detail = await _channel(doctor)
    assert state is State.FAULT
    assert "证书未通过验证" in detail


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://gateway.invalid/hook?token=SECRET-TOKEN", "无法解析"),
        ("https://10.2.3.4/hook?token=SECRET-TOKEN", "DUBAN_WEBHOOK_NETWORKS"),
        ("http://gateway.example.test/hook?token=SECRET-TOKEN", "https://"),
    ],
)
async def test_a_gateway_that_may_not_or_cannot_be_reached_is_told(
    doctor: Doctor, webhook: pytest.MonkeyPatch, url: str, words: str
) -> None:
    webhook.setenv("DUBAN_WEBHOOK_URL", url)
    state, detail = await _channel(doctor)
    assert state is State.FAULT
    assert words in detail


async def test_a_gateway_that_takes_no_connections_is_told(doctor: Doctor, webhook: pytest.MonkeyPatch) -> None:
    webhook.setenv("DUBAN_WEBHOOK_URL", f"http://localhost:{closed_port()}/hook?token=SECRET-TOKEN")
    state, detail = await _channel(doctor)
    assert state is State.FAULT
    assert "无法连接网关 localhost" in detail


async def test_a_gateway_without_a_signing_secret_is_warned_of(doctor: Doctor, webhook: pytest.MonkeyPatch) -> None:
    webhook.delenv("DUBAN_WEBHOOK_SECRET")
    with running_gateway() as plain:
        webhook.setenv("DUBAN_WEBHOOK_URL", f"http://localhost:{plain.port}/hook?token=SECRET-TOKEN")
        state, detail = await _channel(doctor)
    assert state is State.WARNING
    assert "没有签名" in detail


async def test_a_payload_key_that_is_gone_is_named_and_one_that_is_behind_another_is_enough(
    doctor: Doctor, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUBAN_PAYLOAD_KEYS", OLD)
    writer = await connect(namespace=client.namespace)
    queue = load_settings().task_queue
    handle = await writer.start_workflow("ReformPlan", {"code": "P"}, id="doctor-encrypted", task_queue=queue)
    try:
        told = []
        for keys in (OLD, f"{NEW},{OLD}", NEW, ""):
            monkeypatch.setenv("DUBAN_PAYLOAD_KEYS", keys)
            told.append(await _until_listed(doctor))
    finally:
        await handle.terminate()

    assert [state for state, _ in told] == [State.OK, State.OK, State.FAULT, State.FAULT]
    assert "k1" in told[2][1]
    assert not any(part in detail for _, detail in told for part in (OLD.partition(":")[2], NEW.partition(":")[2]))


async def _until_listed(doctor: Doctor) -> tuple[State, str]:
    """The visibility of the server lags a little behind."""
    for _ in range(200):
        found = (await doctor("payload_keys"))["payload_keys"]
        if "还没有数据" not in found.detail:
            return found.state, found.detail
    raise AssertionError("never listed")


@pytest.mark.parametrize(
    ("left", "state"), [(-1, State.FAULT), (10, State.WARNING), (300, State.OK), (None, State.FAULT)]
)
async def test_the_certificate_of_the_codec_endpoint_is_looked_at(
    doctor: Doctor,
    authority: trustme.CA,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    left: int | None,
    state: State,
) -> None:
    file = tmp_path / "codec.pem"
    if left is None:
        file.write_text("no certificate")
    else:
        until = datetime.now(UTC) + timedelta(days=left)
        certificate = authority.issue_cert("codec.test", not_after=until, not_before=until - timedelta(days=900))
        certificate.cert_chain_pems[0].write_to_path(file)
    monkeypatch.setenv("DUBAN_PAYLOAD_KEYS", NEW)
    monkeypatch.setenv("DUBAN_CODEC_TOKEN", TOKEN)
    monkeypatch.setenv("DUBAN_CODEC_TLS_CERTIFICATE", str(file))
    assert (await doctor("codec"))["codec"].state is state
    assert os.environ["DUBAN_CODEC_TOKEN"] == TOKEN


def test_every_kind_of_channel_has_its_way_of_being_looked_at() -> None:
    assert channels.WAYS.keys() == set(NoticeChannel)
