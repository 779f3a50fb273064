"""Texts compressed for the wire and for the ledger: each of thousands of tasks carries them.

Not for what is compared by its bytes: the same text may be compressed differently elsewhere.
"""

import base64
import zlib

PACKED = "zlib:"


def packed(text: str) -> str:
    """A text compressed to a third, as text."""
    return PACKED + base64.b64encode(zlib.compress(text.encode(), level=9)).decode()


def unpacked(text: str, *, most_bytes: int) -> str:
    """The text of a packed one; one that is not packed is itself.

    Args:
        most_bytes: What it may come to at most.

    Raises:
        ValueError: It cannot be unpacked, is cut off, or comes to more.
    """
    if not text.startswith(PACKED):
        return text
    unpacking = zlib.decompressobj()
    try:
        whole = unpacking.decompress(base64.b64decode(text.removeprefix(PACKED), validate=True), most_bytes)
    except zlib.error as error:
        raise ValueError(f"a packed text that cannot be unpacked: {error}") from error
    if not unpacking.eof:
        raise ValueError(f"a packed text that is cut off, or has more than {most_bytes} bytes")
    return whole.decode()
