"""The ledger's figures, asked of it when somebody scrapes, and not again within a quarter of a minute.

They are the ledger's and not the worker's: every worker of an installation shows the same, so a board takes their
maximum, never their sum. Where the database does not answer there are none of them, and `duban_ledger_up` is 0.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from threading import Lock
from time import monotonic
from typing import TypeAlias

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from duban.ledger import Ledger, LedgerError
from duban.ledger.questions.rows import Lateness, Statistics
from duban.ledger.questions.watching import Owed, Unsent
from duban.supervision.bundling import SendingRules
from duban.supervision.plans.plan import Level
from duban.supervision.tasks.state import Stage
from duban.supervision.tasks.views import SUSPENDED

FRESH = timedelta(seconds=15)
STATUSES = (*(stage.value for stage in Stage), SUSPENDED)
RulesFor: TypeAlias = Callable[[str], SendingRules]
OTHER_LEVEL = "other"
"""A level of a regime's own: its key is somebody's text."""


class LedgerFigures(Collector):
    """Figures of all plans."""

    def __init__(self, ledger: Ledger, rules_for: RulesFor, fresh: timedelta = FRESH) -> None:
        """Asks a ledger.

        Args:
            ledger: Of the installation.
            rules_for: When and how often a body is told.
            fresh: For how long an answer serves.
        """
        self._ledger, self._rules_for, self._fresh = ledger, rules_for, fresh
        self._lock = Lock()
        self._shown: tuple[Metric, ...] = ()
        self._until = 0.0

    def describe(self) -> Iterable[Metric]:
        """Nothing: asked at registration, when the database may not answer yet."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """What is shown now."""
        with self._lock:  # one scrape asks, the others wait for its answer
            if monotonic() >= self._until:
                self._shown = self._asked()
                self._until = monotonic() + self._fresh.total_seconds()
            return self._shown

    def _asked(self) -> tuple[Metric, ...]:
        up = GaugeMetricFamily("duban_ledger_up", "Whether the ledger's database answered when it was asked last")
        now = datetime.now(UTC)
        try:
            figures = self._ledger.rows.statistics()
            late = self._ledger.rows.lateness(now)
            unsent, owed = self._ledger.watch.unsent(now), self._ledger.watch.owed()
            waiting = sum(1 for _ in self._ledger.deliveries.kept_waiting(now, self._rules_for))
            stopped = self._ledger.sending.standing() is not None
        except LedgerError:
            up.add_metric((), 0)
            return (up,)
        up.add_metric((), 1)
        sending = (
            _gauge("duban_bodies_kept_waiting", "Bodies that should have been sent something and have not", waiting),
            _gauge("duban_sending_stopped", "Whether somebody has stopped all sending", stopped),
        )
        return (up, *_tasks(figures), *_late(late, now), *_unsent(unsent, now), *sending, *_owed(owed))


def _tasks(figures: Statistics) -> Iterable[Metric]:
    by_status = GaugeMetricFamily("duban_tasks", "Tasks of all plans by status", labels=("status",))
    for status in STATUSES:
        by_status.add_metric((status,), figures.by_status.get(status, 0))
    levels = {level.value: 0 for level in Level} | {OTHER_LEVEL: 0}
    for level, tasks in figures.by_level.items():
        levels[level if level in levels else OTHER_LEVEL] += tasks
    by_level = GaugeMetricFamily(
        "duban_reminded_tasks", "Tasks by the highest reminder in their open episode", labels=("level",)
    )
    for level, tasks in levels.items():
        by_level.add_metric((level,), tasks)
    yield by_status
    yield by_level
    yield _gauge("duban_open_tasks", "Tasks that are neither struck off nor terminated", figures.open_tasks)
    yield _gauge("duban_behind_tasks", "Open tasks on which a milestone is overdue", figures.behind)


def _late(late: Lateness, now: datetime) -> Iterable[Metric]:
    yield _gauge("duban_late_tasks", "Open tasks past their moment by more than a minute", late.tasks)
    yield _gauge(
        "duban_oldest_late_task_seconds",
        "How long the latest of them has been past its moment",
        _since(late.since, now),
    )


def _unsent(unsent: Unsent, now: datetime) -> Iterable[Metric]:
    notices = GaugeMetricFamily("duban_notices", "Notices that have not reached their receivers", labels=("status",))
    for status in ("pending", "sending", "undeliverable"):
        notices.add_metric((status,), getattr(unsent, status))
    yield notices
    yield _gauge(
        "duban_overdue_notices",
        "Pending notices whose moment passed a quarter of an hour ago, for whatever reason they wait",
        unsent.overdue,
    )
    yield _gauge(
        "duban_oldest_overdue_notice_seconds",
        "How long the oldest of them has been past its moment",
        _since(unsent.overdue_since, now),
    )
    yield _gauge("duban_retrying_messages", "Messages that failed and wait for their next attempt", unsent.retrying)


def _owed(owed: Owed) -> Iterable[Metric]:
    yield _gauge("duban_owed_answers", "Records, explanations and decisions that have not come back", owed.open)
    yield _gauge("duban_chased_answers", "Those of them that have been chased at least once", owed.chased)


def _gauge(name: str, what: str, value: float) -> Metric:
    gauge = GaugeMetricFamily(name, what)
    gauge.add_metric((), value)
    return gauge


def _since(moment: datetime | None, now: datetime) -> float:
    return 0.0 if moment is None else max((now - moment).total_seconds(), 0.0)
