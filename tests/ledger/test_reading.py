from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from duban.contracts import DeliveryOutcome
from duban.ledger import Ledger, migrate
from duban.ledger.questions.rows import BodyStatistics, Lateness, LedgerRow, lagging
from duban.supervision.tasks.entries import Citation, NoticeKind, ReminderChange
from duban.supervision.tasks.state import RungStatus
from tests.ledger.building import at, batch, entry, notice, plan, real, register, task


@pytest.fixture
def three(ledger: Ledger) -> Ledger:
    """Two plans: P with eleven tasks of which the second is behind and the third struck off, and Q with one."""
    register(ledger, plan(*(task(f"P-{n}", supporting_bodies=("财政局",) if n % 2 else ()) for n in range(1, 12))))
    register(ledger, plan(task("Q-1", lead_body="教育局", handling_body="电教馆"), code="Q"))
    behind: dict[str, Any] = {
        "due_on": date(2022, 4, 20),
        "behind_since": date(2022, 4, 20),
        "reminder_level": "phone",
        "episode": 1,
    }
    ledger.tasks.record(
        batch("P-2", entry(2, notice("e1/phone"), notice("m1", kind=NoticeKind.ADVANCE_NOTICE)), **behind)
    )
    ledger.tasks.record(batch("P-3", entry(2), closes=True))
    return ledger


def codes(rows: tuple[LedgerRow, ...]) -> list[str]:
    return [row.task_code for row in rows]


def test_a_line_of_the_ledger_has_exactly_the_agreed_names(three: Ledger) -> None:
    line = three.rows.ledger_rows(real(7), plan="P")[1]

    assert line.model_dump(mode="json") == {
        "task_code": "P-2",
        "plan_code": "P",
        "title": "事项P-2",
        "lead_body": "统计局",
        "handling_body": "统计局",
        "supporting_bodies": [],
        "due_on": "2022-04-20",
        "status": "under_way",
        "lag_days": 1,
        "behind_since": "2022-04-20",
        "reminder_level": "phone",
        "light": "yellow",
        "roles": [],
    }


def test_a_line_of_the_notices_has_the_agreed_names(three: Ledger) -> None:
    row = three.rows.notice_rows(task="P-2")[0]

    assert row.model_dump(mode="json") == {
        "task_code": "P-2",
        "plan_code": "P",
        "kind": "reminder",
        "level": "phone",
        "episode": 1,
        "lag_days": 16,
        "milestone_due_on": "2022-06-30",
        "reminder_due_on": "2022-07-16",
        "issued_at": "2022-04-15T01:00:00Z",
        "issued_at_real": "2026-01-01T00:00:01Z",
        "deliver_not_before": "2022-04-15T01:00:00Z",
        "delivered_at": None,
        "delivered_at_real": None,
        "issuer": "改革办",
        "recipient": "统计局",
        "channel": "",
        "status": "pending",
        "paper": None,
        "withdraw_reason": "",
        "idempotency_key": "P-2/1/e1/phone/统计局",
        "attempts": 0,
        "last_answer": "",
        "retry_at_real": None,
        "provisional": False,
    }


def test_the_ledger_runs_by_plan_and_in_the_order_of_the_plan(three: Ledger) -> None:
    assert codes(three.rows.ledger_rows(real(7))) == [*(f"P-{n}" for n in range(1, 12)), "Q-1"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"plan": "Q"}, ["Q-1"]),
        ({"body": "电教馆"}, ["Q-1"]),
        ({"body": "财政局", "plan": "P"}, ["P-1", "P-3", "P-5", "P-7", "P-9", "P-11"]),
        ({"body": "财政局", "status": "struck_off"}, ["P-3"]),
        ({"level": "phone"}, ["P-2"]),
        ({"status": "under_way", "plan": "Q"}, ["Q-1"]),
        ({"level": "onsite"}, []),
    ],
)
def test_the_ledger_can_be_narrowed_down(three: Ledger, wanted: dict[str, Any], found: list[str]) -> None:
    assert codes(three.rows.ledger_rows(real(7), **wanted)) == found


@pytest.mark.parametrize("wanted", [{}, {"body": "改革办"}, {"plan": "P"}, {"status": "under_way"}])
def test_pages_joined_are_the_whole_ledger(three: Ledger, wanted: dict[str, Any]) -> None:
    whole = codes(three.rows.ledger_rows(real(7), **wanted))
    joined: list[str] = []
    while page := three.rows.ledger_rows(
        real(7),
        limit=5,
        after=joined[-1] if joined else None,
        **wanted,
    ):
        joined.extend(codes(page))

    assert joined == whole


def test_notices_can_be_narrowed_down_and_paged(three: Ledger) -> None:
    both = three.rows.notice_rows(plan="P")
    assert [row.kind for row in both] == [NoticeKind.REMINDER, NoticeKind.ADVANCE_NOTICE]
    assert three.rows.notice_rows(level="phone") == three.rows.notice_rows(kind=NoticeKind.REMINDER) == both[:1]
    assert three.rows.notice_rows(after=both[0].idempotency_key) == both[1:]
    assert three.rows.notice_rows(body="财政局") == ()


