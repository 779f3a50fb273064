"""Whatever procedure loads and whatever happens: an item never sticks, never skips, never owes twice."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from duban.supervision.plans.plan import PlanDefinition, TaskDefinition
from duban.supervision.rules.owed import Duty
from duban.supervision.rules.policy import Policy
from duban.supervision.rules.procedures import FactKind, Procedure
from duban.supervision.steps.step_rules import lacking
from duban.supervision.tasks.advance import Tick, Transition, advance
from duban.supervision.tasks.begin import begin
from duban.supervision.tasks.entries import EntryKind, LedgerEntry, NoticeIntent, ObligationChange, ObligationStatus
from duban.supervision.tasks.messages import Amend, AnyMessage, TakeStep
from duban.supervision.tasks.moments import next_moment
from duban.supervision.tasks.state import Stage, TaskState
from duban.supervision.tasks.turn import Refusal
from duban.supervision.tasks.views import details, snapshot, status_view
from tests.supervision.random_lives import FIRST_DAY, amendments, often, sometimes
from tests.supervision.random_steps import TOLD_BODY, procedures
from tests.supervision.supervised import LEAD, policy_of, roles_of

LIVES = settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=True,
    report_multiple_bugs=False,
)
PERIOD: dict[str, tuple[str, ...]] = {"period_from": ("2016-05-01",), "period_to": ("2016-12-31",)}

names = st.sampled_from(["what", "on", "whom", "which", "period_to", "y"])
values = st.sampled_from(
    ["", "文", "2016-06-01", "2016-11-30", "9999-12-31", "a", "b", "乙", TOLD_BODY, ["a", "b"], "局" * 200]
)
taken = st.tuples(
    st.just(TakeStep),
    st.fixed_dictionaries(
        {
            "step": st.sampled_from(["", "", "", "s0", "s1", "x"]),
            "outcome": st.sampled_from(["", "", "o0", "o1", "o2", "end", "结果1"]),
            "facts": st.dictionaries(names, values, max_size=4),
            "note": st.sampled_from(["", "说明"]),
        }
    ),
)  # fmt: skip
moved = st.tuples(
    st.just(Amend),
    st.fixed_dictionaries({"reason": st.just("推迟"), "step_due_on": st.dates(FIRST_DAY, date(2018, 1, 1))}),
)
others = st.one_of(*often, *sometimes, amendments, moved, moved)
happenings = st.lists(
    st.tuples(
        st.sampled_from([0, 1, 3, 10, 40]),
        st.booleans(),
        st.one_of(st.none(), taken, taken, taken, others),
        st.sampled_from(["张三", "李四"]),
    ),
    min_size=5,
    max_size=20,
)


class ItemLife:
    """An item whose every transition is checked."""

    def __init__(self, procedure: Procedure) -> None:
        self.policy: Policy = policy_of().model_copy(update={"procedure": procedure})
        self.now = self.policy.calendar.zone.at(FIRST_DAY, 600)
        facts: dict[str, tuple[str, ...]] = {"on": ("2016-06-30",), "whom": (TOLD_BODY,), "which": ("a",), **PERIOD}
        task = TaskDefinition(code="T-1", title="事项", lead_body=LEAD, procedure="p", facts=facts)
        plan = PlanDefinition(code="T", title="台账", issued_on=FIRST_DAY)
        begun = begin(task, plan, roles_of(task, self.policy), self.policy, self.now)
        self.state: TaskState = begun.state
        self.entries: list[LedgerEntry] = []
        self._take(begun)

    def event(self, event: Tick | AnyMessage) -> Transition | Refusal:
        done = advance(self.state, event, self.policy, self.now)
        assert done == advance(self.state, event, self.policy, self.now)
        if isinstance(done, Transition):
            self._take(done)
        return done

    def pass_time(self, days: int, *, awake: bool) -> None:
        end = self.now + timedelta(days=days)
        while awake and (coming := next_moment(self.state, self.policy)) is not None and coming.at <= end:
            self.now = max(self.now, coming.at)
            before = self.state
            self.event(Tick())
            assert self.state != before, f"awake for nothing: {coming}"
        self.now = end

    def _take(self, done: Transition) -> None:
        self.state, self.policy = done.state, done.policy or self.policy
        self.entries.extend(done.entries)
        assert TaskState.model_validate_json(self.state.model_dump_json()) == self.state
        for entry in done.entries:
            assert LedgerEntry.model_validate_json(entry.model_dump_json()) == entry
        assert [e.version for e in self.entries] == list(range(1, self.state.version + 1))
        # Exactly one step waits while the item goes on, and exactly one body owes it.
        owed = self.state.owing(Duty.STEP)
        waits = [run for run in self.state.steps if run.done_at is None]
        if self.state.stage.is_final:
            assert owed == ()
        else:
            assert [run.key for run in waits] == [o.subject for o in owed]
            assert len(owed) == 1
            assert self.state.open_step == waits[0]
            assert snapshot(self.state, self.policy).due_on == owed[0].due_on


def live(procedure: Procedure, drawn: list[Any]) -> ItemLife:
    life = ItemLife(procedure)
    for days, awake, said, person in drawn:
        life.pass_time(days, awake=awake)
        if said is None:
            life.event(Tick())
            continue
        kind, fields = said
        owed = life.state.owing(Duty.STEP)
        allowed = life.state.roles.of(*life.policy.regime.authority.of(kind.model_fields["act"].default))
        body = owed[0].owed_by if kind is TakeStep and owed else (allowed or (LEAD,))[-1]
        life.event(kind(body=body, person=person, **fields))
    assert details(life.state, life.policy)
    assert status_view(life.state, life.policy, life.now).as_of == life.now
    return life


@given(procedures(), happenings)
@LIVES
def test_one_step_at_a_time_is_owed_noticed_and_told_once(procedure: Procedure, drawn: list[Any]) -> None:
    life = live(procedure, drawn)
    changes = [change for entry in life.entries for change in entry.changes]
    notices = Counter((c.key, c.recipient) for c in changes if isinstance(c, NoticeIntent))
    assert [key for key, times in notices.items() if times > 1] == []
    owed = {c.id: c for c in changes if isinstance(c, ObligationChange)}
    still_open = {i: (c.owed_by, c.due_on, c.chases) for i, c in owed.items() if c.status is ObligationStatus.OPEN}
    assert still_open == {o.id: (o.owed_by, o.due_on, o.chases) for o in life.state.obligations}
    begun = [e for e in life.entries if e.kind is EntryKind.STEP_BEGUN]
    done = [e for e in life.entries if e.kind is EntryKind.STEP_TAKEN]
    assert len(begun) - len(done) in (0, 1)
    assert len({n.key for e in begun for n in e.changes if isinstance(n, NoticeIntent)}) == len(begun)
    if life.state.stage is Stage.CLOSED:  # by a record of a person, never by time
        assert done[-1].person
        assert life.entries[-1].kind is EntryKind.ITEM_CLOSED


@given(procedures(), happenings)
@LIVES
def test_no_step_is_skipped(procedure: Procedure, drawn: list[Any]) -> None:
    life = live(procedure, drawn)
    for run, following in zip(life.state.steps, life.state.steps[1:], strict=False):
        step = procedure.step(run.step)
        assert step is not None
        end = next(end for end in step.ends if end.name == run.outcome)
        again = run.occurrence < run.times and not end.then
        expected = step if again else procedure.following(step, end)
        assert expected is not None
        assert (following.step, following.occurrence) == (expected.id, run.occurrence + 1 if again else 1)


@given(procedures(), happenings)
@LIVES
def test_from_wherever_it_stands_an_item_can_be_walked_to_its_end(procedure: Procedure, drawn: list[Any]) -> None:
    life = live(procedure, drawn)
    people = 0
    while not life.state.stage.is_final:
        run, (owed,) = life.state.open_step, life.state.owing(Duty.STEP)
        step = procedure.step(run.step) if run is not None else None
        assert step is not None
        assert people < 60, "no end in sight"
        ends = sorted(step.ends, key=lambda end: _far(procedure, step.id, end.name))
        following = procedure.following(step, ends[0])
        wanted = [*step.facts, *ends[0].facts]
        if following is not None:
            wanted += [*lacking(procedure, following, life.state.facts), *lacking(procedure, step, life.state.facts)]
        sayable = {
            FactKind.TEXT: "文", FactKind.DATE: "2016-11-30", FactKind.BODY: TOLD_BODY, FactKind.CHOICE: "a"
        }  # fmt: skip
        facts: dict[str, tuple[str, ...]] = {fact.name: (sayable[fact.kind],) for fact in wanted}
        people += 1
        message = TakeStep(body=owed.owed_by, person=f"人{people}", outcome=ends[0].name, facts=facts)
        assert isinstance(life.event(message), Transition), life.event(message)


def _far(procedure: Procedure, step_id: str, outcome: str) -> int:
    """How many steps it is to the end by an outcome."""
    ends: dict[str, int] = {}
    for _ in procedure.steps:
        for step in procedure.steps:
            ways = [ends.get(after.id, 99) if (after := procedure.following(step, o)) else 0 for o in step.ends]
            ends[step.id] = min([ends.get(step.id, 99), *(way + 1 for way in ways)])
    taken_step = procedure.step(step_id)
    assert taken_step is not None
    end = next(o for o in taken_step.ends if o.name == outcome)
    after = procedure.following(taken_step, end)
    return 0 if after is None else ends[after.id]
