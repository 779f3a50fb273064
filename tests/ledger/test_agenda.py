"""What awaits a body, by SQL from the ledger. On the fast clock `real(7)` is 21 April 2022."""

from datetime import date, timedelta
from typing import Any

import pytest

from duban.contracts import DeliveryOutcome, RecordBatch
from duban.ledger import Ledger
from duban.ledger.questions.agenda_rows import AgendaCounts
from duban.ledger.tables.notice_tables import NoticeStatus
from duban.supervision.days.clock import TaskClock
from duban.supervision.plans.plan import TaskDefinition
from duban.supervision.rules.owed import Duty
from duban.supervision.tasks.entries import ObligationChange, ObligationStatus
from tests.ledger.building import FAST, at, batch, entry, notice, plan, real, register, registration, task

TODAY = date(2022, 4, 21)


def _day(days: int) -> date:
    return TODAY + timedelta(days=days)


def _owes(body: str, duty: Duty, days: int, **fields: Any) -> ObligationChange:
    return ObligationChange(
        id=f"e1/{duty.value}", duty=duty, owed_by=body, subject="e1", asked_at=at(1), due_on=_day(days), **fields
    )


@pytest.fixture
def office(ledger: Ledger) -> Ledger:
    """A plan that 改革办 supervises: of its tasks one lags, one is due in three days, one is suspended, one is done."""
    tasks = (
        task("P-1"),
        task("P-2", lead_body="教育局", handling_body="电教馆"),
        task("P-3", lead_body="教育局", supporting_bodies=("统计局",)),
        task("P-4"),
        task("P-5"),
    )
    register(ledger, plan(*tasks))
    ledger.tasks.record(
        batch(
            "P-1",
            entry(2, _owes("统计局", Duty.EXPLANATION, -3, chases=1), _owes("改革办", Duty.CALL_RECORD, 0)),
            due_on=_day(-20),
            behind_since=_day(-20),
            reminder_level="phone",
            episode=1,
        )
    )
    ledger.tasks.record(
        batch(
            "P-2",
            entry(2, _owes("领导小组", Duty.CONFIRMATION, 5), _owes("改革办", Duty.VERIFICATION, -1)),
            due_on=_day(3),
        )
    )
    ledger.tasks.record(batch("P-3", entry(2), due_on=_day(300)))
    ledger.tasks.record(
        batch("P-4", entry(2), status="suspended", due_on=_day(-9), behind_since=_day(-9), suspended_since=_day(-2))
    )
    met = _owes("统计局", Duty.FEEDBACK, -9, status=ObligationStatus.MET, closed_at=at(2))
    ledger.tasks.record(batch("P-5", entry(2, met), closes=True))
    return ledger


def test_what_a_body_owes_comes_by_its_limit_with_the_days_of_its_plan(office: Ledger) -> None:
    found = office.agendas.agenda(["改革办"], real(7))

    assert [(row.task_code, row.duty, row.due_on, row.today) for row in found.owed] == [
        ("P-2", Duty.VERIFICATION, _day(-1), TODAY),
        ("P-1", Duty.CALL_RECORD, TODAY, TODAY),
    ]
    assert found.days == (TODAY,)
    assert found.counts == AgendaCounts(owed=2, overdue=1, verifications=1, late=1, due_soon=1, to_chase=1)


def test_whoever_supervises_sees_what_lags_and_chases_what_others_owe(office: Ledger) -> None:
    found = office.agendas.agenda(["改革办"], real(7))

    assert [(row.task_code, row.lag_days, row.reminder_level, row.supervised_by) for row in found.late] == [
        ("P-1", 20, "phone", "改革办")
    ]
    assert [(row.task_code, row.owed_by, row.chases) for row in found.to_chase] == [("P-1", "统计局", 1)]
    assert [row.task_code for row in found.due_soon] == ["P-2"]


@pytest.mark.parametrize(
    ("body", "role", "late", "soon", "owed"),
    [
        ("统计局", None, ["P-1"], [], ["P-1"]),
        ("统计局", "supporting_bodies", [], [], []),
        ("电教馆", None, [], ["P-2"], []),
        ("电教馆", "lead_body", [], [], []),
        ("教育局", "lead_body", [], ["P-2"], []),
        ("领导小组", None, [], [], ["P-2"]),
        ("改革办", "supervising_body", ["P-1"], ["P-2"], ["P-2", "P-1"]),
        ("改革办", "lead_body", [], [], []),
        ("不存在", None, [], [], []),
    ],
)
def test_each_body_sees_its_own_in_the_role_that_is_asked_for(
    office: Ledger, body: str, role: str | None, late: list[str], soon: list[str], owed: list[str]
) -> None:
    found = office.agendas.agenda([body], real(7), role=role)

    assert [row.task_code for row in found.late] == late
    assert [row.task_code for row in found.due_soon] == soon
    assert [row.task_code for row in found.owed] == owed


