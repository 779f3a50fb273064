"""Things done twice at once: a plan issued from two machines, a message sent twice, an issuing that died half-way."""

import asyncio
from collections.abc import Awaitable
from functools import partial

import pytest

from duban.commands.issuing import IssueOutcome, issue_plan
from duban.contracts import Answer
from duban.names import task_workflow_id
from duban.supervision.rules.authority import Act
from tests.faults.conftest import Trial
from tests.faults.house import TASK_QUEUE, House, until
from tests.faults.people import People
from tests.faults.plans import plan_of
from tests.faults.stage import fast_clock, staged, under_way
from tests.faults.verdict import at_rest, judge


async def done_twice(trial: Trial) -> None:
    """Two machines issue one plan in the same moment; every message comes three times."""
    plan = plan_of("E", trial.size(3, 200), trial.dice, bodies=2)
    async with staged(trial) as house:
        elsewhere = house.another_worker("worker-elsewhere")
        try:
            await asyncio.gather(house.work(), house.work(elsewhere))
            clock = fast_clock(plan, trial.size(0.3, 2.0))
            outcomes = await asyncio.gather(
                *(issue_plan(house.client, house.ledger, plan, TASK_QUEUE, clock=clock) for _ in range(2))
            )
            assert IssueOutcome.STARTED in outcomes
            await under_way(house, plan, within=trial.size(120, 300))
            people = People(house, clock)
            bodies = {task.code: task.handled_by for task in plan.definition.tasks}
            await asyncio.gather(*(_said_thrice(house, people, code, bodies[code]) for code in bodies))
            again = await issue_plan(house.client, house.ledger, plan, TASK_QUEUE, clock=clock)
            assert again is IssueOutcome.SAME_AGAIN
            await at_rest(house, clock, people, within=trial.size(240, 300))
            await judge(house, plan, clock, people)
        finally:
            await elsewhere.kill()


async def _said_thrice(house: House, people: People, code: str, body: str) -> None:
    """One message, twice under one id of the update and once under another: one acceptance, three equal answers."""
    said = people.note(code, Act.ACCEPT, people.now(), {"body": body, "person": "张三"})
    handle = house.client.get_workflow_handle(task_workflow_id(code))
    answers = await asyncio.gather(
        *(
            handle.execute_update("accept", dict(said.fields), id=identity, result_type=Answer)
            for identity in (said.id, said.id, f"{said.id}/again")
        )
    )
    assert len({answer.version for answer in answers}) == 1
    people.answered[said.id] = answers[0]


async def _is_half_way(house: House, code: str) -> bool:
    row = house.ledger.plans.plan_row(code)
    if row is not None and row.unstarted_tasks < row.tasks:
        house.story.tell(f"{row.unstarted_tasks} of {row.tasks} tasks have no proof of their start")
        return True
    return False


async def died_while_issuing(trial: Trial) -> None:
    """The worker dies while it starts the tasks of a plan, the plan is issued again, and again it dies."""
    plan = plan_of("F", trial.size(60, 600), trial.dice, bodies=2)
    async with staged(trial) as house:
        await house.work()
        clock = fast_clock(plan, trial.size(8.0, 30.0), days=1)
        people = People(house, clock)
        for late in trial.size([True], [True, False, True]):
            await issue_plan(house.client, house.ledger, plan, TASK_QUEUE, clock=clock)
            if late:  # when some are started, and others are not
                await until(partial(_is_half_way, house, plan.definition.code), look_every=0.005)
            else:
                await asyncio.sleep(trial.dice.uniform(0, 0.3))
            await house.kill_worker()
            await house.work()
        await issue_plan(house.client, house.ledger, plan, TASK_QUEUE, clock=clock)
        # Registering and starting are begun again when no heartbeat has come for half a minute.
        await under_way(house, plan, within=120)
        await at_rest(house, clock, people, within=trial.size(240, 400), hurry=not trial.full)
        await judge(house, plan, clock, people)


@pytest.mark.plays.with_args(done_twice)
async def test_a_plan_issued_twice_at_once_and_a_message_sent_thrice_are_one_plan_and_one_message(
    played: Awaitable[None],
) -> None:
    await played


@pytest.mark.plays.with_args(died_while_issuing)
async def test_issuing_that_died_half_way_is_finished_by_issuing_again(played: Awaitable[None]) -> None:
    await played
