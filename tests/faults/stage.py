"""A trial set up: a house with everything running, a plan issued in fast time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from duban.commands.issuing import issue_plan
from duban.contracts import StoredPlan
from duban.server import DevServer
from duban.supervision.days.clock import TaskClock
from tests.faults.conftest import Trial
from tests.faults.house import TASK_QUEUE, House, Server, opened, until
from tests.faults.people import People
from tests.faults.plans import ENTERED, TOP, end_of_trial

TEN_O_CLOCK = 10 * 60


@asynccontextmanager
async def staged(
    trial: Trial, *, server: Server | None = None, database_url: str | None = None, **settings: Any
) -> AsyncIterator[House]:
    """A house whose server, ledger and gateway run; the worker does not yet."""
    embedded = DevServer(trial.temporal, db_file=trial.home / "temporal.db", log_file=trial.home / "temporal.log")
    async with opened(trial.home, server or embedded, trial.story, database_url=database_url, **settings) as house:
        yield house


def fast_clock(plan: StoredPlan, day_seconds: float, *, days: int = TOP) -> TaskClock:
    """Business time that begins now, at ten o'clock of the day of issue.

    Args:
        day_seconds: Real seconds of a business day.
        days: After the first deadline; then it stands still.
    """
    return TaskClock(
        business_epoch=plan.policy.calendar.zone.at(ENTERED, TEN_O_CLOCK),
        real_epoch=datetime.now(UTC),
        speed=timedelta(days=1).total_seconds() / day_seconds,
        stops_at=end_of_trial(plan, days),
    )


async def issued(house: House, plan: StoredPlan, clock: TaskClock) -> People:
    """Issue a plan; returns the people that have to do with it."""
    await issue_plan(house.client, house.ledger, plan, TASK_QUEUE, clock=clock)
    house.story.tell(f"plan {plan.definition.code} of {len(plan.definition.tasks)} tasks is issued")
    return People(house, clock)


async def under_way(house: House, plan: StoredPlan, *, within: float = 120.0) -> None:
    """Wait until every task has been started."""

    async def is_so() -> bool:
        row = house.ledger.plans.plan_row(plan.definition.code)
        return row is not None and row.unstarted_tasks == 0

    await until(is_so, within=within)


async def sleep_until(moment: datetime) -> None:
    """Let real time pass."""
    await asyncio.sleep(max((moment - datetime.now(UTC)).total_seconds(), 0))
