"""``ReformTask``: one task of a plan, from the day it is issued until it is struck off.

Its messages are in ``task_messages``, its loop in ``task_loop``. Nothing of a task is loaded again for each of
thousands (docs/adr/0001): what this module holds, all of them share, so it holds the class and nothing else.
"""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from duban.contracts import TaskInput
    from duban.names import REFORM_TASK
    from workflows.task_loop import TaskLoop


@workflow.defn(name=REFORM_TASK)
class ReformTask(TaskLoop):
    """One task."""

    @workflow.init
    def __init__(self, given: TaskInput) -> None:
        """Take over the state; nothing is decided here."""
        super().__init__(given)

    @workflow.run
    async def run(self, given: TaskInput) -> str:  # noqa: ARG002 - taken over by __init__, as the SDK wants it
        """Supervise the task to its end; returns the final stage."""
        return await self._supervise()
