"""The codec endpoint as a process of its own, as `starter.py codec serve` runs it."""

import hashlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from duban.encryption.keys import PayloadKey

STARTER = Path(__file__).resolve().parents[2] / "starter.py"
UI = "http://127.0.0.1:8233"
TOKEN = "kept-in-a-file-and-typed-by-nobody-0"
KEY, OLD_KEY = PayloadKey.new(date(2026, 3, 2)), PayloadKey.new(date(2025, 3, 2))
READY_WITHIN_SECONDS = 30


@dataclass(frozen=True)
class Endpoint:
    """One that runs.

    Attributes:
        url: Where it listens.
        log: What it wrote, stdout and stderr.
    """

    url: str
    log: Path


@contextmanager
def endpoint_running(folder: Path, *arguments: str, **environment: str) -> Iterator[Endpoint]:
    """`starter.py codec serve` until the block ends; then it has ended with exit code 0."""
    log = folder / "codec.log"
    variables = {
        "DUBAN_PAYLOAD_KEYS": f"{KEY.line},{OLD_KEY.line}",
        "DUBAN_CODEC_TOKEN": TOKEN,
        "DUBAN_CODEC_ORIGINS": UI,
        **environment,
    }
    with log.open("w") as output:
        serving = subprocess.Popen(
            [sys.executable, "-u", STARTER, "codec", "serve", "--port", "0", *arguments],
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **variables},
        )
    try:
        end = time.monotonic() + READY_WITHIN_SECONDS
        while "startup complete" not in log.read_text() and not re.search(r"：(https?://\S+)", log.read_text()):
            assert serving.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.05)
        found = re.search(r"：(https?://\S+)", log.read_text())
        assert found, log.read_text()
        yield Endpoint(found[1], log)
    finally:
        serving.send_signal(signal.SIGTERM)
        code = serving.wait(30)
    assert code == 0, log.read_text()


@pytest.fixture
def plan_code(request: pytest.FixtureRequest) -> str:
    """A plan's code of the test's own; the same at every run."""
    return f"E{hashlib.sha256(request.node.nodeid.encode()).hexdigest()[:8]}"
