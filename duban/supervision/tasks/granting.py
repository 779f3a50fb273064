"""Who may do what, by the kind of the decision and the tier of the bodies; and who is asked where somebody must decide.

Where a regime grants nothing of a kind, ``Authority.acts`` alone says who may, as it always did. Of several grants the
first that fits holds: they are written from the gravest kind to the lightest.
"""

from datetime import date

from duban.supervision.bodies.roles import TaskRoles
from duban.supervision.levels.lag import after
from duban.supervision.rules.authority import Act, Grant, PersonalAct
from duban.supervision.rules.owed import Duty
from duban.supervision.rules.parts import HANDLING_BODY, SUPERVISING_BODY, Role
from duban.supervision.rules.policy import Policy
from duban.supervision.tasks.messages import AnyMessage, CarryOver, RecordAction, SubmitExplanation
from duban.supervision.tasks.state import Milestone, TaskState
from duban.supervision.tasks.turn import Refusal, Turn
from duban.supervision.words import ACT_WORDS, PLACE_WORDS, ROLE_WORDS, role_words


def decider_of_extension(turn: Turn, milestone: Milestone, new_due_on: date) -> str:
    """The body that decides on a later date: as granted for its kind, else the supervising body."""
    roles = turn.state.roles
    for grant in turn.regime.authority.granted:
        is_meant = grant.act is Act.DECIDE and grant.duty is Duty.EXTENSION_DECISION
        if is_meant and _fits(grant, turn.state, turn.policy, milestone, new_due_on):
            return _asked(grant, roles) or roles.first(SUPERVISING_BODY)
    return roles.first(SUPERVISING_BODY)


def verifier_of(turn: Turn) -> str:
    """The body that verifies a strike-off: as granted, else the supervising body."""
    grant = _grant_for(turn.state, Act.VERIFY, turn.policy)
    return (_asked(grant, turn.state.roles) if grant else "") or turn.state.roles.first(SUPERVISING_BODY)


def roles_that_may(state: TaskState, act: Act, policy: Policy) -> tuple[Role, ...]:
    """The roles that may do something as things stand."""
    grant = _grant_for(state, act, policy)
    return grant.by if grant else policy.regime.authority.of(act)


def refuse_unauthorised(state: TaskState, message: AnyMessage, policy: Policy) -> Refusal | None:
    """Why a body may not do this: it has none of the roles that may, or is of another tier."""
    grant = _grant_for(state, message.act, policy, message)
    allowed: tuple[Role, ...] = grant.by if grant else policy.regime.authority.of(message.act)
    roles = state.roles
    if set(roles.held_by(message.body)) & set(allowed) and (grant is None or _is_of_tier(grant, roles, message.body)):
        return None
    what = f"（{grant.title}）" if grant else ""
    if grant is not None and grant.tiers:
        what += f"，限第{'、'.join(map(str, grant.tiers))}级单位"
    who = "、".join(dict.fromkeys(_held(r, b) for r in allowed for b in roles.of(r)))
    return Refusal(f"{message.body}无权{ACT_WORDS[message.act]}{what}：本任务应由{who or '规则指定的单位'}办理")


def _held(role: Role, body: str) -> str:
    """A body with the role in which it may; an office's own roles have no words of ours."""
    return f"{role_words(role)}（{body}）" if role in ROLE_WORDS else body


def refuse_for_the_head(state: TaskState, message: AnyMessage, policy: Policy, day: date) -> Refusal | None:
    """Why a person may not do what is for the head of a body, or for the deputy who acts for him on a local day."""
    if message.act not in policy.regime.authority.by_head:
        return None
    return refuse_other_than_head(state.roles, message, ACT_WORDS[message.act], day)


def refuse_other_than_head(roles: TaskRoles, message: AnyMessage, what: str, day: date) -> Refusal | None:
    """Why somebody is not the head of his body, nor acts for him on a local day; None where no head is named."""
    head, deputy = roles.heads.get(message.body, ""), roles.deputy_of(message.body, day)
    if not head or message.person in (head, deputy):
        return None
    instead = f"，或代行职责的{deputy}" if deputy else "；现在没有人代行职责"
    return Refusal(f"“{what}”须由{message.body}主要负责人{head}办理{instead}")


def refuse_person(state: TaskState, message: AnyMessage, policy: Policy, day: date) -> Refusal | None:
    """Why a person may not do what in his body is for others, by their place; None where nobody is in it."""
    personal = _kept_for(state, message, policy)
    if personal is None:
        return None
    allowed = state.roles.in_place(message.body, personal.by, day)
    if not allowed or message.person in allowed:
        return _refuse_other_section(state, message) if personal.same_section else None
    who = "、".join(PLACE_WORDS[place] for place in personal.by)
    return Refusal(f"“{personal.title}”须由{message.body}的{who}办理（{'、'.join(allowed)}）")


