"""On which days a register opens what comes round."""

from collections.abc import AsyncIterator

import pytest

from duban.supervision.plans.plan import TaskDefinition
from tests.own_office import CIVIL, OFFICE, RULES, WATER
from tests.workflows.installation import OnSkippedTime, eventually
from tests.workflows.registers import RegisterHouse


@pytest.fixture
async def house(days: OnSkippedTime) -> AsyncIterator[RegisterHouse]:
    made = RegisterHouse(days)
    tasks = [
        TaskDefinition(code=f"FA-{n}", title=f"事项{n}", lead_body=body) for n, body in enumerate((WATER, WATER), 1)
    ]
    made.has_plan(*tasks)
    made.has_plan(TaskDefinition(code="FB-1", title="殡葬改革", lead_body=CIVIL), code="FB", issued_on="2016-09-01")
    yield made
    made.remember()


def dealt_with(house: RegisterHouse) -> list[tuple[str, str, str, int]]:
    """Rhythm, period, the local day on which it was dealt with, and how many items it opened."""
    return [(row.rhythm, row.period, house.made.local_date(row.at), row.items) for row in house.periods()]


async def settled(house: RegisterHouse, periods: int) -> None:
    """Wait until so many periods have been dealt with."""

    async def are_dealt_with() -> bool:
        return len(house.periods()) == periods

    await eventually(are_dealt_with)


async def test_what_comes_round_opens_on_its_working_days_for_whom_it_concerns(house: RegisterHouse) -> None:
    await house.begin("2016-07-04")
    await house.made.until("2017-01-05")
    await settled(house, 9)
    assert dealt_with(house) == [
        ("checks", "2016-Q3", "2016-07-04", 2),  # begun within it
        ("monthly_reports", "2016-M07", "2016-08-01", 2),  # the last of July is a Sunday
        ("monthly_reports", "2016-M08", "2016-08-31", 2),
        ("monthly_reports", "2016-M09", "2016-09-30", 2),
        ("checks", "2016-Q4", "2016-10-08", 2),  # a Saturday, worked after the holidays
        ("monthly_reports", "2016-M10", "2016-10-31", 2),
        ("monthly_reports", "2016-M11", "2016-11-30", 2),
        ("evaluations", "2016-H2", "2017-01-03", 1),  # the other plan has not been issued for half a year
        ("monthly_reports", "2016-M12", "2017-01-03", 2),
    ]
    items = {item.key: item for item in house.items()}
    evaluation = items["rhythm/evaluations/2016-H2/FA"]
    assert (evaluation.lead_body, evaluation.concerns) == (OFFICE, ("FA",))
    assert items[f"rhythm/monthly_reports/2016-M07/{WATER}"].title == "2016年7月月报"
    assert (await house.status())["next_at"] is None


IN_SCOPE = RULES.replace("    each: plan\n    issued_for_months: 6\n", "    each: plan\n    in_scope: true\n") + (
    "evaluation: {docking: true, adopted: true, source: {assumed: true}}\n"
)


async def test_a_rhythm_that_keeps_to_the_scope_opens_for_the_plans_that_are_evaluated(days: OnSkippedTime) -> None:
    house = RegisterHouse(days, IN_SCOPE)
    for code, fields in (("FA", {}), ("FB", {"docks": "省方案"}), ("FC", {"adopted_by": "区委深改组"})):
        house.has_plan(TaskDefinition(code=f"{code}-1", title="事项", lead_body=WATER), code=code, **fields)
    await house.begin("2016-12-01", opens=house_checks("2016-Q4"))
    await house.made.until("2017-01-05")
    await settled(house, 3)
    evaluations = [item.concerns for item in house.items() if item.key.startswith("rhythm/evaluations/")]
    house.remember()
    assert evaluations == [("FB",), ("FC",)]


def house_checks(period: str) -> tuple[str, ...]:
    return tuple(f"rhythm/checks/{period}/{body}" for body in (WATER, CIVIL))
