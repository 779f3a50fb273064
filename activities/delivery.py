"""Delivers what is due for a body: claim, write, send, settle, message by message.

At least once, always under the same identifier. What cannot be delivered is listed by the
ledger; what is to be tried again has a date there. This never raises for a gateway.

The time is the server's, by which the workflows decide and wait. By the clock of a machine that lags behind,
a notice whose moment has come would seem not due, and its dispatch would ask again every second.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from datetime import datetime, timedelta
from functools import partial
from time import monotonic
from typing import TypeAlias

from temporalio import activity

from activities.beating import beating
from activities.nudging import Dispatches
from activities.threads import in_thread
from duban.contracts import Delivery, DeliveryOutcome, DispatchInput, DispatchRound
from duban.ledger import Ledger, LedgerUnavailable
from duban.notices.channel import Channel, SendResult
from duban.notices.wording import write_letter
from duban.supervision.bundling import NO_RULES, SendingRules

AttemptObserver: TypeAlias = Callable[[str, DeliveryOutcome, timedelta], None]
"""Hears by which channel, with what outcome, and how long it took."""
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)
ATTEMPT_WITHIN = timedelta(minutes=1)
LONGEST_ROUND = timedelta(minutes=3)
"""After it no message is begun: the one under way must end before the round times out (`ROUND_TIMEOUT`)."""
SETTLED_WITHIN = timedelta(seconds=20)
SETTLED_AGAIN = timedelta(seconds=1)


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
        observe: AttemptObserver | None = None,
        rules_for: Callable[[str], SendingRules] = lambda _body: NO_RULES,
    ) -> None:
        """Takes what it uses.

        Args:
            channel_name: Of the channel, for attempts that do not say themselves by which they went.
            rules_for: What the installation has set for a body: quiet hours, sending times, budget.
            attempt_within: How long the channel and the ledger take for one attempt at most; until then nobody
                else takes the message up.
            observe: Hears of every attempt when the channel has answered.
        """
        self._observe = observe
        self._lease = attempt_within
        self._ledger, self._dispatches, self._threads = ledger, dispatches, threads
        self._channel, self._channel_name, self._rules_for = channel, channel_name, rules_for

    @activity.defn(name="deliver")
    async def deliver(self, given: DispatchInput) -> DispatchRound:
        """Send all that is due for a body now.

        Returns:
            How much went out, and when there is something again.
        """
        async with beating():
            return await self._round(given.body)

    async def _round(self, body: str) -> DispatchRound:
        delivered = 0
        clock, rules = ServerClock(), self._rules_for(body)
        while clock.passed < LONGEST_ROUND:
            delivery = await in_thread(
                self._threads, self._ledger.deliveries.claim, body, clock.now(), lease=self._lease, rules=rules
            )
            if delivery is None:
                next_at = await in_thread(
                    self._threads, self._ledger.deliveries.next_delivery_at, body, clock.now(), rules=rules
                )
                return DispatchRound(delivered=delivered, next_at=next_at)
            began = monotonic()
            result = await self._channel.send(delivery, write_letter(delivery))
            if self._observe is not None:
                took = timedelta(seconds=monotonic() - began)
                self._observe(result.channel or self._channel_name, result.outcome, took)
            if result.outcome is not DeliveryOutcome.DELIVERED:
                activity.logger.warning(
                    "message %s to %s not delivered at attempt %d: %s",
                    delivery.id,
                    body,
                    delivery.attempt,
                    result.reason,
                )
            await self._settle(delivery, result, clock.now())
            delivered += int(result.outcome is DeliveryOutcome.DELIVERED)
        return DispatchRound(delivered=delivered, next_at=clock.now())

    async def _settle(self, delivery: Delivery, result: SendResult, now: datetime) -> None:
        """Record what came of an attempt, and try to for as long as the message is ours.

        Given up at the first failure, a letter that has arrived would be sent a second time.
        """
        settle = partial(
            self._ledger.deliveries.settle,
            delivery.id,
            delivery.attempt,
            result.outcome,
            now,
            detail=result.reason,
            retry_at=now + _wait(delivery, result) if result.outcome is DeliveryOutcome.RETRY else None,
            channel=result.channel or self._channel_name,
        )
        given_up = monotonic() + SETTLED_WITHIN.total_seconds()
        while True:
            try:
                return await in_thread(self._threads, settle)
            except LedgerUnavailable:
                if monotonic() >= given_up:
                    raise
            await asyncio.sleep(SETTLED_AGAIN.total_seconds())

    @activity.defn(name="sweep")
    async def sweep(self) -> int:
        """Start the dispatch of every body that has something to be sent now; returns how many."""
        now = ServerClock().now()
        if order := await in_thread(self._threads, self._ledger.sending.standing):
            activity.logger.warning("all sending is stopped since %s by %s", order.given_at, order.given_by)
            return 0
        due = await in_thread(self._threads, self._ledger.deliveries.bodies_with_due_notices, now)
        bodies = [body for body in due if await in_thread(self._threads, self._has_work, body, now)]
        return await self._dispatches.nudge(bodies)

    def _has_work(self, body: str, now: datetime) -> bool:
        """What quiet hours or the budget hold back is due, and nothing to wake anybody for."""
        moment = self._ledger.deliveries.next_delivery_at(body, now, rules=self._rules_for(body))
        return moment is not None and moment <= now


def _wait(delivery: Delivery, result: SendResult) -> timedelta:
    """Until the next attempt: what the receiver asks for, but never a hail of attempts; else twice the last wait."""
    if result.retry_after is not None:
        return max(result.retry_after, FIRST_WAIT)
    return min(FIRST_WAIT * (1 << min(delivery.attempt - 1, 10)), LONGEST_WAIT)


class ServerClock:
    """The server's time while an activity runs: its start as the server saw it, and what has passed here since."""

    def __init__(self) -> None:
        self._started_time, self._started = activity.info().started_time, monotonic()

    @property
    def passed(self) -> timedelta:
        """How long the activity has been running."""
        return timedelta(seconds=monotonic() - self._started)

    def now(self) -> datetime:
        """The real moment."""
        return self._started_time + self.passed
