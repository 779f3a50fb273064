"""Writes what tasks have decided into the ledger, and sees to it that somebody delivers.

Idempotent: an entry is written once, by its version; a nudge sent twice is one nudge.
"""

from concurrent.futures import Executor

from temporalio import activity

from activities.nudging import Dispatches
from activities.threads import in_thread
from duban.contracts import RecordBatch, RecordReceipt
from duban.ledger import Ledger
from duban.supervision.entries import NoticeIntent


class LedgerActivities:
    """Ledger writes of tasks; owns nothing but what it is given."""

    def __init__(self, ledger: Ledger, dispatches: Dispatches, threads: Executor) -> None:
        self._ledger, self._dispatches, self._threads = ledger, dispatches, threads

    @activity.defn(name="record")
    async def record(self, batch: RecordBatch) -> RecordReceipt:
        """Write entries, with their rows and notices, in one transaction.

        Raises:
            LedgerUnavailable: The database cannot be reached; tried again for ever.
            LedgerConflict: The ledger holds other entries under these versions; a person has to look.
        """
        receipt = await in_thread(self._threads, self._ledger.tasks.record, batch)
        # Recomputed from the batch, not from what was new: after a crash between commit and nudge the retry nudges.
        bodies = [c.recipient for entry in batch.entries for c in entry.changes if isinstance(c, NoticeIntent)]
        await self._dispatches.nudge(bodies)
        return receipt
