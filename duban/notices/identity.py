"""A delivery's name in ASCII: the identifier itself may hold Chinese, which headers do not take."""

import hashlib

from duban.contracts import Delivery
from duban.notices.plain_text import one_line

PRINTED = 12


def message_id(delivery: Delivery) -> str:
    """The delivery in a header: the same at every attempt, another one for every other delivery."""
    return f"duban_{_digest(delivery)[:32]}"


def short_id(delivery: Delivery) -> str:
    """The delivery in a file's name: 12 hexadecimal digits, enough to keep millions of files apart."""
    return _digest(delivery)[:12]


def printed_id(delivery: Delivery) -> str:
    """The delivery where people read it and receivers know no header: as much of its identifier as tells it apart.

    `starter.py notices` finds a message by it.
    """
    return one_line(delivery.id)[:PRINTED]


def _digest(delivery: Delivery) -> str:
    return hashlib.sha256(delivery.id.encode()).hexdigest()
