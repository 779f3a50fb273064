"""Web origins as a browser states them, compared letter by letter: no wildcard, no suffix, no `null`."""

from urllib.parse import urlsplit

_STANDARD_PORTS = {"http": 80, "https": 443}


class OriginError(ValueError):
    """What is given is no origin; the text says which, in Chinese, no full stop."""


def exact_origins(text: str) -> tuple[str, ...]:
    """Reads origins that are separated by commas.

    Raises:
        OriginError: There is none, or one is not exactly `scheme://host[:port]`.
    """
    origins = tuple(dict.fromkeys(_origin(part.strip()) for part in text.split(",") if part.strip()))
    if not origins:
        raise OriginError("没有任何来源")
    return origins


def _origin(stated: str) -> str:
    try:
        parts = urlsplit(stated)
        host, port = parts.hostname, parts.port
    except ValueError:  # a port or an IPv6 address that cannot be read
        raise OriginError(f"“{stated}”不是来源") from None
    if parts.scheme not in _STANDARD_PORTS or not host or "*" in host or not stated.isascii():
        raise OriginError(f"“{stated}”不是来源，应写成 https://主机 或 https://主机:端口，不能用通配符和 null")
    if parts.username is not None or parts.path not in ("", "/") or parts.query or parts.fragment:
        raise OriginError(f"“{stated}”不是来源：主机和端口之后不能再有内容")
    host = f"[{host}]" if ":" in host else host
    # As browsers write it: lower case, and a standard port left out.
    return f"{parts.scheme}://{host}" + ("" if port in (None, _STANDARD_PORTS[parts.scheme]) else f":{port}")
