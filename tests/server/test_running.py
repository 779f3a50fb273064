"""Real development servers: named by the environment, or our own from start to stop."""

import asyncio
import os
import signal
import socket
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.client import Client

from duban.server import DevServer, NothingWorked, ServerError, dev_server, keep_closed_workflows, running_server
from duban.settings import Settings

YEARS = timedelta(days=3650)


def runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


@pytest.fixture
def said() -> list[str]:
    return []


async def test_our_own_server_serves_its_ui_and_ends_with_the_block(
    temporal_program: Path, settings: Settings, said: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "temporal").symlink_to(temporal_program)
    monkeypatch.setenv("PATH", str(tmp_path))
    async with running_server(settings, ui=True, say=said.append) as server:
        assert server.own is not None
        assert server.ui_url is not None
        pid = server.own.pid
        assert pid is not None
        client = await Client.connect(**server.connect_config)
        assert (client.namespace, server.namespace, server.how) == ("default", "default", "PATH")
        with socket.create_connection(("127.0.0.1", int(server.ui_url.rpartition(":")[2])), timeout=5):
            pass
    assert not runs(pid)
    assert (settings.home / "temporal.log").stat().st_size > 0
    assert said[:2] == ["查看 TEMPORAL_ADDRESS 和 Temporal 配置档（最多 10 秒）……", "  没有设置。"]


async def test_a_server_started_again_on_its_file_has_its_address_and_all_that_it_knew(
    temporal_program: Path, tmp_path: Path
) -> None:
    async with DevServer(temporal_program, db_file=tmp_path / "state" / "temporal.db", namespace="office") as server:
        address = server.address
        client = await Client.connect(address, namespace="office")
        assert await keep_closed_workflows(client, YEARS)
        await server.stop()
        assert server.pid is None
        await server.start()
        assert server.address == address
        again = await Client.connect(address, namespace="office")
        assert not await keep_closed_workflows(again, YEARS)


async def test_a_second_server_on_the_same_file_is_refused_and_told_who_has_it(
    temporal_program: Path, tmp_path: Path
) -> None:
    async with DevServer(temporal_program, db_file=tmp_path / "temporal.db") as server:
        same_port = int(server.address.rpartition(":")[2])  # as `serve` would ask for: the file says more than the port
        for port in (None, same_port):
            with pytest.raises(ServerError, match=f"进程 {server.pid}），正在使用 .*temporal.db"):
                await DevServer(temporal_program, db_file=tmp_path / "temporal.db", port=port).start()
        assert server.pid is not None


async def test_a_retention_that_is_longer_already_is_left_alone(dev_client: Client) -> None:
    await keep_closed_workflows(dev_client, YEARS)
    assert not await keep_closed_workflows(dev_client, timedelta(days=30))
    assert not await keep_closed_workflows(dev_client, YEARS)


@pytest.mark.parametrize("by_profile", [False, True])
async def test_a_server_that_is_named_is_used_and_neither_started_nor_stopped(
    dev_server: DevServer,
    settings: Settings,
    said: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    by_profile: bool,
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    if by_profile:
        (tmp_path / "temporal.toml").write_text(f'[profile.office]\naddress = "{dev_server.address}"\n')
        monkeypatch.setenv("TEMPORAL_CONFIG_FILE", str(tmp_path / "temporal.toml"))
        monkeypatch.setenv("TEMPORAL_PROFILE", "office")
    else:
        monkeypatch.setenv("TEMPORAL_ADDRESS", dev_server.address)
    async with running_server(settings, ui=True, say=said.append) as server:
        assert (server.address, server.namespace) == (dev_server.address, "default")
        assert (server.own, server.ui_url) == (None, None)
    assert dev_server.pid is not None
    assert runs(dev_server.pid)


async def test_a_server_that_is_named_but_does_not_answer_is_an_error_and_not_replaced_by_another(
    settings: Settings, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:1")
    with pytest.raises(ServerError, match=r"127\.0\.0\.1:1 没有答复.*TEMPORAL_ADDRESS") as refused:
        async with running_server(settings, say=said.append):
            pass
    assert not isinstance(refused.value, NothingWorked)


async def test_a_profile_that_does_not_exist_is_an_error_that_names_the_variable(
    settings: Settings, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEMPORAL_PROFILE", "nowhere")
    with pytest.raises(ServerError, match="TEMPORAL_PROFILE"):
        async with running_server(settings, say=said.append):
            pass


async def test_a_port_that_another_program_holds_is_named_and_that_program_is_not_mistaken_for_ours(
    dev_server: DevServer, temporal_program: Path
) -> None:
    port = int(dev_server.address.rpartition(":")[2])
    with pytest.raises(ServerError, match=f"端口 {port} 已被占用"):
        await DevServer(temporal_program, port=port).start()


async def test_of_two_servers_that_start_on_one_port_at_once_only_one_does(temporal_program: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    servers = [DevServer(temporal_program, port=port) for _ in range(2)]
    try:
        outcomes = await asyncio.gather(*(server.start() for server in servers), return_exceptions=True)
        [refused] = [outcome for outcome in outcomes if outcome is not None]
        assert len([server for server in servers if server.pid is not None]) == 1
        assert isinstance(refused, ServerError)
        assert f"端口 {port} 已被占用" in str(refused)
    finally:
        for server in servers:
            await server.stop()


async def test_where_no_cache_can_be_made_a_server_starts_all_the_same(
    temporal_program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = tmp_path / "a file"
    nowhere.write_text("no folder can be made below this")
    monkeypatch.setattr(dev_server, "default_cache", lambda: nowhere / "cache")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    async with DevServer(temporal_program, port=port) as server:
        assert server.address == f"127.0.0.1:{port}"


async def test_a_server_that_ends_later_is_noticed_with_its_last_words(temporal_program: Path, tmp_path: Path) -> None:
    async with DevServer(temporal_program, log_file=tmp_path / "temporal.log", log_level="info") as server:
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
        with pytest.raises(ServerError, match=r"已自行停止（日志：.*temporal\.log）。它最后写道"):
            await server.ended()


async def test_a_server_that_ends_at_once_is_an_error_with_its_last_words(tmp_path: Path) -> None:
    broken = tmp_path / "temporal"
    broken.write_text("#!/bin/sh\necho database is locked >&2\nexit 1\n")
    broken.chmod(0o755)
    server = DevServer(broken)
    with pytest.raises(ServerError, match="database is locked"):
        await server.start()
    assert server.pid is None
