"""What people look at, row by row. Names are the public surface: never changed, only added to.

Nothing here that changes with every day is stored. The lag is worked out when a row is read, from the
dates that the task left and from today's date on its plan's clock.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from duban.contracts import PaperNumber
from duban.ledger.tables.notice_tables import NoticeStatus
from duban.supervision.days.calendar import Zone
from duban.supervision.days.clock import TaskClock
from duban.supervision.model import Frozen
from duban.supervision.plans.plan import Found
from duban.supervision.tasks.entries import Citation, NoticeKind
from duban.supervision.tasks.lights import Light
from duban.supervision.tasks.state import RungStatus
from duban.supervision.tasks.views import SUSPENDED

ONE_DAY = timedelta(days=1)


class LedgerRow(Frozen):
    """A line of the ledger: ``ledger --json``.

    Attributes:
        due_on: The earliest date not met; None for a task without one, or one that is over.
        lag_days: Days behind on today's business date, suspended days left out; 0 while nothing is overdue.
        behind_since: The due date from which the lag counts.
        light: By the lag; None for a task that is over.
        roles: Of the body that is asked for, where one is.
    """

    task_code: str
    plan_code: str
    title: str
    lead_body: str
    handling_body: str
    supporting_bodies: tuple[str, ...]
    due_on: date | None
    status: str
    lag_days: int
    behind_since: date | None
    reminder_level: str | None
    light: Light | None = None
    roles: tuple[str, ...] = ()


class TaskRow(LedgerRow):
    """A task with all that the ledger holds in its row. Moments are business time."""

    leader: str
    measures: str
    deliverable: str
    deadline_text: str
    open_ended: bool
    list_kinds: tuple[str, ...]
    round: int
    version: int
    episode: int
    suspended_days: int
    suspended_since: date | None
    awaiting: tuple[str, ...]
    next_moment_at: datetime | None
    next_moment_text: str
    percent: int | None
    registered_at: datetime
    started_at: datetime | None
    closed_at: datetime | None


class PrintedRow(TaskRow):
    """A task as it is printed.

    Attributes:
        final_due_on: Its last deadline.
        reported_light: By what its body reports; None where nothing can be said.
        inspected_light: By what the last inspection found; None where there was none, or the task is over.
        inspected: What it found, and ``inspected_on`` when.
        next_on: Local date of the next moment.
        provisional: That date rests on a year whose holidays have not been announced.
    """

    final_due_on: date | None
    reported_light: Light | None
    inspected_light: Light | None = None
    inspected: Found | None = None
    inspected_on: date | None = None
    next_on: date | None
    provisional: bool


class NoticeRow(Frozen):
    """A notice: ``notices --json``. Times are business time, ``…_real`` ones real.

    Attributes:
        lag_days: The lag on ``reminder_due_on``.
        reminder_due_on: Local date on which it became due, whatever it is.
        recipient: The body addressed.
        channel: Of the last delivery; empty before.
        paper: Its number, as on the paper.
        withdraw_reason: Why it was withdrawn, or would have been, had it not been on its way.
        attempts: How often it has been sent, or tried to be.
        last_answer: What the last attempt met with, without addresses; empty while it is being made.
        retry_at_real: When it is tried again; None unless it waits for that.
        provisional: A date in it rests on a year whose holidays had not been announced when it was decided.
    """

    task_code: str
    plan_code: str
    kind: NoticeKind
    level: str | None
    episode: int
    lag_days: int | None
    milestone_due_on: date | None
    reminder_due_on: date
    issued_at: datetime
    issued_at_real: datetime
    deliver_not_before: datetime
    delivered_at: datetime | None
    delivered_at_real: datetime | None
    issuer: str
    recipient: str
    channel: str
    status: NoticeStatus
    paper: str | None
    withdraw_reason: str
    idempotency_key: str
    attempts: int
    last_answer: str
    retry_at_real: datetime | None
    provisional: bool = False


class ReminderRow(Frozen):
    """A level dealt with in an episode, issued or not. Moments are business time.

    Attributes:
        due_on: Local date on which it became due, with the lag of that date.
        reason: Why it was not issued, or was refused.
        citation: The rule it follows from.
    """

    task_code: str
    plan_code: str
    level: str
    episode: int
    status: RungStatus
    due_on: date
    lag_days: int
    milestone_due_on: date | None
    issued_at: datetime | None
    issuer: str
    reason: str
    citation: Citation


class BodyStatistics(Frozen):
    """The tasks that a body leads.

    Attributes:
        behind: Open tasks on which a milestone is overdue.
    """

    body: str
    tasks: int
    open_tasks: int
    behind: int


class Statistics(Frozen):
    """How many tasks stand how.

    Attributes:
        by_level: Tasks by the highest reminder in their open episode; tasks without one are not counted.
        by_body: By lead body, the most tasks behind first.
    """

    tasks: int
    open_tasks: int
    behind: int
    by_status: dict[str, int]
    by_level: dict[str, int]
    by_body: tuple[BodyStatistics, ...]


class Lateness(Frozen):
    """What should have been done by now and is not on record: after an outage, or when too much falls due at once.

    Attributes:
        tasks: How many open tasks are past the moment at which they were to wake.
        since: Real moment of the earliest of these; None where there is none.
    """

    tasks: int = 0
    since: datetime | None = None


def business_today(row: Mapping[Any, Any], real_now: datetime) -> date:
    """Today's local date on the clock of a plan, from a row with the plan's columns."""
    clock = TaskClock(**{name: row[name] for name in TaskClock.model_fields})
    return Zone.model_validate(row["zone"]).local_date(clock.business(real_now))


def lagging(row: Mapping[Any, Any], today: date) -> tuple[int, date | None]:
    """Lag in days and the date it counts from, of a task's row.

    Between a deadline and the task's next moment nothing has been recorded yet; then the deadline itself
    says since when. A suspended task has had its say: its dates are those it left.
    """
    since: date | None = row["behind_since"]
    if row["closed_at"] is not None:
        return 0, None
    if since is None and row["due_on"] is not None and row["due_on"] < today and row["status"] != SUSPENDED:
        since = row["due_on"]
    if since is None or today <= since:
        return 0, since
    days = (today - since).days - int(row["suspended_days"])
    if row["suspended_since"] is not None:
        days -= max((today - max(since, row["suspended_since"] - ONE_DAY)).days, 0)
    return max(days, 0), since


def paper_text(row: Mapping[Any, Any]) -> str | None:
    """A notice's number as it stands on the paper."""
    if row["paper_number"] is None:
        return None
    return str(PaperNumber(series=row["paper_series"], year=row["paper_year"], number=row["paper_number"]))
