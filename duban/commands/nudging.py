"""Wakes the dispatches of bodies from the command line."""

import asyncio
from collections.abc import Sequence

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy

from duban.contracts import DispatchInput
from duban.names import DISPATCH, DISPATCH_NUDGE, dispatch_workflow_id

AT_ONCE = 20


async def nudge(client: Client, bodies: Sequence[str], task_queue: str) -> None:
    """See to it that a dispatch looks for each of these bodies what there is to be sent."""
    for first in range(0, len(bodies), AT_ONCE):
        await asyncio.gather(*(_nudge(client, body, task_queue) for body in bodies[first : first + AT_ONCE]))


async def _nudge(client: Client, body: str, task_queue: str) -> None:
    await client.start_workflow(
        DISPATCH,
        DispatchInput(body=body),
        id=dispatch_workflow_id(body),
        task_queue=task_queue,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        static_summary=f"向{body}送达通知",
        start_signal=DISPATCH_NUDGE,
    )
