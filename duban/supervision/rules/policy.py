"""What applies to a task: a regime and a calendar, decoded once per process.

Five years of calendar and a regime are tens of KiB once decoded. Thousands of
workflows of one process share one policy, keyed by the digest of its text; the
module is passed through the sandbox for that reason. The cache holds immutable
values by content: no workflow can change what another sees.
"""

import hashlib
from typing import Annotated

from pydantic import BeforeValidator, Field, PlainSerializer

from duban.supervision.days.calendar import OfficeCalendar
from duban.supervision.model import Frozen
from duban.supervision.packing import packed, unpacked
from duban.supervision.rules.procedures import Procedure
from duban.supervision.rules.regime import Regime


class Policy(Frozen):
    """A regime with the calendar it runs on.

    Attributes:
        procedure: Of a task that goes step by step; a text without one is as it was before there were any.
    """

    regime: Regime
    calendar: OfficeCalendar
    procedure: Procedure | None = Field(default=None, exclude_if=lambda procedure: procedure is None)


_MOST_BYTES = 1_000_000
"""Of a policy unpacked; the largest so far has a hundredth of it."""
_decoded: dict[str, Policy] = {}


def encode(policy: Policy) -> str:
    """The policy as text; the same policy always gives the same text.

    Defaults are written out: a default changed in a later release must not change a running history.
    """
    return policy.model_dump_json()


def pack(policy: Policy) -> str:
    """The policy's text compressed to a third: each of thousands of tasks carries it in its history.

    Not for what is compared by its bytes: the same text may be compressed differently elsewhere.
    """
    return packed(encode(policy))


def digest(text: str) -> str:
    """A short name for a policy's text."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def decode(text: str) -> Policy:
    """The policy of a text, packed or not; one shared value per text and process.

    Raises:
        ValueError: The text is not a policy.
    """
    key = digest(text)
    if key not in _decoded:
        _decoded[key] = Policy.model_validate_json(unpacked(text, most_bytes=_MOST_BYTES))
    return _decoded[key]


def _shared(value: object) -> object:
    return decode(value) if isinstance(value, str) else value


SharedPolicy = Annotated[Policy, BeforeValidator(_shared), PlainSerializer(encode, return_type=str)]
"""A policy as a field of a payload: text on the wire, a shared value in memory."""

PackedPolicy = Annotated[Policy, BeforeValidator(_shared), PlainSerializer(pack, return_type=str)]
"""As ``SharedPolicy``, compressed on the wire."""
