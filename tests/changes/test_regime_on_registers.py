"""Other rules brought to a register and its items by the command line, and taken back, on the real server."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from duban.open_registers import coming_of
from duban.starts import start_register
from tests.commands.conftest import CommandLine
from tests.own_office import CIVIL, NAME, OFFICE, WATER, regime_text
from tests.workflows.installation import InFastTime, eventually
from tests.workflows.registers import CHECKS, RegisterHouse

ORDERED = ("--reason", "区督〔2016〕5号", "--body", OFFICE, "--person", "张三")
LISTS = tuple(f"rhythm/lists/2016-M07/{body}" for body in (WATER, CIVIL))
SECOND = "qingyan-2"
OF_REPORTS = """  monthly_reports:
    title: 月报
    source: {assumed: true}
    period: month
"""
NEW_RHYTHM = """  lists:
    title: 问题清单
    source: {assumed: true}
    period: month
    procedure: check
    owed_by: departments
"""


@pytest.fixture
async def house(fast: InFastTime) -> AsyncIterator[RegisterHouse]:
    made = RegisterHouse(fast)
    yield made
    made.remember()


def write_second(folder: Path) -> Path:
    """Reports come by quarters, plans are evaluated no more, lists come every month, instructions take five days."""
    text = regime_text().replace(f'name: "{NAME}"', f"name: {SECOND}")
    first, last = text.index("  evaluations:"), text.index("  monthly_reports:")
    text = text[:first] + NEW_RHYTHM + text[last:]
    for old, new in (
        (OF_REPORTS, OF_REPORTS.replace("period: month", "period: quarter")),
        ("limit: {days: 10, unit: working", "limit: {days: 5, unit: working"),
    ):
        assert old in text
        text = text.replace(old, new, 1)
    assert f"name: {SECOND}" in text
    file = folder / f"{SECOND}.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def files(house: RegisterHouse) -> tuple[Path, Path]:
    folder = house.made.settings.home / "office"
    return folder / f"{NAME}.yaml", write_second(folder)


async def opened(house: RegisterHouse, *keys: str) -> None:
    """Wait until exactly these are open."""
    await house.until_opened(keys)


async def settles(house: RegisterHouse, regime: str) -> None:
    async def is_there() -> bool:
        row = house.made.ledger.plans.plan_row(house.code)
        return row is not None and row.regime == regime

    await eventually(is_there)


def as_the_ledger_has_it(house: RegisterHouse) -> dict[str, str]:
    """How far each rhythm has been dealt with, for a workflow that is begun anew."""
    row = house.made.ledger.plans.plan_row(house.code)
    assert row is not None
    return {key: day.isoformat() for key, day in coming_of(house.made.ledger, row).to_come_from.items()}


async def test_a_register_opens_what_comes_round_by_the_new_rules_and_nothing_twice_and_is_taken_back(
    house: RegisterHouse, starter: CommandLine
) -> None:
    await house.begin("2016-07-04")
    first = await house.open("城东内涝点整治", id="first")
    old, new = files(house)

    found = await asyncio.to_thread(starter.json, "regime", "diff", old, new, "--running")
    register, *items = found
    assert (register["task_code"], register["is_register"]) == (house.code, True)
    assert register["due_at_once"] == ["2016年7月问题清单"]
    assert {(s["what"], s["before_on"], s["after_on"]) for s in register["shifts"]} == {
        ("2016年下半年方案评估", "2017-01-03", None),
        ("2016年7月月报，改为2016年第三季度月报", "2016-08-01", "2016-09-30"),
        ("2016年7月问题清单", None, "2016-07-01"),
    }
    assert [(p["key"], p["change"]) for p in register["procedures"]] == [("instruction", "changed")]
    assert {item["task_code"]: item["procedures"] for item in items}[first.code][0]["change"] == "changed"

    applied = await asyncio.to_thread(starter, "regime", "apply", new, "--instead-of", old, *ORDERED, "--yes")
    assert applied.exit_code == 0, applied.output
    assert "3 项在办任务、1 本登记簿" in applied.stdout
    assert f"登记簿 {house.code}：以后按" in applied.stdout
    await opened(house, *CHECKS, "message/first", *LISTS)
    await settles(house, SECOND)
    standing = await house.status()
    assert standing["next_text"] == "2016年8月问题清单"
    assert standing["to_come_from"] == as_the_ledger_has_it(house)
    second = await house.open("农村饮水工程", id="second")
    begun = house.made.ledger.standings.beginning(second.code)
    assert begun is not None
    assert begun.given.policy.regime.name == SECOND
    shown = await asyncio.to_thread(starter.json, "register", "show", house.code)
    assert (shown["regime"], shown["next_text"]) == (SECOND, "2016年8月问题清单")

    [order] = await asyncio.to_thread(starter.json, "changes")
    asked = await asyncio.to_thread(starter, "changes", "undo", order["id"], *ORDERED)
    assert "没有作任何改动" in asked.stderr
    undone = await asyncio.to_thread(starter, "changes", "undo", order["id"][:8], *ORDERED, "--yes")
    assert undone.exit_code == 0, undone.output
    assert "已经开立、照常办理的 2 件" in undone.stdout
    await settles(house, NAME)
    standing = await house.status()
    assert standing["next_text"] == "2016年7月月报"
    assert standing["to_come_from"] == as_the_ledger_has_it(house)
    assert [key for _, key in house.opened()] == [*CHECKS, "message/first", *LISTS, "message/second"]
    for code, _ in house.opened():
        begun = house.made.ledger.standings.beginning(f"{house.code}-{code}")
        assert begun is not None
        assert begun.given.policy.regime.name == NAME  # what began by the new rules, too

    [back, _] = await asyncio.to_thread(starter.json, "changes")
    assert (back["undoes"], back["kind"]) == (order["id"], "regime")
    again = await asyncio.to_thread(starter.refused, "changes", "undo", order["id"], *ORDERED, "--yes")
    assert f"已由变更单 {back['id']} 退回" in again
    assert f"已由变更单 {back['id']} 退回" in (await asyncio.to_thread(starter, "changes", "show", order["id"])).stdout


async def test_a_register_whose_workflow_is_lost_goes_on_by_the_rules_that_it_was_told_of(
    house: RegisterHouse, starter: CommandLine
) -> None:
    await house.begin("2016-07-04")
    old, new = files(house)
    applied = await asyncio.to_thread(starter, "regime", "apply", new, "--instead-of", old, *ORDERED, "--yes")
    assert applied.exit_code == 0, applied.output
    await opened(house, *CHECKS, *LISTS)
    before = await house.status()

    await house.made.plan.terminate("lost")
    assert house.given is not None
    await start_register(house.made.client, house.given, house.made.settings.task_queue, regime=NAME)
    await house.under_way()

    after = await house.status()
    assert after["to_come_from"] == before["to_come_from"]
    assert (after["next_text"], after["next_at"]) == (before["next_text"], before["next_at"])
    assert (await house.open("城东内涝点整治")).code == f"{house.code}-0005"
    assert [key for _, key in house.opened()][:4] == [*CHECKS, *LISTS]


async def test_a_register_refuses_what_was_drawn_up_before_it_came_to_go_by_another_content(
    house: RegisterHouse,
) -> None:
    await house.begin("2016-07-04")
    assert house.given is not None
    other = house.made.ledger.plans.store_plan(house.content(2017))
    stale = await house.said(reason="改", digest=other, instead_of="drawn-up-before", id="stale")
    assert "又变更过" in await house.refused("adopt", stale)
    told = await house.said(reason="改", digest=house.given.digest, instead_of=house.given.digest)
    await house.made.plan.execute_update("adopt", told)


async def test_a_role_for_which_nobody_is_named_is_told_before_anything_is_done(
    house: RegisterHouse, starter: CommandLine
) -> None:
    await house.begin("2016-07-04")
    old, new = files(house)
    text = new.read_text(encoding="utf-8").replace("handled_by: departments", "handled_by: villages")
    new.write_text(text, encoding="utf-8")
    refused = await asyncio.to_thread(starter, "regime", "apply", new, "--instead-of", old, *ORDERED, "--yes")
    assert refused.exit_code == 1
    assert "没有作任何改动" in refused.stderr
    assert "villages" in refused.stderr
    assert await asyncio.to_thread(starter.json, "changes") == []
