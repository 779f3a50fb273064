"""``ReformPlan``: a plan, from its issue until the leading group closes it.

Registered → tasks started → no task open → struck off before the leading group (销账) → closed.
The tasks are workflows of their own; the ledger counts them, and the write that closes the last one
is the only one that signals here.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError, FailureError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.plans import PlanActivities
    from duban.contracts import (
        Answer,
        PlanAmendment,
        PlanClosure,
        PlanInput,
        PlanRegistered,
        PlanStanding,
        PlanStart,
        rules_id,
    )
    from duban.names import REFORM_PLAN, REFORM_PLAN_FINISHED, plan_workflow_id
    from duban.supervision.plans.plan_amending import AmendablePlan, PlanAmending, refuse_amending
    from duban.supervision.plans.plan_closing import OpenPlan, PlanAdoption, refuse_adopting, refuse_closing
    from duban.supervision.tasks.reading import read_plan_adoption, read_plan_amending, read_plan_closing
    from duban.supervision.tasks.turn import Refusal
    from duban.visibility import plan_attributes
    from workflows.retries import RECORD_TIMEOUT, UNTIL_RECORDED, UNTIL_STARTED

REGISTER_TIMEOUT = timedelta(minutes=5)
START_TIMEOUT = timedelta(hours=1)
HEARTBEAT = timedelta(seconds=30)
LONGEST_SIGNAL = 40

CANCELLING_REFUSED = "cancelling-refused"
"""Patch: under earlier releases a request to cancel ended a plan's workflow, and nothing closed the plan any more."""
OWN_NAME_ONLY = "own-name-only"
"""Patch: earlier releases did not ask under which name a plan was started."""

STILL_OPEN = "still-open"
"""Patch: earlier releases took a plan for finished whatever the ledger said; nothing was ever added to one."""

WAITS_FOR = {
    "registering": "正在登记",
    "starting": "正在启动任务",
    "under_way": "等待各项任务销号",
    "in_strike_off": "全部任务已办结，等待领导小组决定销账",
    "closed": "已销账",
}