def test_reminders_are_listed_issued_and_not_issued_with_the_reason(three: Ledger) -> None:
    passed = ReminderChange(
        key="e1/phone",
        level="phone",
        episode=1,
        status=RungStatus.NOT_ISSUED,
        due_on=date(2022, 5, 6),
        lag_days=16,
        reason="导入时已超过",
        citation=Citation(rule="电话提醒"),
    )
    given = passed.model_copy(
        update={"key": "e1/written", "level": "written", "status": RungStatus.AWAITING_APPROVAL, "reason": ""}
    )
    three.tasks.record(batch("P-5", entry(2, given, passed)))
    issued = given.model_copy(update={"status": RungStatus.ISSUED, "issued_at": at(3), "issuer": "改革办"})
    three.tasks.record(batch("P-5", entry(3, issued)))

    rows = three.rows.reminder_rows(plan="P")

    assert [(row.level, row.status, row.reason, row.issued_at) for row in rows] == [
        ("phone", RungStatus.NOT_ISSUED, "导入时已超过", None),
        ("written", RungStatus.ISSUED, "", at(3)),
    ]
    assert rows[0].citation == Citation(rule="电话提醒")
    assert three.rows.reminder_rows(task="P-5", level="written") == rows[1:]


def test_figures_count_tasks_by_status_level_and_lead_body(three: Ledger) -> None:
    figures = three.rows.statistics()

    assert (figures.tasks, figures.open_tasks, figures.behind) == (12, 11, 1)
    assert figures.by_status == {"struck_off": 1, "under_way": 11}
    assert figures.by_level == {"phone": 1}
    assert figures.by_body == (
        BodyStatistics(body="统计局", tasks=11, open_tasks=10, behind=1),
        BodyStatistics(body="教育局", tasks=1, open_tasks=1, behind=0),
    )
    assert three.rows.statistics(plan="P") == figures.model_copy(
        update={
            "tasks": 11,
            "open_tasks": 10,
            "by_status": {"struck_off": 1, "under_way": 10},
            "by_body": figures.by_body[:1],
        }
    )


def test_the_counts_that_are_kept_are_the_counts_that_are_counted(three: Ledger) -> None:
    three.tasks.record(batch("P-2", entry(3), status="accepted"))
    three.tasks.record(batch("P-2", entry(3), entry(4), closes=True))

    assert three.rows.statistics() == three.rows.statistics(plan="P").model_copy(
        update={
            "tasks": 12,
            "open_tasks": 10,
            "by_status": {"struck_off": 2, "under_way": 10},
            "by_body": (
                *three.rows.statistics(plan="P").by_body,
                BodyStatistics(body="教育局", tasks=1, open_tasks=1, behind=0),
            ),
        }
    )
    assert three.rows.statistics().behind == 0


def standing(**fields: object) -> dict[str, object]:
    usual: dict[str, object] = {
        "behind_since": date(2016, 6, 30),
        "due_on": date(2016, 6, 30),
        "status": "under_way",
        "suspended_days": 0,
        "suspended_since": None,
        "closed_at": None,
    }
    return usual | fields


@pytest.mark.parametrize(
    ("row", "today", "lag", "since"),
    [
        (standing(), date(2016, 7, 16), 16, date(2016, 6, 30)),
        (standing(behind_since=None), date(2016, 6, 30), 0, None),
        (standing(behind_since=None), date(2016, 7, 1), 1, date(2016, 6, 30)),
        (standing(behind_since=None, due_on=None), date(2016, 7, 1), 0, None),
        (standing(due_on=date(2016, 7, 20)), date(2016, 8, 11), 42, date(2016, 6, 30)),
        (standing(suspended_days=5), date(2016, 7, 16), 11, date(2016, 6, 30)),
        (standing(suspended_since=date(2016, 7, 11), status="suspended"), date(2016, 7, 30), 10, date(2016, 6, 30)),
        (standing(suspended_since=date(2016, 6, 1), status="suspended"), date(2016, 7, 30), 0, date(2016, 6, 30)),
        (standing(behind_since=None, status="suspended"), date(2016, 7, 30), 0, None),
        (standing(closed_at=at(1)), date(2016, 7, 30), 0, None),
    ],
)
def test_the_lag_is_worked_out_when_the_ledger_is_read(
    row: dict[str, object], today: date, lag: int, since: date | None
) -> None:
    assert lagging(row, today) == (lag, since)


def test_a_task_shows_all_that_its_row_holds(three: Ledger) -> None:
    row = three.rows.task_row("P-3", real(7))
    assert row is not None
    assert (row.version, row.round, row.closed_at, row.lag_days) == (2, 1, at(2), 0)
    assert three.rows.task_row("P-99", real(7)) is None


