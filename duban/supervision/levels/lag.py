"""How long an item has been behind: the arithmetic of dates.

On local date ``t`` the lag is ``t - D0`` less suspended days, D0 being the due date of the
milestone that became overdue first. A day is suspended or counts, never half.
"""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta

from duban.supervision.clauses import Limit, Unit
from duban.supervision.days.calendar import ONE_DAY, OfficeCalendar
from duban.supervision.tasks.state import Suspension, TaskState


def suspended_days(suspensions: Sequence[Suspension], after: date, through: date) -> int:
    """Local days in ``(after, through]`` that do not count."""
    total, covered = 0, after
    for span in sorted(suspensions, key=lambda s: s.from_on):
        first = max(span.from_on, covered + ONE_DAY)
        last = through if span.until_on is None else min(through, span.until_on - ONE_DAY)
        if first <= last:
            total += (last - first).days + 1
            covered = last
    return total


def lag_on(day: date, opened_on: date, suspensions: Sequence[Suspension]) -> int:
    """The lag in calendar days on a local date; never negative."""
    if day <= opened_on:
        return 0
    return (day - opened_on).days - suspended_days(suspensions, opened_on, day)


def day_of_lag(opened_on: date, lag: int, suspensions: Sequence[Suspension]) -> date | None:
    """The local date on which the lag reaches ``lag``; None while an open suspension stops the count."""
    day = opened_on + timedelta(days=lag)
    covered = opened_on
    for span in sorted(suspensions, key=lambda s: s.from_on):
        first = max(span.from_on, covered + ONE_DAY)
        if first > day:
            break
        if span.until_on is None:
            return None
        left_out = max((span.until_on - first).days, 0)
        day += timedelta(days=left_out)
        covered = max(covered, span.until_on - ONE_DAY)
    return day


def day_of_working_lag(
    opened_on: date, lag: int, suspensions: Sequence[Suspension], calendar: OfficeCalendar
) -> date | None:
    """Like ``day_of_lag``, counting working days."""
    open_end = [s.from_on for s in suspensions if s.until_on is None]
    day = opened_on
    while lag > 0:
        day = calendar.working_day_from(day + ONE_DAY)
        if open_end and day >= min(open_end):
            return None
        if suspended_days(suspensions, day - ONE_DAY, day) == 0:
            lag -= 1
    return day


def months_after(day: date, months: int) -> date:
    """The same day so many months on (or back); the last day of a month that does not have it."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def after(limit: Limit, day: date, calendar: OfficeCalendar) -> date:
    """The last day of a limit that begins after ``day``, in the unit of its clause."""
    if limit.months:
        return months_after(day, limit.months)
    match limit.unit:
        case Unit.CALENDAR:
            return day + timedelta(days=limit.days)
        case Unit.WORKING:
            return calendar.add_working_days(day, limit.days)


def before(limit: Limit, day: date, calendar: OfficeCalendar) -> date:
    """The working day on which to tell what must be told a limit before ``day``: never later than the limit says."""
    if limit.months:
        return calendar.working_day_before(months_after(day, -limit.months))
    match limit.unit:
        case Unit.CALENDAR:
            return calendar.working_day_before(day - timedelta(days=limit.days))
        case Unit.WORKING:
            return calendar.subtract_working_days(day, limit.days)


def day_after(limit: Limit, day: date, suspensions: Sequence[Suspension], calendar: OfficeCalendar) -> date | None:
    """Like ``after`` with suspended days left out; None while an open suspension stops the count."""
    if limit.months:
        return day_of_lag(day, (months_after(day, limit.months) - day).days, suspensions)
    match limit.unit:
        case Unit.CALENDAR:
            return day_of_lag(day, limit.days, suspensions)
        case Unit.WORKING:
            return day_of_working_lag(day, limit.days, suspensions, calendar)


def overdue(state: TaskState, day: date) -> bool:
    """Whether a milestone is overdue on a local date: due on an earlier date and not met."""
    return any(m.is_open and m.due_on < day for m in state.milestones)
