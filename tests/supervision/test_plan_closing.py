"""Who closes a plan, and when."""

import pytest

from duban.supervision.plan_closing import OpenPlan, PlanClosing, refuse_closing
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
