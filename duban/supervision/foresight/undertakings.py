"""What an office undertakes in a stretch of days: the tasks of a plan, and the items that its rhythms open."""

from collections.abc import Iterator
from datetime import date, datetime
from enum import StrEnum

from duban.supervision.bodies.organisation import Organisation
from duban.supervision.bodies.roles import TaskRoles
from duban.supervision.clauses import Source
from duban.supervision.days.calendar import OfficeCalendar, spread_of
from duban.supervision.model import Frozen
from duban.supervision.plans.plan import PlanDefinition, TaskDefinition
from duban.supervision.registers.coming_round import AtHand, OpenPlan, OpenTask, items_of
from duban.supervision.registers.occurrences import Occurrence, occurrences
from duban.supervision.rules.parts import HANDLING_BODY, LEAD_BODY, SUPERVISING_BODY, SUPPORTING_BODIES
from duban.supervision.rules.policy import Policy
from duban.supervision.rules.procedures import Procedure
from duban.supervision.rules.rhythms import Each, Rhythm
from duban.supervision.rules.rulebook import Rulebook
from duban.supervision.steps.items import of_the_item, opened
from duban.supervision.steps.planned_steps import PlannedStep, planned_steps
from duban.supervision.tasks.turn import Refusal
from duban.supervision.words import role_words


class Side(StrEnum):
    """On which side of supervision something is to be done."""

    SUPERVISING = "supervising"
    SUPERVISED = "supervised"


class Office(Frozen):
    """Whose year it is.

    Attributes:
        supervising_body: Who supervises where neither plan nor procedure says otherwise.
    """

    rulebook: Rulebook
    organisation: Organisation
    calendar: OfficeCalendar
    supervising_body: str


class ForeseenItem(Frozen):
    """An item that a rhythm opens.

    Attributes:
        rhythm, procedure: Their keys.
        period: Key of its period.
        opens_on: Local day.
        steps: The steps as they follow each other where each is taken on its last day.
        source, assumed: What demands it, and what that leaves open.
    """

    task_code: str
    title: str
    rhythm: str
    procedure: str
    period: str
    period_from: date
    period_to: date
    opens_on: date
    owed_by: str
    supervising_body: str
    side: Side
    concerns: tuple[str, ...] = ()
    steps: tuple[PlannedStep, ...] = ()
    source: Source
    assumed: str = ""
    provisional: bool = False


class LeftOut(Frozen):
    """What could not be rehearsed, and why."""

    title: str
    reason: str


class Undertaken(Frozen):
    """A task or an item with all by which it lives."""

    definition: TaskDefinition
    plan: PlanDefinition
    roles: TaskRoles
    policy: Policy
    at: datetime
    rhythm: str = ""
    period: str = ""

    def side_of(self, body: str) -> Side:
        """A body that has an item of its own as an office supervises; one that works on a task does not."""
        own = {LEAD_BODY, HANDLING_BODY, SUPPORTING_BODIES}
        held = set(self.roles.held_by(body))
        at_work = not held - own if self.definition.procedure else bool(held & own)
        return Side.SUPERVISED if at_work else Side.SUPERVISING


def of_plan(office: Office, plan: PlanDefinition | None, issued_at: datetime | None) -> Iterator[Undertaken]:
    """The tasks of a plan."""
    if plan is None or issued_at is None:
        return
    regime = office.rulebook.regime
    policy = Policy(regime=regime, calendar=office.calendar)
    supervising = office.organisation.supervising_body(plan.supervising_body, regime)
    for task in plan.tasks:
        roles = office.organisation.roles_for(task, supervising, regime, watcher=plan.watcher)
        yield Undertaken(definition=task, plan=plan, roles=roles, policy=policy, at=issued_at)


