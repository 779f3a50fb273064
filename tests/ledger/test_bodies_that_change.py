from sqlalchemy import select

from duban.ledger import Ledger
from duban.ledger.database.engine import reading
from duban.ledger.database.writing import table_of
from duban.ledger.tables.notice_tables import NoticeStatus
from duban.ledger.tables.plan_tables import BodyCountTable
from duban.supervision.tasks.entries import NoticesWithdrawn, TaskChange
from tests.ledger.building import batch, entry, notice, plan, real, register, task

BUREAU = "统计和大数据局"


def change(**fields: object) -> TaskChange:
    """The task's row, led by another body."""
    usual: dict[str, object] = {
        "title": "事项P-1",
        "leader": "",
        "lead_body": BUREAU,
        "handling_body": BUREAU,
        "supporting_bodies": ("财政局",),
        "measures": "",
        "deliverable": "",
        "deadline_text": "",
        "open_ended": False,
        "list_kinds": (),
    }
    return TaskChange.model_validate(usual | fields)


def codes(ledger: Ledger, body: str) -> list[str]:
    return [row.task_code for row in ledger.rows.ledger_rows(real(3), body=body)]


def test_a_task_is_found_under_the_names_that_its_bodies_have_now(ledger: Ledger) -> None:
    register(ledger, plan(task("P-1"), task("P-2")))

    ledger.tasks.record(batch("P-1", entry(2, change())))

    assert (codes(ledger, BUREAU), codes(ledger, "财政局")) == (["P-1"], ["P-1"])
    assert (codes(ledger, "统计局"), codes(ledger, "改革办")) == (["P-2"], ["P-1", "P-2"])
    row = ledger.rows.task_row("P-1", real(3))
    assert row is not None
    assert (row.lead_body, row.handling_body, row.supporting_bodies) == (BUREAU, BUREAU, ("财政局",))


def test_whoever_supervises_now_is_found_too(ledger: Ledger) -> None:
    register(ledger, plan(task("P-1")))

    ledger.tasks.record(batch("P-1", entry(2, change(supervising_body="深改办"))))

    assert (codes(ledger, "深改办"), codes(ledger, "改革办")) == (["P-1"], [])


def test_figures_by_body_follow_and_a_repetition_changes_nothing(ledger: Ledger) -> None:
    register(ledger, plan(task("P-1"), task("P-2")))
    told = batch("P-1", entry(2, change()))

    ledger.tasks.record(told)
    ledger.tasks.record(told)

    counts = table_of(BodyCountTable)
    with reading(ledger.engine) as connection:
        found = {row.lead_body: row.tasks for row in connection.execute(select(counts).where(counts.c.tasks != 0))}
    assert found == {BUREAU: 1, "统计局": 1}


def test_what_is_withdrawn_for_one_body_still_goes_to_the_others(ledger: Ledger) -> None:
    register(ledger, plan(task("P-1")))
    ledger.tasks.record(batch("P-1", entry(2, notice("e1/phone"), notice("e1/phone", to="财政局"))))
    gone = NoticesWithdrawn(subjects=("",), recipients=("统计局",), reason="不再承担")

    ledger.tasks.record(batch("P-1", entry(3, gone, notice("takeover/3", to=BUREAU))))

    found = {row.recipient: row.status for row in ledger.rows.notice_rows(task="P-1")}
    assert found == {
        "统计局": NoticeStatus.WITHDRAWN,
        "财政局": NoticeStatus.PENDING,
        BUREAU: NoticeStatus.PENDING,
    }
    assert [
        finding for _, some in ledger.proofs.check(rows=True) for finding in some if finding.table == "notices"
    ] == []
