"""A private PostgreSQL on a Unix socket in a folder of its own: one for a session, or one to be killed."""

import os
import pwd
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

USER = "postgres"
DEBIAN = "usr/lib/postgresql/*/bin/pg_ctl"
"""Under the root: Debian keeps these programs off PATH, a folder for each version."""


DEFAULT_PORT = 5432
"""Of a server that listens on no port, the end of its socket's name."""


STARTED_WITHIN_SECONDS = 120


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
    with own_postgres("-c fsync=off -c synchronous_commit=off -c full_page_writes=off") as postgres:
        yield postgres.url("postgres")


@contextmanager
def own_postgres(options: str = "", *, port: int | None = None) -> Iterator["Postgres"]:
    """Starts one that can be stopped, killed and started again; with its durability on, unless options say otherwise.

    Args:
        port: Where it listens on the loopback address as well; on its socket only unless given.

    Raises:
        NoPostgres: There are no programs, or they cannot be run by this user.
    """
    programs, as_whom = _programs(), _as_whom()
    # Straight under the system's temporary folder: the name of a socket is 107 bytes at most.
    folder = Path(tempfile.mkdtemp(prefix="duban-pg-"))
    try:
        if as_whom:
            shutil.chown(folder, USER)
        command: list[str | Path] = [programs / "initdb", "-D", folder / "data", "-U", USER, "-A", "trust"]
        _run([*command, "-E", "UTF8", "--no-sync"], folder, as_whom)
        postgres = Postgres(programs, folder, as_whom, options, port)
        postgres.start()
        try:
            yield postgres
        finally:
            postgres.resume()
            postgres.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Postgres:
    """A server of our own, and the ways in which it can be away."""

    def __init__(
        self, programs: Path, folder: Path, as_whom: dict[str, Any], options: str, port: int | None = None
    ) -> None:
        self._programs, self._folder, self._as_whom = programs, folder, as_whom
        self.port = port or DEFAULT_PORT
        listens = f"-c listen_addresses='{'127.0.0.1' if port else ''}' -c port={self.port}"
        self._options = f"-k {folder} {listens} -c max_connections=200 -c timezone=UTC {options}"
        self._frozen: list[int] = []
        self._child: subprocess.Popen[bytes] | None = None

    def url(self, database: str) -> str:
        """The SQLAlchemy URL of a database."""
        return f"postgresql+psycopg://{USER}@/{database}?host={quote(str(self._folder), safe='')}&port={self.port}"

    def start(self) -> None:
        """Start it as our own child, and wait until it takes connections."""
        with (self._folder / "log").open("ab") as log:
            self._child = subprocess.Popen(
                [self._programs / "postgres", "-D", self._folder / "data", *shlex.split(self._options)],
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # a Ctrl-C is for the suite, which then stops it
                **self._as_whom,
            )
        given_up = time.monotonic() + STARTED_WITHIN_SECONDS
        while not self._answers():
            if self._child.poll() is not None or time.monotonic() > given_up:
                raise RuntimeError(f"postgres: {(self._folder / 'log').read_text(errors='replace')[-2000:]}")
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop it at once, without a checkpoint; whatever it was doing is undone when it starts again."""
        if self._child is not None:
            self._child.send_signal(signal.SIGQUIT)
            self._child.wait()

    def kill(self) -> None:
        """SIGKILL for all of it."""
        self.freeze()  # so that it makes no further process meanwhile
        killed, self._frozen = self._frozen, []
        for process in killed:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        if self._child is not None:
            self._child.wait()

    def freeze(self) -> None:
        """SIGSTOP for all of it: connections stay, and nobody answers."""
        self._frozen = self._processes()
        for process in self._frozen:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT after `freeze`."""
        frozen, self._frozen = self._frozen, []
        for process in frozen:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGCONT)

    def _processes(self) -> list[int]:
        """The server, stopped first lest it make another, and what it has made."""
        if self._child is None or self._child.poll() is not None:
            return []
        self._child.send_signal(signal.SIGSTOP)
        told = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(self._child.pid)], capture_output=True, text=True, check=False
        )
        return [self._child.pid, *map(int, told.stdout.split())]

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url("postgres").replace("+psycopg", ""), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True


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
