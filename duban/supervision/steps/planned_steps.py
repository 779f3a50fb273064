"""The way of an item before it is gone: its steps with their last days, if each were taken on its last day.

What a step decides is open; the way is that of each step's first outcome.
"""

from datetime import date

from duban.supervision.bodies.roles import TaskRoles
from duban.supervision.model import Frozen
from duban.supervision.plans.plan import TaskDefinition
from duban.supervision.rules.policy import Policy
from duban.supervision.rules.procedures import Step
from duban.supervision.steps.items import of_the_item
from duban.supervision.steps.step_days import first_day, last_day, spread_evenly
from duban.supervision.steps.step_rules import route_of


class PlannedStep(Frozen):
    """A step and its last day.

    Attributes:
        owed_by: The body; empty where it depends on what will have been stated.
        due_on: None where it hangs on a date that will have been stated.
    """

    step: str
    title: str
    owed_by: str
    due_on: date | None


def planned_steps(
    definition: TaskDefinition, roles: TaskRoles, policy: Policy, told_on: date
) -> tuple[PlannedStep, ...]:
    """The steps of an item in their order; one that would come again is named once.

    Args:
        definition: Of an item that can be opened.
        told_on: Local day on which whoever owes the first step learns of it.
    """
    found: list[PlannedStep] = []
    procedure = policy.procedure
    step = procedure.steps[0] if procedure else None
    day: date | None = told_on
    while procedure is not None and step is not None and step.id not in {one.step for one in found}:
        due = _last_days(step, definition, day, policy)
        route = route_of(step, definition.facts)
        held = of_the_item(roles, procedure, definition.facts).of(route.by) if route else ()
        for number, due_on in enumerate(due, 1):
            again = f"（第{number}次，共{step.times}次）" if step.times > 1 else ""
            found.append(
                PlannedStep(step=step.id, title=f"{step.title}{again}", owed_by=held[0] if held else "", due_on=due_on)
            )
        day = policy.calendar.working_day_from(due[-1]) if due[-1] else None
        step = procedure.following(step, step.ends[0])
    return tuple(found)


def _last_days(step: Step, definition: TaskDefinition, told_on: date | None, policy: Policy) -> list[date | None]:
    facts = definition.facts
    hangs_on_fact = bool(step.due) or step.counts_from in facts
    if told_on is None and not hangs_on_fact:
        return [None] * step.times
    told_on = told_on or date.min
    last = last_day(step, facts, told_on, policy)
    if step.times == 1 or last is None:
        return [last] * step.times
    within = (first_day(facts, told_on), last)
    return [spread_evenly(within, number, step.times) for number in range(1, step.times + 1)]
