"""Serves the codec endpoint: beyond the loopback address under TLS only, and until it is told to stop."""

import asyncio
import signal
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from duban.encryption.endpoint import CodecEndpoint
from duban.encryption.errors import EndpointError
from duban.encryption.keys import KeyRing
from duban.encryption.origins import exact_origins
from duban.settings import Settings
from duban.transport import is_this_machine

CONNECTIONS = 256
LARGEST_HEAD = 16 * 1024
DRAINED_WITHIN_SECONDS = 5


@dataclass(frozen=True)
class TlsFiles:
    """A certificate chain and its private key, both PEM."""

    certificate: Path
    key: Path


async def serve_codec(settings: Settings, host: str, port: int, *, ready: Callable[[str], None]) -> None:
    """Serves until SIGTERM or SIGINT, then finishes what was begun.

    Args:
        settings: Keys, token, origins and TLS files.
        host: Address to listen on.
        port: Port; 0 for any that is free.
        ready: Told the URL when it listens.

    Raises:
        EndpointError: Keys or token are missing, TLS is missing off loopback or unusable, or the address is taken.
    """
    if settings.payload_keys is None:
        raise EndpointError("没有设置 DUBAN_PAYLOAD_KEYS，没有可用的密钥。可用 starter.py codec new-key 生成。")
    if settings.codec_token is None:
        raise EndpointError("没有设置 DUBAN_CODEC_TOKEN（访问口令）。可用 starter.py codec new-token 生成。")
    tls = _tls_files(settings)
    if tls is None and not is_this_machine(host):
        raise EndpointError(
            f"{host} 不是本机回环地址，解密服务必须使用 TLS。"
            "请设置 DUBAN_CODEC_TLS_CERTIFICATE 和 DUBAN_CODEC_TLS_KEY，或改用 --host 127.0.0.1。"
        )
    ring = KeyRing.parse(settings.payload_keys.get_secret_value())
    endpoint = CodecEndpoint(ring, settings.codec_token, exact_origins(settings.codec_origins), tls=tls is not None)
    with _listening(host, port) as listener:
        server = uvicorn.Server(_config(endpoint, tls))
        bound: tuple[str, int] = listener.getsockname()[:2]
        name = f"[{bound[0]}]" if ":" in bound[0] else bound[0]

        def stop() -> None:
            server.should_exit = True

        # For a signal that comes before uvicorn has put its own handlers over these; when it has stopped, it raises
        # the signal once more for them.
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop)
        ready(f"{'https' if tls else 'http'}://{name}:{bound[1]}")
        await server.serve(sockets=[listener])


def _config(endpoint: CodecEndpoint, tls: TlsFiles | None) -> uvicorn.Config:
    try:
        config = uvicorn.Config(
            endpoint.app,
            http="h11",
            ws="none",
            lifespan="off",
            loop="asyncio",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,  # nobody stands in front of it whose word on the caller's address we would take
            limit_concurrency=CONNECTIONS,
            h11_max_incomplete_event_size=LARGEST_HEAD,
            timeout_graceful_shutdown=DRAINED_WITHIN_SECONDS,
            ssl_certfile=tls.certificate if tls else None,
            ssl_keyfile=tls.key if tls else None,
            ssl_keyfile_password="" if tls else None,  # one that is locked fails, and asks nobody on the terminal
        )
        config.load()
    except (OSError, ssl.SSLError) as error:
        raise EndpointError(
            f"TLS 证书或私钥无法使用（{error.strerror or type(error).__name__}）。"
            "请检查 DUBAN_CODEC_TLS_CERTIFICATE 和 DUBAN_CODEC_TLS_KEY：PEM 格式、相互匹配、可读、私钥不带口令。"
        ) from None
    return config


def _tls_files(settings: Settings) -> TlsFiles | None:
    match settings.codec_tls_certificate, settings.codec_tls_key:
        case None, None:
            return None
        case Path() as certificate, Path() as key:
            return TlsFiles(certificate, key)
        case _:
            raise EndpointError("DUBAN_CODEC_TLS_CERTIFICATE 和 DUBAN_CODEC_TLS_KEY 必须同时设置。")


def _listening(host: str, port: int) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address[:2], family=family)
    except (OSError, OverflowError) as error:
        reason = error.strerror if isinstance(error, OSError) else "端口不存在"
        raise EndpointError(f"无法在 {host}:{port} 监听（{reason}）。请换一个 --port，或核对 --host。") from None
