"""The ledger's database and what is in it, each broken in turn."""

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from duban.contracts import DeliveryOutcome
from duban.doctor import State, ledgers, records
from duban.keeping.last import LastBackup, note_backup
from duban.ledger import Ledger, migrate_back
from duban.ledger.delivery.sending_orders import SendingOrder
from duban.orders import ItemOutcome
from duban.supervision.days.clock import TaskClock
from tests.doctor.conftest import Doctor, Findings, not_well, states
from tests.ledger.building import EPOCH, FAST, batch, entry, notice, plan, registration, task
from tests.ledger.test_change_orders import GIVEN, order, settled
from tests.notices.gateway import closed_port

OF_THE_LEDGER = (
    "database",
    "schema",
    "database_file",
    "chains",
    "undeliverable",
    "sending",
    "outgoing",
    "change_orders",
    "lateness",
)


async def _of_the_ledger(doctor: Doctor) -> Findings:
    return await doctor(*OF_THE_LEDGER)


@pytest.mark.usefixtures("ledger")
async def test_a_ledger_that_is_well_says_so(doctor: Doctor) -> None:
    assert not_well(await _of_the_ledger(doctor)) == {}


async def test_where_there_is_none_yet_that_is_no_fault_and_none_is_made(doctor: Doctor, home: Path) -> None:
    found = await _of_the_ledger(doctor)
    assert found["database"].state is State.WARNING
    assert {found[name].state for name in OF_THE_LEDGER[1:]} == {State.UNEXAMINED}
    assert not (home / "duban.db").exists()


async def test_a_file_that_is_no_database_is_told(doctor: Doctor, home: Path) -> None:
    (home / "duban.db").write_bytes(b"not a database, whatever its name says" * 100)
    found = await _of_the_ledger(doctor)
    assert found["database"].state is State.FAULT
    assert "不是数据库" in found["database"].detail
    assert {found[name].state for name in ("schema", "chains", "lateness")} == {State.UNEXAMINED}


