"""Opens items: each once by its identity, registered in one transaction with its first entries, then started.

A crash between the two is mended by the next sweep, from what the ledger has of the item.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from temporalio import activity
from temporalio.client import Client

from activities.nudging import Dispatches
from activities.threads import in_thread
from duban.calendars import with_years
from duban.contracts import AdoptedPolicy, RecordBatch, StoredPlan, TaskInput, pack_state
from duban.ledger import Ledger, PlanRegistration
from duban.ledger.register_rows import ItemToOpen, NewItem, OpenedItem
from duban.registers import AtRegister
from duban.starts import start_task
from duban.supervision.begin import begin
from duban.supervision.calendar import OfficeCalendar
from duban.supervision.entries import NoticeIntent
from duban.supervision.items import opened
from duban.supervision.plan import TaskDefinition
from duban.supervision.policy import Policy
from duban.supervision.procedures import Procedure
from duban.supervision.regime import SUPERVISING_BODY
from duban.supervision.rulebook import Rulebook
from duban.supervision.turn import Refusal
from duban.supervision.views import snapshot
from duban.supervision.wanted_items import Office, roles_of, supervising_body

AT_ONCE = 50
"""Items in one transaction, and client starts in flight."""

Make = Callable[[ItemToOpen, str], TaskDefinition | Refusal]
"""Makes the definition of an item under a code."""


@dataclass(frozen=True)
class OpenRegister:
    """A register as its activities find it: its content, and the holidays that the office has taken over since."""

    given: AtRegister
    content: StoredPlan
    rulebook: Rulebook
    calendar: OfficeCalendar

    @property
    def code(self) -> str:
        """Of the register."""
        return self.given.code

    @cached_property
    def office(self) -> Office:
        """Whose register it is."""
        organisation, regime = self.content.organisation, self.content.policy.regime
        stated = self.content.definition.supervising_body
        return Office(
            organisation=organisation,
            regime=regime,
            supervising_body=organisation.supervising_body(stated, regime),
        )

    @property
    def offices(self) -> dict[str, tuple[str, ...]]:
        """Bodies by role, under their own names, the supervising body's among them."""
        held = self.office.organisation.offices(self.office.regime).items()
        named = {role: tuple(map(self.office.canonical, bodies)) for role, bodies in held}
        return {**named, SUPERVISING_BODY: (self.office.supervising_body,)}

    def procedure(self, key: str) -> Procedure | None:
        """A procedure by its key."""
        return self.rulebook.procedures.get(key)

    def registration(
        self, wanted: TaskDefinition, procedure: Procedure, digest: str, at: datetime
    ) -> NewItem | Refusal:
        """An item with the entries that it begins with, or why it could not be walked to its end.

        Args:
            digest: Of the register's content.
            at: Business moment.
        """
        policy = Policy(regime=self.content.policy.regime, calendar=self.calendar, procedure=procedure)
        roles = roles_of(wanted, procedure, self.office)
        definition = opened(wanted, roles, policy, self.calendar.zone.local_date(at))
        if isinstance(definition, Refusal):
            return definition
        pressing = supervising_body(definition, procedure, self.office)
        plan = self.content.definition.model_copy(update={"supervising_body": pressing, "tasks": (definition,)})
        begun = begin(definition, plan, roles, policy, at)
        batch = RecordBatch(
            task_code=definition.code,
            plan_code=self.code,
            round=begun.state.round,
            entries=begun.entries,
            snapshot=snapshot(begun.state, policy),
            clock=self.given.clock,
            state=pack_state(begun.state),
            adopted=AdoptedPolicy(digest=begun.state.policy_digest, policy=policy),
        )
        registration = PlanRegistration(
            digest=digest,
            plan=StoredPlan(definition=plan, organisation=self.content.organisation, policy=policy),
            clock=self.given.clock,
            registered_at=at,
            batches=(batch,),
        )
        return NewItem(definition=definition, registration=registration)


class Opener:
    """Opens the items of registers."""

    def __init__(
        self, ledger: Ledger, dispatches: Dispatches, client: Client, threads: Executor, *, task_queue: str
    ) -> None:
        self._ledger, self._dispatches, self._threads = ledger, dispatches, threads
        self._client, self._task_queue = client, task_queue

    async def register(self, given: AtRegister) -> OpenRegister:
        """A register under the content that it goes by.

        Raises:
            NotInLedger: That content is not stored, or is no register's.
        """
        return await in_thread(self._threads, open_register, self._ledger, given)

    async def open(self, at: OpenRegister, wanted: Sequence[ItemToOpen], make: Make) -> tuple[OpenedItem, ...]:
        """Open items, each once, and start them.

        Args:
            at: The register.
            wanted: What is to be opened; what was dealt with before stays as it is.
            make: Makes each under its code.
        """
        recipients: list[str] = []

        def build(item: ItemToOpen, code: str) -> NewItem | str:
            procedure = at.procedure(item.procedure)
            if procedure is None:
                return f"制度中没有程序“{item.procedure}”"
            definition = make(item, code)
            if isinstance(definition, Refusal):
                return definition.reason
            made = at.registration(definition, procedure, at.given.digest, at.given.at)
            if isinstance(made, Refusal):
                return made.reason
            recipients.extend(_addressed(made))
            return made

        found: list[OpenedItem] = []
        for first in range(0, len(wanted), AT_ONCE):
            some = wanted[first : first + AT_ONCE]
            found += await in_thread(
                self._threads, self._ledger.registers.open_items, at.code, some, at.given.at, build
            )
            await self.start(at.given)
        await self._dispatches.nudge(recipients)
        return tuple(found)

    async def start(self, given: AtRegister, continue_after: int | None = None) -> int:
        """Start every item of which the ledger has no proof that it was started.

        Returns:
            How many there were.
        """
        started = 0
        while codes := await in_thread(self._threads, self._ledger.tasks.unstarted_tasks, given.code, None, AT_ONCE):
            await asyncio.gather(*(self._start(code, continue_after) for code in codes))
            await in_thread(self._threads, self._ledger.tasks.mark_started, codes, given.at)
            started += len(codes)
        return started

    async def _start(self, code: str, continue_after: int | None) -> None:
        beginning = await in_thread(self._threads, self._ledger.standings.beginning, code)
        standing = await in_thread(self._threads, self._ledger.standings.standing, code)
        if beginning is None or standing is None or not standing.is_open:
            return
        first = await in_thread(self._threads, self._ledger.registers.first_version, code)
        if standing.version > first:
            # It has recorded something itself, so it was started, though the proof was lost on the way.
            return
        given: TaskInput = beginning.given.model_copy(update={"continue_after": continue_after})
        if not await start_task(self._client, given, self._task_queue):
            activity.logger.debug("item was started before", extra={"task": code})


def open_register(ledger: Ledger, given: AtRegister) -> OpenRegister:
    """As ``Opener.register``, in the caller's thread."""
    from duban.ledger import NotInLedger

    content = ledger.plans.load_plan(given.digest)
    if content.rulebook is None:
        raise NotInLedger(f"{given.code} 不是登记簿")
    announced = ledger.years.announced()
    calendar = with_years(content.policy.calendar, [announced[year] for year in sorted(announced)])
    return OpenRegister(given=given, content=content, rulebook=content.rulebook, calendar=calendar)


def _addressed(made: NewItem) -> list[str]:
    entries = made.registration.batches[0].entries
    return [change.recipient for entry in entries for change in entry.changes if isinstance(change, NoticeIntent)]
