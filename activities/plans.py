"""Registers a plan in one transaction, starts its tasks, and records its end."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import UTC, datetime

from temporalio import activity
from temporalio.client import Client
from temporalio.exceptions import ApplicationError

from activities.beating import beating
from activities.nudging import Dispatches
from activities.threads import in_thread
from duban.contracts import (
    AdoptedPolicy,
    AmendmentReceipt,
    PlanAmendment,
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
from duban.ledger.plans.amendments import rules_since
from duban.starts import start_task
from duban.supervision.plans.plan import TaskDefinition
from duban.supervision.plans.plan_amending import amenders_of
from duban.supervision.rules.parts import LEADING_GROUP, REFORM_OFFICE
from duban.supervision.tasks.advance import Transition
from duban.supervision.tasks.begin import begin
from duban.supervision.tasks.entries import NoticeIntent
from duban.supervision.tasks.splitting import origin_of
from duban.supervision.tasks.views import snapshot

STARTS_AT_ONCE = 50
"""Client starts in flight: measured as the point past which one server gains nothing."""
REASONS_TOLD = 20


@dataclass(frozen=True, slots=True)
class Beginning:
    """The content of a plan from which tasks begin, and when.

    Attributes:
        start: Its moment is the plan's registration, or its amendment.
    """

    plan: StoredPlan
    start: PlanStart

    @property
    def tasks(self) -> tuple[TaskDefinition, ...]:
        """All tasks of this content."""
        return self.plan.definition.tasks


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
        return await in_thread(self._threads, self._as_adopted, start.code, plan)

    def _as_adopted(self, code: str, issued: StoredPlan) -> PlanRegistered:
        """With what the plan was told since, where its workflow is begun anew."""
        by_rules = self._ledger.plans.load_plan(rules_since(self._ledger.amendments.versions(code)).digest)
        registered = _registered(by_rules).model_copy(update={"tasks": len(issued.definition.tasks)})
        told = self._ledger.orders.told_last(code, "adopt")
        if told is None:
            return registered
        names = {name: told[name] for name in ("leading_group", "reform_office", "persons")}
        adopted = PlanRegistered.model_validate({**registered.model_dump(), **names})
        return registered.under(
            leading_group=adopted.leading_group, reform_office=adopted.reform_office, persons=adopted.persons
        )

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
        beginnings = [Beginning(plan, begun_at), *await in_thread(self._threads, self._amended, begun_at)]
        # As in the first content that has it: later ones reach it by its own timeline.
        of_code = {task.code: (task, begins) for begins in reversed(beginnings) for task in begins.tasks}
        after: str | None = None
        while codes := await in_thread(
            self._threads, self._ledger.tasks.unstarted_tasks, start.code, after, STARTS_AT_ONCE
        ):
            recorded = await in_thread(self._threads, self._ledger.tasks.versions_of, codes)
            await asyncio.gather(*(self._start(*of_code[code], recorded[code]) for code in codes))
            await in_thread(
                self._threads, self._ledger.tasks.mark_started, codes, start.clock.business(datetime.now(UTC))
            )
            after = codes[-1]
        # Only now: the assignment notices of a plan that is not started yet would run ahead of it.
        await self._dispatches.nudge([body for begins in beginnings for body in _addressed(begins)])
        row = await in_thread(self._threads, self._ledger.plans.plan_row, start.code)
        return row.open_tasks if row else 0

    def _amended(self, issued: PlanStart) -> list[Beginning]:
        """The tasks that came with each amendment of a plan."""
        found: list[Beginning] = []
        for version in self._ledger.amendments.versions(issued.code)[1:]:
            came_with = self._ledger.plans.load_plan(version.digest)
            begins = issued.model_copy(
                update={"digest": version.digest, "registered_at": version.begins_at, "is_amendment": True}
            )
            found.append(Beginning(came_with, begins))
        return found

    async def _start(self, task: TaskDefinition, begins: Beginning, recorded: int) -> None:
        plan, start = begins.plan, begins.start
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

    @activity.defn(name="amend_plan")
    async def amend(self, amendment: PlanAmendment) -> AmendmentReceipt:
        """Keep a plan's new content and register the tasks that come with it; again changes nothing.

        A task that is split off takes over what its origin has on record at this moment.
        """
        async with beating():
            return await in_thread(self._threads, self._amend, amendment)

    def _amend(self, amendment: PlanAmendment) -> AmendmentReceipt:
        known = next((v for v in self._ledger.amendments.versions(amendment.code) if v.id == amendment.id), None)
        try:
            plan = self._ledger.plans.load_plan(known.digest if known else amendment.digest)
        except NotInLedger as unknown:
            return AmendmentReceipt(registered=False, reason=str(unknown))
        digest = amendment.digest
        if known is None and not amendment.brings_rules:
            plan = self._with_origins(self._under_rules_of_now(plan), amendment.amended_at)
            digest = self._ledger.plans.store_plan(plan)
        added = set(self._ledger.amendments.unregistered(plan))
        tasks = tuple(task for task in plan.definition.tasks if task.code in added)
        new = plan.model_copy(update={"definition": plan.definition.model_copy(update={"tasks": tasks})})
        start = PlanStart(
            code=amendment.code,
            digest=digest,
            registered_at=amendment.amended_at,
            clock=amendment.clock,
            is_amendment=True,
        )
        registration = PlanRegistration(
            digest=digest,
            plan=new,
            clock=amendment.clock,
            registered_at=amendment.amended_at,
            batches=_first_batches(new, start),
        )
        receipt = self._ledger.amendments.register(amendment, registration)
        if not (receipt.registered and amendment.brings_rules):
            return receipt
        return receipt.model_copy(update={"under": _registered(plan)})

    def _under_rules_of_now(self, plan: StoredPlan) -> StoredPlan:
        """Drawn up before the plan came to live by other rules, it brings tasks that begin by those of now."""
        newest = self._ledger.amendments.versions(plan.definition.code)[-1]
        regime = self._ledger.plans.load_plan(newest.digest).policy.regime
        return plan if regime == plan.policy.regime else plan.under(regime)

    def _with_origins(self, plan: StoredPlan, now: datetime) -> StoredPlan:
        added = set(self._ledger.amendments.unregistered(plan))
        split = {t.split_from for t in plan.definition.tasks if t.split_from and t.code in added}
        states = self._ledger.amendments.states(sorted(split))
        tasks = tuple(
            task.model_copy(update={"origin": origin_of(states[task.split_from], task, now)})
            if task.code in added and task.split_from in states
            else task
            for task in plan.definition.tasks
        )
        return plan.model_copy(update={"definition": plan.definition.model_copy(update={"tasks": tasks})})

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
    roles = plan.organisation.roles_for(task, supervising, regime, watcher=plan.definition.watcher)
    amended_on = plan.policy.calendar.zone.local_date(start.registered_at) if start.is_amendment else None
    return begin(task, plan.definition, roles, plan.policy, start.registered_at, issued_on=amended_on)


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


def _addressed(begins: Beginning) -> list[str]:
    return [
        change.recipient
        for task in begins.tasks
        for entry in _begin(task, begins.plan, begins.start).entries
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
        amenders=amenders_of(plan.definition, plan.organisation, plan.policy),
    )
