"""A gateway that lies for nobody: a process of its own that keeps what it is sent, and answers as it is told.

    python -m tests.faults.gateway LOG SECRET

Speaks Standard Webhooks and checks every signature with the library. Each request is on disk (fsync) before it is
answered, so that the log holds whatever the sender may have had an answer to, whoever is killed when.

What it is told comes as JSON to `/control`; a `Cut` is how the sender is killed between the answer and what the sender
makes of it: stopped first, answered while it stands still, and then killed, so that the order is certain.
"""

import json
import os
import signal
import sys
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict
from standardwebhooks import Webhook, WebhookVerificationError

CONTROL = "/control"
LONGEST_QUEUE = 1024
"""Connections that may wait: a storm is to be counted here, not turned away by the system."""


class Cut(BaseModel):
    """The sender dies at its next delivery.

    Attributes:
        pid: Whom to kill.
        lives_on: Seconds that it goes on after the answer; None kills it before it can read a byte of it.
        answers: Whether it is answered at all before.
    """

    model_config = ConfigDict(frozen=True)

    pid: int
    lives_on: float | None = None
    answers: bool = True


class Orders(BaseModel):
    """How it answers from now on.

    Attributes:
        status: Of every answer.
        takes: Seconds that an answer takes.
        cut: Once; gone when it has been carried out.
    """

    model_config = ConfigDict(frozen=True)

    status: int = 200
    takes: float = 0.0
    cut: Cut | None = None


class Seen(BaseModel):
    """A delivery as the gateway saw it.

    Attributes:
        webhook_id: The header.
        signed: Whether the signature holds.
        status: What it was answered; None where the sender was killed instead.
        in_flight: Deliveries that were being answered at that moment, this one included.
        cut: The sender was killed at this one.
        body: As sent.
    """

    model_config = ConfigDict(frozen=True)

    at: datetime
    webhook_id: str
    signed: bool
    status: int | None
    in_flight: int
    cut: bool
    body: dict[str, Any]


class Gateway:
    """What it was told and what it keeps."""

    def __init__(self, log: Path, secret: str) -> None:
        self._webhook = Webhook(secret)
        self._log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        self._lock = threading.Lock()
        self._in_flight = 0
        self.orders = Orders()

    def take(self, headers: dict[str, str], body: bytes) -> Orders:
        """Keep a delivery for good; returns how it is to be answered."""
        signed = self._holds(headers, body)
        with self._lock:
            orders = self.orders if signed else Orders(status=401)
            if orders.cut is not None:
                self.orders = self.orders.model_copy(update={"cut": None})
            self._in_flight += 1
            self._keep(
                Seen(
                    at=datetime.now(UTC),
                    webhook_id=headers.get("webhook-id", ""),
                    signed=signed,
                    status=orders.status if orders.cut is None or orders.cut.answers else None,
                    in_flight=self._in_flight,
                    cut=orders.cut is not None,
                    body=json.loads(body),
                )
            )
        return orders

    def done(self) -> None:
        """A delivery has been answered."""
        with self._lock:
            self._in_flight -= 1

    def _keep(self, seen: Seen) -> None:
        os.write(self._log, f"{seen.model_dump_json()}\n".encode())
        os.fsync(self._log)

    def _holds(self, headers: dict[str, str], body: bytes) -> bool:
        try:
            self._webhook.verify(body.decode(), headers)
        except WebhookVerificationError:
            return False
        return True


def serve(log: Path, secret: str) -> None:
    """Listen on a free port, say which on stdout, and go on until stdin ends."""
    gateway = Gateway(log, secret)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.path == CONTROL:
                gateway.orders = Orders.model_validate_json(body)
                self._answer(200)
                return
            orders = gateway.take({name.lower(): value for name, value in self.headers.items()}, body)
            try:
                time.sleep(orders.takes)
                self._obey(orders)
            finally:
                gateway.done()

        def _obey(self, orders: Orders) -> None:
            cut = orders.cut
            if cut is None:
                self._answer(orders.status)
                return
            os.kill(cut.pid, signal.SIGSTOP)
            if cut.answers:
                self._answer(orders.status)
            if cut.lives_on is not None:
                os.kill(cut.pid, signal.SIGCONT)
                time.sleep(cut.lives_on)
            os.kill(cut.pid, signal.SIGKILL)
            self.close_connection = True

        def _answer(self, status: int) -> None:
            with suppress(OSError):  # the sender has gone
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()
                self.wfile.flush()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that the base class gives it
            """Says nothing: the log is the file."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = LONGEST_QUEUE

    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=_end_with_the_suite, daemon=True).start()
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    server.serve_forever()


def _end_with_the_suite() -> None:
    """Nothing comes on stdin but its end, when whoever started this is no more."""
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    serve(Path(sys.argv[1]), sys.argv[2])
