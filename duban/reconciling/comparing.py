"""Comparing a ledger with all workflows: page by page, each asked once, what is on its way waited for."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta

from temporalio.client import Client

from duban.ledger import Ledger
from duban.ledger.tasks.standings import TaskStanding
from duban.reconciling.differences import (
    Difference,
    DifferenceKind,
    plan_difference,
    stranger,
    task_difference,
    undelivered,
)
from duban.reconciling.recorded import newest_batch
from duban.reconciling.seen import at_once, running_codes, see_plan, see_task

SETTLED_WITHIN_SECONDS = 15.0
"""A record that is being written is there by then, and a workflow that is about to end has ended."""
LOOK_EVERY_SECONDS = 0.5
OVERDUE_AFTER = timedelta(minutes=15)
"""The sweep comes by three times until then."""
STRANGERS_AT_ONCE = 500

PASSING = (
    *(DifferenceKind.LEDGER_BEHIND, DifferenceKind.CLOSED_IN_LEDGER, DifferenceKind.UNPROVEN_START),
    *(DifferenceKind.CONTRADICTION, DifferenceKind.WORKFLOW_LOST, DifferenceKind.PLAN_NOT_TOLD),
    *(DifferenceKind.PLAN_AHEAD, DifferenceKind.NOT_STARTED, DifferenceKind.PLAN_CLOSED_IN_LEDGER),
    # After a worker was stopped, the first question goes to it in vain.
    *(DifferenceKind.NO_ANSWER, DifferenceKind.PLAN_NO_ANSWER),
)
"""Differences that also show for a moment while all is well: between a decision and its record."""

Advance = Callable[[int], None]


class Comparison:
    """A ledger beside a server's workflows."""

    def __init__(self, client: Client, ledger: Ledger, task_queue: str, plan: str | None) -> None:
        self._client, self._ledger, self._task_queue, self._plan = client, ledger, task_queue, plan

    async def tasks(self, advance: Advance) -> list[Difference]:
        """Every task that differs."""
        found: list[Difference] = []
        async for page in self._pages():
            found += await self._settled([task.code for task in page], self._compare_task)
            advance(len(page))
        return found

    async def plans(self) -> list[Difference]:
        """Every plan that differs."""
        rows = await asyncio.to_thread(self._ledger.plans.plan_rows)
        return await self._settled([row.code for row in rows if self._plan in (None, row.code)], self._compare_plan)

    async def strangers(self) -> list[Difference]:
        """Workflows that run under codes that the ledger does not have."""
        found: list[Difference] = []
        some: list[str] = []

        async def look() -> None:
            unknown = await asyncio.to_thread(self._ledger.standings.unknown, tuple(some))
            found.extend(map(stranger, unknown))
            some.clear()

        async for code in running_codes(self._client, self._task_queue, self._plan):
            some.append(code)
            if len(some) == STRANGERS_AT_ONCE:
                await look()
        await look()
        return found

    async def undelivered(self) -> list[Difference]:
        """Bodies to which something has been due for long and nobody delivers."""
        before = datetime.now(UTC) - OVERDUE_AFTER
        overdue = await asyncio.to_thread(self._ledger.standings.overdue, before, self._plan)
        return [undelivered(each) for each in overdue]

    async def _pages(self) -> AsyncIterator[Sequence[TaskStanding]]:
        after = ""
        while page := await asyncio.to_thread(self._ledger.standings.standings, self._plan, after):
            yield page
            after = page[-1].code

    async def _settled(
        self, codes: Sequence[str], compare: Callable[[str], Awaitable[Difference | None]]
    ) -> list[Difference]:
        """What differs, and still does when what was on its way has had time to arrive."""
        found = dict(zip(codes, await at_once(compare, codes), strict=True))
        until = time.monotonic() + SETTLED_WITHIN_SECONDS
        while time.monotonic() < until:
            again = [code for code, difference in found.items() if difference and difference.kind in PASSING]
            if not again:
                break
            await asyncio.sleep(LOOK_EVERY_SECONDS)
            found |= dict(zip(again, await at_once(compare, again), strict=True))
        return [difference for difference in found.values() if difference is not None]

    async def _compare_task(self, code: str) -> Difference | None:
        # The ledger first: a workflow decides before it records, and so is never behind what was read before.
        task = await asyncio.to_thread(self._ledger.standings.standing, code)
        if task is None:
            return None
        seen = await see_task(self._client, code)
        if seen.contradicts and (newest := await newest_batch(self._client, code)) is not None:
            # It failed before the ledger was mended, and waits for its next attempt.
            settled = await asyncio.to_thread(self._ledger.standings.holds, newest)
            seen = seen.model_copy(update={"contradicts": not settled})
        return task_difference(task, seen)

    async def _compare_plan(self, code: str) -> Difference | None:
        row = await asyncio.to_thread(self._ledger.plans.plan_row, code)
        return plan_difference(row, await see_plan(self._client, code)) if row else None
