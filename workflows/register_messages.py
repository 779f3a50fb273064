"""What people say to a register and what they see of it.

A handler decides nothing that the ledger has to say: it accepts a wish and waits, a few seconds at most, for what came
of it. The loop never waits for a handler before it has carried out what was wished, so that neither can hold up the
other; and while the database is away people are answered that it is being written.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from duban.contracts import Answer
    from duban.registers import (
        AtRegister,
        HandOpening,
        Opened,
        RegisterAdopting,
        RegisterClosure,
        RegisterInput,
        RegisterStanding,
        RegisterState,
        Settled,
    )
    from duban.supervision.registers.registers import refuse_keeping, refuse_opening
    from duban.supervision.registers.wanted_items import WantedItem
    from duban.supervision.tasks.moments import Moment
    from duban.supervision.tasks.reading import read_item_opening, read_register_adoption, read_register_closing
    from duban.supervision.tasks.turn import Refusal

REFUSED = "Refused"
SETTLED_WITHIN = timedelta(seconds=5)
"""How long a person waits for the ledger; what takes longer is done all the same."""
MOST_SETTLED = 200
"""Messages whose outcome is remembered; the ledger remembers all."""
MOST_WAITING = 100
"""Wishes that wait for the ledger."""
REGISTERING = "登记簿正在建立，请稍后再试"
DRAWN_UP_BEFORE = "拟订变更之后，登记簿的制度或机构又变更过。请重新比较，另行变更"

Wish = HandOpening | RegisterAdopting | RegisterClosure
At = TypeVar("At", bound=AtRegister)

WAITS_FOR = {
    "registering": "正在建立",
    "under_way": "开立和等待各类事项",
    "closed": "已办结",
}


class RegisterMessages:
    """A register with its wishes, as messages and queries find it; carried out by ``Register``."""

    def __init__(self, given: RegisterInput) -> None:
        """Nothing is decided here."""
        self._given = given
        self._state: RegisterState | None = given.carried
        self._wishes: list[Wish] = []
        self._closed = False

    @property
    def _known(self) -> RegisterState:
        if self._state is None:
            raise ApplicationError(REGISTERING, type=REFUSED, non_retryable=True)
        return self._state

    @property
    def _now(self) -> datetime:
        return self._given.clock.business(workflow.now())

    @property
    def _today(self) -> date:
        return self._known.rules.calendar.zone.local_date(self._now)

    @property
    def _status(self) -> str:
        return "closed" if self._closed else "registering" if self._state is None else "under_way"

    def _at(self, kind: type[At], **more: Any) -> At:
        state = self._state
        facts = {
            "digest": state.digest if state else self._given.digest,
            "after": state.last_number if state else 0,
            **more,
        }
        return kind(code=self._given.code, at=self._now, clock=self._given.clock, **facts)

    # --- wishes -------------------------------------------------------------------------------

    def _settle(self, identity: str, settled: Settled) -> None:
        known = {**self._known.settled, identity: settled}
        newest = dict(list(known.items())[-MOST_SETTLED:])
        self._state = self._known.model_copy(update={"settled": newest})

    def _settle_what_waits(self, reason: str) -> None:
        for wish in self._wishes:
            self._settle(wish.id, Settled(reason=reason))
        self._wishes.clear()

    async def _wished(self, wish: Wish | Refusal) -> Settled | None:
        """What came of a wish; None where it is still being written.

        Raises:
            ApplicationError: It is refused.
        """
        if isinstance(wish, Refusal):
            raise ApplicationError(wish.reason, type=REFUSED, non_retryable=True)
        known = self._known.settled.get(wish.id)
        if known is None and all(waiting.id != wish.id for waiting in self._wishes):
            self._wishes.append(wish)
        try:
            await workflow.wait_condition(
                lambda: wish.id in self._known.settled, timeout=SETTLED_WITHIN, timeout_summary="等待台账答复"
            )
        except TimeoutError:
            return None
        settled = self._known.settled[wish.id]
        if settled.reason:
            raise ApplicationError(settled.reason, type=REFUSED, non_retryable=True)
        return settled

    def _check(self, wish: Wish | Refusal) -> None:
        """What a validator refuses writes nothing."""
        if isinstance(wish, Refusal):
            raise ApplicationError(wish.reason, type=REFUSED, non_retryable=True)
        known = self._known.settled.get(wish.id)
        if known is not None and known.reason:
            raise ApplicationError(known.reason, type=REFUSED, non_retryable=True)
        if known is None and len(self._wishes) >= MOST_WAITING:
            raise ApplicationError("等待入账的过多，请稍后再试", type=REFUSED, non_retryable=True)

    def _wish(
        self, message: object, read: Callable[[object], Any], make: Callable[[Any], Wish | Refusal]
    ) -> Wish | Refusal:
        """What is wished, by what was sent, or why it is refused."""
        if self._state is None:
            return Refusal(REGISTERING)
        if self._closed:
            return Refusal(f"登记簿 {self._given.code} 已办结")
        said = read(message)
        if isinstance(said, Refusal):
            return said
        return make(said)

    # --- messages -----------------------------------------------------------------------------

    @workflow.update(
        name="open", description="开立事项（procedure, facts, body, person；可写 title, concerns, anyway）"
    )
    async def open_item(self, message: Any = None, *_: Any) -> Opened:
        """A person opens an item; answered with its code."""
        repeated = self._is_known(message)
        settled = await self._wished(self._opening(message))
        if settled is None:
            return Opened(text="已受理：开立事项，入账中", version=0)
        if repeated:
            return Opened(text=f"此前已开立 {settled.code}，未重复开立", version=0, repeated=True, code=settled.code)
        return Opened(text=f"已开立 {settled.code}", version=0, code=settled.code)

    @open_item.validator
    def _check_open(self, message: Any = None, *_: Any) -> None:
        self._check(self._opening(message))

    def _is_known(self, message: object) -> bool:
        said = read_item_opening(message)
        return not isinstance(said, Refusal) and self._state is not None and said.id in self._state.settled

    def _opening(self, message: object) -> Wish | Refusal:
        def make(said: Any) -> Wish | Refusal:
            wanted = WantedItem(
                procedure=said.procedure,
                title=said.title,
                facts=said.facts,
                concerns=tuple(code for code in said.concerns if code),
                counted=said.counted,
            )
            return refuse_opening(self._known.rules, said, self._today) or self._at(
                HandOpening,
                digest="",
                id=said.id or self._own_id(),
                body=said.body,
                person=said.person,
                wanted=wanted,
                anyway=said.anyway,
            )

        return self._wish(message, read_item_opening, make)

    @workflow.update(description="登记簿办结（body, person, reason；仍有未办结的须写 anyway）")
    async def close(self, message: Any = None, *_: Any) -> Answer:
        """The office closes the register."""
        settled = await self._wished(self._closing(message))
        return Answer(text="已受理：登记簿办结" + ("" if settled else "，入账中"), version=0)

    @close.validator
    def _check_close(self, message: Any = None, *_: Any) -> None:
        self._check(self._closing(message))

    def _closing(self, message: object) -> Wish | Refusal:
        def make(said: Any) -> Wish | Refusal:
            if (refusal := refuse_keeping(self._known.rules, said, "办结")) is not None:
                return refusal
            to_come = self._known.coming.still_to_come(self._known.rules)
            if to_come and not said.anyway:
                return Refusal(f"本年度还有未到期的：{'、'.join(to_come)}；确需办结，请写明 --anyway")
            return self._at(
                RegisterClosure,
                digest="",
                id=said.id or self._own_id(),
                body=said.body,
                person=said.person,
                reason=said.reason,
                anyway=said.anyway,
            )

        return self._wish(message, read_register_closing, make)

    @workflow.update(description="按变更后的机构和制度继续（由 starter.py 送出）")
    async def adopt(self, message: Any = None, *_: Any) -> Answer:
        """The register goes on under another content: who is who, and the rules, from now on."""
        settled = await self._wished(self._adopting(message))
        return Answer(text="已受理：登记簿按变更后的内容继续" + ("" if settled else "，入账中"), version=0)

    @adopt.validator
    def _check_adopt(self, message: Any = None, *_: Any) -> None:
        self._check(self._adopting(message))

    def _adopting(self, message: object) -> Wish | Refusal:
        def make(said: Any) -> Wish | Refusal:
            if (refusal := refuse_keeping(self._known.rules, said, "变更")) is not None:
                return refusal
            is_other = said.instead_of and self._known.digest not in (said.instead_of, said.digest)
            if is_other and said.id not in self._known.settled:
                return Refusal(DRAWN_UP_BEFORE)
            said_at = min(said.occurred_at or self._now, self._now)
            return self._at(
                RegisterAdopting,
                digest=said.digest,
                id=said.id or self._own_id(),
                from_on=self._known.rules.calendar.zone.local_date(said_at),
            )

        return self._wish(message, read_register_adoption, make)

    @staticmethod
    def _own_id() -> str:
        """Of a message that was typed by hand: the server's name for it."""
        update = workflow.current_update_info()
        return update.id if update is not None else ""

    # --- what people see ----------------------------------------------------------------------

    @property
    def _next_moment(self) -> Moment | None:
        """When it wakes by itself, and what for."""
        if self._state is None:
            return None
        comes, again = self._state.coming.next_moment(self._state.rules, self._spread), self._state.again_at
        if again is None or (comes is not None and comes.at <= again):
            return comes
        return Moment(at=again, text="再次办理未送达的")

    def _show_details(self) -> None:
        next_one = self._next_moment
        rows = [("状态", WAITS_FOR[self._status])]
        if self._state is not None and not self._closed:
            zone = self._state.rules.calendar.zone
            rows += [("已开立", f"{self._state.opened} 件")]
            rows += [("下一次", f"{zone.local(next_one.at):%Y-%m-%d %H:%M} {next_one.text}")] if next_one else []
        table = "\n".join(f"| {name} | {value} |" for name, value in rows)
        workflow.set_current_details(f"| 项目 | 内容 |\n| --- | --- |\n{table}")

    @property
    def _spread(self) -> float:
        raise NotImplementedError

    @workflow.query(description="登记簿现状（JSON）")
    def status(self, *_: Any) -> RegisterStanding:
        """How the register stands; lists and figures come from the ledger."""
        state = self._state
        next_one = None if self._closed else self._next_moment
        return RegisterStanding(
            code=self._given.code,
            status=self._status,
            tasks=state.opened if state else 0,
            waits_for=WAITS_FOR[self._status],
            next_at=next_one.at if next_one else None,
            next_text=next_one.text if next_one else "",
            to_come_from=state.coming.to_come_from if state else {},
        )
