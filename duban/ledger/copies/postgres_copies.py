"""The ledger on PostgreSQL: dumped beside its users, and put back in one transaction or not at all."""

import subprocess
import tempfile
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import IO

from sqlalchemy import text

from duban.ledger.database.engine import engine, reading
from duban.ledger.database.postgres_programs import Access, access, program
from duban.ledger.errors import LedgerConflict, LedgerError

SCHEMA = "public"
CHUNK = 1 << 20
SAID_AT_MOST = 600

BEFORE = b"CREATE SCHEMA IF NOT EXISTS public;\n"
MOVE_ASIDE = b'ALTER SCHEMA public RENAME TO :"aside";\nCREATE SCHEMA public;\n'
# The same as `perhaps_sent` marks elsewhere, within the transaction that restores.
AFTER = b"""
UPDATE public.notices SET perhaps_sent_since = now() WHERE status = 'pending' AND deliver_not_before_real <= now();
UPDATE public.deliveries SET uncertain = true WHERE status IN ('sending', 'waiting', 'undeliverable');
"""


def dump(url: str, target: Path, plaintext_hosts: Collection[str]) -> None:
    """Write the database as it stands at one moment into a file of PostgreSQL's own format.

    Raises:
        LedgerError: There is no ``pg_dump``, or it did not succeed.
    """
    pg_dump = program("pg_dump")
    with access(url, plaintext_hosts) as door:
        _run(
            [
                pg_dump,
                "--format=custom",
                "--no-owner",
                "--no-privileges",
                f"--file={target}",
                f"--dbname={door.dbname}",
            ],
            door,
            "备份",
        )


def check_dump(file: Path) -> None:
    """See whether a file is a dump.

    Raises:
        LedgerError: It is not, or there is no ``pg_restore``.
    """
    listed = subprocess.run(  # noqa: S603 - a program of PostgreSQL, without a shell
        [program("pg_restore"), "--list", file], stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    if listed.returncode != 0:
        raise LedgerError(f"{file.name} 不是 PostgreSQL 的备份，或由更新版本的 pg_dump 写成：请安装更新的客户端程序")


def tables_in(url: str, plaintext_hosts: Collection[str]) -> int:
    """How many tables the database has where the ledger's would be."""
    own = engine(url, connections=1, plaintext_hosts=plaintext_hosts)
    try:
        with reading(own) as connection:
            query = text("SELECT count(*) FROM pg_tables WHERE schemaname = :schema")
            return int(connection.scalar(query, {"schema": SCHEMA}) or 0)
    finally:
        own.dispose()


def refuse_users(url: str, plaintext_hosts: Collection[str]) -> None:
    """See that nobody else is connected.

    Raises:
        LedgerConflict: Somebody is.
    """
    own = engine(url, connections=1, plaintext_hosts=plaintext_hosts)
    try:
        with reading(own) as connection:
            others = connection.scalar(
                text(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                    " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
                )
            )
    finally:
        own.dispose()
    if others:
        raise LedgerConflict(f"台账数据库还有 {others} 个连接：请先停止 serve 和所有 worker.py，再恢复")


def load(url: str, source: Path, plaintext_hosts: Collection[str], *, aside: str | None) -> None:
    """Put a dump into the database: all of it, with the marks of a restore, or nothing.

    Args:
        aside: The name under which the tables that are there are kept (a schema); None where there are none.

    Raises:
        LedgerError: It did not succeed; nothing has changed.
    """
    pg_restore, psql = program("pg_restore"), program("psql")
    settings = ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"--set=aside={aside or ''}"]
    with access(url, plaintext_hosts) as door, tempfile.TemporaryFile() as said:
        script = subprocess.Popen(  # noqa: S603 - as above
            # Only what lies in the schema: the schema itself is there.
            [pg_restore, "--no-owner", "--no-privileges", f"--schema={SCHEMA}", "--file=-", source],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=said,
        )
        writer = subprocess.Popen(  # noqa: S603 - as above
            [psql, *settings, "--single-transaction", "--file=-", f"--dbname={door.dbname}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=said,
            env=door.environment,
        )
        whole = _feed(script, writer, MOVE_ASIDE if aside else BEFORE)
        if not whole or writer.wait() != 0:
            raise LedgerError(f"台账没有恢复，数据库没有改动。{_last_words(said)}")


def _feed(script: subprocess.Popen[bytes], writer: subprocess.Popen[bytes], before: bytes) -> bool:
    """Hand the script on; where it does not come to its end the writer is killed, and with it the transaction.

    At the end of its input the writer commits: it must not see one that is not the end of the script.
    """
    if script.stdout is None or writer.stdin is None:
        raise RuntimeError("both were started with pipes")
    whole = False
    try:
        writer.stdin.write(before)
        while chunk := script.stdout.read(CHUNK):
            writer.stdin.write(chunk)
        if script.wait() == 0:
            writer.stdin.write(AFTER)
            writer.stdin.flush()
            whole = True
    except BrokenPipeError:
        writer.wait()  # it has met with an error, and said which
    finally:
        if not whole:
            writer.kill()
            script.kill()
        script.stdout.close()
        with suppress(BrokenPipeError):
            writer.stdin.close()
        script.wait()
        writer.wait()
    return whole


def _run(command: list[str | Path], door: Access, what: str) -> None:
    finished = subprocess.run(  # noqa: S603 - as above
        command, stdin=subprocess.DEVNULL, capture_output=True, env=dict(door.environment), check=False
    )
    if finished.returncode != 0:
        said = finished.stderr.decode(errors="replace").strip()[-SAID_AT_MOST:]
        raise LedgerError(f"台账没有{what}：{said}")


def _last_words(said: IO[bytes]) -> str:
    said.seek(0)
    return said.read().decode(errors="replace").strip()[-SAID_AT_MOST:]
