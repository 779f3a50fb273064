"""The office's calendar as data: zone, working days, office hours.

Nothing is looked up here. The zone's offsets and the holidays are compiled
outside (``duban.calendars``) and travel with the policy, so that a library
update never changes a running history.
"""

import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property

from pydantic import Field

from duban.supervision.model import Frozen

ONE_DAY = timedelta(days=1)
MINUTES_PER_DAY = 24 * 60
FARTHEST = timedelta(days=20 * 366)
"""A date farther away than about twenty years is a slip of the keyboard."""
LATEST_SPREAD = 0.9
"""Nobody's reminder is planned for the last tenth of the office window."""


class ZoneOffset(Frozen):
    """From ``since`` (UTC) on, local time is UTC plus ``minutes``."""

    since: datetime
    minutes: int


class Zone(Frozen):
    """A time zone as the list of its offsets, oldest first.

    Attributes:
        name: IANA name, for people.
        offsets: At least one; the first also holds for all earlier moments.
    """

    name: str
    offsets: tuple[ZoneOffset, ...] = Field(min_length=1)

    def _offset(self, moment: datetime) -> timedelta:
        minutes = self.offsets[0].minutes
        for offset in self.offsets:
            if offset.since > moment:
                break
            minutes = offset.minutes
        return timedelta(minutes=minutes)

    def local(self, moment: datetime) -> datetime:
        """Wall-clock time, without zone information, at an aware moment."""
        return moment.astimezone(UTC).replace(tzinfo=None) + self._offset(moment)

    def local_date(self, moment: datetime) -> date:
        """Local date at an aware moment."""
        return self.local(moment).date()

    def at(self, day: date, minute: int = 0) -> datetime:
        """The UTC moment of a local day and minute of the day (0..1440).

        A time that occurs twice (fold) is its first occurrence; one that does not
        occur (gap) is the moment at which the clock was put forward.
        """
        wall = datetime.combine(day, time(), tzinfo=UTC) + timedelta(minutes=minute)
        guesses = {wall - timedelta(minutes=offset.minutes) for offset in self.offsets}
        exact = [guess for guess in guesses if guess + self._offset(guess) == wall]
        if exact:
            return min(exact)
        return min(offset.since for offset in self.offsets if offset.since + self._offset(offset.since) > wall)


class OfficeCalendar(Frozen):
    """Working days and office hours.

    Attributes:
        holidays: Weekdays on which the office is closed.
        workdays: Saturdays and Sundays on which it works (调休).
        known_until: Last day for which the arrangement has been announced; later dates
            have the statutory days at most, no worked weekends, and are provisional.
        opens, closes: Office hours in minutes of the local day; 0 and 1440 mean all day.
    """

    zone: Zone
    holidays: tuple[date, ...] = ()
    workdays: tuple[date, ...] = ()
    known_until: date | None = None
    opens: int = Field(default=9 * 60, ge=0, lt=MINUTES_PER_DAY)
    closes: int = Field(default=17 * 60, gt=0, le=MINUTES_PER_DAY)

    @cached_property
    def _closed(self) -> frozenset[date]:
        return frozenset(self.holidays)

    @cached_property
    def _worked(self) -> frozenset[date]:
        return frozenset(self.workdays)

    def is_working_day(self, day: date) -> bool:
        """Whether the office works on this local day."""
        if day in self._worked:
            return True
        return day.weekday() < 5 and day not in self._closed

    def is_provisional(self, day: date) -> bool:
        """Whether the holidays of this day's year have not been announced yet."""
        return self.known_until is not None and day > self.known_until

    def working_day_from(self, day: date) -> date:
        """This day if it is a working day, else the next one."""
        return next(d for d in _days(day, ONE_DAY) if self.is_working_day(d))

    def working_day_before(self, day: date) -> date:
        """This day if it is a working day, else the last one before."""
        return next(d for d in _days(day, -ONE_DAY) if self.is_working_day(d))

    def add_working_days(self, day: date, count: int) -> date:
        """The ``count``-th working day after ``day`` (``day`` itself for 0)."""
        for _ in range(count):
            day = self.working_day_from(day + ONE_DAY)
        return day

    def subtract_working_days(self, day: date, count: int) -> date:
        """The ``count``-th working day before ``day`` (for 0 ``day`` itself or the last working day before it)."""
        for _ in range(count):
            day = self.working_day_before(day - ONE_DAY)
        return self.working_day_before(day)

    def office_moment(self, day: date, spread: float) -> datetime:
        """A moment within the office hours of a local day.

        Args:
            day: Local day; need not be a working day.
            spread: Where in the window, from 0 to ``LATEST_SPREAD``.
        """
        opens, closes = self.zone.at(day, self.opens), self.zone.at(day, self.closes)
        return opens + max(closes - opens, timedelta()) * spread

    def office_moment_from(self, moment: datetime, spread: float) -> datetime:
        """``moment`` if the office is open then, else within its next opening."""
        day = self.zone.local_date(moment)
        if self.is_working_day(day):
            if self.zone.at(day, self.opens) <= moment < self.zone.at(day, self.closes):
                return moment
            if moment < self.zone.at(day, self.opens):
                return self.office_moment(day, spread)
        return self.office_moment(self.working_day_from(day + ONE_DAY), spread)


def spread_of(code: str) -> float:
    """Where in the office window a task wakes: the same for ever for one code.

    Without it all tasks that fall due on one day would wake in the same second.
    """
    number = int.from_bytes(hashlib.sha256(code.encode()).digest()[:4], "big")
    return LATEST_SPREAD * number / 2**32


def _days(day: date, step: timedelta) -> Iterator[date]:
    while True:
        yield day
        day += step
