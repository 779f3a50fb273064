"""``Register``: the home of what comes by no plan, from its beginning until the office closes it.

Registered → opens items (by hand, as they come round, as items ask for them) → closed. The items are workflows of
their own; what is opened, and under which number, is the ledger's to say: each item once, by its identity.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError, FailureError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.registers import RegisterActivities
    from duban.names import REGISTER, register_workflow_id
    from duban.registers import (
        AtRegister,
        HandOpening,
        PeriodOpening,
        RegisterAdopting,
        RegisterClosure,
        RegisterInput,
        RegisterState,
        Settled,
        Sweeping,
    )
    from duban.supervision.days.calendar import spread_of
    from duban.supervision.registers.occurrences import Due
    from duban.supervision.registers.registers import ComingRound
    from duban.supervision.tasks.moments import Moment
    from duban.visibility import plan_attributes
    from workflows.register_messages import RegisterMessages
    from workflows.retries import RECORD_TIMEOUT, UNTIL_RECORDED

OPEN_TIMEOUT = timedelta(hours=1)
HEARTBEAT = timedelta(seconds=30)
SHORTEST_WAIT = timedelta(seconds=1)
LONGEST_SIGNAL = 40
OTHER_RULES = "other-rules"
"""Patch: under earlier releases a register kept the rules with which it was begun; it was told of bodies only."""
OWN_NAME_ONLY = "own-name-only"
"""Asked of what is started only: a history may be replayed under another name, that of its file."""


@workflow.defn(name=REGISTER)
class Register(RegisterMessages):
    """One register."""

    @workflow.init
    def __init__(self, given: RegisterInput) -> None:
        """Nothing is known yet but the register's code, or what an earlier run knew."""
        super().__init__(given)
        self._sweep = given.carried is None
        self._worked = 0
        self._armed: Moment | None = None
        self._timer: asyncio.Task[None] | None = None

    @workflow.run
    async def run(self, given: RegisterInput) -> str:
        """See the register to its end; returns ``closed``."""
        if workflow.info().workflow_id != register_workflow_id(given.code) and workflow.patched(OWN_NAME_ONLY):
            raise ApplicationError(
                f"这是登记簿 {given.code} 的启动参数，只能以它为编号启动。请用 starter.py register begin 建立。",
                type="NotOurs",
                non_retryable=True,
            )
        while True:
            try:
                return await self._until_closed()
            except (asyncio.CancelledError, FailureError) as cancelled:
                if not is_cancelled_exception(cancelled):
                    raise
                workflow.logger.warning("a request to cancel a register is not carried out: it ends when it is closed")

    async def _until_closed(self) -> str:
        """The register's life; begun again where a request to cancel broke in, it goes on where it was."""
        if self._state is None:
            await self._register()
        self._show()
        while True:
            await self._do_what_is_to_be_done()
            if self._closed:
                break
            if self._wants_new_run() and self._may_leave():
                workflow.continue_as_new(self._carried())
            self._arm_timer()
            await workflow.wait_condition(self._has_work)
            if self._timer is not None and self._timer.done():
                self._sweep = True  # first, because it also brings the holidays that are known by now
        self._settle_what_waits("登记簿已办结")
        self._show()
        await workflow.wait_condition(workflow.all_handlers_finished)
        return self._status

    async def _register(self) -> None:
        begun = await workflow.execute_activity_method(
            RegisterActivities.register,
            self._at(AtRegister),
            start_to_close_timeout=RECORD_TIMEOUT,
            retry_policy=UNTIL_RECORDED,
            summary="登记簿入账",
        )
        self._state = RegisterState(
            digest=begun.digest,
            rules=begun.rules,
            coming=ComingRound(begun_on=begun.begun_on, to_come_from=begun.to_come_from),
            opened=begun.opened,
            highest=begun.highest,
        )
        self._closed = begun.is_closed

    async def _do_what_is_to_be_done(self) -> None:
        """One thing after another, until nothing is left: what people wish, what items ask for, what comes round."""
        while not self._closed:
            state = self._known
            if self._wishes:
                await self._carry_out(self._wishes[0])
                del self._wishes[0]
            elif self._sweep:
                self._sweep = False  # before it begins: what is asked for meanwhile is swept once more
                await self._swept()
            elif (ripe := next(state.coming.ripe(state.rules, self._now, self._spread), None)) is not None:
                await self._open_period(*ripe)
            else:
                return
            self._worked += 1

    async def _carry_out(self, wish: HandOpening | RegisterAdopting | RegisterClosure) -> None:
        """Do what a person wishes. It was accepted under the content of that time, and is done under that of now."""
        state = self._known
        now = {"digest": wish.digest or state.digest, "at": self._now, "after": state.last_number}
        wish = wish.model_copy(update=now)
        match wish:
            case HandOpening():
                settled = await workflow.execute_activity_method(
                    RegisterActivities.open_item,
                    wish,
                    start_to_close_timeout=OPEN_TIMEOUT,
                    heartbeat_timeout=HEARTBEAT,
                    retry_policy=UNTIL_RECORDED,
                    summary="开立事项",
                )
                self._opened(1 if settled.code else 0, number=settled.number)
            case RegisterAdopting():
                settled = await self._adopted(wish)
            case RegisterClosure():
                settled = await workflow.execute_activity_method(
                    RegisterActivities.close,
                    wish,
                    start_to_close_timeout=RECORD_TIMEOUT,
                    retry_policy=UNTIL_RECORDED,
                    summary="登记簿办结入账",
                )
                self._closed = not settled.reason
        self._settle(wish.id, settled)

    async def _adopted(self, wish: RegisterAdopting) -> Settled:
        adopted = await workflow.execute_activity_method(
            RegisterActivities.adopt,
            wish,
            start_to_close_timeout=RECORD_TIMEOUT,
            retry_policy=UNTIL_RECORDED,
            summary="按变更后的机构和制度继续",
        )
        if adopted.rules is None:
            return Settled(reason=adopted.reason)
        before, after = self._known, adopted.rules
        self._state = before.model_copy(update={"digest": wish.digest, "rules": after})
        is_other = before.rules.regime != after.regime or bool(after.rhythms.keys() - before.rules.rhythms.keys())
        if is_other and workflow.patched(OTHER_RULES):
            coming = before.coming.under(before.rules, after, wish.from_on or self._today)
            self._state = self._known.model_copy(update={"coming": coming})
            self._show()
        return Settled()

    async def _swept(self) -> None:
        try:
            swept = await workflow.execute_activity_method(
                RegisterActivities.sweep,
                self._at(Sweeping, calendar=self._known.rules.calendar_digest),
                start_to_close_timeout=OPEN_TIMEOUT,
                heartbeat_timeout=HEARTBEAT,
                retry_policy=UNTIL_RECORDED,
                summary="开立其他事项提请的事项，补启动",
            )
        except BaseException:
            self._sweep = True  # a request to cancel has broken in
            raise
        changes: dict[str, Any] = {"rules": swept.rules} if swept.rules is not None else {}
        changes["again_at"] = None
        if swept.again_after is not None:
            changes["again_at"] = self._given.clock.business(workflow.now() + swept.again_after)
        self._state = self._known.model_copy(update=changes)
        self._opened(swept.opened, number=swept.highest)

    async def _open_period(self, key: str, found: Due) -> None:
        if found.opened is None:
            return
        opened = await workflow.execute_activity_method(
            RegisterActivities.open_period,
            self._at(PeriodOpening, rhythm=key, opened=found.opened, missed=found.missed),
            start_to_close_timeout=OPEN_TIMEOUT,
            heartbeat_timeout=HEARTBEAT,
            retry_policy=UNTIL_RECORDED,
            summary=f"开立{found.opened.span.words}{self._known.rules.rhythms[key].title}"[:60],
        )
        self._state = self._known.model_copy(update={"coming": self._known.coming.with_done(key, found)})
        self._opened(opened)

    def _opened(self, count: int, *, number: int = 0) -> None:
        self._state = self._known.with_opened(count, number=number)

    def _arm_timer(self) -> None:
        """Wait for what comes next. Re-armed only when it really changes: that costs two events of history."""
        moment = self._next_moment
        if moment == self._armed and (self._timer is None or not self._timer.done()):
            return
        if self._timer is not None:
            self._timer.cancel()
        self._armed, self._timer = moment, None
        self._show_details()
        if moment is not None and self._given.clock.reaches(moment.at):
            wait = max(self._given.clock.real(moment.at) - workflow.now(), SHORTEST_WAIT)
            self._timer = asyncio.create_task(workflow.sleep(wait, summary=moment.text))

    def _has_work(self) -> bool:
        waited = self._timer is not None and self._timer.done()
        return bool(self._wishes) or self._sweep or waited or (self._wants_new_run() and self._may_leave())

    def _wants_new_run(self) -> bool:
        capped = self._given.continue_after is not None and self._worked >= self._given.continue_after
        return capped or workflow.info().is_continue_as_new_suggested()

    def _may_leave(self) -> bool:
        return not self._wishes and not self._sweep and workflow.all_handlers_finished()

    def _carried(self) -> RegisterInput:
        return self._given.model_copy(update={"carried": self._state})

    @property
    def _spread(self) -> float:
        """Where in the office window it opens what comes round."""
        return spread_of(self._given.code)

    def _show(self) -> None:
        if self._state is not None:
            wanted = plan_attributes(self._given.code, self._status, self._state.rules.regime)
            workflow.upsert_search_attributes([pair.key.value_set(pair.value) for pair in wanted])
        self._show_details()

    @workflow.signal(name="asked", description="系统信号：有事项提请开立新的事项")
    def asked(self, *_: Any) -> None:
        """An item's outcome asks for another one, or for something to be done; sent after that was recorded."""
        self._sweep = True

    @workflow.signal(description="补启动台账中尚未启动的事项")
    def start_again(self, *_: Any) -> None:
        """Start whatever the ledger has no proof of. An argument typed with it must not stop the register."""
        self._sweep = True

    @workflow.signal(dynamic=True)
    def other_signal(self, name: str, _: Sequence[RawValue]) -> None:
        """A signal that a register does not know; it has no timeline to put it on, so it is in the worker's log."""
        workflow.logger.warning("a register got a signal of an unknown name: %s", name[:LONGEST_SIGNAL])
