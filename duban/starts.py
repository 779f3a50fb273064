"""How plans, registers and tasks are started: the one place, for whoever begins them and whoever mends them."""

from temporalio.client import Client, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from duban.contracts import PlanInput, TaskInput
from duban.names import (
    REFORM_PLAN,
    REFORM_TASK,
    REGISTER,
    plan_workflow_id,
    register_workflow_id,
    task_workflow_id,
)
from duban.registers import RegisterInput
from duban.supervision.tasks.views import headline, snapshot
from duban.visibility import plan_attributes, task_attributes

DIGEST = "digest"
"""Key in the memo of a plan's or register's workflow: which stored plan it was started for."""
LONGEST_SUMMARY_BYTES = 200


async def start_task(
    client: Client,
    given: TaskInput,
    task_queue: str,
    *,
    reuse: WorkflowIDReusePolicy = WorkflowIDReusePolicy.REJECT_DUPLICATE,
) -> bool:
    """Start a task's workflow; never beside one that runs.

    The server knows closed workflows for as long as it keeps them, and no longer: whether a task may be started is
    the ledger's to say.

    Args:
        reuse: Whether it may follow a closed one.

    Returns:
        Whether it was started; False where the server has it already.
    """
    try:
        await client.start_workflow(
            REFORM_TASK,
            given,
            id=task_workflow_id(given.state.code),
            task_queue=task_queue,
            id_reuse_policy=reuse,
            id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
            search_attributes=task_attributes(given.state, snapshot(given.state, given.policy), given.policy),
            static_summary=headline(given.state),
        )
    except WorkflowAlreadyStartedError:
        return False
    return True


async def start_plan(
    client: Client, given: PlanInput, task_queue: str, *, regime: str, tasks: int
) -> WorkflowHandle[object, object]:
    """Start a plan's workflow, or give the one that runs.

    Raises:
        WorkflowAlreadyStartedError: It has come to its end.
    """
    summary = f"{given.code} {given.title}（{tasks}项任务）"
    return await _start_home(client, REFORM_PLAN, given, plan_workflow_id(given.code), task_queue, regime, summary)


async def start_register(
    client: Client, given: RegisterInput, task_queue: str, *, regime: str
) -> WorkflowHandle[object, object]:
    """Start a register's workflow, or give the one that runs.

    Raises:
        WorkflowAlreadyStartedError: It has come to its end.
    """
    summary = f"{given.code} {given.title}"
    return await _start_home(client, REGISTER, given, register_workflow_id(given.code), task_queue, regime, summary)


async def _start_home(
    client: Client,
    workflow: str,
    given: PlanInput | RegisterInput,
    workflow_id: str,
    task_queue: str,
    regime: str,
    summary: str,
) -> WorkflowHandle[object, object]:
    """Start the workflow that tasks or items belong to."""
    return await client.start_workflow(
        workflow,
        given,
        id=workflow_id,
        task_queue=task_queue,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        # One whose registration was refused never began: once mended it may be started under its code.
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
        memo={DIGEST: given.digest},
        search_attributes=plan_attributes(given.code, "registering", regime),
        static_summary=_shortened(summary),
    )


def _shortened(text: str) -> str:
    """One line for the Temporal UI, at most 200 bytes as the server demands."""
    while len(text.encode()) > LONGEST_SUMMARY_BYTES:
        text = text[:-2] + "…"
    return text
