"""What goes over to a body that takes an item over, whether its plan was amended or its predecessor is no more.

The obligation keeps its dates, and the lag goes on. Who takes over, what he is asked anew and what of the notices to
his predecessor is withdrawn is another matter, and differs: an amended plan gives the work to somebody else
(``handing_over``), a renamed or merged body is the same one under another name (``succession``).
"""

from duban.supervision.levels.explaining import first_overdue
from duban.supervision.levels.lag import lag_on, overdue, suspended_days
from duban.supervision.tasks.duties import change_of
from duban.supervision.tasks.entries import Explanation, ObligationChange
from duban.supervision.tasks.state import Obligation
from duban.supervision.tasks.turn import Turn


def hand_on(turn: Turn, owed: Obligation, to: str) -> ObligationChange:
    """What is owed is owed by another body from now on, by the same day."""
    handed = owed.model_copy(update={"owed_by": to})
    turn.update(obligations=tuple(handed if o.id == owed.id else o for o in turn.state.obligations))
    return change_of(handed)


def with_lag(turn: Turn, told: Explanation) -> Explanation:
    """With the lag as it stands: whoever takes an item over takes its lag over."""
    episode, milestone = turn.state.episode, first_overdue(turn)
    if episode is None or milestone is None or not overdue(turn.state, turn.today):
        return told
    return told.model_copy(
        update={
            "milestone_phrase": milestone.phrase,
            "milestone_due_on": milestone.due_on,
            "behind_since": episode.opened_on,
            "lag_days": lag_on(turn.today, episode.opened_on, turn.state.suspensions),
            "suspended_days": suspended_days(turn.state.suspensions, episode.opened_on, turn.today),
        }
    )
