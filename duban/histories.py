"""Whether a release goes on where another one left off: histories of running workflows, replayed by its code.

Nothing is changed: a replay answers recorded events and compares its commands with the recorded ones. What a release
answers otherwise would stand still under it from its next wake on.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from typing import TypeVar

from temporalio.client import Client, WorkflowExecution, WorkflowHistory
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import Replayer, WorkflowRunner

from duban.standstill import running
from duban.supervision.model import Frozen

SAID_EVERY = 100
REASON = 500
"""Letters of a reason that are kept."""

T = TypeVar("T")


class Replayed(Frozen):
    """How many of one type.

    Attributes:
        running: That run.
        replayed: Of these, replayed: all, or a sample spread from the oldest to the newest.
    """

    workflow_type: str
    running: int
    replayed: int


class Divergence(Frozen):
    """A running workflow that this release does not go on with."""

    workflow_type: str
    workflow_id: str
    run_id: str
    reason: str


class HistoriesChecked(Frozen):
    """What came of a check.

    Attributes:
        build_id: Of the release that was checked; empty without one.
    """

    build_id: str
    replayed: tuple[Replayed, ...]
    diverging: tuple[Divergence, ...]

    @property
    def goes_on(self) -> bool:
        """Whether every workflow that was replayed goes on."""
        return not self.diverging


class HistoryCheck:
    """Replays histories of a server with the workflows of this release."""

    def __init__(
        self, client: Client, workflows: Sequence[type], runner: WorkflowRunner, *, say: Callable[[str], None]
    ) -> None:
        """Takes what it uses.

        Args:
            runner: As the worker has it.
            say: Hears how far it is.
        """
        self._client, self._say = client, say
        self._replayer = Replayer(
            workflows=workflows,
            workflow_runner=runner,
            namespace=client.namespace,
            data_converter=client.data_converter,
        )

    async def of_running(self, task_queue: str, *, build_id: str, of_each: int) -> HistoriesChecked:
        """Replay running workflows of a task queue.

        Args:
            build_id: Of this release.
            of_each: How many of each type at most; 0 for all.

        Raises:
            RPCError: The server does not answer.
        """
        by_type: dict[str, list[WorkflowExecution]] = {}
        for one in await running(self._client, task_queue):
            by_type.setdefault(one.workflow_type, []).append(one)
        chosen = {name: spread(found, of_each) for name, found in sorted(by_type.items())}
        return HistoriesChecked(
            build_id=build_id,
            replayed=tuple(
                Replayed(workflow_type=name, running=len(by_type[name]), replayed=len(found))
                for name, found in chosen.items()
            ),
            diverging=await self._diverging([one for found in chosen.values() for one in found]),
        )

    async def _diverging(self, chosen: Sequence[WorkflowExecution]) -> tuple[Divergence, ...]:
        types = {one.run_id: one.workflow_type for one in chosen}
        found = []
        done = 0
        async with self._replayer.workflow_replay_iterator(self._histories(chosen)) as results:
            async for result in results:
                done += 1
                if result.replay_failure is not None:
                    run_id = result.history.run_id
                    found.append(
                        Divergence(
                            workflow_type=types[run_id],
                            workflow_id=result.history.workflow_id,
                            run_id=run_id,
                            reason=str(result.replay_failure)[:REASON],
                        )
                    )
                if done % SAID_EVERY == 0 or done == len(chosen):
                    self._say(f"已核对 {done}/{len(chosen)} 个工作流的历史。")
        return tuple(found)

    async def _histories(self, chosen: Sequence[WorkflowExecution]) -> AsyncIterator[WorkflowHistory]:
        for one in chosen:
            handle = self._client.get_workflow_handle(one.id, run_id=one.run_id)
            try:
                yield await handle.fetch_history()
            except RPCError as error:
                if error.status is not RPCStatusCode.NOT_FOUND:  # ended meanwhile, and not kept
                    raise


def spread(found: Sequence[T], at_most: int) -> Sequence[T]:
    """So many of them, evenly from the first to the last; all where there are no more, or for 0."""
    if at_most <= 0 or len(found) <= at_most:
        return found
    if at_most == 1:
        return found[-1:]
    return [found[round(n * (len(found) - 1) / (at_most - 1))] for n in range(at_most)]
