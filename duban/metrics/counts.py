"""What this process counts of its own work: attempts at deliveries, transactions on the ledger."""

from datetime import timedelta

from prometheus_client import CollectorRegistry, Counter, Histogram

from duban.contracts import DeliveryOutcome

LATENCIES = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
OTHER = "other"
"""Stands for a channel that nobody declared: whatever attempts say, their label has no more values than were."""
ATTEMPTS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


class WorkCounts:
    """Counters of one process; they begin at zero with it, as Prometheus expects."""

    def __init__(self, registry: CollectorRegistry, channels: tuple[str, ...]) -> None:
        """Declares them.

        Args:
            registry: Where they are shown.
            channels: The values of their label. For each of these every outcome is shown from the start: a rate needs
                the zero before the one.
        """
        self._channels = frozenset(channels)
        self._attempts = Counter(
            "duban_delivery_attempts",
            "Attempts at sending a message, by channel and outcome",
            ("channel", "outcome"),
            registry=registry,
        )
        self._attempt_seconds = Histogram(
            "duban_delivery_attempt_duration_seconds",
            "How long a channel took for one attempt",
            ("channel",),
            buckets=ATTEMPTS,
            registry=registry,
        )
        self._transactions = Histogram(
            "duban_ledger_transaction_duration_seconds",
            "Transactions on the ledger, the wait for a connection included",
            ("kind",),
            buckets=LATENCIES,
            registry=registry,
        )
        self._failures = Counter(
            "duban_ledger_transaction_failures",
            "Transactions on the ledger that were rolled back: unavailable, refused, or interrupted",
            ("kind",),
            registry=registry,
        )
        for kind in ("read", "write"):
            self._transactions.labels(kind)
            self._failures.labels(kind)
        for channel in channels:
            self._attempt_seconds.labels(channel)
            for outcome in DeliveryOutcome:
                self._attempts.labels(channel, outcome.value)

    def transaction(self, kind: str, seconds: float, ended: bool) -> None:
        """A transaction has ended (`duban.ledger.database.engine.TransactionObserver`)."""
        self._transactions.labels(kind).observe(seconds)
        if not ended:
            self._failures.labels(kind).inc()

    def attempt(self, channel: str, outcome: DeliveryOutcome, took: timedelta) -> None:
        """An attempt at sending has ended."""
        named = channel if channel in self._channels else OTHER
        self._attempts.labels(named, outcome.value).inc()
        self._attempt_seconds.labels(named).observe(took.total_seconds())
