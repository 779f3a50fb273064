"""What the rules say of a step: who takes it, what it needs before it can begin, and why it is due when it is."""

from collections.abc import Iterator

from duban.supervision.rules.procedures import PERIOD_FROM, PERIOD_TO, Fact, FactKind, Procedure, Route, Step
from duban.supervision.steps.stating import Facts
from duban.supervision.tasks.entries import Citation
from duban.supervision.tasks.state import StepRun
from duban.supervision.tasks.turn import Turn, day_text


def route_of(step: Step, facts: Facts) -> Route | None:
    """Who takes a step, by what has been stated; None while that has not been."""
    return next((route for route in step.routes if route.fits(facts)), None)


def lacking(procedure: Procedure, step: Step, facts: Facts) -> Iterator[Fact]:
    """What has to be stated before a step can begin: its last day, and what decides on who takes it."""
    names = [step.due] if step.due else []
    if step.counts_from and not _optional(procedure, step.counts_from):
        names.append(step.counts_from)
    if step.times > 1 and step.limit is None and not step.due:
        names.append(PERIOD_TO)
    route = route_of(step, facts)
    if route is None:
        names += [name for other in step.routes for name in other.when]
    elif route.by in body_facts(procedure):
        names.append(route.by)
    for name in dict.fromkeys(names):
        if name not in facts and (fact := procedure.fact(name)) is not None:
            yield fact


def may_be_lacking(procedure: Procedure, step: Step) -> Iterator[Fact]:
    """What may have to be stated before a step can begin, whatever comes of the rest."""
    names = [step.due, step.counts_from, *(PERIOD_FROM, PERIOD_TO) * (step.times > 1)]
    for route in step.routes:
        names += [*route.when, *(by for by in (route.by,) if by in body_facts(procedure))]
    for name in dict.fromkeys(names):
        if (fact := procedure.fact(name)) is not None:
            yield fact


def step_of(turn: Turn, run: StepRun) -> Step | None:
    """The rules of a step that has begun; None where the procedure in force has it no more."""
    return turn.procedure.step(run.step) if turn.procedure is not None else None


def why_due(turn: Turn, run: StepRun) -> Citation:
    """The rule behind a step's last day."""
    step = step_of(turn, run)
    if step is None:
        return turn.cite(run.words, turn.regime.authority.source)
    rule = f"{run.words}应于{day_text(run.due_on)}前完成"
    if run.due_on != run.baseline_on:
        rule = f"{rule}（原定{day_text(run.baseline_on)}，已调整）"
    source = (route_of(step, turn.state.facts) or step.routes[0]).source
    if step.limit is not None:
        return turn.cite_limit(f"{rule}（时限{step.limit.words}）", step.limit, source)
    return turn.cite(rule, source, step.assumed)


def body_facts(procedure: Procedure) -> tuple[str, ...]:
    """The facts of a procedure that name bodies."""
    return tuple(fact.name for fact in procedure.stated if fact.kind is FactKind.BODY)


def _optional(procedure: Procedure, name: str) -> bool:
    fact = procedure.fact(name)
    return fact is not None and fact.optional
