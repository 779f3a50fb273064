"""Says that this worker lives while an activity waits: for a gateway, for the ledger, for a large plan."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from temporalio import activity

BEAT = timedelta(seconds=10)
"""A third of the shortest heartbeat timeout that a workflow gives."""


@asynccontextmanager
async def beating() -> AsyncIterator[None]:
    """Beats for as long as the block runs: the work of a worker that was killed is soon begun again elsewhere."""

    async def beat() -> None:
        while True:
            activity.heartbeat()
            await asyncio.sleep(BEAT.total_seconds())

    heart = asyncio.create_task(beat())
    try:
        yield
    finally:
        heart.cancel()
