"""A Temporal server for as long as a block runs: the one that the environment names, or one of our own."""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from temporalio.client import Client
from temporalio.envconfig import ClientConfigProfile, ClientConnectConfig

from duban.client import refused_unencrypted
from duban.server.attempts import NotThisWay, Program, Say, ServerError, Way, first_that_works, say_on_stderr
from duban.server.cache import default_cache
from duban.server.cli import ways_to_temporal
from duban.server.dev_server import DevServer
from duban.settings import Settings

ANSWER_WITHIN_SECONDS = 10
DEFAULT_NAMESPACE = "default"


@dataclass(frozen=True)
class RunningServer:
    """A server that answers.

    Attributes:
        address: Host and port of the gRPC service.
        namespace: The namespace to work in.
        how: How it was come by, for a person to read (Chinese).
        ui_url: Address of its Web UI; None where there is none or where the server is not ours.
        own: The child that runs it; None for a server that is not ours, which we neither start nor stop.
        connect_config: What `Client.connect` takes, credentials and TLS of the profile included.
    """

    address: str
    namespace: str
    how: str
    ui_url: str | None
    own: DevServer | None
    connect_config: ClientConnectConfig


@dataclass(frozen=True)
class _Named:
    """A server that the environment or a profile names."""

    address: str
    config: ClientConnectConfig


@asynccontextmanager
async def running_server(
    settings: Settings,
    *,
    ui: bool = False,
    db_file: Path | None = None,
    say: Say = say_on_stderr,
    port: int | None = None,
    ui_port: int | None = None,
    cache: Path | None = None,
) -> AsyncIterator[RunningServer]:
    """Gives a server while the block runs; one of our own stops with it.

    A server that is named but does not answer is an error, not a reason to look further: reminders must not go to a
    server that nobody meant.

    Args:
        settings: Whose `home` takes the log of a server of our own.
        ui: Whether a server of our own has its Web UI.
        db_file: The state of a server of our own; in memory unless given.
        say: Hears what is tried and how long it may take.
        port: gRPC port of a server of our own; a free one unless given.
        ui_port: Port of its Web UI; a free one unless given.
        cache: Where fetched programs are kept; the user's cache folder unless given.

    Raises:
        NothingWorked: None is named, and the program can neither be found nor fetched.
        ServerError: The named one does not answer, or our own does not start.
    """
    profile = _profile()
    ways: list[Way[_Named | Program]] = [
        Way(
            "查看 TEMPORAL_ADDRESS 和 Temporal 配置档（最多 10 秒）",
            "设置 TEMPORAL_ADDRESS，或在 Temporal 配置档中写明 address",
            lambda _: _named(profile, settings.plaintext_host_names),
        ),
        *ways_to_temporal(cache or default_cache()),
    ]
    found = await first_that_works(" Temporal 服务器", ways, say)
    namespace = profile.namespace or DEFAULT_NAMESPACE
    if isinstance(found, _Named):
        say(f"使用已有的 Temporal 服务器 {found.address}（命名空间 {namespace}）。")
        yield RunningServer(found.address, namespace, "TEMPORAL_ADDRESS 或配置档指明", None, None, found.config)
        return
    server = DevServer(
        found.path,
        ui=ui,
        db_file=db_file,
        port=port,
        ui_port=ui_port,
        namespace=namespace,
        log_file=settings.home / "temporal.log",
    )
    say(f"启动 Temporal 服务器 {found.path}（{found.how}；几秒钟）……")
    async with server:
        say(f"Temporal 服务器已就绪：{server.address}" + (f"，网页界面 {server.ui_url}" if ui else "") + "。")
        config = ClientConnectConfig(target_host=server.address, namespace=namespace)
        yield RunningServer(server.address, namespace, found.how, server.ui_url, server, config)


def _profile() -> ClientConfigProfile:
    try:
        return ClientConfigProfile.load()
    except RuntimeError as error:  # what the SDK raises for a profile that is missing or cannot be read
        raise ServerError(
            f"Temporal 配置档无法使用（{error}）。请检查 TEMPORAL_PROFILE 和 TEMPORAL_CONFIG_FILE。"
        ) from error


async def _named(profile: ClientConfigProfile, plaintext_hosts: Collection[str]) -> _Named:
    if not profile.address:
        raise NotThisWay("没有设置")
    config = profile.to_client_connect_config()
    if reason := refused_unencrypted(config, plaintext_hosts):
        raise ServerError(reason)
    try:
        async with asyncio.timeout(ANSWER_WITHIN_SECONDS):
            await Client.connect(**config)
    except (RuntimeError, TimeoutError) as error:
        raise ServerError(
            f"Temporal 服务器 {profile.address} 没有答复（{str(error) or '超时'}）。"
            "请检查它是否在运行、TEMPORAL_ADDRESS 等变量或配置档是否正确；不设置则使用本机自带的服务器。"
        ) from error
    return _Named(profile.address, config)
