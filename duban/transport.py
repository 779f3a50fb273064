"""What must be encrypted on its way: everything that leaves this machine, unless its very host is named.

Overruled in words only: `DUBAN_PLAINTEXT_HOSTS` lists hosts exactly as they are addressed, and each one that is used is
warned of once by every process. This machine is what is written as it (127.0.0.0/8, ::1, localhost, a Unix socket): a
name that merely resolves to it today may resolve to another machine tomorrow.
"""

import ipaddress
import logging
import re
from collections.abc import Collection
from functools import cache
from pathlib import Path

SETTING = "DUBAN_PLAINTEXT_HOSTS"

_HOST = re.compile(r"[\w_-]+(\.[\w_-]+)*")
_HOST_AND_PORT = re.compile(r"(?:\[(?P<bracketed>[0-9A-Fa-f:.]+)\]|(?P<plain>[\w_.-]+)):(?P<port>[0-9]{1,5})")
"""Nothing that a URL parser could read otherwise than we do: no user, no path, no percent sign."""

_log = logging.getLogger("duban.transport")


class HostError(ValueError):
    """A list of hosts cannot be used; the text says why, in Chinese."""


def exact_hosts(listed: str) -> tuple[str, ...]:
    """The hosts of a comma-separated list, each as it is compared.

    Raises:
        HostError: An entry is no plain host name or address.
    """
    entries = [entry.strip() for entry in listed.split(",") if entry.strip()]
    for entry in entries:
        if "*" in entry:
            raise HostError("不能用通配符，请逐个写明主机")
        if _address(entry) is None and not _HOST.fullmatch(entry.removesuffix(".")):
            raise HostError("只写主机名或 IP 地址，不带协议、端口和路径")
    return tuple(dict.fromkeys(map(_compared, entries)))


def host_and_port(address: str) -> str | None:
    """The host of `host:port` or `[address]:port`; None where it is not one beyond doubt."""
    read = _HOST_AND_PORT.fullmatch(address)
    if read is None or not 0 < int(read["port"]) < 2**16:
        return None
    return read["bracketed"] or read["plain"]


def is_this_machine(host: str) -> bool:
    """Whether a host, as it is written, can only be this machine. An absolute path is a Unix socket."""
    if host.startswith("@") or Path(host).is_absolute():
        return True
    address = _address(host)
    return address.is_loopback if address is not None else host.casefold() == "localhost"


def refused_in_plain(what: str, host: str, named: Collection[str], remedy: str) -> str | None:
    """Why data may not go to a host unencrypted; None where it may.

    Args:
        what: What is connected to, as the sentence names it (Chinese).
        host: As it is addressed.
        named: Hosts for which the demand is overruled, as `exact_hosts` gives them.
        remedy: How the connection becomes encrypted (Chinese, no full stop).
    """
    if is_this_machine(host):
        return None
    if _compared(host) in named:
        _warn_once(what, host)
        return None
    return (
        f"{what} {host} 不在本机，而连接没有加密或不验证对方的证书，已拒绝连接。请{remedy}。"
        f"如确须明文连接（仅限可信的内部网络），请把 {host} 写入 {SETTING}。"
    )


@cache
def _warn_once(what: str, host: str) -> None:
    _log.warning("%s %s：连接没有加密（由 %s 允许）。", what, host, SETTING)


def _compared(host: str) -> str:
    address = _address(host)
    return str(address) if address is not None else host.casefold().removesuffix(".")


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
