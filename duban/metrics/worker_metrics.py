"""Everything that one worker shows: what it counts itself, the ledger's figures, the SDK's metrics."""

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, ProcessCollector, disable_created_metrics

from duban.ledger import Ledger
from duban.metrics.counts import WorkCounts
from duban.metrics.endpoint import serving_metrics
from duban.metrics.figures import LedgerFigures, RulesFor
from duban.metrics.sdk import SdkMetrics


class WorkerMetrics:
    """The metrics of one worker; counted in any case, shown where there is an address.

    Attributes:
        counts: What the worker counts of its own work.
    """

    def __init__(self, address: str | None, channels: tuple[str, ...], sdk: SdkMetrics | None) -> None:
        """Prepares them.

        Args:
            address: Where they are shown; None for nowhere.
            channels: By which the worker sends; no other name is shown.
            sdk: What the SDK counts.
        """
        self._address, self._sdk = address, sdk
        # A second series beside each, of when it began.
        disable_created_metrics()  # type: ignore[no-untyped-call] # has no annotations
        self._registry = CollectorRegistry()
        self.counts = WorkCounts(self._registry, channels)

    @contextmanager
    def shown(self, ledger: Ledger, rules_for: RulesFor) -> Iterator[None]:
        """Shows them while the block runs.

        Args:
            ledger: Whose figures are shown.
            rules_for: When and how often a body is told.

        Raises:
            MetricsError: The address cannot be used.
        """
        if self._address is None:
            yield
            return
        ProcessCollector(registry=self._registry)
        self._registry.register(LedgerFigures(ledger, rules_for))
        if self._sdk is not None:
            self._registry.register(self._sdk)
        with serving_metrics(self._address, self._registry):
            yield
