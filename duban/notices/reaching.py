"""Whether a gateway can be reached as a letter would reach it, without sending one.

The name is resolved, every address is looked at, a connection is made to one, and over TLS the certificate must be the
name's. Not a byte of HTTP is said, so no gateway counts it as a message.
"""

import asyncio
import ssl
from collections.abc import Collection
from datetime import UTC, datetime
from urllib.parse import urlsplit

from duban.notices.addresses import Address, AddressRefused, Network, Resolver, checked_addresses, resolved
from duban.notices.channel import ChannelError
from duban.supervision.model import Frozen

PORTS = {"http": 80, "https": 443}
CONNECTED_WITHIN_SECONDS = 10.0


class Reached(Frozen):
    """A gateway that takes connections.

    Attributes:
        host: Its name, without the rest of the URL, which may hold a token.
        address: The one that answered.
        certificate_until: When its certificate ends; None without TLS.
    """

    host: str
    address: str
    certificate_until: datetime | None = None


def origin_of(url: str) -> str:
    """The door of a gateway: scheme, host and port, without what may be secret in its address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


async def reach(
    url: str, *, networks: Collection[Network] = (), trusted: ssl.SSLContext | None = None, resolve: Resolver = resolved
) -> Reached:
    """Connects to a gateway and hangs up.

    Args:
        url: Of the gateway; may hold a token, which is not used.
        networks: Networks inside in which it may be.
        trusted: Who may vouch for it, where the URL is `https://`.
        resolve: Gives the addresses of a name.

    Raises:
        ChannelError: It cannot be reached; the text says why and what to do, and holds no token.
    """
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or PORTS.get(parts.scheme, 0)
    try:
        addresses = await checked_addresses(host, port, networks, resolve)
    except AddressRefused as refusal:
        raise ChannelError(f"{refusal}。") from None
    except OSError as error:
        raise ChannelError(f"无法解析网关的主机名 {host}：请核对网关地址和本机的域名解析。") from error
    context = trusted if parts.scheme == "https" else None
    failed: ChannelError | None = None
    for address in addresses:
        try:
            async with asyncio.timeout(CONNECTED_WITHIN_SECONDS / len(addresses)):
                return await _connected(host, address, port, context)
        except ssl.SSLCertVerificationError as error:
            raise ChannelError(
                f"网关 {host} 的证书未通过验证（{error.verify_message}）："
                "请更换证书，或在本机信任其签发机构（SSL_CERT_FILE）。"
            ) from error
        except ssl.SSLError:
            failed = ChannelError(f"与网关 {host} 的加密连接失败：请核对网关地址应为 https:// 还是 http://。")
        except (OSError, TimeoutError):
            failed = ChannelError(
                f"无法连接网关 {host}（{address} 端口 {port}）：请检查网关是否在运行、防火墙是否放行。"
            )
    raise failed or ChannelError(f"网关 {host} 没有地址。")


async def _connected(host: str, address: Address, port: int, trusted: ssl.SSLContext | None) -> Reached:
    _, writer = await asyncio.open_connection(
        str(address), port, ssl=trusted, server_hostname=host if trusted is not None else None
    )
    try:
        shown = writer.get_extra_info("peercert") if trusted is not None else None
    finally:
        writer.close()
    until = ssl.cert_time_to_seconds(shown["notAfter"]) if shown and "notAfter" in shown else None
    return Reached(
        host=host,
        address=str(address),
        certificate_until=datetime.fromtimestamp(until, UTC) if until is not None else None,
    )
