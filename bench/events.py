"""History events: the quiet path of a task, and what one reminder costs."""

import asyncio
import itertools
from datetime import timedelta

from temporalio.client import WorkflowHandle

from bench.bench_house import House, house
from bench.plans import ISSUED_ON, clock_from, plan_of
from duban.contracts import PlanInput, StoredPlan
from duban.names import REFORM_PLAN, TASK_QUEUE
from duban.supervision.entries import EntryKind
from duban.supervision.words import ENTRY_WORDS

HANDLING = {"body": "市2局", "person": "张三"}
GIVEN = ENTRY_WORDS[EntryKind.REMINDER_ISSUED]
SUPERVISING = {"body": "市委改革办", "person": "李四"}


async def events() -> None:
    """Print both counts with their budgets."""
    async with house() as at:
        quiet = await _quiet_path(at)
        once = await _reminders(at)
    print("history events")
    print(f"  quiet path (issued, accepted, strike-off requested, verified): {quiet} (budget ≤ 50)")
    print(f"  one reminder, recorded and shown in the search attributes: {once} (budget ≤ 15)")


async def _quiet_path(at: House) -> int:
    plan = plan_of("QUIET", 2)  # a second task stays open, so that the first does not close the plan
    await _start(at, "QUIET", plan, speed=1.0)
    task = at.client.get_workflow_handle("QUIET-00001")
    for name, message in (
        ("accept", HANDLING),
        ("request_strike_off", {**HANDLING, "deliverable": "成果一号"}),
        ("verify", {**SUPERVISING, "passed": True}),
    ):
        await asyncio.sleep(1)  # days lie between them in an office: each is recorded before the next comes
        await task.execute_update(name, message)
    await task.result()
    return await _length(task)


async def _reminders(at: House) -> int:
    """The events between two ticks of the clock that each give one reminder and nothing else."""
    plan = plan_of("LATE", 1, due_on=ISSUED_ON - timedelta(days=10))
    await _start(at, "LATE", plan, speed=86_400 / 2)
    task = at.client.get_workflow_handle("LATE-00001")
    while True:
        lines = at.ledger.timelines.timeline("LATE-00001")
        given = [line for line in lines if line.kind == "reminder_issued"]
        if len(given) == 2:
            break
        await asyncio.sleep(0.5)
    history = await task.fetch_history()
    wakes = [event.event_id for event in history.events if event.HasField("timer_fired_event_attributes")]
    names = {
        event.event_id: event.user_metadata.summary.data.decode()
        for event in history.events
        if event.HasField("activity_task_scheduled_event_attributes")
    }
    spans = [
        later - earlier
        for earlier, later in itertools.pairwise(wakes)
        if sum(earlier < at_ < later for at_ in names) == 1
        and any(GIVEN in names[at_] for at_ in names if earlier < at_ < later)
    ]
    await task.terminate()
    return max(spans)


async def _start(at: House, code: str, plan: StoredPlan, speed: float) -> None:
    digest = at.ledger.plans.store_plan(plan)
    given = PlanInput(code=code, digest=digest, clock=clock_from(plan, speed))
    await at.client.start_workflow(REFORM_PLAN, given, id=code, task_queue=TASK_QUEUE)
    while (row := at.ledger.plans.plan_row(code)) is None or row.unstarted_tasks:  # noqa: ASYNC110 - another process
        await asyncio.sleep(0.1)


async def _length(task: WorkflowHandle[object, object]) -> int:
    return len((await task.fetch_history()).events)
