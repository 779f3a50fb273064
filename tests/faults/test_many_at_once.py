"""Ten thousand tasks that wake in one instant: each once, late by no more than it takes, and the gateway is spared."""

from collections.abc import Awaitable

import pytest

from duban.supervision.days.calendar import ONE_DAY
from duban.supervision.tasks.entries import EntryKind
from tests.faults.conftest import Trial
from tests.faults.plans import DUE, plan_of
from tests.faults.stage import fast_clock, issued, sleep_until, staged, under_way
from tests.faults.verdict import at_rest, judge

BODIES = 10
IN_FLIGHT = 2 * BODIES + 4
"""One message at a time to each body: those that lead and that handle, the supervisor, the office, the group."""
AWAY = 20
"""Days after the deadline: the first level is due on the sixteenth, a Saturday, and given on the Monday."""


async def one_instant(trial: Trial) -> None:
    """The worker is away while every task passes its deadline and its first band; then all wake at once."""
    plan = plan_of("G", trial.size(60, 10_000), trial.dice, bodies=BODIES)
    day = trial.size(1.6, 60.0)  # all are under way before the first of them could be reminded
    async with staged(trial) as house:
        await house.work()
        clock = fast_clock(plan, day, days=AWAY)
        people = await issued(house, plan, clock)
        await under_way(house, plan, within=trial.size(120, 1200))
        await house.kill_worker()
        woken_at = clock.real(plan.policy.calendar.zone.at(DUE + AWAY * ONE_DAY))
        await sleep_until(woken_at)
        await house.gateway.told(takes=0.05)
        await house.work()
        before = len(house.seen())
        await at_rest(house, clock, people, within=trial.size(240, 1800), hurry=not trial.full)
        verdict = await judge(house, plan, clock, people)
        seen = house.seen()[before:]
    for walked in verdict.walks:
        kinds = [entry.kind for entry in walked.entries]
        assert kinds.count(EntryKind.EPISODE_OPENED) == 1
        assert kinds.count(EntryKind.REMINDER_ISSUED) == 1
    assert max(one.in_flight for one in seen) <= IN_FLIGHT
    notices = sum(len(one.body["data"]["notices"]) for one in seen)
    assert 2 * len(seen) <= notices, "notices to one body did not go out together"
    lateness = sorted(
        (row["delivered_at_real"] - max(row["deliver_not_before_real"], woken_at)).total_seconds()
        for row in verdict.real["notices"]
        if row["kind"] == "reminder"
    )
    trial.story.tell(
        f"{notices} notices in {len(seen)} messages, {max(one.in_flight for one in seen)} at once at most; "
        f"reminders late by {lateness[len(lateness) // 2]:.1f} s (median), {lateness[-1]:.1f} s (last)"
    )


@pytest.mark.plays.with_args(one_instant)
async def test_tasks_that_wake_in_one_instant_are_each_reminded_once_and_do_not_storm_the_gateway(
    played: Awaitable[None],
) -> None:
    await played