def coming(
    office: Office, first_on: date, last_on: date, plan: PlanDefinition | None
) -> tuple[list[tuple[ForeseenItem, Undertaken]], tuple[LeftOut, ...]]:
    """The items of all rhythms, in the order in which they are opened, and what cannot be opened."""
    found: list[tuple[ForeseenItem, Undertaken]] = []
    left_out: dict[LeftOut, None] = {}
    for key, rhythm in office.rulebook.rhythms.items():
        if reason := _why_not(office, rhythm, plan):
            left_out[LeftOut(title=rhythm.title, reason=reason)] = None
            continue
        procedure = office.rulebook.procedures[rhythm.procedure]
        policy = Policy(regime=office.rulebook.regime, calendar=office.calendar, procedure=procedure)
        for occurrence in occurrences(rhythm, first_on, last_on, office.calendar, spread_of(key)):
            at_hand = _at_hand(office, plan, occurrence)
            scope = office.rulebook.evaluation
            for definition in items_of(key, rhythm, procedure, occurrence, at_hand, scope=scope):
                item = _item(office, policy, procedure, definition, occurrence)
                if isinstance(item, Refusal):
                    left_out[LeftOut(title=rhythm.title, reason=item.reason)] = None
                    continue
                begun = item.model_copy(update={"rhythm": key})
                found.append((_shown(office, rhythm, begun, occurrence), begun))
    return sorted(found, key=lambda pair: (pair[0].opens_on, pair[0].task_code)), tuple(left_out)


def _why_not(office: Office, rhythm: Rhythm, plan: PlanDefinition | None) -> str:
    if rhythm.each is not None and plan is None:
        each = {Each.LEAD_BODY: "牵头单位", Each.TASK: "任务", Each.PLAN: "方案"}[rhythm.each]
        return f"逐{each}开展，给出方案文件才能演练"
    if rhythm.owed_by is not None and rhythm.owed_by not in _offices(office):
        return f"没有指明哪个单位担任“{role_words(rhythm.owed_by)}”（机构文件 roles 的 {rhythm.owed_by}）"
    return ""


def _offices(office: Office) -> dict[str, tuple[str, ...]]:
    held = office.organisation.offices(office.rulebook.regime)
    return {**{role: bodies for role, bodies in held.items() if bodies}, SUPERVISING_BODY: (office.supervising_body,)}


def _at_hand(office: Office, plan: PlanDefinition | None, occurrence: Occurrence) -> AtHand:
    """A plan is at hand from its day of issue; where nobody acts all its tasks stay open."""
    if plan is None or plan.issued_on > occurrence.opens_on:
        return AtHand(offices=_offices(office))
    tasks = (
        OpenTask(code=task.code, title=task.title, lead_body=task.lead_body, handling_body=task.handling_body)
        for task in plan.tasks
    )
    whole = OpenPlan(
        code=plan.code,
        title=plan.title,
        issued_on=plan.issued_on,
        supervising_body=plan.supervising_body,
        adopted_by=plan.adopted_by,
        docks=plan.docks,
    )
    return AtHand(offices=_offices(office), tasks=tuple(tasks), plans=(whole,))


def _item(
    office: Office, policy: Policy, procedure: Procedure, definition: TaskDefinition, occurrence: Occurrence
) -> Undertaken | Refusal:
    roles = office.organisation.roles_for(definition, office.supervising_body, policy.regime)
    item = opened(definition, roles, policy, occurrence.opens_on)
    if isinstance(item, Refusal):
        return item
    return Undertaken(
        definition=item,
        plan=PlanDefinition(code="", title="", issued_on=occurrence.opens_on, regime=policy.regime.name),
        roles=of_the_item(roles, procedure, item.facts),
        policy=policy,
        at=occurrence.opens_at,
        period=occurrence.key,
    )


def _shown(office: Office, rhythm: Rhythm, begun: Undertaken, occurrence: Occurrence) -> ForeseenItem:
    definition, span = begun.definition, occurrence.span
    return ForeseenItem(
        task_code=definition.code,
        title=definition.title,
        rhythm=begun.rhythm,
        procedure=definition.procedure,
        period=span.key,
        period_from=span.first_on,
        period_to=span.last_on,
        opens_on=occurrence.opens_on,
        owed_by=definition.handled_by,
        supervising_body=begun.roles.first(SUPERVISING_BODY),
        side=begun.side_of(definition.handled_by),
        concerns=definition.concerns,
        steps=planned_steps(definition, begun.roles, begun.policy, _told_on(office, begun)),
        source=rhythm.source,
        assumed=rhythm.assumed,
        provisional=office.calendar.is_provisional(occurrence.opens_on),
    )


def _told_on(office: Office, begun: Undertaken) -> date:
    """The local day on which whoever owes the first step learns of it."""
    calendar = office.calendar
    return calendar.zone.local_date(calendar.office_moment_from(begun.at, spread_of(begun.definition.code)))
