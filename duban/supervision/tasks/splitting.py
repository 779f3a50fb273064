"""A task is split: what its lag hands on to the tasks that take it up.

The lag belongs to the item. A task that keeps an overdue date of the one it was split off from enters supervision at
that one's lag, and the levels that were given there are not given again.
"""

from collections.abc import Iterator
from datetime import date, datetime

from duban.supervision.levels.lag import lag_on
from duban.supervision.levels.withdrawing import waits_for_the_office
from duban.supervision.plans.plan import LevelBefore, Origin, Pause, TaskDefinition
from duban.supervision.tasks.state import Episode, Milestone, RungRecord, RungStatus, Suspension, TaskState

STANDING = (RungStatus.ISSUED, RungStatus.GIVEN_BEFORE, RungStatus.REFUSED)
"""Levels that are not dealt with again in a stretch of lag, because they were dealt with in it."""
PAUSED_BEFORE = "拆分之前已批准暂停"


def origin_of(state: TaskState, definition: TaskDefinition, now: datetime) -> Origin | None:
    """What a task that is split off from another takes over from it.

    Args:
        state: Of the task that is split.
        definition: Of the new one; only one that keeps a date of the other takes its lag over.
        now: Business moment of the split. A reminder that waits for the office to open is withdrawn with its task: it
            was not given.
    """
    episode = state.episode
    dates = {m.due_on for m in state.unmet}
    is_kept = any(node.met_on is None and node.due_on in dates for node in definition.milestones)
    pauses = tuple(Pause(from_on=s.from_on, until_on=s.until_on) for s in state.suspensions)
    is_limited = bool(definition.matter or state.definition.matter)
    handed_over_on = state.handed_over_on if is_limited else None  # splitting gives no matter more time
    if episode is None or not is_kept:
        return Origin(pauses=pauses, handed_over_on=handed_over_on) if pauses or handed_over_on else None
    dealt_with = [
        r
        for r in state.rungs
        if r.episode == episode.number and r.status in STANDING and not waits_for_the_office(r, now)
    ]
    return Origin(
        behind_since=episode.opened_on,
        pauses=pauses,
        levels=tuple(
            LevelBefore(level=r.level, due_on=r.due_on, refused=r.status is RungStatus.REFUSED) for r in dealt_with
        ),
        urged_on=episode.urged_on,
        returned_on=episode.returned_on,
        demanded_on=episode.demanded_on,
        handed_over_on=handed_over_on,
    )


def pauses_before(definition: TaskDefinition, entered_on: date) -> tuple[Suspension, ...]:
    """The suspensions that a task begins with; one that is not over goes on."""
    origin = definition.origin
    return tuple(
        Suspension(
            from_on=pause.from_on,
            until_on=pause.until_on,
            reason=PAUSED_BEFORE,
            over=pause.until_on is not None and pause.until_on <= entered_on,
        )
        for pause in (origin.pauses if origin else ())
    )


def going_on(state: TaskState, milestone: Milestone) -> Origin | None:
    """What the stretch of lag that opens now goes on from: only the first, and only what was overdue at the entry."""
    origin = state.definition.origin
    if origin is None or origin.behind_since is None or state.episodes or milestone.due_on >= state.entered_on:
        return None
    return origin


def taken_over(episode: Episode, origin: Origin) -> Episode:
    """A stretch of lag that goes on from the one in which the task was split."""
    return episode.model_copy(
        update={
            "opened_on": min(episode.opened_on, origin.behind_since or episode.opened_on),
            "urged_on": origin.urged_on,
            "returned_on": origin.returned_on,
            "demanded_on": origin.demanded_on,
        }
    )


def levels_before(state: TaskState, episode: Episode, origin: Origin) -> Iterator[RungRecord]:
    """The levels that were dealt with before the split."""
    for before in origin.levels:
        yield RungRecord(
            key=f"e{episode.number}/{before.level}",
            level=before.level,
            episode=episode.number,
            status=RungStatus.REFUSED if before.refused else RungStatus.GIVEN_BEFORE,
            due_on=before.due_on,
            lag_days=lag_on(before.due_on, episode.opened_on, state.suspensions),
        )
