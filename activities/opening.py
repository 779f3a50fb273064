"""Opens items: each once by its identity, registered in one transaction with its first entries, then started.

A crash between the two is mended by the next sweep, from what the ledger has of the item.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor

from temporalio import activity
from temporalio.client import Client

from activities.nudging import Dispatches
from activities.threads import in_thread
from duban.contracts import TaskInput
from duban.ledger import Ledger
from duban.ledger.registers.register_rows import ItemToOpen, NewItem, OpenedItem
from duban.open_registers import OpenRegister, open_register
from duban.registers import AtRegister
from duban.starts import start_task
from duban.supervision.plans.plan import TaskDefinition
from duban.supervision.tasks.entries import NoticeIntent
from duban.supervision.tasks.turn import Refusal

AT_ONCE = 50
"""Items in one transaction, and client starts in flight."""

Make = Callable[[ItemToOpen, str], TaskDefinition | Refusal]
"""Makes the definition of an item under a code."""


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
        return await in_thread(self._threads, open_register, self._ledger, given.code, given.digest, given.clock)

    async def open(
        self, given: AtRegister, at: OpenRegister, wanted: Sequence[ItemToOpen], make: Make
    ) -> tuple[OpenedItem, ...]:
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
            made = at.registration(definition, procedure, given.at)
            if isinstance(made, Refusal):
                return made.reason
            recipients.extend(_addressed(made))
            return made

        found: list[OpenedItem] = []
        for first in range(0, len(wanted), AT_ONCE):
            some = wanted[first : first + AT_ONCE]
            found += await in_thread(
                self._threads, self._ledger.registers.open_items, at.code, some, given.at, build, given.after
            )
            await self.start(given)
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


def _addressed(made: NewItem) -> list[str]:
    entries = made.registration.batches[0].entries
    return [change.recipient for entry in entries for change in entry.changes if isinstance(change, NoticeIntent)]
