"""Changed rules, bodies and plans reach an item that goes step by step: the step that waits goes on waiting."""

from collections.abc import Mapping
from datetime import date

from duban.supervision.bodies.roles import TaskRoles
from duban.supervision.days.calendar import FARTHEST
from duban.supervision.rules.owed import Duty
from duban.supervision.rules.policy import Policy
from duban.supervision.rules.procedures import FactKind
from duban.supervision.steps.items import of_the_item
from duban.supervision.steps.stating import Facts
from duban.supervision.steps.steps import move_last_day, obligation_of
from duban.supervision.tasks.entries import EntryKind, Explanation, NoticeIntent, NoticeKind
from duban.supervision.tasks.messages import Amend
from duban.supervision.tasks.turn import Refusal, Turn, day_text

INSTEAD: dict[tuple[str, ...], str] = {
    ("milestones", "withdrawn_milestones", "open_ended", "report_cycle", "new_due_on"): (
        "没有节点，请用 step_due_on 调整正在办理的步骤的期限"
    ),
    ("lead_body", "handling_body", "supporting_bodies"): "不在此调整单位，请变更机构信息（starter.py organisation）",
    ("successors", "absorbed"): "不拆分也不合并，请终止本事项，另行立项",
}
"""What of an amendment does not fit an item, and what to do instead."""
OF_THE_ITEM = ("title", "leader", "measures", "deliverable", "deadline_text", "list_kinds", "decided_above")


def adopted_policy(turn: Turn, policy: Policy) -> Policy:
    """Rules that are handed to every task of a plan know no procedure: an item keeps the one by which it goes."""
    if turn.procedure is None or policy.procedure is not None:
        return policy
    return policy.model_copy(update={"procedure": turn.procedure})


def refuse_procedure(turn: Turn, policy: Policy) -> Refusal | None:
    """Why another procedure cannot be gone on by: it does not know the step that waits."""
    run, procedure = turn.state.open_step, policy.procedure
    if turn.procedure is None or procedure is None or run is None or procedure.step(run.step) is not None:
        return None
    return Refusal(f"新的程序中没有正在办理的步骤“{run.words}”（{run.step}）：请先办理该步骤，或在新程序中保留它")


def adopted_roles(turn: Turn, policy: Policy, roles: TaskRoles, facts: Facts) -> TaskRoles:
    """Who is who from now on, the bodies that were stated among them."""
    if turn.procedure is None or policy.procedure is None:
        return roles
    return of_the_item(roles, policy.procedure, facts)


def renamed_facts(turn: Turn, successors: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """What was stated, with the names that its bodies have now."""
    procedure = turn.procedure
    names = {fact.name for fact in procedure.stated if fact.kind is FactKind.BODY} if procedure else set()
    return {
        name: tuple(successors.get(body, body) for body in values) if name in names else values
        for name, values in turn.state.facts.items()
    }


def state_anew(turn: Turn, facts: Facts) -> None:
    """Keep what was stated under the names that its bodies have now."""
    definition, stated = turn.state.definition, turn.state.stated
    turn.update(
        definition=definition.model_copy(update={"facts": {name: facts[name] for name in definition.facts}}),
        stated={name: facts[name] for name in stated},
    )


def refuse_for_items(turn: Turn, message: Amend) -> Refusal | None:
    """Why an amendment does not fit the way in which a task is seen through."""
    if turn.procedure is None:
        if message.step_due_on is None:
            return None
        return Refusal("本任务不按步骤办理，没有步骤的期限可调整：请用 milestones 调整节点")
    for names, instead in INSTEAD.items():
        if any(getattr(message, name) not in (None, (), "") for name in names):
            return Refusal(f"本事项按步骤办理：{instead}")
    return _unfit_day(turn, message)


def amend_step(turn: Turn, message: Amend, day: date) -> None:
    """Another last day for the step that waits; whoever owes it is told."""
    run = turn.state.open_step
    owed = turn.state.obligation(obligation_of(run)) if run is not None else None
    if run is None or owed is None:
        return
    number = turn.state.amendments + 1
    turn.update(amendments=number)
    changes = move_last_day(turn, day, f"期限已改为{day_text(day)}")
    source = f"（依据{message.document}）" if message.document else ""
    was, becomes = day_text(run.due_on), day_text(day)
    text = f"{message.body}将“{run.words}”的期限由{was}改为{becomes}{source}：{message.reason}"
    turn.enter(
        EntryKind.AMENDED,
        text,
        *changes,
        NoticeIntent(
            key=f"amendment/{number}",
            kind=NoticeKind.OTHER,
            subject=f"amendment/{number}",
            recipient=owed.owed_by,
            issuer=message.body,
            issued_at=turn.now,
            deliver_not_before=turn.deliver_from,
            duty=Duty.STEP,
            respond_by=day,
            facts={"what": "step_moved", "title": run.words, "text": text},
            explanation=Explanation(due_on=turn.today, citation=turn.cite("期限调整", turn.regime.authority.source)),
        ),
    )


def _unfit_day(turn: Turn, message: Amend) -> Refusal | None:
    day, run = message.step_due_on, turn.state.open_step
    if day is None:
        return None
    today = turn.calendar.zone.local_date(turn.now)
    if run is None:
        return Refusal("本事项没有正在办理的步骤")
    if any(getattr(message, name) is not None for name in OF_THE_ITEM):
        return Refusal("步骤的期限须单独调整：请分两次送出")
    if day < today:
        return Refusal(f"步骤的新期限{day_text(day)}早于今天：调整不能使单位在事后变成逾期，请写今天或以后的日期")
    if day - today > FARTHEST:
        return Refusal(f"步骤的新期限{day_text(day)}过于遥远，请核对年份")
    if day == run.due_on:
        return Refusal(f"“{run.words}”的现行期限就是{day_text(day)}，无须调整")
    return None
