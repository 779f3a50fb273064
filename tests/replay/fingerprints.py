"""A fingerprint: the commands that a workflow gave, in order, without times, ids and contents."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client

from tests.replay.scenarios import Scenario, workflow_ids
from tests.workflows.installation import OnSkippedTime

BASELINE = Path(__file__).parent / "fingerprints.json"

Fingerprints = dict[str, dict[str, list[str]]]
"""Commands by workflow and scenario."""


def baseline() -> Fingerprints:
    """The committed fingerprints."""
    found: Fingerprints = json.loads(BASELINE.read_text(encoding="utf-8"))
    return found


def save(fingerprints: Fingerprints) -> None:
    text = json.dumps(fingerprints, ensure_ascii=False, indent=1, sort_keys=True)
    BASELINE.write_text(f"{text}\n", encoding="utf-8")


async def taken_of(made: OnSkippedTime, scenario: Scenario) -> dict[str, list[str]]:
    """Live a scenario on skipped time; returns the commands of the workflows that it keeps."""
    if scenario.policy is not None:
        made.policy = scenario.policy()
    if not scenario.comes_by_no_plan:
        await made.issue(*scenario.due_on, entered=scenario.entered, **scenario.task)
    await scenario.walk(made)
    return {
        kept: [line for run in await runs_of(made.client, identifier) for line in commands(run)]
        for kept, identifier in workflow_ids(made, scenario).items()
    }


async def runs_of(client: Client, workflow_id: str) -> list[Sequence[HistoryEvent]]:
    """The histories of a workflow and of those that it continued from, oldest first."""
    runs: list[Sequence[HistoryEvent]] = []
    run_id: str | None = None
    while run_id is None or run_id:
        events = (await client.get_workflow_handle(workflow_id, run_id=run_id).fetch_history()).events
        runs.insert(0, events)
        run_id = events[0].workflow_execution_started_event_attributes.continued_execution_run_id
    return runs


def commands(events: Sequence[HistoryEvent]) -> Iterator[str]:
    """What of a history comes from commands, and what they answer to."""
    for event in events:
        if (line := _line(event)) is not None:
            yield line


def _line(event: HistoryEvent) -> str | None:
    match event.WhichOneof("attributes"):
        case "activity_task_scheduled_event_attributes":
            return f"activity {event.activity_task_scheduled_event_attributes.activity_type.name}"
        case "timer_started_event_attributes":
            return "timer started"
        case "timer_canceled_event_attributes":
            return "timer cancelled"
        case "timer_fired_event_attributes":
            return "timer fired"
        case "workflow_execution_update_accepted_event_attributes":
            request = event.workflow_execution_update_accepted_event_attributes.accepted_request
            return f"update {request.input.name}"
        case "workflow_execution_update_completed_event_attributes":
            return "update answered"
        case "workflow_execution_signaled_event_attributes":
            return f"signal {event.workflow_execution_signaled_event_attributes.signal_name}"
        case "signal_external_workflow_execution_initiated_event_attributes":
            return f"signal to {event.signal_external_workflow_execution_initiated_event_attributes.signal_name}"
        case "upsert_workflow_search_attributes_event_attributes":
            return "search attributes"
        case "marker_recorded_event_attributes":
            return f"marker {event.marker_recorded_event_attributes.marker_name}"
        case "workflow_execution_continued_as_new_event_attributes":
            return "continued as new"
        case "workflow_execution_completed_event_attributes":
            return "completed"
        case _:
            return None
