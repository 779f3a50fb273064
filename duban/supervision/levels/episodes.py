"""Opening, ending and reopening the stretches of lag.

An episode lasts while any milestone is overdue: meeting one while another is overdue does not
lower the count. What is returned leaves the milestone unmet as if it had never been reported,
so the episode that the report had ended goes on.
"""

from datetime import date

from duban.supervision.levels.ladder import open_rungs
from duban.supervision.levels.lag import lag_on, overdue
from duban.supervision.levels.reminding import not_issued
from duban.supervision.levels.withdrawing import withdraw, withdraw_unfinished
from duban.supervision.steps.steps import run_on
from duban.supervision.tasks.entries import Change, EntryKind
from duban.supervision.tasks.splitting import going_on, levels_before, taken_over
from duban.supervision.tasks.state import Episode, Milestone, RungRecord, RungStatus
from duban.supervision.tasks.turn import Turn, day_text


def settle(turn: Turn) -> None:
    """Bring the facts up to the turn's moment: a suspension that is over, a milestone now overdue."""
    for span in turn.state.suspensions:
        if not span.over and span.until_on is not None and span.until_on <= turn.today:
            spans = tuple(s.model_copy(update={"over": True}) if s == span else s for s in turn.state.suspensions)
            turn.update(suspensions=spans)
            turn.enter(EntryKind.RESUMED, f"暂停期满，自{day_text(span.until_on)}起恢复计时", *run_on(turn, span))
    if turn.state.episode is None and overdue(turn.state, turn.today):
        _open(turn, turn.state.unmet[0])


def _open(turn: Turn, milestone: Milestone) -> None:
    number = max((e.number for e in turn.state.episodes), default=0) + 1
    opened_on = _behind_since(turn, milestone)
    episode = Episode(number=number, opened_on=opened_on, watched_from=max(opened_on, turn.state.entered_on))
    if (goes_on := going_on(turn.state, milestone)) is not None:
        episode = taken_over(episode, goes_on)
    turn.replace_episode(episode)
    _take_over_demand(turn)
    lag = lag_on(turn.today, episode.opened_on, turn.state.suspensions)
    turn.enter(
        EntryKind.EPISODE_OPENED,
        f"第{milestone.number}个节点（{milestone.phrase}，{day_text(milestone.due_on)}到期）逾期未完成，已滞后{lag}天",
    )
    _take_over_given(turn, episode)
    if goes_on is not None:
        for record in levels_before(turn.state, episode, goes_on):
            turn.replace_rung(record)


def _behind_since(turn: Turn, milestone: Milestone) -> date:
    """The day from which the item has been behind without interruption.

    In a task taken over half-way an earlier milestone may have been met late, when this one was overdue already: the
    count belongs to the item and goes back to it.
    """
    zone, since = turn.calendar.zone, milestone.due_on
    for earlier in sorted(turn.state.milestones, key=lambda m: m.due_on, reverse=True):
        if earlier.met_at is not None and earlier.due_on < since < zone.local_date(earlier.met_at):
            since = earlier.due_on
    return since


def _take_over_demand(turn: Turn) -> None:
    """A demand made while nothing was overdue stands in the stretch of lag that has begun."""
    episode, demanded_on = turn.state.episode, turn.state.demanded_on
    if episode is not None and demanded_on is not None:
        turn.replace_episode(episode.model_copy(update={"demanded_on": episode.demanded_on or demanded_on}))
        turn.update(demanded_on=None)


def _take_over_given(turn: Turn, episode: Episode) -> None:
    """Reminders given before the task was taken over, in this stretch of lag: an earlier one had its own ladder."""
    for given in turn.state.definition.reminders_given:
        if given.given_on <= episode.opened_on:
            continue
        turn.replace_rung(
            RungRecord(
                key=f"e{episode.number}/{given.level.value}",
                level=given.level.value,
                episode=episode.number,
                status=RungStatus.GIVEN_BEFORE,
                due_on=given.given_on,
                lag_days=lag_on(given.given_on, episode.opened_on, turn.state.suspensions),
            )
        )


def end_if_caught_up(turn: Turn, reason: str) -> None:
    """End the open episode when nothing is overdue any more; what it had under way lapses."""
    episode = turn.state.episode
    if episode is None or overdue(turn.state, turn.today):
        return
    leave_undone(turn, episode, reason)
    changes: tuple[Change, ...] = withdraw_unfinished(turn, episode.number, reason)
    turn.replace_episode(episode.model_copy(update={"ended_on": turn.today}))
    lag = lag_on(turn.today, episode.opened_on, turn.state.suspensions)
    turn.enter(EntryKind.EPISODE_ENDED, f"{reason}，滞后状态结束（共滞后{lag}天）", *changes)


