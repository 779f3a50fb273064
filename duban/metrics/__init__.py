"""What a worker tells Prometheus: its own work, the ledger's figures, and what the Temporal SDK counts.

One endpoint, off unless `DUBAN_METRICS_ADDRESS` is set. Labels have few values (status, level, outcome, kind): never a
code, a body or a person, which would make a series of each and tell outsiders about them.
"""

from duban.metrics.counts import WorkCounts
from duban.metrics.endpoint import MetricsError
from duban.metrics.sdk import SdkMetrics, sdk_metrics
from duban.metrics.worker_metrics import WorkerMetrics

__all__ = ["MetricsError", "SdkMetrics", "WorkCounts", "WorkerMetrics", "sdk_metrics"]
