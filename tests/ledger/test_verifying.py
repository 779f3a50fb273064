"""A ledger that is as it was written is found so; whatever was changed, removed, cut off or added is named."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from duban.contracts import DeliveryOutcome, RecordBatch, StoredPlan, pack_state
from duban.ledger import Ledger, PlanRegistration
from duban.ledger.database.engine import writing
from duban.ledger.proof import chain
from duban.ledger.proof.links import Flaw
from duban.ledger.proof.verifying import Finding, Head
from duban.supervision.bodies.organisation import Organisation
from duban.supervision.days.clock import TaskClock
from duban.supervision.plans.plan import PlanDefinition
from duban.supervision.tasks.views import snapshot
from tests.ledger.building import entry, plan, register, task
from tests.supervision.supervised import GROUP, HANDLING, SUPERVISOR, Supervised, day

CLOCK = TaskClock()


@pytest.fixture
def lived(ledger: Ledger) -> Supervised:
    """A task that has climbed the ladder, was returned, suspended and extended: every table has rows of it."""
    return live(ledger)


def live(ledger: Ledger) -> Supervised:
    task = Supervised("2016-06-30", "2016-12-20")
    _register(ledger, task)
    steps = (
        task.accept,
        lambda: task.until("2016-08-02"),
        lambda: task.ask_extension(2, "2017-01-20"),
        lambda: task.decide(SUPERVISOR, True),
        lambda: task.report(1, id="r1"),
        lambda: task.send_back(report="r1"),
        lambda: task.until("2016-09-05"),
        lambda: task.decide(GROUP, True, scope=(HANDLING,)),
        lambda: task.suspend("2016-09-20"),
        lambda: task.until("2016-10-08"),
        lambda: task.report(1),
        task.urge,
    )
    for step in steps:
        recorded = len(task.entries)
        step()
        ledger.tasks.record(_batch(task, recorded))
        _deliver(ledger, task)
    return task


def _register(ledger: Ledger, task: Supervised) -> None:
    definition = PlanDefinition(
        code="T",
        title="方案",
        issued_on=day("2016-05-03"),
        supervising_body=SUPERVISOR,
        tasks=(task.state.definition,),
    )
    stored = StoredPlan(definition=definition, organisation=Organisation(), policy=task.policy)
    digest = ledger.plans.store_plan(stored)
    ledger.plans.register_plan(
        PlanRegistration(digest=digest, plan=stored, clock=CLOCK, registered_at=task.now, batches=(_batch(task, 0),))
    )


def _batch(task: Supervised, recorded: int) -> RecordBatch:
    return RecordBatch(
        task_code="T-1",
        plan_code="T",
        round=1,
        entries=tuple(task.entries[recorded:]),
        snapshot=snapshot(task.state, task.policy),
        clock=CLOCK,
        closes=task.state.stage.is_final,
        state=pack_state(task.state),
    )


def _deliver(ledger: Ledger, task: Supervised) -> None:
    """One body's gateway answers, all others are away: some notices arrive, some are withdrawn, some wait."""
    now = CLOCK.real(task.now) + timedelta(days=3)
    message = ledger.deliveries.claim(HANDLING, now)
    if message is not None:
        ledger.deliveries.settle(message.id, message.attempt, DeliveryOutcome.DELIVERED, now, channel="outbox")


def findings(ledger: Ledger, *, rows: bool = False) -> list[Finding]:
    found = [finding for _, some in ledger.proofs.check(rows=rows) for finding in some]
    return [*found, *ledger.proofs.check_strangers()]


def change(ledger: Ledger, *statements: str) -> None:
    with writing(ledger.engine) as connection:
        for statement in statements:
            connection.execute(text(statement))


def test_an_untouched_ledger_holds_row_by_row(ledger: Ledger, lived: Supervised) -> None:
    assert len(lived.entries) > 15
    assert findings(ledger, rows=True) == []


def test_a_task_that_was_struck_off_holds_row_by_row(ledger: Ledger, lived: Supervised) -> None:
    for step in (lived.ask_strike_off, lived.verify):
        recorded = len(lived.entries)
        step()
        ledger.tasks.record(_batch(lived, recorded))
    assert findings(ledger, rows=True) == []