def leave_undone(turn: Turn, episode: Episode, reason: str) -> None:
    """Enter what had fallen due in an episode and was not given before it ended."""
    for due in tuple(open_rungs(turn.state, turn.policy, episode)):
        if due.due_on <= turn.today:
            not_issued(turn, episode, due, f"发出之前{reason}")


def reopen(turn: Turn, milestone: Milestone) -> None:
    """A milestone is unmet again, as if never reported: its lag joins every stretch that it touches.

    The stretches of earlier episodes that last beyond the milestone's date or lie after it become
    one, under the number of the first; a level dealt with in any of them stays dealt with.
    What this makes due is due today.
    """
    if milestone.due_on >= turn.today:
        return
    touched = [e for e in turn.state.episodes if e.ended_on is None or e.ended_on > milestone.due_on]
    if turn.state.episode is not None and len(touched) == 1 and milestone.due_on >= touched[0].opened_on:
        return  # the open episode already counts from an earlier date
    opened_on = min([milestone.due_on, *(e.opened_on for e in touched)])
    superseded = _lapse_superseded(turn, {e.number for e in touched})
    if not touched:
        number = max((e.number for e in turn.state.episodes), default=0) + 1
        turn.replace_episode(Episode(number=number, opened_on=opened_on, watched_from=turn.today))
    else:
        _join(turn, touched, milestone)
    _take_over_demand(turn)
    episode = turn.state.episode
    assert episode is not None  # noqa: S101 - opened or joined just above
    lag = lag_on(turn.today, opened_on, turn.state.suspensions)
    turn.enter(
        EntryKind.EPISODE_REOPENED,
        f"第{milestone.number}个节点恢复为未完成，滞后自{day_text(opened_on)}起连续计算，已滞后{lag}天",
        *superseded,
    )


def _lapse_superseded(turn: Turn, numbers: set[int]) -> tuple[Change, ...]:
    """A level that is proposed in one of the stretches and was given in another is not decided any more."""
    stretches = [r for r in turn.state.rungs if r.episode in numbers]
    given = {r.level for r in stretches if r.status in (RungStatus.ISSUED, RungStatus.GIVEN_BEFORE)}
    changes: list[Change] = []
    for record in stretches:
        if record.status is RungStatus.AWAITING_APPROVAL and record.level in given:
            changes.extend(withdraw(turn, record, "同一连续滞后期间此前已发出本级提醒"))
    return tuple(changes)


def _join(turn: Turn, touched: list[Episode], milestone: Milestone) -> None:
    first = min(touched, key=lambda e: e.number)
    opened_on = min([milestone.due_on, *(e.opened_on for e in touched)])
    joined = Episode(
        number=first.number,
        opened_on=opened_on,
        watched_from=turn.today,
        urged_on=tuple(sorted(day for e in touched for day in e.urged_on)),
        returned_on=min((e.returned_on for e in touched if e.returned_on), default=None),
        demanded_on=min((e.demanded_on for e in touched if e.demanded_on), default=None),
    )
    numbers = {e.number for e in touched}
    turn.update(
        episodes=(*(e for e in turn.state.episodes if e.number not in numbers), joined),
        rungs=_joined_rungs(turn.state.rungs, numbers, first.number),
    )


def _joined_rungs(rungs: tuple[RungRecord, ...], numbers: set[int], into: int) -> tuple[RungRecord, ...]:
    """Levels of joined episodes under one number: given beats proposed beats refused.

    Levels not given open again. Their records stay, outside any episode, so that their keys are not used twice.
    """
    strength = {
        RungStatus.ISSUED: 3,
        RungStatus.GIVEN_BEFORE: 3,
        RungStatus.AWAITING_APPROVAL: 2,
        RungStatus.REFUSED: 1,
    }
    strongest: dict[str, RungRecord] = {}
    for record in (r for r in rungs if r.episode in numbers and r.status in strength):
        held = strongest.get(record.level)
        if held is None or strength[record.status] > strength[held.status]:
            strongest[record.level] = record
    keys = {record.key for record in strongest.values()}
    return tuple(
        r if r.episode not in numbers else r.model_copy(update={"episode": into if r.key in keys else 0}) for r in rungs
    )
