"""TLS in front of a server that has none: demands a client's certificate, and reads along what the client sends.

What arrives is forwarded byte by byte; beside that the frames are read by an HTTP/2 library, for the headers.
"""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import RequestReceived
from h2.exceptions import ProtocolError

CHUNK = 64 * 1024


@dataclass
class Pipe:
    """What came through.

    Attributes:
        connections: Connections whose handshake succeeded.
        received: Bytes that clients sent inside TLS.
        headers: Of every request, by lower-case name.
    """

    port: int = 0
    connections: int = 0
    received: int = 0
    headers: list[dict[str, str]] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"localhost:{self.port}"

    def sent(self, header: str) -> set[str | None]:
        """What requests had as this header."""
        return {each.get(header) for each in self.headers}


@asynccontextmanager
async def tls_pipe(context: ssl.SSLContext | None, target: str) -> AsyncIterator[Pipe]:
    """A pipe to `target` (host:port, or the path of a Unix socket); without a context it is plain."""
    pipe = Pipe()
    running: set[asyncio.Task[None]] = set()

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        pipe.connections += 1
        to_reader, to_writer = await _connected(target)
        frames = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
        frames.initiate_connection()

        def read_along(data: bytes) -> None:
            pipe.received += len(data)
            with contextlib.suppress(ProtocolError):  # it does not hear what the server says; and not all is HTTP/2
                for event in frames.receive_data(data):
                    if isinstance(event, RequestReceived):
                        pipe.headers.append({str(name): str(value) for name, value in event.headers})

        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(_forward(reader, to_writer, read_along))
                both.create_task(_forward(to_reader, writer, None))
        finally:
            writer.close()
            to_writer.close()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        running.add(task)
        with contextlib.suppress(OSError, asyncio.CancelledError, ExceptionGroup):
            await carry(reader, writer)
        running.discard(task)

    server = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=context)
    pipe.port = server.sockets[0].getsockname()[1]
    try:
        yield pipe
    finally:
        server.close()
        for task in list(running):
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def _connected(target: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    if Path(target).is_absolute():
        return await asyncio.open_unix_connection(target)
    host, _, port = target.rpartition(":")
    return await asyncio.open_connection(host, int(port))


async def _forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, read_along: object) -> None:
    while data := await reader.read(CHUNK):
        if callable(read_along):
            read_along(data)
        writer.write(data)
        await writer.drain()
    writer.close()
