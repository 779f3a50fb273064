"""A frontend of Temporal that answers as a test says, over real HTTP/2 and gRPC framing.

For what no server at hand can show: an old release, an administrator who lets nobody do anything.
"""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from google.protobuf.message import Message
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, RequestReceived, StreamEnded
from temporalio.service import RPCStatusCode


class Frontend:
    """Answers by the name of the method; whatever it does not know is not implemented.

    Attributes:
        asked: Every method that was called, in order.
    """

    def __init__(self, answers: dict[str, Message | RPCStatusCode]) -> None:
        self.answers, self.asked, self.address = answers, list[str](), ""
        self._open: list[asyncio.StreamWriter] = []

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.append(writer)
        connection = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
        connection.initiate_connection()
        writer.write(connection.data_to_send())
        paths: dict[int, str] = {}
        while data := await reader.read(65_536):
            for event in connection.receive_data(data):
                match event:
                    case RequestReceived():
                        headers: dict[Any, Any] = dict(event.headers or ())
                        paths[event.stream_id or 0] = str(headers[":path"])
                    case DataReceived():
                        connection.acknowledge_received_data(event.flow_controlled_length or 0, event.stream_id or 0)
                    case StreamEnded():
                        self._answer(connection, event.stream_id or 0, paths.pop(event.stream_id or 0))
                    case _:
                        pass
            writer.write(connection.data_to_send())
        writer.close()

    def close(self) -> None:
        """Hang up on everybody."""
        for writer in self._open:
            writer.close()

    def _answer(self, connection: H2Connection, stream: int, path: str) -> None:
        method = path.rpartition("/")[2]
        self.asked.append(method)
        answer = self.answers.get(method, RPCStatusCode.UNIMPLEMENTED)
        kind = [(":status", "200"), ("content-type", "application/grpc")]
        if isinstance(answer, RPCStatusCode):
            words = [("grpc-status", str(answer.value)), ("grpc-message", "as the test says")]
            connection.send_headers(stream, [*kind, *words], end_stream=True)
            return
        body = answer.SerializeToString()
        connection.send_headers(stream, kind)
        connection.send_data(stream, struct.pack(">BI", 0, len(body)) + body)
        connection.send_headers(stream, [("grpc-status", "0")], end_stream=True)


@asynccontextmanager
async def frontend(**answers: Message | RPCStatusCode) -> AsyncIterator[Frontend]:
    """A frontend on a free port of this machine."""
    made = Frontend(answers)
    server = await asyncio.start_server(made._serve, "127.0.0.1", 0)
    made.address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield made
    finally:
        server.close()
        made.close()
        await asyncio.sleep(0)  # lets each connection see its end
