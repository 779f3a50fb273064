"""What the workflow sandbox loads for each workflow: nothing but our own modules.

A module that is loaded again for every workflow costs memory and time thousands of times over (an ORM: 47 MiB and
1.4 seconds), and does so silently.
"""

from functools import partial

import pytest
from temporalio import workflow
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

import worker as wiring
from tests.supervision.supervised import HANDLING, SUPERVISOR
from tests.workflows.installation import InFastTime

NO_SURPRISES = (
    workflow.SandboxImportNotificationPolicy.RAISE_ON_UNINTENTIONAL_PASSTHROUGH
    | workflow.SandboxImportNotificationPolicy.WARN_ON_DYNAMIC_IMPORT
)


async def test_a_workflow_loads_nothing_that_was_not_meant_to_be_loaded(
    fast: InFastTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    strict = SandboxRestrictions.default.with_import_notification_policy(NO_SURPRISES)
    runner = SandboxedWorkflowRunner(restrictions=strict)
    monkeypatch.setattr(wiring, "Worker", partial(Worker, workflow_runner=runner))
    await fast.issue(fast.task("2016-06-30"))
    await fast.tell("accept", HANDLING)
    await fast.tell("request_strike_off", HANDLING, deliverable="市医保发〔2016〕9号")
    await fast.tell("verify", SUPERVISOR, passed=True)
    assert await fast.handle().result() == "struck_off"
