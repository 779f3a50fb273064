"""Procedures of any shape, and what people may say to an item that goes by one: what Hypothesis draws."""

from typing import Any

from hypothesis import strategies as st
from pydantic import ValidationError

from duban.supervision.rules.parts import LEAD_BODY, REFORM_OFFICE, SUPERVISING_BODY
from duban.supervision.rules.procedures import Fact, FactKind, Outcome, Procedure, Route, Step
from tests.supervision.random_lives import ASSUMED, limits

CHOICES = {"a": "甲", "b": "乙"}
KNOWN = (
    Fact(name="what", title="内容", optional=True),
    Fact(name="on", title="日期", kind=FactKind.DATE, optional=True),
    Fact(name="whom", title="单位", kind=FactKind.BODY, optional=True),
    Fact(name="which", title="类别", kind=FactKind.CHOICE, choices=CHOICES),
)
HOLDERS = (LEAD_BODY, REFORM_OFFICE, SUPERVISING_BODY, "leading_group", "whom")
TOLD_BODY = "市水务局"
"""What is stated for a body."""

held = st.sampled_from(HOLDERS)
some_facts = st.lists(st.sampled_from(KNOWN), max_size=2, unique_by=lambda fact: fact.name).map(tuple)
by_choice = st.tuples(held, held).map(
    lambda two: (
        Route(by=two[0], when={"which": ("a",)}, source=ASSUMED),
        Route(by=two[1], when={"which": ("b",)}, source=ASSUMED),
    )
)


@st.composite
def steps(draw: st.DrawFn, number: int, count: int) -> Step:
    dated = draw(st.sampled_from(["limit", "limit", "limit", "due", "times"]))
    ends = draw(st.integers(0, 3))
    targets = st.sampled_from(["", "", "closed", *(f"s{n}" for n in range(count))])
    outcomes = tuple(
        Outcome(name=f"o{n}", title=f"结果{n}", then=draw(targets), facts=draw(some_facts)) for n in range(ends)
    )
    fields: dict[str, Any] = {"limit": draw(limits)}
    if dated == "due":
        fields = {"due": draw(st.sampled_from(["on", "period_to"]))}
    elif dated == "times":
        fields = {"times": draw(st.integers(2, 4))}
    elif draw(st.booleans()):
        fields["counts_from"] = draw(st.sampled_from(["on", "period_from"]))
    return Step(
        id=f"s{number}",
        title=f"步骤{number}",
        by=draw(st.one_of(held, held, by_choice)),
        source=ASSUMED,
        announce=draw(st.none() | limits),
        not_by=f"s{draw(st.integers(0, number - 1))}" if number and draw(st.booleans()) else "",
        facts=draw(some_facts),
        outcomes=outcomes,
        tells=draw(st.lists(held, max_size=2, unique=True).map(tuple)),
        **fields,
    )


@st.composite
def procedures(draw: st.DrawFn) -> Procedure:
    """One that loads: what does not is drawn again."""
    count = draw(st.integers(1, 5))
    chain = tuple(draw(steps(number, count)) for number in range(count))
    try:
        return Procedure(title="程序", source=ASSUMED, handled_by=LEAD_BODY, facts=KNOWN, steps=chain)
    except ValidationError:
        fallen_back = tuple(
            step.model_copy(update={"outcomes": (*step.outcomes, Outcome(name="end", title="结束", then="closed"))})
            for step in chain
        )
        return Procedure(title="程序", source=ASSUMED, handled_by=LEAD_BODY, facts=KNOWN, steps=fallen_back)
