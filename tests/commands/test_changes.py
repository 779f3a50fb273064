"""Change orders as people see them, with no server about: what was ordered waits and is not lost."""

from pathlib import Path

import pytest

from duban.ledger import Ledger, migrate
from duban.orders import ItemOutcome
from tests.commands.conftest import CommandLine
from tests.ledger.building import plan, register, task
from tests.ledger.test_change_orders import order, settled


@pytest.fixture
def identity(home: Path) -> str:
    """An order of which one half is done."""
    url = f"sqlite:///{home / 'duban.db'}"
    migrate(url)
    ledger = Ledger.open(url)
    register(ledger, plan(task("P-1"), task("P-2")))
    given = order("P-1", "P-2")
    ledger.orders.give(given)
    ledger.orders.settle(given.id, [settled("P-1", ItemOutcome.DONE, version=4)])
    ledger.close()
    return given.id


def test_orders_are_listed_with_what_came_of_them(identity: str) -> None:
    starter = CommandLine()

    listed = starter("changes").stdout
    assert identity in listed
    assert "共 2 项，已办理 1 项，未送达 1 项" in listed
    [row] = starter.json("changes")
    assert (row["id"], row["kind"], row["done"], row["waiting"]) == (identity, "calendar", 1, 1)


def test_an_order_is_shown_target_by_target(identity: str) -> None:
    starter = CommandLine()

    shown = starter("changes", "show", identity[:5]).stdout
    assert "理由：国办发明电〔2026〕7号" in shown
    targets = starter.json("changes", "show", identity)["targets"]
    outcomes = [(each["target"], each["outcome"], each["version"]) for each in targets]
    assert outcomes == [("P-1", "done", 4), ("P-2", "waiting", None)]


def test_with_no_server_an_order_waits_and_says_how_to_go_on(identity: str) -> None:
    refusal = CommandLine().refused("changes", "resume", identity[:6])

    assert "没有正在运行的 Temporal 服务器" in refusal
    assert f"starter.py changes resume {identity}" in refusal
    assert "没有丢失" in refusal


@pytest.mark.usefixtures("identity")
def test_an_order_that_nobody_gave_is_said_to_be_unknown() -> None:
    for unknown in ("ffffffff", "../x", "%"):
        assert f"台账中没有变更单 {unknown}" in CommandLine().refused("changes", "show", unknown)
