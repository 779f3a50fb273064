"""A note of the last backup, so that somebody can ask how old it is."""

from contextlib import suppress
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from duban.supervision.model import Frozen

NOTE = "last-backup.json"


class LastBackup(Frozen):
    """Where the last backup went. The moment is that of the ledger's copy, in real time."""

    at: datetime
    file: Path


def note_backup(home: Path, done: LastBackup) -> None:
    """Leave a note in the home folder; where that cannot be written (another user's backup), there is none."""
    with suppress(OSError):
        (home / NOTE).write_text(done.model_dump_json(), encoding="utf-8")


def last_backup(home: Path) -> LastBackup | None:
    """What the note says; None where there is none that can be read."""
    with suppress(OSError, ValidationError):
        return LastBackup.model_validate_json((home / NOTE).read_bytes())
    return None