def test_entries_written_at_once_leave_the_same_rows_as_one_by_one(ledger: Ledger) -> None:
    task = Supervised("2016-06-30", "2016-12-20")
    _register(ledger, task)
    recorded = len(task.entries)
    task.until("2016-08-20")
    task.report(1)
    task.ask_strike_off()
    task.verify()
    ledger.tasks.record(_batch(task, recorded))
    assert findings(ledger, rows=True) == []


@pytest.mark.parametrize(
    ("tampering", "flaw", "version"),
    [
        ("UPDATE timeline SET text = '改过' WHERE version = 2", Flaw.CHANGED, 2),
        ("UPDATE timeline SET person = '李四' WHERE version = 5", Flaw.CHANGED, 5),
        ("DELETE FROM timeline WHERE version = 4", Flaw.REMOVED, 4),
        ("DELETE FROM timeline WHERE version > 6", Flaw.CUT_OFF, 7),
        ("UPDATE tasks SET version = 6", Flaw.ADDED, 7),
        ("DELETE FROM timeline", Flaw.CUT_OFF, 1),
    ],
)
def test_what_was_done_to_a_timeline_is_named_with_its_place(
    ledger: Ledger, lived: Supervised, tampering: str, flaw: Flaw, version: int
) -> None:
    assert lived.entries
    change(ledger, tampering)
    assert findings(ledger) == [Finding(task_code="T-1", flaw=flaw, round=1, version=version)]


def test_an_entry_put_at_the_end_without_the_task_knowing_is_seen(ledger: Ledger, lived: Supervised) -> None:
    last = lived.entries[-1].version
    change(
        ledger,
        "INSERT INTO timeline (task_code, round, version, kind, at, recorded_at, body, person, message_id, text,"
        " content, previous_hash, hash) SELECT task_code, round, version + 1, kind, at, recorded_at, body, person,"
        " message_id, text, content, hash, hash FROM timeline WHERE version = (SELECT max(version) FROM timeline)",
    )
    assert findings(ledger) == [Finding(task_code="T-1", flaw=Flaw.CHANGED, round=1, version=last + 1)]


@pytest.mark.parametrize(
    ("tampering", "table", "flaw", "columns"),
    [
        ("UPDATE milestones SET due_on = '2016-09-30' WHERE number = 1", "milestones", Flaw.CHANGED, ("due_on",)),
        ("DELETE FROM reminders WHERE level = 'written'", "reminders", Flaw.REMOVED, ()),
        ("UPDATE reminders SET lag_days = 3 WHERE level = 'phone'", "reminders", Flaw.CHANGED, ("lag_days",)),
        ("UPDATE decisions SET approved = false WHERE body = '市政府督查室'", "decisions", Flaw.CHANGED, ("approved",)),
        ("UPDATE reports SET note = '已完成' WHERE id = 'r1'", "reports", Flaw.CHANGED, ("note",)),
        ("UPDATE notices SET recipient = '市财政局' WHERE id = 1", "notices", Flaw.CHANGED, ("recipient",)),
        (
            (
                "UPDATE notices SET withdrawn_at = NULL, withdraw_reason = '', status = 'pending'"
                " WHERE id = (SELECT min(id) FROM notices WHERE status = 'withdrawn')"
            ),
            "notices",
            Flaw.CHANGED,
            ("withdrawn_at", "withdraw_reason"),
        ),
        ("UPDATE tasks SET title = '另一件事', percent = 99", "tasks", Flaw.CHANGED, ("title", "percent")),
        ("UPDATE tasks SET lead_body = '市财政局'", "tasks", Flaw.CHANGED, ("lead_body",)),
    ],
)
def test_a_row_that_does_not_follow_from_the_entries_is_named_with_its_values(
    ledger: Ledger, lived: Supervised, tampering: str, table: str, flaw: Flaw, columns: tuple[str, ...]
) -> None:
    assert lived.entries
    change(ledger, tampering)
    assert findings(ledger) == []
    [found] = findings(ledger, rows=True)
    assert (found.table, found.flaw, found.columns) == (table, flaw, columns)


