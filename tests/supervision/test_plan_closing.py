"""Who closes a plan, and when."""

import pytest

from duban.supervision.plans.plan_closing import OpenPlan, PlanAdoption, PlanClosing, refuse_adopting, refuse_closing
from tests.supervision.supervised import GROUP, OFFICE

READY = OpenPlan(in_strike_off=True, waits_for="等待领导小组决定销账", leading_group=GROUP, persons=("王五",))


def test_the_leading_group_closes_a_plan_of_which_no_task_is_open() -> None:
    assert refuse_closing(READY, PlanClosing(body=GROUP, person="王五")) is None


def test_where_nobody_is_named_anyone_speaks_for_the_leading_group() -> None:
    anyone = READY.model_copy(update={"persons": ()})
    assert refuse_closing(anyone, PlanClosing(body=GROUP, person="赵六")) is None


@pytest.mark.parametrize(
    ("changed", "body", "person", "words"),
    [
        ({"in_strike_off": False, "waits_for": "等待各项任务销号"}, GROUP, "王五", "等待各项任务销号，不能销账"),
        ({"decided": True}, GROUP, "王五", "无须重复决定"),
        ({}, OFFICE, "王五", f"由{GROUP}决定，{OFFICE}无权决定"),
        ({}, GROUP, "赵六", "赵六不在"),
    ],
)
def test_everything_else_is_refused_with_the_reason(
    changed: dict[str, object], body: str, person: str, words: str
) -> None:
    refusal = refuse_closing(READY.model_copy(update=changed), PlanClosing(body=body, person=person))
    assert refusal is not None
    assert words in refusal.reason


@pytest.mark.parametrize(
    ("changed", "body", "words"),
    [
        ({"reform_office": ""}, OFFICE, "正在登记"),
        ({"decided": True}, OFFICE, "不再变更"),
        ({}, GROUP, f"由{OFFICE}变更，{GROUP}无权变更"),
        ({}, OFFICE, None),
    ],
)
def test_the_reform_office_says_who_closes_a_plan_until_that_is_decided(
    changed: dict[str, object], body: str, words: str | None
) -> None:
    plan = READY.model_copy(update={"reform_office": OFFICE, **changed})
    told = PlanAdoption(body=body, person="王五", reason="机构改革", leading_group="市委深改委", reform_office=OFFICE)
    refusal = refuse_adopting(plan, told)
    assert (refusal is None) if words is None else (refusal is not None and words in refusal.reason)
