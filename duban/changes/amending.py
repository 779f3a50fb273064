"""From what a new plan file says differently to the order that brings it to the tasks, and what that sets off. Pure."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from pydantic import JsonValue

from duban.changes.comparing import AmendmentKind, Comparison, NodeDifference, TaskDifference
from duban.changes.telling import AMEND_PLAN
from duban.contracts import StoredPlan, TaskInput
from duban.orders import ChangeOrder, OrderItem, OrderKind, TargetKind
from duban.supervision.bodies.organisation import Organisation
from duban.supervision.bodies.roles import MOST_BODIES
from duban.supervision.model import Frozen
from duban.supervision.plans.plan import TaskDefinition
from duban.supervision.rules.authority import Act
from duban.supervision.rules.parts import PersonRole
from duban.supervision.rules.policy import Policy
from duban.supervision.tasks.advance import Tick, Transition, advance
from duban.supervision.tasks.begin import begin
from duban.supervision.tasks.door import refuse_excess
from duban.supervision.tasks.entries import ReminderChange
from duban.supervision.tasks.granting import roles_that_may
from duban.supervision.tasks.messages import AnyMessage
from duban.supervision.tasks.moments import next_moment
from duban.supervision.tasks.reading import read_message
from duban.supervision.tasks.splitting import origin_of
from duban.supervision.tasks.state import RungStatus, TaskState
from duban.supervision.tasks.turn import Refusal

FORESEEN_FOR = timedelta(days=400)
PROPOSED_OR_GIVEN = (RungStatus.ISSUED, RungStatus.AWAITING_APPROVAL)
SOMEBODY, ADJUSTED = "经办人", "方案调整"
"""Stand for who decides and why, where only a look is taken."""
ENDING = (AmendmentKind.WITHDRAWN, AmendmentKind.SPLIT, AmendmentKind.MERGED)


class NextReminder(Frozen):
    """The next reminder if nobody reports.

    Attributes:
        due_on: Local date on which it becomes due.
    """

    level: str
    due_on: date


class Decision(Frozen):
    """Who has decided on an amendment, why, and on which paper."""

    body: str
    person: str
    reason: str
    document: str = ""

    @property
    def grounds(self) -> str:
        """Reason and paper, for messages that have no place of their own for the paper."""
        reason = self.reason or ADJUSTED
        return f"{reason}（依据{self.document}）" if self.document else reason


class ForeseenDifference(TaskDifference):
    """A difference with what it sets off.

    Attributes:
        next_reminder_before, next_reminder_after: If nobody reports, within the next year; None where there is none.
    """

    next_reminder_before: NextReminder | None = None
    next_reminder_after: NextReminder | None = None


def order_of(
    amended: StoredPlan, digest: str, comparison: Comparison, decision: Decision, ordered_at: datetime, real: datetime
) -> ChangeOrder:
    """The order that carries an amendment out: the plan first, then what goes on, last what ends.

    Args:
        digest: Under which the amended plan is stored.
        ordered_at, real: Business and real moment.
    """
    rows = {task.code: task for task in amended.definition.tasks}
    plan_code = amended.definition.code
    told = sorted(
        (d for d in comparison.differences if d.kind is not AmendmentKind.NEW), key=lambda d: d.kind in ENDING
    )
    document: dict[str, JsonValue] = {"document": decision.document} if decision.document else {}
    plan = OrderItem(
        target=plan_code,
        target_kind=TargetKind.PLAN,
        plan_code=plan_code,
        act=AMEND_PLAN,
        fields={"digest": digest, **document},
    )
    items = (
        OrderItem(target=d.code, plan_code=plan_code, act=act.value, fields=fields)
        for d in told
        for act, fields in (message_of(d, rows.get(d.code), amended.organisation, decision),)
    )
    return ChangeOrder(
        kind=OrderKind.AMENDMENT,
        title=f"方案 {plan_code} 调整",
        reason=decision.reason,
        body=decision.body,
        person=decision.person,
        basis=digest,
        items=(plan, *items),
        ordered_at=ordered_at,
        ordered_at_real=real,
    )


def message_of(
    difference: TaskDifference, row: TaskDefinition | None, organisation: Organisation, decision: Decision
) -> tuple[Act, dict[str, JsonValue]]:
    """What a task is told: the act, and its fields beside who says it and when."""
    if difference.kind in ENDING or row is None:
        fields: dict[str, Any] = {"reason": decision.grounds}
        return Act.TERMINATE, _stated(fields, successors=list(difference.successors))
    changed = {each.field for each in difference.fields}
    if "lead_body" in changed:  # where the lead body does the work itself, the file says so, or names who does
        changed.add("handling_body")
    fields = {name: _plain(getattr(row, name)) for name in sorted(changed)}
    return Act.AMEND, _stated(
        fields,
        document=decision.document,
        milestones=[_node(n) for n in difference.milestones if n.new_on is not None],
        withdrawn_milestones=[n.number for n in difference.milestones if n.new_on is None],
        persons=_persons(row, changed, organisation),
        heads=_heads(row, changed, organisation),
        tiers=_tiers(row, changed, organisation),
        deputies=_deputies(row, changed, organisation),
        places=_places(row, changed, organisation),
        successors=list(difference.successors),
        absorbed=list(difference.absorbed),
    )


def foresee_all(
    amended: StoredPlan,
    comparison: Comparison,
    standing: Mapping[str, TaskInput],
    decision: Decision,
    now: datetime,
) -> tuple[tuple[ForeseenDifference, ...], tuple[str, ...]]:
    """What each difference sets off, and what the tasks would refuse.

    Args:
        standing: What the tasks that differ know, and the rules they run by.
        decision: Where it names nobody, whoever may decide on a task is taken to have decided.
        now: Business moment.
    """
    rows = {task.code: task for task in amended.definition.tasks}
    foreseen: list[ForeseenDifference] = []
    refused: list[str] = []
    for difference in comparison.differences:
        before, after = None, None
        if difference.kind is AmendmentKind.NEW:
            after = _of_new(rows[difference.code], amended, standing, now)
        elif (given := standing.get(difference.code)) is not None:
            act, fields = message_of(difference, rows.get(difference.code), amended.organisation, decision)
            done = _tried(given, act, fields, decision, now)
            before = next_reminder(given.state, given.policy, now)
            if isinstance(done, Refusal):
                refused.append(f"{difference.code}：{done.reason}")
            else:
                after = next_reminder(done.state, done.policy or given.policy, now)
        foreseen.append(ForeseenDifference(**dict(difference), next_reminder_before=before, next_reminder_after=after))
    return tuple(foreseen), tuple(refused)


def next_reminder(state: TaskState, policy: Policy, now: datetime) -> NextReminder | None:
    """The next reminder that is given or proposed if nobody reports, within the next year."""
    until = now + FORESEEN_FOR
    while (moment := next_moment(state, policy)) is not None and moment.at <= until:
        passed = advance(state, Tick(), policy, max(moment.at, now))
        if not isinstance(passed, Transition) or not passed.entries:
            return None
        for entry in passed.entries:
            for change in entry.changes:
                if isinstance(change, ReminderChange) and change.status in PROPOSED_OR_GIVEN:
                    return NextReminder(level=change.level, due_on=change.due_on)
        state = passed.state
    return None


def _of_new(
    row: TaskDefinition, amended: StoredPlan, standing: Mapping[str, TaskInput], now: datetime
) -> NextReminder | None:
    if (origin := standing.get(row.split_from)) is not None:
        row = row.model_copy(update={"origin": origin_of(origin.state, row, now)})
    regime = amended.policy.regime
    supervising = amended.organisation.supervising_body(amended.definition.supervising_body, regime)
    roles = amended.organisation.roles_for(row, supervising, regime, watcher=amended.definition.watcher)
    begun = begin(row, amended.definition, roles, amended.policy, now)
    return next_reminder(begun.state, amended.policy, now)


def _tried(
    given: TaskInput, act: Act, fields: Mapping[str, JsonValue], decision: Decision, now: datetime
) -> Transition | Refusal:
    roles = given.state.roles
    body = decision.body or next(iter(roles.of(*roles_that_may(given.state, act, given.policy))), "")
    person = decision.person or next(iter(roles.persons.get(body, ())), SOMEBODY)
    said = {"body": body, "person": person, **fields, "reason": fields.get("reason") or decision.reason or ADJUSTED}
    message: AnyMessage | Refusal = read_message(act, {**said, "occurred_at": now.isoformat()})
    if isinstance(message, Refusal):
        return message
    return refuse_excess(message) or advance(given.state, message, given.policy, now)


def _node(difference: NodeDifference) -> dict[str, JsonValue]:
    day = difference.new_on.isoformat() if difference.new_on else None
    if difference.number is None:
        return {"due_on": day, "phrase": difference.phrase, "kind": difference.kind.value}
    told: dict[str, JsonValue] = {"number": difference.number}
    if difference.new_on != difference.old_on:
        told["due_on"] = day
    if difference.new_phrase != difference.phrase:
        told["phrase"] = difference.new_phrase
    return {**told, "kind": difference.kind.value}


def _persons(row: TaskDefinition, changed: set[str], organisation: Organisation) -> dict[str, list[str]]:
    named = _named(row, changed)
    return {b.name: [p.name for p in b.persons] for b in organisation.bodies if b.name in named and b.persons}


def _heads(row: TaskDefinition, changed: set[str], organisation: Organisation) -> dict[str, str]:
    named = _named(row, changed)
    return {
        body.name: person.name
        for body in organisation.bodies
        for person in body.persons
        if body.name in named and person.role is PersonRole.HEAD
    }


def _tiers(row: TaskDefinition, changed: set[str], organisation: Organisation) -> dict[str, int]:
    named = _named(row, changed)
    return {b.name: b.tier for b in organisation.bodies if b.name in named and b.tier != MOST_BODIES}


def _deputies(row: TaskDefinition, changed: set[str], organisation: Organisation) -> dict[str, JsonValue]:
    named = _named(row, changed)
    return {
        body.name: [deputy.model_dump(mode="json") for deputy in body.deputies]
        for body in organisation.bodies
        if body.name in named and body.deputies
    }


def _places(row: TaskDefinition, changed: set[str], organisation: Organisation) -> dict[str, dict[str, str]]:
    named = _named(row, changed)
    return {
        body.name: {person: place.value for person, place in body.places.items()}
        for body in organisation.bodies
        if body.name in named and body.places
    }


def _named(row: TaskDefinition, changed: set[str]) -> set[str]:
    """Bodies that may be new to the task; those in supporting roles are spoken for as in the organisation file too."""
    named: set[str] = set()
    if changed & {"lead_body", "handling_body"}:
        named |= {row.lead_body, row.handled_by}
    if "supporting_bodies" in changed:
        named |= set(row.supporting_bodies)
    return named


def _stated(fields: dict[str, Any], **more: Any) -> dict[str, JsonValue]:
    return {**fields, **{name: value for name, value in more.items() if value}}


def _plain(value: object) -> JsonValue:
    match value:
        case tuple():
            return [_plain(part) for part in value]
        case None | bool() | int():
            return value
        case _:
            return str(value)
