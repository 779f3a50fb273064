"""When a task wakes next, and why, in words.

Recomputed from the state after every transition: there is no timer per level that would have
to be cancelled.
"""

from collections.abc import Iterator
from datetime import datetime

from duban.supervision.clauses import Unit
from duban.supervision.days.calendar import ONE_DAY, spread_of
from duban.supervision.levels.ladder import DueRung, next_urging_on, open_rungs
from duban.supervision.model import Frozen
from duban.supervision.rules.owed import Duty
from duban.supervision.rules.policy import Policy
from duban.supervision.steps.step_days import announce_at as announce_step_at
from duban.supervision.tasks.announcing import announce_at, cycle_notice_at
from duban.supervision.tasks.duties import CHASED_ALWAYS, NEVER_CHASED
from duban.supervision.tasks.foretelling import ask_at
from duban.supervision.tasks.state import TaskState
from duban.supervision.words import owed_words


class Moment(Frozen):
    """A business moment at which something is to be done, and what."""

    at: datetime
    text: str


def next_moment(state: TaskState, policy: Policy) -> Moment | None:
    """The earliest moment at which time alone changes something; None when only people can."""
    if state.stage.is_final:
        return None
    return min(_moments(state, policy), key=lambda moment: moment.at, default=None)


def upcoming(state: TaskState, policy: Policy) -> tuple[Moment, ...]:
    """All that time alone will change from where the task stands, earliest first."""
    if state.stage.is_final:
        return ()
    return tuple(sorted(_moments(state, policy), key=lambda moment: moment.at))


def _moments(state: TaskState, policy: Policy) -> Iterator[Moment]:
    calendar, spread = policy.calendar, spread_of(state.code)
    standing = next((s for s in state.suspensions if not s.over), None)
    if standing is not None:
        # While the count stands still nobody is reminded; the day it runs again everything is looked at anew.
        if standing.until_on is not None:
            yield Moment(at=calendar.office_moment(standing.until_on, spread), text="暂停期满，恢复计时")
        yield from _chases(state, policy, CHASED_ALWAYS)
        return
    if state.episode is None:
        for milestone in state.unmet[:1]:
            at = calendar.office_moment(milestone.due_on + ONE_DAY, spread)
            yield Moment(at=at, text=f"第{milestone.number}个节点（{milestone.phrase}）到期未完成即开始计算滞后")
    yield from _reminders(state, policy)
    yield from _chases(state, policy, tuple(Duty))
    for milestone in state.milestones:
        if (at_ := announce_at(milestone, state, policy)) is not None:
            yield Moment(at=at_, text=f"第{milestone.number}个节点（{milestone.phrase}）到期前预告提醒")
    run, step_at = state.open_step, announce_step_at(state, policy)
    if run is not None and step_at is not None:
        yield Moment(at=step_at, text=f"“{run.words}”到期前预告提醒")
    if (report_at := cycle_notice_at(state, policy)) is not None:
        yield Moment(at=report_at, text="通知报送定期进展报告")
    if (asked_at := ask_at(state, policy)) is not None:
        yield Moment(at=asked_at, text="征询能否按期办结")


def _chases(state: TaskState, policy: Policy, duties: tuple[Duty, ...]) -> Iterator[Moment]:
    for owed in state.owing(*duties):
        if owed.next_chase_on is not None:
            at = policy.calendar.office_moment(owed.next_chase_on, spread_of(state.code))
            then = "即记录在案" if owed.duty in NEVER_CHASED else "即催报"
            yield Moment(at=at, text=f"{owed.owed_by}未完成{owed_words(state, owed)}{then}")


def _reminders(state: TaskState, policy: Policy) -> Iterator[Moment]:
    episode, calendar = state.episode, policy.calendar
    if episode is None:
        return
    for due in open_rungs(state, policy, episode):
        yield Moment(at=due.give_at, text=f"{_cause(due)}即{due.rung.title}")
    if (day := next_urging_on(episode, state, policy)) is not None:
        at = calendar.office_moment(calendar.working_day_from(day), spread_of(state.code))
        yield Moment(at=at, text=f"仍未完成即第{len(episode.urged_on) + 1}次催办")


def _cause(due: DueRung) -> str:
    """Why a level comes: the lag in the unit in which its band is written, or what people said."""
    working = [band.first for band in due.rung.bands if band.unit is Unit.WORKING]
    if working:
        return f"滞后满{working[0]}个工作日"
    counted = due.rung.bands or due.rung.on_grounds
    return f"滞后满{due.lag_days}天" if counted else "催办、退回或整改要求之后仍未落实"