def test_how_far_ahead_soon_is_can_be_said_and_a_deadline_of_today_is_soon_and_not_late(office: Ledger) -> None:
    assert office.agendas.agenda(["教育局"], real(7), days=2).due_soon == ()
    assert [row.task_code for row in office.agendas.agenda(["教育局"], real(10), days=0).due_soon] == ["P-2"]
    assert office.agendas.agenda(["教育局"], real(10)).late == ()
    assert [row.lag_days for row in office.agendas.agenda(["教育局"], real(11)).late] == [1]


def test_more_than_is_asked_for_is_counted_and_not_listed(ledger: Ledger) -> None:
    tasks = tuple(task(f"P-{number}") for number in range(1, 6))
    register(ledger, plan(*tasks))
    for number, one in enumerate(tasks):
        ledger.tasks.record(batch(one.code, entry(2, _owes("统计局", Duty.FEEDBACK, -number)), due_on=_day(-number)))

    found = ledger.agendas.agenda(["统计局"], real(7), limit=2)

    assert [row.task_code for row in found.owed] == ["P-5", "P-4"]
    assert [row.task_code for row in found.late] == ["P-5", "P-4"]
    assert (found.counts.owed, found.counts.overdue, found.counts.late, found.counts.due_soon) == (5, 4, 4, 1)


def test_plans_on_clocks_of_their_own_have_each_its_own_today(ledger: Ledger) -> None:
    def enter(code: str, clock: TaskClock) -> None:
        one: TaskDefinition = task(f"{code}-1")
        stored = plan(one, code=code)
        first: RecordBatch = batch(
            one.code, entry(1, _owes("统计局", Duty.FEEDBACK, 0)), plan_code=code, due_on=_day(0)
        )
        registered = registration(stored, ledger.plans.store_plan(stored), [first.model_copy(update={"clock": clock})])
        ledger.plans.register_plan(registered.model_copy(update={"clock": clock}))

    enter("A", FAST)
    enter("B", FAST.model_copy(update={"speed": FAST.speed / 7}))

    found = ledger.agendas.agenda(["统计局"], real(9))

    assert found.days == (date(2022, 4, 15), date(2022, 4, 23))
    assert [(row.plan_code, row.today) for row in found.owed] == [
        ("A", date(2022, 4, 23)),
        ("B", date(2022, 4, 15)),
    ]
    assert found.counts.overdue == 1
    assert [row.plan_code for row in found.late] == ["A"]
    assert [row.plan_code for row in found.due_soon] == ["B"]


def test_notices_that_have_not_arrived_are_there_those_with_trouble_first(office: Ledger) -> None:
    office.tasks.record(batch("P-3", entry(3, notice("e1/one", to="统计局", day=2)), due_on=_day(300)))
    claimed = office.deliveries.claim("统计局", real(3))
    assert claimed is not None
    office.deliveries.settle(claimed.id, 1, DeliveryOutcome.UNDELIVERABLE, real(3), "404")
    waiting, withdrawn = notice("e1/two", to="统计局", day=30), notice("e1/three", to="教育局", day=1)
    office.tasks.record(batch("P-3", entry(4, waiting, withdrawn), due_on=_day(300)))

    found = office.agendas.agenda(["统计局"], real(7))

    assert [(row.status, row.delivery) for row in found.undelivered] == [
        (NoticeStatus.UNDELIVERABLE, claimed.id),
        (NoticeStatus.PENDING, ""),
    ]
    assert found.counts.undelivered == 2


def test_an_office_sees_which_of_its_notices_did_not_arrive_until_they_do_or_no_longer_hold(office: Ledger) -> None:
    office.tasks.record(batch("P-3", entry(3, notice("e1/one", to="统计局", day=2)), due_on=_day(300)))
    claimed = office.deliveries.claim("统计局", real(3))
    assert claimed is not None
    office.deliveries.settle(claimed.id, 1, DeliveryOutcome.UNDELIVERABLE, real(3), "404")

    found = office.agendas.agenda(["改革办"], real(7))
    assert [(row.task_code, row.recipient, row.delivery, row.detail) for row in found.dead_letters] == [
        ("P-3", "统计局", claimed.id, "404")
    ]
    assert (found.counts.dead_letters, found.counts.undelivered) == (1, 0)
    assert office.agendas.agenda(["统计局"], real(7)).dead_letters == ()
    assert office.agendas.agenda(["改革办"], real(7), role="lead_body").dead_letters == ()

    office.deliveries.send_again([claimed.id], real(8))
    assert office.agendas.agenda(["改革办"], real(8)).dead_letters == ()


def test_who_holds_an_office_and_which_names_there_are(office: Ledger) -> None:
    assert office.agendas.bodies_of("supervising_body") == ("改革办",)
    assert office.agendas.names_like("统计局") is None
    assert office.agendas.names_like("统计居") == ("改革办", "教育局", "电教馆", "统计局")
