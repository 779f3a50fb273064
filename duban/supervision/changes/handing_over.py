"""A task gets other bodies: what is owed is handed on, what was given stays given.

What was meant for a body that has left the task and is not delivered yet stays here; a reminder of that kind was not
given, and is due to whom it now concerns.
"""

from collections.abc import Iterator

from duban.supervision.bodies.roles import TaskRoles
from duban.supervision.changes.takeover import hand_on, with_lag
from duban.supervision.levels.withdrawing import undelivered, withdraw
from duban.supervision.plans.plan import TaskDefinition
from duban.supervision.rules.owed import Duty
from duban.supervision.rules.parts import (
    HANDLING_BODY,
    LEAD_BODY,
    SUPERIOR_BODY,
    SUPERVISING_BODY,
    SUPPORTING_BODIES,
    Role,
)
from duban.supervision.tasks.duties import close, limit_of, owe
from duban.supervision.tasks.entries import (
    Change,
    Explanation,
    NoticeIntent,
    NoticeKind,
    NoticesWithdrawn,
    ObligationStatus,
)
from duban.supervision.tasks.messages import Amend
from duban.supervision.tasks.returning import explaining_role
from duban.supervision.tasks.state import Obligation, RungStatus, Stage
from duban.supervision.tasks.turn import Turn

OF_THE_HANDLING_BODY = (
    Duty.ACCEPTANCE,
    Duty.FEEDBACK,
    Duty.CYCLE_REPORT,
    Duty.RECTIFICATION,
    Duty.ADVANCE_EXPLANATION,
)
ASKED_FOR = (NoticeKind.CHASE, NoticeKind.REQUEST, NoticeKind.REPORT_DUE)
NOT_DECIDED_ABOVE = (*ASKED_FOR, NoticeKind.ADVANCE_NOTICE, NoticeKind.DECISION, NoticeKind.OTHER)
"""All but reminders: a circular or an interview that was decided concerns the body that it was decided about."""


def roles_after(
    roles: TaskRoles, definition: TaskDefinition, message: Amend, *, by_tier: bool = False, by_place: bool = False
) -> TaskRoles:
    """Who is who towards the task after an amendment; roles that it does not speak of are left alone.

    Args:
        by_tier: Whether the rules ask for the tiers of bodies,
        by_place: and for the places of persons in them.
    """
    bodies = dict(roles.bodies)
    if message.lead_body is not None:
        bodies[LEAD_BODY] = (definition.lead_body,)
        if SUPERIOR_BODY in bodies:  # the message does not say whose field it is now
            bodies[SUPERIOR_BODY] = bodies[SUPERVISING_BODY]
    if message.handling_body is not None or (message.lead_body is not None and not definition.handling_body):
        bodies[HANDLING_BODY] = (definition.handling_body,) if definition.handling_body else bodies[LEAD_BODY]
    if message.supporting_bodies is not None:
        bodies[SUPPORTING_BODIES] = tuple(dict.fromkeys(definition.supporting_bodies))
    return TaskRoles(
        bodies=bodies,
        persons={**roles.persons, **message.persons},
        heads={**roles.heads, **message.heads},
        tiers={**roles.tiers, **message.tiers} if by_tier else roles.tiers,
        deputies={**roles.deputies, **message.deputies},
        sections=roles.sections,
        places={**roles.places, **message.places} if by_place else roles.places,
    )


def hand_over(turn: Turn, roles: TaskRoles, reason: str) -> tuple[Change, ...]:
    """Put other bodies in their roles; returns what changes with it."""
    old = turn.state.roles
    turn.update(roles=roles)
    changed = tuple(role for role in (HANDLING_BODY, LEAD_BODY) if old.first(role) != roles.first(role))
    if not changed:
        return ()
    changes: list[Change] = []
    for owed in turn.state.obligations:
        role = _owed_as(turn, owed)
        if role in changed and owed.owed_by == old.first(role):
            changes.extend(_hand_on(turn, owed, role, reason))
    changes.extend(_take_back_reminders(turn, old, changed, reason))
    for role in changed:
        body = old.first(role)
        if not roles.held_by(body):
            why = _left(body, reason)
            changes.append(NoticesWithdrawn(subjects=("",), kinds=NOT_DECIDED_ABOVE, recipients=(body,), reason=why))
    if HANDLING_BODY in changed and turn.state.stage is not Stage.STRIKE_OFF_REQUESTED:
        subject = f"amendment/{turn.state.amendments}"
        _, accepts = owe(turn, Duty.ACCEPTANCE, roles.first(HANDLING_BODY), subject, not_before=turn.deliver_from)
        changes.append(accepts)
    return tuple(changes)


