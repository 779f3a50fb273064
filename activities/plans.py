"""Registers a plan in one transaction, starts its tasks, and records its end."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import Executor
from datetime import UTC, datetime

from temporalio import activity
from temporalio.client import Client
from temporalio.exceptions import ApplicationError

from activities.beating import beating
from activities.nudging import Dispatches
from activities.threads import in_thread
from duban.contracts import (
    AdoptedPolicy,
    PlanClosure,
    PlanRegistered,
    PlanStart,
    RecordBatch,
    StoredPlan,
    TaskInput,
    TimelineLine,
    pack_state,
)
from duban.ledger import Ledger, LedgerConflict, NotInLedger, PlanRegistration, RegistrationStatus
from duban.starts import start_task
from duban.supervision.advance import Transition
from duban.supervision.begin import begin
from duban.supervision.entries import NoticeIntent
from duban.supervision.plan import TaskDefinition
from duban.supervision.regime import LEADING_GROUP, REFORM_OFFICE
from duban.supervision.views import snapshot

STARTS_AT_ONCE = 50
"""Client starts in flight: measured as the point past which one server gains nothing."""
REASONS_TOLD = 20


class PlanActivities:
    """What a plan does to the world."""

    def __init__(
        self, ledger: Ledger, dispatches: Dispatches, client: Client, threads: Executor, *, task_queue: str
    ) -> None:
        self._ledger, self._dispatches, self._threads = ledger, dispatches, threads
        self._client, self._task_queue = client, task_queue

    @activity.defn(name="register_plan")
    async def register(self, start: PlanStart) -> PlanRegistered:
        """Register the plan with all its tasks and their first entries, all or nothing; again changes nothing.

        Raises:
            ApplicationError: Another plan has this code, or one of the task codes, or the ledger cannot hold
                it; not retried.
        """
        async with beating():
            return await self._register(start)

    async def _register(self, start: PlanStart) -> PlanRegistered:
        try:
            plan = await in_thread(self._threads, self._ledger.plans.load_plan, start.digest)
        except NotInLedger as unknown:  # started by hand, or before the ledger was restored: issuing again mends it
            raise _refused([str(unknown)]) from unknown
        batches = await in_thread(self._threads, _first_batches, plan, start)
        registration = PlanRegistration(
            digest=start.digest,
            plan=plan,
            clock=start.clock,
            registered_at=start.registered_at,
            batches=batches,
        )
        try:
            receipt = await in_thread(self._threads, self._ledger.plans.register_plan, registration)
        except LedgerConflict as conflict:
            raise _refused([str(conflict)]) from conflict
        if receipt.status in (RegistrationStatus.DIFFERS, RegistrationStatus.CODES_TAKEN):
            raise _refused([str(reason) for reason in (*receipt.differences, *receipt.taken)])
        return await in_thread(self._threads, self._as_adopted, start.code, _registered(plan))

    def _as_adopted(self, code: str, registered: PlanRegistered) -> PlanRegistered:
        """With what the plan was told since, where its workflow is begun anew."""
        told = self._ledger.orders.told_last(code, "adopt")
        if told is None:
            return registered
        names = {name: told[name] for name in ("leading_group", "reform_office", "persons")}
        return PlanRegistered.model_validate({**registered.model_dump(), **names})

    @activity.defn(name="start_tasks")
    async def start_tasks(self, start: PlanStart) -> int:
        """Start every task of which the ledger has no proof that it was started; resumable at any point.

        Returns:
            How many tasks of the plan are open.
        """
        async with beating():
            return await self._start_tasks(start)

    async def _start_tasks(self, start: PlanStart) -> int:
        plan = await in_thread(self._threads, self._ledger.plans.load_plan, start.digest)
        standing = await in_thread(self._threads, self._ledger.plans.plan_row, start.code)
        if standing is None:
            raise ApplicationError(f"台账中没有方案 {start.code}", type="PlanRefused", non_retryable=True)
        begun_at = start.model_copy(update={"registered_at": standing.registered_at, "clock": standing.clock})
        tasks = {task.code: task for task in plan.definition.tasks}
        after: str | None = None
        while codes := await in_thread(
            self._threads, self._ledger.tasks.unstarted_tasks, start.code, after, STARTS_AT_ONCE
        ):
            recorded = await in_thread(self._threads, self._ledger.tasks.versions_of, codes)
            await asyncio.gather(*(self._start(tasks[code], recorded[code], plan, begun_at) for code in codes))
            await in_thread(
                self._threads, self._ledger.tasks.mark_started, codes, start.clock.business(datetime.now(UTC))
            )
            after = codes[-1]
        # Only now: the assignment notices of a plan that is not started yet would run ahead of it.
        await self._dispatches.nudge(_addressed(plan, begun_at))
        row = await in_thread(self._threads, self._ledger.plans.plan_row, start.code)
        return row.open_tasks if row else 0

    async def _start(self, task: TaskDefinition, recorded: int, plan: StoredPlan, start: PlanStart) -> None:
        begun = _begin(task, plan, start)
        if recorded > begun.state.version:
            # It has recorded something itself, so it was started, though the proof was lost on the way. It may be
            # over by now, and the server may have forgotten it: started again, it would live a second time.
            return
        given = TaskInput(
            state=begun.state,
            policy=plan.policy,
            clock=start.clock,
            timeline=tuple(TimelineLine(version=e.version, at=e.at, text=e.text) for e in begun.entries),
            continue_after=start.continue_after,
        )
        if not await start_task(self._client, given, self._task_queue):
            activity.logger.debug("task was started before", extra={"task": task.code})

    @activity.defn(name="enter_strike_off")
    async def enter_strike_off(self, start: PlanStart) -> bool:
        """Record that no task of the plan is open; ``registered_at`` is the moment at which this was seen."""
        return await in_thread(self._threads, self._ledger.plans.plan_finished, start.code, start.registered_at)

    @activity.defn(name="close_plan")
    async def close(self, closure: PlanClosure) -> None:
        """Record the leading group's decision that closes the plan."""
        await in_thread(self._threads, self._ledger.plans.close_plan, closure)