def plans_of_queries(ledger: Ledger, ask: Callable[[Ledger], object]) -> str:
    """How SQLite goes about the queries of a question, step by step."""
    asked: list[tuple[str, object]] = []

    def listen(_connection: object, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        asked.append((statement, parameters))

    event.listen(ledger.engine, "before_cursor_execute", listen)
    ask(ledger)
    event.remove(ledger.engine, "before_cursor_execute", listen)
    with ledger.engine.connect() as connection:
        return "\n".join(
            row[3]
            for statement, parameters in asked
            if statement.startswith("SELECT")
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)  # type: ignore[arg-type] # as they came
        )


@pytest.mark.parametrize(
    "ask",
    [
        lambda ledger: ledger.rows.ledger_rows(real(7), limit=5, after="P-3"),
        lambda ledger: ledger.rows.ledger_rows(real(7), limit=5, status="under_way", after="P-3"),
        lambda ledger: ledger.rows.ledger_rows(real(7), limit=5, level="phone", after="P-3"),
        lambda ledger: ledger.rows.ledger_rows(real(7), limit=5, plan="P", status="under_way", after="P-3"),
        lambda ledger: ledger.rows.ledger_rows(real(7), limit=5, body="财政局", after="P-3"),
        lambda ledger: ledger.rows.notice_rows(limit=5, body="财政局", after="P-2/1/e1/phone/统计局"),
        lambda ledger: ledger.rows.notice_rows(limit=5, plan="P"),
        lambda ledger: ledger.tasks.unstarted_tasks("P", after="P-3"),
        lambda ledger: ledger.deliveries.claim("财政局", real(7)),
        lambda ledger: ledger.deliveries.next_delivery_at("财政局", real(1)),
    ],
)
def test_pages_and_claims_run_along_an_index_and_sort_nothing(tmp_path: Path, ask: Callable[[Ledger], object]) -> None:
    migrate(f"sqlite:///{tmp_path / 'duban.db'}")
    ledger = Ledger.open(f"sqlite:///{tmp_path / 'duban.db'}")
    register(ledger, plan(*(task(f"P-{n}") for n in range(1, 12))))

    steps = plans_of_queries(ledger, ask)
    ledger.close()

    assert "INDEX" in steps or "PRIMARY KEY" in steps
    assert "TEMP B-TREE" not in steps, steps
    assert not [step for step in steps.splitlines() if step.startswith("SCAN") and "INDEX" not in step], steps


def test_a_notice_that_the_gateway_does_not_take_says_so_and_when_it_is_tried_again(ledger: Ledger) -> None:
    """A gateway that is dead for days must not look like a letter that is just being sent."""
    register(ledger, plan(task("P-1")))
    ledger.tasks.record(batch("P-1", entry(2, notice("a"), notice("b", day=30))))
    delivery = ledger.deliveries.claim("统计局", real(9))
    assert delivery is not None
    ledger.deliveries.settle(delivery.id, 1, DeliveryOutcome.RETRY, real(9), "无法连接网关", real(10))

    waits, pending = ledger.rows.notice_rows()

    assert (waits.status.value, waits.attempts, waits.last_answer, waits.retry_at_real) == (
        "sending",
        1,
        "无法连接网关",
        real(10),
    )
    assert (pending.attempts, pending.last_answer, pending.retry_at_real) == (0, "", None)


def test_a_task_that_is_past_its_moment_by_more_than_a_minute_without_a_record_is_late(three: Ledger) -> None:
    three.tasks.record(batch("P-4", entry(2), next_moment_at=at(5)))
    three.tasks.record(batch("P-5", entry(2), next_moment_at=at(6)))
    three.tasks.record(batch("Q-1", entry(2), plan_code="Q", next_moment_at=at(500)))
    minute, second = timedelta(minutes=1), timedelta(seconds=1)

    assert three.rows.lateness(real(5) + minute - second) == Lateness()
    assert three.rows.lateness(real(5) + minute) == Lateness(tasks=1, since=real(5))
    assert three.rows.lateness(real(6) + minute, plan="P") == Lateness(tasks=2, since=real(5))
    assert three.rows.lateness(real(6) + minute, plan="Q") == Lateness()


def test_a_record_says_by_how_much_real_time_its_task_woke_late(three: Ledger) -> None:
    punctual = three.tasks.record(batch("P-4", entry(2), next_moment_at=at(2)))
    late = three.tasks.record(batch("P-4", entry(3), next_moment_at=at(9)))
    told_before = three.tasks.record(batch("P-4", entry(4)))
    assert (punctual.late_by, late.late_by, told_before.late_by) == (timedelta(), timedelta(seconds=1), timedelta())


def test_what_is_late_is_found_by_the_moments_and_not_by_the_tasks(tmp_path: Path) -> None:
    migrate(f"sqlite:///{tmp_path / 'duban.db'}")
    ledger = Ledger.open(f"sqlite:///{tmp_path / 'duban.db'}")
    register(ledger, plan(task("P-1")))
    steps = plans_of_queries(ledger, lambda ledger: ledger.rows.lateness(real(7)))
    ledger.close()
    assert "ix_tasks_next_moment" in steps
