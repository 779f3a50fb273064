"""What workflows had recorded, read from their histories: the inputs of their activities, in order.

A history outlives its workflow for as long as the namespace keeps it, and holds every entry word for word.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

from temporalio.api.common.v1 import Payload
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from duban.contracts import PlanClosure, PlanStart, RecordBatch
from duban.names import plan_workflow_id, task_workflow_id
from duban.reconciling.seen import RECORD
from duban.registers import RegisterClosure
from duban.supervision.model import Frozen

ENTER_STRIKE_OFF, CLOSE_PLAN, CLOSE_REGISTER = "enter_strike_off", "close_plan", "close_register"


class RecordedBatch(Frozen):
    """A batch as it was given to be recorded, and when that was done (or, if it was not, begun)."""

    at: datetime
    batch: RecordBatch


async def batches_after(client: Client, task_code: str, round_number: int, version: int) -> list[RecordedBatch]:
    """The batches with entries after a version, oldest first, across all runs that the server keeps."""
    found: dict[int, RecordedBatch] = {}
    async for events in _runs(client, task_workflow_id(task_code)):
        done = _completed(events)
        earliest: int | None = None
        for event in events:
            if (given := _input(event, RECORD)) is None:
                continue
            [batch] = await client.data_converter.decode(given, [RecordBatch])
            if batch.round != round_number:
                continue
            earliest = batch.entries[0].version if earliest is None else earliest
            if batch.entries[-1].version > version:
                at = done.get(event.event_id, event.event_time.ToDatetime(UTC))
                found.setdefault(batch.entries[0].version, RecordedBatch(at=at, batch=batch))
        if earliest is not None and earliest <= version + 1:
            break
    return [found[first] for first in sorted(found)]


async def newest_batch(client: Client, task_code: str) -> RecordBatch | None:
    """The batch that a task's newest run had recorded last, or tries to; None where it has none."""
    async for events in _runs(client, task_workflow_id(task_code)):
        for event in reversed(events):
            if (given := _input(event, RECORD)) is not None:
                [batch] = await client.data_converter.decode(given, [RecordBatch])
                return RecordBatch.model_validate(batch)
        break
    return None


async def plan_records(client: Client, plan_code: str) -> list[PlanStart | PlanClosure | RegisterClosure]:
    """What the workflow of a plan or register had recorded of its end, in order."""
    kinds = ((ENTER_STRIKE_OFF, PlanStart), (CLOSE_PLAN, PlanClosure), (CLOSE_REGISTER, RegisterClosure))
    found: list[PlanStart | PlanClosure | RegisterClosure] = []
    async for events in _runs(client, plan_workflow_id(plan_code)):
        run: list[PlanStart | PlanClosure | RegisterClosure] = []
        for event in events:
            for name, kind in kinds:
                if (given := _input(event, name)) is not None:
                    run += await client.data_converter.decode(given, [kind])
        found = [*run, *found]
    return found


async def _runs(client: Client, workflow_id: str) -> AsyncIterator[Sequence[HistoryEvent]]:
    """The histories of a workflow, newest run first: along the chain of continued runs, then all others."""
    seen: set[str] = set()
    run_id: str | None = None
    while True:
        try:
            history = await client.get_workflow_handle(workflow_id, run_id=run_id).fetch_history()
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            break
        begun = history.events[0].workflow_execution_started_event_attributes
        seen.add(begun.original_execution_run_id)
        yield history.events
        run_id = begun.continued_execution_run_id
        if not run_id:
            break
    try:
        others = [w async for w in client.list_workflows(f"WorkflowId = '{workflow_id}'") if w.run_id not in seen]
    except RPCError as error:
        if error.status is not RPCStatusCode.UNIMPLEMENTED:  # the time-skipping test server
            raise
        return
    for other in sorted(others, key=lambda w: w.start_time, reverse=True):
        history = await client.get_workflow_handle(workflow_id, run_id=other.run_id).fetch_history()
        yield history.events


def _input(event: HistoryEvent, activity: str) -> Sequence[Payload] | None:
    if not event.HasField("activity_task_scheduled_event_attributes"):
        return None
    scheduled = event.activity_task_scheduled_event_attributes
    return scheduled.input.payloads if scheduled.activity_type.name == activity else None


def _completed(events: Sequence[HistoryEvent]) -> dict[int, datetime]:
    """When activities were done, by the event that scheduled them."""
    return {
        event.activity_task_completed_event_attributes.scheduled_event_id: event.event_time.ToDatetime(UTC)
        for event in events
        if event.HasField("activity_task_completed_event_attributes")
    }
