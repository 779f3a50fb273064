"""Draws up the order that brings other rules to all that runs by some, and says beforehand what each task would do.

Who holds an office follows the file that a plan was issued with: where a task has the body that followed from the old
rules it gets the one that follows from the new ones; what an organisation file has brought since stays.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from duban.changes.organisation_order import Ordering
from duban.changes.reorganising import OF_THE_TASK, PlanOffices, offices_by, offices_issued_with
from duban.changes.running import RunningPlan
from duban.contracts import StoredPlan, TaskInput
from duban.ledger import Ledger
from duban.ledger.columns import canonical_json
from duban.orders import ID_LENGTH, ChangeOrder, OrderItem, OrderKind, TargetKind
from duban.supervision.authority import Act
from duban.supervision.changed_rules import RuleDifference, difference, procedure_under
from duban.supervision.messages import Adopt
from duban.supervision.parts import LEAD_BODY, SUPERIOR_BODY, SUPERVISING_BODY, Role
from duban.supervision.policy import Policy, digest, encode
from duban.supervision.regime import Regime
from duban.supervision.roles import TaskRoles
from duban.supervision.rulebook import Rulebook

NewRules = Callable[[TaskInput], Rulebook | None]
"""The rules that a task is to live by; None where it is not concerned."""

OTHER_ZONE = "新旧制度的时区不同，已下发的任务不能在办理中改换时区"


@dataclass(frozen=True)
class ChangedTask:
    """A task that is to live by other rules.

    Attributes:
        message: What it is told.
        difference: What it would do differently.
    """

    message: Adopt
    difference: RuleDifference


@dataclass(frozen=True)
class ChangedRules:
    """What other rules change.

    Attributes:
        plans: Plans whose offices follow from the rules, with who was who and who is.
        unknown: Tasks of which the ledger does not know by what they live.
        already: How many tasks live by these rules already.
    """

    tasks: tuple[ChangedTask, ...]
    plans: Mapping[str, tuple[PlanOffices, PlanOffices]]
    unknown: tuple[str, ...]
    already: int

    @property
    def refusals(self) -> dict[str, str]:
        """Why tasks would refuse, by their codes."""
        return {t.difference.task_code: t.difference.refused for t in self.tasks if t.difference.refused}


def changed_rules(
    ledger: Ledger, running: Sequence[RunningPlan], new_rules: NewRules, ordering: Ordering, now: datetime
) -> ChangedRules:
    """Compare what each task lives by with what it is to live by.

    Args:
        now: Real moment.
    """
    tasks: list[ChangedTask] = []
    plans: dict[str, tuple[PlanOffices, PlanOffices]] = {}
    already = 0
    compiled: dict[tuple[str, str], Policy] = {}
    for plan in running:
        for task in plan.tasks:
            rules = new_rules(task)
            if rules is None:
                continue
            policy, kept = _policy(compiled, task, rules)
            if policy == task.policy:
                already += 1
                continue
            tasks.append(_changed(plan, task, policy, kept, ordering, now))
            if plan.row.code not in plans:
                plans[plan.row.code] = _offices(ledger, plan, task.policy.regime, policy.regime)
    return ChangedRules(
        tasks=tuple(tasks),
        plans={code: pair for code, pair in plans.items() if pair[0] != pair[1]},
        unknown=tuple(code for plan in running for code in plan.unknown),
        already=already,
    )


def _policy(compiled: dict[tuple[str, str], Policy], task: TaskInput, rules: Rulebook) -> tuple[Policy, str]:
    """One value for all tasks that lived by the same rules: it stands in the order once; and why a procedure stays."""
    procedure, kept = procedure_under(task.state, task.policy, rules.procedures)
    key = (f"{task.state.policy_digest}/{kept}", digest(rules.model_dump_json()))
    if key not in compiled:
        compiled[key] = Policy(regime=rules.regime, calendar=task.policy.calendar, procedure=procedure)
    return compiled[key], kept


def _changed(
    plan: RunningPlan, task: TaskInput, policy: Policy, kept: str, ordering: Ordering, now: datetime
) -> ChangedTask:
    moment = task.clock.business(now)
    roles = roles_under(task.state.roles, plan.stored, task.policy.regime, policy.regime)
    told = Adopt(
        body=ordering.body,
        person=ordering.person,
        reason=ordering.reason,
        policy=policy,
        instead_of=task.state.policy_digest,
        roles=roles if roles != task.state.roles else None,
        successors={} if roles != task.state.roles else None,
        occurred_at=moment,
    )
    if policy.regime.zone != task.policy.regime.zone:
        found = RuleDifference(task_code=task.state.code, plan_code=plan.row.code, refused=OTHER_ZONE)
    else:
        found = difference(task.state, task.policy, told, moment)
    return ChangedTask(message=told, difference=found.model_copy(update={"keeps_procedure": kept}))


def roles_under(before: TaskRoles, plan: StoredPlan, old: Regime, new: Regime) -> TaskRoles:
    """Who is who towards a task by other rules."""
    organisation = plan.organisation
    was, follows = organisation.offices(old), organisation.offices(new)
    bodies: dict[Role, tuple[str, ...]] = {}
    for role, held in before.bodies.items():
        if role in OF_THE_TASK or held != was.get(role):
            bodies[role] = held
        elif role in follows:
            bodies[role] = follows[role]
    bodies |= {role: held for role, held in follows.items() if role not in bodies and role not in OF_THE_TASK}
    follows_from_the_rules = not plan.definition.supervising_body
    if follows_from_the_rules and before.of(SUPERVISING_BODY) == (organisation.supervising_body("", old),):
        bodies[SUPERVISING_BODY] = (organisation.supervising_body("", new),)
    if SUPERIOR_BODY in new.roles_needed and not bodies.get(SUPERIOR_BODY):
        superior = organisation.superior_of(before.first(LEAD_BODY)) or bodies[SUPERVISING_BODY][0]
        bodies[SUPERIOR_BODY] = (superior,)
    named = dict.fromkeys(body for held in bodies.values() for body in held)
    stated = {body: speakers for body in named if (speakers := organisation.persons_of(body))}
    persons = {body: speakers for body, speakers in {**stated, **before.persons}.items() if body in named}
    heads = {body: head for body, head in before.heads.items() if body in named}
    return TaskRoles(bodies=bodies, persons=persons, heads=heads)


def _offices(ledger: Ledger, plan: RunningPlan, old: Regime, new: Regime) -> tuple[PlanOffices, PlanOffices]:
    told = ledger.orders.told_last(plan.row.code, Act.ADOPT.value)
    names = {name: told[name] for name in PlanOffices.model_fields} if told else None
    before = PlanOffices.model_validate(names) if names else offices_issued_with(plan.stored)
    was, follows = offices_by(plan.stored.organisation, old), offices_by(plan.stored.organisation, new)
    if before.leading_group != was.leading_group:
        follows = follows.model_copy(update={"leading_group": before.leading_group, "persons": before.persons})
    if before.reform_office != was.reform_office:
        follows = follows.model_copy(update={"reform_office": before.reform_office})
    return before, follows


def regime_order(found: ChangedRules, ordering: Ordering, now: datetime, following: str = "") -> ChangeOrder:
    """The order that carries it out; rules and offices stand in it once.

    Args:
        now: Real moment.
        following: The last order of this kind of which something has been done: to go from one file to another, back
            and there again is no repetition.
    """
    parts: dict[str, dict[str, JsonValue]] = {}
    names: dict[tuple[int, str], str] = {}
    items = [_plan_item(code, *offices) for code, offices in found.plans.items()]
    for task in found.tasks:
        own = list(_parts(task.message, names, parts))
        items.append(
            OrderItem(
                target=task.difference.task_code,
                plan_code=task.difference.plan_code,
                act=Act.ADOPT.value,
                parts=tuple(own),
            )
        )
    return ChangeOrder(
        kind=OrderKind.REGIME,
        title=ordering.title,
        reason=ordering.reason,
        body=ordering.body,
        person=ordering.person,
        basis=_name(canonical_json([following, {t.difference.task_code: t.message.instead_of for t in found.tasks}])),
        parts=parts,
        items=tuple(items),
        ordered_at=now,
        ordered_at_real=now,
    )


def _parts(told: Adopt, names: dict[tuple[int, str], str], parts: dict[str, dict[str, JsonValue]]) -> Iterator[str]:
    key = (id(told.policy), told.instead_of)
    if key not in names and told.policy is not None:
        text = encode(told.policy)
        names[key] = _name(f"{text}{told.instead_of}")
        parts[names[key]] = {"policy": text, "instead_of": told.instead_of}
    yield names[key]
    if told.roles is not None:
        part: dict[str, JsonValue] = {"roles": told.roles.model_dump(mode="json"), "successors": {}}
        name = _name(canonical_json(part))
        parts[name] = part
        yield name


def _plan_item(code: str, before: PlanOffices, after: PlanOffices) -> OrderItem:
    fields: dict[str, JsonValue] = {**after.model_dump(mode="json"), "body": before.reform_office}
    return OrderItem(target=code, target_kind=TargetKind.PLAN, plan_code=code, act=Act.ADOPT.value, fields=fields)


def _name(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:ID_LENGTH]
