"""What the workflow sandbox loads for each workflow: nothing but our own modules.

A module that is loaded again for every workflow costs memory and time thousands of times over (an ORM: 47 MiB and
1.4 seconds), and does so silently.
"""

import gc
from typing import Any

import pytest
from temporalio import workflow
from temporalio.bridge.proto.workflow_activation import InitializeWorkflow, WorkflowActivation
from temporalio.worker import ExecuteWorkflowInput, WorkflowInboundInterceptor, WorkflowInstance
from temporalio.worker.workflow_sandbox import SandboxRestrictions

import worker as wiring
from duban.sandbox import LeanInstance, LeanSandbox, OwnHeaders
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
    monkeypatch.setattr(wiring, "LeanSandbox", lambda: LeanSandbox(restrictions=strict))
    await fast.issue(fast.task("2016-06-30"))
    await fast.tell("accept", HANDLING)
    await fast.tell("request_strike_off", HANDLING, deliverable="市医保发〔2016〕9号")
    await fast.tell("verify", SUPERVISOR, passed=True)
    assert await fast.handle().result() == "struck_off"


async def test_the_class_of_a_task_is_the_same_for_all_tasks(fast: InFastTime) -> None:
    await fast.issue(fast.task("2016-06-30"), fast.task("2016-06-30", number=2))
    for number in (1, 2):
        await fast.report(percent=10, number=number)
    # By their real types: a restricted object of the sandbox, which may be among them, refuses to be asked its class.
    loaded = [one for one in gc.get_objects() if issubclass(type(one), type) and one.__qualname__ == "ReformTask"]
    assert len(loaded) == 1


class _Seen(WorkflowInstance):
    """Stands in for a sandboxed workflow and keeps what it is activated with."""

    def __init__(self) -> None:
        self.activation: Any = None

    def activate(self, act: WorkflowActivation) -> Any:
        self.activation = act
        return "done"

    def get_serialization_context(self, command_info: Any) -> Any: ...

    def get_external_store_context(self, command_info: Any) -> Any: ...

    def get_info(self) -> Any: ...


def test_a_workflow_is_activated_with_a_copy_of_what_arrived() -> None:
    seen, arrived = _Seen(), WorkflowActivation(run_id="r", available_internal_flags=[1, 2])
    assert LeanInstance(seen).activate(arrived) == "done"
    assert seen.activation == arrived
    assert seen.activation is not arrived


class _Started(WorkflowInboundInterceptor):
    def __init__(self) -> None:
        self.headers: Any = None

    async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:  # noqa: A002 - the SDK's name
        self.headers = input.headers


async def test_a_workflow_keeps_headers_of_its_own() -> None:
    start, started = InitializeWorkflow(), _Started()
    start.headers["trace"].data = b"42"
    given = ExecuteWorkflowInput(type=object, run_fn=_never, args=[], headers=start.headers)
    await OwnHeaders(started).execute_workflow(given)
    assert type(started.headers) is dict
    assert started.headers == {"trace": start.headers["trace"]}
    assert started.headers["trace"] is not start.headers["trace"]


async def _never() -> None:
    raise AssertionError
