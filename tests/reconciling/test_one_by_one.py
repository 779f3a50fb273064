"""Each difference that is not a loss of everything: found by its name, mended, and not found again."""

from temporalio.client import WorkflowExecutionStatus

from duban.names import plan_workflow_id
from duban.reconciling.differences import DifferenceKind
from duban.starts import start_task
from tests.reconciling.conftest import Losing
from tests.supervision.supervised import GROUP, HANDLING, SUPERVISOR
from tests.workflows.installation import eventually


async def issued(losing: Losing) -> None:
    await losing.issue(*(losing.task("2016-06-30", "2016-12-20", number=number) for number in (1, 2)))


async def struck_off(losing: Losing, number: int) -> None:
    await losing.report(1, number=number)
    await losing.tell("request_strike_off", HANDLING, number, deliverable="市医保发〔2016〕9号")
    await losing.tell("verify", SUPERVISOR, number, passed=True)
    await losing.handle(number).result()


async def in_strike_off(losing: Losing) -> bool:
    return bool((await losing.plan.query("status"))["status"] == "in_strike_off")


async def test_a_task_that_was_struck_off_since_the_ledgers_backup_is_not_supervised_a_second_time(
    losing: Losing,
) -> None:
    await issued(losing)
    kept = losing.keep_ledger()
    await struck_off(losing, 1)
    before = [row.hash for row in losing.timeline(1)]

    await losing.lose_ledger_since(kept)
    found = await losing.mended()

    assert [(each.code, each.kind) for each in found] == [(losing.tasks[0], DifferenceKind.LEDGER_BEHIND)]
    assert [row.hash for row in losing.timeline(1)] == before
    described = await losing.handle(1).describe()
    assert described.status is WorkflowExecutionStatus.COMPLETED
    assert (await losing.row(1)).closed_at is not None


async def test_a_task_that_is_closed_in_the_ledger_and_runs_on_an_older_server_is_ended(losing: Losing) -> None:
    await issued(losing)
    kept = await losing.keep_server()
    await struck_off(losing, 1)

    await losing.lose_server_since(kept)
    found = await losing.mended()

    assert [(each.code, each.kind) for each in found] == [(losing.tasks[0], DifferenceKind.CLOSED_IN_LEDGER)]
    assert (await losing.handle(1).describe()).status is WorkflowExecutionStatus.TERMINATED
    await losing.report(percent=10, number=2)


async def test_a_plan_whose_end_the_ledger_has_lost_is_closed_again_by_the_same_decision(losing: Losing) -> None:
    await issued(losing)
    kept = losing.keep_ledger()
    for number in (1, 2):
        await struck_off(losing, number)

    async def is_so() -> bool:
        return await in_strike_off(losing)

    await eventually(is_so)
    await losing.plan.execute_update("close", await losing.said(GROUP, reason="全部完成"))
    await losing.plan.result()
    before = losing.ledger.plans.plan_row(losing.plan_code)

    await losing.lose_ledger_since(kept)
    found = await losing.mended()

    assert {each.kind for each in found} == {DifferenceKind.LEDGER_BEHIND, DifferenceKind.PLAN_AHEAD}
    assert losing.ledger.plans.plan_row(losing.plan_code) == before


async def test_a_plan_that_was_not_told_of_its_last_task_is_told(losing: Losing) -> None:
    await issued(losing)
    kept = await losing.keep_server()
    for number in (1, 2):
        await struck_off(losing, number)

    async def is_so() -> bool:
        return await in_strike_off(losing)

    await eventually(is_so)
    await losing.lose_server_since(kept)
    found = await losing.reconcile(mend=True)

    assert {each.kind for each in found} == {DifferenceKind.CLOSED_IN_LEDGER, DifferenceKind.PLAN_NOT_TOLD}
    await eventually(is_so)
    assert await losing.reconcile() == []


async def test_a_workflow_that_the_ledger_knows_nothing_of_is_listed_with_what_to_do(losing: Losing) -> None:
    await issued(losing)
    known = losing.ledger.standings.beginning(losing.tasks[0])
    assert known is not None
    state = known.given.state
    foreign = state.model_copy(update={"definition": state.definition.model_copy(update={"code": "X-1"})})
    await start_task(losing.client, known.given.model_copy(update={"state": foreign}), losing.settings.task_queue)

    async def is_listed() -> bool:
        return [each.code for each in await losing.reconcile(mend=True)] == ["X-1"]

    await eventually(is_listed)
    [found] = await losing.reconcile(mend=True)
    assert (found.kind, found.mended) == (DifferenceKind.NOT_IN_LEDGER, "")
    await losing.client.get_workflow_handle("X-1").terminate("the test is over")


async def test_a_lost_plan_is_started_again_and_starts_none_of_its_tasks_twice(losing: Losing) -> None:
    await issued(losing)
    await losing.client.get_workflow_handle(plan_workflow_id(losing.plan_code)).terminate("by mistake")
    began = [(await losing.handle(number).describe()).run_id for number in (1, 2)]

    found = await losing.mended()

    assert [each.kind for each in found] == [DifferenceKind.PLAN_LOST]
    await losing.under_way()
    assert [(await losing.handle(number).describe()).run_id for number in (1, 2)] == began
