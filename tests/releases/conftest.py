"""Trials that mostly wait: begun together, each awaited by the tests that look at what came of it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from tests.commands.conftest import CommandLine

Trial: TypeAlias = Callable[[Path, Path, int], Awaitable[object]]
"""Given the `temporal` program, a folder of its own and the number of tasks."""
TRIES = "tries"
TASKS = {"short": 4, "full": 60}


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", f"{TRIES}(trial): the test looks at what comes of this trial")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    monkeypatch.setenv("DUBAN_HOME", str(folder))
    return folder


@pytest.fixture
def starter(home: Path) -> CommandLine:
    """The command line, in this process."""
    assert not home.exists()
    return CommandLine()


@pytest.fixture(scope="session")
async def _begun(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, temporal_program: Path
) -> AsyncIterator[dict[Trial, asyncio.Task[object]]]:
    """Every trial that a selected test looks at."""
    marks = [mark for item in request.session.items if (mark := item.get_closest_marker(TRIES)) is not None]
    trials: dict[Trial, None] = dict.fromkeys(mark.kwargs["trial"] for mark in marks)
    tasks = TASKS[request.config.option.faults]
    begun = {
        trial: asyncio.ensure_future(trial(temporal_program, tmp_path_factory.mktemp("releases"), tasks))
        for trial in trials
    }
    yield begun
    for task in begun.values():
        task.cancel()
    await asyncio.gather(*begun.values(), return_exceptions=True)


@pytest.fixture
async def outcome(request: pytest.FixtureRequest, _begun: dict[Trial, asyncio.Task[object]]) -> object:
    """What came of the test's trial."""
    mark = request.node.get_closest_marker(TRIES)
    assert mark is not None
    return await _begun[mark.kwargs["trial"]]
