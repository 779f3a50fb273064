from datetime import UTC, datetime

import pytest
from sqlalchemy import select, text

from duban.contracts import RecordReceipt
from duban.ledger import Ledger, LedgerConflict, NotInLedger
from duban.ledger.database.engine import reading, writing
from duban.ledger.database.writing import table_of
from duban.ledger.proof.chain import seal
from duban.ledger.tables.task_tables import MilestoneTable, ReportTable
from duban.supervision.tasks.entries import EntryKind, ReportChange
from tests.ledger.building import at, batch, entry, milestone, notice, plan, real, register, snapshot, task


def test_an_entry_sent_again_changes_nothing(ledger: Ledger) -> None:
    register(ledger, plan(task("P-1")))
    second = batch("P-1", entry(2, milestone(), notice("e1/phone", paper="催办通知")))

    first_time = ledger.tasks.record(second)
    again = ledger.tasks.record(second)

    assert first_time == again == RecordReceipt(version=2)
    assert [row.version for row in ledger.timelines.timeline("P-1")] == [1, 2]
    delivery = ledger.deliveries.claim("统计局", real(3))
    assert delivery is not None
    assert [n.idempotency_key for n in delivery.notices] == ["P-1/1/e1/phone/统计局"]


def test_a_paper_to_several_bodies_has_one_number_and_the_next_paper_has_the_next(ledger: Ledger) -> None:
    register(ledger, plan(task("P-1"), task("P-2")))
    circular = (notice("e1/circular", paper="通报"), notice("e1/circular", to="财政局", paper="通报"))
    reminder = notice("e1/written", paper="催办通知")

    ledger.tasks.record(
        batch("P-1", entry(2, circular[0], reminder, circular[1]), entry(3, notice("e2/circular", paper="通报")))
    )
    ledger.tasks.record(batch("P-2", entry(2, *circular)))

    assert {row.idempotency_key: row.paper for row in ledger.rows.notice_rows()} == {
        "P-1/1/e1/circular/统计局": "通报〔2022〕1号",
        "P-1/1/e1/circular/财政局": "通报〔2022〕1号",
        "P-1/1/e1/written/统计局": "催办通知〔2022〕1号",
        "P-1/1/e2/circular/统计局": "通报〔2022〕2号",
        "P-2/1/e1/circular/统计局": "通报〔2022〕3号",
        "P-2/1/e1/circular/财政局": "通报〔2022〕3号",
    }


def test_a_body_never_gets_two_papers_under_one_number(ledger: Ledger) -> None:
    register(ledger, plan(task("P-1")))
    ledger.tasks.record(batch("P-1", entry(2, notice("a", paper="通报"), notice("b", paper="通报"))))

    with pytest.raises(LedgerConflict, match="相抵触"), writing(ledger.engine) as connection:
        connection.execute(text("UPDATE notices SET paper_number = 1"))


def test_a_paper_is_numbered_in_the_year_whose_date_it_bears(ledger: Ledger) -> None:
    """Decided on the last evening of a year, after office hours, it goes out in the next."""
    register(ledger, plan(task("P-1")))
    last_evening = datetime(2022, 12, 31, 12, tzinfo=UTC)
    told = notice("e1/written", paper="催办通知").model_copy(
        update={"issued_at": last_evening, "deliver_not_before": datetime(2023, 1, 3, 1, tzinfo=UTC)}
    )
    ledger.tasks.record(batch("P-1", entry(2, told)))

    assert [row.paper for row in ledger.rows.notice_rows()] == ["催办通知〔2023〕1号"]


def test_a_batch_that_overlaps_what_is_recorded_adds_only_what_is_new(ledger: Ledger) -> None:
    register(ledger, plan(task("P-1")))
    ledger.tasks.record(batch("P-1", entry(2)))

    receipt = ledger.tasks.record(batch("P-1", entry(2), entry(3), status="accepted"))

    assert receipt.version == 3
    assert [row.version for row in ledger.timelines.timeline("P-1")] == [1, 2, 3]
    assert [(v.version, v.status) for v in ledger.tasks.versions("P")] == [(3, "accepted")]


def test_a_long_list_of_entries_may_come_in_pieces_and_shows_when_it_is_whole(ledger: Ledger) -> None:
    register(ledger, plan(task("P-1")))
    whole = batch("P-1", entry(2), entry(3), closes=True)
    first = whole.model_copy(update={"entries": whole.entries[:1], "closes": False})
    last = whole.model_copy(update={"entries": whole.entries[1:]})

    assert not ledger.tasks.record(first).plan_finished
    assert [(v.version, v.status) for v in ledger.tasks.versions("P")] == [(2, "under_way")]
    assert ledger.tasks.record(last).plan_finished
    assert [(v.version, v.status) for v in ledger.tasks.versions("P")] == [(3, "struck_off")]
    assert ledger.timelines.verify_chain("P-1") is None


def test_a_snapshot_older_than_its_entries_is_refused(ledger: Ledger) -> None:
    register(ledger, plan(task("P-1")))
    old = batch("P-1", entry(2), entry(3)).model_copy(update={"snapshot": snapshot(2)})

    with pytest.raises(LedgerConflict, match="快照"):
        ledger.tasks.record(old)


def test_a_late_retry_does_not_put_an_old_status_back(ledger: Ledger) -> None:
    register(ledger, plan(task("P-1")))
    old = batch("P-1", entry(2), status="assigned")
    ledger.tasks.record(old)
    ledger.tasks.record(batch("P-1", entry(3), status="accepted"))

    assert ledger.tasks.record(old).version == 3
    assert [(v.version, v.status) for v in ledger.tasks.versions("P")] == [(3, "accepted")]


