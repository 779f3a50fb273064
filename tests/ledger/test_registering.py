from datetime import date
from threading import Barrier, Thread

import pytest
from sqlalchemy import func, select

from duban.contracts import PlanClosure
from duban.ledger import Ledger, LedgerConflict, NotInLedger, PlanRegistration, RegistrationStatus
from duban.ledger.database.engine import reading
from duban.ledger.database.writing import table_of
from duban.ledger.plans.differences import DifferenceKind
from duban.ledger.plans.registration import PlanStatus, TakenCode
from duban.ledger.tables.plan_tables import BodyTable, PlanTable, TaskTable
from duban.supervision.plans.plan import PlannedMilestone
from tests.ledger.building import (
    EPOCH,
    FAST,
    at,
    batch,
    entry,
    milestone,
    notice,
    plan,
    real,
    register,
    registration,
    task,
)


def test_a_stored_plan_comes_back_as_it_was(ledger: Ledger) -> None:
    stored = plan(task("P-1", supporting_bodies=("财政局",)))

    digest = ledger.plans.store_plan(stored)

    assert ledger.plans.store_plan(stored) == digest
    assert ledger.plans.load_plan(digest) == stored
    with pytest.raises(NotInLedger):
        ledger.plans.load_plan("0" * 64)


def test_a_plan_is_registered_with_its_tasks_and_their_first_entries(ledger: Ledger) -> None:
    stored = plan(task("P-1", supporting_bodies=("财政局", "统计局")), task("P-2", lead_body="教育局"))
    first = [batch("P-1", entry(1, milestone()), entry(2, notice("assignment"))), batch("P-2", entry(1))]

    receipt = register(ledger, stored, first)

    assert (receipt.status, receipt.registered_at) == (RegistrationStatus.REGISTERED, EPOCH)
    row = ledger.plans.plan_row("P")
    assert row is not None
    assert (row.status, row.clock, row.tasks, row.open_tasks, row.unstarted_tasks) == ("registering", FAST, 2, 2, 2)
    assert [line.task_code for line in ledger.rows.ledger_rows(real(1))] == ["P-1", "P-2"]
    assert [line.task_code for line in ledger.rows.ledger_rows(real(1), body="财政局")] == ["P-1"]
    assert ledger.timelines.verify_chain("P-1") is None
    assert ledger.deliveries.bodies_with_due_notices(real(2)) == ("统计局",)
    with reading(ledger.engine) as connection:
        assert set(connection.scalars(select(table_of(BodyTable).c.name))) == {"统计局", "财政局", "教育局", "改革办"}


def test_registering_the_same_plan_again_changes_nothing_and_says_so(ledger: Ledger) -> None:
    stored = plan(task("P-1"))
    register(ledger, stored)
    ledger.tasks.record(batch("P-1", entry(2), status="accepted"))
    later = registration(stored, ledger.plans.store_plan(stored)).model_copy(update={"registered_at": at(9)})

    receipt = ledger.plans.register_plan(later)

    assert (receipt.status, receipt.registered_at) == (RegistrationStatus.UNCHANGED, EPOCH)
    assert [(v.version, v.status) for v in ledger.tasks.versions("P")] == [(2, "accepted")]


def test_a_plan_that_differs_is_refused_with_the_differences_task_by_task(ledger: Ledger) -> None:
    due = PlannedMilestone(number=1, phrase="6月底完成", due_on=date(2022, 6, 30))
    register(ledger, plan(task("P-1", milestones=(due,)), task("P-2"), task("P-3")))
    changed = due.model_copy(update={"phrase": "7月底完成", "due_on": date(2022, 7, 31)})

    receipt = register(
        ledger, plan(task("P-1", milestones=(changed,), leader="王五"), task("P-2"), task("P-4"), title="新方案")
    )

    assert receipt.status is RegistrationStatus.DIFFERS
    assert [(d.kind, d.task_code, d.field, d.old, d.new) for d in receipt.differences] == [
        (DifferenceKind.CHANGED, "", "title", "改革方案", "新方案"),
        (DifferenceKind.CHANGED, "P-1", "leader", "", "王五"),
        (DifferenceKind.CHANGED, "P-1", "milestones", "6月底完成（2022-06-30）", "7月底完成（2022-07-31）"),
        (DifferenceKind.MISSING, "P-3", "", "", ""),
        (DifferenceKind.NEW, "P-4", "", "", ""),
    ]
    assert str(receipt.differences[2]) == "任务 P-1：节点：由“6月底完成（2022-06-30）”变为“7月底完成（2022-07-31）”"
    assert [line.task_code for line in ledger.rows.ledger_rows(real(1))] == ["P-1", "P-2", "P-3"]


