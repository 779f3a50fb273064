"""Processes of the suite: started in a group of their own, killed as a machine that loses its power kills them."""

import asyncio
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from http.client import HTTPConnection
from pathlib import Path

from tests.faults.gateway import CONTROL, Cut, Orders, Seen

ROOT = Path(__file__).parents[2]
STARTED_WITHIN = 60.0


class Child:
    """A program that can be started, killed and started again."""

    def __init__(self, command: list[str], environment: Mapping[str, str], log: Path) -> None:
        self._command, self._environment = command, dict(environment)
        self.log = log
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def start(self, *, limits: tuple[str, ...] = ()) -> None:
        """Start it; does nothing while it runs.

        Args:
            limits: What `prlimit` sets for it.
        """
        if self.pid is not None:
            return
        command = ["prlimit", *limits, *self._command] if limits else self._command
        with self.log.open("ab") as output:
            self._process = await asyncio.create_subprocess_exec(
                *command,
                cwd=ROOT,
                env=self._environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    async def end(self, by: signal.Signals) -> None:
        """Send a signal that ends it, and wait for its end."""
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            self._process.send_signal(by)
        await self._process.wait()

    async def ended(self) -> int:
        """Wait until it has ended, by whomever; its exit code."""
        assert self._process is not None
        return await self._process.wait()

    async def kill(self) -> None:
        """SIGKILL: it has no time for anything."""
        await self.end(signal.SIGKILL)


class GatewayChild:
    """The gateway's process, and what it saw."""

    def __init__(self, home: Path, secret: str) -> None:
        self._log, self._secret = home / "gateway.jsonl", secret
        self._process: asyncio.subprocess.Process | None = None
        self._port = 0

    @property
    def url(self) -> str:
        """Where it takes deliveries."""
        return f"http://127.0.0.1:{self._port}/hook"

    async def start(self) -> None:
        """Start it and wait until it listens."""
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.faults.gateway", str(self._log), self._secret),
            cwd=ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        assert self._process.stdout is not None
        async with asyncio.timeout(STARTED_WITHIN):
            self._port = int(await self._process.stdout.readline())

    async def stop(self) -> None:
        """End it."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()

    async def told(self, *, status: int = 200, takes: float = 0.0, cut: Cut | None = None) -> None:
        """Tell it how to answer from now on."""
        await asyncio.to_thread(_post, self._port, Orders(status=status, takes=takes, cut=cut).model_dump_json())

    def seen(self) -> tuple[Seen, ...]:
        """Every delivery that it saw, in order."""
        if not self._log.exists():
            return ()
        return read_log(self._log)


def _post(port: int, orders: str) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=STARTED_WITHIN)
    try:
        connection.request("POST", CONTROL, orders.encode())
        assert connection.getresponse().status == 200
    finally:
        connection.close()


def read_log(log: Path) -> tuple[Seen, ...]:
    """Every delivery in a gateway's log."""
    return tuple(Seen.model_validate_json(line) for line in log.read_text(encoding="utf-8").splitlines())