def test_an_entry_with_another_content_under_the_same_version_is_refused(ledger: Ledger) -> None:
    register(ledger, plan(task("P-1")))
    ledger.tasks.record(batch("P-1", entry(2, text="电话提醒")))

    with pytest.raises(LedgerConflict, match="第2条"):
        ledger.tasks.record(batch("P-1", entry(2, text="书面提醒"), entry(3)))

    assert [row.text for row in ledger.timelines.timeline("P-1")] == ["登记", "电话提醒"]


def test_entries_out_of_order_are_refused_whole(ledger: Ledger) -> None:
    register(ledger, plan(task("P-1")))

    with pytest.raises(LedgerConflict, match="不能跳到第3条"):
        ledger.tasks.record(batch("P-1", entry(3, milestone())))
    with pytest.raises(LedgerConflict, match="不能跳到第4条"):
        ledger.tasks.record(batch("P-1", entry(2, milestone()), entry(4)))

    assert [v.version for v in ledger.tasks.versions("P")] == [1]
    with reading(ledger.engine) as connection:
        assert connection.execute(select(table_of(MilestoneTable))).all() == []


def test_a_task_that_was_never_registered_is_named(ledger: Ledger) -> None:
    with pytest.raises(NotInLedger, match="P-9"):
        ledger.tasks.record(batch("P-9", entry(1)))


def test_the_write_that_closes_the_last_task_says_so_and_so_does_its_retry(ledger: Ledger) -> None:
    register(ledger, plan(task("P-1"), task("P-2")))
    last = batch("P-2", entry(2), closes=True)

    assert not ledger.tasks.record(batch("P-1", entry(2), closes=True)).plan_finished
    assert ledger.tasks.record(last).plan_finished
    assert ledger.tasks.record(last).plan_finished


def test_a_returned_report_keeps_what_it_said(ledger: Ledger) -> None:
    register(ledger, plan(task("P-1")))
    said = ReportChange(
        id="r1",
        body="统计局",
        person="张三",
        reported_at=at(2),
        percent=80,
        note="已印发",
        evidence="文号1",
        milestones=(1,),
    )
    returned = ReportChange(id="r1", body="", person="", reported_at=at(3), returned_at=at(3), return_reason="不实")
    ledger.tasks.record(batch("P-1", entry(2, said)))
    ledger.tasks.record(batch("P-1", entry(3, returned)))

    with reading(ledger.engine) as connection:
        row = connection.execute(select(table_of(ReportTable))).mappings().one()
    assert (row["person"], row["percent"], row["milestones"]) == ("张三", 80, [1])
    assert (row["reported_at"], row["returned_at"], row["return_reason"]) == (at(2), at(3), "不实")


def test_moments_are_read_back_aware_and_equal(ledger: Ledger) -> None:
    register(ledger, plan(task("P-1")))

    [row] = ledger.timelines.timeline("P-1")

    assert row.at == at(1)
    assert row.at.utcoffset() is not None


def test_an_untouched_timeline_holds(ledger: Ledger) -> None:
    register(ledger, plan(task("P-1")))
    ledger.tasks.record(batch("P-1", entry(2, milestone()), entry(3, kind=EntryKind.PROGRESS)))

    assert ledger.timelines.verify_chain("P-1") is None


@pytest.mark.parametrize(
    ("tampering", "broken"),
    [
        ("UPDATE timeline SET text = '改过' WHERE version = 2", 2),
        ("UPDATE timeline SET content = replace(content, '登记', '改过') WHERE version = 2", 2),
        ("UPDATE timeline SET person = '李四' WHERE version = 3", 3),
        ("DELETE FROM timeline WHERE version = 2", 2),
        ("DELETE FROM timeline WHERE version = 3", 3),
        ("UPDATE timeline SET previous_hash = hash WHERE version = 1", 1),
    ],
)
def test_a_timeline_changed_afterwards_is_found_out(ledger: Ledger, tampering: str, broken: int) -> None:
    register(ledger, plan(task("P-1")))
    ledger.tasks.record(batch("P-1", entry(2), entry(3)))

    with writing(ledger.engine) as connection:
        connection.execute(text(tampering))

    assert ledger.timelines.verify_chain("P-1") == broken


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"version": 3, "kind": "no such kind"}'])
def test_a_timeline_sealed_anew_over_something_else_is_found_out(ledger: Ledger, content: str) -> None:
    register(ledger, plan(task("P-1")))
    ledger.tasks.record(batch("P-1", entry(2), entry(3)))
    with writing(ledger.engine) as connection:
        before = connection.scalar(text("SELECT hash FROM timeline WHERE version = 2"))
        forged = {"content": content, "hash": seal(str(before), content)}
        connection.execute(text("UPDATE timeline SET content = :content, hash = :hash WHERE version = 3"), forged)
        connection.execute(text("UPDATE tasks SET chain_head = :hash"), forged)

    assert ledger.timelines.verify_chain("P-1") == 3


def test_the_timeline_of_another_task_cannot_stand_in(ledger: Ledger) -> None:
    register(ledger, plan(task("P-1"), task("P-2")))
    with writing(ledger.engine) as connection:
        connection.execute(text("DELETE FROM timeline WHERE task_code = 'P-1'"))
        connection.execute(text("UPDATE timeline SET task_code = 'P-1' WHERE task_code = 'P-2'"))
        connection.execute(text("UPDATE tasks SET chain_head = (SELECT hash FROM timeline)"))

    assert ledger.timelines.verify_chain("P-1") == 1