def test_a_task_code_of_another_plan_is_refused_by_name(ledger: Ledger) -> None:
    register(ledger, plan(task("P-1")))

    receipt = register(
        ledger,
        plan(task("P-1"), task("Q-1"), code="Q"),
        [batch("P-1", entry(1), plan_code="Q"), batch("Q-1", entry(1), plan_code="Q")],
    )

    assert receipt.status is RegistrationStatus.CODES_TAKEN
    assert receipt.taken == (TakenCode(task_code="P-1", plan_code="P"),)
    assert ledger.plans.plan_row("Q") is None


@pytest.mark.parametrize(
    ("plan_code", "task_code", "taken"),
    [
        ("P-1", "P-1-1", TakenCode(task_code="P-1", plan_code="P")),  # the plan is named like a task of P
        ("Q", "P", TakenCode(task_code="P", plan_code="P")),  # its task is named like the plan P
        ("Q", "Q", TakenCode(task_code="Q", plan_code="Q")),  # its task is named like itself
    ],
)
def test_plans_and_tasks_share_one_space_of_names(
    ledger: Ledger, plan_code: str, task_code: str, taken: TakenCode
) -> None:
    """Both become workflow ids: a task that has a plan's would never be started, and nobody would be told."""
    register(ledger, plan(task("P-1")))

    receipt = register(ledger, plan(task(task_code), code=plan_code))

    assert (receipt.status, receipt.taken) == (RegistrationStatus.CODES_TAKEN, (taken,))
    assert ledger.plans.plan_row(plan_code) is None


def test_a_taken_code_is_told_with_its_owner() -> None:
    assert str(TakenCode(task_code="P-1", plan_code="P")) == "编号 P-1 已是方案 P 的任务编号"
    assert str(TakenCode(task_code="P", plan_code="P")) == "编号 P 已是方案的编号"


def test_a_registration_that_fails_leaves_nothing(ledger: Ledger) -> None:
    with pytest.raises(LedgerConflict):
        register(ledger, plan(task("P-1"), task("P-2")), [batch("P-1", entry(1)), batch("P-2", entry(2))])

    with reading(ledger.engine) as connection:
        for table in (PlanTable, TaskTable, BodyTable):
            assert connection.scalar(select(func.count()).select_from(table_of(table))) == 0


def test_a_registration_without_the_entries_of_a_task_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="one batch for each task"):
        PlanRegistration(digest="d", plan=plan(task("P-1")), clock=FAST, registered_at=EPOCH, batches=())


def test_two_who_register_one_plan_at_once_make_one_registration(ledger: Ledger) -> None:
    stored = plan(*(task(f"P-{n}") for n in range(1, 21)))
    own = registration(stored, ledger.plans.store_plan(stored))
    both, said = Barrier(2), []

    def run() -> None:
        both.wait()
        said.append(ledger.plans.register_plan(own).status)

    threads = [Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(said) == [RegistrationStatus.REGISTERED, RegistrationStatus.UNCHANGED]


def test_a_plan_is_under_way_once_every_task_has_been_started(ledger: Ledger) -> None:
    register(ledger, plan(*(task(f"P-{n}") for n in range(1, 12))))
    assert ledger.tasks.unstarted_tasks("P", limit=3) == ("P-1", "P-2", "P-3")
    assert ledger.tasks.unstarted_tasks("P", after="P-9") == ("P-10", "P-11")

    ledger.tasks.mark_started([f"P-{n}" for n in range(2, 12)], at(1))
    assert ledger.tasks.unstarted_tasks("P") == ("P-1",)
    assert _status(ledger) is PlanStatus.REGISTERING

    ledger.tasks.mark_started(["P-1", "P-2"], at(2))
    assert ledger.tasks.unstarted_tasks("P") == ()
    assert _status(ledger) is PlanStatus.UNDER_WAY
    row = ledger.rows.task_row("P-2", real(2))
    assert row is not None
    assert row.started_at == at(1)


def test_a_plan_is_closed_by_decision_once_no_task_is_open(ledger: Ledger) -> None:
    register(ledger, plan(task("P-1")))
    closure = PlanClosure(code="P", closed_at=at(9), body="领导小组", person="赵六", reason="同意销账")
    with pytest.raises(LedgerConflict, match="未办结"):
        ledger.plans.close_plan(closure)
    assert not ledger.plans.plan_finished("P", at(8))

    ledger.tasks.record(batch("P-1", entry(2), closes=True))
    assert ledger.plans.plan_finished("P", at(8))
    assert ledger.plans.plan_finished("P", at(9))
    ledger.plans.close_plan(closure)
    ledger.plans.close_plan(closure)

    row = ledger.plans.plan_row("P")
    assert row is not None
    assert (row.status, row.finished_at, row.closed_at, row.closing_decision) == ("closed", at(8), at(9), "同意销账")
    with pytest.raises(LedgerConflict, match="已于此前销账"):
        ledger.plans.close_plan(closure.model_copy(update={"reason": "另一决定"}))


def _status(ledger: Ledger) -> PlanStatus:
    row = ledger.plans.plan_row("P")
    assert row is not None
    return row.status
