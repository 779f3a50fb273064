"""What a plan file may leave to whoever imports it, and what importing gives."""

import operator
from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum

from pydantic import Field

from duban.intake.deadlines.lengths import AddWorkingDays
from duban.intake.problems import Problem, Severity
from duban.supervision.clauses import Limit
from duban.supervision.model import Frozen
from duban.supervision.plans.plan import Meeting, PlanDefinition, ReportCycle
from duban.supervision.rules.matters import MatterKind

DEFAULT_REGIME = "kunming"
_EARLIEST, _LATEST = date(1949, 10, 1), date(2149, 12, 31)


class LeadRule(StrEnum):
    """How to find the lead body where the plan does not single one out."""

    FIRST_LISTED = "first-listed"


class IntakeOptions(Frozen):
    """What the file itself does not say.

    Attributes:
        code: The plan's code; None takes what the codes in the file begin with, else the file's name.
        title: None takes the file's name.
        issued_on: Local date of issue; relative deadlines and missing years count from it.
        field, adopted_by, docks: As of ``PlanDefinition``.
        plan_year: For deadlines without a year, where it is not the year of issue.
        meeting: Whose decisions the file holds: every row needs a body that leads it and a date of its own.
        needs_leader: Every row needs a person, too.
        lead_rule: None makes a row without a single lead body an error.
        open_ended_report: None makes a row without any date an error; else such rows are reported on in this cycle.
        known_bodies: From an organisation file: every name and alias, with the canonical name. None: not checked.
        add_working_days: The calendar, for ``30个工作日内``.
        matters: The regime's kinds of matter with limits of their own.
        count_limit: The calendar, for those limits: the last day of one that begins after a day.
    """

    code: str | None = None
    title: str | None = None
    issued_on: date = Field(ge=_EARLIEST, le=_LATEST)
    plan_year: int | None = Field(default=None, ge=_EARLIEST.year, le=_LATEST.year)
    regime: str = DEFAULT_REGIME
    supervising_body: str = ""
    field: str = ""
    adopted_by: str = ""
    docks: str = ""
    watcher: str = ""
    meeting: Meeting | None = None
    needs_leader: bool = False
    lead_rule: LeadRule | None = None
    open_ended_report: ReportCycle | None = None
    known_bodies: Mapping[str, str] | None = None
    add_working_days: AddWorkingDays | None = None
    matters: Mapping[str, MatterKind] = Field(default_factory=dict)
    count_limit: Callable[[Limit, date], date] | None = None


class CheckedMilestone(Frozen):
    """A milestone as ``check`` shows it."""

    phrase: str
    due_on: date


class CheckedTask(Frozen):
    """A task as ``check`` shows it, as far as it could be read: empty fields stand for what the problems name.

    Attributes:
        split_from, merged_into: As in the task; shown only where the file says so.
    """

    code: str
    title: str
    lead_body: str
    supporting_bodies: tuple[str, ...] = ()
    milestones: tuple[CheckedMilestone, ...] = ()
    open_ended: bool = False
    split_from: str = Field(default="", exclude_if=operator.not_)
    merged_into: str = Field(default="", exclude_if=operator.not_)

    @property
    def is_amendment(self) -> bool:
        """Whether it speaks of a task that was issued before."""
        return bool(self.split_from or self.merged_into)


class SheetHeading(Frozen):
    """Where the heading of a table stands, by which a problem's column is found again; in YAML it is no row."""

    sheet: str | None
    row: int
    headings: tuple[str, ...]


class IntakeResult(Frozen):
    """A plan file as read.

    Attributes:
        plan: None where there is any error: nothing of such a file is issued.
        problems: All of them, those of the whole file first, then by sheet and row.
        headings: Of every table that was read.
        unnumbered: Rows without a code of their own: their codes are places in this file.
    """

    plan: PlanDefinition | None
    tasks: tuple[CheckedTask, ...] = ()
    problems: tuple[Problem, ...] = ()
    headings: tuple[SheetHeading, ...] = ()
    unnumbered: int = 0

    @property
    def has_errors(self) -> bool:
        """Whether anything keeps the plan from being issued."""
        return any(problem.severity is Severity.ERROR for problem in self.problems)
