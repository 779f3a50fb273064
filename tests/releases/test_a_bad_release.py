"""A release that does not answer histories as the one before it did: nothing fails, nothing is lost, and it goes back.

Tried without versions, where the worker is exchanged, and with them, where the work is given to it and taken back.
"""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from temporalio.service import RPCError

from duban.contracts import Answer
from duban.deployment import Deployment, Standing, deployment_of
from duban.rollout import make_current
from duban.standstill import Cause, Standstill
from duban.supervision.tasks.entries import EntryKind
from tests.releases.stage import ENTERED, PATIENCE, Stage, Told, day_seconds, staged
from tests.releases.trees import BAD, released
from tests.supervision.supervised import HANDLING
from tests.workflows.installation import eventually

SENT = "sent-meanwhile"


@dataclass
class Seen:
    """What operators and people saw of a trial.

    The trial itself checks that in the end the ledger is complete and has every message that was sent meanwhile, once.

    Attributes:
        told: What commands said, by a name of the test's own.
        diverging: Tasks that stood still under the bad release.
        answer: To what was sent meanwhile and sent again.
        again: To the same once more.
        still_afterwards: What stands still in the end.
        drained: Who has the work in the end.
    """

    told: dict[str, Told] = field(default_factory=dict)
    diverging: list[int] = field(default_factory=list)
    logs: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    answer: Answer | None = None
    again: Answer | None = None
    still_afterwards: list[Standstill] = field(default_factory=list)
    drained: Deployment = field(default_factory=Deployment)


async def without_versions(program: Path, home: Path, tasks: int) -> Seen:
    """The worker of the good release is exchanged for one of the bad, and back."""
    seen, good, bad = Seen(), released(home / "good"), released(home / "bad", *BAD)
    async with staged(program, home, "B1") as stage:
        fast = stage.fast
        async with stage.worker(good):
            await fast.start(fast.prepare(*stage.tasks(tasks), entered=ENTERED, day_seconds=day_seconds(tasks)))
            await stage.phoned()
            seen.told["check of the bad"] = await stage.starter(bad, "release", "check", "--json")
        async with stage.worker(bad):
            signalled = await stage.stirred("signalled")
            await eventually(lambda: _all_stand_still(stage), within=PATIENCE)
            seen.diverging = await stage.diverging()
            report = ("progress", fast.tasks[0], "--body", HANDLING, "--person", "张三", "--percent", 10, "--id", SENT)
            seen.told["sent"], seen.told["stuck"] = await asyncio.gather(
                stage.starter(good, *report), stage.starter(good, "stuck", "--json")
            )
            seen.told["sent again too early"] = await stage.starter(good, *report)
        async with stage.worker(good):
            await _afterwards(stage, seen, signalled)
    return seen


async def with_versions(program: Path, home: Path, tasks: int) -> Seen:
    """The bad release gets half of the tasks, and has them taken away again."""
    seen, good, bad = Seen(), released(home / "good"), released(home / "bad", *BAD)
    async with staged(program, home, "B2") as stage:
        fast = stage.fast
        async with stage.worker(good, "r1") as first:
            await first.says("worker.standing", standing="waiting")
            await make_current(fast.client, "r1")
            await fast.start(fast.prepare(*stage.tasks(tasks), entered=ENTERED, day_seconds=day_seconds(tasks)))
            await stage.phoned()
            async with stage.worker(bad, "r2") as second:
                await second.says("worker.standing", standing="waiting")
                seen.told["ramp"] = await stage.starter(good, "release", "ramp", "r2", "50")
                signalled = await stage.stirred("signalled")
                await eventually(lambda: _some_stand_still(stage), within=PATIENCE)
                seen.told["release"] = await stage.starter(good, "release", "--json")
                seen.told["stuck"] = await stage.starter(good, "stuck", "--json")
                seen.diverging = await stage.diverging()
                seen.told["rolled back"] = await stage.starter(good, "release", "current", "r1")
                seen.told["unknown"] = await stage.starter(good, "release", "current", "r7")
                await _afterwards(stage, seen, signalled)
                seen.drained = await _drained(stage, "r2")
                seen.logs["r2"] = second.events("worker.standing")
    return seen


async def _all_stand_still(stage: Stage) -> bool:
    return len(await stage.diverging()) == len(stage.numbers)


async def _some_stand_still(stage: Stage) -> bool:
    return bool(await stage.diverging())


