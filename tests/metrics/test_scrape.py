"""What a running worker shows: all that board and alerts ask for, and nothing that is nobody's business."""

import json
import re
from collections.abc import Iterator

import pytest
import yaml

from duban.contracts import DeliveryOutcome
from duban.metrics.figures import STATUSES
from tests.metrics.conftest import FAILED, ROBOT, Scraped
from tests.releases.trees import ROOT

BOARD = json.loads((ROOT / "deploy/grafana/duban.json").read_text(encoding="utf-8"))
ALERTS = yaml.safe_load((ROOT / "deploy/prometheus/duban-alerts.yml").read_text(encoding="utf-8"))
METRIC = re.compile(r"\b((?:duban|temporal|process|python)_\w+)(?:\{([^}]*)\})?")
LABEL = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)")
SCRAPERS = {"job", "instance"}
"""Labels that Prometheus itself adds."""
FEW = 60
"""Values of a label: more would be one that grows with the plans."""


def _expressions() -> Iterator[tuple[str, str]]:
    """Every question of board and alerts, with where it stands."""
    for panel in BOARD["panels"]:
        for target in panel.get("targets", ()):
            yield panel["title"], target["expr"]
    for rule in (rule for group in ALERTS["groups"] for rule in group["rules"]):
        yield rule["alert"], rule["expr"]


ASKED = [pytest.param(expression, id=f"{where}-{at}") for at, (where, expression) in enumerate(_expressions())]


def test_board_and_alerts_ask_for_much() -> None:
    assert len(ASKED) > 30


@pytest.mark.parametrize("expression", ASKED)
def test_what_board_and_alerts_ask_for_is_shown_by_a_running_worker(scraped: Scraped, expression: str) -> None:
    named = METRIC.findall(expression)
    assert named or expression.startswith(("up", "absent(up", "sum(up"))
    for name, selected in named:
        assert name in scraped.scrape.labels
        assert set(LABEL.findall(selected)) - SCRAPERS <= scraped.scrape.labels[name]


def test_what_the_worker_has_done_is_counted(scraped: Scraped) -> None:
    shown = scraped.scrape
    assert shown.values("duban_ledger_up") == [1.0]
    assert sum(shown.values("duban_tasks")) == 2.0
    assert shown.values("duban_open_tasks") == [2.0]
    assert shown.values("duban_behind_tasks") == [2.0]
    assert sum(shown.values("duban_delivery_attempts_total", outcome="delivered")) > 0
    assert set(shown.values("duban_delivery_attempts_total", outcome="undeliverable")) == {0.0}
    assert sum(shown.values("duban_ledger_transaction_duration_seconds_count", kind="write")) > 0
    assert sum(shown.values(FAILED)) > 0


def test_an_attempt_is_counted_under_the_name_of_the_channel_that_it_went_by(scraped: Scraped) -> None:
    shown, attempts = scraped.scrape, "duban_delivery_attempts_total"
    assert shown.values(attempts, channel=ROBOT, outcome="delivered")[0] > 0
    assert shown.values("duban_delivery_attempt_duration_seconds_count", channel=ROBOT)[0] > 0
    assert set(shown.values(attempts, channel="outbox")) == {0.0}, "by which nothing went"


def test_a_status_or_outcome_that_never_came_stands_there_as_zero(scraped: Scraped) -> None:
    # A rate needs the zero before the one.
    shown = {
        one.labels["status"]
        for family in scraped.scrape.families
        for one in family.samples
        if one.name == "duban_tasks"
    }
    assert shown == set(STATUSES)
    for channel in ("outbox", ROBOT):
        assert len(scraped.scrape.values("duban_delivery_attempts_total", channel=channel)) == len(DeliveryOutcome)


def test_no_code_no_body_and_no_address_is_shown(scraped: Scraped) -> None:
    assert [text for text in scraped.private if text in scraped.scrape.text] == []


def test_no_label_has_more_than_few_values(scraped: Scraped) -> None:
    values: dict[tuple[str, str], set[str]] = {}
    for family in scraped.scrape.families:
        for sample in family.samples:
            for label, value in sample.labels.items():
                values.setdefault((sample.name, label), set()).add(value)
    assert {key: len(found) for key, found in values.items() if len(found) > FEW} == {}


def test_our_names_follow_the_conventions(scraped: Scraped) -> None:
    ours = [family for family in scraped.scrape.families if family.name.startswith("duban_")]
    assert len(ours) > 12
    for family in ours:
        assert family.documentation
        assert re.fullmatch(r"[a-z_]+", family.name)
        if family.type == "counter":
            assert all(sample.name.endswith("_total") for sample in family.samples)
        if family.type == "histogram" or "oldest" in family.name:
            assert family.name.endswith("_seconds")
    assert "_created" not in scraped.scrape.text


def test_the_board_is_one_that_grafana_can_place(scraped: Scraped) -> None:
    assert scraped.scrape.text
    panels = BOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert at["x"] + at["w"] <= 24
        assert not cells & taken
        assert re.search(r"[\u4e00-\u9fff]|Temporal", panel["title"])
        taken |= cells