@workflow.defn(name=REFORM_PLAN)
class ReformPlan:
    """One plan."""

    @workflow.init
    def __init__(self, given: PlanInput) -> None:
        """Nothing is known yet but the plan's code."""
        self._given = given
        self._status = "registering"
        self._registered: PlanRegistered | None = None
        self._finished = False
        self._start_again = False
        self._closure: PlanClosure | None = None
        self._amendments: list[PlanAmendment] = []
        self._amended: set[str] = set()
        self._not_amended: dict[str, str] = {}

    @workflow.run
    async def run(self, given: PlanInput) -> str:
        """See the plan to its end; returns ``closed``."""
        if workflow.info().workflow_id != plan_workflow_id(given.code) and workflow.patched(OWN_NAME_ONLY):
            raise ApplicationError(
                f"这是方案 {given.code} 的启动参数，只能以它为编号启动。请用 starter.py issue 下发。",
                type="NotOurs",
                non_retryable=True,
            )
        start = PlanStart(
            code=given.code,
            digest=given.digest,
            registered_at=self._now,
            clock=given.clock,
            continue_after=given.continue_after,
        )
        while True:
            try:
                return await self._until_closed(start)
            except (asyncio.CancelledError, FailureError) as cancelled:
                if not is_cancelled_exception(cancelled) or not workflow.patched(CANCELLING_REFUSED):
                    raise
                workflow.logger.warning("a request to cancel a plan is not carried out: a plan ends when it is closed")
                self._start_again = True  # it may have broken in while tasks were being started

    async def _until_closed(self, start: PlanStart) -> str:
        """The plan's life; begun again where a request to cancel broke in, it goes on where it was."""
        if self._registered is None:
            self._registered = await workflow.execute_activity_method(
                PlanActivities.register,
                start,
                start_to_close_timeout=REGISTER_TIMEOUT,
                heartbeat_timeout=HEARTBEAT,
                retry_policy=UNTIL_RECORDED,
                summary="登记方案和全部任务",
            )
        if self._status in ("registering", "starting"):
            await self._start_tasks(start)
        while self._closure is None or self._amendments:
            await workflow.wait_condition(self._has_work)
            if self._amendments:
                await self._take_amendment(start)
            if self._start_again:
                await self._start_tasks(start)
            if self._finished and self._status == "under_way":
                await self._enter_strike_off(start)
        await workflow.execute_activity_method(
            PlanActivities.close,
            self._closure,
            start_to_close_timeout=RECORD_TIMEOUT,
            retry_policy=UNTIL_RECORDED,
            summary="方案销账入账",
        )
        self._show("closed")
        await workflow.wait_condition(workflow.all_handlers_finished)
        return self._status

    @property
    def _now(self) -> datetime:
        return self._given.clock.business(workflow.now())

    def _has_work(self) -> bool:
        strikes_off = self._finished and self._status == "under_way"
        return self._closure is not None or self._start_again or strikes_off or bool(self._amendments)

    async def _start_tasks(self, start: PlanStart) -> None:
        self._start_again = False
        if self._status == "registering":
            self._show("starting")
        still_open = await workflow.execute_activity_method(
            PlanActivities.start_tasks,
            start,
            start_to_close_timeout=START_TIMEOUT,
            heartbeat_timeout=HEARTBEAT,
            retry_policy=UNTIL_STARTED,
            summary="启动尚未启动的任务",
        )
        if self._status == "starting":
            self._show("under_way")
        if still_open == 0:
            self._finished = True

    async def _take_amendment(self, start: PlanStart) -> None:
        """Register what an amendment brings, and start it. A plan in strike-off is under way again with new tasks."""
        amendment = self._amendments[0]
        receipt = await workflow.execute_activity_method(
            PlanActivities.amend,
            amendment,
            start_to_close_timeout=REGISTER_TIMEOUT,
            heartbeat_timeout=HEARTBEAT,
            retry_policy=UNTIL_RECORDED,
            summary="登记调整后的方案和新增的任务",
        )
        del self._amendments[0]
        if not receipt.registered:
            self._not_amended[amendment.id] = receipt.reason
            return
        if receipt.under is not None and self._registered is not None:
            self._go_on_under(receipt.under)
        if not receipt.added or self._registered is None:
            return
        self._registered = self._registered.model_copy(update={"tasks": self._registered.tasks + receipt.added})
        self._finished = False
        if self._status == "in_strike_off":
            self._show("under_way")
        await self._start_tasks(start)

    def _go_on_under(self, by_rules: PlanRegistered) -> None:
        """Under other rules; whoever has come to hold an office goes on to hold it."""
        now = self._registered
        if now is None:
            return
        offices = by_rules.under(leading_group=now.leading_group, reform_office=now.reform_office, persons=now.persons)
        self._registered = offices.model_copy(update={"tasks": now.tasks})
        self._show(self._status)

    async def _enter_strike_off(self, start: PlanStart) -> None:
        entered = await workflow.execute_activity_method(
            PlanActivities.enter_strike_off,
            start.model_copy(update={"registered_at": self._now}),
            start_to_close_timeout=RECORD_TIMEOUT,
            retry_policy=UNTIL_RECORDED,
            summary="全部任务已办结，转入销账",
        )
        # Tasks have been added since the last one ended, or somebody typed the signal.
        if not entered and workflow.patched(STILL_OPEN):
            self._finished = False
            return
        self._show("in_strike_off")

    def _show(self, status: str) -> None:
        self._status = status
        if self._registered is not None:
            wanted = plan_attributes(self._given.code, status, self._registered.regime)
            workflow.upsert_search_attributes([pair.key.value_set(pair.value) for pair in wanted])
        workflow.set_current_details(f"| 项目 | 内容 |\n| --- | --- |\n| 状态 | {WAITS_FOR[status]} |")

    @workflow.signal(name=REFORM_PLAN_FINISHED, description="系统信号：全部任务已办结")
    def tasks_finished(self, *_: Any) -> None:
        """No task of the plan is open; sent by the task whose record closed the last one."""
        self._finished = True

    @workflow.signal(description="再次下发同一方案：补启动台账中尚未启动的任务")
    def start_again(self, *_: Any) -> None:
        """Start whatever the ledger has no proof of. An argument typed with it must not stop the plan."""
        self._start_again = True

    @workflow.signal(dynamic=True)
    def other_signal(self, name: str, _: Sequence[RawValue]) -> None:
        """A signal that a plan does not know; a plan has no timeline to put it on, so it is in the worker's log."""
        workflow.logger.warning("a plan got a signal of an unknown name: %s", name[:LONGEST_SIGNAL])

    @workflow.query(description="方案现状（JSON）")
    def status(self, *_: Any) -> PlanStanding:
        """How the plan stands; lists and figures come from the ledger."""
        return PlanStanding(
            code=self._given.code,
            status=self._status,
            tasks=self._registered.tasks if self._registered else 0,
            waits_for=WAITS_FOR[self._status],
            not_amended=self._not_amended,
        )

    @workflow.update(description="按调整后的方案继续（由 starter.py amend 送出）")
    def amend(self, message: Any = None, *_: Any) -> Answer:
        """The plan goes on under an amended content; its new tasks are registered and started."""
        amendment = self._amending(message)
        if isinstance(amendment, Refusal):
            raise ApplicationError(amendment.reason, type="Refused", non_retryable=True)
        if not self._take_up(amendment):
            return Answer(text="此前已受理，未重复办理", version=0, repeated=True)
        return Answer(text="已受理：方案调整", version=0)

    def _take_up(self, amendment: PlanAmendment) -> bool:
        """Let it be registered, unless it has been taken up before; whether it has not."""
        if amendment.id in self._amended and amendment.id not in self._not_amended:
            return False
        self._amended.add(amendment.id)
        self._not_amended.pop(amendment.id, None)
        self._amendments.append(amendment)
        return True

    @amend.validator
    def _check_amend(self, message: Any = None, *_: Any) -> None:
        amendment = self._amending(message)
        if isinstance(amendment, Refusal):
            raise ApplicationError(amendment.reason, type="Refused", non_retryable=True)

    def _amending(self, message: object) -> PlanAmendment | Refusal:
        read: PlanAmending | Refusal = read_plan_amending(message)
        if isinstance(read, Refusal):
            return read
        registered = self._registered
        plan = AmendablePlan(
            is_registered=registered is not None,
            is_closing=self._closure is not None,
            amenders=(registered.amenders or {registered.reform_office: ()}) if registered else {},
        )
        return refuse_amending(plan, read) or PlanAmendment(
            code=self._given.code,
            id=read.id or read.digest,
            digest=read.digest,
            amended_at=self._now,
            clock=self._given.clock,
            body=read.body,
            person=read.person,
            reason=read.reason,
            document=read.document,
        )

    @workflow.update(description="领导小组决定销账（body, person, reason）")
    def close(self, message: Any = None, *_: Any) -> Answer:
        """The leading group closes the plan."""
        if self._is_decided_by(message):
            return Answer(text="此前已受理，未重复办理", version=0, repeated=True)
        closure = self._closing(message)
        if isinstance(closure, Refusal):
            raise ApplicationError(closure.reason, type="Refused", non_retryable=True)
        self._closure = closure
        return Answer(text="已受理：方案销账", version=0)

    @close.validator
    def _check_close(self, message: Any = None, *_: Any) -> None:
        if self._is_decided_by(message):
            return
        closure = self._closing(message)
        if isinstance(closure, Refusal):
            raise ApplicationError(closure.reason, type="Refused", non_retryable=True)

    def _is_decided_by(self, message: object) -> bool:
        """Whether it is the decision of the item by which the plan is being closed, said again."""
        read = read_plan_closing(message)
        if isinstance(read, Refusal) or self._closure is None:
            return False
        return bool(read.item) and read.item == self._closure.item

    def _closing(self, message: object) -> PlanClosure | Refusal:
        read = read_plan_closing(message)
        if isinstance(read, Refusal):
            return read
        return refuse_closing(self._open_plan, read) or PlanClosure(
            code=self._given.code,
            closed_at=self._now,
            body=read.body,
            person=read.person,
            reason=read.reason,
            item=read.item,
        )

    @workflow.update(description="变更领导小组、改革办及有权代表领导小组的人员，以及督办规则（由改革办变更）")
    def adopt(self, message: Any = None, *_: Any) -> Answer:
        """Who is who towards the plan from now on."""
        adopted = self._adopting(message)
        if isinstance(adopted, Refusal):
            raise ApplicationError(adopted.reason, type="Refused", non_retryable=True)
        if self._registered is not None:
            self._registered = self._registered.under(
                leading_group=adopted.leading_group, reform_office=adopted.reform_office, persons=adopted.persons
            )
        if adopted.digest:
            self._take_up(self._with_rules(adopted))
        return Answer(text="已受理：变更机构人员" if not adopted.digest else "已受理：变更督办规则", version=0)

    @adopt.validator
    def _check_adopt(self, message: Any = None, *_: Any) -> None:
        adopted = self._adopting(message)
        if isinstance(adopted, Refusal):
            raise ApplicationError(adopted.reason, type="Refused", non_retryable=True)

    def _adopting(self, message: object) -> PlanAdoption | Refusal:
        read = read_plan_adoption(message)
        return read if isinstance(read, Refusal) else refuse_adopting(self._open_plan, read) or read

    def _with_rules(self, adopted: PlanAdoption) -> PlanAmendment:
        return PlanAmendment(
            code=self._given.code,
            id=rules_id(adopted.id or adopted.digest),
            digest=adopted.digest,
            amended_at=self._now,
            clock=self._given.clock,
            body=adopted.body,
            person=adopted.person,
            reason=adopted.reason,
            brings_rules=True,
        )

    @property
    def _open_plan(self) -> OpenPlan:
        registered = self._registered
        return OpenPlan(
            in_strike_off=self._status == "in_strike_off" and not self._amendments,
            waits_for=WAITS_FOR[self._status],
            leading_group=registered.leading_group if registered else "",
            persons=registered.persons if registered else (),
            reform_office=registered.reform_office if registered else "",
            decided=self._closure is not None,
        )
