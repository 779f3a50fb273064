"""An announced year reaches a register at once: what comes round moves with it, on the real server."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from duban.supervision.rules.policy import Policy
from tests.commands.conftest import CommandLine
from tests.own_office import CIVIL, OFFICE, WATER
from tests.supervision.test_provisional import unannounced
from tests.workflows.installation import InFastTime
from tests.workflows.registers import RegisterHouse

ORDERED = ("--body", OFFICE, "--person", "张三")
CHECKS = tuple(f"rhythm/checks/2017-Q1/{body}" for body in (WATER, CIVIL))


@pytest.fixture
async def house(fast: InFastTime) -> AsyncIterator[RegisterHouse]:
    made = RegisterHouse(fast)
    made.made.policy = Policy(regime=made.rulebook.regime, calendar=unannounced().calendar)
    yield made
    made.remember()


async def test_an_announced_year_moves_what_comes_round_in_a_register_without_waiting_for_its_next_wake(
    house: RegisterHouse, starter: CommandLine
) -> None:
    await house.begin("2017-01-18", year=2017, opens=CHECKS)
    assert (await house.status())["next_at"].startswith("2017-01-31")

    done = await asyncio.to_thread(starter, "calendar", "adopt", 2017, *ORDERED, "--yes")

    assert done.exit_code == 0, done.output
    assert "2 项在办任务、1 本登记簿的日历随之改变" in done.stdout
    assert "2017年1月月报" in done.stdout
    assert "2017-02-03" in done.stdout
    standing = await house.status()
    assert standing["next_at"].startswith("2017-02-03")
    assert standing["to_come_from"] == {"checks": "2017-04-01"}
    [order] = await asyncio.to_thread(starter.json, "changes")
    assert (order["kind"], order["done"]) == ("calendar", 3)
    again = await asyncio.to_thread(starter, "calendar", "adopt", 2017, *ORDERED, "--yes")
    assert "0 项在办任务的日历随之改变" in again.stdout
    assert len(await asyncio.to_thread(starter.json, "changes")) == 1
    refused = await asyncio.to_thread(starter.refused, "changes", "undo", order["id"], "--reason", "错了", *ORDERED)
    assert "calendar adopt" in refused
    assert [key for _, key in house.opened()] == list(CHECKS)
