"""A register whose workflow is gone, or whose ledger was taken back, goes on where the other stands."""

from tests.reconciling.conftest import Losing
from tests.workflows.registers import CHECKS, RegisterHouse


async def test_a_register_that_the_server_has_lost_is_begun_again_with_its_items(losing: Losing) -> None:
    house = RegisterHouse(losing)
    await house.begin("2016-07-04")
    first = await house.open("城东内涝点整治", id="first")
    house.remember()
    assert await losing.reconcile() == []
    await losing.lose_server_since(None)
    assert await losing.kinds() == {"plan_lost", "workflow_lost"}
    await losing.mended()
    await house.under_way()
    again = await house.open("城东内涝点整治", id="first")
    other = await house.open("农村饮水工程")
    house.remember()
    assert (again.code, other.code) == (first.code, f"{house.code}-0004")
    assert [key for _, key in house.opened()][:3] == [*CHECKS, "message/first"]


async def test_a_register_that_was_closed_before_the_ledger_was_taken_back_is_closed_again(losing: Losing) -> None:
    house = RegisterHouse(losing)
    await house.begin("2016-07-04")
    house.remember()
    kept = losing.keep_ledger()
    await losing.plan.execute_update("close", await house.said(reason="年度结束", anyway=True))
    await losing.plan.result()
    await losing.lose_ledger_since(kept)
    assert await losing.kinds() == {"plan_ahead"}
    await losing.mended()
    row = losing.ledger.plans.plan_row(house.code)
    assert row is not None
    assert (row.status.value, row.closing_decision) == ("closed", "年度结束")


async def test_no_new_item_gets_the_number_of_one_that_a_ledger_which_was_taken_back_has_lost(losing: Losing) -> None:
    house = RegisterHouse(losing)
    await house.begin("2016-07-04")
    house.remember()
    kept = losing.keep_ledger()
    lost = await house.open("城东内涝点整治")
    house.remember()
    everything = losing.tasks
    await losing.lose_ledger_since(kept)

    other = await house.open("农村饮水工程")

    losing.tasks = (*everything, other.code)
    assert (lost.code, other.code) == (f"{house.code}-0003", f"{house.code}-0004")
    differences = await losing.reconcile()
    assert [(found.kind.value, found.code) for found in differences] == [("not_in_ledger", lost.code)]
    row = losing.ledger.rows.task_row(other.code, losing.clock.real(await losing.now()))
    assert row is not None
    assert row.title == "领导批示：农村饮水工程"
