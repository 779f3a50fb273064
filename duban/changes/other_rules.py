"""What other rules change in all that runs by some: in tasks, in plans, in registers, as each would say itself.

Who holds an office follows the file that a plan was issued with: where a task has the body that followed from the old
rules it gets the one that follows from the new ones; what an organisation file has brought since stays.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any, Protocol

from duban.changes.organisation_order import Ordering
from duban.changes.reorganising import OF_THE_TASK, PlanOffices, offices_by
from duban.changes.running import RunningPlan, content_of
from duban.contracts import StoredPlan, TaskInput
from duban.ledger import Ledger
from duban.ledger.plans.plans import PlanRow
from duban.open_registers import coming_of, open_register, rules_of
from duban.supervision.bodies.organisation import Organisation
from duban.supervision.bodies.roles import MOST_BODIES, TaskRoles
from duban.supervision.changes.changed_registers import RegisterAtHand, register_difference
from duban.supervision.changes.changed_rules import RuleDifference, changed_procedures, difference, procedure_under
from duban.supervision.days.calendar import spread_of
from duban.supervision.registers.registers import unfilled_roles
from duban.supervision.rules.authority import Act, Authority
from duban.supervision.rules.parts import LEAD_BODY, SUPERIOR_BODY, SUPERVISING_BODY, Role
from duban.supervision.rules.policy import Policy
from duban.supervision.rules.procedures import Procedure
from duban.supervision.rules.regime import Regime
from duban.supervision.rules.rulebook import Rulebook
from duban.supervision.tasks.granting import roles_that_may
from duban.supervision.tasks.messages import Adopt
from duban.supervision.words import role_words

SOMEBODY = "经办人"
"""Stands for who orders, where only a look is taken."""
OTHER_ZONE = "新旧制度的时区不同，已下发的任务不能在办理中改换时区"


@dataclass(frozen=True)
class TaskRules:
    """The rules of tasks, and the procedures of those that go step by step."""

    regime: Regime
    procedures: Mapping[str, Procedure]


class NewRules(Protocol):
    """Which rules are to take the place of which; None where something is not concerned."""

    def of_task(self, task: TaskInput, /) -> TaskRules | None:
        """By which a task is to live; the same value for all for which it is the same."""

    def of_plan(self, plan: PlanRow, content: StoredPlan, /) -> Regime | None:
        """By which the tasks of a plan are to begin, or by which rulebook the items of a register."""


@dataclass(frozen=True)
class InsteadOf:
    """Whatever lives by a regime of this name, in whatever edition, gets the rules."""

    name: str
    rules: Rulebook

    def of_task(self, task: TaskInput) -> TaskRules | None:
        """As of ``NewRules``."""
        return self._of_tasks if task.policy.regime.name == self.name else None

    @cached_property
    def _of_tasks(self) -> TaskRules:
        return TaskRules(self.rules.regime, self.rules.procedures)

    def of_plan(self, _: PlanRow, content: StoredPlan) -> Regime | None:
        """As of ``NewRules``."""
        return self.rules if content.policy.regime.name == self.name else None


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
class ChangedPlan:
    """A plan or register under which other rules hold from now on.

    Attributes:
        before, after: Who is who.
        instead_of: Digest of the content that it goes by now.
        content: What it is to go by; None where only the offices change.
        difference: Of a register: what it would do differently.
        refused: Why it cannot.
    """

    before: PlanOffices
    after: PlanOffices
    instead_of: str
    content: StoredPlan | None
    difference: RuleDifference | None = None
    refused: str = ""


@dataclass(frozen=True)
class ChangedRules:
    """What other rules change.

    Attributes:
        plans: Plans whose offices or rules change, and registers, by code.
        unknown: Tasks of which the ledger does not know by what they live.
        already: How many tasks live by these rules already.
    """

    tasks: tuple[ChangedTask, ...]
    plans: Mapping[str, ChangedPlan]
    unknown: tuple[str, ...]
    already: int

    @property
    def refusals(self) -> dict[str, str]:
        """Why tasks, plans and registers would refuse, by their codes."""
        of_plans = {code: each.refused for code, each in self.plans.items() if each.refused}
        return of_plans | {t.difference.task_code: t.difference.refused for t in self.tasks if t.difference.refused}

    @property
    def differences(self) -> tuple[RuleDifference, ...]:
        """What would be done differently: the registers, then the tasks."""
        of_registers = [each.difference for each in self.plans.values() if each.difference is not None]
        return (*of_registers, *(task.difference for task in self.tasks))

    @property
    def is_empty(self) -> bool:
        """Whether nothing is to be told to anybody."""
        return not self.tasks and not self.plans


def changed_rules(
    ledger: Ledger, running: Sequence[RunningPlan], new_rules: NewRules, ordering: Ordering, now: datetime
) -> ChangedRules:
    """Compare what each task lives by with what it is to live by.

    Args:
        ordering: Where it names nobody, whoever may order it is taken to have ordered it.
        now: Real moment.
    """
    tasks: list[ChangedTask] = []
    plans: dict[str, ChangedPlan] = {}
    already = 0
    compiled: dict[tuple[str, str, int], Policy] = {}
    for plan in running:
        if (own := _changed_plan(ledger, plan, new_rules, now)) is not None:
            plans[plan.row.code] = own
        for task in plan.tasks:
            rules = new_rules.of_task(task)
            if rules is None:
                continue
            policy, kept = _policy(compiled, task, rules)
            if policy == task.policy:
                already += 1
                continue
            tasks.append(_changed(plan, task, policy, kept, ordering, now))
            if plan.row.code not in plans and not plan.row.is_register:
                before, after = _offices(ledger, plan, plan.stored, task.policy.regime, policy.regime)
                if before != after:
                    plans[plan.row.code] = ChangedPlan(before, after, instead_of="", content=None)
    return ChangedRules(
        tasks=tuple(tasks),
        plans=plans,
        unknown=tuple(code for plan in running for code in plan.unknown),
        already=already,
    )


def _changed_plan(ledger: Ledger, plan: RunningPlan, new_rules: NewRules, now: datetime) -> ChangedPlan | None:
    """What other rules change in a plan or register itself; None where it lives by them, or is not concerned."""
    instead_of = content_of(ledger, plan.row)
    content = ledger.plans.load_plan(instead_of)
    rules = new_rules.of_plan(plan.row, content)
    if rules is None:
        return None
    old, following = content.policy.regime, content.under(rules)
    if following == content:
        return None
    organised = content if plan.row.is_register else plan.stored
    before, after = _offices(ledger, plan, organised, old, following.policy.regime)
    refused = OTHER_ZONE if old.zone != rules.zone else ""
    if following.rulebook is None:
        return ChangedPlan(before, after, instead_of, following, refused=refused)
    own = following.rulebook
    if not refused and (nobody := unfilled_roles(own.procedures, content.organisation, own.regime)):
        listed = "、".join(f"{role_words(role)}（{role}）" for role in nobody)
        refused = f"机构文件没有指明{listed}是哪个单位，请先用 organisation apply 补全"
    if refused:
        found = RuleDifference(task_code=plan.row.code, plan_code=plan.row.code, is_register=True, refused=refused)
    else:
        found = _register_difference(ledger, plan.row, content, following, plan.row.clock.business(now))
    return ChangedPlan(before, after, instead_of, following, difference=found, refused=refused)


def _register_difference(
    ledger: Ledger, row: PlanRow, before: StoredPlan, after: StoredPlan, now: datetime
) -> RuleDifference:
    at = open_register(ledger, row.code, content_of(ledger, row), row.clock)
    following = replace(at, content=after, rulebook=after.rulebook or at.rulebook)
    at_hand = RegisterAtHand(
        code=row.code, rules=rules_of(at), coming=coming_of(ledger, row), spread=spread_of(row.code)
    )
    was, will = (each.rulebook.procedures if each.rulebook else {} for each in (before, after))
    return register_difference(at_hand, rules_of(following), tuple(changed_procedures(was, will)), now)


def _policy(compiled: dict[tuple[str, str, int], Policy], task: TaskInput, rules: TaskRules) -> tuple[Policy, str]:
    """One value for all tasks that lived by the same rules: it stands in the order once; and why a procedure stays."""
    procedure, kept = procedure_under(task.state, task.policy, rules.procedures)
    key = (task.state.policy_digest, kept, id(rules))
    if key not in compiled:
        compiled[key] = Policy(regime=rules.regime, calendar=task.policy.calendar, procedure=procedure)
    return compiled[key], kept


def _changed(
    plan: RunningPlan, task: TaskInput, policy: Policy, kept: str, ordering: Ordering, now: datetime
) -> ChangedTask:
    moment = task.clock.business(now)
    roles = roles_under(task.state.roles, plan.stored, task.policy.regime, policy.regime)
    body = ordering.body or next(iter(task.state.roles.of(*roles_that_may(task.state, Act.ADOPT, task.policy))), "")
    told = Adopt(
        body=body or SOMEBODY,
        person=ordering.person or next(iter(task.state.roles.persons.get(body, ())), SOMEBODY),
        reason=ordering.reason or SOMEBODY,
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
    if SUPERIOR_BODY in new.roles_named and not bodies.get(SUPERIOR_BODY):
        superior = organisation.superior_of(before.first(LEAD_BODY)) or bodies[SUPERVISING_BODY][0]
        bodies[SUPERIOR_BODY] = (superior,)
    return _with_persons(bodies, before, organisation, new.authority)


def _with_persons(
    bodies: dict[Role, tuple[str, ...]], before: TaskRoles, organisation: Organisation, asks: Authority
) -> TaskRoles:
    """What is known stays; of bodies that come, and of what the rules did not ask before, the file says."""
    named = dict.fromkeys(body for held in bodies.values() for body in held)
    known = {body for held in before.bodies.values() for body in held}
    stated = [body for body in organisation.bodies if body.name in named]
    coming = [body for body in stated if body.name not in known]

    def kept(of: Mapping[str, Any], file: Mapping[str, Any]) -> dict[str, Any]:
        return {body: said for body, said in {**file, **of}.items() if body in named and said}

    return TaskRoles(
        bodies=bodies,
        persons=kept(before.persons, {body.name: organisation.persons_of(body.name) for body in coming}),
        heads=kept(before.heads, {body.name: body.head for body in coming}),
        deputies=kept(before.deputies, {body.name: body.deputies for body in coming}),
        tiers=kept(before.tiers, {b.name: b.tier for b in stated if asks.by_tier and b.tier != MOST_BODIES}),
        sections=kept(before.sections, {body.name: body.sections for body in stated if asks.by_section}),
        places=kept(before.places, {body.name: body.places for body in stated if asks.persons}),
    )


def _offices(
    ledger: Ledger, plan: RunningPlan, organised: StoredPlan, old: Regime, new: Regime
) -> tuple[PlanOffices, PlanOffices]:
    """Who was who by the old rules and is by the new ones; whoever came to hold an office in another way keeps it."""
    told = ledger.orders.told_last(plan.row.code, Act.ADOPT.value)
    was, follows = offices_by(organised.organisation, old), offices_by(organised.organisation, new)
    before = PlanOffices.model_validate({name: told[name] for name in PlanOffices.model_fields}) if told else was
    if before.leading_group != was.leading_group:
        follows = follows.model_copy(update={"leading_group": before.leading_group, "persons": before.persons})
    if before.reform_office != was.reform_office:
        follows = follows.model_copy(update={"reform_office": before.reform_office})
    return before, follows
