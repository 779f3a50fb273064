"""Whatever happens to a task, in whatever order, under whatever ladder: what always holds."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from duban.supervision.levels.lag import lag_on, overdue
from duban.supervision.plans.plan import PlanDefinition, TaskDefinition
from duban.supervision.rules.owed import Duty
from duban.supervision.rules.parts import HANDLING_BODY, REFORM_OFFICE, SUPERVISING_BODY
from duban.supervision.rules.policy import Policy
from duban.supervision.tasks.advance import Tick, Transition, advance
from duban.supervision.tasks.begin import begin
from duban.supervision.tasks.entries import (
    EntryKind,
    LedgerEntry,
    MilestoneChange,
    NoticeIntent,
    ObligationChange,
    ObligationStatus,
    ReminderChange,
)
from duban.supervision.tasks.messages import (
    Adopt,
    AnyMessage,
    ReportProgress,
    RequestExtension,
    RequestStrikeOff,
    Terminate,
    Verify,
)
from duban.supervision.tasks.moments import next_moment
from duban.supervision.tasks.state import RungStatus, Stage, TaskState
from duban.supervision.tasks.turn import Refusal, milestone_change
from tests.supervision.random_lives import (
    BODIES,
    FIRST_DAY,
    adopted_roles,
    amendments,
    definitions,
    messages,
    policies,
    whose_turn,
)
from tests.supervision.supervised import policy_of, roles_of

LIVES = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)

steps = st.tuples(
    st.sampled_from([0, 1, 2, 5, 10, 16, 20, 31, 46]),  # days that pass
    st.integers(0, 1439),  # minutes that pass beside
    st.booleans(),  # whether the task is awake meanwhile
    st.one_of(st.none(), messages, messages, messages),
    st.sampled_from([None] * 20 + [*BODIES]),  # who speaks; None: somebody who may
    st.none()
    | st.integers(0, 60)
    | st.integers(0, 60 * 24 * 60),  # how many minutes ago it was said; None: typed by hand
)


class Life:
    """A task whose every transition is checked."""

    def __init__(self, definition: TaskDefinition, policy: Policy) -> None:
        self.policy = policy
        self.now = policy.calendar.zone.at(FIRST_DAY, 600)
        plan = PlanDefinition(code="T", title="方案", issued_on=FIRST_DAY)
        begun = begin(definition, plan, roles_of(definition, policy), policy, self.now)
        self.state = begun.state
        self.entries: list[LedgerEntry] = []
        self._take(begun)

    def event(self, event: Tick | AnyMessage) -> Transition | Refusal:
        before = self.state.model_dump_json()
        done = advance(self.state, event, self.policy, self.now)
        assert done == advance(self.state, event, self.policy, self.now)
        assert self.state.model_dump_json() == before
        if isinstance(done, Transition):
            ended = self.state.stage.is_final
            assert done.state.last_at >= self.state.last_at
            self._take(done)
            assert not (ended and done.entries)
        return done

    def pass_time(self, days: int, minutes: int, awake: bool) -> None:
        end = self.now + timedelta(days=days, minutes=minutes)
        while awake and (coming := next_moment(self.state, self.policy)) is not None and coming.at <= end:
            self.now = max(self.now, coming.at)
            self.tick()
        self.now = end

    def tick(self) -> None:
        suspended = self.state.suspended_on(self.policy.calendar.zone.local_date(self.now))
        known = len(self.entries)
        self.event(Tick())
        coming = next_moment(self.state, self.policy)
        assert coming is None or coming.at > self.now, coming
        if suspended:
            done = self.entries[known:]
            assert {e.kind for e in done} <= {EntryKind.EPISODE_OPENED, EntryKind.RESUMED, EntryKind.CHASED}
            chased = {c.duty for e in done for c in e.changes if isinstance(c, NoticeIntent)}
            assert chased <= {Duty.VERIFICATION}

    def _take(self, done: Transition) -> None:
        self.state, self.policy = done.state, done.policy or self.policy
        self.entries.extend(done.entries)
        assert TaskState.model_validate_json(self.state.model_dump_json()) == self.state
        for entry in done.entries:
            assert LedgerEntry.model_validate_json(entry.model_dump_json()) == entry
            assert entry.at <= entry.recorded_at
            assert entry.at.tzinfo is UTC
            assert entry.text
        assert [e.version for e in self.entries] == list(range(1, self.state.version + 1))
        today = self.policy.calendar.zone.local_date(self.state.last_at)
        for episode in self.state.episodes:
            assert lag_on(episode.ended_on or today, episode.opened_on, self.state.suspensions) >= 0


def live(definition: TaskDefinition, policy: Policy, happenings: list[Any]) -> Life:
    life = Life(definition, policy)
    for number, (days, minutes, awake, said, body, ago) in enumerate(happenings):
        life.pass_time(days, minutes, awake)
        if said is None:
            life.tick()
            continue
        kind, fields = said
        allowed = life.policy.regime.authority.of(kind.model_fields["act"].default)
        speaker = body or whose_turn(life.state, allowed)
        if kind is Adopt:
            fields = {**fields, "roles": adopted_roles(fields["roles"], definition)}
        when = None if ago is None else life.now - timedelta(minutes=ago)
        ident = "" if ago is None else f"m{number}"
        life.event(kind(body=speaker, person="张三", id=ident, occurred_at=when, **fields))
    return life


@given(definitions(), policies(), st.lists(steps, min_size=15, max_size=40))
@LIVES
def test_the_ledger_shows_what_the_task_knows_and_nothing_twice(
    definition: TaskDefinition, policy: Policy, happenings: list[Any]
) -> None:
    life = live(definition, policy, happenings)
    changes = [change for entry in life.entries for change in entry.changes]

    notices = Counter((c.key, c.recipient) for c in changes if isinstance(c, NoticeIntent))
    assert [key for key, times in notices.items() if times > 1] == []

    issued = [c for c in changes if isinstance(c, ReminderChange) and c.status is RungStatus.ISSUED]
    assert len({c.key for c in issued}) == len(issued)
    given_in = [
        (r.episode, r.level)
        for r in life.state.rungs
        if r.episode and r.status in (RungStatus.ISSUED, RungStatus.WITHDRAWN)
    ]
    assert len(set(given_in)) == len(given_in)

    if EntryKind.ADOPTED not in {entry.kind for entry in life.entries}:
        for rung in life.policy.regime.ladder.rungs:
            lower = {below.level for below in life.policy.regime.ladder.below(rung)}
            episodes_above = [c.episode for c in issued if c.episode and c.level == rung.level]
            for number in episodes_above:
                levels = [c.level for c in issued if c.episode == number]
                assert not lower & set(levels[levels.index(rung.level) :]), levels

    reminders = {c.key: c.status for c in changes if isinstance(c, ReminderChange)}
    known = {r.key: r.status for r in life.state.rungs if r.status is not RungStatus.GIVEN_BEFORE}
    assert reminders == known

    owed = {c.id: c for c in changes if isinstance(c, ObligationChange)}
    still_open = {i: (c.owed_by, c.due_on, c.chases) for i, c in owed.items() if c.status is ObligationStatus.OPEN}
    assert still_open == {o.id: (o.owed_by, o.due_on, o.chases) for o in life.state.obligations}
    assert all(o.chases <= 3 for o in life.state.obligations)

    nodes = {c.number: c for c in changes if isinstance(c, MilestoneChange)}
    assert nodes == {m.number: milestone_change(m) for m in life.state.milestones}


@given(definitions(), policies(), st.lists(steps, min_size=10, max_size=30))
@LIVES
def test_from_every_state_there_are_ways_out(definition: TaskDefinition, policy: Policy, happenings: list[Any]) -> None:
    life = live(definition, policy, happenings)
    roles = life.state.roles
    if life.state.stage.is_final:
        assert next_moment(life.state, life.policy) is None
        return

    def said(role: str, person: str = "王五") -> dict[str, Any]:
        return {"body": roles.first(role), "person": person}

    ended = advance(life.state, Terminate(**said(REFORM_OFFICE), reason="撤销"), life.policy, life.now)
    assert isinstance(ended, Transition)
    assert ended.state.stage is Stage.TERMINATED
    assert ended.state.obligations == ()
    assert RungStatus.AWAITING_APPROVAL not in {r.status for r in ended.state.rungs}

    claimed = tuple(m.number for m in life.state.unmet if not m.final)
    if claimed:
        report = ReportProgress(**said(HANDLING_BODY), milestones=claimed, evidence="文号")
        assert isinstance(life.event(report), Transition)
    if life.state.stage is not Stage.STRIKE_OFF_REQUESTED:
        request = RequestStrikeOff(**said(HANDLING_BODY), deliverable="成果")
        assert isinstance(life.event(request), Transition)
    assert life.state.episode is None or life.state.unmet
    if not life.state.unmet:
        assert isinstance(life.event(Verify(**said(SUPERVISING_BODY, "赵六"), passed=True)), Transition)
        assert life.state.stage is Stage.STRUCK_OFF


@given(st.lists(steps, max_size=12), st.datetimes(timezones=st.sampled_from([UTC])))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_no_moment_a_client_may_state_breaks_the_core(happenings: list[Any], moment: datetime) -> None:
    definition = TaskDefinition(code="T-1", title="任务", lead_body="市医保局")
    life = live(definition, policy_of(), happenings)
    life.event(ReportProgress(body="市医保局", person="张三", note="进展", occurred_at=moment))


@given(definitions(), policies(), st.lists(st.integers(0, 40), max_size=10), st.integers(0, 10), st.dates(FIRST_DAY))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_a_pending_extension_changes_no_reminder_and_no_count(
    definition: TaskDefinition, policy: Policy, pauses: list[int], asked_after: int, wished: date
) -> None:
    asking, silent = Life(definition, policy), Life(definition, policy)
    for number, days in enumerate(pauses):
        asking.pass_time(days, 90, awake=True)
        silent.pass_time(days, 90, awake=True)
        if number == asked_after and asking.state.unmet:
            wish = RequestExtension(
                body=asking.state.roles.first(HANDLING_BODY),
                person="张三",
                milestone=asking.state.unmet[0].number,
                new_due_on=wished,
                reason="推迟",
            )
            asking.event(wish)
    assert asking.state.episodes == silent.state.episodes
    assert asking.state.rungs == silent.state.rungs
    assert asking.state.milestones == silent.state.milestones


@given(definitions(), policies(), st.lists(steps, min_size=5, max_size=20), amendments)
@LIVES
def test_an_amendment_makes_nobody_late_and_moves_no_count(
    definition: TaskDefinition, policy: Policy, happenings: list[Any], drawn: Any
) -> None:
    life = live(definition, policy, happenings)
    before, (kind, fields) = life.state, drawn
    # Settled first: what the clock alone has made overdue by now is not the amendment's doing.
    was_overdue = overdue(before, life.policy.calendar.zone.local_date(life.now))
    done = life.event(kind(body=before.roles.first(SUPERVISING_BODY), person="张三", **fields))
    if isinstance(done, Refusal):
        return
    assert was_overdue or not overdue(done.state, life.policy.calendar.zone.local_date(life.now))
    if before.episode is not None and done.state.episode is not None:
        assert done.state.episode.model_dump() == before.episode.model_dump()
    given = [c for e in done.entries for c in e.changes if isinstance(c, ReminderChange)]
    assert RungStatus.ISSUED not in {c.status for c in given}
    met = {m.number: m.met_at for m in before.milestones}
    assert {m.number: m.met_at for m in done.state.milestones if m.number in met} == met
    assert {m.number: m.baseline_on for m in before.milestones}.items() <= {
        m.number: m.baseline_on for m in done.state.milestones
    }.items()
