"""No procedure in which no flaw is found can stick: a step waits for somebody who may take it, or it is over."""

from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from duban.supervision.flaws.procedures import flaws_of_procedure
from duban.supervision.rules.procedures import Procedure
from duban.supervision.steps.step_rules import may_be_lacking
from tests.supervision.items import ASSUMED, Item
from tests.supervision.supervised import LEAD

WALKS = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
ROLES = ("lead_body", "reform_office", "leading_group", "whose")
IDS = ("a", "b", "c", "d", "e")
STATED = {"day": ("2016-07-01",), "grade": ("low",), "whose": (LEAD,), "text": ("内容",)}
PERIOD = {"period_from": ("2016-06-01",), "period_to": ("2016-12-31",)}
HELD = {"lead_body", "reform_office", "leading_group", "supervising_body"}
FACTS: list[dict[str, Any]] = [
    {"name": "day", "title": "日期", "kind": "date"},
    {"name": "grade", "title": "类别", "kind": "choice", "choices": {"low": "一般", "high": "重要"}},
    {"name": "whose", "title": "单位", "kind": "body"},
    {"name": "text", "title": "内容"},
]
limit = {"days": 3, "source": ASSUMED}


@st.composite
def steps(draw: st.DrawFn, identity: str) -> dict[str, Any]:
    routes = [
        {"by": draw(st.sampled_from(ROLES)), "when": {"grade": [grade]}, "source": ASSUMED}
        for grade in draw(st.sampled_from([["low"], ["low", "high"]]))
    ]
    otherwise = [{"by": draw(st.sampled_from(ROLES)), "source": ASSUMED}] * draw(st.integers(0, 1))
    due: dict[str, Any] = draw(
        st.sampled_from([{"limit": limit}, {"limit": limit, "counts_from": "day"}, {"due": "day"}])
    )
    ends = draw(st.lists(st.sampled_from(["", "closed", *IDS]), max_size=3))
    return {
        "id": identity,
        "title": identity,
        "by": draw(st.sampled_from([draw(st.sampled_from(ROLES)), [*routes, *otherwise]])),
        "source": ASSUMED,
        **due,
        "times": draw(st.sampled_from([1, 1, 1, 2])),
        "facts": draw(st.lists(st.sampled_from(FACTS), max_size=2, unique_by=lambda fact: fact["name"])),
        "outcomes": [{"name": f"o{n}", "title": f"结果{n}", "then": then} for n, then in enumerate(ends)],
    }


@st.composite
def procedures(draw: st.DrawFn) -> Procedure:
    """Of those that are drawn, the ones that load and have no flaw."""
    count = draw(st.integers(1, 5))
    data = {
        "title": "事项",
        "source": ASSUMED,
        "handled_by": "lead_body",
        "facts": draw(st.sampled_from([FACTS, FACTS, FACTS[:2]])),
        "steps": [draw(steps(identity)) for identity in IDS[:count]],
    }
    try:
        found = Procedure.model_validate(data)
    except ValidationError:
        found = None
    assume(found is not None and set(found.roles_needed) <= HELD and not any(flaws_of_procedure("p", found)))
    assert found is not None
    return found


@given(procedures(), st.lists(st.integers(0, 5), max_size=20))
@WALKS
def test_whoever_owes_the_step_that_waits_can_always_take_it_until_the_item_is_over(
    procedure: Procedure, choices: list[int]
) -> None:
    item = Item(procedure, procedure="p", facts=PERIOD | {f.name: STATED[f.name] for f in procedure.facts})
    for choice in choices:
        run = item.state.open_step
        if item.state.stage.is_final:
            assert run is None
            return
        assert run is not None, "nobody has anything to do, and it is not over"
        step = procedure.step(run.step)
        assert step is not None
        outcome = step.ends[choice % len(step.ends)]
        (owed,) = [o for o in item.state.obligations if o.subject == run.key]
        again = run.occurrence < run.times and not outcome.then
        following = step if again else procedure.following(step, outcome)
        wanted = {fact.name for fact in (*step.facts, *(may_be_lacking(procedure, following) if following else ()))}
        facts = {name: STATED[name] for name in wanted if name in STATED}
        item.take(owed.owed_by, outcome=outcome.name if step.outcomes else "", facts=facts)
