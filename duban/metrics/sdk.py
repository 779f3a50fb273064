"""What the Temporal SDK counts, taken from its own exporter on the loopback address and shown at our endpoint.

The SDK's exporter is a server of its own, inside its core, and can only be given an address. With two endpoints an
operator would open, protect and scrape two ports for each worker; here there is one, and the SDK's own stays on this
machine.
"""

import socket
from collections.abc import Callable, Iterable
from urllib.error import URLError
from urllib.request import urlopen

from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector
from temporalio.runtime import PrometheusConfig, Runtime

LOOPBACK = "127.0.0.1"
TRIES = 5
ANSWERS_WITHIN_SECONDS = 5.0


class SdkMetrics(Collector):
    """The SDK's metrics, as its exporter shows them."""

    def __init__(self, address: str) -> None:
        """Reads an exporter.

        Args:
            address: Host and port on this machine.
        """
        self._url = f"http://{address}/metrics"

    def describe(self) -> Iterable[Metric]:
        """Nothing: they appear as the SDK has something to count."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """What the exporter shows now; nothing where it does not answer."""
        try:
            with urlopen(self._url, timeout=ANSWERS_WITHIN_SECONDS) as answer:  # noqa: S310 - http, on this machine
                text = answer.read().decode()
        except (URLError, OSError):
            return ()
        return tuple(text_string_to_metric_families(text))


def sdk_metrics(runtime: Callable[[PrometheusConfig], Runtime]) -> tuple[Runtime, SdkMetrics]:
    """A runtime that exports its metrics on a free port of this machine, and what reads them.

    Args:
        runtime: Makes a runtime with an exporter; raises `RuntimeError` or `ValueError` where it cannot listen.

    Raises:
        RuntimeError, ValueError: It cannot listen on any of several free ports.
    """
    for left in reversed(range(TRIES)):
        address = f"{LOOPBACK}:{_free_port()}"
        exporter = PrometheusConfig(
            bind_address=address, counters_total_suffix=True, unit_suffix=True, durations_as_seconds=True
        )
        try:
            return runtime(exporter), SdkMetrics(address)
        except (RuntimeError, ValueError):
            if not left:  # somebody may have been faster to take the port
                raise
    raise AssertionError("there is at least one try")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        port: int = listener.getsockname()[1]
        return port
