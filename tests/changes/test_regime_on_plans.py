"""A plan that has come to live by other rules begins the tasks that come with its amendments by them."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from duban.changes import carrying
from duban.changes.carrying import carry_out
from duban.contracts import PlanInput
from duban.ledger.plans.change_orders import ChangeOrderRepository
from duban.names import Attributes
from duban.orders import TargetKind
from tests.changes.test_amending_on_a_server import all_started, amended, ordered
from tests.commands.conftest import HEADING, CommandLine
from tests.supervision.supervised import LEAD, OFFICE, SUPERVISOR
from tests.workflows.installation import InFastTime, eventually

pytestmark = pytest.mark.usefixtures("stricter")
ORDERED = ("--reason", "改革办〔2016〕5号", "--body", OFFICE, "--person", "王五")
APPLY = ("regime", "apply", "stricter", "--instead-of", "kunming", *ORDERED, "--yes")


def regime_of(fast: InFastTime, number: int) -> str:
    """By which a task lives, as the ledger has it."""
    begun = fast.ledger.standings.beginning(f"{fast.plan_code}-{number}")
    assert begun is not None
    return begun.given.policy.regime.name


async def said(starter: CommandLine, *arguments: object) -> Any:
    done = await asyncio.to_thread(starter, *arguments)
    assert done.exit_code == 0, done.output
    return done


async def test_tasks_that_come_later_begin_by_the_rules_of_then_and_go_back_with_all_others(
    fast: InFastTime, starter: CommandLine, tmp_path: Path
) -> None:
    await fast.issue(fast.task("2016-12-30"))
    found = await said(starter, "regime", "diff", "kunming", "stricter", "--running")
    assert f"方案 {fast.plan_code}：以后新增的任务按" in found.stdout
    await said(starter, *APPLY)
    row = fast.ledger.plans.plan_row(fast.plan_code)
    assert row is not None
    assert row.regime == "stricter"
    shown = (await fast.plan.describe()).typed_search_attributes
    assert shown[Attributes.REGIME] == "stricter"

    file = tmp_path / "plan.csv"
    rows = [f"{fast.plan_code}-{n},事项{n},,{LEAD},,措施,文件,2016年12月30日" for n in (1, 2)]
    file.write_text("\n".join((HEADING, *rows)) + "\n", encoding="utf-8")
    amend = ("amend", file, "--code", fast.plan_code, "--supervising-body", SUPERVISOR, *ORDERED, "--yes")
    assert "--regime stricter" in await asyncio.to_thread(starter.refused, *amend)
    fast.tasks = (*fast.tasks, f"{fast.plan_code}-2")
    await said(starter, *amend, "--regime", "stricter")
    await all_started(fast)
    assert [regime_of(fast, number) for number in (1, 2)] == ["stricter", "stricter"]

    [_, order] = await asyncio.to_thread(starter.json, "changes")
    undone = await said(starter, "changes", "undo", order["id"], *ORDERED, "--yes")
    assert "共 3 项，已办理 3 项" in undone.stdout
    assert [regime_of(fast, number) for number in (1, 2)] == ["kunming", "kunming"]
    row = fast.ledger.plans.plan_row(fast.plan_code)
    assert row is not None
    assert row.regime == "kunming"
    verified = await said(starter, "verify", "--rows")
    assert verified.exit_code == 0


async def test_an_amendment_that_was_drawn_up_before_begins_its_tasks_by_the_rules_of_when_it_is_carried_out(
    fast: InFastTime, starter: CommandLine
) -> None:
    await fast.issue(fast.task("2016-12-30"))
    drawn_up = ordered(fast, amended(fast, fast.task("2016-12-30"), fast.task("2016-12-30", number=2)))
    await said(starter, *APPLY)

    fast.tasks = (*fast.tasks, f"{fast.plan_code}-2")
    row = await carry_out(fast.client, fast.ledger, drawn_up.id, lambda _: None)
    await all_started(fast)

    assert row.is_carried_out
    assert regime_of(fast, 2) == "stricter"
    assert (await fast.status(2)).status == "assigned"


async def test_what_is_left_of_an_amendment_is_told_although_the_rules_have_changed_in_between(
    fast: InFastTime, starter: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fast.issue(fast.task("2016-12-30"), fast.task("2016-12-30", number=2))
    drawn_up = ordered(fast, amended(fast, fast.task("2016-12-30", title="改名"), fast.task("2016-12-30", number=2)))
    settle = ChangeOrderRepository.settle

    def dies_after_the_plan(orders: ChangeOrderRepository, order_id: str, settled: Any) -> None:
        settle(orders, order_id, settled)
        raise OSError("the process is gone")

    with monkeypatch.context() as broken:
        broken.setattr(ChangeOrderRepository, "settle", dies_after_the_plan)
        with pytest.raises(OSError, match="gone"):
            await carry_out(fast.client, fast.ledger, drawn_up.id, lambda _: None)
    await said(starter, *APPLY)

    await carry_out(fast.client, fast.ledger, drawn_up.id, lambda _: None)

    [item] = [row for row in fast.ledger.orders.item_rows(drawn_up.id) if row.target_kind is TargetKind.TASK]
    assert (item.outcome, item.reason) == ("done", "")
    assert (await fast.recorded(1)).title == "改名"


async def test_an_order_that_dies_between_the_plan_and_its_tasks_is_resumed(
    fast: InFastTime, starter: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fast.issue(fast.task("2016-12-30"), fast.task("2016-12-30", number=2))
    monkeypatch.setattr(carrying, "TOLD_AT_ONCE", 1)
    settle = ChangeOrderRepository.settle

    def dies_after_the_plan(orders: ChangeOrderRepository, order_id: str, settled: Any) -> None:
        settle(orders, order_id, settled)
        raise OSError("the process is gone")

    with monkeypatch.context() as broken:
        broken.setattr(ChangeOrderRepository, "settle", dies_after_the_plan)
        assert (await asyncio.to_thread(starter, *APPLY)).exit_code == 1
    [order] = await asyncio.to_thread(starter.json, "changes")
    assert (order["done"], order["waiting"]) == (1, 2)
    row = fast.ledger.plans.plan_row(fast.plan_code)
    assert row is not None
    assert (row.regime, regime_of(fast, 1)) == ("stricter", "kunming")

    await said(starter, "changes", "resume", order["id"])

    assert [regime_of(fast, number) for number in (1, 2)] == ["stricter", "stricter"]
    assert len([v for v in fast.ledger.amendments.versions(fast.plan_code) if v.brings_rules]) == 1


async def test_a_half_told_order_is_taken_back_and_its_rest_is_told_to_nobody(
    fast: InFastTime, starter: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fast.issue(fast.task("2016-12-30"), fast.task("2016-12-30", number=2))
    monkeypatch.setattr(carrying, "TOLD_AT_ONCE", 1)
    settle, rounds = ChangeOrderRepository.settle, list[object]()

    def dies_after_the_first_task(orders: ChangeOrderRepository, order_id: str, settled: Any) -> None:
        rounds.append(settled)
        if len(rounds) == 2:  # told, and nobody kept that
            raise OSError("the process is gone")
        settle(orders, order_id, settled)

    with monkeypatch.context() as broken:
        broken.setattr(ChangeOrderRepository, "settle", dies_after_the_first_task)
        assert (await asyncio.to_thread(starter, *APPLY)).exit_code == 1
    await fast.recorded(1)
    assert [regime_of(fast, number) for number in (1, 2)] == ["stricter", "kunming"]
    [order] = await asyncio.to_thread(starter.json, "changes")

    undone = await said(starter, "changes", "undo", order["id"], *ORDERED, "--yes")

    assert "共 2 项，已办理 2 项" in undone.stdout
    assert [regime_of(fast, number) for number in (1, 2)] == ["kunming", "kunming"]
    resumed = await said(starter, "changes", "resume", order["id"])
    assert "未送达" not in resumed.stdout
    assert regime_of(fast, 2) == "kunming"


async def test_a_plan_whose_workflow_is_lost_goes_on_under_the_rules_that_it_was_told_of(
    fast: InFastTime, starter: CommandLine
) -> None:
    await fast.issue(fast.task("2016-12-30"))
    await said(starter, *APPLY)
    await fast.plan.terminate("lost")
    await fast.start(PlanInput(code=fast.plan_code, digest=fast.digest, clock=fast.clock))
    await fast.under_way()

    async def shows_the_regime() -> bool:
        return (await fast.plan.describe()).typed_search_attributes.get(Attributes.REGIME) == "stricter"

    await eventually(shows_the_regime)
    fast.tasks = (*fast.tasks, f"{fast.plan_code}-2")
    drawn_up = ordered(fast, amended(fast, fast.task("2016-12-30"), fast.task("2016-12-30", number=2)))
    await carry_out(fast.client, fast.ledger, drawn_up.id, lambda _: None)
    await all_started(fast)
    assert regime_of(fast, 2) == "stricter"