def test_an_obligation_that_no_entry_tells_of_is_seen(ledger: Ledger, lived: Supervised) -> None:
    assert lived.entries
    change(
        ledger,
        "INSERT INTO obligations (task_code, round, id, duty, owed_by, subject, asked_at, due_on, chases, status,"
        " reason) SELECT task_code, 1, 'e9/phone/call_record', duty, owed_by, subject, asked_at, due_on, 0, 'open', ''"
        " FROM obligations LIMIT 1",
    )
    [found] = findings(ledger, rows=True)
    assert (found.table, found.row, found.flaw) == ("obligations", "e9/phone/call_record", Flaw.ADDED)


def test_a_task_that_was_removed_with_all_its_rows_is_missed(ledger: Ledger) -> None:
    register(ledger, plan(task("P-1"), task("P-2")))
    change(
        ledger,
        "DELETE FROM timeline WHERE task_code = 'P-1'",
        "DELETE FROM task_bodies WHERE task_code = 'P-1'",
        "DELETE FROM tasks WHERE code = 'P-1'",
    )
    assert findings(ledger) == [Finding(task_code="P-1", flaw=Flaw.REMOVED, table="tasks")]


def test_a_plan_whose_text_was_changed_is_named(ledger: Ledger) -> None:
    register(ledger, plan(task("P-1")))
    change(ledger, "UPDATE stored_plans SET content = replace(content, '事项', '事宜')")
    assert findings(ledger) == [Finding(task_code="P", flaw=Flaw.CHANGED, table="stored_plans")]


def test_a_chain_sealed_anew_holds_and_is_found_out_by_the_heads_that_were_filed(ledger: Ledger) -> None:
    register(ledger, plan(task("P-1"), task("P-2")))
    filed = tuple(ledger.proofs.heads())
    assert [(head.task_code, head.version) for head in filed] == [("P-1", 1), ("P-2", 1)]

    forged = entry(1, text="另有记录")
    content = chain.content_of(forged)
    own_hash = chain.seal(chain.origin("P-1", 1), content)
    with writing(ledger.engine) as connection:
        values = {"text": forged.text, "content": content, "hash": own_hash}
        connection.execute(
            text("UPDATE timeline SET text = :text, content = :content, hash = :hash WHERE task_code = 'P-1'"), values
        )
        connection.execute(text("UPDATE tasks SET chain_head = :hash WHERE code = 'P-1'"), values)

    assert findings(ledger) == []
    assert list(ledger.proofs.against(filed)) == [Finding(task_code="P-1", flaw=Flaw.CHANGED, round=1, version=1)]


def test_heads_stay_in_their_chains_while_the_work_goes_on(ledger: Ledger, lived: Supervised) -> None:
    filed = tuple(ledger.proofs.heads())
    recorded = len(lived.entries)
    lived.urge()
    ledger.tasks.record(_batch(lived, recorded))
    assert list(ledger.proofs.against(filed)) == []
    gone = Head(task_code="T-9", round=1, version=3, hash="0")
    assert [str(finding) for finding in ledger.proofs.against([gone])] == ["任务 T-9：时间线第 3 步起的记录被截去"]


@pytest.fixture
def many(ledger: Ledger) -> Ledger:
    register(ledger, plan(*(task(f"P-{number:03}") for number in range(250))))
    return ledger


def test_a_large_ledger_is_checked_page_by_page_to_its_end(many: Ledger) -> None:
    change(many, "UPDATE timeline SET text = '改过' WHERE task_code IN ('P-000', 'P-150', 'P-249')")
    pages = list(many.proofs.check())
    assert [tasks for tasks, _ in pages] == [100, 100, 50]
    assert [finding.task_code for _, some in pages for finding in some] == ["P-000", "P-150", "P-249"]
    assert many.proofs.count() == 250
    assert [tasks for tasks, _ in many.proofs.check(("P-007",))] == [1]
