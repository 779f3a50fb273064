"""Who does the work: workers that poll, the release that has it, what waits for it, what stands still."""

import asyncio
from contextlib import suppress

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.client import WorkflowExecution
from temporalio.service import RPCError, RPCStatusCode

from duban.deployment import KINDS, UNVERSIONED, Deployment, deployment_of, polls_for, release_words
from duban.doctor.finding import Check, Diagnosis
from duban.doctor.surroundings import Surroundings
from duban.standstill import Standstill, running_now, standing_still

LONG_QUEUE = 200
"""Tasks that wait: a worker does dozens in a second."""
LOOKED_AT = 300
NAMED = 3
LOOKING_SECONDS = 8.0
START = "systemctl start duban@VERSION，或运行 worker.py、starter.py serve"
KIND_WORDS = {
    TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW: "工作流任务",
    TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY: "活动任务",
}
QUEUE = frozenset({"task_queue"})


async def pollers(at: Surroundings) -> Diagnosis:
    """Whether anybody polls, for workflows and for activities, and gets what is to be done."""
    found = await _deployment(at)
    everybody = sum(len(release.workers) for release in found.releases)
    if not everybody and (half := await _half(at)):
        return Diagnosis.mend(
            f"队列 {at.settings.task_queue} 只有人领取{half}，另一种没有人领取，记不了账也送不了通知",
            "停止那个进程（不是督办的 worker.py，或已卡住），再" + START,
        )
    if not everybody:
        return Diagnosis.mend(f"没有工作进程在队列 {at.settings.task_queue} 上领取任务，什么也不会发生", START)
    at_work = len(found.workers_of(found.current))
    if not at_work and not (found.ramping and found.workers_of(found.ramping)):
        return Diagnosis.mend(
            f"{everybody} 个工作进程在领取，但都不是当前版本（{release_words(found.current)}），得不到任务",
            "starter.py release 查看，再 starter.py release current VERSION",
        )
    return Diagnosis.well(f"{everybody} 个在队列 {at.settings.task_queue} 上领取任务（工作流和活动两种）")


async def release(at: Surroundings) -> Diagnosis:
    """Which release has the work, and whether this one is it."""
    found = await _deployment(at)
    ramp = f"，{release_words(found.ramping)} 试运行 {found.share:g}%" if found.ramping is not None else ""
    detail = f"由{release_words(found.current)}承担任务{ramp}"
    idle = [one for one in found.releases if one.workers and one.build_id not in (found.current, found.ramping)]
    if idle:
        names = "、".join(release_words(one.build_id) for one in idle)
        return Diagnosis.beware(
            f"{detail}；{names} 也在运行，得不到新任务", "starter.py release 查看：停止它，或设为当前版本"
        )
    if found.ramping is not None and not found.workers_of(found.ramping):
        return Diagnosis.mend(
            f"{detail}，但它没有工作进程，分给它的任务停着",
            f"启动它的工作进程，或 starter.py release ramp {found.ramping or '--unversioned'} 0",
        )
    own = at.settings.build_id or UNVERSIONED
    if own not in (found.current, found.ramping):
        return Diagnosis.beware(
            f"{detail}；本机设置的是{release_words(own)}", "核对 DUBAN_BUILD_ID，或 starter.py release current VERSION"
        )
    return Diagnosis.well(detail)


async def queue(at: Surroundings) -> Diagnosis:
    """How much waits for a worker."""
    waiting = (await _deployment(at)).backlog
    detail = f"约 {waiting} 件待领取"
    if waiting > LONG_QUEUE:
        return Diagnosis.beware(detail, "过几分钟再看；不减少的，多启动几个工作进程，并看 starter.py stuck")
    return Diagnosis.well(detail)


async def stuck(at: Surroundings) -> Diagnosis:
    """Whether anything stands still, of the workflows that were begun last and within a few seconds."""
    client = await at.client()
    executions = await running_now(client, at.settings.task_queue, LOOKED_AT)
    seen, found = await _asked_after(at, executions)
    of = f"查看了最近启动的 {seen} 个工作流"
    if found:
        first = "、".join(one.workflow_id for one in found[:NAMED]) + ("等" if len(found) > NAMED else "")
        return Diagnosis.mend(f"停住 {len(found)} 个（{first}；{of}）", "starter.py stuck 查看原因和办法")
    if seen == len(executions) < LOOKED_AT:
        return Diagnosis.well(f"{seen} 个正在运行的工作流，没有停住的")
    return Diagnosis.well(f"{of}，没有停住的；全部查看用 starter.py stuck")


async def _asked_after(at: Surroundings, executions: list[WorkflowExecution]) -> tuple[int, list[Standstill]]:
    found: list[Standstill] = []
    seen = 0
    with suppress(TimeoutError):
        async with asyncio.timeout(LOOKING_SECONDS):
            async for one in standing_still(await at.client(), executions):
                seen += 1
                found += [one] if one is not None else []
    return seen, found


async def _half(at: Surroundings) -> str:
    """The kind of task that somebody polls for, where nobody polls for both; empty where nobody polls at all."""
    client = await at.client()
    polled = [KIND_WORDS[kind] for kind in KINDS if await polls_for(client, at.settings.task_queue, kind)]
    return polled[0] if len(polled) == 1 else ""


async def _deployment(at: Surroundings) -> Deployment:
    client = await at.client()
    try:
        return await deployment_of(client, at.settings.task_queue)
    except RPCError as error:
        if error.status is not RPCStatusCode.UNIMPLEMENTED:
            raise
        return Deployment()


CHECKS = (
    Check("workers", "工作进程", pollers, QUEUE),
    Check("release", "版本", release, QUEUE | {"build_id"}),
    Check("backlog", "待领取", queue, QUEUE),
    Check("stuck", "停住的", stuck, QUEUE),
)
