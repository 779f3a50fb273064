"""The worker: wires workflows, activities and clients together, and drains on SIGTERM. Decides nothing.

    python worker.py
    python worker.py --check-histories 200   # does this release go on with the workflows that run? JSON; 1 if not

The check is here because a release is what its worker runs: these workflows, in this sandbox. ``starter.py release
check`` starts it and shows what it says.

Settings: ``DUBAN_*`` (duban/settings.py) and Temporal's standard variables and profiles.
"""

import argparse
import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import structlog
from temporalio.client import Client
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.runtime import (
    LogForwardingConfig,
    LoggingConfig,
    PrometheusConfig,
    Runtime,
    TelemetryConfig,
    TelemetryFilter,
)
from temporalio.service import RPCError
from temporalio.worker import Worker, WorkerDeploymentConfig

from activities.delivery import DeliveryActivities
from activities.ledger import LedgerActivities
from activities.nudging import Dispatches
from activities.plans import PlanActivities
from activities.registers import RegisterActivities
from duban.attributes import SearchAttributesUnusable, register_search_attributes
from duban.client import ConnectionFailed, connect
from duban.deployment import UNVERSIONED, Standing, deployment_of
from duban.histories import HistoryCheck
from duban.ledger import Ledger, LedgerError, migrate
from duban.logging import configure_logging
from duban.metrics import MetricsError, SdkMetrics, WorkCounts, WorkerMetrics, sdk_metrics
from duban.names import DEPLOYMENT
from duban.notices.arrangements import Arrangements
from duban.notices.channel import Channel, ChannelError
from duban.notices.office import Office, open_office
from duban.office_files import OfficeFileError
from duban.sandbox import LeanSandbox
from duban.schedules import ensure_sweep
from duban.settings import Settings, SettingsError, load_settings
from workflows.dispatch import Dispatch, DispatchSweep
from workflows.reform_plan import ReformPlan
from workflows.reform_task import ReformTask
from workflows.register import Register

UNUSABLE = (SettingsError, ConnectionFailed, SearchAttributesUnusable, LedgerError, ChannelError, OfficeFileError)
"""Why it cannot start, in words for whoever starts it."""
WORKFLOWS = [ReformPlan, ReformTask, Register, Dispatch, DispatchSweep]
DRAIN = timedelta(seconds=30)
"""How long activities may go on after a SIGTERM; what is not finished then is done again elsewhere."""
SETTLING = timedelta(seconds=30)
"""What an attempt takes beside the gateway's answer."""
CACHED_WORKFLOWS = 10_000
REFUSALS = (
    SettingsError,
    ConnectionFailed,
    SearchAttributesUnusable,
    LedgerError,
    ChannelError,
    OfficeFileError,
    MetricsError,
)
"""Why it does not start, in words."""
FIRST_LOOK, LOOK_EVERY = timedelta(seconds=3), timedelta(seconds=30)
"""At who gets the work: where `serve` makes the release current, it does so right after the start."""

log = structlog.get_logger("duban.worker")


