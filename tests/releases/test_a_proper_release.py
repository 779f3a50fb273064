"""A release whose change stands behind ``workflow.patched``: running tasks go on, and the new code takes over."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from temporalio.api.enums.v1 import EventType

from duban.client import connect
from duban.contracts import Answer
from duban.rollout import make_current
from tests.releases.stage import ENTERED, Stage, Told, day_seconds, staged
from tests.releases.trees import PATCHED, PROPER, released
from tests.supervision.supervised import HANDLING
from tests.workflows.installation import InFastTime


@dataclass
class Seen:
    """What was seen of the trial; that the ledger is complete in the end is checked by the trial.

    Attributes:
        answers: Of every task, before and after.
        finished_by: The releases that took the running tasks' steps.
        divergences: How often a command was not that of a history.
        patched: For a running task and for one begun under the new release: whether it goes the new way.
    """

    told: dict[str, Told] = field(default_factory=dict)
    answers: list[Answer] = field(default_factory=list)
    finished_by: list[list[str]] = field(default_factory=list)
    divergences: int = 0
    patched: tuple[bool, bool] = (True, False)


async def over_running_tasks(program: Path, home: Path, tasks: int) -> Seen:
    """The next release is checked, started beside the present one, given the work; then the present one is stopped."""
    seen, present, following = Seen(), released(home / "present"), released(home / "following", *PROPER)
    async with staged(program, home, "P1") as stage:
        fast = stage.fast
        async with stage.worker(following, "r2") as second:
            async with stage.worker(present, "r1"):
                await make_current(fast.client, "r1")
                await fast.start(fast.prepare(*stage.tasks(tasks), entered=ENTERED, day_seconds=day_seconds(tasks)))
                await stage.phoned()
                seen.answers += [await fast.report(percent=10, number=number) for number in stage.numbers]
                seen.told["check"] = await stage.starter(following, "release", "check", "--limit", 3, "--json")
                seen.told["given"] = await stage.starter(following, "release", "current", "r2")
            await second.says("worker.standing", standing="current")
            seen.answers += [await fast.report(percent=20, number=number) for number in stage.numbers]
            begun = await _issued_under_it(stage)
            await stage.at_the_top()
            await stage.caught_up()
            await stage.check()
            seen.finished_by = [await stage.finished_by(fast.handle(number)) for number in stage.numbers]
            every = [*map(fast.handle, stage.numbers), begun.handle()]
            seen.told["check of the way back"] = await stage.starter(
                present, "release", "check", "--limit", 0, "--json"
            )
            seen.divergences = sum([await stage.divergences(handle) for handle in every])
            seen.patched = (await _is_patched(fast), await _is_patched(begun))
            begun.ledger.close()
            await begun.channel.aclose()
            begun.threads.shutdown()
    return seen


async def _issued_under_it(stage: Stage) -> InFastTime:
    """Another plan of the same installation."""
    begun = InFastTime(await connect(address=stage.server.address), stage.fast.settings.home, "P2")
    begun.settings = stage.fast.settings
    await begun.start(begun.prepare(begun.task("2016-12-20"), entered="2016-06-24"))
    await begun.under_way()
    await begun.tell("accept", HANDLING)
    await begun.recorded()
    return begun


async def _is_patched(made: InFastTime) -> bool:
    events = (await made.handle().fetch_history()).events
    marks = [event for event in events if event.event_type == EventType.EVENT_TYPE_MARKER_RECORDED]
    assert all(PATCHED in str(mark.marker_recorded_event_attributes.details) for mark in marks)
    return bool(marks)


@pytest.mark.tries(trial=over_running_tasks)
class TestOverRunningTasks:
    def test_the_histories_of_the_running_tasks_replay_under_it(self, outcome: Seen) -> None:
        checked = outcome.told["check"]
        assert (checked.code, checked.json["diverging"]) == (0, [])
        replayed = {found["workflow_type"]: found["replayed"] for found in checked.json["replayed"]}
        assert (replayed["ReformTask"], replayed["ReformPlan"]) == (3, 1)

    def test_it_takes_over_every_running_task_and_none_stands_still(self, outcome: Seen) -> None:
        assert outcome.told["given"].code == 0, outcome.told["given"].err
        assert outcome.finished_by == [["r1", "r2"]] * len(outcome.finished_by)
        assert outcome.divergences == 0

    def test_its_new_words_are_everybodys_at_once(self, outcome: Seen) -> None:
        texts = [answer.text for answer in outcome.answers]
        half = len(texts) // 2
        assert texts == ["已受理：报告进展"] * half + ["已收到：报告进展"] * half

    def test_before_going_back_the_old_release_names_those_that_it_could_not_go_on_with(self, outcome: Seen) -> None:
        checked = outcome.told["check of the way back"]
        assert checked.code == 1
        assert {found["workflow_id"] for found in checked.json["diverging"]} == {"P2-1"}

    def test_its_new_way_is_gone_by_tasks_that_begin_under_it(self, outcome: Seen) -> None:
        assert outcome.patched == (False, True)
