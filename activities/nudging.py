"""Starts or wakes the dispatch of a body: signal-with-start, idempotent."""

import asyncio
from collections.abc import Iterable

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy

from duban.contracts import DispatchInput
from duban.names import DISPATCH, DISPATCH_NUDGE, dispatch_workflow_id


class Dispatches:
    """The dispatch workflows, as whoever has something for them to deliver sees them."""

    def __init__(self, client: Client, task_queue: str) -> None:
        self._client, self._task_queue = client, task_queue

    async def nudge(self, bodies: Iterable[str]) -> int:
        """See to it that a dispatch runs for each of these bodies; returns how many there are."""
        once = dict.fromkeys(bodies)
        await asyncio.gather(*(self._nudge(body) for body in once))
        return len(once)

    async def _nudge(self, body: str) -> None:
        await self._client.start_workflow(
            DISPATCH,
            DispatchInput(body=body),
            id=dispatch_workflow_id(body),
            task_queue=self._task_queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            start_signal=DISPATCH_NUDGE,
            static_summary=f"向{body}送达通知",
        )
