"""The workflow sandbox of the SDK, holding on to less memory.

A cached workflow keeps small parts of the activations it was given (headers, flags, a version). Each is part of one
block of memory that lives as long as any part of it, so the start input stays with them, four times over: decoding
it on the way in leaves every earlier form in the block. A tight copy leaves one. Figures in docs/adr/0008, measured
by ``make bench ARGS=memory``.
"""

from collections.abc import MutableSequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from temporalio.api.common.v1 import Payload, Payloads
from temporalio.converter import SerializationContext, StorageDriverStoreContext
from temporalio.worker import (
    ExecuteWorkflowInput,
    WorkflowInboundInterceptor,
    WorkflowInstance,
    WorkflowInstanceDetails,
)
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions
from temporalio.workflow import Info

if TYPE_CHECKING:
    from temporalio.bridge.proto.workflow_activation import WorkflowActivation
    from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion


LOADED_ONCE = "workflows.reform_task"
"""The decorated class of a task: for each handler that it has, loading it again takes time in each of thousands."""


class LeanSandbox(SandboxedWorkflowRunner):
    """The sandbox, its workflows activated with copies of what arrives."""

    def __init__(self, *, restrictions: SandboxRestrictions = SandboxRestrictions.default) -> None:
        """A sandbox under these restrictions, which loads the class of a task once for all of them."""
        super().__init__(restrictions=restrictions.with_passthrough_modules(LOADED_ONCE))

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """Create a sandboxed workflow that keeps nothing of the activation it is created from."""
        own = Payloads()
        own.CopyFrom(det.last_completion_result)
        interceptors: list[type[WorkflowInboundInterceptor]] = [OwnHeaders, *det.interceptor_classes]
        lean = replace(det, last_completion_result=own, interceptor_classes=interceptors)
        return LeanInstance(super().create_instance(lean), arguments=len(det.defn.arg_types or ()))


class LeanInstance(WorkflowInstance):
    """A sandboxed workflow that sees copies of its activations."""

    def __init__(self, sandboxed: WorkflowInstance, *, arguments: int = 1) -> None:
        self._sandboxed, self._arguments = sandboxed, arguments

    def activate(self, act: "WorkflowActivation") -> "WorkflowActivationCompletion":
        """Activate the workflow with a tight copy."""
        own = type(act).FromString(act.SerializeToString())
        for job in own.jobs:
            if job.HasField("initialize_workflow"):
                self._count_arguments(job.initialize_workflow.arguments)
        return self._sandboxed.activate(own)

    def _count_arguments(self, given: MutableSequence[Payload]) -> None:
        """A start with too few or too many arguments, typed by hand, is one with none that can be read.

        The SDK would fail the workflow task over and over, where nobody looks.
        """
        if len(given) != self._arguments:
            del given[:]
            given.extend(Payload(metadata={"encoding": b"binary/null"}) for _ in range(self._arguments))

    def get_serialization_context(self, command_info: Any) -> SerializationContext | None:
        """As the workflow says."""
        return self._sandboxed.get_serialization_context(command_info)

    def get_external_store_context(self, command_info: Any) -> StorageDriverStoreContext:
        """As the workflow says."""
        return self._sandboxed.get_external_store_context(command_info)

    def get_info(self) -> Info:
        """As the workflow says."""
        return self._sandboxed.get_info()

    def get_thread_id(self) -> int | None:
        """As the workflow says."""
        return self._sandboxed.get_thread_id()


class OwnHeaders(WorkflowInboundInterceptor):
    """Lets a workflow keep the headers of its start as values of its own."""

    async def execute_workflow(self, input: ExecuteWorkflowInput) -> object:  # noqa: A002 - the SDK's name
        """Copy the headers, then go on."""
        input.headers = {
            name: type(value).FromString(value.SerializeToString()) for name, value in input.headers.items()
        }
        return await super().execute_workflow(input)
