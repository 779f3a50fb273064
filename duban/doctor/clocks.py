"""Clocks: this machine's beside the server's and the database's.

Temporal has no call that tells its time. But it notes when a queue was polled last, by its own clock: a poll of a queue
that nobody else uses, given up at once, leaves just that.
"""

import asyncio
import os
import socket
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest, PollWorkflowTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError

from duban.doctor.finding import Check, Diagnosis
from duban.doctor.surroundings import Surroundings, aside
from duban.ledger import Ledger

QUEUE = "duban-doctor"
"""No worker polls it and nothing is ever put into it."""
POLLED_WITHIN_SECONDS = 5.0
LOOK_EVERY_SECONDS = 0.1
NOTICEABLE, WRONG = timedelta(seconds=3), timedelta(seconds=60)
"""Two machines with NTP differ by milliseconds. Releases are judged by polls of the last ninety seconds."""
MEND = "在两边运行 timedatectl，启用 NTP（chrony 或 systemd-timesyncd）"


async def server_clock(at: Surroundings) -> Diagnosis:
    """This machine's clock beside the Temporal server's."""
    client = await at.client()
    before = datetime.now(UTC)
    told = await _polled_at(client)
    if told is None:
        return Diagnosis.well("这台服务器不告知它的时间")
    return _compared("服务器", before, told, datetime.now(UTC))


async def database_clock(at: Surroundings) -> Diagnosis:
    """This machine's clock beside the database's."""
    ledger: Ledger = await at.ledger()
    before = datetime.now(UTC)
    told = (await aside(ledger.watch.database)).now
    if told is None:
        return Diagnosis.well("台账在本机文件中，用本机的时钟")
    return _compared("数据库", before, told, datetime.now(UTC))


def _compared(whose: str, before: datetime, told: datetime, after: datetime) -> Diagnosis:
    """What was told lies between two looks at our clock, or it is another time."""
    apart = max(before - told, told - after, timedelta())
    ahead = told > after
    seconds = apart.total_seconds()
    if apart <= NOTICEABLE:
        return Diagnosis.well(f"与{whose}的时钟一致（相差不到 {max(seconds, 1):.0f} 秒）")
    detail = f"本机时钟比{whose}{'慢' if ahead else '快'} {seconds:.0f} 秒"
    if apart > WRONG:
        return Diagnosis.mend(f"{detail}，报告的时刻和期限会判错", MEND)
    return Diagnosis.beware(detail, MEND)


async def _polled_at(client: Client) -> datetime | None:
    """The server's time of a poll of ours."""
    identity = f"duban-doctor {os.getpid()}@{socket.gethostname()}"
    queue = TaskQueue(name=QUEUE)
    poll = asyncio.ensure_future(
        client.workflow_service.poll_workflow_task_queue(
            PollWorkflowTaskQueueRequest(namespace=client.namespace, task_queue=queue, identity=identity),
            timeout=timedelta(seconds=POLLED_WITHIN_SECONDS),
        )
    )
    asked = DescribeTaskQueueRequest(
        namespace=client.namespace, task_queue=queue, task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW
    )
    try:
        while not poll.done():
            described = await client.workflow_service.describe_task_queue(asked)
            for poller in described.pollers:
                if poller.identity == identity:
                    return poller.last_access_time.ToDatetime(tzinfo=UTC)
            await asyncio.sleep(LOOK_EVERY_SECONDS)
        return None
    finally:
        poll.cancel()
        with suppress(RPCError, asyncio.CancelledError):
            await poll


CHECKS = (
    Check("server_clock", "服务器时钟", server_clock, frozenset({"home"})),
    Check("database_clock", "数据库时钟", database_clock, frozenset({"database_url", "home"})),
)
