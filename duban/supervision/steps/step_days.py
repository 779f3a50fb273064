"""When a step has to be done: its last day, spread over a period where it has to be done more often, and its notice."""

from calendar import monthrange
from datetime import date, datetime, timedelta

from duban.supervision.clauses import Unit
from duban.supervision.days.calendar import ONE_DAY, spread_of
from duban.supervision.levels.lag import after, before, months_after
from duban.supervision.rules.policy import Policy
from duban.supervision.rules.procedures import PERIOD_FROM, PERIOD_TO, Step
from duban.supervision.steps.stating import Facts, day_of
from duban.supervision.tasks.state import StepRun, TaskState

MONTHS_A_YEAR = 12


def last_day(step: Step, facts: Facts, told_on: date, policy: Policy) -> date | None:
    """The last day of a step, or of all its times; None where the facts do not say it.

    Args:
        told_on: The local date on which whoever owes it knows of it: a limit that hangs on no fact runs after it.
    """
    if step.due:
        return day_of(facts, step.due)
    if step.limit is not None:
        return after(step.limit, day_of(facts, step.counts_from) or told_on, policy.calendar)
    return day_of(facts, PERIOD_TO)


def first_day(facts: Facts, told_on: date) -> date:
    """The first day of the period over which the times of a step are spread."""
    return day_of(facts, PERIOD_FROM) or told_on


def spread_evenly(within: tuple[date, date], occurrence: int, times: int) -> date:
    """The last day of one of so many times: by whole months where the period has as many, else by days.

    Twice in a year: 30 June and 31 December.
    """
    first, last = within
    months = _whole_months(first, last)
    if months and months % times == 0:
        return months_after(first, months // times * occurrence) - ONE_DAY
    days = max((last - first).days + 1, 1)
    return first + timedelta(days=max(days * occurrence // times - 1, 0))


def announced_on(run: StepRun, policy: Policy) -> date | None:
    """The local date on which the last day of a step is called to mind; None where it is not."""
    step = policy.procedure.step(run.step) if policy.procedure else None
    if step is None or step.announce is None or run.announced_for == run.due_on:
        return None
    return before(step.announce, run.due_on, policy.calendar)


def announce_at(state: TaskState, policy: Policy) -> datetime | None:
    """The business moment of that notice for the step that waits."""
    run = state.open_step
    day = announced_on(run, policy) if run is not None else None
    return policy.calendar.office_moment(day, spread_of(state.code)) if day is not None else None


def after_a_pause(run: StepRun, step: Step | None, from_on: date, until_on: date, policy: Policy) -> date:
    """The last day after days that did not count: a limit that stood still runs on, a stated date stays (A)."""
    if step is None or step.limit is None or step.times > 1 or run.due_on < from_on:
        return run.due_on
    day = run.due_on + timedelta(days=max((until_on - max(from_on, run.told_on + ONE_DAY)).days, 0))
    return policy.calendar.working_day_from(day) if step.limit.unit is Unit.WORKING else day


def _whole_months(first: date, last: date) -> int:
    """How many months of the calendar a period has; 0 where it does not begin and end with one."""
    if first.day != 1 or last.day != monthrange(last.year, last.month)[1] or last < first:
        return 0
    return (last.year - first.year) * MONTHS_A_YEAR + last.month - first.month + 1