def _refused(reasons: Sequence[str]) -> ApplicationError:
    untold = f"等{len(reasons)}处" if len(reasons) > REASONS_TOLD else ""
    return ApplicationError(
        f"方案未登记：{'；'.join(reasons[:REASONS_TOLD])}{untold}", type="PlanRefused", non_retryable=True
    )


def _begin(task: TaskDefinition, plan: StoredPlan, start: PlanStart) -> Transition:
    regime = plan.policy.regime
    supervising = plan.organisation.supervising_body(plan.definition.supervising_body, regime)
    roles = plan.organisation.roles_for(task, supervising, regime)
    return begin(task, plan.definition, roles, plan.policy, start.registered_at)


def _first_batches(plan: StoredPlan, start: PlanStart) -> tuple[RecordBatch, ...]:
    """The entries with which each task begins; the tasks start from the very same ones."""
    return tuple(
        RecordBatch(
            task_code=task.code,
            plan_code=start.code,
            round=begun.state.round,
            entries=begun.entries,
            snapshot=snapshot(begun.state, plan.policy),
            clock=start.clock,
            state=pack_state(begun.state),
            adopted=AdoptedPolicy(digest=begun.state.policy_digest, policy=plan.policy),
        )
        for task in plan.definition.tasks
        for begun in (_begin(task, plan, start),)
    )


def _addressed(plan: StoredPlan, start: PlanStart) -> list[str]:
    return [
        change.recipient
        for task in plan.definition.tasks
        for entry in _begin(task, plan, start).entries
        for change in entry.changes
        if isinstance(change, NoticeIntent)
    ]


def _registered(plan: StoredPlan) -> PlanRegistered:
    offices = plan.organisation.offices(plan.policy.regime)
    leading_group = offices[LEADING_GROUP][0]
    return PlanRegistered(
        tasks=len(plan.definition.tasks),
        regime=plan.policy.regime.name,
        reform_office=offices[REFORM_OFFICE][0],
        leading_group=leading_group,
        persons=plan.organisation.persons_of(leading_group),
    )
