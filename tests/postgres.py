"""A private PostgreSQL for one test session, on a Unix socket in a folder of its own."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

USER = "postgres"
DEBIAN = "usr/lib/postgresql/*/bin/pg_ctl"
"""Under the root: Debian keeps these programs off PATH, a folder for each version."""


class NoPostgres(Exception):
    """This machine has none that can be started; the text says what is missing (Chinese)."""


@contextmanager
def private_postgres() -> Iterator[str]:
    """Starts one with nothing in it and stops it afterwards.

    Durability is off: what is in it lives as long as the session.

    Yields:
        The SQLAlchemy URL of its maintenance database, `postgres`.

    Raises:
        NoPostgres: There are no programs, or they cannot be run by this user.
    """
    programs = _programs()
    as_whom = _as_whom()
    # Straight under the system's temporary folder: the name of a socket is 107 bytes at most.
    folder = Path(tempfile.mkdtemp(prefix="duban-pg-"))
    try:
        if as_whom:
            shutil.chown(folder, USER)
        data = folder / "data"
        _run([programs / "initdb", "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "--no-sync"], folder, as_whom)
        options = (
            f"-k {folder} -c listen_addresses='' -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
            " -c max_connections=200 -c timezone=UTC"
        )
        control: list[str | Path] = [programs / "pg_ctl", "-D", data, "-w"]
        _run([*control, "-l", folder / "log", "-o", options, "start"], folder, as_whom)
        try:
            yield f"postgresql+psycopg://{USER}@/postgres?host={quote(str(folder), safe='')}"
        finally:
            _run([*control, "-m", "immediate", "stop"], folder, as_whom)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path:
    on_path = [Path(found).resolve() for found in [shutil.which("pg_ctl")] if found]
    debian = sorted(Path("/").glob(DEBIAN), key=lambda path: int(path.parts[-3]), reverse=True)
    for found in [*debian, *on_path]:
        if (found.parent / "initdb").exists():
            return found.parent
    raise NoPostgres("找不到 PostgreSQL 的 initdb 和 pg_ctl。Debian、Ubuntu 请运行：apt-get install postgresql")


def _as_whom() -> dict[str, Any]:
    """How a child becomes a user that initdb accepts: it refuses root."""
    if os.geteuid() != 0:
        return {}
    try:
        entry = pwd.getpwnam(USER)
    except KeyError:
        raise NoPostgres(f"以 root 运行，而系统中没有用户 {USER}（PostgreSQL 拒绝以 root 启动）") from None
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _run(command: list[str | Path], folder: Path, as_whom: dict[str, Any]) -> None:
    # Output into a file: the server inherits it, and a pipe would stay open for as long as the server runs.
    said = folder.with_name(f"{folder.name}.out")
    try:
        with said.open("wb") as out:
            finished = subprocess.run(
                command,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                timeout=120,
                check=False,
                **as_whom,
            )
        if finished.returncode != 0:
            raise RuntimeError(f"{Path(command[0]).name}: {said.read_text(errors='replace')}")
    finally:
        said.unlink(missing_ok=True)
