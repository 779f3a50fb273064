"""A plan from its issue to its end, and what the way costs in history events."""

import pytest
from temporalio.client import WorkflowUpdateFailedError

from duban.contracts import Answer
from duban.ledger import LedgerUnavailable
from duban.supervision.tasks.entries import EntryKind
from tests.supervision.supervised import GROUP, HANDLING, OFFICE, SUPERVISOR
from tests.workflows.installation import InFastTime, OnSkippedTime, eventually

QUIET_PATH_EVENTS = 50
REMINDER_EVENTS = 15


async def strike_off(fast: InFastTime, number: int = 1) -> None:
    await fast.tell("request_strike_off", HANDLING, number, deliverable="市医保发〔2016〕9号")
    await fast.tell("verify", SUPERVISOR, number, passed=True)
    assert await fast.handle(number).result() == "struck_off"


async def plan_status(fast: InFastTime) -> str:
    standing = await fast.plan.query("status")
    return str(standing["status"])


async def test_the_plan_goes_into_strike_off_with_its_last_task_and_is_closed_by_the_leading_group(
    fast: InFastTime,
) -> None:
    await fast.issue(fast.task("2016-06-30"), fast.task("2016-06-30", number=2))
    await strike_off(fast, 1)
    assert await plan_status(fast) == "under_way"
    await strike_off(fast, 2)

    async def in_strike_off() -> bool:
        return await plan_status(fast) == "in_strike_off"

    await eventually(in_strike_off)
    with pytest.raises(WorkflowUpdateFailedError) as refusal:
        await fast.plan.execute_update("close", await fast.said(OFFICE))
    assert f"方案销账由{GROUP}决定" in str(refusal.value.cause)
    answer = await fast.plan.execute_update("close", await fast.said(GROUP, reason="全部完成"), result_type=Answer)
    assert answer.text == "已受理：方案销账"
    assert await fast.plan.result() == "closed"
    row = fast.ledger.plans.plan_row(fast.plan_code)
    assert row is not None
    assert (row.status.value, row.open_tasks, row.closed_by_body) == ("closed", 0, GROUP)
    fast.check_ledger()


async def test_a_terminated_task_counts_as_over_for_its_plan(fast: InFastTime) -> None:
    await fast.issue(fast.task("2016-06-30"))
    await fast.tell("terminate", OFFICE, reason="任务并入其他方案")
    assert await fast.handle().result() == "terminated"

    async def in_strike_off() -> bool:
        return await plan_status(fast) == "in_strike_off"

    await eventually(in_strike_off)


async def events_of_quiet_path(fast: InFastTime, number: int) -> int:
    """Accepted, strike-off requested, verified, each dealt with before the next: the dearest order."""
    await fast.tell("accept", HANDLING, number)
    await fast.at_rest(number)
    await fast.tell("request_strike_off", HANDLING, number, deliverable="市医保发〔2016〕9号")
    await fast.at_rest(number)
    await fast.tell("verify", SUPERVISOR, number, passed=True)
    assert await fast.handle(number).result() == "struck_off"
    return len((await fast.handle(number).fetch_history()).events)


async def test_the_quiet_path_of_a_task_fits_its_budget_of_events(fast: InFastTime) -> None:
    await fast.issue(fast.task("2016-06-30"), fast.task("2016-06-30", number=2))
    assert await events_of_quiet_path(fast, 1) <= QUIET_PATH_EVENTS
    # The last task of a plan too: the plan is told by the write, not by the task's workflow.
    assert await events_of_quiet_path(fast, 2) <= QUIET_PATH_EVENTS


async def test_a_reminder_fits_its_budget_of_events(days: OnSkippedTime) -> None:
    await days.issue("2016-06-30")
    await days.tell("accept", HANDLING)
    await days.report(percent=5)
    await days.until("2016-07-17")
    before = len((await days.handle().fetch_history()).events)
    await days.until("2016-07-19")
    assert [reminder.level for reminder in days.reminders()] == ["phone"]
    assert len((await days.handle().fetch_history()).events) - before <= REMINDER_EVENTS


async def test_issuing_that_breaks_off_half_way_starts_each_task_once(
    fast: InFastTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("activities.plans.STARTS_AT_ONCE", 4)
    mark_started, calls = fast.ledger.tasks.mark_started, []

    def breaks_off(codes: object, at: object) -> None:
        calls.append(codes)
        if len(calls) == 2:  # the second four are started, and nothing says so
            raise LedgerUnavailable("台账数据库暂时不可用")
        mark_started(codes, at)  # type: ignore[arg-type]

    monkeypatch.setattr(fast.ledger.tasks, "mark_started", breaks_off)
    await fast.issue(*(fast.task("2016-06-30", number=n) for n in range(1, 11)))
    assert calls[0] == fast.tasks[:4]
    assert calls[1] == calls[2] == fast.tasks[4:8]
    assert fast.ledger.tasks.unstarted_tasks(fast.plan_code) == ()
    for number in range(1, 11):
        assert [row.kind for row in fast.timeline(number)] == [EntryKind.REGISTERED, EntryKind.ASSIGNED]
        assert (await fast.status(number)).ledger_version == 2


async def test_issuing_the_same_plan_again_changes_nothing(fast: InFastTime) -> None:
    await fast.issue(fast.task("2016-06-30"))
    await fast.tell("accept", HANDLING)
    await fast.plan.signal("start_again")
    await fast.report(percent=5)
    await fast.recorded()
    assert await plan_status(fast) == "under_way"
    assert [row.kind for row in fast.of_kind(EntryKind.ASSIGNED)] == [EntryKind.ASSIGNED]
