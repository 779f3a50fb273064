"""A new organisation file beside what running tasks and plans know: who is who from now on, and what differs.

Pure: it decides nothing about what is owed (``duban.supervision.changes.succession`` does) and asks nobody.
"""

from collections.abc import Iterable, Mapping

from duban.contracts import StoredPlan
from duban.supervision.bodies.organisation import Organisation
from duban.supervision.bodies.roles import MOST_BODIES, TaskRoles
from duban.supervision.model import Frozen
from duban.supervision.rules.authority import Authority
from duban.supervision.rules.parts import (
    HANDLING_BODY,
    LEAD_BODY,
    LEADING_GROUP,
    REFORM_OFFICE,
    SUPERIOR_BODY,
    SUPERVISING_BODY,
    SUPPORTING_BODIES,
    WATCHER,
    PersonRole,
    Role,
)
from duban.supervision.rules.procedures import Procedure
from duban.supervision.rules.regime import Regime

OF_THE_TASK: tuple[Role, ...] = (SUPERVISING_BODY, SUPERIOR_BODY, LEAD_BODY, HANDLING_BODY, SUPPORTING_BODIES)
HANDED_OVER: tuple[Role, ...] = (LEAD_BODY, HANDLING_BODY, SUPPORTING_BODIES)


class Parties(Frozen):
    """Who is who towards a task, before and after.

    Attributes:
        successors: Who goes on with the work of a body under another name, or instead of it.
        handed_over: Those of them that go on beside the body that they relieve.
    """

    task_code: str
    plan_code: str
    before: TaskRoles
    after: TaskRoles
    successors: dict[str, str]
    handed_over: dict[str, str]

    @property
    def is_changed(self) -> bool:
        """Whether anything is different."""
        return self.before != self.after


class PlanOffices(Frozen):
    """Who is who towards a plan."""

    leading_group: str
    reform_office: str
    persons: tuple[str, ...] = ()


def parties(
    task_code: str,
    before: TaskRoles,
    plan: StoredPlan,
    organisation: Organisation,
    regime: Regime,
    procedure: Procedure | None = None,
) -> Parties:
    """Who is who towards a task by a new organisation file.

    Args:
        procedure: By which it goes step by step, and which says whose it is and who presses it.
    """
    names = organisation.names()
    handed_over = _handed_over(task_code, organisation, names)
    bodies: dict[Role, tuple[str, ...]] = {}
    for role, held in before.bodies.items():
        named = (names.get(body, body) for body in held)
        bodies[role] = tuple(dict.fromkeys(handed_over.get(b, b) if role in HANDED_OVER else b for b in named))
    offices = _offices(organisation, regime)
    bodies |= {role: held for role, held in offices.items() if role not in OF_THE_TASK}
    if watcher := plan.definition.watcher:
        bodies[WATCHER] = (names.get(watcher, watcher),)
    if not plan.definition.supervising_body:  # it follows from the file
        supervising = organisation.supervising_body("", regime)
        bodies[SUPERVISING_BODY] = (names.get(supervising, supervising),)
    if procedure is not None:
        bodies |= _of_the_procedure(procedure, bodies)
    if SUPERIOR_BODY in bodies:
        superior = organisation.superior_of(bodies[LEAD_BODY][0]) or bodies[SUPERVISING_BODY][0]
        bodies[SUPERIOR_BODY] = (superior,)
        if procedure is not None and procedure.supervised_by == SUPERIOR_BODY:
            bodies[SUPERVISING_BODY] = (superior,)
    taken = {*bodies[LEAD_BODY], *bodies[HANDLING_BODY]}
    bodies[SUPPORTING_BODIES] = tuple(body for body in bodies.get(SUPPORTING_BODIES, ()) if body not in taken)
    relieved = {
        body: handed_over[now] for body in before.of(*HANDED_OVER) if (now := names.get(body, body)) in handed_over
    }
    renamed = {body: names[body] for body in before.of(*before.bodies) if names.get(body, body) != body}
    return Parties(
        task_code=task_code,
        plan_code=plan.definition.code,
        before=before,
        after=_with_persons(bodies, before, organisation, regime.authority),
        successors=renamed | relieved,
        handed_over=relieved,
    )