async def _afterwards(stage: Stage, seen: Seen, signalled: list[str]) -> None:
    """The good release has the work again: send again what had no answer, and wait until all is done."""
    fast = stage.fast
    number = seen.diverging[0]
    message = await fast.said(HANDLING, percent=10, id=SENT)

    async def answered() -> bool:
        try:
            seen.answer = await fast.handle(number).execute_update("report_progress", message, result_type=Answer)
        except RPCError:  # until its workflow task is begun again
            return False
        return True

    await eventually(answered, within=PATIENCE)
    seen.again = await fast.handle(number).execute_update("report_progress", message, result_type=Answer)
    await stage.at_the_top()
    await stage.caught_up()
    await stage.check()
    reports = [row for n in stage.numbers for row in fast.of_kind(EntryKind.PROGRESS, n)]
    assert sorted(row.message_id or "" for row in reports) == sorted([SENT, *signalled])
    seen.still_afterwards = await stage.still()


async def _drained(stage: Stage, build_id: str) -> Deployment:
    """Wait until the server has found nothing left on a release."""
    found: list[Deployment] = []

    async def is_drained() -> bool:
        found.append(await deployment_of(stage.fast.client))
        return found[-1].standing_of(build_id) is Standing.DRAINED

    await eventually(is_drained, within=PATIENCE)
    return found[-1]


@pytest.mark.tries(trial=without_versions)
class TestWithoutVersions:
    def test_every_task_stands_still_under_it_and_none_fails(self, outcome: Seen) -> None:
        assert outcome.diverging
        assert outcome.still_afterwards == []

    def test_it_is_found_out_before_by_the_histories_of_the_running_tasks(self, outcome: Seen) -> None:
        checked = outcome.told["check of the bad"]
        assert checked.code == 1
        diverging = {found["workflow_id"]: found["reason"] for found in checked.json["diverging"]}
        assert set(diverging) == {f"B1-{number}" for number in outcome.diverging}
        assert all("Nondeterminism" in reason for reason in diverging.values())

    def test_one_command_names_those_that_stand_still_and_why(self, outcome: Seen) -> None:
        stuck = outcome.told["stuck"]
        assert stuck.code == 1
        named = {found["workflow_id"] for found in stuck.json if found["cause"] == Cause.NONDETERMINISM}
        assert named == {f"B1-{number}" for number in outcome.diverging}

    def test_what_people_send_meanwhile_is_refused_with_the_id_to_send_it_again_with(self, outcome: Seen) -> None:
        for told in (outcome.told["sent"], outcome.told["sent again too early"]):
            assert (told.code, told.out) == (1, "")
            assert f"--id {SENT}" in told.err

    def test_and_done_once_when_it_is_sent_again_after_the_way_back(self, outcome: Seen) -> None:
        assert outcome.answer is not None
        assert outcome.again is not None
        assert (outcome.again.version, outcome.again.repeated) == (outcome.answer.version, True)


@pytest.mark.tries(trial=with_versions)
class TestWithVersions:
    def test_a_worker_that_is_not_current_gets_nothing_and_says_so(self, outcome: Seen) -> None:
        first, *_ = outcome.logs["r2"]
        assert (first["build_id"], first["standing"]) == ("r2", "waiting")
        assert "得不到任何任务，直到设为当前版本：starter.py release current r2" in first["meaning"]

    def test_only_its_share_of_the_tasks_stands_still(self, outcome: Seen) -> None:
        assert outcome.diverging
        stuck = {found["workflow_id"]: found for found in outcome.told["stuck"].json}
        assert {f"B2-{number}" for number in outcome.diverging} <= set(stuck)
        assert {found["build_id"] for found in stuck.values()} == {"r2"}

    def test_who_has_the_work_is_told_by_one_command(self, outcome: Seen) -> None:
        found = outcome.told["release"].json
        assert (found["current"], found["ramping"], found["share"]) == ("r1", "r2", 50)
        assert {release["build_id"]: len(release["workers"]) for release in found["releases"]} == {
            "r1": 1, "r2": 1, "": 0
        }  # fmt: skip

    def test_one_command_takes_the_work_back(self, outcome: Seen) -> None:
        assert outcome.told["rolled back"].code == 0
        assert (outcome.drained.current, outcome.drained.ramping) == ("r1", None)
        assert outcome.still_afterwards == []

    def test_and_the_server_says_when_its_worker_may_be_stopped(self, outcome: Seen) -> None:
        assert outcome.drained.standing_of("r2") is Standing.DRAINED

    def test_what_was_sent_to_a_task_that_stood_still_is_done_once(self, outcome: Seen) -> None:
        assert outcome.answer is not None
        assert outcome.again is not None
        assert outcome.again.repeated

    def test_work_is_not_given_to_a_release_that_nobody_runs(self, outcome: Seen) -> None:
        unknown = outcome.told["unknown"]
        assert unknown.code == 1
        assert "版本 r7 没有正在运行的工作进程" in unknown.err
