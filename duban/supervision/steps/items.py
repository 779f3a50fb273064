"""An item that goes step by step, before it is opened: what has to be stated, and who is who towards it.

Whatever could keep it from being walked to its end is found here, where somebody can mend it, and not at a step months
later: a fact that is missing, a role that nobody holds.
"""

from datetime import date

from duban.supervision.bodies.roles import TaskRoles
from duban.supervision.plans.plan import TaskDefinition
from duban.supervision.rules.parts import HANDLING_BODY, LEAD_BODY, SUPERVISING_BODY, SUPPORTING_BODIES, Role
from duban.supervision.rules.policy import Policy
from duban.supervision.rules.procedures import PERIOD, PERIOD_FROM, PERIOD_TO, Fact, Procedure
from duban.supervision.steps.date_order import refuse_misplaced
from duban.supervision.steps.stating import Facts, counts_kept, day_of, refuse_unstated, stated
from duban.supervision.steps.step_rules import body_facts, lacking, may_be_lacking
from duban.supervision.tasks.turn import Refusal
from duban.supervision.words import role_words

MOST_TOLD = 100
"""Bodies that a step tells what came of it."""


def opened(definition: TaskDefinition, roles: TaskRoles, policy: Policy, today: date) -> TaskDefinition | Refusal:
    """The item as it can be opened, its facts as they are kept; or why it cannot.

    Args:
        roles: As ``Organisation.roles_for`` gives them for it.
        today: Local date of the opening.
    """
    procedure = policy.procedure
    if procedure is None:
        return Refusal(f"没有程序“{definition.procedure}”，请在规则文件的 procedures 中写出")
    first = procedure.steps[0]
    kept = stated(definition.facts, may_state(procedure), today)
    if isinstance(kept, Refusal):
        return kept
    counted = counts_kept(definition.counted, kept, procedure.facts)
    if isinstance(counted, Refusal):
        return counted
    needed = [fact for fact in procedure.facts if fact.needed(kept) and fact.name not in kept]
    names = {fact.name for fact in needed}
    needed += [fact for fact in lacking(procedure, first, kept) if fact.name not in names]
    refusal = refuse_unstated(needed) or refuse_period(kept) or refuse_misplaced(procedure.stated, kept, kept)
    if refusal is not None:
        return refusal
    return _refuse_roles(definition, roles, procedure, kept) or definition.model_copy(
        update={"facts": kept, "counted": counted}
    )


def of_the_item(roles: TaskRoles, procedure: Procedure, facts: Facts) -> TaskRoles:
    """Who is who towards an item: bodies that were stated hold the roles that bear the facts' names.

    A role that several bodies hold is here that of the one to which the item belongs.
    """
    bodies = {**roles.bodies, **{name: facts[name] for name in body_facts(procedure) if facts.get(name)}}
    own = (LEAD_BODY, HANDLING_BODY)
    if procedure.handled_by not in own:
        bodies[procedure.handled_by] = roles.of(LEAD_BODY)[:1]
    if procedure.supervised_by != SUPERVISING_BODY:
        bodies[SUPERVISING_BODY] = bodies.get(procedure.supervised_by, bodies[SUPERVISING_BODY])[:1]
    return roles.model_copy(update={"bodies": bodies})


def refuse_period(facts: Facts) -> Refusal | None:
    """Why a period is none."""
    first, last = day_of(facts, PERIOD_FROM), day_of(facts, PERIOD_TO)
    if first is not None and last is not None and first > last:
        return Refusal(f"起始日（{PERIOD_FROM}）{first}晚于截止日（{PERIOD_TO}）{last}，请核对")
    return None


def vacant(roles: TaskRoles, procedure: Procedure) -> tuple[Role, ...]:
    """The roles without which an item cannot be walked to its end, and which nobody holds."""
    bodies = set(body_facts(procedure))
    needed = [procedure.handled_by, procedure.supervised_by]
    for step in procedure.steps:
        needed += [role for route in step.routes for role in (route.by, *route.jointly)]
        needed += [role for role in step.tells if role != SUPPORTING_BODIES]
    return tuple(role for role in dict.fromkeys(needed) if role not in bodies and not roles.of(role))


def may_state(procedure: Procedure) -> tuple[Fact, ...]:
    """What may be stated when an item is opened, each fact once."""
    known = (*procedure.facts, *PERIOD, *may_be_lacking(procedure, procedure.steps[0]))
    return tuple({fact.name: fact for fact in known}.values())


def _refuse_roles(definition: TaskDefinition, roles: TaskRoles, procedure: Procedure, facts: Facts) -> Refusal | None:
    if nobody := vacant(roles, procedure):
        words = "、".join(role_words(role) for role in nobody)
        return Refusal(f"没有单位担任：{words}。请在机构文件的 roles 中写明，再立项")
    holders = facts.get(procedure.handled_by) or roles.of(procedure.handled_by)
    if holders and definition.lead_body not in holders:
        who = role_words(procedure.handled_by)
        return Refusal(f"{definition.lead_body}不是“{procedure.title}”的承办单位：应为{who}（{'、'.join(holders)}）")
    own = of_the_item(roles, procedure, facts)
    for step in procedure.steps:
        if len(own.of(*step.tells)) > MOST_TOLD:
            return Refusal(f"“{step.title}”须告知的单位过多，最多{MOST_TOLD}个，请写其合称")
    return None
