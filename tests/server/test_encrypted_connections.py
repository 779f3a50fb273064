"""mTLS and API keys through the standard profiles, on real TLS; off this machine nothing goes out in plain text."""

import logging
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import trustme
from temporalio.client import Client

from duban import transport
from duban.client import ConnectionFailed, connect
from duban.server import DevServer, ServerError, running_server
from duban.settings import load_settings
from tests.server.certificates import Authority, new_authority, profile
from tests.server.tls_pipe import Pipe, tls_pipe

KEY = "planted-api-key-0123456789"
ELSEWHERE = "temporal.example.test:7233"


@pytest.fixture(scope="module")
def ours() -> Authority:
    return new_authority()


@pytest.fixture(scope="module")
def strangers() -> Authority:
    return new_authority()


@pytest.fixture
async def pipe(dev_server: DevServer, ours: Authority) -> AsyncIterator[Pipe]:
    async with tls_pipe(ours.server(), dev_server.address) as running:
        yield running


@pytest.fixture
def use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Makes a profile the one that is used."""

    def using(address: str, *, trusts: Authority, shows: trustme.LeafCert | None = None, more: str = "") -> None:
        file = profile(tmp_path, address, trusts=trusts, shows=shows, more=more)
        monkeypatch.setenv("TEMPORAL_CONFIG_FILE", str(file))
        monkeypatch.setenv("TEMPORAL_PROFILE", "office")

    return using


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Addresses that the SDK is asked to connect to: what is refused is refused before."""
    asked: list[str] = []

    async def never(target_host: str, **_: object) -> Client:
        asked.append(target_host)
        raise RuntimeError("not in a test")

    monkeypatch.setattr(Client, "connect", never)
    return asked


async def test_a_profile_with_its_certificates_connects_to_a_server_that_demands_one(
    pipe: Pipe, ours: Authority, use: Callable[..., None]
) -> None:
    use(pipe.address, trusts=ours, shows=ours.issue())
    client = await connect()
    assert client.namespace == "default"
    assert pipe.connections == 1
    assert {each[":scheme"] for each in pipe.headers} == {"https"}


async def test_without_a_certificate_the_remedy_is_named(pipe: Pipe, ours: Authority, use: Callable[..., None]) -> None:
    use(pipe.address, trusts=ours)
    with pytest.raises(ConnectionFailed, match="没有提供客户端证书；如该服务器要求双向认证，请在配置档中写明"):
        await connect()
    assert pipe.connections == 0


async def test_a_certificate_that_has_expired_is_said_to_have(
    pipe: Pipe, ours: Authority, use: Callable[..., None]
) -> None:
    use(pipe.address, trusts=ours, shows=ours.issue(expired=True))
    with pytest.raises(ConnectionFailed, match=r"客户端证书已于 \d{4}-\d\d-\d\d \d\d:\d\d（UTC）过期，请更换证书。"):
        await connect()
    assert pipe.connections == 0


async def test_a_certificate_of_another_authority_is_not_let_in(
    pipe: Pipe, ours: Authority, strangers: Authority, use: Callable[..., None]
) -> None:
    use(pipe.address, trusts=ours, shows=strangers.issue())
    with pytest.raises(ConnectionFailed, match="如客户端证书不是该服务器认可的机构签发的，请更换"):
        await connect()
    assert pipe.connections == 0


async def test_a_server_that_strangers_vouch_for_gets_nothing(
    pipe: Pipe, ours: Authority, strangers: Authority, use: Callable[..., None]
) -> None:
    use(pipe.address, trusts=strangers, shows=ours.issue())
    with pytest.raises(ConnectionFailed, match="TLS 和 API 密钥的设置是否正确"):
        await connect()
    assert (pipe.connections, pipe.headers) == (0, [])


@pytest.mark.parametrize(("name", "expired"), [("elsewhere.test", False), ("localhost", True)])
async def test_a_server_whose_certificate_is_for_another_name_or_has_expired_gets_nothing(
    dev_server: DevServer, ours: Authority, use: Callable[..., None], name: str, expired: bool
) -> None:
    async with tls_pipe(ours.server(name, expired=expired), dev_server.address) as pipe:
        use(pipe.address, trusts=ours, shows=ours.issue(), more=f'api_key = "{KEY}"')
        with pytest.raises(ConnectionFailed, match="TLS 和 API 密钥的设置是否正确") as failure:
            await connect()
    assert pipe.headers == []
    assert KEY not in str(failure.value)


async def test_an_api_key_arrives_with_every_request_and_only_inside_tls(
    pipe: Pipe, ours: Authority, use: Callable[..., None]
) -> None:
    use(pipe.address, trusts=ours, shows=ours.issue(), more=f'api_key = "{KEY}"')
    await connect()
    assert pipe.headers
    assert pipe.sent("authorization") == {f"Bearer {KEY}"}
    assert pipe.sent(":scheme") == {"https"}


