"""A backup holds all, is whole or not there, and comes back whole or not at all."""

import sqlite3
import stat
import tarfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import select, text, update

from duban.contracts import DeliveryOutcome
from duban.keeping.manifest import MANIFEST
from duban.ledger import Ledger, migrate
from duban.ledger.database.engine import reading, writing
from duban.ledger.tables.schema import METADATA
from duban.server.claim import claimed
from duban.supervision.tasks.entries import NoticeKind
from tests.commands.conftest import CommandLine
from tests.ledger.building import batch, entry, milestone, notice, plan, real, register, task


class Office:
    """An installation with a ledger, on the command line."""

    def __init__(self, url: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.url, self.home, self.run = url, home, CommandLine()
        home.mkdir(mode=0o700)
        monkeypatch.setenv("DUBAN_HOME", str(home))
        monkeypatch.setenv("DUBAN_DATABASE_URL", url)
        self._environment = monkeypatch

    def filled(self) -> None:
        """A plan of two tasks; one notice arrives, one is on its way, one waits, and one is not due for years."""
        migrate(self.url)
        with closing(Ledger.open(self.url)) as ledger:
            register(ledger, plan(task("P-1"), task("P-2", title="密钥管理")))
            ledger.tasks.record(
                batch("P-1", entry(2, milestone(), notice("n1", to="甲局"), notice("n2", to="乙局", paper="催办通知")))
            )
            late = notice("n4", to="丁局", kind=NoticeKind.OTHER)
            ledger.tasks.record(batch("P-1", entry(3, notice("n3", to="丙局"), late)))
            arrived = ledger.deliveries.claim("甲局", real(5))
            assert arrived is not None
            ledger.deliveries.settle(arrived.id, 1, DeliveryOutcome.DELIVERED, real(5), channel="outbox")
            assert ledger.deliveries.claim("乙局", real(5)) is not None
            with writing(ledger.engine) as connection:
                table = METADATA.tables["notices"]
                in_two_days = datetime.now(UTC) + timedelta(days=2)
                late_one = update(table).where(table.c.recipient == "丁局")
                connection.execute(late_one.values(deliver_not_before_real=in_two_days))

    def everything(self) -> dict[str, list[tuple[object, ...]]]:
        """Every row of the ledger."""
        with closing(Ledger.open(self.url)) as ledger, reading(ledger.engine) as connection:
            return {
                table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
                for table in METADATA.sorted_tables
                if table.name not in ("notices", "deliveries")  # these bear the marks of a restore
            }

    def another(self, url: str) -> None:
        """From now on the ledger is elsewhere."""
        self.url = url
        self._environment.setenv("DUBAN_DATABASE_URL", url)


@pytest.fixture
def office(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    return Office(database_url, tmp_path / "home", monkeypatch)


@pytest.fixture
def empty_url(database_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """Another empty database of the same kind."""
    if database_url.startswith("sqlite"):
        yield f"sqlite:///{tmp_path / 'other' / 'duban.db'}"
        return
    maintenance: str = request.getfixturevalue("postgres_url")
    name = f"test_{uuid4().hex}"
    with psycopg.connect(maintenance.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield maintenance.replace("/postgres?", f"/{name}?")
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_a_backup_brings_everything_back_elsewhere(office: Office, empty_url: str, tmp_path: Path) -> None:
    office.filled()
    before = office.everything()
    taken = office.run.json("backup", tmp_path / "b.tar")
    assert (taken["plans"], taken["tasks"], taken["entries"]) == (1, 2, 4)

    office.another(empty_url)
    restored = office.run("restore", tmp_path / "b.tar")

    assert restored.exit_code == 0, restored.stderr
    assert office.everything() == before
    assert office.run("verify", "--json").exit_code == 0
    # On its way, or due: perhaps it went out after the backup. What is not due for years cannot have.
    assert "1 件待发的通知已到送达时间，另有 1 份文书当时正在送达" in restored.stderr
    with closing(Ledger.open(empty_url)) as ledger:
        now = datetime.now(UTC) + timedelta(days=1)
        again, first, later = (ledger.deliveries.claim(body, now) for body in ("乙局", "丙局", "丁局"))
        assert again is not None
        assert first is not None
        assert (again.attempt, again.uncertain, first.attempt, first.uncertain) == (2, True, 1, True)
        assert str(again.notices[0].paper) == "催办通知〔2022〕1号"
        assert later is None


def test_a_backup_is_for_its_owner_alone_and_replaces_nothing(office: Office, tmp_path: Path) -> None:
    office.filled()
    folder = tmp_path / "backups"
    folder.mkdir()
    assert office.run("backup", folder).exit_code == 0
    [file] = folder.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "已经存在，没有覆盖" in office.run.refused("backup", file).splitlines()[-1]
    assert list(folder.iterdir()) == [file]


def test_a_ledger_that_is_there_is_replaced_only_when_told_to_and_is_kept(office: Office, tmp_path: Path) -> None:
    office.filled()
    before = office.everything()
    assert office.run("backup", tmp_path / "b.tar").exit_code == 0
    with closing(Ledger.open(office.url)) as ledger:
        ledger.tasks.record(batch("P-2", entry(2)))
    newer = office.everything()

    assert "--replace" in office.run.refused("restore", tmp_path / "b.tar").splitlines()[-1]
    assert office.everything() == newer
    replaced = office.run("restore", tmp_path / "b.tar", "--replace")

    assert replaced.exit_code == 0, replaced.stderr
    assert "原有的保留在" in replaced.stdout
    assert office.everything() == before
    # And once more: what was put aside before stands in nobody's way.
    assert office.run("backup", tmp_path / "c.tar").exit_code == 0
    assert len(_kept(office)) == 1


def _kept(office: Office) -> list[str]:
    if office.url.startswith("sqlite"):
        return [path.name for path in Path(office.url.removeprefix("sqlite:///")).parent.glob("*.replaced-*")]
    with closing(Ledger.open(office.url)) as ledger, reading(ledger.engine) as connection:
        return list(connection.scalars(text("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'public_replaced%'")))


def test_a_ledger_that_somebody_uses_is_not_replaced(office: Office, tmp_path: Path) -> None:
    office.filled()
    assert office.run("backup", tmp_path / "b.tar").exit_code == 0
    before = office.everything()
    with closing(Ledger.open(office.url)) as ledger:
        ledger.plans.plan_rows()
        reason = office.run.refused("restore", tmp_path / "b.tar", "--replace")
    assert "请先停止 serve 和所有 worker.py" in reason
    assert office.everything() == before


@pytest.mark.parametrize("child", ["temporal.db", "worker.log"])
def test_while_serve_runs_nothing_is_restored(office: Office, tmp_path: Path, child: str) -> None:
    office.filled()
    assert office.run("backup", tmp_path / "b.tar").exit_code == 0
    with claimed(office.home / child, by="测试"):
        assert "已在运行" in office.run.refused("restore", tmp_path / "b.tar", "--replace")


def test_a_dump_that_breaks_off_leaves_the_database_as_it_was(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.filled()
    before = office.everything()
    assert office.run("backup", tmp_path / "b.tar").exit_code == 0
    if office.url.startswith("sqlite"):
        monkeypatch.setattr("duban.keeping.restore.put_ledger", _interrupted)
        with pytest.raises(AssertionError, match="the machine stops here"):
            office.run("restore", tmp_path / "b.tar", "--replace")
    else:
        monkeypatch.setattr("duban.ledger.copies.postgres_copies.AFTER", b"SELECT nothing FROM nowhere;\n")
        assert "数据库没有改动" in office.run.refused("restore", tmp_path / "b.tar", "--replace")
    assert office.everything() == before
    assert _kept(office) == []


def _interrupted(*_: object, **__: object) -> str:
    raise RuntimeError("the machine stops here")


def test_an_archive_that_was_damaged_or_is_none_is_refused_and_nothing_changes(office: Office, tmp_path: Path) -> None:
    office.filled()
    before = office.everything()
    whole = tmp_path / "b.tar"
    assert office.run("backup", whole).exit_code == 0
    content = whole.read_bytes()
    with tarfile.open(whole) as tar:
        ledger = tar.getmember("ledger")
    flipped = bytearray(content)
    flipped[ledger.offset_data + ledger.size // 2] ^= 1
    spoilt = {
        "flipped.tar": bytes(flipped),
        "cut.tar": content[: len(content) // 2],
        "empty.tar": b"",
        "text.tar": b"nothing of the kind",
    }
    for name, bytes_of in spoilt.items():
        (tmp_path / name).write_bytes(bytes_of)
        reason = office.run.refused("restore", tmp_path / name, "--replace")
        assert "不能使用" in reason or "不是督办的备份" in reason, name
    assert office.everything() == before
    assert "missing.tar" in office.run.refused("restore", tmp_path / "missing.tar")


@pytest.mark.parametrize("name", ["../escaped", "/etc/passwd", "regimes/../../x.yaml", "surplus"])
def test_an_archive_writes_nothing_but_its_own_parts(office: Office, tmp_path: Path, name: str) -> None:
    office.filled()
    whole, forged = tmp_path / "b.tar", tmp_path / "forged.tar"
    assert office.run("backup", whole).exit_code == 0
    with tarfile.open(whole) as source, tarfile.open(forged, "w") as target:
        for member in source:
            content = source.extractfile(member)
            assert content is not None
            if member.name == MANIFEST:
                target.addfile(member, content)
            else:
                member.name = name
                target.addfile(member, content)
    assert "与清单不符" in office.run.refused("restore", forged, "--replace")
    assert not (tmp_path / "escaped").exists()


def test_a_backup_of_a_later_release_is_refused_in_words(office: Office, tmp_path: Path) -> None:
    office.filled()
    with closing(Ledger.open(office.url)) as ledger, writing(ledger.engine) as connection:
        [revision] = connection.scalars(text("SELECT version_num FROM alembic_version"))
    assert office.run("backup", tmp_path / "b.tar").exit_code == 0
    later = tmp_path / "later.tar"
    present, newer = (f'"revision": "{number}"'.encode() for number in (revision, "9999"))
    later.write_bytes((tmp_path / "b.tar").read_bytes().replace(present, newer))
    assert "由更新的版本" in office.run.refused("restore", later, "--replace")


def test_a_backup_goes_back_to_the_kind_of_database_it_came_from(office: Office, tmp_path: Path) -> None:
    office.filled()
    assert office.run("backup", tmp_path / "b.tar").exit_code == 0
    was_sqlite = office.url.startswith("sqlite")
    office.another("postgresql://nobody@/none" if was_sqlite else f"sqlite:///{tmp_path / 'x.db'}")
    assert "请改正 DUBAN_DATABASE_URL" in office.run.refused("restore", tmp_path / "b.tar")


def test_no_secret_is_in_a_backup_or_on_a_command_line(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.filled()
    planted = "whsec_cGxhbnRlZC1zZWNyZXQtcGxhbnRlZC1zZWNyZXQ="
    monkeypatch.setenv("DUBAN_WEBHOOK_SECRET", planted)
    monkeypatch.setenv("DUBAN_WEBHOOK_URL", "https://gateway.example/hook?token=planted-token")
    if not office.url.startswith("sqlite"):
        office.another(office.url.replace("postgres@", "postgres:planted-password@"))
    assert office.run("backup", tmp_path / "b.tar").exit_code == 0
    content = (tmp_path / "b.tar").read_bytes()
    for secret in (planted, "planted-token", "planted-password"):
        assert secret.encode() not in content


def test_regime_files_of_ones_own_come_back_where_none_is(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.filled()
    own = tmp_path / "regimes"
    own.mkdir()
    (own / "city.yaml").write_text("name: city")
    (own / "other.yaml").write_text("name: other")
    monkeypatch.setenv("DUBAN_REGIME_DIR", str(own))
    assert office.run("backup", tmp_path / "b.tar").exit_code == 0
    (own / "city.yaml").unlink()
    (own / "other.yaml").write_text("name: newer")
    assert office.run("restore", tmp_path / "b.tar", "--replace").exit_code == 0
    assert {file.name: file.read_text() for file in own.iterdir()} == {
        "city.yaml": "name: city",
        "other.yaml": "name: newer",
    }


def test_the_ledger_is_copied_whole_while_others_write(office: Office, tmp_path: Path, empty_url: str) -> None:
    office.filled()
    with closing(Ledger.open(office.url)) as ledger:
        for version in range(2, 40):
            ledger.tasks.record(batch("P-2", entry(version, milestone(version))))
            if version % 10 == 0:
                assert office.run("backup", tmp_path / f"b{version}.tar").exit_code == 0
    office.another(empty_url)
    assert office.run("restore", tmp_path / "b20.tar").exit_code == 0
    assert office.run("verify").exit_code == 0
    with closing(Ledger.open(empty_url)) as ledger:
        assert ledger.tasks.versions_of(["P-2"]) == {"P-2": 20}


def test_a_server_of_an_earlier_release_is_not_disturbed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    office = Office(f"sqlite:///{tmp_path / 'duban.db'}", tmp_path / "home", monkeypatch)
    office.filled()
    state = office.home / "temporal.db"
    with closing(sqlite3.connect(state)) as connection:
        connection.execute("CREATE TABLE t (x)")  # not in WAL: whoever reads it holds up its writer
    with claimed(state, by="测试"):
        assert "由旧版本启动" in office.run.refused("backup", tmp_path / "b.tar").splitlines()[-1]
    assert office.run("backup", tmp_path / "b.tar").exit_code == 0
    assert not list(tmp_path.glob(".b.tar*"))
