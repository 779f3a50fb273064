"""What is kept of an amended plan, and that nothing of the issued one is touched."""

import pytest
from sqlalchemy import text

from duban.contracts import AmendmentReceipt, PlanAmendment, PlanClosure, StoredPlan
from duban.ledger import Ledger, NotInLedger
from duban.ledger.database.engine import writing
from duban.ledger.plans.amendments import PlanVersion
from duban.ledger.plans.registration import PlanStatus
from duban.supervision.tasks.entries import EntryKind, TaskChange
from tests.ledger.building import EPOCH, FAST, at, batch, entry, plan, real, register, registration, task


def amend(ledger: Ledger, stored: StoredPlan, *, identity: str = "a1", day: float = 5) -> AmendmentReceipt:
    """Amend a plan as its activity does: the new tasks alone are registered."""
    digest = ledger.plans.store_plan(stored)
    added = set(ledger.amendments.unregistered(stored))
    tasks = tuple(each for each in stored.definition.tasks if each.code in added)
    new = stored.model_copy(update={"definition": stored.definition.model_copy(update={"tasks": tasks})})
    given = registration(new, digest).model_copy(update={"registered_at": at(day)})
    said = PlanAmendment(
        code=stored.definition.code,
        id=identity,
        digest=digest,
        amended_at=at(day),
        clock=FAST,
        body="改革办",
        person="张三",
        reason="年中调整",
    )
    return ledger.amendments.register(said, given)


def amended_row(**fields: object) -> TaskChange:
    usual: dict[str, object] = {
        "title": "改名",
        "leader": "",
        "lead_body": "统计局",
        "handling_body": "统计局",
        "supporting_bodies": (),
        "measures": "",
        "deliverable": "",
        "deadline_text": "",
        "open_ended": False,
        "list_kinds": (),
    }
    return TaskChange.model_validate(usual | fields)


def findings(ledger: Ledger) -> list[str]:
    found = [finding for _, some in ledger.proofs.check(rows=True) for finding in some]
    return [str(finding) for finding in (*found, *ledger.proofs.check_strangers())]


def test_new_tasks_stand_behind_the_issued_ones_and_begin_with_the_amendment(ledger: Ledger) -> None:
    register(ledger, plan(task("P-1"), task("P-2")))
    first = ledger.plans.plan_row("P")

    receipt = amend(ledger, plan(task("P-3", lead_body="财政局"), task("P-1")))

    assert receipt == AmendmentReceipt(registered=True, added=1)
    assert [row.task_code for row in ledger.rows.ledger_rows(real(6))] == ["P-1", "P-2", "P-3"]
    row, second = ledger.rows.task_row("P-3", real(6)), ledger.plans.plan_row("P")
    assert first is not None
    assert second is not None
    assert row is not None
    assert row.registered_at == at(5)
    assert (second.digest, second.registered_at, second.tasks) == (first.digest, EPOCH, 3)
    assert ledger.tasks.unstarted_tasks("P") == ("P-1", "P-2", "P-3")
    assert findings(ledger) == []


def test_the_contents_of_a_plan_are_kept_in_order(ledger: Ledger) -> None:
    register(ledger, plan(task("P-1")))
    amend(ledger, plan(task("P-1"), task("P-2")))
    amend(ledger, plan(task("P-1")), identity="a2", day=7)

    versions = ledger.amendments.versions("P")

    assert [(version.id, version.begins_at) for version in versions] == [("", EPOCH), ("a1", at(5)), ("a2", at(7))]
    assert versions[2].digest == versions[0].digest
    assert ledger.amendments.versions("Q") == ()
    assert isinstance(versions[0], PlanVersion)


def test_the_same_amendment_again_changes_nothing(ledger: Ledger) -> None:
    register(ledger, plan(task("P-1")))
    said = plan(task("P-1"), task("P-2"))

    assert amend(ledger, said) == amend(ledger, said) == AmendmentReceipt(registered=True, added=1)

    assert len(ledger.amendments.versions("P")) == 2
    assert ledger.rows.statistics().tasks == 2


