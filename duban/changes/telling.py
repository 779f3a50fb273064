"""Tells one target its part of an order, and says what came of it. Nothing foreseeable is an exception here."""

import asyncio
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio.client import Client, WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from duban.contracts import Answer, PlanStanding, rules_id
from duban.ledger import Ledger
from duban.ledger.plans.plans import PlanRow
from duban.ledger.plans.registration import PlanStatus
from duban.names import plan_workflow_id, task_workflow_id
from duban.orders import ChangeOrder, ItemOutcome, ItemSettled, OrderItem, OrderKind, TargetKind, message_id
from duban.supervision.packing import packed

AMEND_PLAN = "amend"
"""Update by which a plan is amended."""
ANSWERED_WITHIN = timedelta(seconds=10)
REGISTERED_WITHIN_SECONDS = 60.0
LOOK_EVERY_SECONDS = 0.2

BEING_ISSUED = "正在下发，下发完成后再继续"
BEING_REGISTERED = "方案已受理，尚未登记完毕，登记后再继续"
OVER = "已办结，不受本次变更影响"
PLAN_OVER = "方案已销账，不受本次变更影响"
SUPERSEDED = "方案此后又有调整，以后来的为准"
UNANSWERED = "没有工作进程答复，恢复后再继续"
STOPPED = "停住了，暂时不能受理（starter.py stuck 查看原因），恢复后再继续"
NOT_RUNNING = "Temporal 服务器上没有正在进行的工作流（starter.py reconcile 核对），核对后再继续"
SERVER_AWAY = "Temporal 服务器没有答复，恢复后再继续"

_AWAY: Mapping[RPCStatusCode, str] = {
    RPCStatusCode.DEADLINE_EXCEEDED: UNANSWERED,
    RPCStatusCode.CANCELLED: UNANSWERED,
    RPCStatusCode.FAILED_PRECONDITION: STOPPED,
    RPCStatusCode.NOT_FOUND: NOT_RUNNING,
    RPCStatusCode.UNAVAILABLE: SERVER_AWAY,
    RPCStatusCode.RESOURCE_EXHAUSTED: SERVER_AWAY,
}
NOBODY_THERE = (UNANSWERED, SERVER_AWAY)
"""Reasons that hold for every other target as well."""


