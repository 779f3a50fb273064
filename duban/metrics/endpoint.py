"""The endpoint that Prometheus scrapes: plain HTTP with figures, on an address that somebody has set."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, start_http_server

from duban.transport import host_and_port, is_this_machine

_log = logging.getLogger("duban.metrics")


class MetricsError(Exception):
    """The endpoint cannot be opened; the text says what to do, in Chinese."""


@contextmanager
def serving_metrics(address: str, registry: CollectorRegistry) -> Iterator[None]:
    """Serves a registry while the block runs.

    Args:
        address: Host and port, or `[address]:port`.
        registry: What is shown.

    Raises:
        MetricsError: The address is not ours or is taken.
    """
    host = host_and_port(address) or ""
    port = int(address.rpartition(":")[2])
    if not is_this_machine(host):
        _log.warning("指标在 %s 上以明文 HTTP 公开（只有数字，没有编号和单位）：请用防火墙限于 Prometheus。", address)
    try:
        server, thread = start_http_server(port, addr=host, registry=registry)
    except OSError as error:
        raise MetricsError(
            f"不能在 {address} 上公开指标（{error.strerror}）。请核对 DUBAN_METRICS_ADDRESS："
            "一台机器上每个工作进程用各自的端口。"
        ) from error
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
