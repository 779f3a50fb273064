"""When a rung is due, and which of those that are due is given.

Of one track only the highest that is reached is given, once per episode; what was
passed on the way is entered as not issued, with the reason.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import assert_never

from duban.supervision.clauses import Unit
from duban.supervision.days.calendar import ONE_DAY, spread_of
from duban.supervision.levels.lag import day_after, day_of_lag, day_of_working_lag, lag_on
from duban.supervision.rules.policy import Policy
from duban.supervision.rules.rungs import Rung
from duban.supervision.rules.triggers import (
    DemandTrigger,
    GroundsTrigger,
    LagTrigger,
    ReturnTrigger,
    Trigger,
    UrgingsTrigger,
)
from duban.supervision.tasks.state import Episode, RungRecord, RungStatus, TaskState


@dataclass(frozen=True, slots=True)
class DueRung:
    """A rung that is reached in an episode and not dealt with.

    Attributes:
        due_on: Local date on which it became due.
        give_at: Business moment, in office hours of a working day, at which it is given.
        lag_days: The lag on ``due_on``.
    """

    rung: Rung
    due_on: date
    give_at: datetime
    lag_days: int


def reached_on(rung: Rung, episode: Episode, state: TaskState, policy: Policy) -> date | None:
    """The local date on which a rung is reached in an episode; None while nothing leads there."""
    days = [day for trigger in rung.triggers if (day := _reached(trigger, episode, state, policy))]
    return max(min(days), episode.watched_from) if days else None


def _reached(trigger: Trigger, episode: Episode, state: TaskState, policy: Policy) -> date | None:
    calendar, opened_on, suspensions = policy.calendar, episode.opened_on, state.suspensions
    match trigger:
        case LagTrigger():
            return _day_of(trigger.first, trigger.unit, episode, state, policy)
        case GroundsTrigger():
            return day_of_lag(opened_on, trigger.first, suspensions)
        case UrgingsTrigger():
            if len(episode.urged_on) < trigger.count:
                return None
            return day_after(trigger.wait, episode.urged_on[trigger.count - 1], suspensions, calendar)
        case ReturnTrigger():
            return _returned_on(trigger.count, episode, state)
        case DemandTrigger():
            if episode.demanded_on is None:
                return None
            return day_after(trigger.wait, max(episode.demanded_on, opened_on), suspensions, calendar)
        case _:
            assert_never(trigger)


def _returned_on(count: int, episode: Episode, state: TaskState) -> date | None:
    """The local date on which a task had been returned so often; None before, or where nothing came back lately."""
    if episode.returned_on is None or state.returns < count:
        return None
    without_day = state.returns - len(state.returned_days)
    known = state.returned_days[count - without_day - 1] if count > without_day else episode.returned_on
    return max(known, episode.returned_on)


def _day_of(lag: int, unit: Unit, episode: Episode, state: TaskState, policy: Policy) -> date | None:
    match unit:
        case Unit.CALENDAR:
            return day_of_lag(episode.opened_on, lag, state.suspensions)
        case Unit.WORKING:
            return day_of_working_lag(episode.opened_on, lag, state.suspensions, policy.calendar)


def next_urging_on(episode: Episode, state: TaskState, policy: Policy) -> date | None:
    """The local date of the next urging of the schedule; None where there is none (left)."""
    urging = policy.regime.ladder.urging
    if urging is None or len(episode.urged_on) >= urging.at_most:
        return None
    if not episode.urged_on:
        first = day_after(urging.after, episode.opened_on, state.suspensions, policy.calendar)
        return max(first, episode.watched_from) if first else None
    last = episode.urged_on[-1]
    following = day_after(urging.every, last, state.suspensions, policy.calendar)
    return max(following, last + ONE_DAY) if following else None


def dealt_with(state: TaskState, episode: int, level: str) -> RungRecord | None:
    """The record of a level in the episode of a number, if it has been dealt with."""
    return next((r for r in state.rungs if r.episode == episode and r.level == level), None)


def given_in(state: TaskState, episode: int, level: str) -> bool:
    """Whether a level has been given in an episode."""
    record = dealt_with(state, episode, level)
    return record is not None and record.status in (RungStatus.ISSUED, RungStatus.GIVEN_BEFORE)


def tracks(policy: Policy) -> Iterator[tuple[Rung, ...]]:
    """The rungs of the ladder by track, lowest first."""
    rungs = policy.regime.ladder.rungs
    for track in dict.fromkeys(rung.track for rung in rungs):
        yield tuple(rung for rung in rungs if rung.track == track)


def open_rungs(state: TaskState, policy: Policy, episode: Episode) -> Iterator[DueRung]:
    """The rungs of the open episode that have a date and are not dealt with, whatever the date."""
    for track in tracks(policy):
        yield from _open_rungs_of(track, state, policy, episode)


def next_rung(state: TaskState, policy: Policy) -> DueRung | None:
    """The level that comes next if nothing is done; None where none has a date."""
    episode = state.episode
    due = open_rungs(state, policy, episode) if episode is not None else ()
    return min(due, key=lambda rung: rung.give_at, default=None)


def _open_rungs_of(track: tuple[Rung, ...], state: TaskState, policy: Policy, episode: Episode) -> Iterator[DueRung]:
    calendar, spread = policy.calendar, spread_of(state.code)
    for rung in track:
        day = reached_on(rung, episode, state, policy)
        if day is not None and dealt_with(state, episode.number, rung.level) is None:
            give_at = calendar.office_moment(calendar.working_day_from(day), spread)
            yield DueRung(rung, day, give_at, lag_on(day, episode.opened_on, state.suspensions))


def passed_and_current(
    track: tuple[Rung, ...], state: TaskState, policy: Policy, episode: Episode, today: date
) -> tuple[tuple[DueRung, ...], DueRung | None]:
    """Of one track: the rungs reached and overtaken by a higher one, and the one that is due now.

    A rung given earlier, though its own day has not come (before the task was taken over, under rules changed since),
    overtakes the lower ones too. A rung whose band has been left without a higher one being reached is overtaken by
    the end of its band.
    """
    reached = [rung for rung in track if (day := reached_on(rung, episode, state, policy)) is not None and day <= today]
    if not reached:
        return (), None
    highest = next(rung for rung in reversed(track) if rung in reached or given_in(state, episode.number, rung.level))
    waiting = {due.rung.level: due for due in _open_rungs_of(tuple(reached), state, policy, episode)}
    current = waiting.pop(highest.level, None)
    if current is not None and _band_left(highest, episode, state, policy, today):
        waiting[highest.level], current = current, None
    return tuple(waiting.values()), current


def _band_left(rung: Rung, episode: Episode, state: TaskState, policy: Policy, today: date) -> bool:
    """Whether the count has gone past every band of a rung that is due by bands only."""
    for trigger in rung.triggers:
        if not isinstance(trigger, LagTrigger) or trigger.last is None:
            return False
        left_on = _day_of(trigger.last + 1, trigger.unit, episode, state, policy)
        if left_on is None or left_on > today:
            return False
    return True
