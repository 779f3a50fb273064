"""A gateway for tests: a real HTTP server in a thread that answers as it is told and remembers what it was sent."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar

T = TypeVar("T")

Talk = Callable[[socket.socket], None]
"""Answers over the bare socket, for answers that no decent server gives."""


@dataclass(frozen=True)
class Received:
    """A request as it arrived."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Gateway:
    """What it answers, and what it got."""

    port: int = 0
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    answer: bytes = b""
    talk: Talk | None = None
    received: list[Received] = field(default_factory=list)
    connections: int = 0
    names: list[str | None] = field(default_factory=list)
    """Which name each TLS connection asked for."""
    closing: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        """Where it listens; the path holds what must never be seen in a log."""
        return f"http://127.0.0.1:{self.port}/hook?token=SECRET-TOKEN"

    def drip(self, start: bytes, piece: bytes) -> Talk:
        """Says `start`, then a piece every 50 milliseconds until the test is over."""

        def talk(connection: socket.socket) -> None:
            connection.sendall(start)
            while not self.closing.wait(0.05):
                connection.sendall(piece)

        return talk


@contextmanager
def running_gateway(context: ssl.SSLContext | None = None, *, port: int = 0) -> Iterator[Gateway]:
    """A gateway that listens on a port, its own unless given; over TLS where it has a context for that."""
    gateway = Gateway()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            gateway.received.append(Received(self.path, dict(self.headers), body))
            if gateway.talk is not None:
                self.close_connection = True
                _quietly(gateway.talk, self.connection)
                return
            self.send_response(gateway.status)
            for name, value in gateway.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(gateway.answer)))
            self.end_headers()
            _quietly(self.wfile.write, gateway.answer)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that the base class gives it
            """Says nothing."""

    open_ones: list[socket.socket] = []

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def process_request(self, request: Any, client_address: Any) -> None:
            gateway.connections += 1
            open_ones.append(request)
            super().process_request(request, client_address)

        def handle_error(self, request: Any, client_address: Any) -> None:
            """Says nothing: that a client breaks off is what some tests want."""

    server = Server(("127.0.0.1", port), Handler)
    if context is not None:
        context.sni_callback = lambda _socket, name, _context: gateway.names.append(name)
        # The handshake is the handler's: one that never comes must not hold up the next connection.
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    gateway.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield gateway
    finally:
        gateway.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()
        # A gateway that is gone answers no more, not on connections that were kept either.
        for connection in open_ones:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def silence(seconds: float) -> Talk:
    """Says nothing for a while."""
    return lambda _connection: time.sleep(seconds)


def _quietly(do: Callable[[T], object], what: T) -> None:
    try:
        do(what)
    except OSError:  # the client has gone, as the test wanted
        return
