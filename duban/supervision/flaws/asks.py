"""What an outcome asks that could never be done: a message that cannot be read, rights that nobody has."""

from collections.abc import Iterator, Mapping

from duban.supervision.bodies.organisation import Organisation
from duban.supervision.flaws.flaw import Flaw, Place
from duban.supervision.rules.asking_rules import why_never
from duban.supervision.rules.asks import Ask
from duban.supervision.rules.authority import Act
from duban.supervision.rules.parts import LEADING_GROUP, Role
from duban.supervision.rules.procedures import Procedure, Step
from duban.supervision.rules.regime import Regime


def flaws_of_ask(at: Place, ask: Ask, procedure: Procedure) -> Iterator[Flaw]:
    """Why a message that an outcome asks for could never be read."""
    for field, text in why_never(ask, procedure):
        yield Flaw(place=(*at, *field), text=text, refused_with=())


def flaws_of_asking(
    at: Place, ask: Ask, step: Step, rules: Regime, organisation: Organisation | None
) -> Iterator[Flaw]:
    """Whoever takes the step could never be one who may do it, as far as the bodies are known."""
    offices = (organisation or Organisation()).offices(rules)
    if ask.act.of_a_plan:
        allowed: tuple[Role, ...] = (LEADING_GROUP,)
    else:
        act = Act(ask.act.value)
        granted = [role for grant in rules.authority.granted if grant.act is act for role in grant.by]
        allowed = (*rules.authority.of(act), *granted)
    if not allowed:
        yield Flaw(place=(*at, "act"), text=f"没有谁有权办理 {ask.act.value}（authority 中为空），请改正")
        return
    taking = _bodies(tuple(route.by for route in step.routes), offices)
    having = _bodies(allowed, offices)
    if taking is not None and having is not None and not taking & having:
        yield Flaw(
            place=(*at, "act"),
            text=f"本步骤由{'、'.join(sorted(taking))}办理，而 {ask.act.value} 只能由{'、'.join(sorted(having))}办理，"
            "永远不会受理：请改由有权的单位办理这一步，或在 authority 中写明",
        )


def _bodies(roles: tuple[Role, ...], offices: Mapping[Role, tuple[str, ...]]) -> set[str] | None:
    """The bodies of these roles; None where some of them is not known before there is a task."""
    if any(not offices.get(role) for role in roles):
        return None
    return {body for role in roles for body in offices[role]}
