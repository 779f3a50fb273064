"""People at their desks: they say a thing once, under one id, and say it again until they have an answer.

What they sent is kept word for word, with what came of it: it is what the comparison holds against the ledger.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio.client import WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from duban.contracts import Answer
from duban.ledger import LedgerUnavailable
from duban.names import task_workflow_id
from duban.supervision.days.clock import TaskClock
from duban.supervision.rules.authority import Act
from tests.faults.house import House
from tests.faults.model import Said
from tests.faults.plans import Doing
from workflows.task_messages import REFUSED

ANSWERED_WITHIN = timedelta(seconds=10)
AGAIN_AFTER = 0.3
PASSES = frozenset(
    {
        RPCStatusCode.UNAVAILABLE,
        RPCStatusCode.DEADLINE_EXCEEDED,
        RPCStatusCode.CANCELLED,
        RPCStatusCode.RESOURCE_EXHAUSTED,
        RPCStatusCode.INTERNAL,
        RPCStatusCode.UNKNOWN,
        RPCStatusCode.ABORTED,
        RPCStatusCode.FAILED_PRECONDITION,  # its task timed out a few times in a row: a worker is overwhelmed, or dead
    }
)
"""What a server says while it is being killed, is away, or comes up again."""


class People:
    """Everybody who says something in a trial."""

    def __init__(self, house: House, clock: TaskClock) -> None:
        self._house, self._clock = house, clock
        self.said: dict[str, Said] = {}
        self.answered: dict[str, Answer] = {}
        self.refused: dict[str, str] = {}
        self.repeated = 0
        """Messages that had to be said again."""

    def now(self) -> datetime:
        """The business moment."""
        return self._clock.business(datetime.now(UTC))

    async def live(self, acts: Sequence[Doing]) -> None:
        """Do all this, each at its moment; what is done to one task is done in its order."""
        by_task: dict[str, list[Doing]] = {}
        for act in acts:
            by_task.setdefault(act.task, []).append(act)
        async with asyncio.TaskGroup() as desks:
            for some in by_task.values():
                desks.create_task(self._work_off(some))

    async def _work_off(self, acts: Sequence[Doing]) -> None:
        for act in acts:
            await asyncio.sleep(max((self._clock.real(act.at) - datetime.now(UTC)).total_seconds(), 0))
            await self.tell(act.task, act.act, at=act.at, **act.fields)

    def note(self, task: str, act: Act, at: datetime, fields: dict[str, Any]) -> Said:
        """Write a message as our clients do, with its id and its moment."""
        identity = f"{task}/{len([1 for one in self.said.values() if one.task == task]) + 1}"
        said = Said(task, act, {**fields, "id": identity, "occurred_at": at.isoformat()})
        self.said[identity] = said
        return said

    async def tell(self, task: str, act: Act, *, at: datetime, **fields: Any) -> Said:
        """Say something until it is answered or refused."""
        said = self.note(task, act, at, fields)
        update = "report_progress" if act is Act.PROGRESS else act.value
        while not await self._try(said, update):
            self.repeated += 1
            await asyncio.sleep(AGAIN_AFTER)
        return said

    async def _try(self, said: Said, update: str) -> bool:
        """Whether there is an answer; what may pass is said again."""
        handle = self._house.client.get_workflow_handle(task_workflow_id(said.task))
        try:
            self.answered[said.id] = await handle.execute_update(
                update, dict(said.fields), id=said.id, rpc_timeout=ANSWERED_WITHIN, result_type=Answer
            )
        except WorkflowUpdateRPCTimeoutOrCancelledError:
            return False
        except WorkflowUpdateFailedError as failure:
            if not isinstance(failure.cause, ApplicationError) or failure.cause.type != REFUSED:
                raise
            self.refused[said.id] = str(failure.cause)
        except RPCError as error:
            if error.status in PASSES:
                return False
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            try:
                # Beside the loop, which has to let a database that stands still go on again.
                if not await asyncio.to_thread(self._house.is_closed, said.task):
                    raise
            except LedgerUnavailable:
                return False
            self.refused[said.id] = "已结束"
        return True
