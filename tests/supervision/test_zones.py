"""Zones whose clocks are put forward and back, skip a day, or change half an hour: one reminder each, none stuck."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duban.calendars import compile_calendar, compile_zone
from duban.supervision.days.calendar import MINUTES_PER_DAY, Zone
from duban.supervision.rules.policy import Policy
from duban.supervision.tasks.moments import next_moment
from tests.supervision.supervised import Supervised, policy_of

NEW_YORK, BERLIN, CHATHAM = "America/New_York", "Europe/Berlin", "Pacific/Chatham"
LORD_HOWE, APIA, SHANGHAI = "Australia/Lord_Howe", "Pacific/Apia", "Asia/Shanghai"
CAIRO, AZORES = "Africa/Cairo", "Atlantic/Azores"

CHANGES = [
    # zone, a day on which its clocks change
    (NEW_YORK, "2016-03-13"),
    (NEW_YORK, "2016-11-06"),
    (BERLIN, "2016-03-27"),
    (BERLIN, "2016-10-30"),
    (CHATHAM, "2016-04-03"),
    (CHATHAM, "2016-09-25"),
    (LORD_HOWE, "2016-04-03"),
    (LORD_HOWE, "2016-10-02"),
    (APIA, "2011-12-30"),
    (APIA, "2011-12-29"),
    (SHANGHAI, "1986-05-04"),
    (SHANGHAI, "1986-09-14"),
    (SHANGHAI, "1991-09-15"),
    (CAIRO, "2023-04-28"),  # the gap is at midnight: the day begins at one o'clock
    (AZORES, "2016-03-27"),
]
BEFORE = (0, 1, 16, 31, 46, 61, 76)
"""Days from a due date to the day on which the clocks change: the day itself, and each rung of the ladder."""


@cache
def policy_in(zone: str, year: int, *, opens: int = 9 * 60, closes: int = 17 * 60) -> Policy:
    kunming = policy_of()
    calendar = compile_calendar(zone, max(year - 1, 1970), year + 2).model_copy(
        update={"opens": opens, "closes": closes}
    )
    return Policy(regime=kunming.regime.model_copy(update={"zone": zone}), calendar=calendar)


@pytest.mark.parametrize("hours", [(9 * 60, 17 * 60), (2 * 60, 3 * 60), (150, 165), (0, 15), (0, MINUTES_PER_DAY)])
@pytest.mark.parametrize(("zone", "changed"), CHANGES)
def test_every_level_is_given_once_whatever_day_the_clocks_change(
    zone: str, changed: str, hours: tuple[int, int]
) -> None:
    change = date.fromisoformat(changed)
    policy = policy_in(zone, change.year, opens=hours[0], closes=hours[1])
    for days in BEFORE:
        due = change - timedelta(days=days)
        entered = (due - timedelta(days=40)).isoformat()
        later = due + timedelta(days=300)
        task = Supervised(due.isoformat(), later.isoformat(), regime=policy, entered=entered)
        task.until((due + timedelta(days=120)).isoformat())
        levels = [record.level for record in task.state.rungs]
        assert levels == ["phone", "written", "onsite", "circular", "interview"], (days, levels)
        assert [record.due_on - due for record in task.state.rungs] == [timedelta(days=n) for n in (16, 31, 46, 61, 76)]
        delivered = [record.deliver_not_before for record in task.state.rungs if record.deliver_not_before]
        assert all(earlier <= after for earlier, after in pairwise(delivered))
        for record in task.state.rungs:
            if record.deliver_not_before is not None:
                assert policy.calendar.zone.local_date(record.deliver_not_before) >= record.due_on
        coming = next_moment(task.state, policy)
        assert coming is not None
        assert coming.at > task.now


@pytest.mark.parametrize(("zone", "changed"), CHANGES)
def test_local_time_is_what_the_zone_database_says_of_every_quarter_of_an_hour(zone: str, changed: str) -> None:
    day = datetime.combine(date.fromisoformat(changed), datetime.min.time(), tzinfo=UTC)
    ours, theirs = compile_zone(zone, max(day.year - 1, 1970), day.year + 1), ZoneInfo(zone)
    for quarter in range(-4 * 48, 4 * 72):
        moment = day + timedelta(minutes=15 * quarter)
        assert ours.local(moment) == moment.astimezone(theirs).replace(tzinfo=None)


@pytest.mark.parametrize(("zone", "changed"), CHANGES)
def test_the_minutes_of_a_day_come_in_order_though_some_are_missing_and_some_come_twice(
    zone: str, changed: str
) -> None:
    change = date.fromisoformat(changed)
    ours = compile_zone(zone, max(change.year - 1, 1970), change.year + 1)
    for day in (change - timedelta(days=1), change, change + timedelta(days=1)):
        minutes = [ours.at(day, minute) for minute in range(0, MINUTES_PER_DAY + 1, 5)]
        assert minutes == sorted(minutes)
        assert minutes[-1] == ours.at(day + timedelta(days=1))


def test_a_day_that_was_skipped_begins_and_ends_at_once_and_is_not_in_anybodys_way() -> None:
    apia = compile_zone(APIA, 2011, 2012)
    skipped = date(2011, 12, 30)
    assert apia.at(skipped) == apia.at(skipped, MINUTES_PER_DAY) == apia.at(date(2011, 12, 31))
    assert apia.local_date(apia.at(skipped)) == date(2011, 12, 31)


zones = st.sampled_from(sorted({zone for zone, _ in CHANGES}))


@given(zones, st.dates(date(2009, 1, 1), date(2019, 12, 31)), st.integers(0, MINUTES_PER_DAY))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_a_minute_of_a_day_is_that_minute_or_the_one_at_which_the_clocks_were_put_forward(
    zone: str, day: date, minute: int
) -> None:
    ours = _zone(zone)
    wall = datetime.combine(day, datetime.min.time()) + timedelta(minutes=minute)
    assert ours.local(ours.at(day, minute)) >= wall
    if ours.local(ours.at(day, minute)) != wall:
        assert ours.local(ours.at(day, minute) - timedelta(seconds=1)) < wall


@cache
def _zone(name: str) -> Zone:
    return compile_zone(name, 2008, 2020)


@given(st.sampled_from([NEW_YORK, BERLIN, LORD_HOWE, APIA, SHANGHAI]), st.datetimes(datetime(2040, 1, 1)))  # noqa: DTZ001 - made aware below
@settings(max_examples=100, deadline=None, derandomize=True)
def test_beyond_the_window_the_last_offset_holds_and_nothing_stands_still(zone: str, moment: datetime) -> None:
    aware = min(moment, datetime(8999, 1, 1)).replace(tzinfo=UTC)  # noqa: DTZ001 - made aware here
    ours = _zone(zone)
    assert ours.local(aware) - aware.replace(tzinfo=None) == timedelta(minutes=ours.offsets[-1].minutes)
    day = ours.local_date(aware)
    assert ours.at(day) <= aware < ours.at(day + timedelta(days=1))


def test_an_item_that_lags_for_years_beyond_its_calendar_is_still_reminded_and_chased() -> None:
    policy = policy_in(NEW_YORK, 2016)
    task = Supervised("2030-06-30", "2031-12-31", regime=policy, entered="2016-05-03").until("2030-12-31")
    assert [record.level for record in task.state.rungs] == ["phone", "written", "onsite", "circular", "interview"]