class Teller:
    """Tells the targets of one order."""

    def __init__(self, client: Client, ledger: Ledger, order: ChangeOrder) -> None:
        self._client, self._ledger, self._order = client, ledger, order

    async def tell(self, item: OrderItem) -> ItemSettled:
        """Tell a target, unless it is over or not there yet.

        Raises:
            RPCError: The server refuses us altogether.
        """
        plan = await asyncio.to_thread(self._ledger.plans.plan_row, item.plan_code)
        if self._order.kind is OrderKind.OUTCOME:
            known = await asyncio.to_thread(self._settled_by_ledger, item, plan)
            if known is not None or plan is None:
                return known or _settled(item, ItemOutcome.WAITING, reason=NOT_RUNNING)
            return await self._sent(item, plan)
        if plan is None:
            return _settled(item, ItemOutcome.REFUSED, reason=f"台账中没有方案 {item.plan_code}")
        superseded = self._order.kind is OrderKind.AMENDMENT and await self._is_superseded(item)
        if superseded:
            return _settled(item, ItemOutcome.NOT_CONCERNED, reason=SUPERSEDED)
        return await self._obstacle(item, plan) or await self._sent(item, plan)

    async def _is_superseded(self, item: OrderItem) -> bool:
        """Whether the plan has been amended again since: what is left of an older order would undo the newer one."""
        versions = await asyncio.to_thread(self._ledger.amendments.versions, item.plan_code)
        newest = next(version for version in reversed(versions) if not version.brings_rules)
        is_own = newest.id == message_id(self._order.id, item.plan_code)
        return not is_own and newest.begins_at > self._order.ordered_at

    async def _obstacle(self, item: OrderItem, plan: PlanRow) -> ItemSettled | None:
        if item.target_kind is TargetKind.PLAN:
            if plan.status is PlanStatus.CLOSED:
                return _settled(item, ItemOutcome.NOT_CONCERNED, reason=PLAN_OVER)
            return None
        task = await asyncio.to_thread(self._ledger.standings.standing, item.target)
        if task is None:
            return _settled(item, ItemOutcome.REFUSED, reason=f"台账中没有任务 {item.target}")
        if not task.is_open:
            return _settled(item, ItemOutcome.NOT_CONCERNED, reason=OVER)
        return None if task.is_started else _settled(item, ItemOutcome.WAITING, reason=BEING_ISSUED)

    def _settled_by_ledger(self, item: OrderItem, plan: PlanRow | None) -> ItemSettled | None:
        """What the ledger says of something that an outcome asks: done, or impossible; None where it is to be told.

        Whoever takes up what somebody else left in the middle finds here what has been done of it.
        """

        def refused(reason: str) -> ItemSettled:
            return _settled(item, ItemOutcome.REFUSED, reason=reason)

        is_task = item.target_kind is TargetKind.TASK
        wish = self._ledger.asks.wish(self._order.basis)
        standing = self._ledger.standings.standing(item.target) if is_task else None
        if plan is None or wish is None or (is_task and standing is None):
            return refused(f"台账中没有{'任务' if is_task else '方案'} {item.target}")
        if plan.regime != wish.regime:
            return refused(f"{item.target}适用制度“{plan.regime}”，不在本登记簿（制度“{wish.regime}”）的范围")
        if not is_task and plan.is_register:
            return refused(f"{item.target}是登记簿，不是方案")
        if not is_task and plan.status is PlanStatus.CLOSED:
            own = plan.closed_by_item == wish.item
            return _settled(item, ItemOutcome.DONE) if own else refused(f"方案 {item.target} 此前已销账")
        if standing is None:
            return None
        if version := self._ledger.asks.told(item.target, message_id(self._order.id, item.target)):
            return _settled(item, ItemOutcome.DONE, version=version)
        if not standing.is_open:
            return refused(f"任务 {item.target} 已办结，不再受理")
        return None if standing.is_started else _settled(item, ItemOutcome.WAITING, reason=BEING_ISSUED)

    async def _sent(self, item: OrderItem, plan: PlanRow) -> ItemSettled:
        message = self._message(item, plan)
        is_task = item.target_kind is TargetKind.TASK
        workflow_id = task_workflow_id(item.target) if is_task else plan_workflow_id(item.target)
        handle = self._client.get_workflow_handle(workflow_id)
        try:
            answer: Answer = await handle.execute_update(
                item.act, message, id=message["id"], rpc_timeout=ANSWERED_WITHIN, result_type=Answer
            )
        except WorkflowUpdateFailedError as refusal:
            said = refusal.cause
            reason = said.message if isinstance(said, ApplicationError) else str(said)
            return _settled(item, ItemOutcome.REFUSED, reason=reason)
        except WorkflowUpdateRPCTimeoutOrCancelledError:
            return _settled(item, ItemOutcome.WAITING, reason=UNANSWERED)
        except RPCError as error:
            reason = _AWAY.get(error.status, "")
            if not reason:
                raise
            return await self._ended_meanwhile(item, plan) or _settled(item, ItemOutcome.WAITING, reason=reason)
        if item.target_kind is TargetKind.PLAN and item.act == AMEND_PLAN:
            return await self._registered(item, message["id"])
        if item.target_kind is TargetKind.PLAN and "digest" in item.fields and not plan.is_register:
            return await self._registered(item, rules_id(message["id"]))
        return _settled(item, ItemOutcome.DONE, version=answer.version or None)  # a plan has no timeline

    async def _registered(self, item: OrderItem, identity: str) -> ItemSettled:
        """A plan answers before it has registered what it was told: the tasks are told after that."""
        handle = self._client.get_workflow_handle(plan_workflow_id(item.target))
        until = time.monotonic() + REGISTERED_WITHIN_SECONDS
        while time.monotonic() < until:
            versions = await asyncio.to_thread(self._ledger.amendments.versions, item.plan_code)
            if any(version.id == identity for version in versions):
                return _settled(item, ItemOutcome.DONE)
            try:
                said = await handle.query("status", result_type=PlanStanding, rpc_timeout=ANSWERED_WITHIN)
            except RPCError:
                break
            if identity in said.not_amended:
                return _settled(item, ItemOutcome.REFUSED, reason=said.not_amended[identity])
            await asyncio.sleep(LOOK_EVERY_SECONDS)
        return _settled(item, ItemOutcome.WAITING, reason=BEING_REGISTERED)

    async def _ended_meanwhile(self, item: OrderItem, plan: PlanRow) -> ItemSettled | None:
        """Between the look into the ledger and the message a target may have come to its end."""
        now = await asyncio.to_thread(self._ledger.plans.plan_row, plan.code)
        if self._order.kind is OrderKind.OUTCOME:
            return await asyncio.to_thread(self._settled_by_ledger, item, now or plan)
        found = await self._obstacle(item, now or plan)
        return found if found is not None and found.outcome is ItemOutcome.NOT_CONCERNED else None

    def _message(self, item: OrderItem, plan: PlanRow) -> dict[str, Any]:
        """Dated by the target's own clock, and the same whenever it is sent."""
        facts: dict[str, Any] = dict(self._order.facts_of(item))
        if isinstance(policy := facts.get("policy"), str):
            facts["policy"] = packed(policy)  # it stays in the history of every task
        return {
            **facts,
            "id": message_id(self._order.id, item.target),
            "occurred_at": plan.clock.business(self._order.ordered_at_real).isoformat(),
        }


def _settled(item: OrderItem, outcome: ItemOutcome, *, version: int | None = None, reason: str = "") -> ItemSettled:
    return ItemSettled(target=item.target, outcome=outcome, version=version, reason=reason, at_real=datetime.now(UTC))
