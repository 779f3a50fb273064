"""What the other tests stand on: the servers and databases that conftest.py starts do what those tests expect."""

from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import create_engine, text
from temporalio import workflow
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from tests.postgres import NoPostgres, private_postgres


@workflow.defn
class SleepsForAYear:
    @workflow.run
    async def run(self) -> None:
        await workflow.sleep(timedelta(days=365))


async def test_on_the_time_skipping_server_a_year_passes_in_a_moment(time_skipping: WorkflowEnvironment) -> None:
    before = await time_skipping.get_current_time()
    async with Worker(time_skipping.client, task_queue="a-year", workflows=[SleepsForAYear]):
        await time_skipping.client.execute_workflow(SleepsForAYear.run, id="a-year", task_queue="a-year")
    assert await time_skipping.get_current_time() - before >= timedelta(days=365)


async def test_the_development_server_answers_its_client(dev_client: Client) -> None:
    assert await dev_client.service_client.check_health()


def test_every_test_gets_an_empty_database_of_its_own(database_url: str) -> None:
    # Run once for each kind of database, so the table of one would be in the way of the next if it were shared.
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE entry (number INTEGER)"))
        assert connection.execute(text("SELECT count(*) FROM entry")).scalar_one() == 0
    engine.dispose()


def test_the_private_postgresql_is_reached_by_its_socket_only(postgres_url: str) -> None:
    with psycopg.connect(postgres_url.replace("+psycopg", "")) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)


def test_without_postgresql_the_reason_is_said_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.postgres.DEBIAN", "nowhere/*/bin/pg_ctl")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(NoPostgres, match="apt-get install postgresql"), private_postgres():
        pass