def test_codes_of_others_are_refused_and_nothing_is_kept(ledger: Ledger) -> None:
    register(ledger, plan(task("P-1")))
    register(ledger, plan(task("Q-1"), code="Q"))

    receipt = amend(ledger, plan(task("P-1"), task("P-2"), task("Q-1")))

    assert (receipt.registered, receipt.reason) == (False, "编号 Q-1 已是方案 Q 的任务编号，不能重复使用")
    assert len(ledger.amendments.versions("P")) == 1
    assert ledger.rows.task_row("P-2", real(6)) is None


def test_a_plan_in_strike_off_is_called_back_by_new_tasks_only_and_a_closed_one_by_none(ledger: Ledger) -> None:
    register(ledger, plan(task("P-1")))
    ledger.tasks.record(batch("P-1", entry(2), closes=True))
    ledger.plans.plan_finished("P", at(3))

    amend(ledger, plan(task("P-1", title="改名")))
    row = ledger.plans.plan_row("P")
    assert row is not None
    assert row.status is PlanStatus.IN_STRIKE_OFF

    amend(ledger, plan(task("P-1"), task("P-2")), identity="a2", day=6)
    row = ledger.plans.plan_row("P")
    assert row is not None
    assert (row.status, row.finished_at, row.open_tasks) == (PlanStatus.UNDER_WAY, None, 1)
    assert not ledger.plans.plan_finished("P", at(7))

    ledger.tasks.record(batch("P-2", entry(2), closes=True))
    assert ledger.plans.plan_finished("P", at(8))
    ledger.plans.close_plan(PlanClosure(code="P", closed_at=at(9), body="领导小组", person="赵六"))
    receipt = amend(ledger, plan(task("P-1"), task("P-3")), identity="a3", day=10)
    assert (receipt.registered, receipt.reason) == (False, "方案 P 已销账，不能再调整")


def test_a_plan_that_nobody_issued_is_not_amended(ledger: Ledger) -> None:
    with pytest.raises(NotInLedger):
        amend(ledger, plan(task("P-1")))


def test_what_a_task_is_issued_as_follows_its_timeline_and_shows_where_it_does_not(ledger: Ledger) -> None:
    register(ledger, plan(task("P-1")))
    ledger.tasks.record(batch("P-1", entry(2, amended_row(), kind=EntryKind.AMENDED)))
    assert findings(ledger) == []
    row = ledger.rows.task_row("P-1", real(3))
    assert row is not None
    assert row.title == "改名"

    with writing(ledger.engine) as connection:
        connection.execute(text("UPDATE tasks SET title = '事项P-1' WHERE code = 'P-1'"))  # as issued, not as amended

    [finding] = findings(ledger)
    assert "（title）" in finding


def test_an_amended_content_that_was_altered_shows(ledger: Ledger) -> None:
    register(ledger, plan(task("P-1")))
    amend(ledger, plan(task("P-1"), task("P-2")))
    digest = ledger.amendments.versions("P")[1].digest

    with writing(ledger.engine) as connection:
        connection.execute(
            text("UPDATE stored_plans SET content = replace(content, '统计局', '财政局') WHERE digest = :digest"),
            {"digest": digest},
        )

    assert any("方案原文" in finding for finding in findings(ledger))


def test_a_corrected_record_stays_and_names_its_correction(ledger: Ledger) -> None:
    register(ledger, plan(task("P-1")))
    ledger.tasks.record(batch("P-1", entry(2, text="张局长", kind=EntryKind.RECORD_KEPT)))
    right = entry(3, text="李局长", kind=EntryKind.CORRECTED).model_copy(update={"corrects": 2})
    ledger.tasks.record(batch("P-1", right))
    again = entry(4, text="王局长", kind=EntryKind.CORRECTED).model_copy(update={"corrects": 2})
    ledger.tasks.record(batch("P-1", again))

    steps = ledger.timelines.timeline("P-1")

    assert [(s.text, s.corrects, s.corrected_by) for s in steps] == [
        ("登记", None, None),
        ("张局长", None, 4),
        ("李局长", 2, None),
        ("王局长", 2, None),
    ]
    assert ledger.timelines.verify_chain("P-1") is None
    entry_of = ledger.timelines.entry("P-1", 3)
    assert entry_of is not None
    assert entry_of.corrects == 2
    assert ledger.timelines.entry("P-1", 9) is None
