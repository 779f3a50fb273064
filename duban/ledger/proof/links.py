"""Following a chain from its origin: the first entry that is not as it was written, and what is wrong there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic import ValidationError

from duban.ledger.proof import chain
from duban.ledger.tables.columns import without_nul
from duban.supervision.tasks.entries import LedgerEntry


class Flaw(StrEnum):
    """What is wrong with a row."""

    CHANGED = "changed"
    REMOVED = "removed"
    CUT_OFF = "cut_off"
    ADDED = "added"


FLAW_WORDS: dict[Flaw, str] = {
    Flaw.CHANGED: "写入后被改动过",
    Flaw.REMOVED: "缺失",
    Flaw.CUT_OFF: "起的记录被截去",
    Flaw.ADDED: "不是由督办写入的",
}


@dataclass(frozen=True, slots=True)
class Followed:
    """How far a chain holds.

    Attributes:
        version, head: The last entry that is as it was written, and its hash.
        flaw: What is wrong with the next one; None at the end of the chain.
    """

    version: int
    head: str
    flaw: Flaw | None = None

    @property
    def entry(self) -> int:
        """The number of the first entry that is not as it was written."""
        return self.version + 1


class Link:
    """The end of a chain, followed entry by entry."""

    def __init__(self, task_code: str, round_number: int) -> None:
        """Stand before the first entry."""
        self.at = Followed(0, chain.origin(task_code, round_number))

    def follow(self, row: Mapping[Any, Any]) -> LedgerEntry | None:
        """Go on to the next row; None where it, or one before it, is not as it was written."""
        at = self.at
        if at.flaw is not None:
            return None
        entry = _read(row)
        sealed = chain.seal(at.head, row["content"])
        flaw = None
        if row["version"] > at.entry:
            flaw = Flaw.REMOVED
        elif row["version"] < at.entry:
            flaw = Flaw.ADDED
        elif row["previous_hash"] != at.head or row["hash"] != sealed or entry is None or not _agrees(row, entry):
            flaw = Flaw.CHANGED
        self.at = Followed(at.version, at.head, flaw) if flaw else Followed(at.entry, sealed)
        return None if flaw else entry

    def end(self, version: int, head: str) -> Followed:
        """Compare the end with what the task's own row says of it."""
        at = self.at
        if at.flaw is not None:
            return at
        if at.version < version:
            return Followed(at.version, at.head, Flaw.CUT_OFF)
        if at.version > version:
            return Followed(version, at.head, Flaw.ADDED)
        return at if at.head == head else Followed(at.version - 1, at.head, Flaw.CHANGED)


def follow_all(rows: Iterable[Mapping[Any, Any]], task_code: str, round_number: int) -> Link:
    """Follow a whole chain."""
    link = Link(task_code, round_number)
    for row in rows:
        link.follow(row)
    return link


def _read(row: Mapping[Any, Any]) -> LedgerEntry | None:
    try:
        return LedgerEntry.model_validate_json(row["content"])
    except ValidationError:  # sealed anew by somebody who did not know what an entry looks like
        return None


def _agrees(row: Mapping[Any, Any], entry: LedgerEntry) -> bool:
    """Whether what people read is what was sealed."""
    return all(row[name] == getattr(entry, name) for name in ("version", "kind", "at", "recorded_at")) and all(
        row[name] in (said := getattr(entry, name), without_nul(said))
        for name in ("body", "person", "message_id", "text")
    )
