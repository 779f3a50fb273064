"""The worker: wires workflows, activities and clients together, and drains on SIGTERM. Decides nothing.

    python worker.py

Settings: ``DUBAN_*`` (duban/settings.py) and Temporal's standard variables and profiles.
"""

import asyncio
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import structlog
from temporalio.client import Client
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.worker import Worker, WorkerDeploymentConfig

from activities.delivery import DeliveryActivities
from activities.ledger import LedgerActivities
from activities.nudging import Dispatches
from activities.plans import PlanActivities
from duban.attributes import SearchAttributesUnusable, register_search_attributes
from duban.client import ConnectionFailed, connect
from duban.ledger import Ledger, LedgerError, migrate
from duban.logging import configure_logging
from duban.names import DEPLOYMENT
from duban.notices.channel import Channel, ChannelError
from duban.notices.opening import channel_from
from duban.sandbox import LeanSandbox
from duban.schedules import ensure_sweep
from duban.settings import Settings, SettingsError, load_settings
from workflows.dispatch import Dispatch, DispatchSweep
from workflows.reform_plan import ReformPlan
from workflows.reform_task import ReformTask

WORKFLOWS = [ReformPlan, ReformTask, Dispatch, DispatchSweep]
DRAIN = timedelta(seconds=30)
"""How long activities may go on after a SIGTERM; what is not finished then is done again elsewhere."""
SETTLING = timedelta(seconds=30)
"""What an attempt takes beside the gateway's answer."""
CACHED_WORKFLOWS = 10_000

log = structlog.get_logger("duban.worker")


def make_worker(
    client: Client, ledger: Ledger, channel: Channel, settings: Settings, threads: ThreadPoolExecutor
) -> Worker:
    """A worker with everything it runs, not started.

    Args:
        threads: For what blocks; as large as the number of activities that run at once.
    """
    dispatches = Dispatches(client, settings.task_queue)
    tasks = LedgerActivities(ledger, dispatches, client, threads)
    plans = PlanActivities(ledger, dispatches, client, threads, task_queue=settings.task_queue)
    deliveries = DeliveryActivities(
        ledger,
        dispatches,
        channel,
        threads,
        channel_name=settings.channel.value,
        attempt_within=timedelta(seconds=settings.webhook_timeout_seconds) + SETTLING,
    )
    return Worker(
        client,
        task_queue=settings.task_queue,
        workflows=WORKFLOWS,
        activities=[
            tasks.record,
            plans.register,
            plans.start_tasks,
            plans.enter_strike_off,
            plans.close,
            deliveries.deliver,
            deliveries.sweep,
        ],
        max_concurrent_activities=settings.max_concurrent_activities,
        max_cached_workflows=CACHED_WORKFLOWS,
        workflow_runner=LeanSandbox(),
        graceful_shutdown_timeout=DRAIN,
        deployment_config=_deployment(settings),
    )


def _deployment(settings: Settings) -> WorkerDeploymentConfig | None:
    """Worker versioning, only where a build id is set: a versioned worker without a current version gets nothing."""
    if settings.build_id is None:
        return None
    return WorkerDeploymentConfig(
        version=WorkerDeploymentVersion(deployment_name=DEPLOYMENT, build_id=settings.build_id),
        use_worker_versioning=True,
        default_versioning_behavior=VersioningBehavior.AUTO_UPGRADE,
    )


def open_channel(settings: Settings) -> Channel:
    """The channel that the settings choose.

    Raises:
        ChannelError: It lacks what it needs.
    """
    return channel_from(
        settings.channel.value,
        outbox_dir=settings.outbox_dir,
        webhook_url=str(settings.webhook_url) if settings.webhook_url else None,
        webhook_secret=settings.webhook_secret,
        webhook_timeout=settings.webhook_timeout_seconds,
    )


async def work(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT, then drain.

    Raises:
        ConnectionFailed, SearchAttributesUnusable, LedgerError, ChannelError: Nothing has been started.
    """
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    client = await connect()
    added = await register_search_attributes(client)
    await asyncio.to_thread(migrate, settings.database_url)
    await ensure_sweep(client, settings.task_queue)
    channel = open_channel(settings)
    ledger = Ledger.open(settings.database_url)
    threads = ThreadPoolExecutor(settings.max_concurrent_activities, thread_name_prefix="activity")
    try:
        async with make_worker(client, ledger, channel, settings, threads):
            log.info("worker.started", task_queue=settings.task_queue, attributes_added=len(added))
            await stop.wait()
            log.info("worker.draining", seconds=DRAIN.total_seconds())
        log.info("worker.stopped")
    finally:
        await channel.aclose()
        threads.shutdown()
        ledger.close()


def main() -> int:
    """The command; 0 after a drain, 1 where it could not start, with the reason on stderr."""
    try:
        settings = load_settings()
        configure_logging(settings)
        asyncio.run(work(settings))
    except (SettingsError, ConnectionFailed, SearchAttributesUnusable, LedgerError, ChannelError) as reason:
        print(reason, file=sys.stderr)  # noqa: T201 - logging may not be set up yet
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
