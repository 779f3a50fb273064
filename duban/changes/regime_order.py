"""Draws up the order that brings other rules to all that runs by some."""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime

from pydantic import JsonValue

from duban.changes.organisation_order import Ordering
from duban.changes.other_rules import ChangedPlan, ChangedRules
from duban.ledger.tables.columns import canonical_json
from duban.orders import ID_LENGTH, ChangeOrder, OrderItem, OrderKind, TargetKind
from duban.supervision.rules.authority import Act
from duban.supervision.rules.policy import encode
from duban.supervision.tasks.messages import Adopt


def regime_order(
    found: ChangedRules, ordering: Ordering, now: datetime, digests: Mapping[str, str], following: str = ""
) -> ChangeOrder:
    """The order that carries it out; rules and offices stand in it once.

    Args:
        now: Real moment.
        digests: Of the stored contents of plans and registers, by code.
        following: The last order of this kind of which something has been done: to go from one file to another, back
            and there again is no repetition.
    """
    parts: dict[str, dict[str, JsonValue]] = {}
    names: dict[tuple[int, str], str] = {}
    items = [_plan_item(code, each, digests.get(code, "")) for code, each in found.plans.items()]
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
        basis=_basis(found, following),
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


def _basis(found: ChangedRules, following: str) -> str:
    of_tasks = {task.difference.task_code: task.message.instead_of for task in found.tasks}
    of_plans = {code: each.instead_of for code, each in found.plans.items() if each.instead_of}
    return _name(canonical_json([following, of_tasks, *([of_plans] if of_plans else [])]))


def _plan_item(code: str, changed: ChangedPlan, digest: str) -> OrderItem:
    fields: dict[str, JsonValue] = {**changed.after.model_dump(mode="json"), "body": changed.before.reform_office}
    if digest:
        fields["digest"] = digest
    if changed.difference is not None:  # a register, which has one content at a time
        fields["instead_of"] = changed.instead_of
    return OrderItem(target=code, target_kind=TargetKind.PLAN, plan_code=code, act=Act.ADOPT.value, fields=fields)


def _name(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:ID_LENGTH]
