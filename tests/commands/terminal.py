"""A terminal with a person at it: a command in a process of its own, on a pseudo-terminal."""

import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

STARTER = Path(__file__).resolve().parents[2] / "starter.py"
AT_MOST_SECONDS = 60
CONTROL = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]|\r")


class Terminal:
    """What a command shows, and what is typed.

    Attributes:
        shown: Everything so far.
    """

    def __init__(self, process: "subprocess.Popen[bytes]", master: int) -> None:
        self._process, self._master = process, master
        self._bytes = b""
        self._seen = 0

    @property
    def shown(self) -> str:
        return CONTROL.sub("", self._bytes.decode(errors="ignore"))

    def sees(self, words: str) -> None:
        """Wait until these words come after those that were waited for before."""
        end = time.monotonic() + AT_MOST_SECONDS
        while (found := self.shown.find(words, self._seen)) < 0:
            assert time.monotonic() < end, f"no “{words}” after:\n{self.shown}"
            if not self._read():
                assert words in self.shown[self._seen :], f"ended without “{words}”:\n{self.shown}"
        self._seen = found + len(words)

    def types(self, line: str) -> None:
        os.write(self._master, f"{line}\n".encode())

    def ends(self) -> int:
        """Read to the end; the exit code."""
        end = time.monotonic() + AT_MOST_SECONDS
        while self._read():
            assert time.monotonic() < end, self.shown
        return self._process.wait(AT_MOST_SECONDS)

    def _read(self) -> bool:
        """Whether more may come."""
        ready, _, _ = select.select([self._master], [], [], 1)
        if not ready:
            return self._process.poll() is None
        some = b""
        with suppress(OSError):  # the other end is closed
            some = os.read(self._master, 65_536)
        self._bytes += some
        return bool(some)


@contextmanager
def at_a_terminal(*arguments: object, env: Mapping[str, str] | None = None) -> Iterator[Terminal]:
    """`starter.py` with these arguments, at a terminal."""
    master, slave = pty.openpty()
    command = [sys.executable, str(STARTER), *map(str, arguments)]
    process = subprocess.Popen(
        command, stdin=slave, stdout=slave, stderr=slave, env={**os.environ, **(env or {})}, start_new_session=True
    )
    os.close(slave)
    try:
        yield Terminal(process, master)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        os.close(master)
