"""A PostgreSQL of a trial's own, and the ways in which it is away."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
import pytest

from tests.conftest import MISSING
from tests.faults.conftest import Trial
from tests.faults.house import House
from tests.postgres import NoPostgres, Postgres, own_postgres

DATABASE = "duban"


@asynccontextmanager
async def postgres_for(trial: Trial, *, port: int | None = None) -> AsyncIterator[Postgres]:
    """A PostgreSQL that keeps what it was given, with an empty database."""
    opening = own_postgres(port=port)
    try:
        postgres = await asyncio.to_thread(opening.__enter__)
    except NoPostgres as reason:
        trial.request.config.stash[MISSING]["PostgreSQL 中断的试验"] = str(reason)
        pytest.skip(str(reason))
    try:
        with psycopg.connect(postgres.url("postgres").replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {DATABASE}")
        yield postgres
    finally:
        await asyncio.to_thread(opening.__exit__, None, None, None)


async def database_away(house: House, postgres: Postgres, way: str, seconds: float) -> None:
    """PostgreSQL is `stopped`, `killed` or `frozen` for some seconds."""
    house.story.tell(f"PostgreSQL is {way} for {seconds:.1f} s")
    leave, come_back = {
        "stopped": (postgres.stop, postgres.start),
        "killed": (postgres.kill, postgres.start),
        "frozen": (postgres.freeze, postgres.resume),
    }[way]
    await asyncio.to_thread(leave)
    await asyncio.sleep(seconds)
    await asyncio.to_thread(come_back)
    house.story.tell("PostgreSQL is back")
