"""What a register does to the world: it registers itself, opens items, sweeps, closes.

Every activity may be done again at any point: an item is opened once by its identity, a period is dealt with once.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from datetime import date, timedelta

from temporalio import activity
from temporalio.client import Client
from temporalio.exceptions import ApplicationError

from activities.beating import beating
from activities.nudging import Dispatches
from activities.opening import Opener
from activities.threads import in_thread
from duban.changes.asked_orders import order_of
from duban.changes.carrying import carry_out
from duban.ledger import Ledger, LedgerConflict, NotInLedger, PlanRegistration, RegistrationStatus
from duban.ledger.plans.registration import PlanStatus
from duban.ledger.registers.register_rows import Asked, ItemToOpen, PeriodRow, PeriodStatus
from duban.open_registers import (
    OpenRegister,
    coming_of,
    like_ones,
    newest_digest,
    open_register,
    refusal_of,
    rules_of,
)
from duban.registers import (
    Adopted,
    AtRegister,
    HandOpening,
    PeriodOpening,
    RegisterAdopting,
    RegisterBegun,
    RegisterClosure,
    Settled,
    Sweeping,
    Swept,
)
from duban.supervision.plans.plan import TaskDefinition
from duban.supervision.registers.coming_round import AtHand, OpenPlan, identity_of, items_of
from duban.supervision.registers.occurrences import Occurrence
from duban.supervision.registers.wanted_items import WantedItem, definition_of
from duban.supervision.rules.rhythms import Rhythm
from duban.supervision.tasks.turn import Refusal

ASKED_AT_ONCE = 50
AGAIN_AFTER = timedelta(minutes=10)
"""Real time after which whoever did not answer is asked again."""
MISSED = "系统停止运行期间到期，只开立最近一期"
"""Why an earlier period was not opened."""


class RegisterActivities:
    """What a register does to the world."""

    def __init__(
        self, ledger: Ledger, dispatches: Dispatches, client: Client, threads: Executor, *, task_queue: str
    ) -> None:
        self._ledger, self._client, self._threads = ledger, client, threads
        self._opener = Opener(ledger, dispatches, client, threads, task_queue=task_queue)

    @activity.defn(name="register_register")
    async def register(self, given: AtRegister) -> RegisterBegun:
        """Register the register; again changes nothing, and gives what is known of it by then.

        Raises:
            ApplicationError: A plan or another register has its code, or its content is not stored; not retried.
        """
        return await in_thread(self._threads, self._register, given)

    def _register(self, given: AtRegister) -> RegisterBegun:
        try:
            content = self._ledger.plans.load_plan(given.digest)
            registration = PlanRegistration(
                digest=given.digest, plan=content, clock=given.clock, registered_at=given.at, batches=()
            )
            receipt = self._ledger.plans.register_plan(registration)
        except (NotInLedger, LedgerConflict) as problem:
            raise _refused(str(problem)) from problem
        if receipt.status in (RegistrationStatus.DIFFERS, RegistrationStatus.CODES_TAKEN):
            raise _refused("；".join(str(reason) for reason in (*receipt.differences, *receipt.taken)))
        row = self._ledger.plans.plan_row(given.code)
        if row is None:  # registered a moment ago, in this very ledger
            raise _refused(f"台账中没有登记簿 {given.code}")
        digest = newest_digest(self._ledger, given.code, given.digest)
        coming = coming_of(self._ledger, row)
        return RegisterBegun(
            digest=digest,
            rules=rules_of(open_register(self._ledger, given.code, digest, given.clock)),
            begun_on=coming.begun_on,
            to_come_from=coming.to_come_from,
            opened=self._ledger.registers.count(given.code),
            highest=self._ledger.registers.highest(given.code),
            is_closed=row.status is PlanStatus.CLOSED,
        )

    @activity.defn(name="open_item")
    async def open_item(self, given: HandOpening) -> Settled:
        """Open an item for a person; refused where another one is like it, unless it is wanted anyway."""
        async with beating():
            key = f"message/{given.id}"
            known = await in_thread(self._threads, self._ledger.registers.settled, given.code, key)
            if known is not None:
                await self._opener.start(given)
                return Settled(code=known.code, number=known.number, reason=known.reason)
            at = await self._opener.register(given)
            like = await in_thread(self._threads, like_ones, self._ledger, at, given.wanted)

            def make(_: ItemToOpen, code: str) -> TaskDefinition | Refusal:
                if like and not given.anyway:
                    return Refusal(refusal_of(like))
                procedure = at.rulebook.procedures[given.wanted.procedure]
                return definition_of(code, given.wanted, procedure, at.office)

            item = ItemToOpen(
                key=key,
                procedure=given.wanted.procedure,
                body=given.body,
                person=given.person,
                anyway=given.anyway,
                alike=tuple(one.code for one in like),
            )
            [opened] = await self._opener.open(given, at, [item], make)
            return Settled(code=opened.code, number=opened.number, reason=opened.reason)

    @activity.defn(name="open_period")
    async def open_period(self, given: PeriodOpening) -> int:
        """Open the items of a rhythm's period, and enter the earlier ones that were missed.

        Returns:
            How many were opened.
        """
        async with beating():
            at = await self._opener.register(given)
            rhythm = at.rulebook.rhythms.get(given.rhythm)
            if rhythm is None:  # no longer, by the content of now
                return 0
            made = await in_thread(self._threads, self._come_round, at, given)
            wanted = [ItemToOpen(key=f"rhythm/{key}", procedure=rhythm.procedure) for key in made]
            by_key = {item.key: definition for item, definition in zip(wanted, made.values(), strict=True)}

            def make(item: ItemToOpen, code: str) -> TaskDefinition:
                return by_key[item.key].model_copy(update={"code": code})

            opened = await self._opener.open(given, at, wanted, make)
            count = len([one for one in opened if one.code])
            periods = tuple(_periods(rhythm.title, given, count))
            await in_thread(self._threads, self._ledger.registers.keep_periods, given.code, periods)
            return count

    def _come_round(self, at: OpenRegister, given: PeriodOpening) -> dict[str, TaskDefinition]:
        """The items of a period by what names each."""
        rhythm = at.rulebook.rhythms[given.rhythm]
        regime = at.office.regime.name
        at_hand = AtHand(
            offices=at.offices,
            tasks=self._ledger.concerned.tasks(regime) if rhythm.each is not None else (),
            plans=self._plans(rhythm, regime, given.opened.opens_on),
        )
        procedure = at.rulebook.procedures[rhythm.procedure]
        found = items_of(given.rhythm, rhythm, procedure, given.opened, at_hand, scope=at.rulebook.evaluation)
        return {
            identity_of(given.rhythm, given.opened, next(iter(item.concerns), item.lead_body)): item for item in found
        }

    def _plans(self, rhythm: Rhythm, regime: str, issued_by: date) -> tuple[OpenPlan, ...]:
        """The plans that a rhythm is about; of each, for one that keeps to a scope, what its newest version says."""
        if rhythm.each is None:
            return ()
        plans = self._ledger.concerned.plans(regime, issued_by)
        return tuple(map(self._with_its_grounds, plans)) if rhythm.in_scope else plans

    def _with_its_grounds(self, plan: OpenPlan) -> OpenPlan:
        newest = self._ledger.amendments.versions(plan.code)[-1].digest
        definition = self._ledger.plans.load_plan(newest).definition
        return plan.model_copy(update={"adopted_by": definition.adopted_by, "docks": definition.docks})

    @activity.defn(name="sweep_register")
    async def sweep(self, given: Sweeping) -> Swept:
        """Open what other items have asked for, start what was registered and not started, do what outcomes ask."""
        async with beating():
            at = await self._opener.register(given)
            started = await self._opener.start(given)
            opened = 0
            while asked := await in_thread(self._threads, self._ledger.registers.asked, given.code, ASKED_AT_ONCE):
                opened += await self._open_asked(given, at, asked)
            waits = await self._do_what_is_asked(given.code)
            activity.logger.info("register swept", extra={"register": given.code, "started": started, "opened": opened})
            rules = rules_of(at)
            return Swept(
                opened=opened,
                highest=await in_thread(self._threads, self._ledger.registers.highest, given.code),
                rules=rules if rules.calendar_digest != given.calendar else None,
                again_after=AGAIN_AFTER if waits else None,
            )

    async def _do_what_is_asked(self, code: str) -> bool:
        """Give the orders that outcomes ask for, and carry them out; whether something of them still waits.

        What was refused is not asked again: that is for people, who see it until they have.
        """
        asks, orders = self._ledger.asks, self._ledger.orders
        while wishes := await in_thread(self._threads, asks.without_order, code, ASKED_AT_ONCE):
            for wish in wishes:
                await in_thread(self._threads, orders.give, order_of(wish))
        waits = False
        for order in await in_thread(self._threads, asks.unfinished, code):
            row = await carry_out(self._client, self._ledger, order, lambda _: None, again=False)
            waits = waits or row.waiting > 0
            if row.refused:
                activity.logger.warning("what outcome order %s asks is refused in %d cases", order, row.refused)
        return waits

    async def _open_asked(self, given: Sweeping, at: OpenRegister, asked: Sequence[Asked]) -> int:
        def make(item: ItemToOpen, code: str) -> TaskDefinition | Refusal:
            request = item.asked
            if request is None:
                raise ValueError(item.key)
            wanted = WantedItem(procedure=item.procedure, facts=request.facts, concerns=(request.task_code,))
            return definition_of(code, wanted, at.rulebook.procedures[item.procedure], at.office)

        wanted = [ItemToOpen(key=one.identity, procedure=one.procedure, asked=one) for one in asked]
        found = await self._opener.open(given, at, wanted, make)
        for one in found:
            if one.reason:
                activity.logger.warning("an item that %s asks for is not opened: %s", one.key, one.reason)
        return len([one for one in found if one.code])

    @activity.defn(name="adopt_register")
    async def adopt(self, given: RegisterAdopting) -> Adopted:
        """The rules of another content, for the register to go on by; from now on it is one of that regime."""
        try:
            at = await self._opener.register(given)
            await in_thread(self._threads, self._ledger.plans.put_under, given.code, at.office.regime.name)
        except NotInLedger as unknown:
            return Adopted(reason=str(unknown))
        return Adopted(rules=rules_of(at))

    @activity.defn(name="close_register")
    async def close(self, closure: RegisterClosure) -> Settled:
        """Record the office's decision that closes the register, unless items are open."""
        reason = await in_thread(self._threads, self._ledger.registers.close, closure)
        return Settled(reason=reason)


def _periods(title: str, given: PeriodOpening, count: int) -> Iterator[PeriodRow]:
    def row(period: Occurrence, status: PeriodStatus, items: int = 0, reason: str = "") -> PeriodRow:
        span = period.span
        return PeriodRow(
            rhythm=given.rhythm,
            period=period.key,
            title=f"{span.words}{title}",
            status=status,
            first_on=span.first_on,
            last_on=span.last_on,
            due_at=period.opens_at,
            at=given.at,
            items=items,
            reason=reason,
        )

    yield from (row(missed, PeriodStatus.MISSED, reason=MISSED) for missed in given.missed)
    yield row(given.opened, PeriodStatus.OPENED, items=count)


def _refused(reason: str) -> ApplicationError:
    return ApplicationError(f"登记簿未登记：{reason}", type="RegisterRefused", non_retryable=True)
