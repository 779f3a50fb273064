"""The bare engine: a workflow that only waits, started with one search attribute less than nothing."""

from temporalio import workflow


@workflow.defn(name="Bare")
class Bare:
    """Waits until it is told to end."""

    def __init__(self) -> None:
        self._ended = False

    @workflow.run
    async def run(self) -> None:
        """Wait."""
        await workflow.wait_condition(lambda: self._ended)

    @workflow.query
    def ended(self) -> bool:
        """Whether it has ended: a query makes a worker that has forgotten the workflow load it again."""
        return self._ended

    @workflow.signal
    def end(self) -> None:
        """End."""
        self._ended = True
