"""Other rules brought to running tasks by the command line, and taken back the same way, on the real server."""

import asyncio

import pytest

from duban.changes import carrying
from duban.ledger.plans.change_orders import ChangeOrderRepository
from duban.supervision.tasks.entries import EntryKind
from duban.supervision.tasks.state import RungStatus
from tests.commands.conftest import CommandLine
from tests.supervision.supervised import HANDLING, OFFICE
from tests.workflows.installation import InFastTime

ORDERED = ("--reason", "改革办〔2016〕5号", "--body", OFFICE, "--person", "王五")


pytestmark = pytest.mark.usefixtures("stricter")


async def test_other_rules_reach_every_task_and_are_taken_back_the_same_way(
    fast: InFastTime, starter: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carrying, "TOLD_AT_ONCE", 2)
    await fast.issue(
        fast.task("2016-06-06"), fast.task("2016-12-30", number=2), fast.task("2016-09-30", number=3),
        entered="2016-06-29",
    )  # fmt: skip
    await fast.recorded(1)
    assert await fast.levels(1) == {"e1/phone": "issued"}

    [late, *others] = await asyncio.to_thread(starter.json, "regime", "diff", "kunming", "stricter", "--running")
    assert late["due_at_once"] == ["written"]
    assert [right["act"] for right in late["rights"]] == ["suspend"]
    assert [each["due_at_once"] for each in others] == [[], []]

    await fast.tell("terminate", OFFICE, 3, reason="上级取消")
    await fast.handle(3).result()
    apply = ("regime", "apply", "stricter", "--instead-of", "kunming", *ORDERED)
    asked = await asyncio.to_thread(starter, *apply)
    assert asked.exit_code == 1
    assert "没有作任何改动" in asked.stderr
    refused = await asyncio.to_thread(
        starter, *apply[:5], "--reason", "试行", "--body", HANDLING, "--person", "王五", "--yes"
    )
    assert "没有作任何改动" in refused.stderr
    assert "无权变更适用规则" in refused.stderr

    done = await asyncio.to_thread(starter, *apply, "--yes")
    again = await asyncio.to_thread(starter, *apply, "--yes")

    assert done.exit_code == 0, done.output
    assert "共 3 项，已办理 3 项" in done.stdout  # the plan among them
    assert "没有需要变更的在办任务" in again.stdout
    await fast.recorded(1)
    assert (await fast.levels(1))["e1/phone"] == "issued"
    assert (await fast.levels(1))["e1/written"] == "issued"
    assert [len(fast.of_kind(EntryKind.ADOPTED, number)) for number in (1, 2)] == [1, 1]
    assert "无权暂停计时" in await fast.refused("suspend", await fast.said("市政府督查室", reason="x"), 1)
    [order] = await asyncio.to_thread(starter.json, "changes")
    assert (order["kind"], order["done"]) == ("regime", 3)

    back = ("regime", "apply", "kunming", "--instead-of", "stricter", *ORDERED, "--yes")
    returned = await asyncio.to_thread(starter, *back)
    assert returned.exit_code == 0, returned.output
    status = await fast.recorded(1)
    assert [(r.level, r.status) for r in status.reminders] == [
        ("phone", RungStatus.ISSUED),
        ("written", RungStatus.ISSUED),
    ]
    there_again = await asyncio.to_thread(starter, *apply, "--yes")
    assert "共 3 项，已办理 3 项" in there_again.stdout
    assert (await asyncio.to_thread(starter, *back)).exit_code == 0
    await fast.recorded(1)
    await fast.recorded(2)
    assert [len(fast.of_kind(EntryKind.ADOPTED, number)) for number in (1, 2)] == [4, 4]
    fast.check_ledger()
    verified = await asyncio.to_thread(starter, "verify", "--rows")
    assert verified.exit_code == 0, verified.output


async def test_an_order_that_is_broken_off_is_resumed_and_tells_nobody_twice(
    fast: InFastTime, starter: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fast.issue(fast.task("2016-12-30"), fast.task("2016-12-30", number=2))
    monkeypatch.setattr(carrying, "TOLD_AT_ONCE", 1)

    def die(*_: object) -> None:
        raise OSError("the process is gone")

    with monkeypatch.context() as broken:
        broken.setattr(ChangeOrderRepository, "settle", die)
        apply = ("regime", "apply", "stricter", "--instead-of", "kunming", *ORDERED, "--yes")
        assert (await asyncio.to_thread(starter, *apply)).exit_code == 1
    [order] = await asyncio.to_thread(starter.json, "changes")
    assert (order["done"], order["waiting"]) == (0, 3)

    resumed = await asyncio.to_thread(starter, "changes", "resume", order["id"])

    assert resumed.exit_code == 0, resumed.output
    for number in (1, 2):
        await fast.recorded(number)
        assert len(fast.of_kind(EntryKind.ADOPTED, number)) == 1
