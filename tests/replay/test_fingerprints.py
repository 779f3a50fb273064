"""The commands of each workflow are those on record: a change is made knowingly, or not at all."""

from difflib import unified_diff

import pytest

from tests.replay.fingerprints import baseline, taken_of
from tests.replay.scenarios import ON_SKIPPED_TIME, Scenario
from tests.workflows.installation import OnSkippedTime

CHANGED = """
The commands of a workflow have changed (- before, + now):

{difference}

A task that is running was begun with the commands of before and is replayed with those of now: where they differ it
stops. If the change is wanted, put it behind workflow.patched("an-id"), keep the old way for tasks that have begun, see
that tests/replay/test_golden_histories.py passes, and accept the new commands for new tasks:

    .venv/bin/python -m tests.replay.record --fingerprints
"""


@pytest.mark.parametrize("scenario", ON_SKIPPED_TIME, ids=lambda scenario: scenario.name)
async def test_the_commands_of_a_life_are_those_on_record(replayed_days: OnSkippedTime, scenario: Scenario) -> None:
    taken, kept = await taken_of(replayed_days, scenario), baseline()[scenario.name]
    difference = [
        line
        for workflow in sorted({*taken, *kept})
        for line in unified_diff(kept.get(workflow, []), taken.get(workflow, []), workflow, workflow, lineterm="", n=2)
    ]
    assert not difference, CHANGED.format(difference="\n".join(difference))