def make_worker(
    client: Client,
    ledger: Ledger,
    channel: Channel,
    settings: Settings,
    threads: ThreadPoolExecutor,
    counts: WorkCounts | None = None,
) -> Worker:
    """A worker with everything it runs, not started.

    Args:
        threads: For what blocks; as large as the number of activities that run at once.
        counts: Where its work is counted.
    """
    dispatches, arranged = Dispatches(client, settings.task_queue), Arrangements.of(settings)
    tasks = LedgerActivities(ledger, dispatches, client, threads)
    plans = PlanActivities(ledger, dispatches, client, threads, task_queue=settings.task_queue)
    registers = RegisterActivities(ledger, dispatches, client, threads, task_queue=settings.task_queue)
    deliveries = DeliveryActivities(
        ledger,
        dispatches,
        channel,
        threads,
        channel_name=settings.channel.value,
        attempt_within=timedelta(seconds=arranged.longest_attempt()) + SETTLING,
        rules_for=arranged.rules_for,
        observe=counts.attempt if counts is not None else None,
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
            plans.amend,
            plans.close,
            registers.register,
            registers.open_item,
            registers.open_period,
            registers.sweep,
            registers.adopt,
            registers.close,
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


def open_channel(settings: Settings) -> Office:
    """The channels that the settings and the channels file name, as one.

    Raises:
        ChannelError: One of them lacks what it needs.
        OfficeFileError: The channels file cannot be used.
    """
    return open_office(settings)


async def work(settings: Settings, sdk: SdkMetrics | None = None) -> None:
    """Run until SIGTERM or SIGINT, then drain.

    Args:
        settings: Of this process.
        sdk: What the SDK counts, where metrics are shown.

    Raises:
        ConnectionFailed, SearchAttributesUnusable, LedgerError, ChannelError, OfficeFileError, MetricsError: Nothing
            has been started.
    """
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    # First what only looks at the settings: one that is refused there has done nothing anywhere.
    arranged = Arrangements.of(settings)
    metrics = WorkerMetrics(settings.metrics_address, arranged.channel_names, sdk)
    ledger = Ledger.open(
        settings.database_url,
        plaintext_hosts=settings.plaintext_host_names,
        observe=metrics.counts.transaction,
    )
    channel = open_channel(settings)
    threads = ThreadPoolExecutor(settings.max_concurrent_activities, thread_name_prefix="activity")
    try:
        client = await connect()
        added = await register_search_attributes(client)
        await asyncio.to_thread(migrate, settings.database_url, plaintext_hosts=settings.plaintext_host_names)
        await ensure_sweep(client, settings.task_queue)
        await asyncio.to_thread(_tell_arrangements, arranged, ledger)
        with metrics.shown(ledger, arranged.rules_for):
            async with make_worker(client, ledger, channel, settings, threads, metrics.counts):
                log.info(
                    "worker.started",
                    task_queue=settings.task_queue,
                    build_id=settings.build_id,
                    attributes_added=len(added),
                )
                async with _telling_its_standing(client, settings.build_id or UNVERSIONED):
                    await stop.wait()
                log.info("worker.draining", seconds=DRAIN.total_seconds())
        log.info("worker.stopped")
    finally:
        await channel.aclose()
        threads.shutdown()
        ledger.close()


def _tell_arrangements(arranged: Arrangements, ledger: Ledger) -> None:
    """Say by which channels bodies are told, and what may be a slip of the pen; whether sending is stopped."""
    log.info(
        "channels.used",
        default=arranged.usual_way.channel,
        channels={name: channel.kind.value for name, channel in arranged.file.channels.items()},
        bodies=len(arranged.file.bodies),
        usual=arranged.usual_rules_in_words(),
    )
    arranged.rules_for("")  # compiles the calendar: here in a thread, never on the event loop
    named = arranged.file.bodies
    if unknown := sorted(set(named) - ledger.deliveries.known_bodies(list(named))):
        log.warning("channels.unknown_bodies", bodies=unknown, meaning="渠道文件中的这些单位，台账里还没有，请核对名称")
    if order := ledger.sending.standing():
        log.warning(
            "sending.stopped",
            since=order.given_at,
            by=order.given_by,
            reason=order.reason,
            remedy="starter.py notices start",
        )


@contextlib.asynccontextmanager
async def _telling_its_standing(client: Client, build_id: str) -> AsyncIterator[None]:
    """While the block runs, the log says whether this worker gets anything to do, and whenever that changes."""

    async def tell() -> None:
        told = Standing.CURRENT if build_id == UNVERSIONED else None
        await asyncio.sleep(FIRST_LOOK.total_seconds())
        while True:
            with contextlib.suppress(RPCError):  # a server that does not answer is not this one's affair
                standing = (await deployment_of(client)).standing_of(build_id)
                if standing is not told:
                    say = log.info if standing in (Standing.CURRENT, Standing.RAMPING) else log.warning
                    say("worker.standing", build_id=build_id, standing=standing.value, meaning=standing.words(build_id))
                    told = standing
            await asyncio.sleep(LOOK_EVERY.total_seconds())

    telling = asyncio.create_task(tell())
    try:
        yield
    finally:
        telling.cancel()


async def check_histories(settings: Settings, of_each: int) -> bool:
    """Replay running workflows with this release, and print what came of it as JSON; whether all of them go on.

    Raises:
        ConnectionFailed: The server does not answer.
    """
    check = HistoryCheck(await connect(), WORKFLOWS, LeanSandbox(), say=lambda line: print(line, file=sys.stderr))  # noqa: T201
    found = await check.of_running(settings.task_queue, build_id=settings.build_id or UNVERSIONED, of_each=of_each)
    print(found.model_dump_json(indent=2))  # noqa: T201 - the result
    return found.goes_on


def main() -> int:
    """The command; 0 after a drain, 1 where it could not start, with the reason on stderr."""
    asked = _arguments().parse_args()
    try:
        settings = load_settings()
        configure_logging(settings)
        if asked.check_histories is not None:
            Runtime.set_default(_runtime())
            return 0 if asyncio.run(check_histories(settings, asked.check_histories)) else 1
        runtime, sdk = sdk_metrics(_runtime) if settings.metrics_address else (_runtime(), None)
        Runtime.set_default(runtime)
        asyncio.run(work(settings, sdk))
    except REFUSALS as reason:
        print(reason, file=sys.stderr)  # noqa: T201 - logging may not be set up yet
        return 1
    return 0


def _runtime(metrics: PrometheusConfig | None = None) -> Runtime:
    """What the SDK's core has to say (a release that diverges, a server that is away) goes the way of every other line.

    By itself it writes on stdout: unstructured, and past the redaction.
    """
    forwarding = LogForwardingConfig(logger=logging.getLogger("temporalio.core"))
    levels = TelemetryFilter(core_level="WARN", other_level="ERROR")
    logs = LoggingConfig(filter=levels, forwarding=forwarding)
    return Runtime(telemetry=TelemetryConfig(logging=logs, metrics=metrics))


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="工作进程：执行任务，直到收到 SIGTERM。")
    parser.add_argument(
        "--check-histories",
        type=int,
        metavar="N",
        help="不执行任务，只用本版本重放正在运行的工作流的历史，每种至多 N 个（0 为全部）",
    )
    return parser


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # The interpreter's own way out now and then crashes after the SDK was used (temporalio 1.35): a drain would be
    # taken for a failure. Everything of ours is closed by then.
    os._exit(code)
