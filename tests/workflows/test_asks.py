"""What an outcome asks of tasks and plans is done on the real server, once, or refused where everybody sees it."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

import pytest
from temporalio.common import WorkflowIDReusePolicy

import activities.registers
from duban.changes import carrying
from duban.contracts import PlanInput, StoredPlan
from duban.ledger.registers.asks import AskedRow
from duban.names import plan_workflow_id, task_workflow_id
from duban.orders import ItemOutcome
from duban.starts import start_plan, start_task
from duban.supervision.plans.plan import ListKind, PlanDefinition, PlannedMilestone, TaskDefinition
from duban.supervision.tasks.entries import EntryKind
from tests.own_office import ASKING, CIVIL, GOVERNMENT, NAME, OFFICE, WATER
from tests.workflows.installation import InFastTime, eventually
from tests.workflows.registers import CHECKS, RegisterHouse


class AskingHouse(RegisterHouse):
    """A register, and a plan of the same office whose tasks run."""

    plan_number = 0

    def __init__(self, made: InFastTime) -> None:
        super().__init__(made, ASKING)
        self.ended: list[str] = []

    async def plan_of(self, *due_on: str, regime: str = NAME) -> list[str]:
        """Issue a plan with a task for each of these last days; returns the codes of its tasks."""
        made = self.made
        self.plan_number += 1
        code = f"{self.code}P{self.plan_number}"
        tasks = tuple(
            TaskDefinition(
                code=f"{code}-{number}",
                title="清淤",
                lead_body=WATER,
                handling_body=CIVIL,
                milestones=(PlannedMilestone(number=1, phrase="完成", due_on=date.fromisoformat(day)),),
            )
            for number, day in enumerate(due_on, start=1)
        )
        definition = PlanDefinition(
            code=code, title="防汛方案", issued_on=date(2016, 1, 4), regime=regime, supervising_body=OFFICE, tasks=tasks
        )
        content = StoredPlan(definition=definition, organisation=self.organisation, policy=made.policy)
        given = PlanInput(code=code, digest=made.ledger.plans.store_plan(content), clock=made.clock)
        await start_plan(made.client, given, made.settings.task_queue, regime=regime, tasks=len(tasks))
        plan = made.client.get_workflow_handle(plan_workflow_id(code))
        self.ended += [code, *(task.code for task in tasks)]

        async def is_under_way() -> bool:
            return bool((await plan.query("status"))["status"] == "under_way")

        await eventually(is_under_way)
        return [task.code for task in tasks]

    async def stocktaking(self, *tasks: str, day: str = "2017-06-30") -> str:
        """Open a stocktaking of these tasks and settle it; returns its code."""
        opened: dict[str, Any] = {"procedure": "stocktaking", "facts": {"tasks": list(tasks)}, "anyway": "逐项盘点"}
        answer = await self.made.plan.execute_update("open", await self.said(**opened))
        facts = {"cause": "汛期提前", "new_deadline": day}
        await self.take(answer["code"], OFFICE, outcome="settled", facts=facts)
        return str(answer["code"])

    async def striking_off(self, plan: str) -> str:
        opened: dict[str, Any] = {"procedure": "strike_off", "facts": {"plan": plan}, "anyway": "再次提请"}
        answer = await self.made.plan.execute_update("open", await self.said(**opened))
        await self.take(answer["code"], GOVERNMENT, outcome="struck_off")
        return str(answer["code"])

    async def settled(self, item: str) -> tuple[AskedRow, ...]:
        """What came of all that an item asked, when nothing of it waits any more and the ledger shows it."""

        async def is_settled() -> bool:
            rows = self.made.ledger.asks.of_item(item)
            shown = self.made.ledger.tasks.versions_of([row.target for row in rows])
            is_shown = all(row.version is None or row.version <= shown[row.target] for row in rows)
            return bool(rows) and is_shown and all(row.outcome is not ItemOutcome.WAITING for row in rows)

        await eventually(is_settled)
        return self.made.ledger.asks.of_item(item)

    def done_to(self, task: str, kind: EntryKind) -> list[str]:
        return [row.text for row in self.made.ledger.timelines.timeline(task) if row.kind is kind]

    def remember(self) -> None:
        super().remember()
        self.made.tasks = (*self.made.tasks, *self.ended)


@pytest.fixture
async def house(fast: InFastTime) -> AsyncIterator[AskingHouse]:
    made = AskingHouse(fast)
    await made.begin("2016-12-05", opens=[key.replace("Q3", "Q4") for key in CHECKS])
    yield made
    made.remember()


async def test_the_new_deadline_of_a_stocktaking_is_that_of_the_task(house: AskingHouse) -> None:
    first, second = await house.plan_of("2016-12-31", "2016-11-30")
    item = await house.stocktaking(first, second)

    rows = await house.settled(item)

    assert [(row.act.value, row.target, row.outcome.value) for row in rows] == [
        ("amend", first, "done"),
        ("amend", second, "done"),
        ("mark", first, "done"),
        ("mark", second, "done"),
    ]
    for task in (first, second):
        status = await house.made.client.get_workflow_handle(task_workflow_id(task)).query("status")
        assert status["due_on"] == "2017-06-30"
        [text] = house.done_to(task, EntryKind.AMENDED)
        assert text.startswith(f"{OFFICE}调整任务：汛期提前（据事项 {item}）。第1个节点期限由")
        [marked] = house.done_to(task, EntryKind.MARKED)
        assert f"{OFFICE}将任务列入重点清单：年末盘点“审定新的时限”同意；" in marked
        row = house.made.ledger.rows.task_row(task, house.made.clock.real(await house.made.now()))
        assert row is not None
        assert row.list_kinds == (ListKind.KEY,)
    [asked] = [row for row in house.made.ledger.timelines.timeline(item) if "调整任务" in row.text]
    assert asked.text == f"“审定新的时限”的结果为“同意”，以{OFFICE}名义对{first}、{second}办理：调整任务"
    assert [found for _, found in house.made.ledger.proofs.check(rows=True)] == [()]


async def test_what_cannot_be_done_is_on_record_with_its_reason_and_the_rest_is_done(house: AskingHouse) -> None:
    closed, other = await house.plan_of("2016-12-31", "2016-12-31")
    [foreign] = await house.plan_of("2016-12-31", regime="kunming")
    handle = house.made.client.get_workflow_handle(task_workflow_id(closed))
    await handle.execute_update("terminate", await house.said(reason="并入其他任务"))
    await handle.result()
    early = await house.stocktaking(other, day="2016-01-31")
    check = next(item.task_code for item in house.items() if item.procedure == "check")

    item = await house.stocktaking(closed, "没有-1", foreign, check, other)

    came_of = {row.target: (row.outcome.value, row.reason) for row in await house.settled(item) if row.act == "amend"}
    assert came_of == {
        closed: ("refused", f"任务 {closed} 已办结，不再受理"),
        "没有-1": ("refused", "台账中没有任务 没有-1"),
        foreign: ("refused", f"{foreign}适用制度“kunming”，不在本登记簿（制度“{NAME}”）的范围"),
        check: ("refused", "本事项按步骤办理：没有节点，请用 step_due_on 调整正在办理的步骤的期限"),
        other: ("done", ""),
    }
    [refused] = [row for row in await house.settled(early) if row.act == "amend"]
    assert refused.reason.startswith("第1个节点的新期限2016年1月31日早于今天")


async def test_a_body_gets_no_rights_by_an_outcome(house: AskingHouse) -> None:
    [task] = await house.plan_of("2016-12-31")
    regime = house.made.policy.regime
    acts = {**regime.authority.acts, **dict.fromkeys([act for act in regime.authority.acts if act == "mark"], ())}
    authority = regime.authority.model_copy(update={"acts": acts})
    policy = house.made.policy.model_copy(update={"regime": regime.model_copy(update={"authority": authority})})
    handle = house.made.client.get_workflow_handle(task_workflow_id(task))
    await handle.execute_update("adopt", await house.said(reason="收回", policy=policy.model_dump(mode="json")))

    rows = await house.settled(await house.stocktaking(task))

    assert [(row.act.value, row.outcome.value) for row in rows] == [("amend", "done"), ("mark", "refused")]
    assert rows[1].reason.startswith(f"{OFFICE}无权列入清单")


async def test_what_was_asked_is_done_once_whoever_dies_in_the_middle(
    house: AskingHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    [task] = await house.plan_of("2016-12-31")
    settle, died = house.made.ledger.orders.settle, [0]

    def dies(*args: object) -> None:
        if died[0] < 2:
            died[0] += 1
            raise RuntimeError("the process is gone")
        settle(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(house.made.ledger.orders, "settle", dies)
    item = await house.stocktaking(task)
    rows = await house.settled(item)
    assert [row.outcome.value for row in rows] == ["done", "done"]
    assert died == [2]
    await house.made.plan.signal("asked")
    await house.open("城东内涝点整治")
    assert len(house.done_to(task, EntryKind.AMENDED)) == len(house.done_to(task, EntryKind.MARKED)) == 1
    assert len([row for row in house.made.ledger.orders.order_rows() if row.kind == "outcome"]) == 2


async def test_whoever_does_not_answer_is_asked_again_by_itself(
    house: AskingHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(activities.registers, "AGAIN_AFTER", timedelta(seconds=1))
    [task] = await house.plan_of("2016-12-31")
    handle = house.made.client.get_workflow_handle(task_workflow_id(task))
    await handle.terminate("by mistake")
    item = await house.stocktaking(task)

    async def waits() -> bool:
        rows = house.made.ledger.asks.of_item(item)
        return bool(rows) and all("没有正在进行的工作流" in row.reason for row in rows)

    await eventually(waits)
    beginning = house.made.ledger.standings.beginning(task)
    assert beginning is not None

    reuse = WorkflowIDReusePolicy.ALLOW_DUPLICATE
    await start_task(house.made.client, beginning.given, house.made.settings.task_queue, reuse=reuse)
    assert [row.outcome.value for row in await house.settled(item)] == ["done", "done"]


async def test_a_plan_that_the_leading_group_strikes_off_is_closed_by_that_decision(house: AskingHouse) -> None:
    [task] = await house.plan_of("2016-12-31")
    plan = task.rpartition("-")[0]
    early = await house.striking_off(plan)
    [refused] = await house.settled(early)
    assert (refused.outcome.value, refused.reason) == ("refused", "方案等待各项任务销号，不能销账")
    handle = house.made.client.get_workflow_handle(task_workflow_id(task))
    await handle.execute_update("terminate", await house.said(reason="并入其他任务"))

    async def in_strike_off() -> bool:
        row = house.made.ledger.plans.plan_row(plan)
        return row is not None and row.status == "in_strike_off"

    await eventually(in_strike_off)
    item = await house.striking_off(plan)
    [done] = await house.settled(item)
    assert done.outcome.value == "done"
    assert await house.made.client.get_workflow_handle(plan_workflow_id(plan)).result() == "closed"
    row = house.made.ledger.plans.plan_row(plan)
    assert row is not None
    assert (row.status.value, row.closed_by_body, row.closed_by_item) == ("closed", GOVERNMENT, item)
    assert row.closing_decision == f"方案销账“决定销账”同意销账；方案编号：{plan}（据事项 {item}）"
    [again] = await house.settled(await house.striking_off(plan))
    assert (again.outcome.value, again.reason) == ("refused", f"方案 {plan} 此前已销账")
    assert house.made.ledger.concerned.plans(NAME, date(2017, 1, 1)) == ()

    resumed = await carrying.carry_out(house.made.client, house.made.ledger, refused.order, lambda _: None)
    assert (resumed.refused, resumed.done) == (1, 0)
