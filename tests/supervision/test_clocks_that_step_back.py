"""A clock that steps back between any two events: nothing twice, nothing stuck, no version missing."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duban.supervision.days.clock import EARLIEST, LATEST, TaskClock
from duban.supervision.plans.plan import PlanDefinition, TaskDefinition
from duban.supervision.rules.policy import Policy
from duban.supervision.tasks.advance import Tick, Transition, advance, note_refusal
from duban.supervision.tasks.begin import begin
from duban.supervision.tasks.entries import EntryKind, NoticeIntent
from duban.supervision.tasks.moments import next_moment
from tests.supervision.random_lives import adopted_roles, definitions, messages, policies
from tests.supervision.supervised import HANDLING, Supervised, day, roles_of

steps = st.one_of(
    st.timedeltas(timedelta(days=-400), timedelta(days=40)),
    st.timedeltas(timedelta(seconds=-2), timedelta(seconds=2)),
    st.sampled_from([timedelta(), timedelta(microseconds=-1), timedelta(days=20), timedelta(days=60)]),
)


@given(definitions(), policies(), st.lists(st.tuples(steps, st.none() | messages, steps), max_size=14))
@settings(max_examples=120, deadline=None, derandomize=True)
def test_whatever_the_clock_does_between_two_events_nothing_is_doubled_or_taken_back(
    definition: TaskDefinition, policy: Policy, events: list[tuple[timedelta, Any, timedelta]]
) -> None:
    now = policy.calendar.zone.at(day("2016-05-03"), 600)
    begun = begin(
        definition,
        PlanDefinition(code="T", title="方案", issued_on=day("2016-05-03")),
        roles_of(definition, policy),
        policy,
        now,
    )
    state, entries = begun.state, list(begun.entries)
    for number, (step, said, said_before) in enumerate(events):
        now += step
        event: Any = Tick()
        if said is not None:
            kind, fields = said
            if "roles" in fields:
                fields = {**fields, "roles": adopted_roles(fields["roles"], definition)}
            event = kind(body=HANDLING, person="张三", id=f"m{number}", occurred_at=now + said_before, **fields)
        done = advance(state, event, policy, now)
        if isinstance(done, Transition):
            assert done.state.last_at >= state.last_at
            assert [entry.version for entry in done.entries] == list(
                range(state.version + 1, state.version + 1 + len(done.entries))
            )
            assert all(entry.recorded_at >= state.last_at and entry.at <= entry.recorded_at for entry in done.entries)
            state, policy = done.state, done.policy or policy
            entries += done.entries
        again = advance(state, Tick(), policy, now)
        assert isinstance(again, Transition)
        state, entries = again.state, [*entries, *again.entries]
        assert advance(state, Tick(), policy, now - timedelta(days=1)) == Transition(state=state, version=state.version)
        if not state.stage.is_final and (coming := next_moment(state, policy)) is not None:
            woken = advance(state, Tick(), policy, max(coming.at, state.last_at))
            assert isinstance(woken, Transition)
            assert woken.state != state, f"awake for nothing: {coming}"
    keys = [
        (change.key, change.recipient)
        for entry in entries
        for change in entry.changes
        if isinstance(change, NoticeIntent)
    ]
    assert len(keys) == len(set(keys))


def ladder_with(clock: list[timedelta]) -> Supervised:
    """A task woken as its timers say, by a clock that is off by these spans in turn."""
    task = Supervised("2016-06-30", "2017-06-30")
    for turn in range(200):
        coming = next_moment(task.state, task.policy)
        if coming is None or coming.at > task.moment("2016-11-30"):
            break
        off = clock[turn % len(clock)]
        for moment in (coming.at + off, coming.at):
            task.now = moment
            task.wake()
    return task


@pytest.mark.parametrize(
    "clock",
    [[timedelta(hours=-1)], [timedelta(days=-30)], [timedelta(), timedelta(days=-3), timedelta(seconds=-1)]],
    ids=["an hour", "a month", "now and then"],
)
def test_a_ladder_under_a_clock_that_steps_back_is_the_ladder_under_a_steady_one(clock: list[timedelta]) -> None:
    steady = Supervised("2016-06-30", "2017-06-30").until("2016-11-30")
    assert [entry.text for entry in ladder_with(clock).entries] == [entry.text for entry in steady.entries]
    assert ladder_with(clock).state.rungs == steady.state.rungs


def test_a_message_before_the_last_transition_counts_no_earlier_than_that() -> None:
    task = Supervised("2016-06-30", "2016-12-31").until("2016-07-20 10:00")
    task.report(1, at="2016-07-19 10:00")
    last = task.state.last_at
    task.now = task.moment("2016-07-01 10:00")
    done = task.report(at="2016-06-01 10:00", percent=50)
    assert [(entry.at, entry.recorded_at) for entry in done.entries] == [(last, last)]
    assert task.state.last_at == last


def test_a_refused_signal_is_noted_no_earlier_than_what_is_on_record() -> None:
    task = Supervised("2016-06-30").until("2016-07-20 10:00").wake()
    kept = note_refusal(task.state, task.policy, task.moment("2016-05-04 10:00"), "不受理")
    [entry] = kept.entries
    assert entry.kind is EntryKind.REFUSED
    assert entry.recorded_at == task.state.last_at


def test_business_time_steps_back_with_real_time_and_no_further() -> None:
    real = datetime(2026, 1, 1, tzinfo=UTC)
    clock = TaskClock(business_epoch=datetime(2022, 4, 14, tzinfo=UTC), real_epoch=real, speed=86_400)
    assert clock.business(real - timedelta(seconds=1)) == clock.business_epoch - timedelta(days=1)
    assert clock.business(clock.real(LATEST) + timedelta(days=400)) == LATEST


@given(st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)), st.floats(0.001, 1e6))  # noqa: DTZ001 - made aware below
@settings(max_examples=200, deadline=None, derandomize=True)
def test_no_clock_of_any_machine_makes_a_business_moment_that_is_none(real: datetime, speed: float) -> None:
    clock = TaskClock(
        business_epoch=datetime(2022, 4, 14, tzinfo=UTC), real_epoch=datetime(2026, 1, 1, tzinfo=UTC), speed=speed
    )
    assert EARLIEST <= clock.business(real.replace(tzinfo=UTC)) <= LATEST
