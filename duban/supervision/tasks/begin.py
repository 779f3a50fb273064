"""How a task comes under supervision: its state as the ledger first holds it."""

from datetime import date, datetime

from duban.supervision.bodies.roles import TaskRoles
from duban.supervision.days.calendar import MINUTES_PER_DAY
from duban.supervision.plans.plan import PlanDefinition, PlannedMilestone, TaskDefinition
from duban.supervision.rules.policy import Policy, digest, encode
from duban.supervision.steps.items import of_the_item, opened
from duban.supervision.steps.steps import register_item
from duban.supervision.tasks.advance import Transition
from duban.supervision.tasks.announcing import announced_on
from duban.supervision.tasks.interim import first_period_end
from duban.supervision.tasks.life import assign, register
from duban.supervision.tasks.limits_by_kind import due_on_of
from duban.supervision.tasks.splitting import pauses_before
from duban.supervision.tasks.state import Milestone, Stage, TaskState
from duban.supervision.tasks.turn import Refusal, Turn

NOON = MINUTES_PER_DAY // 2


def begin(
    definition: TaskDefinition,
    plan: PlanDefinition,
    roles: TaskRoles,
    policy: Policy,
    now: datetime,
    *,
    issued_on: date | None = None,
) -> Transition:
    """Register a task and hand it over.

    Args:
        now: Business moment at which the plan is registered; what fell due before is due on this day.
        issued_on: Local date of the amendment by which the task came; by default the plan's date of issue, or of the
            meeting whose decisions it holds.

    Returns:
        The task's first state, with the entries that register and assign it.

    Raises:
        ValueError: The task goes step by step and cannot be opened so (``items.opened`` says why, beforehand).
    """
    entered_on = policy.calendar.zone.local_date(now)
    if definition.procedure:
        return _begin_item(definition, plan, roles, policy, now)
    state = TaskState(
        definition=definition,
        plan_code=plan.code,
        plan_title=plan.title,
        roles=roles,
        last_at=now,
        entered_on=entered_on,
        policy_digest=digest(encode(policy)),
        suspensions=pauses_before(definition, entered_on),
    )
    state = state.model_copy(update={"milestones": _milestones(state, policy)})
    state = state.model_copy(update={"cycle_ends_on": first_period_end(state, policy, entered_on)})
    turn = Turn(state=state, policy=policy, now=now, at=now)
    register(turn)
    decided_on = plan.meeting.held_on if plan.meeting else plan.issued_on
    assign(turn, issued_on or decided_on, plan.meeting)
    return Transition(state=turn.state, entries=tuple(turn.entries), version=turn.state.version)


def _begin_item(
    definition: TaskDefinition, plan: PlanDefinition, roles: TaskRoles, policy: Policy, now: datetime
) -> Transition:
    """Open an item that goes step by step: no acceptance, no milestones; its first step begins."""
    entered_on = policy.calendar.zone.local_date(now)
    item, procedure = opened(definition, roles, policy, entered_on), policy.procedure
    if isinstance(item, Refusal) or procedure is None:
        raise ValueError(item.reason if isinstance(item, Refusal) else definition.procedure)
    state = TaskState(
        definition=item,
        plan_code=plan.code,
        plan_title=plan.title,
        roles=of_the_item(roles, procedure, item.facts),
        stage=Stage.UNDER_WAY,
        last_at=now,
        entered_on=entered_on,
        policy_digest=digest(encode(policy)),
    )
    turn = Turn(state=state, policy=policy, now=now, at=now)
    register_item(turn, procedure)
    return Transition(state=turn.state, entries=tuple(turn.entries), version=turn.state.version)


def _milestones(state: TaskState, policy: Policy) -> tuple[Milestone, ...]:
    """The last milestone of a task that ends is final: met by the strike-off request only.

    A milestone whose advance notice would have been due before entry is announced by the assignment itself.
    """
    definition = state.definition
    last = 0 if definition.open_ended else max((m.number for m in definition.milestones), default=0)

    def milestone(planned: PlannedMilestone) -> Milestone:
        due_on = due_on_of(planned, definition, policy, state.handed_over_on)
        made = Milestone(
            number=planned.number,
            phrase=planned.phrase,
            kind=planned.kind,
            baseline_on=due_on,
            due_on=due_on,
            final=planned.number == last,
            met_at=policy.calendar.zone.at(planned.met_on, NOON) if planned.met_on else None,
            evidence=planned.evidence,
        )
        announced = announced_on(made, policy) < state.entered_on
        return made.model_copy(update={"announced_for": made.due_on}) if announced else made

    return tuple(milestone(planned) for planned in definition.milestones)
