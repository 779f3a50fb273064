"""Connecting works as Temporal's own variables say, and fails in words that name the address."""

import asyncio
import socket
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import BaseModel
from temporalio.envconfig import ClientConnectConfig

from duban.client import ConnectionFailed, connect
from duban.server import DevServer


class Value(BaseModel):
    number: int


async def test_the_address_and_namespace_come_from_temporals_variables(
    dev_server: DevServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", dev_server.address)
    monkeypatch.setenv("TEMPORAL_NAMESPACE", "temporal-system")
    client = await connect()
    assert (client.service_client.config.target_host, client.namespace) == (dev_server.address, "temporal-system")


async def test_a_profile_is_read_from_its_file(
    dev_server: DevServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "temporal.toml"
    file.write_text(f'[profile.office]\naddress = "{dev_server.address}"\nnamespace = "temporal-system"\n')
    monkeypatch.setenv("TEMPORAL_CONFIG_FILE", str(file))
    assert (await connect(profile="office")).namespace == "temporal-system"


async def test_what_is_given_explicitly_wins(dev_server: DevServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:1")
    monkeypatch.setenv("TEMPORAL_NAMESPACE", "nowhere")
    assert (await connect(address=dev_server.address, namespace="default")).namespace == "default"


async def test_a_configuration_that_is_handed_in_is_used_instead_of_the_variables_and_left_as_it_is(
    dev_server: DevServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEMPORAL_NAMESPACE", "nowhere")
    config = ClientConnectConfig(target_host=dev_server.address)
    assert (await connect(config)).namespace == "default"
    assert config == {"target_host": dev_server.address}


async def test_pydantic_models_are_payloads(dev_server: DevServer) -> None:
    client = await connect(address=dev_server.address)
    payloads = await client.data_converter.encode([Value(number=1)])
    assert await client.data_converter.decode(payloads, [Value]) == [Value(number=1)]


async def test_a_namespace_that_does_not_exist_is_named(dev_server: DevServer) -> None:
    with pytest.raises(ConnectionFailed, match=f"{dev_server.address} 上没有命名空间“nowhere”"):
        await connect(address=dev_server.address, namespace="nowhere")


@pytest.mark.parametrize("address", ["127.0.0.1:1", "duban.invalid:7233", "127.0.0.1:99999", "没有端口"])
async def test_where_nobody_answers_the_address_and_the_variable_are_named(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUBAN_PLAINTEXT_HOSTS", "duban.invalid")
    with pytest.raises(ConnectionFailed, match="TEMPORAL_ADDRESS") as failure:
        await connect(address=address)
    assert f"无法连接 Temporal 服务器 {address}" in str(failure.value)


async def test_tls_towards_a_server_without_it_fails_in_words(
    dev_server: DevServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEMPORAL_API_KEY", "planted-api-key")
    with pytest.raises(ConnectionFailed, match="TLS") as failure:
        await connect(address=dev_server.address)
    assert "planted-api-key" not in str(failure.value)


async def test_a_server_that_accepts_and_says_nothing_is_given_up_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        async with asyncio.timeout(5):
            with pytest.raises(ConnectionFailed, match=rf"{address} 在 0\.5 秒内没有答复"):
                await connect(address=address, within=timedelta(seconds=0.5))


async def test_a_profile_that_does_not_exist_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_PROFILE", "nobody")
    with pytest.raises(ConnectionFailed, match="TEMPORAL_PROFILE"):
        await connect()
