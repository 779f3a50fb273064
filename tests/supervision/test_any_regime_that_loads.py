"""No file that loads makes a ladder that skips, repeats or sticks; nor does a change from any to any other."""

from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from duban.supervision.levels.ladder import open_rungs, reached_on
from duban.supervision.plans.plan import PlannedMilestone, TaskDefinition
from duban.supervision.rules.authority import ACT_OF
from duban.supervision.rules.owed import ANSWERS, APPROVALS
from duban.supervision.rules.parts import REFORM_OFFICE
from duban.supervision.rules.policy import Policy, digest, encode
from duban.supervision.rules.rulebook import Rulebook
from duban.supervision.rules.rungs import Ladder
from duban.supervision.rules.triggers import DemandTrigger, ReturnTrigger, UrgingsTrigger
from duban.supervision.tasks.advance import Transition
from duban.supervision.tasks.entries import ReminderChange
from duban.supervision.tasks.messages import Adopt
from duban.supervision.tasks.moments import next_moment
from duban.supervision.tasks.state import RungStatus
from tests.supervision.random_lives import FIRST_DAY, LAST_DAY, definitions, messages, whose_turn
from tests.supervision.random_regimes import FARTHEST_LEVEL, never_closed, rulebooks
from tests.supervision.supervised import HANDLING, LEAD, policy_of
from tests.supervision.test_any_order_of_events import Life

CHECKS = [HealthCheck.too_slow, HealthCheck.filter_too_much]
REGIMES = settings(max_examples=40, deadline=None, suppress_health_check=CHECKS, derandomize=True)
PROPOSED_OR_GIVEN = {RungStatus.ISSUED, RungStatus.AWAITING_APPROVAL}


def one_node(due_on: date = FIRST_DAY + timedelta(days=10)) -> TaskDefinition:
    node = PlannedMilestone(number=1, phrase="节点", due_on=due_on)
    return TaskDefinition(code="T-1", title="任务", lead_body=LEAD, handling_body=HANDLING, milestones=(node,))


def comes_by_time(ladder: Ladder, number: int) -> bool:
    """Whether a level is due by time alone, whatever people do or leave."""
    most = ladder.urging.at_most if ladder.urging else 0
    return not any(
        isinstance(trigger, ReturnTrigger | DemandTrigger)
        or (isinstance(trigger, UrgingsTrigger) and trigger.count > most)
        for trigger in ladder.rungs[number].triggers
    )


@given(rulebooks())
@REGIMES
def test_where_nobody_does_anything_each_level_of_a_file_that_loads_comes_once_and_in_its_order(
    rules: Rulebook,
) -> None:
    life = Life(one_node(), Policy(regime=rules.regime, calendar=never_closed(FIRST_DAY, LAST_DAY)))
    life.pass_time(FARTHEST_LEVEL + 120, 0, awake=True)

    seen = [c for entry in life.entries for c in entry.changes if isinstance(c, ReminderChange)]
    proposed = list(dict.fromkeys(c.level for c in seen if c.status in PROPOSED_OR_GIVEN))
    for number, rung in enumerate(rules.ladder.rungs):
        if comes_by_time(rules.ladder, number):
            assert rung.level in proposed, f"{rung.level} never comes"
    for track in {rung.track for rung in rules.ladder.rungs}:
        order = [rung.level for rung in rules.ladder.rungs if rung.track == track]
        came = [level for level in proposed if level in order]
        assert came == sorted(came, key=order.index)
    assert all(record.key == f"e1/{record.level}" for record in life.state.rungs)
    coming = next_moment(life.state, life.policy)
    assert coming is None, coming


def nothing_is_left_out_or_waits_in_vain(life: Life) -> None:
    """What holds after every tick, whatever the rules in force."""
    state, policy = life.state, life.policy
    today = policy.calendar.zone.local_date(life.now)
    if state.stage.is_final or state.suspended_on(today):
        return
    if state.episode is not None:
        waiting = [due for due in open_rungs(state, policy, state.episode) if due.give_at <= life.now]
        assert waiting == [], "due, and neither given nor entered as not given"
        for rung in policy.regime.ladder.rungs:
            of_level = [r for r in state.rungs if r.level == rung.level and r.episode == state.episode.number]
            assert len(of_level) <= 1
    acts = policy.regime.authority
    for record in state.rungs:
        if record.status is RungStatus.AWAITING_APPROVAL:
            asked = [o for o in state.owing(*APPROVALS) if o.subject == record.key]
            assert len(asked) == 1, "proposed, and nobody has been asked"
    for owed in state.owing(*ANSWERS, *APPROVALS):
        may = set(state.roles.held_by(owed.owed_by)) & set(acts.of(ACT_OF[owed.duty]))
        assert may, f"{owed.owed_by} owes {owed.duty} and may not do it"


