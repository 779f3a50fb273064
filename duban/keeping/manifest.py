"""What is in a backup: said first in the archive, and checked before anything of it is used."""

import hashlib
from datetime import datetime
from pathlib import Path

from pydantic import Field

from duban.ledger.copies.copies import LedgerKind
from duban.supervision.model import Frozen

FORMAT = 1
MANIFEST = "manifest.json"
LEDGER, TEMPORAL = "ledger", "temporal.db"
REGIMES = "regimes/"
_CHUNK = 1 << 20


class KeepingError(Exception):
    """A backup cannot be taken or used; the text is the sentence for stderr, in Chinese."""


class Part(Frozen):
    """A file of the archive."""

    name: str
    size: int
    sha256: str


class Manifest(Frozen):
    """What a backup holds. Moments are real time.

    Attributes:
        format: Of the archive.
        release: Of Duban.
        revision: The ledger's schema.
        ledger_at: When its copy was begun; nothing recorded before is missing.
        temporal_at: When the copy of Temporal's state was begun; None where it is not in the archive.
        task_queue: On which the workflows wait for their workers.
        settings: Those that hold no secret, for a person to compare.
    """

    format: int = FORMAT
    release: str
    ledger: LedgerKind
    revision: str
    ledger_at: datetime
    temporal_at: datetime | None = None
    plans: int
    tasks: int
    entries: int
    task_queue: str
    settings: dict[str, str] = Field(default_factory=dict)
    parts: tuple[Part, ...]


def part_of(name: str, file: Path) -> Part:
    """A file as it will stand in the archive."""
    digest = hashlib.sha256()
    with file.open("rb") as opened:
        while chunk := opened.read(_CHUNK):
            digest.update(chunk)
    return Part(name=name, size=file.stat().st_size, sha256=digest.hexdigest())
