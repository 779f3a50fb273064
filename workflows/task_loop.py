"""The loop of ``ReformTask``.

Do what is due, carry out what has been decided, wait for a message or for the next moment. Messages are handled in
``task_messages`` and leave entries in the outbox; only the loop carries the outbox to the ledger, in order. The run
ends or continues as new only with an empty outbox, so nothing decided is ever lost.

Passed through the sandbox as a whole, like ``task_messages`` and for the same reason (docs/adr/0001).
"""

import asyncio
from datetime import timedelta
from itertools import accumulate

from temporalio import workflow
from temporalio.exceptions import ApplicationError, FailureError, is_cancelled_exception

from duban.contracts import AdoptedPolicy, RecordBatch, TaskInput, pack_state
from duban.names import task_workflow_id
from duban.supervision.tasks.entries import EntryKind, LedgerEntry
from duban.supervision.tasks.moments import Moment, next_moment
from duban.supervision.tasks.views import snapshot
from duban.supervision.words import ENTRY_WORDS
from workflows.retries import RECORD_TIMEOUT, UNTIL_RECORDED
from workflows.task_messages import TaskMessages

with workflow.unsafe.imports_passed_through():
    from activities.ledger import LedgerActivities

ENTRIES_AT_ONCE = 20
"""Entries in one write."""
BYTES_AT_ONCE = 1_000_000
"""Of entries in one write, unless one alone has more: with the state it stays below the server's limit of 2 MB."""
SHORTEST_WAIT = timedelta(seconds=1)
"""The server's timers are no finer."""
CANCELLING_REFUSED = "cancelling-refused"
"""Patch: under earlier releases a request to cancel ended the supervision of a task, and no record said so."""
PIECES_BY_SIZE = "pieces-by-size"
"""Patch: earlier releases counted the entries of a write, and did not weigh them."""
OWN_NAME_ONLY = "own-name-only"
"""Patch: earlier releases did not ask under which name a task was started."""


class TaskLoop(TaskMessages):
    """A task, supervised to its end."""

    def __init__(self, given: TaskInput) -> None:
        """Take over the state; nothing is decided here."""
        super().__init__(given)
        self._continue_after = given.continue_after
        self._armed: Moment | None = None
        self._timer: asyncio.Task[None] | None = None

    async def _supervise(self) -> str:
        """Supervise the task to its end; returns the final stage."""
        self._refuse_other_name()
        while True:
            try:
                return await self._until_the_end()
            except (asyncio.CancelledError, FailureError) as cancelled:
                if not is_cancelled_exception(cancelled) or not workflow.patched(CANCELLING_REFUSED):
                    raise
                self._note_refusal("Temporal 的取消请求未执行，督办照常进行：确需终止任务，请用 terminate 并写明理由")

    def _refuse_other_name(self) -> None:
        """A copy of a task under another name would write into the ledger of the first."""
        name = task_workflow_id(self._state.code)
        if workflow.info().workflow_id != name and workflow.patched(OWN_NAME_ONLY):
            raise ApplicationError(
                f"这是任务 {self._state.code} 的启动参数，只能以 {name} 为编号启动，不能另起一个。",
                type="NotOurs",
                non_retryable=True,
            )

    async def _until_the_end(self) -> str:
        while True:
            self._do_what_is_due()
            self._show()
            await self._record_outbox()
            if self._state.stage.is_final and self._may_leave():
                return self._state.stage.value
            if self._wants_new_run() and self._may_leave():
                # Stated anew: an attribute that was unset is carried on as a null, which the SDK cannot decode as a
                # date, and the next run would never begin.
                workflow.continue_as_new(self._carried(), search_attributes=self._attributes())
            self._arm_timer()
            await workflow.wait_condition(self._has_work)

    async def _record_outbox(self) -> None:
        """Carry the outbox to the ledger, in order; whatever falls due or arrives meanwhile goes with it."""
        while self._outbox:
            entries = self._next_entries()
            whole = len(entries) == len(self._outbox)
            await workflow.execute_activity_method(
                LedgerActivities.record,
                RecordBatch(
                    task_code=self._state.code,
                    plan_code=self._state.plan_code,
                    round=self._state.round,
                    entries=entries,
                    snapshot=snapshot(self._state, self._policy),
                    clock=self._clock,
                    closes=whole and self._state.stage.is_final,
                    state=pack_state(self._state) if whole else None,
                    adopted=self._adopted(entries),
                ),
                start_to_close_timeout=RECORD_TIMEOUT,
                retry_policy=UNTIL_RECORDED,
                summary=_in_short(entries),
            )
            del self._outbox[: len(entries)]
            self._do_what_is_due()
            self._show()

    def _adopted(self, entries: tuple[LedgerEntry, ...]) -> AdoptedPolicy | None:
        if not any(entry.kind is EntryKind.ADOPTED for entry in entries):
            return None
        return AdoptedPolicy(digest=self._state.policy_digest, policy=self._policy)

    def _next_entries(self) -> tuple[LedgerEntry, ...]:
        """As many as one payload carries: people may have said much while the database was away."""
        entries = tuple(self._outbox[:ENTRIES_AT_ONCE])
        sizes = [len(entry.model_dump_json().encode()) for entry in entries] if len(entries) > 1 else []
        if sum(sizes) <= BYTES_AT_ONCE or not workflow.patched(PIECES_BY_SIZE):
            return entries
        return entries[: max(sum(size <= BYTES_AT_ONCE for size in accumulate(sizes)), 1)]

    def _arm_timer(self) -> None:
        """Wait for the next moment. Re-armed only when it really changes: that costs two events of history."""
        moment = next_moment(self._state, self._policy)
        if moment == self._armed and (self._timer is None or not self._timer.done()):
            return
        if self._timer is not None:
            self._timer.cancel()
        self._armed, self._timer = moment, None
        if moment is not None and self._clock.reaches(moment.at):
            wait = max(self._clock.real(moment.at) - workflow.now(), SHORTEST_WAIT)
            self._timer = asyncio.create_task(workflow.sleep(wait, summary=moment.text))

    def _has_work(self) -> bool:
        waited = self._timer is not None and self._timer.done()
        return bool(self._outbox) or waited or (self._wants_new_run() and self._may_leave())

    def _wants_new_run(self) -> bool:
        capped = self._continue_after is not None and self._handled >= self._continue_after
        return capped or workflow.info().is_continue_as_new_suggested()

    def _may_leave(self) -> bool:
        return not self._outbox and workflow.all_handlers_finished()

    def _carried(self) -> TaskInput:
        return TaskInput(
            state=self._state,
            policy=self._policy,
            clock=self._clock,
            timeline=tuple(self._timeline),
            continue_after=self._continue_after,
        )


def _in_short(entries: tuple[LedgerEntry, ...]) -> str:
    """What is being recorded, for the UI: kinds only, because what people wrote is not for everybody's eyes."""
    words = "、".join(dict.fromkeys(ENTRY_WORDS[entry.kind] for entry in entries))
    first, last = entries[0].version, entries[-1].version
    return f"入账第{first if first == last else f'{first}—{last}'}条：{words}"[:60]
