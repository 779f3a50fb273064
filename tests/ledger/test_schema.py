import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from threading import Thread

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from duban.ledger import Ledger, LedgerConflict, LedgerError, LedgerUnavailable, migrate, migration, schema_is_current
from duban.ledger.database.engine import engine, reading, writing
from duban.ledger.delivery.numbering import allot_numbers
from duban.ledger.migration import config_for
from duban.ledger.tables.schema import METADATA
from tests.ledger.building import plan, task


def test_the_migrations_make_exactly_the_tables_that_the_models_declare(ledger: Ledger) -> None:
    with reading(ledger.engine) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, METADATA) == []


def test_a_new_database_is_not_current_until_it_is_migrated(database_url: str) -> None:
    made = engine(database_url)
    assert not schema_is_current(made)
    migrate(database_url)
    migrate(database_url)
    assert schema_is_current(made)
    made.dispose()


def test_processes_that_migrate_at_once_do_not_get_in_each_others_way(database_url: str) -> None:
    program = "import sys; from duban.ledger import migrate; migrate(sys.argv[1])"
    running = [
        subprocess.Popen([sys.executable, "-c", program, database_url], stderr=subprocess.PIPE) for _ in range(2)
    ]
    said = [process.communicate(timeout=60)[1].decode() for process in running]

    assert [process.returncode for process in running] == [0, 0], said
    made = engine(database_url)
    assert schema_is_current(made)
    made.dispose()


def test_a_ledger_of_the_first_release_is_brought_up_to_date_with_all_that_it_holds(database_url: str) -> None:
    made = engine(database_url)
    with writing(made) as connection:
        command.upgrade(config_for(connection), "0001")
        connection.execute(text("INSERT INTO paper_numbers (series, year, last_number) VALUES ('通报', 2022, 7)"))
    assert not schema_is_current(made)

    migrate(database_url)

    assert schema_is_current(made)
    with writing(made) as connection:
        assert allot_numbers(connection, [("通报", 2022)]) == [8]
        command.downgrade(config_for(connection), "base")
    made.dispose()


def test_a_ledger_of_a_newer_release_is_refused_in_words(database_url: str) -> None:
    migrate(database_url)
    made = engine(database_url)
    with writing(made) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    made.dispose()

    with pytest.raises(LedgerError, match="由更新的版本升级过"):
        migrate(database_url)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LedgerError, match=f"不能建立台账所在的文件夹 {tmp_path / 'file'}"):
        migrate(f"sqlite:///{tmp_path / 'file' / 'duban.db'}")


def test_a_migration_that_another_process_holds_up_is_worth_another_try(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migration, "BUSY_TIMEOUT_SECONDS", 0.1)
    with closing(sqlite3.connect(tmp_path / "duban.db.migration", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(LedgerUnavailable, match="正由另一个进程升级"):
            migrate(f"sqlite:///{tmp_path / 'duban.db'}")


def test_the_folder_of_the_embedded_ledger_is_made(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new' / 'duban.db'}"
    migrate(url)
    made = engine(url)
    assert schema_is_current(made)
    made.dispose()


def test_the_embedded_ledger_survives_a_power_cut_and_checks_its_references(tmp_path: Path) -> None:
    made = engine(f"sqlite:///{tmp_path / 'duban.db'}")
    with reading(made) as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    made.dispose()
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}


def test_a_database_that_cannot_be_reached_is_worth_another_try(tmp_path: Path) -> None:
    for url in ("postgresql+psycopg://postgres:secret@127.0.0.1:1/none", f"sqlite:///{tmp_path}"):
        ledger = Ledger.open(url)
        with pytest.raises(LedgerUnavailable, match="暂时不可用") as refusal:
            ledger.plans.store_plan(plan(task("P-1")))
        assert "secret" not in str(refusal.value)
        ledger.close()


def test_what_the_schema_forbids_is_a_conflict_and_a_wrong_query_stays_our_mistake(ledger: Ledger) -> None:
    orphan = "INSERT INTO task_bodies (body, task_code, roles, plan_code, position) VALUES ('a', 'b', '[]', 'c', 1)"
    with pytest.raises(LedgerConflict), writing(ledger.engine) as connection:
        connection.execute(text(orphan))
    if ledger.engine.dialect.name == "postgresql":
        with pytest.raises(ProgrammingError), reading(ledger.engine) as connection:
            connection.execute(text("SELECT nothing FROM plans"))


def test_what_people_wrote_is_not_told_in_an_error(ledger: Ledger) -> None:
    """An error travels into logs and, with its cause, into a workflow's history."""
    plan_of_secrets = "INSERT INTO stored_plans (digest, content) VALUES (:digest, :content)"
    with pytest.raises(LedgerConflict) as refusal, writing(ledger.engine) as connection:
        connection.execute(text(plan_of_secrets), [{"digest": "d", "content": "约谈情况保密"}] * 2)

    assert refusal.value.__cause__ is not None
    assert "保密" not in f"{refusal.value}{refusal.value.__cause__}"


def test_a_writer_waits_for_the_writer_before_it(ledger: Ledger) -> None:
    """SQLite would otherwise refuse at once whoever has read before it writes."""

    def write() -> None:
        ledger.plans.store_plan(plan(task("P-2")))

    with writing(ledger.engine) as connection:
        connection.execute(text("SELECT count(*) FROM stored_plans"))
        other = Thread(target=write)
        other.start()
        other.join(0.3)
        connection.execute(text("INSERT INTO stored_plans (digest, content) VALUES ('d', '{}')"))
    other.join(10)

    with reading(ledger.engine) as connection:
        assert connection.scalar(text("SELECT count(*) FROM stored_plans")) == 2
