"""Trials: each with dice of its own from one seed, in one of two sizes, several at once where they mostly wait."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from duban.server import Say
from tests.faults.house import Story

SHORT, FULL = "short", "full"
SHORT_SEED = 44555
"""`make test` is the same every time; `make faults` rolls the dice anew and says what they showed."""
AT_ONCE = {SHORT: 9, FULL: 2}
LONGEST = {SHORT: 600.0, FULL: 7200.0}
"""Seconds after which a trial that hangs is given up."""
PLAYS, FULL_ONLY = "plays", "full_only"
Scenario: TypeAlias = Callable[["Trial"], Awaitable[None]]
STORIES = pytest.StashKey[dict[str, str]]()


@dataclass
class Trial:
    """One trial.

    Attributes:
        dice: Its own: no trial disturbs another's.
        full: The numbers of the issue, and the patience that they need.
    """

    name: str
    full: bool
    dice: random.Random
    home: Path
    temporal: Path
    say: Say
    request: pytest.FixtureRequest
    story: Story = field(default_factory=Story)

    def size(self, short: Any, full: Any) -> Any:
        """What belongs to this size."""
        return full if self.full else short


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", f"{PLAYS}(scenario, mostly_waits): the test waits for this trial, which runs beside others"
    )
    config.addinivalue_line("markers", f"{FULL_ONLY}: too large for every run of the tests; `make faults` runs it")
    config.stash[STORIES] = {}
    if config.option.seed is None:
        config.option.seed = random.SystemRandom().randrange(10**6) if config.option.faults == FULL else SHORT_SEED


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.option.faults == SHORT:
        left_out = [item for item in items if item.get_closest_marker(FULL_ONLY)]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture(scope="session")
async def _playing(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, temporal_program: Path, say: Say
) -> AsyncIterator[dict[str, asyncio.Task[None]]]:
    """All trials that are asked for, begun."""
    size, seed = request.config.option.faults, request.config.option.seed
    if size == FULL:
        say(f"故障试验：--seed {seed}")
    turns = asyncio.Semaphore(AT_ONCE[size])

    async def play(scenario: Scenario, trial: Trial, turn: AbstractAsyncContextManager[object]) -> None:
        async with turn:
            trial.story = Story()
            if size == FULL:
                say(f"开始：{trial.name}")
            async with asyncio.timeout(LONGEST[size]):
                await scenario(trial)

    tasks: dict[str, asyncio.Task[None]] = {}
    for item in request.session.items:
        if (mark := item.get_closest_marker(PLAYS)) is not None:
            [scenario] = mark.args
            trial = Trial(
                name=item.name,
                full=size == FULL,
                dice=random.Random(f"{seed}/{item.name}"),  # noqa: S311 - a test's dice
                home=tmp_path_factory.mktemp("house"),
                temporal=temporal_program,
                say=say,
                request=request,
            )
            turn = nullcontext() if mark.kwargs.get("mostly_waits") else turns
            playing = play(scenario, trial, turn)
            tasks[item.nodeid] = asyncio.create_task(_told(request.config, item.nodeid, trial, playing))
    yield tasks
    for task in tasks.values():
        task.cancel()
    await asyncio.gather(*tasks.values(), return_exceptions=True)


async def _told(config: pytest.Config, nodeid: str, trial: Trial, playing: Awaitable[None]) -> None:
    try:
        await playing
    finally:
        config.stash[STORIES][nodeid] = "\n".join(trial.story.lines)


@pytest.fixture
def played(request: pytest.FixtureRequest, _playing: dict[str, asyncio.Task[None]]) -> Awaitable[None]:
    """The test's own trial, to be awaited."""
    return _playing[request.node.nodeid]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    report: pytest.TestReport = yield
    story = item.config.stash[STORIES].get(item.nodeid)
    if story and report.when == "call":
        size, seed = item.config.option.faults, item.config.option.seed
        report.sections.append(("what happened", story))
        if report.failed:
            again = f"pytest tests/faults --faults {size} --seed {seed} -k {item.name}"
            report.sections.append(("once more", again))
    return report
