"""Who may do what, and whether there is somebody: roles that nobody holds, decisions that nobody may make."""

from collections.abc import Iterator, Mapping

from duban.supervision.bodies.organisation import Organisation
from duban.supervision.flaws.flaw import Flaw, Place
from duban.supervision.rules.authority import ACT_OF
from duban.supervision.rules.owed import Duty
from duban.supervision.rules.parts import (
    HANDLING_BODY,
    LEAD_BODY,
    LEADING_GROUP,
    REFORM_OFFICE,
    SUPERIOR_BODY,
    SUPERVISING_BODY,
    SUPPORTING_BODIES,
    Role,
)
from duban.supervision.rules.procedures import FactKind, Procedure
from duban.supervision.rules.regime import Regime
from duban.supervision.rules.rulebook import Rulebook
from duban.supervision.rules.rungs import Rung
from duban.supervision.words import DUTY_WORDS

OF_EVERY_TASK: tuple[Role, ...] = (SUPERVISING_BODY, SUPERIOR_BODY, LEAD_BODY, HANDLING_BODY, SUPPORTING_BODIES)
"""Held by bodies that the plan names, or that follow from those."""
ALWAYS_NEEDED: tuple[Role, ...] = (REFORM_OFFICE, LEADING_GROUP)
DECISIONS = (Duty.CONFIRMATION, Duty.DECISION, Duty.CONSENT)
THE_FILE: Place = ()

Named = tuple[Place, Role]


def flaws_of_authority(rules: Regime) -> Iterator[Flaw]:
    """What is owed by those who may not do it: it would be chased in vain, or wait for ever."""
    for duty in Duty:
        for role in rules.owing_roles(duty):
            act = ACT_OF[duty]
            if role not in rules.authority.of(act):
                yield Flaw(
                    place=("authority", "acts", act.value),
                    text=f"{duty.value}（{DUTY_WORDS[duty]}）由 {role} 办理，"
                    f"但 authority 的 {act.value} 中没有它，请补上",
                    refused_with=THE_FILE,
                )


def flaws_of_deciding(rules: Regime, organisation: Organisation) -> Iterator[Flaw]:
    """Whoever asks for a decision does not make it."""
    offices = organisation.offices(rules)
    for number, rung in enumerate(rules.ladder.rungs):
        for position, approval in enumerate(rung.approvals):
            if approval.duty in DECISIONS and (body := _asks_itself(rung, approval.by, offices)):
                yield Flaw(
                    place=("ladder", "rungs", number, "approvals", position, "by"),
                    text=f"{rung.title}由{body}提出，又由{body}作出{DUTY_WORDS[approval.duty]}，"
                    "等于自己批准自己，请改由别的单位决定",
                )


def _asks_itself(rung: Rung, decided_by: Role, offices: Mapping[Role, tuple[str, ...]]) -> str:
    deciding = offices.get(decided_by, (decided_by,))
    asking = [body for role in rung.issuers[:1] for body in offices.get(role, (role,))]
    return next((body for body in asking if body in deciding), "")


def roles_without_bodies(rules: Regime, organisation: Organisation | None) -> Iterator[Named]:
    """Roles that are named somewhere and that nobody holds.

    Args:
        organisation: None where it is not known yet: its file may name bodies for any role.
    """
    offices = (organisation or Organisation()).offices(rules)
    held = {*OF_EVERY_TASK, *(role for role, bodies in offices.items() if bodies)}
    for place, role in _named(rules):
        if role not in held:
            yield place, role


def flaws_of_roles(rules: Regime, organisation: Organisation) -> Iterator[Flaw]:
    """Roles that nobody holds, each at the first place that names it."""
    told: set[Role] = set()
    for place, role in roles_without_bodies(rules, organisation):
        if role not in told:
            told.add(role)
            yield Flaw(
                place=place,
                text=f"没有单位担任“{role}”，请在制度文件的 offices 或机构文件的 roles 中写明，或核对拼写",
            )


def _named(rules: Regime) -> Iterator[Named]:
    yield from ((("offices",), role) for role in ALWAYS_NEEDED)
    for number, rung in enumerate(rules.ladder.rungs):
        at: Place = ("ladder", "rungs", number)
        for field in ("issuers", "joint_issuers", "recipients"):
            yield from (((*at, field, position), role) for position, role in enumerate(getattr(rung, field)))
        yield from (((*at, "approvals", n, "by"), a.by) for n, a in enumerate(rung.approvals))
        yield from (((*at, "answers", n, "by"), a.by) for n, a in enumerate(rung.answers))
        yield from (
            ((*at, "answers", n, "tells", k), to) for n, a in enumerate(rung.answers) for k, to in enumerate(a.tells)
        )
    for act, roles in rules.authority.acts.items():
        yield from ((("authority", "acts", act.value, position), role) for position, role in enumerate(roles))
    for number, kept in enumerate(rules.authority.persons):
        yield from ((("authority", "persons", number, "of", position), role) for position, role in enumerate(kept.of))
    if isinstance(rules, Rulebook):
        yield from _named_step_by_step(rules)


def _named_step_by_step(rules: Rulebook) -> Iterator[Named]:
    for key, procedure in rules.procedures.items():
        yield from (each for each in _of_procedure(key, procedure) if each[1] not in body_facts(procedure))
    for key, rhythm in rules.rhythms.items():
        if rhythm.owed_by is not None:
            yield ("rhythms", key, "owed_by"), rhythm.owed_by


def body_facts(procedure: Procedure) -> frozenset[str]:
    """Facts of a procedure that may stand where a role does."""
    stated = [*procedure.facts]
    for step in procedure.steps:
        stated += [*step.facts, *(fact for outcome in step.outcomes for fact in outcome.facts)]
    return frozenset(fact.name for fact in stated if fact.kind is FactKind.BODY)


def _of_procedure(key: str, procedure: Procedure) -> Iterator[Named]:
    at: Place = ("procedures", key)
    yield (*at, "handled_by"), procedure.handled_by
    yield (*at, "supervised_by"), procedure.supervised_by
    yield from (((*at, "opened_by", n), role) for n, role in enumerate(procedure.opened_by))
    for number, step in enumerate(procedure.steps):
        here: Place = (*at, "steps", number)
        if isinstance(step.by, str):
            yield (*here, "by"), step.by
        else:
            for n, route in enumerate(step.by):
                yield (*here, "by", n, "by"), route.by
                yield from (
                    ((*here, "by", n, "jointly", position), role) for position, role in enumerate(route.jointly)
                )
        yield from (((*here, "tells", n), role) for n, role in enumerate(step.tells))
