"""Compiles an office's calendar from the zone database and the published holidays.

The only place that asks `zoneinfo` and `holidays`. What comes out is data that travels with the policy: an update of
either library reaches a running task only when somebody adopts it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import version
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays

from duban.supervision.days.announced_year import AnnouncedYear, Holiday
from duban.supervision.days.calendar import MINUTES_PER_DAY, OfficeCalendar, Zone, ZoneOffset

ANNOUNCED_YEAR_BY_YEAR = frozenset({"CN"})
"""Countries that arrange next year's holidays by a notice, with weekends worked in exchange (调休)."""

_ONE_DAY = timedelta(days=1)
_ONE_SECOND = timedelta(seconds=1)


class CalendarError(Exception):
    """A calendar cannot be compiled; the text says why and what to do, in Chinese."""


def compile_calendar(
    zone_name: str,
    first_year: int,
    last_year: int,
    *,
    all_day: bool = False,
    country: str = "CN",
    announced: Mapping[int, AnnouncedYear] | None = None,
) -> OfficeCalendar:
    """The working days, office hours and zone of an office for a stretch of years.

    For a year that the State Council has not arranged yet the calendar holds the statutory days, without any weekend
    worked in exchange; it lies after `known_until` and is provisional. Years after `last_year` have weekends only.

    Args:
        zone_name: IANA name, for example `Asia/Shanghai`.
        first_year: First local year of the window.
        last_year: Last local year of the window, included.
        all_day: Whether the office is open day and night (of working days), as in fast time.
        country: ISO 3166 code of the country whose public holidays apply.
        announced: Years that the office has written down from their notices; each stands in for the library's.

    Raises:
        CalendarError: The zone or the country is unknown, or the years are none.
    """
    if not 1970 <= first_year <= last_year <= 2100:
        raise CalendarError(f"日历年份 {first_year}—{last_year} 无效：应在 1970 至 2100 之间，且起始年不晚于截止年。")
    # The notice for a year may have a weekend of the December before it worked.
    published = _published(country, range(first_year, last_year + 2))
    rest = (day for day in published if first_year <= day.year <= last_year and day.weekday() < 5)
    worked = (day for day in published.weekend_workdays if first_year <= day.year <= last_year)
    calendar = OfficeCalendar(
        zone=compile_zone(zone_name, first_year, last_year),
        holidays=tuple(sorted(rest)),
        workdays=tuple(sorted(worked)),
        known_until=_known_until(country, first_year, last_year),
    )
    written = {year: each for year, each in (announced or {}).items() if first_year <= year <= last_year}
    calendar = with_years(calendar, [written[year] for year in sorted(written)])
    return calendar.model_copy(update={"opens": 0, "closes": MINUTES_PER_DAY}) if all_day else calendar


def library_year(year: int, country: str = "CN") -> AnnouncedYear | None:
    """A year as the library `holidays` has it; None where it does not know its arrangement yet."""
    if not _is_arranged(country, year):
        return None
    published = _published(country, range(year, year + 2))
    named = sorted((day, name) for day, name in published.items() if day.year == year)
    return AnnouncedYear(
        year=year,
        source=f"holidays {version('holidays')}",
        holidays=tuple(Holiday(name=name, first=day, last=day) for day, name in named),
        worked_weekends=tuple(sorted(day for day in published.weekend_workdays if day.year == year)),
    )


def with_years(calendar: OfficeCalendar, years: Sequence[AnnouncedYear]) -> OfficeCalendar:
    """A calendar in which these years are as announced; all other days stay as they are.

    Args:
        years: In their order. One that does not follow what is known leaves the gap before it provisional, and itself.
    """
    closed, worked, known_until = set(calendar.holidays), set(calendar.workdays), calendar.known_until
    for year in years:
        closed = {day for day in closed if day.year != year.year} | set(year.closed)
        worked = {day for day in worked if day.year != year.year} | set(year.worked)
        closed -= worked
        if known_until is not None and known_until.year + 1 == year.year:
            known_until = date(year.year, 12, 31)
    return _changed(calendar, holidays=tuple(sorted(closed)), workdays=tuple(sorted(worked)), known_until=known_until)


