"""What counts in the appraisal, read from the ledger. On the fast clock `real(7)` is 21 April 2022."""

from datetime import date

from duban.ledger import Ledger
from duban.supervision.reckoning.appraisal import Counted, Incident
from duban.supervision.rules.owed import Duty
from duban.supervision.tasks.entries import (
    Citation,
    ObligationChange,
    ObligationStatus,
    ReminderChange,
    ReportChange,
)
from duban.supervision.tasks.state import RungStatus
from tests.ledger.building import at, batch, entry, milestone, plan, real, register, task

YEAR = (date(2022, 1, 1), date(2022, 12, 31))


def found(ledger: Ledger, days: float = 7, stretch: tuple[date, date] = YEAR) -> list[Incident]:
    return list(ledger.incidents.incidents("P", *stretch, real(days)))


def reminder(status: RungStatus = RungStatus.ISSUED, **fields: object) -> ReminderChange:
    usual: dict[str, object] = {
        "key": "e1/phone",
        "level": "phone",
        "episode": 1,
        "status": status,
        "due_on": date(2022, 4, 16),
        "lag_days": 16,
        "issued_at": at(2) if status is RungStatus.ISSUED else None,
        "citation": Citation(rule="电话提醒"),
    }
    return ReminderChange.model_validate(usual | fields)


def test_a_reminder_counts_on_the_day_of_its_issue_and_one_that_was_not_issued_does_not(ledger: Ledger) -> None:
    register(ledger, plan(task("P-1", handling_body="电教馆"), task("P-2")))
    ledger.tasks.record(batch("P-1", entry(2, reminder())))
    ledger.tasks.record(batch("P-2", entry(2, reminder(RungStatus.NOT_ISSUED))))
    [only] = found(ledger)
    assert (only.counted, only.of, only.task_code, only.on) == (Counted.REMINDER, "phone", "P-1", date(2022, 4, 16))
    assert only.bodies["handling_body"] == ("电教馆",)
    assert only.bodies["lead_body"] == ("统计局",)
    assert found(ledger, stretch=(date(2022, 4, 17), date(2022, 12, 31))) == []


def test_a_node_counts_once_its_day_is_over_and_it_is_not_met_or_was_met_later(ledger: Ledger) -> None:
    register(ledger, plan(*(task(f"P-{n}") for n in range(1, 6))))
    due = date(2022, 4, 18)
    ledger.tasks.record(batch("P-1", entry(2, milestone(due_on=due)), behind_since=due, due_on=due))
    late = milestone(due_on=due).model_copy(update={"met_at": at(6), "met_by": "r1"})
    ledger.tasks.record(batch("P-2", entry(2, late)))
    in_time = milestone(due_on=due).model_copy(update={"met_at": at(4), "met_by": "r1"})
    ledger.tasks.record(batch("P-3", entry(2, in_time)))
    ledger.tasks.record(batch("P-4", entry(2, milestone(due_on=date(2022, 4, 21))), due_on=date(2022, 4, 21)))
    withdrawn = milestone(due_on=due).model_copy(update={"withdrawn_at": at(5)})
    ledger.tasks.record(batch("P-5", entry(2, withdrawn)))
    assert [(i.task_code, i.counted, i.on) for i in found(ledger)] == [
        ("P-1", Counted.LATE_NODE, date(2022, 4, 19)),
        ("P-2", Counted.LATE_NODE, date(2022, 4, 19)),
    ]


def test_what_was_returned_counts_for_whoever_reported_it(ledger: Ledger) -> None:
    register(ledger, plan(task("P-1")))
    report = ReportChange(
        id="r1", body="电教馆", person="王五", reported_at=at(1), returned_at=at(3), return_reason="不实"
    )
    kept = ReportChange(id="r2", body="电教馆", person="王五", reported_at=at(2))
    ledger.tasks.record(batch("P-1", entry(2, report, kept)))
    [only] = found(ledger)
    assert (only.counted, only.body, only.on) == (Counted.RETURNED, "电教馆", date(2022, 4, 17))


def test_what_was_owed_counts_when_it_came_late_or_not_at_all(ledger: Ledger) -> None:
    register(ledger, plan(task("P-1")))

    def owed(by: str, **fields: object) -> ObligationChange:
        usual: dict[str, object] = {
            "id": f"e1/{by}",
            "duty": Duty.EXPLANATION,
            "owed_by": by,
            "subject": "e1",
            "asked_at": at(1),
            "due_on": date(2022, 4, 18),
        }
        return ObligationChange.model_validate(usual | fields)

    met, lapsed = ObligationStatus.MET, ObligationStatus.LAPSED
    changes = (
        owed("甲局", chases=2),
        owed("乙局", status=met, closed_at=at(6)),
        owed("丙局", status=met, closed_at=at(4)),
        owed("丁局", status=lapsed, closed_at=at(6)),
        owed("戊局", due_on=date(2022, 4, 21)),
    )
    ledger.tasks.record(batch("P-1", entry(2, *changes)))
    assert {(i.body, i.of, i.on) for i in found(ledger)} == {
        ("甲局", "explanation", date(2022, 4, 19)),
        ("乙局", "explanation", date(2022, 4, 19)),
    }


def test_a_task_struck_off_with_every_node_in_time_counts_on_that_day(ledger: Ledger) -> None:
    register(ledger, plan(task("P-1"), task("P-2")))
    for code, met_at in (("P-1", at(3)), ("P-2", at(6))):
        met = milestone(due_on=date(2022, 4, 18)).model_copy(update={"met_at": met_at, "met_by": "r1"})
        ledger.tasks.record(batch(code, entry(2, met), closes=True, closed_at=at(6)))
    assert [(i.task_code, i.on) for i in found(ledger) if i.counted is Counted.IN_TIME] == [("P-1", date(2022, 4, 20))]


def test_plans_are_found_by_their_regime(ledger: Ledger) -> None:
    register(ledger, plan(task("P-1")))
    assert ledger.incidents.plans_under("kunming") == ("P",)
    assert ledger.incidents.plans_under("bozhou") == ()
