"""A line of what awaits somebody: what it is about, how urgent, why, and the command that settles it."""

import re
import shlex
from datetime import date
from enum import IntEnum, StrEnum

from duban.supervision.model import Frozen


class LineKind(StrEnum):
    """What a line is about."""

    OWED = "owed"
    DECISION = "decision"
    VERIFICATION = "verification"
    LATE = "late"
    TO_CHASE = "to_chase"
    DUE_SOON = "due_soon"
    UNDELIVERED = "undelivered"
    REFUSED = "refused"
    DEAD_LETTER = "dead_letter"


class Urgency(IntEnum):
    """How lines follow each other; within one, the longest overdue first."""

    OVERDUE = 1
    """Others wait for it, and its time is over or ends today."""
    OWN_LAG = 2
    OWED = 3
    OTHERS_LAG = 4
    """Somebody else has to move; it may have to be pressed."""
    DUE_SOON = 5
    UNDELIVERED = 6


class AgendaLine(Frozen):
    """One thing to do.

    Attributes:
        body: Who has to do it.
        what: In a few words.
        days_over: Days past the limit; negative for days left.
        reason: Why it is here.
        command: Settles it, as typed after the interpreter.
    """

    kind: LineKind
    urgency: Urgency
    task_code: str
    plan_code: str
    title: str
    body: str
    what: str
    due_on: date | None
    days_over: int | None
    lag_days: int | None = None
    reminder_level: str | None = None
    next_level: str = ""
    next_level_on: date | None = None
    request: str = ""
    reason: str
    command: str


class Speaker(Frozen):
    """For whom lines are made, and what their commands have to say of it.

    Attributes:
        bodies: Whose agenda it is.
        person: Stands in the commands; empty for none.
        said_already: The body that commands act for where they say nothing.
    """

    bodies: tuple[str, ...]
    person: str = ""
    said_already: str = ""

    def command(self, *words: str, body: str) -> str:
        """A command with its actor, ready to be copied."""
        who = () if body == self.said_already else ("--body", body)
        person = ("--person", self.person) if self.person else ()
        return command_line(*words, *who, *person)


_PLAIN = re.compile(r"[\w@%+=:,./-]+")


def command_line(*words: str) -> str:
    """A command as typed; only what a shell would take for something else is quoted, and Chinese is not."""
    return " ".join(("starter.py", *(word if _PLAIN.fullmatch(word) else shlex.quote(word) for word in words)))
