"""Numbers that share one unit: ``3、6、9月``, ``3-4月``, ``第一、三季度``."""

from collections.abc import Sequence
from typing import NamedTuple

from duban.intake.deadlines.lexicon import NUMBERS, Kind, Token

_MOST_LISTED = 12
_JOINTS = frozenset({Kind.TO, Kind.LISTING, Kind.COMMA})


class Listing(NamedTuple):
    """Numbers joined by 、 or 至, whether they are a range, and the token after them; no values where none begin."""

    values: tuple[int, ...]
    ranged: bool
    end: int


def kind_at(tokens: Sequence[Token], at: int) -> Kind | None:
    """The kind of the token at a position, None beyond either end."""
    return tokens[at].kind if 0 <= at < len(tokens) else None


def listing_at(tokens: Sequence[Token], begin: int) -> Listing:
    """The numbers that begin at a token, each perhaps with 第 before it."""
    values: list[int] = []
    ranged = False
    at = begin
    while len(values) < _MOST_LISTED:
        here = at + 1 if kind_at(tokens, at) is Kind.ORDINAL else at
        if kind_at(tokens, here) not in NUMBERS or (value := tokens[here].value) is None:
            return Listing((), False, at)
        values.append(value)
        at = here + 1
        joint = kind_at(tokens, at)
        follows = at + 2 if kind_at(tokens, at + 1) is Kind.ORDINAL else at + 1
        if joint not in _JOINTS or kind_at(tokens, follows) not in NUMBERS:
            break
        ranged = ranged or joint is Kind.TO
        at += 1
    return Listing(tuple(values), ranged, at)
