"""Which release gets the work, where worker versioning is on: Temporal's worker deployment, read and set.

Every task moves to the release that is current with its next workflow task (AUTO_UPGRADE); nothing is pinned. A release
is a build id; the empty one stands for workers without any. One installation to a namespace, one deployment to an
installation.
"""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import assert_never

from temporalio.api.deployment.v1 import RoutingConfig, WorkerDeploymentInfo
from temporalio.api.enums.v1 import TaskQueueType, WorkerDeploymentVersionStatus
from temporalio.api.taskqueue.v1 import PollerInfo, TaskQueue
from temporalio.api.workflowservice.v1 import (
    DescribeTaskQueueRequest,
    DescribeWorkerDeploymentRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from duban.names import DEPLOYMENT
from duban.supervision.model import Frozen

UNVERSIONED = ""
POLLED_WITHIN = timedelta(seconds=90)
"""A poll waits for a minute at most: whoever has not polled for longer is gone."""
# Of both kinds: a release that answers for its workflows and not for its activities holds up every record.
KINDS = (TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY)


class Standing(StrEnum):
    """What a release gets to do."""

    CURRENT = "current"
    """Everything, less what ramps to another."""
    RAMPING = "ramping"
    """A share."""
    WAITING = "waiting"
    """Nothing: it was never current. A worker of it polls, and is told nothing."""
    DRAINING = "draining"
    """Nothing any more; what it has begun it may end."""
    DRAINED = "drained"
    """Nothing any more, and the server has found nothing left on it."""

    def words(self, build_id: str) -> str:
        """What it means for a worker, and what to do, in Chinese."""
        match self:
            case Standing.CURRENT:
                return "当前版本，承担全部任务（另有试运行版本时承担其余任务）"
            case Standing.RAMPING:
                return "试运行，只承担一部分任务"
            case Standing.WAITING if build_id == UNVERSIONED:
                return (
                    "得不到任何任务：已有设为当前的版本，而工作进程没有设置 DUBAN_BUILD_ID，"
                    "请设置后重新启动，或运行 starter.py release current --unversioned"
                )
            case Standing.WAITING:
                return f"得不到任何任务，直到设为当前版本：starter.py release current {build_id}"
            case Standing.DRAINING:
                return "已不是当前版本，不再得到新任务，正在排空"
            case Standing.DRAINED:
                return "已排空，可以停止"
            case _:
                assert_never(self)


_STANDINGS: dict[int, Standing] = {
    WorkerDeploymentVersionStatus.WORKER_DEPLOYMENT_VERSION_STATUS_CURRENT: Standing.CURRENT,
    WorkerDeploymentVersionStatus.WORKER_DEPLOYMENT_VERSION_STATUS_RAMPING: Standing.RAMPING,
    WorkerDeploymentVersionStatus.WORKER_DEPLOYMENT_VERSION_STATUS_DRAINING: Standing.DRAINING,
    WorkerDeploymentVersionStatus.WORKER_DEPLOYMENT_VERSION_STATUS_DRAINED: Standing.DRAINED,
}


class Polling(Frozen):
    """A worker that polls, as the server saw it last.

    Attributes:
        identity: Process and machine.
        build_id: Empty without one.
        polled_at: Real moment, by the server's clock.
    """

    identity: str
    build_id: str
    polled_at: datetime


class Release(Frozen):
    """A build id that has polled at least once.

    Attributes:
        workers: Those that polled within the last minute and a half.
    """

    build_id: str
    standing: Standing
    workers: tuple[Polling, ...] = ()


class Deployment(Frozen):
    """Who gets what.

    Attributes:
        current: The current release; empty where workers without a build id get the work.
        ramping: The one that gets a share; None where there is none.
        share: Its percentage.
        releases: Every release that the server knows, the newest first; workers without a build id last.
        backlog: Tasks of the queue that no worker has taken yet, about.
    """

    current: str = UNVERSIONED
    ramping: str | None = None
    share: float = 0.0
    releases: tuple[Release, ...] = ()
    backlog: int = 0

    def standing_of(self, build_id: str) -> Standing:
        """What a release gets; one that never polled gets nothing."""
        if build_id == self.current:
            return Standing.CURRENT
        if build_id == self.ramping:
            return Standing.RAMPING
        return next((one.standing for one in self.releases if one.build_id == build_id), Standing.WAITING)

    def workers_of(self, build_id: str) -> tuple[Polling, ...]:
        """Its workers that polled lately."""
        return next((one.workers for one in self.releases if one.build_id == build_id), ())


async def deployment_of(client: Client, task_queue: str | None = None) -> Deployment:
    """Asks the server who gets the work.

    Args:
        task_queue: Whose workers and backlog are asked for as well; None leaves both out.

    Raises:
        RPCError: It does not answer, or knows no deployments.
    """
    info = await _described(client)
    polling, backlog = await _polling(client, task_queue) if task_queue is not None else ((), 0)
    routing = info.routing_config
    known = {one.deployment_version.build_id: _STANDINGS.get(one.status) for one in info.version_summaries}
    return Deployment(
        current=routing.current_deployment_version.build_id,
        ramping=_ramping(routing),
        share=routing.ramping_version_percentage,
        releases=tuple(
            Release(
                build_id=build_id,
                standing=standing or Standing.WAITING,
                workers=tuple(one for one in polling if one.build_id == build_id),
            )
            for build_id, standing in {**known, UNVERSIONED: None}.items()
        ),
        backlog=backlog,
    )


async def polls_for(client: Client, task_queue: str, kind: TaskQueueType.ValueType) -> bool:
    """Whether anybody has polled a queue for one kind of task lately.

    Raises:
        RPCError: The server does not answer.
    """
    request = DescribeTaskQueueRequest(
        namespace=client.namespace, task_queue=TaskQueue(name=task_queue), task_queue_type=kind
    )
    described = await client.workflow_service.describe_task_queue(request, retry=True)
    oldest = datetime.now(UTC) - POLLED_WITHIN
    return any(one.polled_at >= oldest for one in map(_as_polling, described.pollers))


def release_words(build_id: str) -> str:
    """A release as a sentence names it."""
    return f"版本 {build_id}" if build_id else "未标版本的工作进程"


async def _described(client: Client) -> WorkerDeploymentInfo:
    """Empty where no worker with a build id ever polled."""
    request = DescribeWorkerDeploymentRequest(namespace=client.namespace, deployment_name=DEPLOYMENT)
    try:
        # Retried: a workflow of the server's own answers, which on a busy server has too many questions waiting.
        described = await client.workflow_service.describe_worker_deployment(request, retry=True)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return WorkerDeploymentInfo()
    return described.worker_deployment_info


async def _polling(client: Client, task_queue: str) -> tuple[tuple[Polling, ...], int]:
    """Who polled for workflows and for activities lately, and how much waits."""
    found: list[dict[str, Polling]] = []
    backlog = 0
    for kind in KINDS:
        request = DescribeTaskQueueRequest(
            namespace=client.namespace, task_queue=TaskQueue(name=task_queue), task_queue_type=kind, report_stats=True
        )
        described = await client.workflow_service.describe_task_queue(request, retry=True)
        backlog += described.stats.approximate_backlog_count
        found.append({one.identity: one for one in map(_as_polling, described.pollers)})
    workflows, activities = found
    oldest = datetime.now(UTC) - POLLED_WITHIN
    both = (one for identity, one in workflows.items() if identity in activities and one.polled_at >= oldest)
    return tuple(sorted(both, key=lambda one: one.identity)), backlog


def _as_polling(poller: PollerInfo) -> Polling:
    return Polling(
        identity=poller.identity,
        build_id=poller.deployment_options.build_id,
        polled_at=poller.last_access_time.ToDatetime(tzinfo=UTC),
    )


def _ramping(routing: RoutingConfig) -> str | None:
    """A ramp of nothing is none; and one to workers without a build id names no version."""
    build_id = routing.ramping_deployment_version.build_id
    return build_id if build_id or routing.ramping_version_percentage > 0 else None
