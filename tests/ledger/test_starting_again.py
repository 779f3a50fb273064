"""The ledger alone says where a task goes on: its state, its rules, its latest lines."""

import pytest
from sqlalchemy import text

from duban.contracts import AdoptedPolicy, RecordBatch, StoredPlan, pack_state, unpack_state
from duban.ledger import Ledger, LedgerConflict, PlanRegistration
from duban.ledger.database.engine import reading, writing
from duban.reconciling.continuing import continuation
from duban.supervision.bodies.organisation import Organisation
from duban.supervision.days.clock import TaskClock
from duban.supervision.plans.plan import PlanDefinition
from duban.supervision.rules.policy import digest, encode
from duban.supervision.tasks.messages import Adopt
from duban.supervision.tasks.views import snapshot
from tests.ledger.building import batch, entry, milestone, notice, plan, real, register, task
from tests.supervision.supervised import OFFICE, SUPERVISOR, Supervised, day, policy_of

CLOCK = TaskClock()


def registered(ledger: Ledger, lived: Supervised) -> None:
    definition = PlanDefinition(
        code="T",
        title="方案",
        issued_on=day("2016-05-03"),
        supervising_body=SUPERVISOR,
        tasks=(lived.state.definition,),
    )
    stored = StoredPlan(definition=definition, organisation=Organisation(), policy=lived.policy)
    digest_of = ledger.plans.store_plan(stored)
    ledger.plans.register_plan(
        PlanRegistration(
            digest=digest_of, plan=stored, clock=CLOCK, registered_at=lived.now, batches=(piece(lived, 0),)
        )
    )


def piece(lived: Supervised, first: int, last: int | None = None) -> RecordBatch:
    """Entries as the task hands them over: with its state only where they are all."""
    whole = last is None
    return RecordBatch(
        task_code="T-1",
        plan_code="T",
        round=1,
        entries=tuple(lived.entries[first:last]),
        snapshot=snapshot(lived.state, lived.policy),
        clock=CLOCK,
        state=pack_state(lived.state) if whole else None,
        adopted=AdoptedPolicy(digest=lived.state.policy_digest, policy=lived.policy),
    )


def test_a_task_goes_on_from_the_very_state_that_it_had(ledger: Ledger) -> None:
    lived = Supervised("2016-06-30", "2016-12-20")
    registered(ledger, lived)
    recorded = len(lived.entries)
    lived.until("2016-08-02")
    ledger.tasks.record(piece(lived, recorded))

    beginning = ledger.standings.beginning("T-1")

    assert beginning is not None
    going_on = continuation(beginning)
    assert going_on is not None
    assert going_on.unrecorded is None
    assert going_on.given.state == lived.state
    assert going_on.given.policy == lived.policy
    assert [line.version for line in going_on.given.timeline] == [e.version for e in lived.entries[-20:]]
    standing = ledger.standings.standing("T-1")
    assert standing is not None
    assert (standing.version, standing.state_version) == (lived.state.version, lived.state.version)


def test_a_step_that_was_recorded_in_part_is_taken_to_its_end_with_the_same_words(ledger: Ledger) -> None:
    lived = Supervised("2016-06-30", "2016-12-20")
    registered(ledger, lived)
    recorded = len(lived.entries)
    lived.asleep_until("2016-09-20").wake()
    assert len(lived.entries) > recorded + 3
    ledger.tasks.record(piece(lived, recorded, recorded + 2))

    beginning = ledger.standings.beginning("T-1")
    assert beginning is not None
    going_on = continuation(beginning)

    assert going_on is not None
    assert going_on.unrecorded is not None
    assert going_on.given.state == lived.state
    assert going_on.unrecorded.entries == tuple(lived.entries[recorded:])
    ledger.tasks.record(going_on.unrecorded)
    assert ledger.timelines.verify_chain("T-1") is None
    assert continuation(ledger.standings.beginning("T-1") or beginning) is not None