def _of_the_procedure(procedure: Procedure, bodies: Mapping[Role, tuple[str, ...]]) -> dict[Role, tuple[str, ...]]:
    """A role that several bodies hold is towards an item that of the one to which it belongs (``of_the_item``)."""
    found: dict[Role, tuple[str, ...]] = {}
    if procedure.handled_by not in (LEAD_BODY, HANDLING_BODY):
        found[procedure.handled_by] = bodies[LEAD_BODY][:1]
    if procedure.supervised_by not in (SUPERVISING_BODY, SUPERIOR_BODY):
        found[SUPERVISING_BODY] = bodies.get(procedure.supervised_by, bodies[SUPERVISING_BODY])[:1]
    return found


def _handed_over(task_code: str, organisation: Organisation, names: Mapping[str, str]) -> dict[str, str]:
    return {
        names.get(handover.from_body, handover.from_body): handover.to_body
        for handover in organisation.handovers
        if not handover.tasks or task_code in handover.tasks
    }


def _with_persons(
    bodies: dict[Role, tuple[str, ...]], before: TaskRoles, organisation: Organisation, authority: Authority
) -> TaskRoles:
    """Persons and heads as the file has them; of a body that it does not have, as they were."""
    named = dict.fromkeys(body for held in bodies.values() for body in held)
    stated = {body.name: body for body in organisation.bodies}
    persons = {body: before.persons[body] for body in named if body not in stated and body in before.persons}
    heads = {body: before.heads[body] for body in named if body not in stated and body in before.heads}
    tiers = {body: before.tiers[body] for body in named if body not in stated and body in before.tiers}
    deputies = {body: before.deputies[body] for body in named if body not in stated and body in before.deputies}
    places = {body: before.places[body] for body in named if body not in stated and body in before.places}
    sections = {body: before.sections[body] for body in named if body not in stated and body in before.sections}
    for body in (stated[name] for name in named if name in stated):
        if authority.by_tier and body.tier != MOST_BODIES:
            tiers[body.name] = body.tier
        if authority.by_section and body.sections:
            sections[body.name] = body.sections
        if authority.persons and body.places:
            places[body.name] = body.places
        if body.deputies:
            deputies[body.name] = body.deputies
        if body.persons:
            persons[body.name] = organisation.persons_of(body.name)
        if head := next((person.name for person in body.persons if person.role is PersonRole.HEAD), ""):
            heads[body.name] = head
    return TaskRoles(
        bodies=bodies, persons=persons, heads=heads, tiers=tiers, deputies=deputies, places=places, sections=sections
    )


def offices_issued_with(plan: StoredPlan) -> PlanOffices:
    """Who is who towards a plan by the file that it was issued with."""
    return offices_by(plan.organisation, plan.policy.regime)


def _offices(organisation: Organisation, regime: Regime) -> dict[Role, tuple[str, ...]]:
    """The offices under the names that the file itself gives them: what is sent to an alias is lost."""
    names = organisation.names()
    held = organisation.offices(regime).items()
    return {role: tuple(dict.fromkeys(names.get(body, body) for body in bodies)) for role, bodies in held}


def offices_by(organisation: Organisation, regime: Regime) -> PlanOffices:
    """Who is who towards a plan by a file."""
    offices = _offices(organisation, regime)
    group = offices[LEADING_GROUP][0]
    return PlanOffices(
        leading_group=group, reform_office=offices[REFORM_OFFICE][0], persons=organisation.persons_of(group)
    )


def forgotten(
    changed: Iterable[Parties], plans: Iterable[StoredPlan], organisation: Organisation
) -> dict[str, list[str]]:
    """Bodies that plans were issued with, that tasks still name, and that the new file says nothing of: by task."""
    known = {body.name for plan in plans for body in plan.organisation.bodies}
    own = {body.name for body in organisation.bodies}
    found: dict[str, list[str]] = {}
    for each in changed:
        for body in each.after.of(*each.after.bodies):
            if body in known and body not in own:
                found.setdefault(body, []).append(each.task_code)
    return found