def _refuse_other_section(state: TaskState, message: AnyMessage) -> Refusal | None:
    """Why a clerk may not do what another section of his body handles; one that has nobody any more holds nothing."""
    sections = state.roles.sections.get(message.body, {})
    handles = state.handled_in.get(message.body, "")
    if not _is_clerk(state.roles, message) or handles in ("", sections.get(message.person)):
        return None
    if handles not in sections.values():
        return None
    return Refusal(f"本事项由{message.body}{handles}承办，应由该科室的人员或本单位领导办理，不应由{message.person}办理")


def section_that_handles(state: TaskState, message: AnyMessage, policy: Policy) -> dict[str, str]:
    """The sections that handle a task by body, after a message: that of the first clerk who did what is for one."""
    personal = _kept_for(state, message, policy)
    section = state.roles.sections.get(message.body, {}).get(message.person, "")
    if personal is None or not personal.same_section or not section or not _is_clerk(state.roles, message):
        return state.handled_in
    if state.handled_in.get(message.body) in state.roles.sections[message.body].values():
        return state.handled_in
    return {**state.handled_in, message.body: section}


def _is_clerk(roles: TaskRoles, message: AnyMessage) -> bool:
    is_head = roles.heads.get(message.body) == message.person
    return not is_head and message.person not in roles.places.get(message.body, {})


def _kept_for(state: TaskState, message: AnyMessage, policy: Policy) -> PersonalAct | None:
    """The first rule on persons that a message falls under."""
    kept = (each for each in policy.regime.authority.persons if each.act is message.act)
    return next((each for each in kept if _concerns(each, state.roles, message)), None)


def _concerns(personal: PersonalAct, roles: TaskRoles, message: AnyMessage) -> bool:
    if personal.of and not set(personal.of) & set(roles.held_by(message.body)):
        return False
    if personal.tiers and roles.tier(message.body) not in personal.tiers:
        return False
    if personal.duty is None:
        return True
    return isinstance(message, SubmitExplanation | RecordAction) and message.duty is personal.duty


def acting_for(state: TaskState, message: AnyMessage, day: date) -> str:
    """In whose place a deputy speaks, for the record; empty where nobody is represented."""
    if state.roles.deputy_of(message.body, day) != message.person:
        return ""
    return f"{message.person}代{message.body}主要负责人{state.roles.heads.get(message.body, '')}办理"


def is_own_request(state: TaskState, policy: Policy, message: AnyMessage, body: str, person: str) -> bool:
    """Whether somebody would decide what he asked for himself: for one body, or where he speaks for both of them."""
    if person != message.person:
        return False
    persons = state.roles.persons
    speaks_for_both = person in persons.get(body, ()) and person in persons.get(message.body, ())
    return body == message.body or (policy.regime.authority.separated and speaks_for_both)


def proposer_of(turn: Turn, message: AnyMessage) -> tuple[str, str] | None:
    """Who proposes, where the rules keep proposing and deciding apart."""
    return (message.body, message.person) if turn.regime.authority.separated else None


def _grant_for(state: TaskState, act: Act, policy: Policy, message: AnyMessage | None = None) -> Grant | None:
    """The grant that holds for an act; decisions that are asked for are settled with the request."""
    if act is Act.DECIDE:
        return None
    node, day = (
        (state.unmet[-1], message.new_due_on) if isinstance(message, CarryOver) and state.unmet else (None, None)
    )
    return next(
        (g for g in policy.regime.authority.granted if g.act is act and _fits(g, state, policy, node, day)), None
    )


def _fits(grant: Grant, state: TaskState, policy: Policy, milestone: Milestone | None, day: date | None) -> bool:
    if grant.handled_by_tiers and state.roles.tier(state.roles.first(HANDLING_BODY)) not in grant.handled_by_tiers:
        return False
    if grant.extended and (milestone is None or extensions_of(state, milestone) < grant.extended):
        return False
    if grant.beyond is None:
        return True
    if milestone is None or day is None:
        return False
    return day > after(grant.beyond, planned_on(state, milestone), policy.calendar)


def extensions_of(state: TaskState, milestone: Milestone) -> int:
    """How many later dates have been agreed to; at least one where a release that did not count them moved it."""
    return max(state.extended.count(milestone.number), int(milestone.due_on > planned_on(state, milestone)))


def planned_on(state: TaskState, milestone: Milestone) -> date:
    """The date that the plan gives a milestone, as amended: extensions are measured from it, not from one another."""
    planned = next((p for p in state.definition.milestones if p.number == milestone.number), None)
    return milestone.baseline_on if planned is None or planned.from_hand_over else planned.due_on


def _is_of_tier(grant: Grant, roles: TaskRoles, body: str) -> bool:
    return not grant.tiers or roles.tier(body) in grant.tiers


def _asked(grant: Grant, roles: TaskRoles) -> str:
    return next((body for body in roles.of(*grant.by) if _is_of_tier(grant, roles, body)), "")