async def test_a_database_server_that_is_away_is_told_without_its_password(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUBAN_DATABASE_URL", f"postgresql://duban:geheim@127.0.0.1:{closed_port()}/duban")
    found = await doctor()
    assert found["database"].state is State.FAULT
    assert "DUBAN_DATABASE_URL" in found["database"].remedy
    assert {found[name].state for name in ("schema", "chains", "database_clock")} == {State.UNEXAMINED}
    assert "geheim" not in "".join(one.detail + one.remedy for one in found.values())


async def test_a_database_server_elsewhere_without_tls_is_refused_with_the_setting(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUBAN_DATABASE_URL", "postgresql://db.example.test/duban")
    found = (await doctor("database"))["database"]
    assert found.state is State.FAULT
    assert "sslmode=verify-full" in found.detail


@pytest.mark.usefixtures("ledger")
async def test_an_older_schema_and_a_newer_one_are_told_apart(doctor: Doctor, home: Path) -> None:
    newest = (await doctor("schema"))["schema"].detail
    migrate_back(f"sqlite:///{home / 'duban.db'}", "0001")
    older = await doctor("schema", "chains")
    with sqlite3.connect(home / "duban.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    newer = await doctor("schema", "chains")

    assert "相符" in newest
    assert states(older) == states(newer) == {"schema": State.FAULT, "chains": State.UNEXAMINED}
    assert "worker.py" in older["schema"].remedy
    assert "--back-to" in newer["schema"].remedy


@pytest.mark.usefixtures("ledger")
async def test_a_ledger_on_a_network_drive_is_told(doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledgers, "file_system_of", lambda _: "nfs4")
    found = (await doctor("database_file"))["database_file"]
    assert found.state is State.FAULT
    assert "PostgreSQL" in found.remedy


async def test_a_timeline_that_somebody_changed_is_named(doctor: Doctor, ledger: Ledger, home: Path) -> None:
    ledger.tasks.record(batch("P-2", entry(3), next_moment_at=EPOCH + timedelta(days=9)))
    before = (await doctor("chains"))["chains"].state
    with sqlite3.connect(home / "duban.db") as database:
        database.execute("UPDATE timeline SET content = replace(content, '登记', '注销') WHERE task_code = 'P-2'")
    found = (await doctor("chains"))["chains"]
    assert (before, found.state) == (State.OK, State.FAULT)
    assert "P-2" in found.detail
    assert "starter.py verify" in found.remedy


async def test_a_notice_that_cannot_be_delivered_is_told_until_it_is_sent_again(doctor: Doctor, ledger: Ledger) -> None:
    claimed = _claim(ledger, "P-1")
    ledger.deliveries.settle(claimed, 1, DeliveryOutcome.UNDELIVERABLE, datetime.now(UTC), "网关不存在")
    found = await doctor("undeliverable", "outgoing")
    ledger.deliveries.send_again([claimed], datetime.now(UTC))
    mended = await doctor("undeliverable")

    assert states(found) == {"undeliverable": State.FAULT, "outgoing": State.OK}
    assert "starter.py notices resend" in found["undeliverable"].remedy
    assert mended["undeliverable"].state is State.OK


async def test_a_message_that_waits_for_its_next_attempt_is_warned_of(doctor: Doctor, ledger: Ledger) -> None:
    later = datetime.now(UTC) + timedelta(minutes=5)
    claimed = _claim(ledger, "P-1")
    ledger.deliveries.settle(claimed, 1, DeliveryOutcome.RETRY, datetime.now(UTC), "没有答复", retry_at=later)
    assert states(await doctor("undeliverable", "outgoing")) == {
        "undeliverable": State.OK,
        "outgoing": State.WARNING,
    }


async def test_a_notice_whose_moment_has_passed_and_that_nobody_sends_is_told(doctor: Doctor, ledger: Ledger) -> None:
    ledger.tasks.record(batch("P-1", entry(3, notice("k"))))  # of a plan whose clock has long passed it
    found = (await doctor("outgoing"))["outgoing"]
    assert found.state is State.FAULT
    assert "1 件通知到时未发" in found.detail


async def test_a_notice_that_waits_for_the_end_of_quiet_hours_is_no_fault(
    doctor: Doctor, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored, in_real_time = plan(task("Q-1"), code="Q"), {"clock": TaskClock()}
    given = registration(stored, ledger.plans.store_plan(stored), [])
    ledger.plans.register_plan(given.model_copy(update=in_real_time))
    ledger.tasks.record(batch("Q-1", entry(2, notice("k")), plan_code="Q").model_copy(update=in_real_time))
    loud = (await doctor("outgoing"))["outgoing"]
    here = datetime.now(ZoneInfo("Asia/Shanghai"))
    begins, ends = here - timedelta(hours=2), here + timedelta(hours=2)
    monkeypatch.setenv("DUBAN_QUIET_HOURS", f"{begins:%H:%M}-{ends:%H:%M}")
    quiet = (await doctor("outgoing"))["outgoing"]

    assert (loud.state, quiet.state) == (State.FAULT, State.OK)
    assert "免打扰时段" in quiet.detail


async def test_where_somebody_stopped_all_sending_that_is_the_reason_told_and_no_fault(
    doctor: Doctor, ledger: Ledger
) -> None:
    ledger.tasks.record(batch("P-1", entry(3, notice("k"))))
    ledger.sending.give(SendingOrder(stops=True, given_at=EPOCH, given_by="王五", reason="机构调整"))
    found = await doctor("sending", "outgoing")
    ledger.sending.give(SendingOrder(stops=False, given_at=EPOCH, given_by="王五", reason=""))
    mended = await doctor("sending", "outgoing")

    assert states(found) == {"sending": State.WARNING, "outgoing": State.WARNING}
    for told in (f"{EPOCH.astimezone():%Y-%m-%d %H:%M}", "王五", "机构调整", "待发 1 件"):
        assert told in found["sending"].detail
    assert {one.remedy for one in found.values()} == {"可以恢复时 starter.py notices start"}
    assert states(mended) == {"sending": State.OK, "outgoing": State.FAULT}


async def test_a_change_order_that_waits_is_told_with_the_command_that_goes_on_with_it(
    doctor: Doctor, ledger: Ledger
) -> None:
    first = order("P-1", "P-2")
    later = order("P-3", title="机构调整", ordered_at_real=GIVEN + timedelta(days=1))
    for each in (first, later):
        ledger.orders.give(each)
    ledger.orders.settle(first.id, [settled("P-1", ItemOutcome.DONE, version=3)])
    both = (await doctor("change_orders"))["change_orders"]
    ledger.orders.settle(first.id, [settled("P-2", ItemOutcome.REFUSED, reason="已办结")])
    one = (await doctor("change_orders"))["change_orders"]
    ledger.orders.settle(later.id, [settled("P-3", ItemOutcome.NOT_CONCERNED)])
    none = (await doctor("change_orders"))["change_orders"]

    assert [found.state for found in (both, one, none)] == [State.WARNING, State.WARNING, State.OK]
    assert both.remedy == f"starter.py changes resume {first.id}"
    assert "《2027年日历》" in both.detail
    assert "还有 1 项" in both.detail
    assert "共 2 份" in both.detail
    assert one.remedy == f"starter.py changes resume {later.id}"


async def test_a_task_that_did_not_wake_is_told(
    doctor: Doctor, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "LOOK_AGAIN_SECONDS", 0.0)
    ledger.tasks.record(batch("P-1", entry(3), next_moment_at=EPOCH + timedelta(days=1)))
    found = (await doctor("lateness"))["lateness"]
    assert found.state is State.FAULT
    assert "1 项任务到时未办" in found.detail


@pytest.mark.parametrize(
    ("days", "is_there", "state"),
    [(0, True, State.OK), (0, False, State.WARNING), (3, True, State.WARNING), (20, True, State.FAULT)],
)
async def test_a_backup_grows_old(
    doctor: Doctor, home: Path, tmp_path: Path, days: int, is_there: bool, state: State
) -> None:
    file = tmp_path / "duban.tar"
    if is_there:
        file.touch()
    note_backup(home, LastBackup(at=datetime.now(UTC) - timedelta(days=days), file=file))
    assert (await doctor("backup"))["backup"].state is state


async def test_where_nobody_ever_took_a_backup_that_is_warned_of(doctor: Doctor) -> None:
    found = (await doctor("backup"))["backup"]
    assert found.state is State.WARNING
    assert "starter.py backup" in found.remedy


async def test_on_postgresql_the_ledger_is_well_and_its_clock_is_compared(
    doctor: Doctor, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUBAN_DATABASE_URL", postgres_url)
    found = await doctor("database", "schema", "database_clock")
    assert found["database"].state is State.OK
    assert "postgresql 1" in found["database"].detail
    assert found["schema"].state is State.FAULT  # nobody has made the tables
    assert "空" in found["schema"].detail


def _claim(ledger: Ledger, code: str) -> str:
    """A message with a notice about a task, claimed; its identifier."""
    ledger.tasks.record(batch(code, entry(3, notice("k"))))
    claimed = ledger.deliveries.claim("统计局", FAST.real(EPOCH) + timedelta(days=1), lease=timedelta(0))
    assert claimed is not None
    return claimed.id
