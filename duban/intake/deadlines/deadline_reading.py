"""What reading a deadline cell gives: dates, whether the task goes on, and what a person must settle."""

from datetime import date
from enum import StrEnum

from duban.intake.problems import Severity
from duban.supervision.model import Frozen
from duban.supervision.plans.plan import ReportCycle


class DeadlineProblemKind(StrEnum):
    """Why a deadline cannot be taken as written, or only with a word of caution."""

    NEEDS_DATE = "needs_date"
    UNREADABLE = "unreadable"
    IMPOSSIBLE_DATE = "impossible_date"
    NEEDS_CALENDAR = "needs_calendar"
    START_ONLY = "start_only"
    BEFORE_ISSUE = "before_issue"
    AMBIGUOUS = "ambiguous"


_WARNINGS = frozenset({DeadlineProblemKind.START_ONLY, DeadlineProblemKind.BEFORE_ISSUE, DeadlineProblemKind.AMBIGUOUS})


class DeadlineProblem(Frozen):
    """One finding about a phrase; ``problem`` and ``suggestion`` are Chinese sentences for the clerk.

    Attributes:
        due_on: The date that the finding is about, where there is one.
        advisory: The phrase is vague, but another part of the cell gives a date: a warning, not an error.
    """

    kind: DeadlineProblemKind
    phrase: str
    problem: str
    suggestion: str
    due_on: date | None = None
    advisory: bool = False

    @property
    def severity(self) -> Severity:
        """An error where no date can be had from the phrase, else a warning."""
        return Severity.WARNING if self.advisory or self.kind in _WARNINGS else Severity.ERROR


class ReadMilestone(Frozen):
    """A date and the words it was read from.

    Attributes:
        phrase: As the office wrote it, full-width and all.
        due_on: Local date; may be met until the end of this day.
    """

    phrase: str
    due_on: date


class DeadlineReading(Frozen):
    """All that a deadline cell says.

    Attributes:
        milestones: In the order of their dates, one per date.
        open_ended: The task goes on without a final date (``持续推进``, ``每季度``, ``从…起``).
        suggested_cycle: The rhythm the cell itself names (``每季度`` → quarterly), for a clerk to confirm.
        empty: The cell holds nothing, or only a mark for nothing (``/``, ``无``).
    """

    milestones: tuple[ReadMilestone, ...] = ()
    open_ended: bool = False
    suggested_cycle: ReportCycle | None = None
    problems: tuple[DeadlineProblem, ...] = ()
    empty: bool = False
