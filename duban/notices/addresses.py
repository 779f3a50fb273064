"""Which addresses a gateway may have: a name is trusted no further than the addresses behind it.

Whoever can change a name's addresses could otherwise point our signed letters at a machine inside. So a name is
resolved by us at every attempt, every address is looked at, and the connection goes to one that was looked at. A public
address may be used; a private one where its network is listed; some never, because no gateway can be there.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Collection, Sequence

from duban.transport import is_this_machine

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
"""Gives the addresses of a host for a port; raises `OSError` where there are none."""

SETTING = "DUBAN_WEBHOOK_NETWORKS"

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_NEVER: tuple[Network, ...] = tuple(
    map(
        ipaddress.ip_network,
        (
            "0.0.0.0/8", "::/128",  # nobody in particular; connecting there reaches this machine
            "169.254.0.0/16", "fe80::/10",  # this cable only, and where clouds keep a machine's credentials
            "224.0.0.0/4", "ff00::/8", "255.255.255.255",  # everybody
            "100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254",  # the same credentials of other clouds
        ),
    )
)  # fmt: skip
_INSIDE: tuple[Network, ...] = tuple(
    map(
        ipaddress.ip_network,
        # What `is_global` of some Python release lets pass.
        ("192.0.0.0/24", "192.88.99.0/24", "64:ff9b:1::/48", "2001::/23", "3fff::/20", "5f00::/16", "fec0::/10"),
    )
)


class AddressRefused(Exception):
    """A gateway is where no letter may go; the text says why and what to do, in Chinese."""


class NetworkError(ValueError):
    """A list of networks cannot be used; the text says why, in Chinese."""


def networks_of(listed: str) -> tuple[Network, ...]:
    """The networks of a comma-separated list.

    Raises:
        NetworkError: An entry is no network, or one that allows everything.
    """
    networks: list[Network] = []
    for entry in (each.strip() for each in listed.split(",") if each.strip()):
        try:
            network = ipaddress.ip_network(entry)
        except ValueError:
            raise NetworkError("不是网段，或主机位不为零") from None
        if network.prefixlen == 0:
            raise NetworkError("不能允许所有地址，请写明网段")
        networks.append(network)
    return tuple(dict.fromkeys(networks))


async def resolved(host: str, port: int) -> Sequence[str]:
    """What this machine's resolver says."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


async def checked_addresses(
    host: str, port: int, allowed: Collection[Network], resolve: Resolver
) -> tuple[Address, ...]:
    """The addresses of a host, none of which may be refused: one bad address among good ones is an attack or a mistake.

    This machine needs no listing where it is written as such, for it is the person who set the address up that says so;
    then it must be this machine.

    Raises:
        AddressRefused: An address may not be a gateway's.
        OSError: The name cannot be resolved.
    """
    literal = _read(host)
    try:
        named = await resolve(host, port) if literal is None else ()
    except UnicodeError as error:  # a name that no name server could be asked for
        raise OSError("not a host name") from error
    found = (literal,) if literal is not None else tuple(dict.fromkeys(map(ipaddress.ip_address, named)))
    if not found:
        raise OSError("no address")
    for address in found:
        if reason := refusal_of(host, address, allowed):
            raise AddressRefused(reason)
    return found


def refusal_of(host: str, address: Address, allowed: Collection[Network]) -> str | None:
    """Why an address of a host is refused; None where it may be used."""
    meant = _meant(address)
    written = f"{address}" if meant == address else f"{address}（即 {meant}）"
    if is_this_machine(host):
        # Plain text is allowed to it without a word: its name must not lead elsewhere.
        return None if meant.is_loopback else f"网关主机名 {host} 应为本机，却解析为 {written}，请检查本机的域名解析"
    if _within(meant, _NEVER):
        return f"网关地址解析为 {written}，它不可能是网关（本机、链路本地、组播或云平台的内部地址），请核对域名解析"
    if _within(meant, allowed) or (meant.is_global and not _is_inside(meant)):
        return None
    return (
        f"网关地址解析为内部地址 {written}，为防止通知被引向内部系统，未予发送。请核对域名解析；"
        f"如网关确在内部网络，请把它所在的网段写入 {SETTING}"
    )


def literal_refusal(host: str, allowed: Collection[Network]) -> str | None:
    """Why a host that is written as an address is refused; None where it may be used, or is a name."""
    address = _read(host)
    return None if address is None else refusal_of(host, address, allowed)


def _is_inside(address: Address) -> bool:
    return address.is_private or address.is_reserved or address.is_loopback or _within(address, _INSIDE)


def _within(address: Address, networks: Collection[Network]) -> bool:
    return any(address in network for network in networks)


def _meant(address: Address) -> Address:
    """The address that is really reached: some of version 6 are only a wrapping of one of version 4."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(address.packed[-4:])
    return address.ipv4_mapped or address.sixtofour or address


def _read(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
