"""Databases that are away: PostgreSQL killed, frozen, gone for long; SQLite locked; a disk that is full."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import func, select

from duban.ledger.database.engine import reading
from duban.ledger.tables.task_tables import TimelineTable
from duban.supervision.days.calendar import ONE_DAY
from duban.supervision.tasks.entries import EntryKind
from tests.faults.conftest import Trial
from tests.faults.databases import DATABASE, database_away, postgres_for
from tests.faults.disks import Disk, small_disk
from tests.faults.house import House, disturbed
from tests.faults.plans import DUE, ENTERED, TOP, busy_people, plan_of
from tests.faults.stage import fast_clock, issued, sleep_until, staged, under_way
from tests.faults.verdict import at_rest, judge

AN_HOUR = 3600.0
BEFORE_AND_AFTER = 420.0
"""Seconds around the hour in which tasks are assigned, and in which what has been missed is made up for."""


async def postgres_away(trial: Trial) -> None:
    """PostgreSQL is away for up to five seconds every five to twenty, in three ways."""
    plan = plan_of("H", trial.size(4, 150), trial.dice, bodies=trial.size(2, 6))
    acts = busy_people(plan, trial.dice)
    outages = trial.size(3, 20)
    waits = [trial.dice.uniform(*trial.size((4, 9), (5, 20))) for _ in range(outages)]
    lasts = [trial.dice.uniform(0, trial.size(2, 5)) for _ in range(outages)]
    ways = [trial.dice.choice(["stopped", "killed", "frozen"]) for _ in range(outages)]
    async with postgres_for(trial) as postgres, staged(trial, database_url=postgres.url(DATABASE)) as house:
        await house.work()
        clock = fast_clock(plan, trial.size(0.3, (sum(waits) + sum(lasts)) / 80))
        people = await issued(house, plan, clock)

        async def fail() -> None:
            for wait, last, way in zip(waits, lasts, ways, strict=True):
                await asyncio.sleep(wait)
                await database_away(house, postgres, way, last)

        async with disturbed(fail()):
            await under_way(house, plan, within=120)
            await people.live(acts)
        await at_rest(house, clock, people, within=trial.size(240, 600), hurry=not trial.full)
        assert house.worker.pid is not None, "the worker did not outlive its database"
        await judge(house, plan, clock, people)


async def postgres_away_for_an_hour(trial: Trial) -> None:
    """PostgreSQL is away for an hour of real time, in which every level of every ladder falls due and people speak."""
    plan = plan_of("J", 60, trial.dice, bodies=4)
    acts = busy_people(plan, trial.dice)
    async with postgres_for(trial) as postgres, staged(trial, database_url=postgres.url(DATABASE)) as house:
        await house.work()
        clock = fast_clock(plan, (AN_HOUR + BEFORE_AND_AFTER) / (TOP + (DUE - ENTERED).days))
        people = await issued(house, plan, clock)
        await under_way(house, plan)

        async def fail() -> None:
            await sleep_until(clock.real(plan.policy.calendar.zone.at(DUE + 3 * ONE_DAY)))
            before = _entries(house)
            await database_away(house, postgres, "stopped", AN_HOUR)
            house.story.tell(f"{before} entries before the hour")

        async with disturbed(fail()):
            await people.live(acts)
        await at_rest(house, clock, people, within=900)
        assert house.worker.pid is not None, "the worker did not outlive its database"
        verdict = await judge(house, plan, clock, people)
    # Everything that came back at once is on record as handled late; what was passed is there as not issued.
    assert any(entry.kind is EntryKind.REMINDER_ISSUED for walked in verdict.walks for entry in walked.entries)


async def sqlite_locked_and_full(trial: Trial) -> None:
    """Somebody holds the lock of the file, then the disk is full: nothing can be recorded, and people are answered."""
    plan = plan_of("I", trial.size(3, 50), trial.dice, bodies=2)
    acts = busy_people(plan, trial.dice)
    held, full = trial.size((4.0, 5.0), (45.0, 60.0))
    async with small_disk(trial) as disk, staged(trial, database_url=f"sqlite:///{disk.folder / 'duban.db'}") as house:
        await house.work()
        clock = fast_clock(plan, trial.size(0.4, 3.0))
        people = await issued(house, plan, clock)
        await under_way(house, plan)

        async def fail() -> None:
            await asyncio.sleep(trial.dice.uniform(2, 5))
            async with _nothing_is_recorded(house, "the ledger is locked"):
                await asyncio.to_thread(_hold_lock, disk.folder / "duban.db", held)
            await asyncio.sleep(trial.dice.uniform(2, 5))
            async with _nothing_is_recorded(house, "the disk is full"):
                await _full_for(house, disk, full)

        async with disturbed(fail()):
            await people.live(acts)
        await at_rest(house, clock, people, within=trial.size(240, 400), hurry=not trial.full)
        await judge(house, plan, clock, people)
    assert "LedgerUnavailable" in house.worker.log.read_text(encoding="utf-8"), "nobody ever wanted to write"


@asynccontextmanager
async def _nothing_is_recorded(house: House, why: str) -> AsyncIterator[None]:
    house.story.tell(why)
    yield
    house.story.tell(f"no longer: {why}")


def _hold_lock(file: Path, seconds: float) -> None:
    """What a backup program or a shell left open does."""
    connection = sqlite3.connect(file, timeout=60, isolation_level=None)
    try:
        connection.execute("BEGIN IMMEDIATE")
        entries = connection.execute("SELECT count(*) FROM timeline").fetchone()
        threading.Event().wait(seconds)
        assert connection.execute("SELECT count(*) FROM timeline").fetchone() == entries
        connection.execute("ROLLBACK")
    finally:
        connection.close()


async def _full_for(house: House, disk: Disk, seconds: float) -> None:
    """While the disk is full the worker finds no room for a single page."""
    ledger = disk.folder / "duban.db"
    # What the log of writes has room for would still fit in: it is emptied first.
    await asyncio.to_thread(_empty_write_ahead_log, ledger)
    async with disk.filled(house):
        await asyncio.sleep(1.0)  # what was being written when the disk became full
        entries = _entries(house)
        await asyncio.sleep(seconds)
        assert _entries(house) == entries, "something was recorded on a full disk"


def _empty_write_ahead_log(file: Path) -> None:
    connection = sqlite3.connect(file, timeout=60, isolation_level=None)
    try:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()


def _entries(house: House) -> int:
    with reading(house.ledger.engine) as connection:
        return connection.scalar(select(func.count()).select_from(TimelineTable)) or 0


@pytest.mark.plays.with_args(postgres_away)
async def test_while_postgresql_comes_and_goes_nothing_is_lost_and_nothing_said_twice(played: Awaitable[None]) -> None:
    await played


@pytest.mark.full_only
@pytest.mark.plays.with_args(postgres_away_for_an_hour, mostly_waits=True)
async def test_after_an_hour_without_postgresql_what_is_due_is_done_once_and_what_was_passed_is_on_record(
    played: Awaitable[None],
) -> None:
    await played


@pytest.mark.plays.with_args(sqlite_locked_and_full)
async def test_a_locked_ledger_and_a_full_disk_hold_things_up_and_lose_nothing(played: Awaitable[None]) -> None:
    await played
