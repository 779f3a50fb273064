"""When what waits for a body goes out: quiet hours, sending times, the week's budget."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duban.supervision.bundling import CAN_WAIT, NO_RULES, QuietHours, SendingRules, Waiting, choose, free_at, week_of
from duban.supervision.days.calendar import OfficeCalendar, Zone, ZoneOffset
from duban.supervision.days.clock import TaskClock
from duban.supervision.tasks.entries import NoticeKind

SHANGHAI = Zone(name="Asia/Shanghai", offsets=(ZoneOffset(since=datetime(1991, 9, 15, tzinfo=UTC), minutes=480),))
REAL_TIME = TaskClock()
MONDAY = datetime(2016, 7, 18, 1, tzinfo=UTC)
"""Nine o'clock in Kunming."""
NIGHT = QuietHours(begins=20 * 60, ends=8 * 60)
TWICE_A_DAY = SendingRules(send_at=(10 * 60 + 30, 16 * 60 + 30))
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NUMBERS = count(1)


def waiting(
    kind: NoticeKind = NoticeKind.REMINDER,
    ready_at: datetime = MONDAY,
    *,
    sent: int = 0,
    respond_by: date | None = None,
    clock: TaskClock = REAL_TIME,
) -> Waiting:
    return Waiting(
        id=next(NUMBERS), kind=kind, ready_at=ready_at, clock=clock, zone=SHANGHAI, respond_by=respond_by, sent=sent
    )


def test_without_rules_everything_goes_at_its_own_moment_in_the_order_of_the_moments() -> None:
    late, early = waiting(ready_at=MONDAY), waiting(NoticeKind.CHASE, MONDAY - HOUR)
    coming = waiting(ready_at=MONDAY + HOUR)
    assert choose([late, early, coming], NO_RULES, MONDAY).ids == (early.id, late.id)
    assert choose([coming], NO_RULES, MONDAY) == choose([coming], NO_RULES, MONDAY + timedelta(minutes=59))
    assert choose([coming], NO_RULES, MONDAY).next_at == MONDAY + HOUR


@pytest.mark.parametrize(
    ("local_hour", "goes_after"),
    [(19, 0), (20, 12), (23, 9), (24, 8), (31, 1), (32, 0)],
)
def test_what_falls_in_quiet_hours_moves_to_their_end_on_either_side_of_midnight(
    local_hour: int, goes_after: int
) -> None:
    moment = MONDAY + timedelta(hours=local_hour - 9)
    one = waiting(ready_at=moment)
    assert free_at(one, SendingRules(quiet=NIGHT), moment) == moment + timedelta(hours=goes_after)


def test_quiet_hours_within_a_day_hold_within_that_day() -> None:
    noon = QuietHours(begins=12 * 60, ends=14 * 60)
    one = waiting(ready_at=MONDAY)
    assert free_at(one, SendingRules(quiet=noon), MONDAY + 4 * HOUR) == MONDAY + 5 * HOUR
    assert free_at(one, SendingRules(quiet=noon), MONDAY + 5 * HOUR) == MONDAY + 5 * HOUR


def test_what_becomes_due_in_one_morning_goes_in_one_message() -> None:
    first, second = waiting(ready_at=MONDAY), waiting(ready_at=MONDAY + HOUR)
    at_half_past_ten = MONDAY + timedelta(minutes=90)
    assert choose([first], TWICE_A_DAY, MONDAY).ids == ()
    assert choose([first], TWICE_A_DAY, MONDAY).next_at == at_half_past_ten
    assert choose([first, second], TWICE_A_DAY, at_half_past_ten).ids == (first.id, second.id)


def test_after_the_last_sending_time_of_a_day_nothing_waits_overnight() -> None:
    evening = MONDAY + 8 * HOUR
    assert choose([one := waiting(ready_at=evening)], TWICE_A_DAY, evening).ids == (one.id,)


def test_what_the_quiet_hours_have_held_goes_with_the_next_sending_time() -> None:
    rules = SendingRules(quiet=NIGHT, send_at=TWICE_A_DAY.send_at)
    at_ten_at_night = MONDAY + 13 * HOUR
    assert free_at(waiting(ready_at=at_ten_at_night), rules, at_ten_at_night) == MONDAY + DAY + timedelta(minutes=90)


WEEKLY = SendingRules(weekly=3)
NEXT_MONDAY = MONDAY + timedelta(days=7)


@pytest.mark.parametrize("kind", list(NoticeKind))
def test_once_the_week_s_messages_are_used_up_only_what_is_urgent_goes(kind: NoticeKind) -> None:
    one = waiting(kind, sent=3)
    choice = choose([one], WEEKLY, MONDAY + DAY)
    if kind in CAN_WAIT:
        assert (choice.ids, choice.next_at) == ((), NEXT_MONDAY)
    else:
        assert choice.ids == (one.id,)


def test_what_waits_for_the_next_week_rides_along_with_an_urgent_message() -> None:
    chase, reminder = waiting(NoticeKind.CHASE, sent=3), waiting(sent=3, ready_at=MONDAY + HOUR)
    assert choose([chase, reminder], WEEKLY, MONDAY + HOUR).ids == (reminder.id, chase.id)


def test_it_goes_in_the_next_week_at_its_own_time_of_day() -> None:
    chase = waiting(NoticeKind.CHASE, MONDAY + 3 * HOUR, sent=3)
    assert choose([chase], WEEKLY, MONDAY + 2 * DAY).next_at == NEXT_MONDAY + 3 * HOUR
    fresh = waiting(NoticeKind.CHASE, MONDAY + 3 * HOUR, sent=0)
    assert choose([fresh], WEEKLY, NEXT_MONDAY + 3 * HOUR).ids == (fresh.id,)


