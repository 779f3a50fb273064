"""``Dispatch``: delivers to one body, and ends when there is nothing left to deliver.

The task's clock never waits for a gateway: it records what is to be said, and nudges here. Which
notice still holds is decided by the ledger at the moment of sending.
"""

import contextlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RawValue

with workflow.unsafe.imports_passed_through():
    from activities.delivery import DeliveryActivities
    from duban.contracts import DispatchInput
    from duban.names import DISPATCH, DISPATCH_NUDGE, DISPATCH_SWEEP
    from workflows.retries import RECORD_TIMEOUT, UNTIL_ROUND_DONE

ROUND_TIMEOUT = timedelta(minutes=10)
ROUND_HEARTBEAT = timedelta(minutes=1)
SHORTEST_WAIT = timedelta(seconds=1)
ROUNDS_PER_RUN = 200
LONGEST_SIGNAL = 40


@workflow.defn(name=DISPATCH)
class Dispatch:
    """The deliveries to one body."""

    def __init__(self) -> None:
        """Begin with a round: being started is a nudge."""
        self._nudged = True

    @workflow.run
    async def run(self, given: DispatchInput) -> int:
        """Deliver until nothing is pending; returns how many messages went out."""
        delivered = rounds = 0
        while True:
            if rounds == ROUNDS_PER_RUN:
                workflow.continue_as_new(given)
            rounds += 1
            self._nudged = False
            done = await workflow.execute_activity_method(
                DeliveryActivities.deliver,
                given,
                start_to_close_timeout=ROUND_TIMEOUT,
                heartbeat_timeout=ROUND_HEARTBEAT,
                retry_policy=UNTIL_ROUND_DONE,
                summary=f"向{given.body}送达",
            )
            delivered += done.delivered
            if self._nudged:
                continue
            if done.next_at is None:
                return delivered
            wait = max(done.next_at - workflow.now(), SHORTEST_WAIT)
            with contextlib.suppress(TimeoutError):
                await workflow.wait_condition(
                    lambda: self._nudged, timeout=wait, timeout_summary=f"{given.body}的下一件通知可送达"
                )

    @workflow.signal(name=DISPATCH_NUDGE, description="系统信号：有新的通知待送达")
    def nudge(self, *_: Any) -> None:
        """A notice to this body has been recorded.

        Takes whatever comes with it: a signal that a handler cannot take stops the workflow for ever.
        """
        self._nudged = True

    @workflow.signal(dynamic=True)
    def other_signal(self, name: str, _: Sequence[RawValue]) -> None:
        """A signal that a dispatch does not know: kept for nobody, it would be carried in memory to the end."""
        workflow.logger.warning("a dispatch got a signal of an unknown name: %s", name[:LONGEST_SIGNAL])


@workflow.defn(name=DISPATCH_SWEEP)
class DispatchSweep:
    """Starts the dispatch of every body for which a due notice lies about: after a crash between record and nudge."""

    @workflow.run
    async def run(self) -> int:
        """Sweep once; returns the number of bodies nudged."""
        return await workflow.execute_activity_method(
            DeliveryActivities.sweep, start_to_close_timeout=RECORD_TIMEOUT, retry_policy=UNTIL_ROUND_DONE
        )