async def test_on_this_machine_a_key_may_go_in_plain_text_where_tls_is_switched_off_in_words(
    dev_server: DevServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with tls_pipe(None, dev_server.address) as pipe:
        monkeypatch.setenv("TEMPORAL_ADDRESS", pipe.address)
        monkeypatch.setenv("TEMPORAL_API_KEY", KEY)
        monkeypatch.setenv("TEMPORAL_TLS", "false")
        await connect()
    assert pipe.sent("authorization") == {f"Bearer {KEY}"}


async def test_off_this_machine_a_server_without_tls_is_refused_with_the_remedy(
    monkeypatch: pytest.MonkeyPatch, tried: list[str]
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", ELSEWHERE)
    with pytest.raises(ConnectionFailed) as refused:
        await connect()
    assert str(refused.value) == (
        "Temporal 服务器 temporal.example.test 不在本机，而连接没有加密或不验证对方的证书，已拒绝连接。"
        "请设置 TEMPORAL_TLS=true（或在配置档的 tls 一节写明证书）。"
        "如确须明文连接（仅限可信的内部网络），请把 temporal.example.test 写入 DUBAN_PLAINTEXT_HOSTS。"
    )
    assert tried == []


@pytest.mark.parametrize("stated", [{"TEMPORAL_TLS": "true"}, {"TEMPORAL_API_KEY": KEY}], ids=" ".join)
async def test_a_server_elsewhere_is_connected_to_with_tls_which_a_key_switches_on_by_itself(
    monkeypatch: pytest.MonkeyPatch, tried: list[str], stated: dict[str, str]
) -> None:
    for name, value in {"TEMPORAL_ADDRESS": ELSEWHERE, **stated}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConnectionFailed, match="无法连接"):
        await connect()
    assert tried == [ELSEWHERE]


@pytest.mark.parametrize(
    "secret",
    [{"TEMPORAL_API_KEY": KEY}, {"TEMPORAL_GRPC_META_AUTHORIZATION": f"Bearer {KEY}"}],
    ids=["api key", "a header that is one"],
)
async def test_an_api_key_does_not_leave_this_machine_in_plain_text_whoever_allows_it(
    monkeypatch: pytest.MonkeyPatch, tried: list[str], secret: dict[str, str]
) -> None:
    settings = {"TEMPORAL_ADDRESS": ELSEWHERE, "TEMPORAL_TLS": "false", **secret}
    settings["DUBAN_PLAINTEXT_HOSTS"] = "temporal.example.test"
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConnectionFailed, match="API 密钥不能明文发送，已拒绝连接。请设置 TEMPORAL_TLS=true") as refused:
        await connect()
    assert KEY not in str(refused.value)
    assert tried == []


async def test_the_search_for_a_server_sends_no_key_in_plain_text_either(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, tried: list[str]
) -> None:
    for name, value in {"ADDRESS": ELSEWHERE, "API_KEY": KEY, "TLS": "false"}.items():
        monkeypatch.setenv(f"TEMPORAL_{name}", value)
    with pytest.raises(ServerError, match="API 密钥不能明文发送"):
        async with running_server(load_settings(home=tmp_path), say=lambda _: None):
            pass
    assert tried == []


async def test_a_host_that_is_named_is_connected_to_and_warned_of_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tried: list[str]
) -> None:
    transport._warn_once.cache_clear()
    monkeypatch.setenv("TEMPORAL_ADDRESS", ELSEWHERE)
    monkeypatch.setenv("DUBAN_PLAINTEXT_HOSTS", "db.intranet, Temporal.Example.Test")
    for _ in range(2):
        with (
            pytest.raises(ConnectionFailed, match=f"无法连接 Temporal 服务器 {ELSEWHERE}"),
            caplog.at_level(logging.WARNING),
        ):
            await connect()
    assert tried == [ELSEWHERE, ELSEWHERE]
    told = [record.getMessage() for record in caplog.records if record.name == "duban.transport"]
    assert told == ["Temporal 服务器 temporal.example.test：连接没有加密（由 DUBAN_PLAINTEXT_HOSTS 允许）。"]


@pytest.mark.parametrize(
    "address",
    [
        "localhost:7233@temporal.example.test:7233",
        "localhost:7233/@temporal.example.test:7233",
        "localhost\\@temporal.example.test:7233",
        "127.0.0.1.temporal.example.test:7233",
        "localhost.temporal.example.test:7233",
        "[::ffff:10.0.0.5]:7233",
        "0.0.0.0:7233",
        "2130706433:7233",
    ],
)
async def test_what_only_looks_like_this_machine_is_not(
    monkeypatch: pytest.MonkeyPatch, tried: list[str], address: str
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", address)
    with pytest.raises(ConnectionFailed, match=r"已拒绝连接|应为 主机:端口"):
        await connect()
    assert tried == []
