"""History events: the quiet path of a task, and what one reminder costs."""

import asyncio
import itertools
from datetime import timedelta

from temporalio.client import WorkflowHandle, WorkflowHistory

from bench.bench_house import House, house
from bench.plans import ISSUED_ON, clock_from, plan_of
from duban.contracts import PlanInput, StoredPlan
from duban.names import REFORM_PLAN, TASK_QUEUE
from duban.regimes import available_regimes
from duban.supervision.tasks.entries import EntryKind
from duban.supervision.words import ENTRY_WORDS

HANDLING = {"body": "市2局", "person": "张三"}
GIVEN = (ENTRY_WORDS[EntryKind.REMINDER_ISSUED], ENTRY_WORDS[EntryKind.URGED])
"""What the recording activity is called where a level is given: in the ladders by urgings, the urging is one."""


async def events() -> None:
    """Print both counts for every regime, with their budgets."""
    async with house() as at:
        counted = [(name, await _quiet_path(at, name), await _one_reminder(at, name)) for name in available_regimes()]
    print("history events, by regime")
    print(f"  {'':<10} {'quiet path (budget ≤ 50)':>26} {'one reminder (budget ≤ 15)':>28}")
    for name, quiet, once in counted:
        print(f"  {name:<10} {quiet:>26} {once:>28}")


async def _quiet_path(at: House, regime: str) -> int:
    """Issued, accepted, strike-off requested, verified and struck off; nothing reminded."""
    code = f"QUIET-{regime}"
    plan = plan_of(code, 2, regime_name=regime)  # a second task stays open, so that the first does not close the plan
    await _start(at, code, plan, speed=1.0)
    task = at.client.get_workflow_handle(f"{code}-00001")
    supervising = plan.organisation.supervising_body("", plan.policy.regime)
    for name, message in (
        ("accept", HANDLING),
        ("request_strike_off", {**HANDLING, "deliverable": "成果一号"}),
        ("verify", {"body": supervising, "person": "李四", "passed": True}),
    ):
        await asyncio.sleep(1)  # days lie between them in an office: each is recorded before the next comes
        await task.execute_update(name, message)
    await task.result()
    return await _length(task)


async def _one_reminder(at: House, regime: str) -> int:
    """The most events between two ticks of the clock that give one reminder, or one urging, and nothing else."""
    code = f"LATE-{regime}"
    plan = plan_of(code, 1, due_on=ISSUED_ON - timedelta(days=10), regime_name=regime)
    await _start(at, code, plan, speed=86_400 / 2)
    task = at.client.get_workflow_handle(f"{code}-00001")
    while not (found := _spans(await task.fetch_history())):  # noqa: ASYNC110 - another process
        await asyncio.sleep(1)
    await task.terminate()
    return max(found)


def _spans(history: WorkflowHistory) -> list[int]:
    wakes = [event.event_id for event in history.events if event.HasField("timer_fired_event_attributes")]
    names = {
        event.event_id: event.user_metadata.summary.data.decode()
        for event in history.events
        if event.HasField("activity_task_scheduled_event_attributes")
    }
    return [
        later - earlier
        for earlier, later in itertools.pairwise(wakes)
        if sum(earlier < at_ < later for at_ in names) == 1
        and any(given in names[at_] for at_ in names if earlier < at_ < later for given in GIVEN)
    ]


async def _start(at: House, code: str, plan: StoredPlan, speed: float) -> None:
    digest = at.ledger.plans.store_plan(plan)
    given = PlanInput(code=code, digest=digest, clock=clock_from(plan, speed))
    await at.client.start_workflow(REFORM_PLAN, given, id=code, task_queue=TASK_QUEUE)
    while (row := at.ledger.plans.plan_row(code)) is None or row.unstarted_tasks:  # noqa: ASYNC110 - another process
        await asyncio.sleep(0.1)


async def _length(task: WorkflowHandle[object, object]) -> int:
    return len((await task.fetch_history()).events)
