"""The sweep: a Schedule that starts the dispatch of bodies for which a due notice lies about."""

from datetime import timedelta

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
)
from temporalio.service import RPCError, RPCStatusCode

from duban.client import ConnectionFailed
from duban.names import DISPATCH_SWEEP, SWEEP_SCHEDULE

EVERY = timedelta(minutes=5)
"""Real time. The sweep only finds what a crash between record and nudge left: rarely anything."""


async def ensure_sweep(client: Client, task_queue: str) -> bool:
    """See to it that the sweep is scheduled; safe to call at every start.

    Returns:
        Whether it was created now. The time-skipping test server knows no Schedules: False there.

    Raises:
        ConnectionFailed: The server refuses, as one does on which we may not make any.
    """
    schedule = Schedule(
        action=ScheduleActionStartWorkflow(DISPATCH_SWEEP, id="dispatch-sweep", task_queue=task_queue),
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=EVERY)]),
        # Of sweeps missed while the server was down one is enough.
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=EVERY),
    )
    try:
        await client.create_schedule(SWEEP_SCHEDULE, schedule)
    except ScheduleAlreadyRunningError:
        return False
    except RPCError as error:
        if error.status is RPCStatusCode.UNIMPLEMENTED:
            return False
        raise ConnectionFailed(
            f"无法在 Temporal 服务器上建立补送计划（Schedule {SWEEP_SCHEDULE}，{error.status.name}：{error.message}）。"
            f"请由管理员授予命名空间 {client.namespace} 的写权限后重试。"
        ) from error
    return True
