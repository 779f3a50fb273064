"""A demonstration while it runs: a plan issued on a fast clock, its script spoken, the ledger watched to the end."""

import asyncio
import time
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

from rich.console import Console

from duban.commands.demo_driver import drive
from duban.commands.demo_foretelling import Foretelling, differences, end_of, foretell, shown_by
from duban.commands.demo_outcome import refused_signals
from duban.commands.demo_script import Messages
from duban.commands.demo_view import Show, Watcher, view
from duban.commands.issuing import issue_plan, tasks_being_started
from duban.commands.reasons import Refused
from duban.commands.showing import say
from duban.commands.workplace import Workplace
from duban.contracts import StoredPlan
from duban.ledger import Ledger
from duban.ledger.tables.notice_tables import NoticeStatus
from duban.supervision.days.calendar import ONE_DAY
from duban.supervision.days.clock import TaskClock

T = TypeVar("T")

OPENS_AT = 9 * 60
"""Minute of the local day of issue at which business time begins."""
AHEAD = timedelta(hours=6)
"""So long before that, in business time, the plan is handed over: a slow start must not issue it a day later."""
LOOK_EVERY_SECONDS = 1.0
CATCH_UP_SECONDS = 30.0
CAUGHT_UP_EVERY_SECONDS = 0.25
LAST = timedelta(seconds=1)
"""Business time before its end at which a demonstration is looked at: the last day is still today."""


@dataclass(frozen=True)
class Performance:
    """What is performed: a plan with everything it needs, what is said to its tasks, and when it ends."""

    plan: StoredPlan
    messages: Messages
    until: date
    clock: TaskClock

    @property
    def code(self) -> str:
        """The plan's code."""
        return self.plan.definition.code

    @property
    def ends_at(self) -> datetime:
        """The business moment at which it is over."""
        return end_of(self.until, self.plan.policy.calendar)

    @property
    def today(self) -> date:
        """The local business date."""
        moment = min(self.clock.business(datetime.now(UTC)), self.ends_at - LAST)
        return self.plan.policy.calendar.zone.local_date(moment)

    @property
    def last_moment(self) -> datetime:
        """The real moment as of which the outcome is shown."""
        return self.clock.real(self.ends_at - LAST)

    @property
    def share(self) -> float:
        """How much of the business time has passed."""
        return (self.clock.business(datetime.now(UTC)) - self.clock.business_epoch) / (
            self.ends_at - self.clock.business_epoch
        )


def clock_from(now: datetime, plan: StoredPlan, days_per_second: float, until: date) -> TaskClock:
    """A clock by which it is early on the date of issue at a real moment, and which stops on the last day."""
    speed = ONE_DAY.total_seconds() * days_per_second
    opening = plan.policy.calendar.zone.at(plan.definition.issued_on, OPENS_AT)
    stops_at = end_of(until, plan.policy.calendar) - LAST
    return TaskClock(business_epoch=opening, real_epoch=now + AHEAD / speed, speed=speed, stops_at=stops_at)


async def perform(place: Workplace, ledger: Ledger, task_queue: str, show: Performance) -> tuple[str, ...]:
    """Issue the plan, say the script, wait for the end; returns what is not as it should be."""
    await issue_plan(place.client, ledger, show.plan, task_queue, clock=show.clock)
    async for _ in tasks_being_started(place.client, ledger, show.code, task_queue):
        pass
    row = await asyncio.to_thread(ledger.plans.plan_row, show.code)
    if row is None:
        raise Refused("方案没有登记成功。")
    say(f"已下发 {row.tasks} 项任务，全部启动。")
    foretold = await asyncio.to_thread(foretell, show.plan, show.messages, row.registered_at, show.until)
    watcher = Watcher(ledger, show.code)
    with view(Console()) as picture:
        problems = await accompanied(_play(place, ledger, show, foretold), _watch(watcher, show, picture))
        picture(await asyncio.to_thread(watcher.look, show.until, 1.0))
    refused = (*foretold.refusals, *problems, *refused_signals(ledger, show.messages))
    shown = shown_by(ledger.rows.reminder_rows(plan=show.code))
    parted = differences(foretold.reminders, shown, show.until, show.plan.policy.calendar)
    return (*(f"未受理：{problem}" for problem in refused), *parted)


async def _play(place: Workplace, ledger: Ledger, show: Performance, foretold: Foretelling) -> tuple[str, ...]:
    problems = await drive(place.client, show.clock, show.messages, show.ends_at)
    await asyncio.sleep(max((show.clock.real(show.ends_at) - datetime.now(UTC)).total_seconds(), 0))
    give_up_at = time.monotonic() + CATCH_UP_SECONDS
    while time.monotonic() < give_up_at:
        if await asyncio.to_thread(_caught_up, ledger, show, foretold):
            break
        await asyncio.sleep(CAUGHT_UP_EVERY_SECONDS)
    return problems


def _caught_up(ledger: Ledger, show: Performance, foretold: Foretelling) -> bool:
    """Whether every task has come as far as foretold, and everything that was due has been delivered."""
    versions = {task.task_code: task.version for task in ledger.tasks.versions(show.code)}
    if any(versions.get(code, 0) < version for code, version in foretold.versions.items()):
        return False
    waiting = (
        notice
        for status in (NoticeStatus.PENDING, NoticeStatus.SENDING)
        for notice in ledger.rows.notice_rows(plan=show.code, status=status)
    )
    return not any(notice.deliver_not_before <= show.ends_at for notice in waiting)


async def _watch(watcher: Watcher, show: Performance, picture: Show) -> None:
    while True:
        picture(await asyncio.to_thread(watcher.look, show.today, show.share))
        await asyncio.sleep(LOOK_EVERY_SECONDS)


async def accompanied(work: Coroutine[Any, Any, T], company: Coroutine[Any, Any, None]) -> T:
    """Do work while something else goes on that ends by failing only; its failure ends the work."""
    working, going_on = asyncio.create_task(work), asyncio.create_task(company)
    try:
        await asyncio.wait({working, going_on}, return_when=asyncio.FIRST_COMPLETED)
        if going_on.done():
            going_on.result()
        return await working
    finally:
        for task in (working, going_on):
            task.cancel()
        await asyncio.gather(working, going_on, return_exceptions=True)