def reaching(calendar: OfficeCalendar, last_year: int, country: str = "CN") -> OfficeCalendar:
    """A calendar whose window reaches a year: what it does not have yet gets its statutory days, and is provisional."""
    has = max((day.year for day in (*calendar.holidays, *calendar.workdays)), default=last_year)
    further = range(has + 1, last_year + 1)
    statutory = (
        {day for day in _published(country, further) if day.year in further and day.weekday() < 5} if further else set()
    )
    return _changed(
        calendar,
        holidays=tuple(sorted({*calendar.holidays, *statutory})),
        zone=_reaching(calendar.zone, last_year),
    )


def _changed(calendar: OfficeCalendar, **changes: object) -> OfficeCalendar:
    """Made anew: a copy would keep the days that the first one has worked out and remembers."""
    return OfficeCalendar(**{name: getattr(calendar, name) for name in OfficeCalendar.model_fields} | changes)


def _reaching(zone: Zone, last_year: int) -> Zone:
    newest = zone.offsets[-1]
    if newest.since.year > last_year:
        return zone
    later = compile_zone(zone.name, newest.since.year, last_year).offsets
    added: Iterable[ZoneOffset] = (offset for offset in later if offset.since > newest.since)
    offsets = list(zone.offsets)
    for offset in added:
        if offset.minutes != offsets[-1].minutes:
            offsets.append(offset)
    return zone.model_copy(update={"offsets": tuple(offsets)})


def _is_arranged(country: str, year: int) -> bool:
    return any(day.year == year for day in _published(country, range(year, year + 1)).weekend_workdays)


def compile_zone(zone_name: str, first_year: int, last_year: int) -> Zone:
    """A zone's offsets for a stretch of years, each with the exact moment from which it holds.

    Raises:
        CalendarError: The zone is unknown, or had an offset that is not whole minutes.
    """
    try:
        zone = ZoneInfo(zone_name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # a name that is a folder, or no file name at all
        raise CalendarError(f"没有“{zone_name}”这个时区：请使用 IANA 名称，如 Asia/Shanghai。") from error
    # A day more at both ends: the local year begins before or after the year in UTC.
    moment = datetime(first_year, 1, 1, tzinfo=UTC) - _ONE_DAY
    end = datetime(last_year + 1, 1, 1, tzinfo=UTC) + _ONE_DAY
    offsets = [_offset_from(zone, moment)]
    while moment < end:
        if _offset(zone, moment) != _offset(zone, moment + _ONE_DAY):
            offsets.append(_offset_from(zone, _transition(zone, moment, moment + _ONE_DAY)))
        moment += _ONE_DAY
    return Zone(name=zone_name, offsets=tuple(offsets))


def _published(country: str, years: range) -> holidays.HolidayBase:
    try:
        return holidays.country_holidays(country, years=years, expand=False)
    except NotImplementedError as error:
        raise CalendarError(f"没有“{country}”的节假日：请使用两位国家代码，如 CN。") from error


def _known_until(country: str, first_year: int, last_year: int) -> date:
    """The end of the last year without a gap before it whose holidays are arranged.

    `holidays` answers for any year and does not say whether it was arranged. But every arrangement since the first
    notice (2001) has weekends worked in exchange, and a year that only follows from the statute has none.
    """
    if country not in ANNOUNCED_YEAR_BY_YEAR:
        return date(last_year, 12, 31)
    for year in range(first_year, last_year + 1):
        if not _is_arranged(country, year):
            return date(year - 1, 12, 31)
    return date(last_year, 12, 31)


def _offset(zone: ZoneInfo, moment: datetime) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()


def _offset_from(zone: ZoneInfo, since: datetime) -> ZoneOffset:
    minutes, rest = divmod(_offset(zone, since), timedelta(minutes=1))
    if rest:
        raise CalendarError(f"时区“{zone.key}”在 {since.date()} 的时差不是整分钟，不能使用：请缩短日历年份。")
    return ZoneOffset(since=since, minutes=minutes)


def _transition(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The first moment, to the second, at which the offset is no longer that of `before`."""
    old = _offset(zone, before)
    while after - before > _ONE_SECOND:
        middle = before + (after - before) // 2
        middle = middle.replace(microsecond=0)
        if _offset(zone, middle) == old:
            before = middle
        else:
            after = middle
    return after