def test_a_week_that_begins_with_a_holiday_begins_with_the_first_working_day() -> None:
    closed = OfficeCalendar(zone=SHANGHAI, holidays=(date(2016, 7, 25), date(2016, 7, 26)))
    chase = waiting(NoticeKind.CHASE, sent=3)
    assert choose([chase], SendingRules(weekly=3, calendar=closed), MONDAY).next_at == NEXT_MONDAY + 2 * DAY


@pytest.mark.parametrize(
    ("respond_by", "goes"),
    [
        (date(2016, 7, 18), True),
        (date(2016, 7, 24), True),
        (date(2016, 7, 25), True),  # on that day it would not come before it
        (date(2016, 7, 26), False),
        (date(2016, 7, 17), False),  # it is past, and the chase is no later for a week
    ],
)
def test_an_announcement_that_would_come_too_late_next_week_goes_despite_the_budget(
    respond_by: date, goes: bool
) -> None:
    advance = waiting(NoticeKind.ADVANCE_NOTICE, sent=3, respond_by=respond_by)
    assert bool(choose([advance], WEEKLY, MONDAY).ids) is goes


def test_in_fast_time_neither_quiet_hours_nor_sending_times_hold_but_the_week_of_business_time_does() -> None:
    fast = TaskClock(business_epoch=MONDAY, real_epoch=MONDAY, speed=86_400)
    rules = SendingRules(quiet=NIGHT, send_at=TWICE_A_DAY.send_at, weekly=3)
    at_night = fast.real(MONDAY + 13 * HOUR)
    assert choose([one := waiting(clock=fast)], rules, at_night).ids == (one.id,)
    held = choose([waiting(NoticeKind.CHASE, clock=fast, sent=3)], rules, at_night)
    assert held.next_at == MONDAY + timedelta(seconds=7), "a business week of seven seconds"


def test_nothing_waits_for_a_week_that_a_stopped_clock_never_reaches() -> None:
    stopping = TaskClock(business_epoch=MONDAY, real_epoch=MONDAY, speed=86_400, stops_at=MONDAY + 2 * DAY)
    chase = waiting(NoticeKind.CHASE, clock=stopping, sent=3)
    assert choose([chase], WEEKLY, MONDAY + DAY).ids == (chase.id,)


moments = st.integers(0, 21 * 24 * 60).map(lambda minutes: MONDAY + timedelta(minutes=minutes))
minutes_of_day = st.integers(0, 24 * 60 - 1)
quiets = st.none() | st.tuples(minutes_of_day, minutes_of_day).filter(lambda both: both[0] != both[1]).map(
    lambda both: QuietHours(begins=both[0], ends=both[1])
)
all_rules = st.builds(
    SendingRules,
    quiet=quiets,
    send_at=st.lists(minutes_of_day, max_size=3, unique=True).map(lambda listed: tuple(sorted(listed))),
    weekly=st.none() | st.integers(1, 3),
)
notices = st.builds(
    Waiting,
    id=st.integers(1, 10**6),
    kind=st.sampled_from(NoticeKind),
    ready_at=moments,
    clock=st.just(REAL_TIME),
    zone=st.just(SHANGHAI),
    respond_by=st.none() | st.dates(date(2016, 7, 10), date(2016, 9, 1)),
    sent=st.integers(0, 4),
)
lists = st.lists(notices, max_size=8, unique_by=lambda each: each.id)


@given(lists, all_rules, moments)
def test_something_goes_now_or_there_is_a_later_moment_to_look_again(
    listed: list[Waiting], rules: SendingRules, now: datetime
) -> None:
    choice = choose(listed, rules, now)
    assert set(choice.ids) <= {each.id for each in listed}
    assert len(set(choice.ids)) == len(choice.ids)
    if choice.ids:
        assert choice.next_at is None
    else:
        assert (choice.next_at is None) is (not listed)
        assert choice.next_at is None or choice.next_at > now, "or a dispatch would ask again and again"


@given(lists, all_rules, moments)
def test_nothing_goes_before_its_moment_or_in_quiet_hours(
    listed: list[Waiting], rules: SendingRules, now: datetime
) -> None:
    gone = [each for each in listed if each.id in choose(listed, rules, now).ids]
    assert all(each.ready_at <= now for each in gone)
    if gone and rules.quiet is not None:
        assert rules.quiet.over_at(now, SHANGHAI) == now


@given(lists, all_rules, moments)
def test_what_is_urgent_never_waits_for_the_budget(listed: list[Waiting], rules: SendingRules, now: datetime) -> None:
    without = rules.model_copy(update={"weekly": None})
    urgent = {each.id for each in listed if each.kind not in CAN_WAIT}
    assert urgent & set(choose(listed, without, now).ids) == urgent & set(choose(listed, rules, now).ids)


@given(lists, all_rules, moments)
def test_all_that_waits_has_gone_after_finitely_many_looks(
    listed: list[Waiting], rules: SendingRules, now: datetime
) -> None:
    left, looks = listed, 0
    while left:
        choice = choose(left, rules, now)
        if choice.ids:
            left = [each for each in left if each.id not in choice.ids]
        else:
            assert choice.next_at is not None
            # A new week has begun where the budget was waited for.
            if week_of(choice.next_at, SHANGHAI) != week_of(now, SHANGHAI):
                left = [replace(each, sent=0) for each in left]
            now = choice.next_at
        looks += 1
        assert looks <= 4 * len(listed) + 8
