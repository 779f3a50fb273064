"""When what waits for a body goes out: quiet hours, sending times, and a budget of messages per body and week (A).

None of the documents knows a budget; an office that is written to every day stops reading. What is urgent never waits
for one. What is not (an announcement, a chase, the prompt for a periodic report) waits for the next week once the
week's messages are used up, or for an urgent message that goes out anyway and takes it along; but never so long that
it would come too late to be of use. Local days and weeks are those of the plan's zone on the plan's clock.

In fast time the office is open day and night: neither quiet hours nor sending times hold there, the budget does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from pydantic import Field

from duban.supervision.days.calendar import MINUTES_PER_DAY, ONE_DAY, OfficeCalendar, Zone
from duban.supervision.days.clock import TaskClock
from duban.supervision.model import Frozen
from duban.supervision.tasks.entries import NoticeKind

CAN_WAIT = frozenset({NoticeKind.ADVANCE_NOTICE, NoticeKind.CHASE, NoticeKind.REPORT_DUE})
"""Kinds that wait for the next week; reminders, requests, decisions and what a person has just ordered are urgent."""


class QuietHours(Frozen):
    """A stretch of every local day in which nothing goes out; past midnight where it ends before it begins.

    Attributes:
        begins, ends: Minutes of the local day; not the same.
    """

    begins: int = Field(ge=0, lt=MINUTES_PER_DAY)
    ends: int = Field(ge=0, lt=MINUTES_PER_DAY)

    def over_at(self, moment: datetime, zone: Zone) -> datetime:
        """``moment`` where it is not quiet then, else the end of the quiet hours."""
        day = zone.local_date(moment)
        for begins_on in (day - ONE_DAY, day):
            ends_on = begins_on + ONE_DAY if self.ends < self.begins else begins_on
            ends_at = zone.at(ends_on, self.ends)
            if zone.at(begins_on, self.begins) <= moment < ends_at:
                return ends_at
        return moment


class SendingRules(Frozen):
    """What an installation has set for a body.

    Attributes:
        quiet: None for none.
        send_at: Minutes of the local day at which messages go out: what becomes due between two of them goes together.
            After the last one of a day, and where there is none, a notice goes at its own moment.
        weekly: Messages per local week (from Monday on) after which what is not urgent waits; None for no limit.
        calendar: Says on which day an office is at work again; without it the next week begins on Monday.
    """

    quiet: QuietHours | None = None
    send_at: tuple[int, ...] = ()
    weekly: int | None = Field(default=None, ge=1)
    calendar: OfficeCalendar | None = None


NO_RULES = SendingRules()


@dataclass(frozen=True, slots=True)
class Waiting:
    """A notice that has not gone out.

    Attributes:
        ready_at: Business moment from which on it may go.
        not_before: The same as a real moment, where one is on record: what a record says is never anticipated.
        respond_by: Local date by which it wants an answer, or before which it announces something.
        sent: Messages to the body in the week that it is on this clock.
    """

    id: int
    kind: NoticeKind
    ready_at: datetime
    clock: TaskClock
    zone: Zone
    respond_by: date | None = None
    sent: int = 0
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """What goes out now, in the order in which it goes, and when to look again where nothing does (real time)."""

    ids: tuple[int, ...]
    next_at: datetime | None


def choose(waiting: Sequence[Waiting], rules: SendingRules, now: datetime) -> Choice:
    """What of all that waits for a body goes out in one message at a real moment."""
    moments = {each.id: max(free_at(each, rules, now), each.not_before or now) for each in waiting}
    ready = [each for each in waiting if moments[each.id] <= now]
    held = {each.id: until for each in ready if (until := _held_until(each, rules, now)) is not None}
    if len(held) < len(ready):
        free_first = sorted(ready, key=lambda each: (each.id in held, each.clock.real(each.ready_at), each.id))
        return Choice(ids=tuple(each.id for each in free_first), next_at=None)
    later = [moment for each, moment in moments.items() if each not in held]
    return Choice(ids=(), next_at=min([*later, *held.values()], default=None))


def free_at(waiting: Waiting, rules: SendingRules, now: datetime) -> datetime:
    """The real moment, not before ``now``, from which quiet hours and sending times let a notice go."""
    clock, zone = waiting.clock, waiting.zone
    if _is_fast(clock):
        return max(now, clock.real(waiting.ready_at))
    moment = _at_sending_time(_after_quiet(waiting.ready_at, rules, zone), rules, zone)
    return clock.real(_after_quiet(max(moment, clock.business(now)), rules, zone))


def quiet_until(now: datetime, rules: SendingRules, clock: TaskClock, zone: Zone) -> datetime:
    """``now`` where something may be tried again at this real moment, else the end of the quiet hours."""
    if rules.quiet is None or _is_fast(clock):
        return now
    return max(now, clock.real(rules.quiet.over_at(clock.business(now), zone)))


def week_of(moment: datetime, zone: Zone) -> tuple[datetime, datetime]:
    """The local week of a business moment: its beginning, and the next one's."""
    monday = _monday(zone.local_date(moment))
    return zone.at(monday), zone.at(monday + timedelta(days=7))


def _held_until(waiting: Waiting, rules: SendingRules, now: datetime) -> datetime | None:
    """The real moment until which a notice waits for the next week; None where it goes now."""
    if rules.weekly is None or waiting.sent < rules.weekly or waiting.kind not in CAN_WAIT:
        return None
    clock, zone = waiting.clock, waiting.zone
    today = zone.local_date(clock.business(now))
    day = _monday(today) + timedelta(days=7)
    if rules.calendar is not None:
        day = rules.calendar.working_day_from(day)
    if waiting.respond_by is not None and today <= waiting.respond_by <= day:
        return None  # next week it would come too late
    # At its own time of day, which lies within office hours.
    until = zone.at(day, _minute_of_day(waiting.ready_at, zone))
    return clock.real(until) if clock.reaches(until) else None


def _at_sending_time(moment: datetime, rules: SendingRules, zone: Zone) -> datetime:
    day, minute = zone.local_date(moment), _minute_of_day(moment, zone)
    following = [at for at in rules.send_at if at >= minute]
    return max(moment, zone.at(day, min(following))) if following else moment


def _after_quiet(moment: datetime, rules: SendingRules, zone: Zone) -> datetime:
    return rules.quiet.over_at(moment, zone) if rules.quiet is not None else moment


def _minute_of_day(moment: datetime, zone: Zone) -> int:
    local = zone.local(moment)
    return local.hour * 60 + local.minute


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _is_fast(clock: TaskClock) -> bool:
    return clock.speed != 1
