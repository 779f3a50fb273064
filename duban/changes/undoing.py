"""Takes an order of other rules back: each goes on by what it lived by before, where what was ordered still holds.

What has been issued and opened meanwhile stays: it is on record, and bodies have been told of it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise

from duban.changes.other_rules import TaskRules
from duban.changes.running import RunningPlan, content_of
from duban.contracts import StoredPlan, TaskInput, rules_id
from duban.ledger import Ledger
from duban.ledger.plans.plans import PlanRow
from duban.ledger.proof.timeline import TimelineRow
from duban.ledger.registers.register_rows import ItemRow, ItemStatus
from duban.orders import ChangeOrder, ItemOutcome, ItemSettled, OrderItem, TargetKind, message_id
from duban.supervision.rules.policy import Policy, decode
from duban.supervision.rules.regime import Regime
from duban.supervision.rules.rulebook import Rulebook
from duban.supervision.tasks.entries import EntryKind

STAYS = (EntryKind.REMINDER_ISSUED, EntryKind.CHASED)


@dataclass(frozen=True)
class Back:
    """``NewRules`` by which an order is taken back.

    Attributes:
        tasks: The regime that the order brought to each task, and the rules before.
        begun: The rules before of what has begun under each content since.
        contents: The content that it brought to each plan and register, and the one before.
        since: The version of each task's timeline that shows the order.
    """

    tasks: Mapping[str, tuple[Regime, Policy]]
    begun: Mapping[str, TaskRules]
    contents: Mapping[str, tuple[StoredPlan, StoredPlan]]
    since: Mapping[str, int]
    _made: dict[tuple[int, str], TaskRules] = field(default_factory=dict)

    def of_task(self, task: TaskInput) -> TaskRules | None:
        """As of ``NewRules``: None where it has come to live by others since."""
        if task.state.code not in self.tasks:
            return self._begun_since(task)
        brought, before = self.tasks[task.state.code]
        if brought != task.policy.regime:
            return None
        key, own = task.state.definition.procedure, before.procedure
        made = TaskRules(before.regime, {key: own} if own is not None else {})
        return self._made.setdefault((id(before), key), made)

    def _begun_since(self, task: TaskInput) -> TaskRules | None:
        """What began under the rules that its plan or register was told of."""
        if task.state.plan_code not in self.contents:
            return None
        brought, _ = self.contents[task.state.plan_code]
        return self.begun[task.state.plan_code] if brought.policy.regime == task.policy.regime else None

    def of_plan(self, plan: PlanRow, content: StoredPlan) -> Regime | None:
        """As of ``NewRules``."""
        if plan.code not in self.contents:
            return None
        brought, before = self.contents[plan.code]
        if (content.policy.regime, content.rulebook) != (brought.policy.regime, brought.rulebook):
            return None
        return before.rulebook or before.policy.regime


def back_from(ledger: Ledger, order: ChangeOrder) -> Back:
    """What each target of an order of other rules lived by before.

    One that was told may not be known to have been: what it lives by now says so, not what is kept of it.
    """
    rows = {row.target: row for row in ledger.orders.item_rows(order.id)}
    told = [item for item in order.items if rows[item.target].outcome is not ItemOutcome.NOT_CONCERNED]
    contents = dict(_of_plans(ledger, order, told))
    return Back(
        tasks=dict(_of_tasks(ledger, order, told)),
        begun={code: _rules_of(before) for code, (_, before) in contents.items()},
        contents=contents,
        since={row.target: row.version for row in rows.values() if row.version},
    )


def _rules_of(content: StoredPlan) -> TaskRules:
    procedures = content.rulebook.procedures if content.rulebook is not None else {}
    return TaskRules(content.policy.regime, procedures)


def _of_tasks(
    ledger: Ledger, order: ChangeOrder, told: Sequence[OrderItem]
) -> Iterator[tuple[str, tuple[Regime, Policy]]]:
    known: dict[tuple[str, str], Policy | None] = {}
    for item in told:
        facts = order.facts_of(item)
        if item.target_kind is not TargetKind.TASK or "policy" not in facts:
            continue
        key = (str(facts["instead_of"]), item.plan_code)
        if key not in known:
            known[key] = ledger.standings.rules(*key)
        if (before := known[key]) is not None:
            yield item.target, (decode(str(facts["policy"])).regime, before)


def _of_plans(
    ledger: Ledger, order: ChangeOrder, told: Sequence[OrderItem]
) -> Iterator[tuple[str, tuple[StoredPlan, StoredPlan]]]:
    for item in told:
        brought, before = str(item.fields.get("digest", "")), str(item.fields.get("instead_of", ""))
        if item.target_kind is not TargetKind.PLAN or not brought:
            continue
        if not before:  # a plan, which keeps its contents itself
            versions = ledger.amendments.versions(item.target)
            own = rules_id(message_id(order.id, item.target))
            before = next((a.digest for a, b in pairwise(versions) if b.id == own), "")
        if before:
            yield item.target, (ledger.plans.load_plan(brought), ledger.plans.load_plan(before))


def elsewhere(ledger: Ledger, back: Back, running: Sequence[RunningPlan]) -> tuple[str, ...]:
    """Codes of what was told and has come to live by something else since: it stays as it is."""
    tasks = [task for plan in running for task in plan.tasks if task.state.code in back.tasks]
    plans = [plan.row for plan in running if plan.row.code in back.contents]
    return (
        *(row.code for row in plans if back.of_plan(row, ledger.plans.load_plan(content_of(ledger, row))) is None),
        *(task.state.code for task in tasks if back.of_task(task) is None),
    )


def issued_since(ledger: Ledger, back: Back, codes: Sequence[str]) -> tuple[tuple[str, TimelineRow], ...]:
    """What tasks have issued since they were told."""
    return tuple(
        (code, row)
        for code in codes
        if code in back.since
        for row in ledger.timelines.timeline(code, after=back.since[code])
        if row.kind in STAYS
    )


def opened_since(ledger: Ledger, back: Back, codes: Sequence[str]) -> tuple[ItemRow, ...]:
    """Open items of registers that what they go back to would not have opened."""
    found: list[ItemRow] = []
    for code in codes:
        before = back.contents[code][1].rulebook
        if before is not None:
            items = (item for item in ledger.registers.item_rows(code) if item.status is ItemStatus.OPENED)
            found += [item for item in items if item.is_open and not _would_be_opened(item, before)]
    return tuple(found)


def _would_be_opened(item: ItemRow, rules: Rulebook) -> bool:
    kind, _, rest = item.key.partition("/")
    return rest.partition("/")[0] in rules.rhythms if kind == "rhythm" else item.procedure in rules.procedures


def call_off(ledger: Ledger, order_id: str, reason: str) -> None:
    """What an order has not told yet, it tells no more."""
    now = datetime.now(UTC)
    settled = [
        ItemSettled(target=target, outcome=ItemOutcome.NOT_CONCERNED, reason=reason, at_real=now)
        for target in ledger.orders.unsettled(order_id)
    ]
    ledger.orders.settle(order_id, settled)
