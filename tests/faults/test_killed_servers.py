"""Servers that are killed in the middle, and come back on what they had written."""

import asyncio
from collections.abc import Awaitable

import pytest

from duban.server.attempts import NotThisWay
from tests.conftest import MISSING
from tests.faults.cluster import Cluster, cluster_programs, free_port
from tests.faults.conftest import Trial
from tests.faults.databases import DATABASE, database_away, postgres_for
from tests.faults.house import House, disturbed, moments
from tests.faults.plans import busy_people, plan_of
from tests.faults.stage import fast_clock, issued, staged, under_way
from tests.faults.verdict import at_rest, judge
from tests.postgres import Postgres


async def dev_server_killed(trial: Trial) -> None:
    """The development server dies while tasks climb and people speak, and comes back on its file."""
    async with staged(trial) as house:
        await _killed_in_the_middle(trial, house, tasks=trial.size(4, 100))


async def cluster_killed(trial: Trial) -> None:
    """A cluster on PostgreSQL, which also holds the ledger: once the server dies, once the database under both."""
    async with postgres_for(trial, port=free_port()) as postgres:
        try:
            programs = await cluster_programs(trial.say)
        except NotThisWay as reason:
            trial.request.config.stash[MISSING]["Temporal 集群的试验"] = str(reason)
            pytest.skip(str(reason))
        cluster = Cluster(programs, trial.home, postgres)
        async with staged(trial, server=cluster, database_url=postgres.url(DATABASE)) as house:
            await _killed_in_the_middle(trial, house, tasks=trial.size(6, 100), database=postgres)


async def _killed_in_the_middle(trial: Trial, house: House, *, tasks: int, database: Postgres | None = None) -> None:
    plan = plan_of("D", tasks, trial.dice, bodies=trial.size(2, 6))
    acts = busy_people(plan, trial.dice)
    day, kills = trial.size((0.3, 2), (4.0, 12))
    await house.work()
    clock = fast_clock(plan, day)
    people = await issued(house, plan, clock)
    waits = moments(trial.dice, kills, 80 * day)
    aways = [trial.dice.uniform(0, 2) for _ in waits]

    async def kill() -> None:
        for number, (wait, away) in enumerate(zip(waits, aways, strict=True)):
            await asyncio.sleep(wait)
            if database is not None and number % 3 == 2:
                await database_away(house, database, "killed", away)
            else:
                await house.kill_server(away=away)

    async with disturbed(kill()):
        await under_way(house, plan, within=120)
        await people.live(acts)
    await at_rest(house, clock, people, within=trial.size(240, 600))
    assert house.worker.pid is not None, "the worker did not outlive the server"
    await judge(house, plan, clock, people)


@pytest.mark.plays.with_args(dev_server_killed)
async def test_a_server_killed_in_the_middle_forgets_nothing_and_repeats_nothing(played: Awaitable[None]) -> None:
    await played


@pytest.mark.full_only
@pytest.mark.plays.with_args(cluster_killed)
async def test_a_cluster_on_postgresql_killed_in_the_middle_forgets_nothing_and_repeats_nothing(
    played: Awaitable[None],
) -> None:
    await played
