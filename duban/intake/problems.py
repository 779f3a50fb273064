"""What intake has to say about a file: every problem at once, each with its place and what to do."""

from enum import StrEnum

from duban.supervision.model import Frozen

_LONGEST_VALUE = 200


class IntakeError(Exception):
    """The file cannot be read as a plan at all; the message is a Chinese sentence for the person who gave it."""


class Severity(StrEnum):
    """An error keeps the plan from being issued; a warning does not."""

    ERROR = "error"
    WARNING = "warning"


class Problem(Frozen):
    """One problem of a plan file.

    Attributes:
        sheet: The sheet of a workbook; None for a text file, which has none.
        row: As a spreadsheet numbers it, the first line of the file being 1; None where it concerns the whole file.
        column: The heading as written; None where it concerns the whole row or file.
        value: The cell as written, cut where it is very long.
        problem: What is wrong, a Chinese sentence.
        suggestion: What to do about it, a Chinese sentence.
    """

    severity: Severity
    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    value: str = ""
    problem: str
    suggestion: str


def shortened(value: str) -> str:
    """The value as shown in a list of problems."""
    return value if len(value) <= _LONGEST_VALUE else f"{value[:_LONGEST_VALUE]}…"
