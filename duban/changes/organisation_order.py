"""Draws up the order that brings a new organisation file to all that runs, and says beforehand who would refuse it."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from duban.changes.reorganising import Parties, PlanOffices, forgotten, offices_by, offices_issued_with, parties
from duban.changes.running import RunningPlan
from duban.contracts import StoredPlan
from duban.ledger import Ledger
from duban.ledger.tables.columns import canonical_json
from duban.open_registers import newest_digest
from duban.orders import ID_LENGTH, ChangeOrder, OrderItem, OrderKind, TargetKind
from duban.supervision.bodies.organisation import Organisation
from duban.supervision.model import Frozen
from duban.supervision.rules.authority import Act
from duban.supervision.rules.regime import Regime
from duban.supervision.tasks.advance import advance
from duban.supervision.tasks.messages import Adopt
from duban.supervision.tasks.turn import Refusal


class Ordering(Frozen):
    """Who orders what, and why.

    Attributes:
        body: Under the name that it has now or will have: each task is told by the name that it knows.
    """

    title: str
    reason: str
    body: str
    person: str


@dataclass(frozen=True)
class RegisterContent:
    """What a register goes by from now on, with who was who and who is.

    Attributes:
        instead_of: Digest of the content that it goes by now.
    """

    before: PlanOffices
    after: PlanOffices
    content: StoredPlan
    instead_of: str


@dataclass(frozen=True)
class Reorganisation:
    """What a new organisation file changes.

    Attributes:
        changed: Tasks for which something is different.
        plans: Plans for which something is different, with who was who and who is.
        registers: Registers that go on under another content.
        acting: Under which name each task knows the body that orders the change.
        refusals: Why a task would refuse it, by its code.
        forgotten: Bodies of which the file says nothing although tasks still name them, with those tasks.
        unknown: Tasks of which the ledger does not know who is who.
    """

    organisation: Organisation
    changed: tuple[Parties, ...]
    plans: dict[str, tuple[PlanOffices, PlanOffices]]
    registers: dict[str, RegisterContent]
    acting: dict[str, str]
    refusals: dict[str, str]
    forgotten: dict[str, list[str]]
    unknown: tuple[str, ...]


def reorganisation(
    ledger: Ledger, running: Sequence[RunningPlan], organisation: Organisation, ordering: Ordering | None, now: datetime
) -> Reorganisation:
    """Compare a new organisation file with who is who in all that runs.

    Args:
        ordering: Who would order the change; None where it is only looked at, and nobody can refuse anything.
        now: Real moment.
    """
    changed: list[Parties] = []
    acting: dict[str, str] = {}
    refusals: dict[str, str] = {}
    for plan in running:
        for task in plan.tasks:
            policy = task.policy
            each = parties(
                task.state.code, task.state.roles, plan.stored, organisation, policy.regime, policy.procedure
            )
            if not each.is_changed:
                continue
            changed.append(each)
            if ordering is None:
                continue
            acting[each.task_code] = _acting_body(ordering.body, each, organisation, task.policy.regime)
            told = Adopt(
                body=acting[each.task_code],
                person=ordering.person,
                reason=ordering.reason,
                roles=each.after,
                successors=each.successors,
                occurred_at=task.clock.business(now),
            )
            done = advance(task.state, told, task.policy, task.clock.business(now))
            if isinstance(done, Refusal):
                refusals[each.task_code] = done.reason
    return Reorganisation(
        organisation=organisation,
        changed=tuple(changed),
        plans=dict(_changed_plans(ledger, running, organisation)),
        registers=dict(_changed_registers(ledger, running, organisation)),
        acting=acting,
        refusals=refusals,
        forgotten=forgotten(changed, [plan.stored for plan in running], organisation),
        unknown=tuple(code for plan in running for code in plan.unknown),
    )


def _changed_plans(
    ledger: Ledger, running: Iterable[RunningPlan], organisation: Organisation
) -> Iterator[tuple[str, tuple[PlanOffices, PlanOffices]]]:
    for plan in running:
        if plan.row.is_register:
            continue
        told = ledger.orders.told_last(plan.row.code, Act.ADOPT.value)
        names = {name: told[name] for name in PlanOffices.model_fields} if told else None
        before = PlanOffices.model_validate(names) if names else offices_issued_with(plan.stored)
        after = offices_by(organisation, plan.stored.policy.regime)
        if before != after:
            yield plan.row.code, (before, after)


def _changed_registers(
    ledger: Ledger, running: Iterable[RunningPlan], organisation: Organisation
) -> Iterator[tuple[str, RegisterContent]]:
    for plan in running:
        if not plan.row.is_register:
            continue
        instead_of = newest_digest(ledger, plan.row.code, plan.row.digest)
        now = ledger.plans.load_plan(instead_of)
        if now.organisation == organisation:
            continue
        names = organisation.names()
        supervising = names.get(now.definition.supervising_body, now.definition.supervising_body)
        definition = now.definition.model_copy(update={"supervising_body": supervising})
        content = now.model_copy(update={"organisation": organisation, "definition": definition})
        regime = now.policy.regime
        before, after = offices_by(now.organisation, regime), offices_by(organisation, regime)
        yield plan.row.code, RegisterContent(before, after, content, instead_of)


def _acting_body(ordered_by: str, each: Parties, organisation: Organisation, regime: Regime) -> str:
    """Under which name a task knows the body that orders the change; as stated where it knows none."""
    may = each.before.of(*regime.authority.acts[Act.ADOPT])
    names = organisation.names()
    if ordered_by in may:
        return ordered_by
    now = names.get(ordered_by, ordered_by)
    return next((body for body in may if names.get(body, body) == now), ordered_by)


def organisation_order(
    found: Reorganisation, ordering: Ordering, now: datetime, *, digests: Mapping[str, str] | None = None
) -> ChangeOrder:
    """The order that carries it out; who is who for several tasks alike stands in it once.

    Args:
        digests: Of the stored contents of registers, by code.
        now: Real moment.
    """
    parts: dict[str, dict[str, JsonValue]] = {}
    items = [_plan_item(code, *offices) for code, offices in found.plans.items()]
    for code, digest in (digests or {}).items():
        register = found.registers[code]
        own = {"digest": digest, "instead_of": register.instead_of}
        items.append(_plan_item(code, register.before, register.after, **own))
    for each in found.changed:
        part: dict[str, JsonValue] = {
            "roles": each.after.model_dump(mode="json"),
            "successors": dict(each.successors),
            "body": found.acting[each.task_code],
        }
        name = _name(canonical_json(part))
        parts[name] = part
        items.append(OrderItem(target=each.task_code, plan_code=each.plan_code, act=Act.ADOPT.value, parts=(name,)))
    before = [each.before.model_dump(mode="json") for each in found.changed]
    return ChangeOrder(
        kind=OrderKind.ORGANISATION,
        title=ordering.title,
        reason=ordering.reason,
        body=ordering.body,
        person=ordering.person,
        basis=_name(canonical_json([before, [offices[0].model_dump() for offices in found.plans.values()]])),
        parts=parts,
        items=tuple(items),
        ordered_at=now,
        ordered_at_real=now,
    )


def _plan_item(code: str, before: PlanOffices, after: PlanOffices, **more: JsonValue) -> OrderItem:
    fields: dict[str, JsonValue] = {**after.model_dump(mode="json"), "body": before.reform_office, **more}
    return OrderItem(target=code, target_kind=TargetKind.PLAN, plan_code=code, act=Act.ADOPT.value, fields=fields)


def _name(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:ID_LENGTH]
