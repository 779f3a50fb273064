"""Writes what tasks have decided into the ledger, and sees to it that somebody delivers.

Idempotent: an entry is written once, by its version; a nudge sent twice is one nudge.
"""

from concurrent.futures import Executor

from temporalio import activity
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from activities.nudging import Dispatches
from activities.threads import in_thread
from duban.contracts import RecordBatch, RecordReceipt
from duban.ledger import Ledger
from duban.ledger.questions.lateness import LATE
from duban.names import REFORM_PLAN_FINISHED, REGISTER_ASKED, plan_workflow_id, register_workflow_id
from duban.supervision.tasks.entries import AskChange, NoticeIntent, OpeningChange


class LedgerActivities:
    """Ledger writes of tasks; owns nothing but what it is given."""

    def __init__(self, ledger: Ledger, dispatches: Dispatches, client: Client, threads: Executor) -> None:
        self._ledger, self._dispatches, self._client, self._threads = ledger, dispatches, client, threads

    @activity.defn(name="record")
    async def record(self, batch: RecordBatch) -> RecordReceipt:
        """Write entries, with their rows and notices, in one transaction.

        Raises:
            LedgerUnavailable: The database cannot be reached; tried again for ever.
            LedgerConflict: The ledger holds other entries under these versions; a person has to look.
        """
        receipt = await in_thread(self._threads, self._ledger.tasks.record, batch)
        if receipt.late_by > LATE:
            activity.logger.warning(
                "task %s woke %d s after its moment", batch.task_code, receipt.late_by.total_seconds()
            )
        # Recomputed from the batch, not from what was new: after a crash between commit and nudge the retry nudges.
        bodies = [c.recipient for entry in batch.entries for c in entry.changes if isinstance(c, NoticeIntent)]
        await self._dispatches.nudge(bodies)
        if any(isinstance(change, OpeningChange | AskChange) for entry in batch.entries for change in entry.changes):
            await self._tell_register(batch.plan_code)
        if receipt.plan_finished:
            await self._tell_plan(batch.plan_code)
        return receipt

    async def _tell_register(self, plan_code: str) -> None:
        """An outcome asks for something; recorded by now, so that a register which is not there finds it later."""
        register = await in_thread(self._threads, self._ledger.registers.opener_for, plan_code)
        if register is None:
            activity.logger.warning("no open register sees to what an item of %s asks for", plan_code)
            return
        try:
            await self._client.get_workflow_handle(register_workflow_id(register)).signal(REGISTER_ASKED)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            activity.logger.warning("the workflow of register %s is gone: what is asked of it waits there", register)

    async def _tell_plan(self, plan_code: str) -> None:
        """The write that closed the last open task tells the plan: one signal for a plan, not one for a task.

        A retry of that write tells it again, which changes nothing.
        """
        try:
            await self._client.get_workflow_handle(plan_workflow_id(plan_code)).signal(REFORM_PLAN_FINISHED)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            activity.logger.warning("the plan's workflow is gone: its end is on record in the ledger")
