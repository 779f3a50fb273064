"""Workers that are killed: in the worst instant, again and again, and just before a deadline."""

import asyncio
from collections.abc import Awaitable

import pytest

from duban.supervision.days.calendar import ONE_DAY
from duban.supervision.rules.authority import Act
from duban.supervision.tasks.entries import EntryKind
from tests.faults.conftest import Trial
from tests.faults.gateway import Cut
from tests.faults.house import House, disturbed, moments
from tests.faults.plans import DUE, EVIDENCE, busy_people, plan_of
from tests.faults.stage import fast_clock, issued, sleep_until, staged, under_way
from tests.faults.tables import read_tables
from tests.faults.verdict import at_rest, judge

LEVELS = ("电话提醒", "书面提醒", "现场提醒")


async def killed_after_the_answer(trial: Trial) -> None:
    """Each cut kills the worker when it has its answer: before it could read it, or a little later."""
    plan = plan_of("A", 3, trial.dice, bodies=1)
    between: list[str] = []
    async with staged(trial) as house:
        await house.work()
        clock = fast_clock(plan, trial.size(0.5, 3.0))
        people = None
        for lives_on in trial.size([None], [None, *(trial.dice.uniform(0, 0.03) for _ in range(5))]):
            assert house.worker.pid is not None
            await house.gateway.told(cut=Cut(pid=house.worker.pid, lives_on=lives_on))
            if people is None:
                people = await issued(house, plan, clock)
            await house.worker.ended()
            between += _fell_between(house, lives_on)
            await house.work()
        assert people is not None
        await at_rest(house, clock, people, within=trial.size(240, 400), hurry=not trial.full)
        verdict = await judge(house, plan, clock, people)
        assert between, "no kill fell between answer and record"
        for delivery_id in between:
            [row] = [row for row in verdict.real["deliveries"] if row["id"] == delivery_id]
            # A level that was overtaken meanwhile is not sent again; that it may have arrived stays on record.
            assert (row["status"], row["uncertain"]) in (("delivered", True), ("withdrawn", row["attempt"] > 1))
            ours = [one for one in house.seen() if one.body["data"]["id"] == delivery_id]
            assert len(ours) == row["attempt"]
            assert len({one.webhook_id for one in ours}) == 1


def _fell_between(house: House, lives_on: float | None) -> list[str]:
    """The delivery that was answered and of which the ledger does not know it, if the kill fell just there."""
    cut = [one for one in house.seen() if one.cut][-1]
    assert cut.status == 200
    tables = read_tables(house.settings.database_url)
    [row] = [row for row in tables["deliveries"] if row["id"] == cut.body["data"]["id"]]
    house.story.tell(f"worker killed {lives_on} s after the answer to {row['id']}: the ledger says {row['status']}")
    if lives_on is None:
        assert row["status"] == "sending"
    return [row["id"]] if row["status"] == "sending" else []


async def killed_again_and_again(trial: Trial) -> None:
    """Tasks climb their ladders and people work, and the worker dies at moments that nobody chose."""
    plan = plan_of("B", trial.size(6, 1000), trial.dice, bodies=trial.size(2, 12))
    acts = busy_people(plan, trial.dice)
    day, kills = trial.size((0.4, 2), (14.0, 50))
    async with staged(trial) as house:
        await house.work()
        clock = fast_clock(plan, day)
        people = await issued(house, plan, clock)
        await under_way(house, plan, within=trial.size(120, 600))
        waits = moments(trial.dice, kills, trial.size(30, 80) * day)

        async def kill() -> None:
            for wait in waits:
                await asyncio.sleep(wait)
                await house.kill_worker()
                await house.work()

        async with disturbed(kill()):
            await people.live(acts)
        await at_rest(house, clock, people, within=trial.size(240, 900), hurry=not trial.full)
        verdict = await judge(house, plan, clock, people)
    if trial.full:  # a band is longer than an outage; how many outages a task meets is up to the machine
        assert verdict.exact


async def deadline_without_a_worker(trial: Trial) -> None:
    """The worker is away over the deadline and most of the first band; meanwhile people report."""
    plan = plan_of("C", 4, trial.dice, bodies=2)
    in_time, late, by_signal, silent = (task.code for task in plan.definition.tasks)
    zone = plan.policy.calendar.zone
    last_minute, when_late = zone.at(DUE, 23 * 60 + 59), zone.at(DUE + 20 * ONE_DAY, 600)
    report = {"body": "承办中心1", "person": "张三", "milestones": [1], "evidence": EVIDENCE}
    handled = {task.code: task.handled_by for task in plan.definition.tasks}
    async with staged(trial) as house:
        await house.work()
        clock = fast_clock(plan, trial.size(0.8, 3.0), days=48)
        people = await issued(house, plan, clock)
        await under_way(house, plan)
        await house.kill_worker()
        await sleep_until(clock.real(when_late))
        said = people.note(by_signal, Act.PROGRESS, when_late, {**report, "body": handled[by_signal]})
        await house.client.get_workflow_handle(by_signal).signal("progress", dict(said.fields))
        async with asyncio.TaskGroup() as desks:
            for code, at in ((in_time, last_minute), (late, when_late)):
                desks.create_task(people.tell(code, Act.PROGRESS, at=at, **{**report, "body": handled[code]}))
            await sleep_until(clock.real(zone.at(DUE + 26 * ONE_DAY)))
            await house.work()
        await at_rest(house, clock, people, within=240, hurry=not trial.full)
        verdict = await judge(house, plan, clock, people)
    entries = {walked.task.code: walked.entries for walked in verdict.walks}
    [reported] = [entry for entry in entries[in_time] if entry.kind is EntryKind.PROGRESS]
    assert (reported.at, reported.recorded_at > when_late) == (last_minute, True)
    assert EntryKind.EPISODE_OPENED not in [entry.kind for entry in entries[in_time]]
    for code in (late, by_signal):
        kinds = [entry.kind for entry in entries[code]]
        [reported] = [entry for entry in entries[code] if entry.kind is EntryKind.PROGRESS]
        assert reported.at == when_late
        assert kinds.index(EntryKind.EPISODE_OPENED) < kinds.index(EntryKind.PROGRESS)
        [not_given] = [entry for entry in entries[code] if entry.kind is EntryKind.REMINDER_NOT_ISSUED]
        assert "电话提醒" in not_given.text
        assert "发出之前已报告完成" in not_given.text
    # How late the worker was back is the machine's affair: the level of that day is given, those before are on record.
    first = next(i for i, e in enumerate(entries[silent]) if e.kind is EntryKind.REMINDER_ISSUED)
    passed = [e.text for e in entries[silent][:first] if e.kind is EntryKind.REMINDER_NOT_ISSUED]
    assert len(passed) == LEVELS.index(entries[silent][first].text.split("发出")[1][:4])


@pytest.mark.plays.with_args(killed_after_the_answer)
async def test_a_worker_killed_between_the_gateways_answer_and_its_record_leaves_one_row_and_one_identifier(
    played: Awaitable[None],
) -> None:
    await played


@pytest.mark.plays.with_args(killed_again_and_again)
async def test_a_worker_killed_again_and_again_loses_no_reminder_and_gives_none_twice(played: Awaitable[None]) -> None:
    await played


@pytest.mark.plays.with_args(deadline_without_a_worker)
async def test_progress_made_while_no_worker_ran_counts_and_what_had_fallen_due_before_it_is_on_record(
    played: Awaitable[None],
) -> None:
    await played