def test_what_the_core_would_not_say_again_is_not_made_up(ledger: Ledger) -> None:
    lived = Supervised("2016-06-30", "2016-12-20")
    registered(ledger, lived)
    ledger.tasks.record(batch("T-1", entry(3, text="另一句话"), plan_code="T"))
    beginning = ledger.standings.beginning("T-1")
    assert beginning is not None
    assert continuation(beginning) is None


def test_rules_that_a_task_has_adopted_are_there_to_go_on_with(ledger: Ledger) -> None:
    lived = Supervised("2016-06-30", "2016-12-20")
    registered(ledger, lived)
    recorded = len(lived.entries)
    other = policy_of("kunming", 2015, 2017)
    lived.tell(Adopt(**lived.said(OFFICE), reason="日历更新", policy=other))
    assert lived.state.policy_digest == digest(encode(other))
    ledger.tasks.record(piece(lived, recorded))

    beginning = ledger.standings.beginning("T-1")

    assert beginning is not None
    assert beginning.given.policy == other


def test_rules_that_were_issued_are_found_in_the_plan_where_no_task_brought_them(ledger: Ledger) -> None:
    lived = Supervised("2016-06-30", "2016-12-20")
    registered(ledger, lived)
    with writing(ledger.engine) as connection:
        connection.execute(text("DELETE FROM policies"))
    beginning = ledger.standings.beginning("T-1")
    assert beginning is not None
    assert beginning.given.policy == lived.policy


def test_a_task_of_an_earlier_release_has_no_state_until_its_next_entry(ledger: Ledger) -> None:
    register(ledger, plan(task("P-1")))
    assert ledger.standings.beginning("P-1") is None
    standing = ledger.standings.standing("P-1")
    assert standing is not None
    assert standing.state_version is None


def test_a_state_is_the_same_after_the_journey() -> None:
    lived = Supervised("2016-06-30", "2016-12-20").until("2016-09-05")
    assert unpack_state(pack_state(lived.state)) == lived.state
    with pytest.raises(ValueError, match=r"cut off|unpacked|padding"):
        unpack_state(pack_state(lived.state)[:-8])


def test_what_is_recorded_a_second_time_may_have_gone_out_before(ledger: Ledger) -> None:
    register(ledger, plan(task("P-1")))
    late = notice("n2", to="乙局", day=9)
    lost = batch("P-1", entry(2, milestone(), notice("n1", to="甲局"), late))

    ledger.standings.record_again(lost, real(5))
    ledger.standings.record_again(lost, real(5))

    due, later = ledger.deliveries.claim("甲局", real(6)), ledger.deliveries.claim("乙局", real(10))
    assert due is not None
    assert later is not None
    assert (due.uncertain, later.uncertain) == (True, False)
    assert ledger.standings.holds(lost)
    assert not ledger.standings.holds(batch("P-1", entry(2, text="另一句话")))
    with pytest.raises(LedgerConflict):
        ledger.standings.record_again(batch("P-1", entry(5)), real(5))


def test_what_has_been_due_for_long_is_listed_by_body(ledger: Ledger) -> None:
    register(ledger, plan(task("P-1")))
    ledger.tasks.record(batch("P-1", entry(2, notice("n1", to="甲局"), notice("n2", to="乙局", day=9))))
    assert [(each.recipient, each.notices) for each in ledger.standings.overdue(real(5))] == [("甲局", 1)]
    assert ledger.deliveries.claim("甲局", real(5)) is not None
    assert [each.recipient for each in ledger.standings.overdue(real(5))] == []
    assert {each.recipient for each in ledger.standings.overdue(real(500))} == {"甲局", "乙局"}
    assert {each.recipient for each in ledger.standings.overdue(real(500), "Q")} == {"甲局"}


def test_codes_that_nobody_has_are_told_apart(ledger: Ledger) -> None:
    register(ledger, plan(task("P-1")))
    assert ledger.standings.unknown(("P", "P-1", "P-2")) == ("P-2",)
    with reading(ledger.engine) as connection:
        assert connection.scalar(text("SELECT count(*) FROM task_states")) == 0
