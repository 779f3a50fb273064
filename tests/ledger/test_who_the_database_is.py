"""PostgreSQL off this machine proves by TLS who it is, or is named in words; nothing is connected before that."""

import asyncio
import ssl
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import trustme
from sqlalchemy import event

from duban.ledger import Ledger, LedgerError, LedgerUnavailable, migrate, schema_is_current
from duban.transport import exact_hosts
from tests.server.tls_pipe import tls_pipe

ELSEWHERE = "postgresql+psycopg://office:planted-password@db.example.test/duban"
SOCKET = "postgresql+psycopg://office@/duban?host=/run/postgresql"
LIBPQ = ("PGHOST", "PGHOSTADDR", "PGSSLMODE", "PGSSLROOTCERT", "PGSERVICE", "PGSERVICEFILE", "PGPORT")


@pytest.fixture(autouse=True)
def _libpq_knows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in LIBPQ:
        monkeypatch.delenv(name, raising=False)


def sslmode_of(url: str, *plaintext_hosts: str) -> str:
    """How a ledger's connection would be made, which nobody makes here."""
    ledger = Ledger.open(url, plaintext_hosts=exact_hosts(",".join(plaintext_hosts)))

    class Enough(Exception):
        pass

    stated: dict[str, str] = {}

    @event.listens_for(ledger.engine, "do_connect")
    def _(_dialect: object, _record: object, _arguments: object, options: dict[str, str]) -> None:
        stated.update(options)
        raise Enough

    with pytest.raises(Enough):
        ledger.engine.connect()
    ledger.close()
    return stated["sslmode"]


@pytest.mark.parametrize(
    ("url", "environment", "place"),
    [
        (ELSEWHERE, {}, "db.example.test"),
        *((f"{ELSEWHERE}?sslmode={mode}", {}, "db.example.test") for mode in ("disable", "allow", "prefer", "require")),
        (f"{ELSEWHERE}?sslmode=verify-ca", {}, "db.example.test"),
        (f"{ELSEWHERE}?sslmode=require", {"PGSSLMODE": "verify-full"}, "db.example.test"),
        (ELSEWHERE, {"PGSSLMODE": "require"}, "db.example.test"),
        ("postgresql+psycopg://office@10.0.0.5/duban", {}, "10.0.0.5"),
        ("postgresql+psycopg:///duban", {"PGHOST": "db.example.test"}, "db.example.test"),
        ("postgresql+psycopg://office@localhost/duban", {"PGHOSTADDR": "10.0.0.5"}, "10.0.0.5"),
        ("postgresql+psycopg://office@localhost/duban?hostaddr=10.0.0.5", {}, "10.0.0.5"),
        ("postgresql+psycopg://office@/duban?host=localhost:5432&host=db.example.test:5432", {}, "db.example.test"),
        ("postgresql+psycopg://office@/duban?host=/run/postgresql,db.example.test", {}, "db.example.test"),
    ],
)
def test_a_database_elsewhere_that_need_not_prove_who_it_is_is_refused_with_the_remedy(
    url: str, environment: dict[str, str], place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    for opening in (Ledger.open, migrate):
        with pytest.raises(LedgerError) as refused:
            opening(url)
        assert str(refused.value) == (
            f"台账数据库 {place} 不在本机，而连接没有加密或不验证对方的证书，已拒绝连接。"
            "请在 DUBAN_DATABASE_URL 末尾加上 ?sslmode=verify-full&sslrootcert=签发机构证书文件"
            "（或 sslrootcert=system），不要用更弱的 sslmode。"
            f"如确须明文连接（仅限可信的内部网络），请把 {place} 写入 DUBAN_PLAINTEXT_HOSTS。"
        )


@pytest.mark.parametrize(
    ("url", "environment", "mode"),
    [
        (f"{ELSEWHERE}?sslmode=verify-full", {}, "verify-full"),
        (f"{ELSEWHERE}?sslmode=verify-full", {"PGSSLMODE": "disable"}, "verify-full"),
        (ELSEWHERE, {"PGSSLMODE": "verify-full"}, "verify-full"),
        (f"{ELSEWHERE}?sslrootcert=system", {}, "verify-full"),
        (ELSEWHERE, {"PGSSLROOTCERT": "system"}, "verify-full"),
        (SOCKET, {}, "prefer"),
        ("postgresql+psycopg:///duban", {}, "prefer"),
        ("postgresql+psycopg://office@127.0.0.1/duban?sslmode=disable", {}, "disable"),
    ],
)
def test_a_connection_is_made_as_it_was_checked(
    url: str, environment: dict[str, str], mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert sslmode_of(url) == mode


def test_a_service_file_counts_like_the_address_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "services").write_text("[office]\nhost=db.example.test\nsslmode=require\n")
    monkeypatch.setenv("PGSERVICEFILE", str(tmp_path / "services"))
    with pytest.raises(LedgerError, match="不能使用 service，请改用环境变量 PGSERVICE"):
        Ledger.open("postgresql+psycopg:///duban?service=office")
    monkeypatch.setenv("PGSERVICE", "office")
    with pytest.raises(LedgerError, match=r"台账数据库 db\.example\.test 不在本机"):
        Ledger.open("postgresql+psycopg:///duban")
    (tmp_path / "services").write_text("[office]\nhost=db.example.test\nsslmode=verify-full\n")
    assert sslmode_of("postgresql+psycopg:///duban") == "verify-full"


def test_a_host_that_is_named_may_be_connected_to_in_plain_text() -> None:
    assert sslmode_of(ELSEWHERE, "DB.example.test") == "prefer"
    with pytest.raises(LedgerError, match=r"other\.example\.test"):
        sslmode_of("postgresql+psycopg://office@/duban?host=db.example.test,other.example.test", "db.example.test")


def test_what_is_refused_holds_no_password() -> None:
    with pytest.raises(LedgerError) as refused:
        Ledger.open(ELSEWHERE)
    assert "planted-password" not in str(refused.value)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_the_certificate_of_a_database_is_really_verified(database_url: str, tmp_path: Path) -> None:
    """Over real TLS, which a pipe takes off before the private server's socket; libpq speaks it from the first byte."""
    ours, strangers = trustme.CA(), trustme.CA()
    ours.cert_pem.write_to_path(tmp_path / "ours.pem")
    strangers.cert_pem.write_to_path(tmp_path / "strangers.pem")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    ours.issue_cert("db.example.test").configure_cert(context)
    context.set_alpn_protocols(["postgresql"])
    parts = urlsplit(database_url)
    [folder] = parse_qs(parts.query)["host"]

    async with tls_pipe(context, f"{folder}/.s.PGSQL.5432") as pipe:

        def url(host: str, trusts: str) -> str:
            options = f"hostaddr=127.0.0.1&sslmode=verify-full&sslrootcert={tmp_path / trusts}&sslnegotiation=direct"
            return f"postgresql+psycopg://postgres@{host}:{pipe.port}{parts.path}?{options}"

        for host, trusts in (("other.example.test", "ours.pem"), ("db.example.test", "strangers.pem")):
            with pytest.raises(LedgerUnavailable):
                await asyncio.to_thread(migrate, url(host, trusts))
            assert pipe.received == 0
        await asyncio.to_thread(migrate, url("db.example.test", "ours.pem"))
        assert pipe.received > 0
    ledger = Ledger.open(database_url)
    assert schema_is_current(ledger.engine)
    ledger.close()
