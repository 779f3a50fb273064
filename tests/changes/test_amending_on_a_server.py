"""A plan is amended on the real development server: what comes, what goes on and what ends, broken off and resumed."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from temporalio.client import WorkflowUpdateFailedError

from duban.changes import carrying, telling
from duban.changes.amending import Decision, order_of
from duban.changes.carrying import carry_out
from duban.changes.comparing import compare_plan
from duban.commands.issuing import IssueOutcome, issue_plan
from duban.contracts import Answer, StoredPlan
from duban.ledger.plans.registration import PlanStatus
from duban.names import task_workflow_id
from duban.orders import ChangeOrder, ItemOutcome, ItemSettled, TargetKind
from duban.reconciling.comparing import Comparison as Reconciliation
from duban.supervision.plans.plan import GivenReminder, Level, TaskDefinition
from duban.supervision.tasks.entries import EntryKind
from tests.supervision.supervised import GROUP, HANDLING, OFFICE, SUPERVISOR, day
from tests.workflows.installation import InFastTime, eventually

DECISION = Decision(body=OFFICE, person="张三", reason="年中调整", document="市改发〔2016〕9号")


class Killed(Exception):
    """The process that carries an order out is gone."""


def amended(fast: InFastTime, *rows: TaskDefinition) -> StoredPlan:
    """The plan with other tasks, as a new version of its file."""
    issued = fast.ledger.plans.load_plan(fast.digest)
    return issued.model_copy(update={"definition": issued.definition.model_copy(update={"tasks": rows})})


def ordered(fast: InFastTime, plan: StoredPlan) -> ChangeOrder:
    """The order that brings a new version to the tasks, kept."""
    now = datetime.now(UTC)
    business = fast.clock.business(now)
    today = fast.policy.calendar.zone.local_date(business)
    found = compare_plan(fast.ledger.amendments.tasks(fast.plan_code), plan.definition, today)
    assert found.problems == ()
    order = order_of(plan, fast.ledger.plans.store_plan(plan), found, DECISION, business, now)
    fast.ledger.orders.give(order)
    return order


async def carried_out(fast: InFastTime, order: ChangeOrder) -> None:
    row = await carry_out(fast.client, fast.ledger, order.id, lambda _: None)
    assert row.is_carried_out, fast.ledger.orders.item_rows(order.id)
    told = [item.target for item in order.items if item.target_kind is TargetKind.TASK]
    await recorded(fast, *(code.removeprefix(f"{fast.plan_code}-") for code in told))


async def all_started(fast: InFastTime) -> None:
    async def started() -> bool:
        row = fast.ledger.plans.plan_row(fast.plan_code)
        return row is not None and row.unstarted_tasks == 0

    await eventually(started)


async def recorded(fast: InFastTime, *codes: str) -> None:
    """Wait until the ledger shows all that tasks have decided; ``codes`` are the last parts."""
    for code in codes:
        handle = fast.client.get_workflow_handle(task_workflow_id(f"{fast.plan_code}-{code}"))

        async def is_recorded(handle: Any = handle, code: str = code) -> bool:
            row = fast.ledger.rows.task_row(f"{fast.plan_code}-{code}", datetime.now(UTC))
            return row is not None and row.version == (await handle.query("status"))["ledger_version"]

        await eventually(is_recorded)


def kinds(fast: InFastTime, code: str) -> list[EntryKind]:
    return [row.kind for row in fast.ledger.timelines.timeline(f"{fast.plan_code}-{code}")]


def verified(fast: InFastTime) -> list[str]:
    """What is not as it was written: chains, rows, and tasks that the plan names."""
    found = [finding for _, some in fast.ledger.proofs.check(rows=True) for finding in some]
    return [str(finding) for finding in (*found, *fast.ledger.proofs.check_strangers())]


@pytest.fixture
async def lagging(fast: InFastTime) -> InFastTime:
    """Four tasks; the first two have lagged since 30 June, and it is 10 August."""
    late = "2016-06-30"
    await fast.issue(
        fast.task(late, number=1, reminders_given=(GivenReminder(level=Level.WRITTEN, given_on=day("2016-08-01")),)),
        fast.task(late, number=2),
        fast.task("2016-12-31", number=3),
        fast.task("2016-12-31", number=4),
        entered="2016-08-10",
    )
    await recorded(fast, "1", "2")
    return fast


def new_version(fast: InFastTime) -> StoredPlan:
    """1 is split, 2 gets another date and other bodies, 3 is merged into 2, 4 is withdrawn, 5 is new."""
    code = fast.plan_code
    return amended(
        fast,
        fast.task("2016-06-30", number=1).model_copy(update={"code": f"{code}-1a", "split_from": f"{code}-1"}),
        fast.task("2016-12-31", number=1).model_copy(update={"code": f"{code}-1b", "split_from": f"{code}-1"}),
        fast.task("2016-12-31", number=2, title="改名", lead_body="市财政局", handling_body=""),
        fast.task("2016-12-31", number=3).model_copy(update={"merged_into": f"{code}-2"}),
        fast.task("2016-12-31", number=5),
    )


def to_be_ended(fast: InFastTime, *codes: str) -> None:
    """New tasks are ended with the test, too."""
    fast.tasks = (*fast.tasks, *(f"{fast.plan_code}-{code}" for code in codes))


async def test_a_new_version_of_a_plan_reaches_every_task_that_it_concerns(lagging: InFastTime) -> None:
    fast = lagging
    to_be_ended(fast, "1a", "1b", "5")
    await carried_out(fast, ordered(fast, new_version(fast)))
    await all_started(fast)
    await recorded(fast, "1a", "1b", "2", "5")

    lines = fast.ledger.rows.ledger_rows(datetime.now(UTC))
    rows = {line.task_code.removeprefix(f"{fast.plan_code}-"): line for line in lines}
    assert {code: row.status for code, row in rows.items()} == {
        "1": "terminated",
        "2": "assigned",
        "3": "terminated",
        "4": "terminated",
        "1a": "assigned",
        "1b": "assigned",
        "5": "assigned",
    }
    assert (rows["1a"].behind_since, rows["1b"].behind_since) == (fast.moment("2016-06-30").date(), None)
    assert (rows["1"].reminder_level, rows["1a"].reminder_level) == (None, "written")  # given in the one it comes from
    assert (rows["2"].behind_since, rows["2"].title, rows["2"].lead_body) == (None, "改名", "市财政局")
    assert [row.task_code for row in fast.ledger.rows.ledger_rows(datetime.now(UTC), body="市财政局")] == [
        f"{fast.plan_code}-2"
    ]
    ended = fast.ledger.timelines.timeline(f"{fast.plan_code}-1")[-1]
    assert f"由{fast.plan_code}-1a、{fast.plan_code}-1b接续" in ended.text
    assert verified(fast) == []
    registered = fast.ledger.rows.task_row(f"{fast.plan_code}-5", datetime.now(UTC))
    issued = fast.ledger.plans.plan_row(fast.plan_code)
    assert registered is not None
    assert issued is not None
    assert registered.registered_at > issued.registered_at
    assert (issued.tasks, issued.open_tasks, issued.status) == (7, 4, PlanStatus.UNDER_WAY)
    statistics = fast.ledger.rows.statistics()
    assert statistics.tasks == sum(body.tasks for body in statistics.by_body) == 7


async def test_broken_off_half_way_it_is_resumed_and_nothing_is_done_twice(
    lagging: InFastTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    fast = lagging
    to_be_ended(fast, "1a", "1b", "5")
    monkeypatch.setattr(carrying, "TOLD_AT_ONCE", 1)
    order = ordered(fast, new_version(fast))
    settle = fast.ledger.orders.settle
    rounds = 0

    def killed_before_the_third_is_kept(order_id: str, settled: Sequence[ItemSettled]) -> None:
        nonlocal rounds
        rounds += 1
        if rounds == 3:
            raise Killed
        settle(order_id, settled)

    with monkeypatch.context() as dying:
        dying.setattr(fast.ledger.orders, "settle", killed_before_the_third_is_kept)
        with pytest.raises(Killed):
            await carry_out(fast.client, fast.ledger, order.id, lambda _: None)
    outcomes = [item.outcome for item in fast.ledger.orders.item_rows(order.id)]
    assert outcomes[:2] == [ItemOutcome.DONE] * 2
    assert set(outcomes[2:]) == {ItemOutcome.WAITING}

    await carried_out(fast, order)
    await all_started(fast)
    await recorded(fast, "2")
    assert kinds(fast, "2").count(EntryKind.AMENDED) == 1
    assert [kinds(fast, code).count(EntryKind.TERMINATED) for code in ("1", "3", "4")] == [1, 1, 1]
    assert len(fast.ledger.amendments.versions(fast.plan_code)) == 2
    assert verified(fast) == []


async def test_what_is_left_of_an_older_order_does_not_undo_a_newer_one(
    lagging: InFastTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    fast = lagging
    to_be_ended(fast, "1a", "1b", "5")
    monkeypatch.setattr(carrying, "TOLD_AT_ONCE", 1)
    older = ordered(fast, new_version(fast))
    with monkeypatch.context() as dying:
        dying.setattr(carrying, "_a_plan_is_not_amended", lambda *_: True)  # the process ends after the first message
        await carry_out(fast.client, fast.ledger, older.id, lambda _: None)
    rows = [task for task in new_version(fast).definition.tasks if not task.merged_into]
    newer = ordered(fast, amended(fast, *rows, fast.task("2016-12-31", number=3, title="不再并入")))
    await carried_out(fast, newer)

    row = await carry_out(fast.client, fast.ledger, older.id, lambda _: None)

    assert (row.done, row.not_concerned, row.waiting) == (1, 4, 0)
    assert {item.reason for item in fast.ledger.orders.item_rows(older.id)} == {"", telling.SUPERSEDED}
    assert EntryKind.TERMINATED not in kinds(fast, "3")


async def test_issued_again_the_amended_file_is_the_same_and_the_first_one_is_not(lagging: InFastTime) -> None:
    fast = lagging
    to_be_ended(fast, "1a", "1b", "5")
    issued, plan = fast.ledger.plans.load_plan(fast.digest), new_version(fast)
    await carried_out(fast, ordered(fast, plan))
    queue = fast.settings.task_queue
    assert await issue_plan(fast.client, fast.ledger, plan, queue) is IssueOutcome.SAME_AGAIN
    with pytest.raises(Exception, match="与已下发的不同"):
        await issue_plan(fast.client, fast.ledger, issued, queue)
    again = compare_plan(
        fast.ledger.amendments.tasks(fast.plan_code),
        plan.definition,
        fast.policy.calendar.zone.local_date(fast.clock.business(datetime.now(UTC))),
    )
    assert again.differences == ()


async def test_a_plan_in_strike_off_is_under_way_again_with_a_new_task(fast: InFastTime) -> None:
    await fast.issue(fast.task("2016-12-31"))
    await fast.tell("terminate", OFFICE, reason="撤销")
    assert await fast.handle().result() == "terminated"
    await _plan_is(fast, "in_strike_off")
    to_be_ended(fast, "2")
    await carried_out(fast, ordered(fast, amended(fast, fast.task("2016-12-31", number=2))))
    await all_started(fast)
    await _plan_is(fast, "under_way")
    row = fast.ledger.plans.plan_row(fast.plan_code)
    assert row is not None
    assert (row.status, row.finished_at) == (PlanStatus.UNDER_WAY, None)
    await fast.tell("request_strike_off", HANDLING, 2, deliverable="市医保发〔2016〕9号")
    await fast.tell("verify", SUPERVISOR, 2, passed=True)
    await _plan_is(fast, "in_strike_off")
    await fast.plan.execute_update("close", await fast.said(GROUP, reason="全部完成"), result_type=Answer)
    assert await fast.plan.result() == "closed"


async def _plan_is(fast: InFastTime, status: str) -> None:
    async def is_so() -> bool:
        return str((await fast.plan.query("status"))["status"]) == status

    await eventually(is_so)


async def test_a_plan_is_amended_by_whom_it_concerns_and_not_under_a_content_that_nobody_has(
    fast: InFastTime,
) -> None:
    await fast.issue(fast.task("2016-12-31"))
    with pytest.raises(WorkflowUpdateFailedError) as refusal:
        await fast.plan.execute_update("amend", await fast.said(HANDLING, reason="x", digest="x"))
    assert f"{HANDLING}无权决定" in str(refusal.value.cause)
    await fast.plan.execute_update("amend", await fast.said(SUPERVISOR, reason="x", digest="nobody has it"))

    async def is_refused() -> bool:
        return bool((await fast.plan.query("status"))["not_amended"])

    await eventually(is_refused)
    [reason] = (await fast.plan.query("status"))["not_amended"].values()
    assert "没有存放" in reason


async def test_codes_of_another_plan_are_refused_and_no_task_is_told_anything(
    fast: InFastTime,
) -> None:
    await fast.issue(fast.task("2016-12-31"))
    clash = fast.task("2016-12-31", number=2).model_copy(update={"code": fast.plan_code})
    plan = amended(fast, fast.task("2016-12-31", title="新名"), clash)
    order = ordered(fast, plan)
    row = await carry_out(fast.client, fast.ledger, order.id, lambda _: None)
    assert (row.refused, row.waiting) == (1, 1)
    assert "不能重复使用" in fast.ledger.orders.item_rows(order.id)[0].reason
    assert EntryKind.AMENDED not in kinds(fast, "1")


async def test_what_was_amended_agrees_with_the_workflows_and_can_be_begun_again_from_the_ledger(
    lagging: InFastTime,
) -> None:
    fast = lagging
    to_be_ended(fast, "1a", "1b", "5")
    await carried_out(fast, ordered(fast, new_version(fast)))
    await all_started(fast)
    await recorded(fast, "1a", "1b", "2", "5")
    beside = Reconciliation(fast.client, fast.ledger, fast.settings.task_queue, fast.plan_code)
    assert await beside.tasks(lambda _: None) == []
    assert await beside.plans() == []
    beginning = fast.ledger.standings.beginning(f"{fast.plan_code}-1a")
    assert beginning is not None
    assert beginning.given.state.definition.origin is not None
