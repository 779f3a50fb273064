"""The chain of a task's timeline: each entry is sealed with the one before it.

The first seal holds the task and its round, so that no chain can stand in for another. What is
sealed is the text that is stored, not the value read back from it: fields that a later release
adds never break an old chain.
"""

import hashlib

from duban.ledger.tables.columns import canonical_json
from duban.supervision.tasks.entries import LedgerEntry


def origin(task_code: str, round_number: int) -> str:
    """The hash that stands before the first entry."""
    return _sha256(f"{task_code}/{round_number}")


def content_of(entry: LedgerEntry) -> str:
    """The text of an entry that is stored and sealed."""
    return canonical_json(entry.model_dump(mode="json"))


def seal(previous_hash: str, content: str) -> str:
    """The hash of an entry."""
    return _sha256(previous_hash + content)


def is_same(content: str, entry: LedgerEntry) -> bool:
    """Whether a stored entry says what this one says, whichever release wrote it."""
    return content == content_of(entry) or LedgerEntry.model_validate_json(content) == entry


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
