"""Changed rules, calendars and bodies reach a running task: they apply from now on, what was given stays given."""

from duban.supervision.bodies.roles import TaskRoles
from duban.supervision.changes.adopting_items import (
    adopted_policy,
    adopted_roles,
    refuse_procedure,
    renamed_facts,
    state_anew,
)
from duban.supervision.changes.other_rules import carry_over, go_on
from duban.supervision.changes.succession import succeed
from duban.supervision.levels.withdrawing import withdraw
from duban.supervision.rules.parts import SUPPORTING_BODIES, Role
from duban.supervision.rules.policy import Policy, digest, encode
from duban.supervision.steps.items import vacant
from duban.supervision.tasks.duties import change_of, rechase
from duban.supervision.tasks.entries import (
    Change,
    EntryKind,
)
from duban.supervision.tasks.messages import (
    Adopt,
)
from duban.supervision.tasks.state import RungRecord, RungStatus
from duban.supervision.tasks.turn import Refusal, Turn
from duban.supervision.words import role_words

MAY_BE_EMPTY = (SUPPORTING_BODIES,)
"""A role that a task may have nobody in."""


def adopt(turn: Turn, message: Adopt) -> Refusal | None:
    """A changed regime, calendar or organisation applies from now on; what was given stays given."""
    if message.policy is None and message.roles is None:
        return Refusal("没有给出新的规则、日历或机构信息")
    before = turn.policy
    policy = adopted_policy(turn, message.policy) if message.policy is not None else before
    if message.instead_of and turn.state.policy_digest not in (message.instead_of, digest(encode(policy))):
        return Refusal("拟订变更之后，本任务的规则或日历又变更过。请重新比较，另行变更")
    if (refusal := refuse_procedure(turn, policy)) is not None:
        return refusal
    facts = renamed_facts(turn, message.successors or {})
    roles = adopted_roles(turn, policy, message.roles or turn.state.roles, facts)
    if nobody := _vacant(turn, roles, policy):
        return Refusal(f"没有单位担任：{'、'.join(role_words(role) for role in nobody)}。请补全机构信息后再变更")
    changes: list[Change] = []
    for record in turn.state.rungs:
        if record.status is RungStatus.AWAITING_APPROVAL and policy.regime.ladder.rung(record.level) is None:
            changes.extend(withdraw(turn, record, "该级提醒已不在现行规则中"))
    parts = ["机构人员"] if message.roles is not None else []
    if message.roles is not None and message.successors is not None:
        changes.extend(succeed(turn, roles, message.successors))
        state_anew(turn, facts)
    elif message.roles is not None:
        changes.extend(_hand_on(turn, roles))
        turn.update(roles=roles)
    if message.policy is not None:
        parts.append("督办规则和日历")
        turn.policy = policy
        turn.update(policy_digest=digest(encode(policy)))
        if message.reckon_anew:
            rechase(turn)
    proposals: tuple[RungRecord, ...] = ()
    if message.policy is not None and message.instead_of:
        fitted, proposals = carry_over(turn, before)
        changes.extend(fitted)
    replaced = "，".join(f"{body}改为{heir}" for body, heir in (message.successors or {}).items())
    text = f"{message.body}变更{'、'.join(parts)}：{message.reason}"
    turn.enter(EntryKind.ADOPTED, f"{text}（{replaced}）" if replaced else text, *changes)
    go_on(turn, proposals)
    return None


def _vacant(turn: Turn, roles: TaskRoles, policy: Policy) -> tuple[Role, ...]:
    needed = tuple(r for r in policy.regime.roles_needed if r not in MAY_BE_EMPTY and not roles.of(r))
    of_steps = vacant(roles, policy.procedure) if policy.procedure and turn.procedure is not None else ()
    return tuple(dict.fromkeys((*needed, *of_steps)))


def _hand_on(turn: Turn, roles: TaskRoles) -> tuple[Change, ...]:
    """As earlier releases did it, for what was told in their words: histories of theirs are replayed by it.

    What a body owes that has no part in the task any more is owed by its successor in the same role.
    """
    changes: list[Change] = []
    for owed in turn.state.obligations:
        successors = roles.of(*turn.state.roles.held_by(owed.owed_by))
        if not roles.held_by(owed.owed_by) and successors:
            handed = owed.model_copy(update={"owed_by": successors[0]})
            turn.update(obligations=tuple(handed if o.id == owed.id else o for o in turn.state.obligations))
            changes.append(change_of(handed))
    return tuple(changes)
