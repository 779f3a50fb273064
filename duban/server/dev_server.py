"""A development server as our own child: started, waited for, stopped, started again on the same file."""

import asyncio
import os
import signal
import socket
import tempfile
from collections.abc import Mapping
from contextlib import AbstractContextManager, ExitStack, nullcontext, suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.service import ConnectConfig, RetryConfig, RPCError, ServiceClient

from duban.private_files import private_folder
from duban.server.attempts import ServerError
from duban.server.cache import default_cache
from duban.server.children import last_words, stop
from duban.server.claim import claimed, note_owner

LOOPBACK = "127.0.0.1"
HEALTHY_WITHIN_SECONDS = 60.0
STOPPED_WITHIN_SECONDS = 15.0
POLL_SECONDS = 0.1
LAST_LINES = 8
CLAIMS = "Temporal 服务器"
PORT_TAKEN = "，Temporal 服务器无法启动。请换一个端口（serve 的 --port、--ui-port，0 为任选），或停止占用它的程序。"


class DevServer:
    """One `temporal server start-dev`, listening on the loopback address only.

    Ports that are not given are free ones, picked at the first start and kept for every later one, so that clients
    find a server that was stopped and started again. With a `db_file` it then knows all that it knew; without, its
    state is in memory and gone when it stops.

    It runs in a process group of its own: a Ctrl-C in the terminal reaches us, and we stop it after our workers have
    drained. Only the process that was started here is ever signalled.
    """

    def __init__(
        self,
        program: Path,
        *,
        ui: bool = False,
        db_file: Path | None = None,
        port: int | None = None,
        ui_port: int | None = None,
        namespace: str = "default",
        log_file: Path | None = None,
        log_level: str = "warn",
        dynamic_config: Mapping[str, str] | None = None,
    ) -> None:
        """Prepares a server; `start` starts it.

        Args:
            program: The `temporal` program.
            ui: Whether it has its Web UI.
            db_file: The SQLite file of its state; in memory unless given.
            port: Of the gRPC service.
            ui_port: Of the Web UI.
            namespace: Created at the start, besides `default`.
            log_file: Appended to; a temporary file unless given.
            log_level: debug, info, warn, error or never.
            dynamic_config: Keys and values (JSON) of Temporal's dynamic configuration.
        """
        self.namespace = namespace
        self._program = program
        self._ui = ui
        self._db_file = db_file
        self._fixed = (port, ui_port)
        self._ports: tuple[int, int] | None = None
        self._log_file = log_file
        self._log_level = log_level
        self._dynamic_config = dict(dynamic_config or {})
        self._child: asyncio.subprocess.Process | None = None
        self._log_from = 0

    @property
    def address(self) -> str:
        """Host and port of the gRPC service.

        Raises:
            ServerError: It was never started.
        """
        return f"{LOOPBACK}:{self._known_ports()[0]}"

    @property
    def ui_url(self) -> str | None:
        """Address of the Web UI, where there is one.

        Raises:
            ServerError: It was never started.
        """
        return f"http://{LOOPBACK}:{self._known_ports()[1]}" if self._ui else None

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        return self._child.pid if self._child and self._child.returncode is None else None

    async def start(self) -> None:
        """Starts it and waits until its namespace answers. Does nothing while it runs.

        Raises:
            ServerError: A port is taken (by another server, perhaps, that would answer in its place); another server
                still runs on the `db_file`; or it ends at once or does not answer within a minute, with the last
                lines of its log.
        """
        if self.pid is not None:
            return
        ports = self._ports or (self._fixed[0] or _free_port(), self._fixed[1] or _free_port())
        for folder in {file.parent for file in (self._db_file, self._log_file) if file}:
            private_folder(folder)
        with tempfile.TemporaryFile() if self._log_file is None else self._log_file.open("a+b") as log:
            log.seek(0, os.SEEK_END)
            self._log_from = began = log.tell()
            healthy = False
            try:
                await self._launch(ports, log)
                healthy = await self._becomes_healthy(f"{LOOPBACK}:{ports[0]}")
            finally:
                if not healthy:
                    await self.stop()
            if not healthy:
                raise ServerError(
                    f"Temporal 服务器（{self._program}）没有启动成功，端口 {ports[0]}。"
                    + last_words(log, began, LAST_LINES)
                )
        self._ports = ports

    async def ended(self) -> None:
        """Waits for as long as it runs.

        Raises:
            ServerError: It has ended, with the last lines of its log where that is kept.
        """
        if self._child is not None:
            await self._child.wait()
        said = ""
        if self._log_file is not None:
            with self._log_file.open("rb") as log:
                said = f"（日志：{self._log_file}）。{last_words(log, self._log_from, LAST_LINES)}"
        raise ServerError(f"Temporal 服务器（{self._program}）已自行停止{said}")

    async def stop(self) -> None:
        """Asks it to stop (SIGINT), kills it after 15 seconds, waits for its end. Does nothing if it does not run."""
        child, self._child = self._child, None
        await stop(child, signal.SIGINT, STOPPED_WITHIN_SECONDS)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def _launch(self, ports: tuple[int, int], log: BinaryIO) -> None:
        used = ports if self._ui else ports[:1]
        with ExitStack() as held:
            claims = [held.enter_context(claimed(self._db_file, by=CLAIMS))] if self._db_file else []
            # A server takes seconds until it listens: of two that are started at once on one port each finds it free,
            # and the other's answers would be taken for those of the one that comes too late.
            ports_claimed = [held.enter_context(_claimed_port(port)) for port in used if port in self._fixed]
            claims += [claim for claim in ports_claimed if claim is not None]
            # After the claims: a server that was left behind holds all of it, and is named by them.
            for taken in filter(_is_taken, used):
                raise ServerError(f"端口 {taken} 已被占用{PORT_TAKEN}")
            self._child = await asyncio.create_subprocess_exec(
                self._program,
                *self._arguments(*ports),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=claims,
            )
            for claim in claims:
                note_owner(claim, self._child.pid)

    def _arguments(self, port: int, ui_port: int) -> list[str]:
        arguments = ["server", "start-dev", "--ip", LOOPBACK, "--port", str(port), "--namespace", self.namespace]
        arguments += ["--log-level", self._log_level]
        arguments += ["--ui-port", str(ui_port)] if self._ui else ["--headless"]
        if self._db_file:
            # WAL: whoever reads the file while the server runs (a backup) would otherwise make its next commit fail,
            # and it never gets over that.
            arguments += ["--db-filename", str(self._db_file), "--sqlite-pragma", "journal_mode=wal"]
        for key, value in self._dynamic_config.items():
            arguments += ["--dynamic-config-value", f"{key}={value}"]
        return arguments

    async def _becomes_healthy(self, address: str) -> bool:
        """Waits until the namespace answers; false when the child ends before, or after a minute."""
        with suppress(TimeoutError):
            async with asyncio.timeout(HEALTHY_WITHIN_SECONDS):
                while self.pid is not None:
                    if await _answers(address, self.namespace):
                        return True
                    await asyncio.sleep(POLL_SECONDS)
        return False

    def _known_ports(self) -> tuple[int, int]:
        if self._ports is None:
            raise ServerError("Temporal 服务器尚未启动。")
        return self._ports


async def _answers(address: str, namespace: str) -> bool:
    """Whether a server answers for a namespace, asked once."""
    try:
        service = await ServiceClient.connect(
            ConnectConfig(target_host=address, retry_config=RetryConfig(max_retries=0))
        )
        await service.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=namespace))
    except (RuntimeError, RPCError):  # what the SDK raises for a connection that fails, and for a call that does
        return False
    return True


def _claimed_port(port: int) -> AbstractContextManager[int | None]:
    """Claims a port among all servers of this user; nothing where his cache cannot be written (a hardened service)."""
    folder = default_cache() / "ports"
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK):
        return nullcontext()
    return claimed(folder / str(port), by=CLAIMS, refusal=f"端口 {port} 已被占用（进程 {{owner}}）{PORT_TAKEN}")


def _is_taken(port: int) -> bool:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections that linger do not hold a port
        try:
            listener.bind((LOOPBACK, port))
        except OSError:
            return True
    return False


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        port: int = listener.getsockname()[1]
        return port
