"""A stated number beside what the ledger counts: whether they agree, and why they do not."""

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Annotated

from pydantic import Field, StringConstraints

from duban.supervision.model import Frozen

MOST_NAMED = 20
"""Codes that go with a number; the ledger has all."""

_Code = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$")]
_Why = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$")]


class LedgerCount(Frozen):
    """A number as the ledger had it when a message was written.

    Attributes:
        things: How many tasks or items it was counted from.
        codes: The first of them.
        why: Why another number is stated; empty where the same is.
    """

    number: Decimal = Field(max_digits=20, decimal_places=6)
    things: int = Field(default=0, ge=0)
    codes: tuple[_Code, ...] = Field(default=(), max_length=MOST_NAMED)
    why: _Why = ""

    @property
    def words(self) -> str:
        """The number with what it was counted from."""
        return f"{plain(self.number)}{self.named}"

    @property
    def named(self) -> str:
        """What it was counted from."""
        more = f"等{self.things}项" if self.things > len(self.codes) else ""
        return f"：{'、'.join(self.codes)}{more}" if self.codes else ""


def plain(number: Decimal) -> str:
    """A number as people write it."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def is_same(stated: str, counted: LedgerCount) -> bool:
    """Whether what was stated is what the ledger counts."""
    try:
        return Decimal(stated.removesuffix("%")) == counted.number
    except InvalidOperation:
        return False


def with_its_origin(stated: str, counted: LedgerCount | None) -> str:
    """A stated number with where it comes from, so that whoever decides sees what it rests on."""
    if counted is None:
        return f"{stated}（填报数，未与台账核对）"
    if is_same(stated, counted):
        return f"{stated}（与台账一致{counted.named}）"
    return f"{stated}（填报数；台账计{counted.words}；不一致的理由：{counted.why}）"


def differing(stated: Mapping[str, tuple[str, ...]], counted: Mapping[str, LedgerCount]) -> Iterable[str]:
    """The names of what is stated otherwise than counted."""
    return (name for name, count in counted.items() if stated.get(name) and not is_same(stated[name][0], count))
