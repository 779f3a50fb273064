"""The endpoint itself: off unless set, refused in words, and there when the database is away."""

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.request import urlopen
from zoneinfo import ZoneInfo

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from temporalio.runtime import PrometheusConfig, Runtime, TelemetryConfig

from duban.contracts import DeliveryOutcome
from duban.ledger import Ledger, LedgerUnavailable, migrate
from duban.ledger.delivery.sending_orders import SendingOrder
from duban.ledger.questions.reading import ReadingRepository
from duban.ledger.questions.rows import Statistics
from duban.metrics import MetricsError, SdkMetrics, WorkCounts, WorkerMetrics, sdk_metrics
from duban.metrics.figures import LedgerFigures
from duban.server import DevServer
from duban.settings import SettingsError, load_settings
from duban.supervision.bundling import NO_RULES, QuietHours, SendingRules
from duban.supervision.days.clock import TaskClock
from tests.ledger.building import batch, entry, notice, plan, registration, task
from tests.metrics.conftest import Scrape, free_port
from tests.releases.trees import ROOT

COUNTED = "duban_delivery_attempts_total"
KNOWN = ("outbox", "改革办群", "other")


def as_usual(_body: str) -> SendingRules:
    return NO_RULES


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    url = f"sqlite:///{tmp_path / 'duban.db'}"
    migrate(url)
    return Ledger.open(url)


def test_nothing_is_shown_unless_an_address_is_set(ledger: Ledger) -> None:
    assert load_settings().metrics_address is None
    with WorkerMetrics(None, ("outbox",), None).shown(ledger, as_usual):
        pass


