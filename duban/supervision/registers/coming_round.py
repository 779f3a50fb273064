"""The items that a rhythm opens in one of its periods: one for each body that owes it, or each task or plan at hand.

The same for the register that opens them and for the rehearsal that foretells them.
"""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import date
from typing import assert_never

from duban.supervision.levels.lag import months_after
from duban.supervision.model import Frozen
from duban.supervision.plans.plan import TaskDefinition
from duban.supervision.reckoning.evaluation import EvaluationScope
from duban.supervision.registers.occurrences import Occurrence
from duban.supervision.rules.parts import HANDLING_BODY, SUPERVISING_BODY, Role
from duban.supervision.rules.procedures import PERIOD_FROM, PERIOD_TO, Procedure
from duban.supervision.rules.rhythms import Each, Rhythm

LONGEST_CODE = 80
"""Of a task's code: it names a workflow."""
_DIGITS = 8


class OpenTask(Frozen):
    """A task under way, as far as what comes round asks about it."""

    code: str
    title: str
    lead_body: str
    handling_body: str = ""


class OpenPlan(Frozen):
    """A plan under way.

    Attributes:
        issued_on: Local date.
        adopted_by, docks: By which meeting it was adopted, which superior plan it docks; asked for by a scope alone.
    """

    code: str
    title: str
    issued_on: date
    supervising_body: str = ""
    adopted_by: str = ""
    docks: str = ""


class AtHand(Frozen):
    """What is under way when a rhythm opens its items.

    Attributes:
        offices: Bodies by role, the supervising body's among them.
    """

    offices: dict[Role, tuple[str, ...]]
    tasks: tuple[OpenTask, ...] = ()
    plans: tuple[OpenPlan, ...] = ()


class _Owing(Frozen):
    """For whom and about what an item is opened."""

    body: str
    concerns: str = ""
    about: str = ""


def items_of(
    key: str,
    rhythm: Rhythm,
    procedure: Procedure,
    occurrence: Occurrence,
    at_hand: AtHand,
    *,
    scope: EvaluationScope | None = None,
    register: str = "",
) -> tuple[TaskDefinition, ...]:
    """The items of a rhythm's period, each named by rhythm, period and what it is opened for.

    Args:
        key: Of the rhythm.
        procedure: Of the rhythm.
        scope: Of the same rules, for a rhythm that keeps to it.
        register: Code of the register that holds them: theirs begin with it.
    """
    span = occurrence.span
    facts: dict[str, tuple[str, ...]] = {name: (text,) for name, text in rhythm.facts.items()}
    facts |= {PERIOD_FROM: (span.first_on.isoformat(),), PERIOD_TO: (span.last_on.isoformat(),)}
    return tuple(
        TaskDefinition(
            code=code_of(register, identity_of(key, occurrence, owing.concerns or owing.body)),
            title=f"{span.words}{rhythm.title}{owing.about}",
            lead_body=owing.body,
            handling_body=owing.body,
            procedure=rhythm.procedure,
            facts=facts,
            concerns=(owing.concerns,) if owing.concerns else (),
        )
        for owing in _owing(rhythm, procedure, occurrence, at_hand, scope)
    )


def identity_of(key: str, occurrence: Occurrence, owner: str) -> str:
    """The business identity of an item that comes round: it is opened once.

    Args:
        owner: The body that owes it, or the code of the task or plan that it is about.
    """
    return f"{key}/{occurrence.key}/{owner}"


def code_of(register: str, identity: str) -> str:
    """A code for an identity: the same for ever, and short enough for a workflow."""
    code = "-".join(part for part in (register, *identity.split("/")) if part)
    if len(code) <= LONGEST_CODE:
        return code
    return f"{code[: LONGEST_CODE - _DIGITS - 1]}-{hashlib.sha256(code.encode()).hexdigest()[:_DIGITS]}"


def _owing(
    rhythm: Rhythm, procedure: Procedure, occurrence: Occurrence, at_hand: AtHand, scope: EvaluationScope | None
) -> Iterator[_Owing]:
    match rhythm.each:
        case None:
            assert rhythm.owed_by is not None  # noqa: S101 - a rhythm has one of the two
            yield from (_Owing(body=body) for body in at_hand.offices.get(rhythm.owed_by, ()))
        case Each.LEAD_BODY:
            yield from (_Owing(body=body) for body in dict.fromkeys(task.lead_body for task in at_hand.tasks))
        case Each.TASK:
            for task in at_hand.tasks:
                body = _holder(procedure.handled_by, task, at_hand.offices)
                yield _Owing(body=body, concerns=task.code, about=f"（{task.code} {task.title}）")
        case Each.PLAN:
            for plan in at_hand.plans:
                if months_after(plan.issued_on, rhythm.issued_for_months) > occurrence.opens_on:
                    continue
                if rhythm.in_scope and scope is not None and not scope.takes(plan, occurrence.opens_on):
                    continue
                if body := _holder_of_plan(procedure.handled_by, plan, at_hand.offices):
                    yield _Owing(body=body, concerns=plan.code, about=f"（《{plan.title}》）")
        case _:
            assert_never(rhythm.each)


def _holder(role: Role, task: OpenTask, offices: Mapping[Role, tuple[str, ...]]) -> str:
    """Who has a role towards a task; the lead body where it is nobody else's."""
    if role == HANDLING_BODY:
        return task.handling_body or task.lead_body
    return next(iter(offices.get(role, ())), task.lead_body)


def _holder_of_plan(role: Role, plan: OpenPlan, offices: Mapping[Role, tuple[str, ...]]) -> str:
    """Who has a role towards a plan: that of an office, else of who supervises the plan."""
    if role == SUPERVISING_BODY and plan.supervising_body:
        return plan.supervising_body
    held = (*offices.get(role, ()), plan.supervising_body, *offices.get(SUPERVISING_BODY, ()))
    return next((body for body in held if body), "")
