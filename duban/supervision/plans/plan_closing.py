"""A plan is closed before the leading group (销账), when all its items are done (Sichuan 2016 S4, Chengdu 2016 C5).

Kunming 2016 names no body for it: there too the leading group decides (A). Who that is may change while the plan runs:
the reform office says so, as it does to the tasks.
"""

from pydantic import Field

from duban.supervision.model import Frozen
from duban.supervision.tasks.messages import Line, Message, Name, Reference, Stated
from duban.supervision.tasks.turn import Refusal


class PlanClosing(Message):
    """The leading group closes a plan before it.

    Attributes:
        item: Code of the item by which that was decided, where there is one.
    """

    reason: Line = ""
    item: Reference = ""


class PlanAdoption(Message):
    """Who is who towards a plan from now on.

    Attributes:
        persons: Who may speak for the leading group; empty: anyone.
        digest: Of a content under other rules, which the ledger has: by them the tasks begin that come with a later
            amendment. Empty where the rules stay.
    """

    reason: Stated
    leading_group: Name
    reform_office: Name
    persons: tuple[Name, ...] = Field(default=(), max_length=200)
    digest: Reference = ""


class OpenPlan(Frozen):
    """What decides whether a plan may be closed.

    Attributes:
        in_strike_off: No task of it is open, and it has been brought before the leading group.
        waits_for: What it waits for, in words, for the refusal.
        leading_group: Who closes it; empty while the plan is being registered.
        persons: Who may speak for the leading group; empty: anyone.
        reform_office: Who says who is who; empty while the plan is being registered.
        decided: Its closing has been decided already.
    """

    in_strike_off: bool
    waits_for: str
    leading_group: str = ""
    persons: tuple[str, ...] = ()
    reform_office: str = ""
    decided: bool = False


def refuse_closing(plan: OpenPlan, decision: PlanClosing) -> Refusal | None:
    """Why a plan may not be closed by this decision; None where it may."""
    if not plan.in_strike_off:
        return Refusal(f"方案{plan.waits_for}，不能销账")
    if plan.decided:
        return Refusal("方案已决定销账，无须重复决定")
    if decision.body != plan.leading_group:
        return Refusal(f"方案销账由{plan.leading_group}决定，{decision.body}无权决定")
    if plan.persons and decision.person not in plan.persons:
        return Refusal(f"{decision.person}不在{decision.body}的人员名单中")
    return None


def refuse_adopting(plan: OpenPlan, message: PlanAdoption) -> Refusal | None:
    """Why this change does not reach a plan; None where it does."""
    if not plan.reform_office:
        return Refusal("方案正在登记，请稍后再试")
    if plan.decided:
        return Refusal("方案已决定销账，不再变更")
    if message.body != plan.reform_office:
        return Refusal(f"方案的机构人员由{plan.reform_office}变更，{message.body}无权变更")
    return None