happenings = st.tuples(
    st.sampled_from([0, 1, 3, 8, 20]),
    st.booleans(),
    st.one_of(st.none(), messages),
)


def lived(life: Life, happenings: list[Any]) -> None:
    for days, awake, said in happenings:
        life.pass_time(days, 30, awake)
        life.tick()
        nothing_is_left_out_or_waits_in_vain(life)
        if said is not None and said[0] is not Adopt:
            kind, fields = said
            speaker = whose_turn(life.state, life.policy.regime.authority.of(kind.model_fields["act"].default))
            life.event(kind(body=speaker, person="张三", **fields))


def adopted(life: Life, rules: Rulebook) -> None:
    """The rules change, as a change order tells it."""
    policy = Policy(regime=rules.regime, calendar=life.policy.calendar)
    issued = {r.key for r in life.state.rungs if r.status is RungStatus.ISSUED}
    told = Adopt(
        body=life.state.roles.first(REFORM_OFFICE),
        person="王五",
        reason="制度修订",
        policy=policy,
        instead_of=life.state.policy_digest,
    )
    done = life.event(told)
    if isinstance(done, Transition):
        assert life.state.policy_digest == digest(encode(policy))
        assert issued <= {r.key for r in life.state.rungs if r.status is RungStatus.ISSUED}
        event("adopted in an episode" if life.state.episode else "adopted")


@given(definitions(), rulebooks(), st.lists(happenings, min_size=5, max_size=15))
@REGIMES
def test_whatever_happens_under_a_file_that_loads_nothing_is_left_out_and_nothing_waits_in_vain(
    definition: TaskDefinition, rules: Rulebook, what: list[Any]
) -> None:
    lived(Life(definition, Policy(regime=rules.regime, calendar=policy_of().calendar)), what)


@given(
    definitions(),
    rulebooks(),
    st.lists(st.tuples(rulebooks(), st.lists(happenings, min_size=1, max_size=6)), min_size=1, max_size=3),
)
@REGIMES
def test_whatever_rules_take_the_place_of_others_half_way_no_level_is_left_out_given_twice_or_stuck(
    definition: TaskDefinition, rules: Rulebook, changes: list[tuple[Rulebook, list[Any]]]
) -> None:
    life = Life(definition, Policy(regime=rules.regime, calendar=policy_of().calendar))
    life.pass_time(40, 0, awake=True)
    for following, what in changes:
        adopted(life, following)
        life.tick()
        nothing_is_left_out_or_waits_in_vain(life)
        lived(life, what)

    seen = [c for entry in life.entries for c in entry.changes if isinstance(c, ReminderChange)]
    given = {c.key: (c.episode, c.level) for c in seen if c.status is RungStatus.ISSUED and c.episode}
    assert len(set(given.values())) == len(given), "one level twice in one stretch of lag"


@given(rulebooks(), rulebooks(), st.integers(1, 100))
@REGIMES
def test_rules_that_are_taken_back_leave_what_was_issued_and_the_ladder_goes_on(
    rules: Rulebook, others: Rulebook, days: int
) -> None:
    calendar = never_closed(FIRST_DAY, LAST_DAY)
    life = Life(one_node(), Policy(regime=rules.regime, calendar=calendar))
    begun = life.state.policy_digest
    life.pass_time(days, 0, awake=True)
    adopted(life, others)
    life.tick()
    adopted(life, rules)
    life.tick()
    assert life.state.policy_digest == begun
    nothing_is_left_out_or_waits_in_vain(life)
    life.pass_time(FARTHEST_LEVEL + 120, 0, awake=True)
    nothing_is_left_out_or_waits_in_vain(life)
    assert next_moment(life.state, life.policy) is None
    episode = life.state.episode
    assert episode is not None
    for number, rung in enumerate(rules.ladder.rungs):
        if comes_by_time(rules.ladder, number):
            assert reached_on(rung, episode, life.state, life.policy) is not None
            assert any(r.level == rung.level and r.episode == episode.number for r in life.state.rungs)
