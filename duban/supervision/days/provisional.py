"""A year whose holidays have not been announced: whatever date rests on it is marked, wherever it is shown."""

from datetime import date, datetime

from duban.supervision.days.calendar import OfficeCalendar
from duban.supervision.tasks.entries import Change, NoticeIntent, ObligationChange, ObligationStatus

PROVISIONAL = "（所涉日期暂定：有关年度的放假调休安排尚未公布）"
"""Stands after what an entry says."""
PROVISIONAL_SHORT = "（暂定）"
"""Stands after a date."""


def marked(change: Change, calendar: OfficeCalendar) -> Change:
    """A change with its mark: a notice that goes out on, or is to be answered by, a day that may be none of work."""
    if not isinstance(change, NoticeIntent) or change.explanation.provisional:
        return change
    days = (calendar.zone.local_date(change.deliver_not_before), change.respond_by)
    if not any(day is not None and calendar.is_provisional(day) for day in days):
        return change
    return change.model_copy(update={"explanation": change.explanation.model_copy(update={"provisional": True})})


def rests_on_unannounced(change: Change, calendar: OfficeCalendar) -> bool:
    """Whether what a change says rests on a year that has not been announced."""
    match change:
        case NoticeIntent():
            return change.explanation.provisional
        case ObligationChange():
            return change.status is ObligationStatus.OPEN and calendar.is_provisional(change.due_on)
        case _:
            return False


def shown(day: date | datetime | None, calendar: OfficeCalendar, text: str) -> str:
    """A date as written, with its mark where it rests on a year that has not been announced."""
    local = calendar.zone.local_date(day) if isinstance(day, datetime) else day
    return f"{text}{PROVISIONAL_SHORT}" if local is not None and calendar.is_provisional(local) else text
