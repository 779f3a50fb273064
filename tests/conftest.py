"""The servers and databases that tests run on: each real, started once per session, and ours alone.

What a machine does not have is not passed over in silence: the tests that need it are skipped, and the summary says
in words which and why.
"""

import asyncio
import gc
import logging
import os
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
import structlog
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from duban.encryption.converter import data_converter
from duban.server import DevServer, Say, find_temporal, find_time_skipping
from tests.postgres import NoPostgres, private_postgres
from tests.skipped_time import start_time_skipping

MISSING = pytest.StashKey[dict[str, str]]()
BROWSER = Path(__file__).with_name("browser")


def pytest_addoption(parser: pytest.Parser) -> None:
    faults = parser.getgroup("faults", "tests/faults")
    faults.addoption("--faults", choices=("short", "full"), default="short", help="how large the trials are")
    faults.addoption("--seed", type=int, help="of the trials' dice: a seed reproduces a run")
    browser = parser.getgroup("browser", "tests/browser")
    browser.addoption("--pictures", type=Path, help="folder into which the pictures of tests/browser are taken")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[MISSING] = {}


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """A browser is no part of the environment that `make env` makes: what needs one is asked for by name."""
    asked_for = any("browser" in argument for argument in config.args)
    return True if collection_path == BROWSER and not asked_for else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if config.stash[MISSING]:
        terminalreporter.section("没有运行的测试", yellow=True)
    for what, reason in config.stash[MISSING].items():
        terminalreporter.write_line(f"{what}：{reason}", yellow=True)


def pytest_sessionfinish() -> None:
    # temporalio 1.35: without this the interpreter crashes now and then when it exits after a WorkflowEnvironment,
    # and the exit code of a run that passed says that it failed.
    if "temporalio.testing" in sys.modules:
        gc.collect()
        time.sleep(0.5)


@pytest.fixture(scope="session", autouse=True)
def _nobody_elses_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test reads the settings of the person who runs it, or writes into that person's folders."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith(("DUBAN_", "TEMPORAL_")):
                patch.delenv(name)
        patch.setenv("TEMPORAL_CONFIG_FILE", os.devnull)
        patch.setenv("DUBAN_HOME", str(tmp_path_factory.mktemp("duban-home")))
        yield


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    """What a test sets up for its own lines is not left to the next, whose stderr is another."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name in ("httpx", "httpcore", "temporalio", "urllib3", "temporalio.workflow", "temporalio.activity"):
        logging.getLogger(name).setLevel(logging.NOTSET)
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def say(request: pytest.FixtureRequest) -> Say:
    """Writes to the terminal while tests run: a server that is built for minutes must not look like a hang."""
    reporter: pytest.TerminalReporter | None = request.config.pluginmanager.get_plugin("terminalreporter")

    def on_terminal(line: str) -> None:
        if reporter is not None:
            reporter.ensure_newline()
            reporter.write_line(line)

    return on_terminal


@pytest.fixture(scope="session")
async def temporal_program(say: Say) -> Path:
    """The `temporal` program, found or fetched."""
    return (await find_temporal(say)).path


@pytest.fixture(scope="session")
async def dev_server(temporal_program: Path) -> AsyncIterator[DevServer]:
    """A real development server with its state in memory; give every test a task queue of its own."""
    async with DevServer(temporal_program) as server:
        yield server


@pytest.fixture(scope="session")
async def dev_client(dev_server: DevServer) -> Client:
    """A client of `dev_server` with the pydantic data converter."""
    return await Client.connect(dev_server.address, namespace=dev_server.namespace, data_converter=data_converter(None))


@pytest.fixture(scope="session")
async def time_skipping_program(say: Say) -> Path:
    """The program of the time-skipping server, found or fetched."""
    return (await find_time_skipping(say)).path


@pytest.fixture
async def time_skipping(time_skipping_program: Path) -> AsyncIterator[WorkflowEnvironment]:
    """A time-skipping server of the test's own; take the epoch from `get_current_time()`.

    Not shared, although it takes a second to start: whatever one test leaves unclaimed (a workflow task whose worker
    has stopped) holds the server's clock for all that come after it.
    """
    async with await start_time_skipping(time_skipping_program) as environment:
        yield environment
    await asyncio.sleep(0)  # lets the SDK's own tasks end inside the loop


@pytest.fixture(scope="session")
def postgres_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """SQLAlchemy URL of the maintenance database of a private PostgreSQL; tests that need one are skipped without."""
    try:
        with private_postgres() as url:
            yield url
    except NoPostgres as reason:
        request.config.stash[MISSING]["在 PostgreSQL 上的测试"] = str(reason)
        pytest.skip(str(reason))


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """SQLAlchemy URL of an empty database of the test's own: every such test runs on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'duban.db'}"
        return
    maintenance: str = request.getfixturevalue("postgres_url")
    name = f"test_{uuid4().hex}"
    server = maintenance.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield maintenance.replace("/postgres?", f"/{name}?")
        # With force: a test that failed may have left a connection behind, which is not the next test's affair.
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
