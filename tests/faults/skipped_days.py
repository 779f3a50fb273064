"""An installation on skipped time whose worker is a real process: killed, never asked to stop.

Days pass at once, so that Hypothesis can try many of them with many deaths in between.
"""

import asyncio
import os
import sys
from datetime import timedelta
from pathlib import Path

from temporalio.api.testservice.v1 import LockTimeSkippingRequest, UnlockTimeSkippingRequest

import worker as wiring
from duban.settings import variable
from tests.workflows.installation import OnSkippedTime

# The test server would go on offering work to a worker that is dead; so every wake is a replay as well.
LAUNCH = "import sys, worker; worker.CACHED_WORKFLOWS = 0; sys.exit(worker.main())"
PROJECT = Path(wiring.__file__).parent
PATIENCE_SECONDS = 0.2
UNTIL_LOST_WORK_IS_OFFERED_AGAIN = timedelta(seconds=70)
"""Twice what the server grants a workflow task, and a record."""


class WithWorkerProcess(OnSkippedTime):
    """Days pass at once; the worker is a process of its own."""

    _process: asyncio.subprocess.Process | None = None

    @property
    def has_worker(self) -> bool:
        """Whether a worker runs."""
        return self._process is not None

    async def work(self) -> None:
        """Start a worker, unless one runs."""
        if self._process is not None:
            return
        environment = {
            **os.environ,
            "TEMPORAL_ADDRESS": self.client.service_client.config.target_host,
            "TEMPORAL_CONFIG_FILE": os.devnull,
            variable("home"): str(self.settings.home),
            variable("task_queue"): self.settings.task_queue,
        }
        with (self.settings.home / "worker.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-c", LAUNCH, cwd=PROJECT, env=environment, stdout=log, stderr=log
            )

    async def rest(self) -> None:
        """Kill the worker (SIGKILL), whatever it is doing."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            await process.wait()

    async def let_pass(self, time: timedelta) -> None:
        """Let time pass, with a worker or without.

        The server holds its clock for work that waits for a worker, or was lost with one: it is released.
        """
        service = self.environment.client.service_client.test_service
        passing = asyncio.create_task(self.environment.sleep(time))
        released = 0
        # A worker that lives is given the time to do what falls due.
        patience = 50 * PATIENCE_SECONDS if self.has_worker else PATIENCE_SECONDS
        while not (await asyncio.wait({passing}, timeout=patience))[0]:
            await service.unlock_time_skipping(UnlockTimeSkippingRequest())
            released += 1
        for _ in range(released):
            await service.lock_time_skipping(LockTimeSkippingRequest())
        await passing

    async def die(self) -> None:
        """Kill the worker, and let the server find out that what it was doing is lost."""
        await self.rest()
        await self.let_pass(UNTIL_LOST_WORK_IS_OFFERED_AGAIN)
