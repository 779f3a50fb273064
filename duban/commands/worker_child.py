"""The worker as our own child process: started, waited for until it polls, drained, stopped. Never restarted."""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from pydantic import SecretStr
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client

import duban
from duban.commands.connecting import Serving
from duban.private_files import private_folder
from duban.server import RunningServer, ServerError
from duban.server.children import last_words, stop
from duban.server.claim import claimed, note_owner
from duban.settings import Settings, variable

WORKER = Path(duban.__file__).resolve().parents[1] / "worker.py"
POLLS_WITHIN_SECONDS = 60.0
DRAINED_WITHIN_SECONDS = 45.0
"""More than the worker gives its activities: killed earlier, it would leave deliveries uncertain."""
POLL_SECONDS = 0.1
LAST_LINES = 12


class WorkerStopped(ServerError):
    """The worker ended by itself; the text holds the last lines of its log."""


class WorkerChild:
    """One `worker.py` for a server and a set of settings.

    It runs in a process group of its own: a Ctrl-C in the terminal reaches us, and we let it drain.
    """

    def __init__(self, settings: Settings, server: RunningServer, client: Client) -> None:
        """Prepares a worker; entering the block starts it."""
        self.log_file = settings.home / "worker.log"
        self._settings, self._server, self._client = settings, server, client
        self._child: asyncio.subprocess.Process | None = None
        self._log_from = 0

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        return self._child.pid if self._child and self._child.returncode is None else None

    async def start(self) -> None:
        """Starts it and waits until it polls the task queue.

        Raises:
            WorkerStopped: It ended before.
            ServerError: It does not poll within a minute; or a worker that was left behind still runs here.
        """
        private_folder(self.log_file.parent)
        with self.log_file.open("ab") as log, claimed(self.log_file, by="工作进程") as claim:
            self._log_from = log.tell()
            self._child = await asyncio.create_subprocess_exec(
                sys.executable,
                str(WORKER),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=worker_environment(self._settings, self._server),
                start_new_session=True,
                pass_fds=(claim,),
            )
            note_owner(claim, self._child.pid)
        try:
            async with asyncio.timeout(POLLS_WITHIN_SECONDS):
                await self._until_it_polls()
        except TimeoutError:
            await self.stop()
            raise ServerError(self._told(f"工作进程在 {POLLS_WITHIN_SECONDS:.0f} 秒内没有开始工作")) from None
        except BaseException:
            await self.stop()
            raise

    async def ended(self) -> None:
        """Waits for as long as it runs.

        Raises:
            WorkerStopped: It has ended.
        """
        if self._child is not None:
            await self._child.wait()
        raise WorkerStopped(self._told("工作进程已自行停止"))

    async def stop(self) -> None:
        """Lets it drain (SIGTERM) and waits for its end; kills it after 45 seconds. Does nothing if it does not run."""
        await stop(self._child, signal.SIGTERM, DRAINED_WITHIN_SECONDS)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def _until_it_polls(self) -> None:
        while not await self._polls():
            if self.pid is None:
                raise WorkerStopped(self._told("工作进程没有启动成功"))
            await asyncio.sleep(POLL_SECONDS)

    async def _polls(self) -> bool:
        """Whether the server has seen a poll of this very process."""
        if self.pid is None:
            return False
        described = await self._client.workflow_service.describe_task_queue(
            DescribeTaskQueueRequest(
                namespace=self._client.namespace,
                task_queue=TaskQueue(name=self._settings.task_queue),
                task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
            )
        )
        return any(poller.identity.startswith(f"{self.pid}@") for poller in described.pollers)

    def _told(self, what: str) -> str:
        with self.log_file.open("rb") as log:
            return f"{what}（日志：{self.log_file}）。{last_words(log, self._log_from, LAST_LINES)}"


def worker_environment(settings: Settings, server: RunningServer) -> Mapping[str, str]:
    """The environment in which a worker has these settings and connects to this server, as this process does."""
    ours = Serving(address=server.address, namespace=server.namespace) if server.own is not None else None
    return environment_beside(settings, ours)


def environment_beside(settings: Settings, serving: Serving | None) -> Mapping[str, str]:
    """The environment in which a worker has these settings and connects as this process does.

    Args:
        serving: A server of our own; nothing of the profile is left then: its credentials are meant for another one.
            None for the one that the environment names.
    """
    ours = {variable(name) for name in Settings.model_fields}
    environment = {name: value for name, value in os.environ.items() if name not in ours}
    if serving is not None:
        environment = {name: value for name, value in environment.items() if not name.startswith("TEMPORAL_")}
        environment |= {
            "TEMPORAL_ADDRESS": serving.address,
            "TEMPORAL_NAMESPACE": serving.namespace,
            "TEMPORAL_CONFIG_FILE": os.devnull,
        }
    for name in Settings.model_fields:
        value = getattr(settings, name)
        # What stands in a file the worker reads there: an environment is open to more eyes.
        if value is not None and name not in settings.kept_in_files:
            environment[variable(name)] = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
    return environment