@pytest.mark.parametrize("address", ["9464", "127.0.0.1", "http://127.0.0.1:9464", "127.0.0.1:99999"])
def test_an_address_that_is_none_is_refused_with_an_example(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUBAN_METRICS_ADDRESS", address)
    with pytest.raises(SettingsError, match=r"DUBAN_METRICS_ADDRESS：.*127\.0\.0\.1:9464"):
        load_settings()


def test_an_address_that_is_taken_is_refused_in_words(ledger: Ledger) -> None:
    address = f"127.0.0.1:{free_port()}"
    with (
        WorkerMetrics(address, ("outbox",), None).shown(ledger, as_usual),
        pytest.raises(MetricsError, match="DUBAN_METRICS_ADDRESS"),
        WorkerMetrics(address, ("outbox",), None).shown(ledger, as_usual),
    ):
        raise AssertionError("two endpoints on one port")


def test_an_address_that_is_set_shows_figures_and_counts(ledger: Ledger) -> None:
    address = f"127.0.0.1:{free_port()}"
    metrics = WorkerMetrics(address, ("outbox",), None)
    metrics.counts.attempt("outbox", DeliveryOutcome.DELIVERED, timedelta(seconds=2))
    with metrics.shown(ledger, as_usual), urlopen(f"http://{address}/metrics", timeout=30) as answer:
        shown = Scrape(answer.read().decode())
    assert shown.values("duban_ledger_up") == [1.0]
    assert shown.values("duban_delivery_attempts_total", outcome="delivered") == [1.0]
    assert shown.values("duban_delivery_attempt_duration_seconds_sum") == [2.0]


def test_a_channel_that_nobody_declared_adds_one_value_to_the_label_whatever_it_is_called() -> None:
    registry = CollectorRegistry()
    counts = WorkCounts(registry, ("outbox", "改革办群"))
    for channel in ("改革办群", *(f"channel {number}" for number in range(100))):
        counts.attempt(channel, DeliveryOutcome.RETRY, timedelta(seconds=1))
    shown = Scrape(generate_latest(registry).decode())
    attempts = {channel: shown.values(COUNTED, channel=channel, outcome="retry") for channel in KNOWN}
    assert attempts == {"outbox": [0.0], "改革办群": [1.0], "other": [100.0]}
    assert len(shown.values(COUNTED, outcome="retry")) == len(KNOWN)


def test_where_the_database_is_away_the_rest_is_shown_all_the_same(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = CollectorRegistry()
    WorkCounts(registry, ("outbox",))
    registry.register(LedgerFigures(ledger, as_usual))

    def away(_: object) -> None:
        raise LedgerUnavailable("稍后会自动重试")

    monkeypatch.setattr(type(ledger.rows), "statistics", away)
    shown = Scrape(generate_latest(registry).decode())
    assert shown.values("duban_ledger_up") == [0.0]
    assert shown.values("duban_open_tasks") == []
    assert shown.values("duban_delivery_attempts_total", outcome="retry") == [0.0]


def test_the_ledger_is_not_asked_again_within_a_quarter_of_a_minute(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures, asked = LedgerFigures(ledger, as_usual), []
    statistics = type(ledger.rows).statistics

    def counted(rows: ReadingRepository) -> Statistics:
        asked.append(rows)
        return statistics(rows)

    monkeypatch.setattr(type(ledger.rows), "statistics", counted)
    list(figures.collect())
    list(figures.collect())
    assert len(asked) == 1


def test_a_transaction_is_counted_by_its_kind_and_whether_it_came_to_its_end(tmp_path: Path) -> None:
    url, registry = f"sqlite:///{tmp_path / 'other.db'}", CollectorRegistry()
    ledger = Ledger.open(url, observe=WorkCounts(registry, ()).transaction)
    with pytest.raises(LedgerUnavailable):  # nobody has made the tables
        ledger.watch.owed()
    shown = Scrape(generate_latest(registry).decode())
    ledger.close()
    assert shown.values("duban_ledger_transaction_duration_seconds_count", kind="read") == [1.0]
    assert shown.values("duban_ledger_transaction_failures_total", kind="read") == [1.0]
    assert shown.values("duban_ledger_transaction_failures_total", kind="write") == [0.0]


def test_an_exporter_of_the_sdk_that_does_not_answer_hides_nothing_else() -> None:
    registry = CollectorRegistry()
    registry.register(SdkMetrics(f"127.0.0.1:{free_port()}"))
    WorkCounts(registry, ("outbox",))
    assert "duban_delivery_attempts_total" in generate_latest(registry).decode()


def test_a_port_that_somebody_took_meanwhile_is_no_reason_to_give_up() -> None:
    tried: list[str] = []

    def runtime(metrics: PrometheusConfig) -> Runtime:
        tried.append(metrics.bind_address)
        if len(tried) == 1:
            raise RuntimeError("address already in use")
        return Runtime(telemetry=TelemetryConfig(metrics=metrics))

    _, shown = sdk_metrics(runtime)
    assert len(set(tried)) == 2
    assert isinstance(shown, SdkMetrics)


async def test_a_worker_whose_address_is_not_its_own_does_not_start_and_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dev_server: DevServer
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", dev_server.address)
    monkeypatch.setenv("DUBAN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DUBAN_TASK_QUEUE", "metrics-endpoint")
    monkeypatch.setenv("DUBAN_METRICS_ADDRESS", "192.0.2.1:9464")
    child = await asyncio.create_subprocess_exec(
        sys.executable, str(ROOT / "worker.py"), stderr=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL
    )
    _, told = await asyncio.wait_for(child.communicate(), 120)
    assert child.returncode == 1
    assert "不能在 192.0.2.1:9464 上公开指标" in told.decode()


def test_what_waits_by_arrangement_is_overdue_and_keeps_nobody_waiting(ledger: Ledger) -> None:
    stored, in_real_time = plan(task("P-1")), {"clock": TaskClock()}
    given = registration(stored, ledger.plans.store_plan(stored), [])
    ledger.plans.register_plan(given.model_copy(update=in_real_time))
    ledger.tasks.record(batch("P-1", entry(2, notice("k"))).model_copy(update=in_real_time))

    def shown(rules: SendingRules) -> tuple[float, ...]:
        registry = CollectorRegistry()
        registry.register(LedgerFigures(ledger, lambda _body: rules))
        scrape = Scrape(generate_latest(registry).decode())
        names = ("duban_overdue_notices", "duban_bodies_kept_waiting", "duban_sending_stopped")
        return tuple(value for name in names for value in scrape.values(name))

    assert shown(NO_RULES) == (1, 1, 0)
    assert shown(SendingRules(quiet=_quiet_now())) == (1, 0, 0)
    ledger.sending.give(SendingOrder(stops=True, given_at=datetime.now(UTC), given_by="王五", reason=""))
    assert shown(NO_RULES) == (1, 0, 1)


def _quiet_now() -> QuietHours:
    here = datetime.now(ZoneInfo("Asia/Shanghai"))
    minute, day = here.hour * 60 + here.minute, 24 * 60
    return QuietHours(begins=(minute - 120) % day, ends=(minute + 120) % day)
