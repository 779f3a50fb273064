"""When a task is reported on: which cycle applies to it, and which period comes next.

Open-ended tasks are reported on in the cycle of their plan. Others only where the regime says so and their limit is
long enough: no period that the completion itself reports on, none that ended while the count stood still, and none
once everything is reported done.
"""

import calendar as months
from datetime import date, timedelta

from duban.supervision.days.calendar import ONE_DAY
from duban.supervision.levels.lag import after, before
from duban.supervision.plans.plan import ReportCycle
from duban.supervision.rules.policy import Policy
from duban.supervision.tasks.state import TaskState
from duban.supervision.tasks.turn import Turn

MONTHS_OF: dict[ReportCycle, int] = {
    ReportCycle.MONTHLY: 1,
    ReportCycle.TWO_MONTHLY: 2,
    ReportCycle.QUARTERLY: 3,
    ReportCycle.HALF_YEARLY: 6,
    ReportCycle.YEARLY: 12,
}


def end_of_period(cycle: ReportCycle, day: date) -> date:
    """The last day of the reporting period in which a local day lies."""
    length = MONTHS_OF[cycle]
    month = (day.month - 1) // length * length + length
    return date(day.year, month, months.monthrange(day.year, month)[1])


def cycle_notice_on(ends_on: date, policy: Policy) -> date:
    """The local date on which the report of a period is asked for: a working day before its end."""
    return before(policy.regime.cycle_notice, ends_on, policy.calendar)


def report_cycle_of(state: TaskState, policy: Policy) -> ReportCycle | None:
    """The cycle in which a task is reported on; None where it is not."""
    definition, rule = state.definition, policy.regime.interim_reports
    if definition.open_ended or rule is None or definition.procedure:
        return definition.report_cycle if definition.open_ended else None
    last = max((m.due_on for m in state.milestones if m.withdrawn_at is None), default=None)
    is_long = last is not None and last > after(rule.longer_than, state.handed_over_on, policy.calendar)
    return rule.cycle if is_long else None


def first_period_end(state: TaskState, policy: Policy, day: date) -> date | None:
    """The last day of the period that a task is reported on first, from a local day on; None where it is not.

    For an open-ended task that of its last dated milestone, or of the day. A period whose notice would have gone out
    before is left out.
    """
    cycle = report_cycle_of(state, policy)
    if cycle is None:
        return None
    dated = [m.due_on for m in state.milestones if m.withdrawn_at is None] if state.definition.open_ended else []
    ends_on = end_of_period(cycle, max([day, *dated]))
    while cycle_notice_on(ends_on, policy) < day:
        ends_on = end_of_period(cycle, ends_on + timedelta(days=1))
    return ends_on


def period_to_report(state: TaskState, policy: Policy) -> date | None:
    """The last day of the period that is reported on next; None where none is."""
    if state.cycle_ends_on is None or report_cycle_of(state, policy) is None:
        return None
    if not state.definition.open_ended and not state.unmet:
        return None
    return reported_from(state, policy, state.cycle_ends_on)


def period_after(state: TaskState, policy: Policy, ends_on: date) -> date:
    """The last day of the period that is reported on after another."""
    cycle = report_cycle_of(state, policy)
    assert cycle is not None  # noqa: S101 - asked only of a task that has a period to report
    return reported_from(state, policy, end_of_period(cycle, ends_on + ONE_DAY))


def reported_from(state: TaskState, policy: Policy, ends_on: date) -> date:
    """The first of the periods from this on that is reported on."""
    cycle = report_cycle_of(state, policy)
    if state.definition.open_ended or cycle is None:
        return ends_on
    last = state.unmet[-1].due_on if state.unmet else None
    pauses = [s for s in state.suspensions if s.until_on is not None]

    def is_left_out(day: date) -> bool:
        is_completed = last is not None and cycle_notice_on(day, policy) <= last <= day
        return is_completed or any(s.from_on <= day and s.until_on is not None and day < s.until_on for s in pauses)

    while is_left_out(ends_on):
        ends_on = end_of_period(cycle, ends_on + ONE_DAY)
    return ends_on


def keep_reporting(turn: Turn) -> None:
    """After whatever people said: a limit that has become long, or short, is reported on, or no more, from now on."""
    state = turn.state
    if state.stage.is_final or state.definition.open_ended:
        return
    applies = report_cycle_of(state, turn.policy) is not None
    if applies != (state.cycle_ends_on is not None):
        first = first_period_end(state, turn.policy, turn.today + ONE_DAY) if applies else None
        turn.update(cycle_ends_on=first)