def tell_bodies(turn: Turn, before: TaskRoles, text: str) -> Iterator[Change]:
    """Tell the bodies that lead and do the work, and those that did, what is different."""
    roles, task = turn.state.roles, turn.state.definition
    key = f"amendment/{turn.state.amendments}"
    staying = roles.of(HANDLING_BODY, LEAD_BODY)
    new = {body for body in staying if body not in before.of(HANDLING_BODY, LEAD_BODY)}
    acceptance = next((o for o in turn.state.owing(Duty.ACCEPTANCE) if o.subject == key), None)
    for recipient in dict.fromkeys((*staying, *before.of(HANDLING_BODY, LEAD_BODY))):
        is_left = recipient not in staying
        facts = {"what": "released" if is_left else "amendment", "text": text}
        if recipient in new:
            facts |= {
                "leader": task.leader,
                "handling_body": roles.first(HANDLING_BODY),
                "measures": task.measures,
                "deliverable": task.deliverable,
                "deadline": task.deadline_text,
            }
        signs = acceptance if acceptance is not None and acceptance.owed_by == recipient else None
        yield NoticeIntent(
            key=key,
            kind=NoticeKind.OTHER,
            subject=key,
            recipient=recipient,
            issuer=roles.first(SUPERVISING_BODY),
            issued_at=turn.now,
            deliver_not_before=turn.deliver_from,
            duty=Duty.ACCEPTANCE if signs else None,
            respond_by=signs.due_on if signs else None,
            facts={name: value for name, value in facts.items() if value},
            explanation=_why(turn, signs=signs is not None, is_left=is_left),
        )


def _why(turn: Turn, *, signs: bool, is_left: bool) -> Explanation:
    """Whoever goes is not told of a lag that is not his any more."""
    told = Explanation(
        due_on=turn.today,
        citation=turn.cite("方案调整", turn.regime.authority.source),
        respond_by_rule=limit_of(turn, Duty.ACCEPTANCE) if signs else None,
    )
    return told if is_left else with_lag(turn, told)


def _owed_as(turn: Turn, owed: Obligation) -> Role:
    """The role in which something is owed; empty for the offices' duties, which no plan file gives to anybody."""
    if owed.duty in OF_THE_HANDLING_BODY:
        return HANDLING_BODY
    return explaining_role(turn, owed.subject) if owed.duty is Duty.EXPLANATION else ""


def _hand_on(turn: Turn, owed: Obligation, role: Role, reason: str) -> Iterator[Change]:
    why = _left(owed.owed_by, reason)
    yield NoticesWithdrawn(subjects=(owed.id, owed.subject), kinds=ASKED_FOR, recipients=(owed.owed_by,), reason=why)
    if owed.duty is Duty.ACCEPTANCE:  # nobody signs for another: who takes over is asked anew
        yield NoticesWithdrawn(
            subjects=(owed.subject,), kinds=(NoticeKind.OTHER,), recipients=(owed.owed_by,), reason=why
        )
        yield from close(turn, owed, ObligationStatus.LAPSED, why)
        return
    yield hand_on(turn, owed, turn.state.roles.first(role))


def _take_back_reminders(turn: Turn, old: TaskRoles, changed: tuple[Role, ...], reason: str) -> Iterator[Change]:
    """Reminders that wait for the office to open, and what is asked about the conduct of a body that has left."""
    for record in turn.state.rungs:
        rung = turn.regime.ladder.rung(record.level)
        if rung is None or not set(rung.recipients) & set(changed):
            continue
        why = _left("、".join(dict.fromkeys(old.first(role) for role in changed)), reason)
        if rung.on_grounds and record.status is RungStatus.AWAITING_APPROVAL:
            yield from withdraw(turn, record, why)
        elif not rung.approvals and record.episode and undelivered(turn, record):
            yield from withdraw(turn, record, why)
            taken_back = next(r for r in turn.state.rungs if r.key == record.key)
            turn.replace_rung(taken_back.model_copy(update={"episode": 0}))


def _left(body: str, reason: str) -> str:
    return f"{reason}，不再由{body}办理"
