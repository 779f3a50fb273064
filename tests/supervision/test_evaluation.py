"""The figures of an evaluation. Those of Sichuan 2016 are the document's own."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import cycle, islice
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duban.supervision.clauses import Source
from duban.supervision.plans.plan import Found
from duban.supervision.reckoning.evaluation import (
    EvaluatedItem,
    EvaluatedPlan,
    EvaluationScope,
    Ground,
    evaluate,
    state_of,
)

ASSUMED = Source(assumed=True)
SCOPE = EvaluationScope(issued_for_months=6, docking=True, adopted=True, source=ASSUMED)
IN_JUNE = date(2016, 6, 30)


def items(found: Found, count: int, ground: Ground = Ground.REPORTED) -> Iterator[EvaluatedItem]:
    for number in range(count):
        yield EvaluatedItem(task_code=f"{found}-{number}", title="事项", lead_body="某厅", found=found, ground=ground)


def plan(number: int, *own: EvaluatedItem, issued_on: date = date(2015, 10, 8), **fields: object) -> EvaluatedPlan:
    facts: dict[str, object] = {"adopted_by": "省委全面深化改革领导小组"} | fields
    return EvaluatedPlan.model_validate(
        {"code": f"SC{number:02}", "title": f"方案{number}", "issued_on": issued_on, "items": own} | facts
    )


def test_the_figures_of_the_document_come_out_as_it_gives_them() -> None:
    """Of 82 plans 35 issued for half a year: 717 items, 461, 224 and 32 of them; 6 plans enter strike-off."""
    done = list(items(Found.COMPLETED, 461))
    finished, rest = done[:60], done[60:]
    six = [plan(n, *finished[n * 10 : n * 10 + 10]) for n in range(6)]
    others: list[list[EvaluatedItem]] = [[] for _ in range(29)]
    open_items = [*items(Found.STARTED, 224), *items(Found.NOT_STARTED, 32)]
    for own, item in zip(islice(cycle(others), len(open_items) + len(rest)), [*open_items, *rest], strict=True):
        own.append(item)
    evaluated = [*six, *(plan(6 + n, *own) for n, own in enumerate(others))]
    too_new = [plan(35 + n, *items(Found.STARTED, 3), issued_on=date(2016, 1, 15)) for n in range(47)]

    figures = evaluate([*too_new, *evaluated], SCOPE, IN_JUNE)

    total = figures.total
    assert (figures.plans, figures.evaluated, total.items) == (82, 35, 717)
    assert (total.completed.items, total.completed.percent) == (461, Decimal("64.3"))
    assert (total.started.items, total.started.percent) == (224, Decimal("31.2"))
    assert (total.not_started.items, total.not_started.percent) == (32, Decimal("4.5"))
    assert total.preliminary == 717
    assert [p.code for p in figures.by_plan if p.enters_strike_off] == [f"SC0{n}" for n in range(6)]


@pytest.mark.parametrize(
    ("fields", "takes"),
    [
        ({"issued_on": date(2015, 12, 30)}, True),
        ({"issued_on": date(2015, 12, 31)}, False),
        ({"adopted_by": ""}, False),
        ({"adopted_by": "", "docks": "中央某方案"}, True),
    ],
)
def test_a_plan_is_evaluated_half_a_year_after_its_issue_if_it_docks_one_or_was_adopted(
    fields: dict[str, Any], takes: bool
) -> None:
    assert SCOPE.takes(plan(1, **fields), IN_JUNE) is takes


def test_a_scope_that_asks_for_nothing_takes_every_plan() -> None:
    assert EvaluationScope(source=ASSUMED).takes(plan(1, issued_on=IN_JUNE, adopted_by=""), IN_JUNE)


@pytest.mark.parametrize(
    ("status", "percent", "inspected", "state"),
    [
        ("struck_off", None, Found.NOT_STARTED, (Found.COMPLETED, Ground.STRUCK_OFF)),
        ("strike_off_requested", 100, None, (Found.COMPLETED, Ground.REPORTED)),
        ("strike_off_requested", 100, Found.STARTED, (Found.STARTED, Ground.INSPECTED)),
        ("under_way", None, None, (Found.STARTED, Ground.REPORTED)),
        ("under_way", 90, Found.NOT_STARTED, (Found.NOT_STARTED, Ground.INSPECTED)),
        ("accepted", None, None, (Found.NOT_STARTED, Ground.REPORTED)),
        ("suspended", 10, None, (Found.STARTED, Ground.REPORTED)),
        ("suspended", None, None, (Found.NOT_STARTED, Ground.REPORTED)),
        ("terminated", 50, None, None),
    ],
)
def test_a_state_is_preliminary_until_somebody_has_looked_or_it_is_struck_off(
    status: str, percent: int | None, inspected: Found | None, state: tuple[Found, Ground] | None
) -> None:
    assert state_of(status, percent, inspected) == state


def test_fields_are_counted_by_themselves_the_least_done_first() -> None:
    figures = evaluate(
        [
            plan(1, *items(Found.COMPLETED, 3), *items(Found.STARTED, 1), field="经济体制"),
            plan(2, *items(Found.NOT_STARTED, 2, Ground.INSPECTED), field="民生事业"),
            plan(3, *items(Found.STARTED, 1), field="经济体制"),
        ],
        SCOPE,
        IN_JUNE,
    )
    assert [(f.field, f.plans, f.tally.items, f.tally.completed.percent) for f in figures.by_field] == [
        ("民生事业", 1, 2, Decimal("0.0")),
        ("经济体制", 2, 5, Decimal("60.0")),
    ]
    assert figures.total.preliminary == 5


def test_a_plan_that_is_closed_or_empty_does_not_enter_strike_off() -> None:
    figures = evaluate([plan(1, *items(Found.COMPLETED, 1), is_closed=True), plan(2)], SCOPE, IN_JUNE)
    assert not any(p.enters_strike_off for p in figures.by_plan)


def test_a_plan_that_was_struck_off_is_in_no_scope_any_more() -> None:
    figures = evaluate(
        [plan(1, *items(Found.COMPLETED, 3), is_closed=True), plan(2, *items(Found.STARTED, 2))], SCOPE, IN_JUNE
    )
    assert (figures.plans, figures.evaluated, figures.total.items) == (2, 1, 2)


@given(st.lists(st.sampled_from(Found), max_size=40))
def test_states_add_up_to_all_items(found: list[Found]) -> None:
    own = [item for each in found for item in items(each, 1)]
    total = evaluate([plan(1, *own)], SCOPE, IN_JUNE).total
    assert total.completed.items + total.started.items + total.not_started.items == total.items == len(found)
