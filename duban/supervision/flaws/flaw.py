"""One thing that is wrong, where, and what to do."""

from typing import TypeAlias

from duban.supervision.model import Frozen

Place: TypeAlias = tuple[str | int, ...]
"""Keys and positions from the top of the file; positions count from 0."""


class Flaw(Frozen):
    """Something wrong in rules.

    Attributes:
        text: What, and the remedy, without a full stop.
        refused_with: The place of the model that refuses it too, without saying where in it; None where none does.
    """

    place: Place
    text: str
    refused_with: Place | None = None
