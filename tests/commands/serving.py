"""`starter.py serve` as a process of its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

STARTER = Path(__file__).resolve().parents[2] / "starter.py"
READY_WITHIN_SECONDS = 60


@contextmanager
def serving(home: Path) -> Iterator[subprocess.Popen[str]]:
    """`starter.py serve` until the block ends; then it has drained and ended with exit code 0."""
    log = home.with_suffix(".log")
    with log.open("w") as output:
        server = subprocess.Popen(
            [sys.executable, STARTER, "serve", "--port", "0", "--ui-port", "0"],
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "DUBAN_HOME": str(home)},
        )
        try:
            end = time.monotonic() + READY_WITHIN_SECONDS
            while "正在运行" not in log.read_text() and server.poll() is None and time.monotonic() < end:
                time.sleep(0.1)
            assert "正在运行" in log.read_text(), log.read_text()
            yield server
        finally:
            server.send_signal(signal.SIGTERM)
            code = server.wait(60)
    assert code == 0, log.read_text()
