"""Every procedure of every bundled regime is walked through all its outcomes: nothing in a file sticks."""

from typing import Any

import pytest

from duban.changes.reorganising import OF_THE_TASK
from duban.regimes import available_regimes
from duban.regimes.loading import load_rulebook
from duban.supervision.bodies.organisation import Organisation
from duban.supervision.rules.parts import HANDLING_BODY, LEAD_BODY
from duban.supervision.rules.procedures import PERIOD, Fact, FactKind
from duban.supervision.tasks.advance import Transition, advance
from duban.supervision.tasks.messages import TakeStep
from duban.supervision.tasks.state import Stage, TaskState
from tests.regimes.walking import Item, policy_for

ALL = [(name, key) for name in available_regimes() for key in load_rulebook(name).procedures]
DAY = "2016-08-01"
VALUES = {
    FactKind.TEXT: "说明",
    FactKind.DATE: "2016-09-30",
    FactKind.NUMBER: "10",
    FactKind.BODY: "甲单位",
    FactKind.CODE: "T-1",
}


def made_up(*facts: Fact) -> dict[str, Any]:
    """Something for each fact that its kind allows."""
    return {fact.name: (next(iter(fact.choices), VALUES.get(fact.kind, "")),) * fact.at_least for fact in facts}


@pytest.mark.parametrize(("regime", "key"), ALL, ids=[f"{name}-{key}" for name, key in ALL])
def test_a_procedure_ends_whatever_comes_of_its_steps(regime: str, key: str) -> None:
    policy = policy_for(regime, key)
    procedure = policy.procedure
    assert procedure is not None
    own = procedure.handled_by in (LEAD_BODY, HANDLING_BODY)
    left_open = set(procedure.roles_needed) - set(policy.regime.offices) - set(OF_THE_TASK)
    file = Organisation(roles=dict.fromkeys(left_open, VALUES[FactKind.BODY]))
    owner = VALUES[FactKind.BODY] if own else ""
    facts: Any = made_up(*procedure.facts, *PERIOD)
    item = Item(regime, key, DAY, owner=owner, organisation=file, **facts)
    seen: set[tuple[str, str, int]] = set()
    ended = False
    waiting: list[TaskState] = [item.state]
    while waiting:
        state = waiting.pop()
        run = state.open_step
        if run is None:
            assert state.stage is Stage.CLOSED
            ended = True
            continue
        step = procedure.step(run.step)
        assert step is not None
        owed = next(o for o in state.obligations if o.id == f"{run.key}/step")
        for outcome in step.ends:
            if (taken := (step.id, outcome.name, run.occurrence)) in seen:
                continue
            seen.add(taken)
            facts = made_up(*(() if outcome.goes_on else step.facts), *outcome.facts)
            message = TakeStep(
                body=owed.owed_by,
                person=step.title,
                id=run.key,
                occurred_at=item.now,
                outcome=outcome.name,
                facts=facts,
            )
            done = advance(state, message, policy, item.now)
            assert isinstance(done, Transition), done
            waiting.append(done.state)
    assert ended
    assert {(step.id, outcome.name) for step in procedure.steps for outcome in step.ends} <= {s[:2] for s in seen}
