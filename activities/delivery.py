"""Delivers what is due for a body: claim, write, send, settle, message by message.

At least once, always under the same identifier. What cannot be delivered is listed by the
ledger; what is to be tried again has a date there. This never raises for a gateway.

The time is the server's, by which the workflows decide and wait. By the clock of a machine that lags behind,
a notice whose moment has come would seem not due, and its dispatch would ask again every second.
"""

from concurrent.futures import Executor
from datetime import datetime, timedelta
from time import monotonic

from temporalio import activity

from activities.nudging import Dispatches
from activities.threads import in_thread
from duban.contracts import Delivery, DeliveryOutcome, DispatchInput, DispatchRound
from duban.ledger import Ledger
from duban.notices.channel import Channel, SendResult
from duban.notices.wording import write_letter

FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)
ATTEMPT_WITHIN = timedelta(minutes=1)


class DeliveryActivities:
    """Deliveries; owns neither ledger nor channel, only uses them."""

    def __init__(
        self,
        ledger: Ledger,
        dispatches: Dispatches,
        channel: Channel,
        threads: Executor,
        *,
        channel_name: str,
        attempt_within: timedelta = ATTEMPT_WITHIN,
    ) -> None:
        """Takes what it uses.

        Args:
            attempt_within: How long the channel and the ledger take for one attempt at most; until then nobody
                else takes the message up.
        """
        self._lease = attempt_within
        self._ledger, self._dispatches, self._threads = ledger, dispatches, threads
        self._channel, self._channel_name = channel, channel_name

    @activity.defn(name="deliver")
    async def deliver(self, given: DispatchInput) -> DispatchRound:
        """Send all that is due for a body now.

        Returns:
            How much went out, and when there is something again.
        """
        delivered = 0
        clock = ServerClock()
        while True:
            delivery = await in_thread(
                self._threads, self._ledger.deliveries.claim, given.body, clock.now(), lease=self._lease
            )
            if delivery is None:
                next_at = await in_thread(self._threads, self._ledger.deliveries.next_delivery_at, given.body)
                return DispatchRound(delivered=delivered, next_at=next_at)
            activity.heartbeat(delivery.id)
            result = await self._channel.send(delivery, write_letter(delivery))
            await self._settle(delivery, result, clock.now())
            delivered += int(result.outcome is DeliveryOutcome.DELIVERED)

    async def _settle(self, delivery: Delivery, result: SendResult, now: datetime) -> None:
        wait = result.retry_after or min(FIRST_WAIT * 2 ** min(delivery.attempt - 1, 10), LONGEST_WAIT)
        await in_thread(
            self._threads,
            self._ledger.deliveries.settle,
            delivery.id,
            delivery.attempt,
            result.outcome,
            now,
            detail=result.reason,
            retry_at=now + wait if result.outcome is DeliveryOutcome.RETRY else None,
            channel=self._channel_name,
        )

    @activity.defn(name="sweep")
    async def sweep(self) -> int:
        """Start the dispatch of every body that has something due; returns how many."""
        now = ServerClock().now()
        bodies = await in_thread(self._threads, self._ledger.deliveries.bodies_with_due_notices, now)
        return await self._dispatches.nudge(bodies)


class ServerClock:
    """The server's time while an activity runs: its start as the server saw it, and what has passed here since."""

    def __init__(self) -> None:
        self._started_time, self._started = activity.info().started_time, monotonic()

    def now(self) -> datetime:
        """The real moment."""
        return self._started_time + timedelta(seconds=monotonic() - self._started)
