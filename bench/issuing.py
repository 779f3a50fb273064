"""Tasks issued per second, beside bare starts: pairs in turn on one server, with one worker polling.

Issuing is: the plan registered in one transaction, every task started, its first activation done.
Bare is: as many client starts, fifty at a time, of a workflow that only waits, its first activation done.
"""

import asyncio
import statistics
import time

from bench.bare import Bare
from bench.bench_house import BARE_QUEUE, House, house
from bench.plans import clock_from, plan_of
from duban.contracts import PlanInput
from duban.names import REFORM_PLAN, REFORM_TASK, TASK_QUEUE

AT_ONCE = 50
POLL = 0.02


async def issuing(tasks: int = 400, pairs: int = 15) -> None:
    """Print median and quartiles of the ratio issued/bare, and of both rates."""
    async with house() as at:
        await issue(at, "WARM", 50)
        await start_bare(at, "warm", 50)
        issued: list[float] = []
        bare: list[float] = []
        for pair in range(pairs):
            # In turn, and in the other order every second time: the machine drifts.
            for first in (pair % 2 == 0, pair % 2 == 1):
                if first:
                    issued.append(tasks / await issue(at, f"P{pair}", tasks))
                else:
                    bare.append(tasks / await start_bare(at, f"b{pair}", tasks))
            print(f"  pair {pair + 1}: issued {issued[-1]:.0f}/s, bare {bare[-1]:.0f}/s", flush=True)
    ratios = [a / b for a, b in zip(issued, bare, strict=True)]
    low, middle, high = statistics.quantiles(ratios, n=4) if len(ratios) > 1 else (ratios * 3)
    print(f"issuing: {tasks} tasks, {pairs} pairs")
    print(f"  issued {statistics.median(issued):.0f} tasks/s, bare {statistics.median(bare):.0f} starts/s (medians)")
    print(f"  ratio issued/bare: median {middle:.2f}, quartiles {low:.2f}–{high:.2f} (budget ≥ 0.70)")


async def issue(at: House, code: str, tasks: int) -> float:
    """Issue a plan of so many tasks; the seconds until the last first activation."""
    plan = plan_of(code, tasks)
    already = at.count(REFORM_TASK)
    began = time.perf_counter()
    digest = await asyncio.to_thread(at.ledger.plans.store_plan, plan)
    await at.client.start_workflow(
        REFORM_PLAN,
        PlanInput(code=code, title=plan.definition.title, digest=digest, clock=clock_from(plan)),
        id=code,
        task_queue=TASK_QUEUE,
    )
    await _executed(at, REFORM_TASK, already + tasks)
    took = time.perf_counter() - began
    await _quiet(at)
    return took


async def start_bare(at: House, prefix: str, tasks: int) -> float:
    """Start so many bare workflows; the seconds until the last first activation."""
    already = at.count("Bare")
    began = time.perf_counter()
    for first in range(0, tasks, AT_ONCE):
        await asyncio.gather(
            *(
                at.client.start_workflow(Bare.run, id=f"{prefix}-{number}", task_queue=BARE_QUEUE)
                for number in range(first, min(first + AT_ONCE, tasks))
            )
        )
    await _executed(at, "Bare", already + tasks)
    took = time.perf_counter() - began
    await _quiet(at)
    return took


async def _executed(at: House, workflow_type: str, number: int) -> None:
    while at.count(workflow_type) < number:  # noqa: ASYNC110 - the SDK's metrics can only be asked
        await asyncio.sleep(POLL)


async def _quiet(at: House) -> None:
    """Wait until nothing is executed any more: the deliveries of a plan are not part of either side."""
    before = -1
    while sum(at.executed.values()) != before:
        before = sum(at.executed.values())
        await asyncio.sleep(1)
        at.count("Bare")
