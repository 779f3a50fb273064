"""A plan goes on under an amended content: who may say so, and when.

Whoever may amend a task may amend its plan (``Authority``, (A)).
"""

from duban.supervision.bodies.organisation import Organisation
from duban.supervision.model import Frozen
from duban.supervision.plans.plan import PlanDefinition
from duban.supervision.rules.authority import Act
from duban.supervision.rules.parts import SUPERVISING_BODY
from duban.supervision.rules.policy import Policy
from duban.supervision.tasks.messages import Message, Reference, Stated
from duban.supervision.tasks.turn import Refusal


class PlanAmending(Message):
    """The plan has been amended.

    Attributes:
        digest: Of the amended plan, which the ledger has.
    """

    digest: Reference
    reason: Stated
    document: Reference = ""


class AmendablePlan(Frozen):
    """What decides whether a plan may be amended.

    Attributes:
        is_registered: It is in the ledger.
        is_closing: Its closing has been decided.
        amenders: Who may, each with the persons who may speak for it; empty: anyone.
    """

    is_registered: bool
    is_closing: bool
    amenders: dict[str, tuple[str, ...]]


def amenders_of(plan: PlanDefinition, organisation: Organisation, policy: Policy) -> dict[str, tuple[str, ...]]:
    """The bodies that may amend a plan, with the persons who may speak for them."""
    offices = organisation.offices(policy.regime)
    supervising = organisation.supervising_body(plan.supervising_body, policy.regime)
    held = {**offices, SUPERVISING_BODY: (supervising,)}
    bodies = dict.fromkeys(body for role in policy.regime.authority.of(Act.AMEND) for body in held.get(role, ()))
    persons = {body.name: tuple(person.name for person in body.persons) for body in organisation.bodies}
    return {body: persons.get(body, ()) for body in bodies}


def refuse_amending(plan: AmendablePlan, message: PlanAmending) -> Refusal | None:
    """Why a plan may not be amended by this message; None where it may."""
    if not plan.is_registered:
        return Refusal("方案正在登记，请稍后再调整")
    if plan.is_closing:
        return Refusal("方案已销账，不能再调整；新的任务请另行下发方案")
    if message.body not in plan.amenders:
        return Refusal(f"方案调整由{'、'.join(plan.amenders)}决定，{message.body}无权决定")
    persons = plan.amenders[message.body]
    if persons and message.person not in persons:
        return Refusal(f"{message.person}不在{message.body}的人员名单中")
    return None
