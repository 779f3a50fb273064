"""Where a task goes on: its state as the ledger has it, and what its last step had decided beyond that. Pure.

A step that decides more than fits into one write is recorded piece by piece, and its state with the last piece. Where
the ledger stands in the middle of such a step, the step is taken again from the state before it: the core gives the
same entries, word for word, and so also those that were not recorded any more.
"""

from duban.contracts import RecordBatch, TaskInput, TimelineLine, pack_state
from duban.ledger.tasks.standings import LINES_KEPT, Beginning
from duban.supervision.model import Frozen
from duban.supervision.tasks.advance import Tick, Transition, advance
from duban.supervision.tasks.views import snapshot


class Continuation(Frozen):
    """How a task is begun again.

    Attributes:
        unrecorded: What has to be recorded first; None where the ledger has it all.
    """

    given: TaskInput
    unrecorded: RecordBatch | None = None


def continuation(beginning: Beginning) -> Continuation | None:
    """How a task goes on; None where the ledger does not say enough."""
    given, beyond = beginning.given, beginning.beyond
    if not beyond:
        return Continuation(given=given)
    done = advance(given.state, Tick(), given.policy, beyond[0].recorded_at)
    if not isinstance(done, Transition) or done.entries[: len(beyond)] != beyond:
        return None
    lines = [TimelineLine(version=e.version, at=e.at, text=e.text) for e in done.entries]
    batch = RecordBatch(
        task_code=given.state.code,
        plan_code=given.state.plan_code,
        round=given.state.round,
        entries=done.entries,
        snapshot=snapshot(done.state, given.policy),
        clock=given.clock,
        closes=done.state.stage.is_final,
        state=pack_state(done.state),
    )
    went_on = given.model_copy(update={"state": done.state, "timeline": (*given.timeline, *lines)[-LINES_KEPT:]})
    return Continuation(given=went_on, unrecorded=batch)
