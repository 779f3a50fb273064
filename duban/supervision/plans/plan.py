"""What an office issues: a plan and its tasks, as read from a file.

A task carries the "six fields" (六个明确, Kunming 2016, paragraph 2): item, leading
leader, responsible body, measures, form of the result, deadline.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from duban.supervision.model import Frozen
from duban.supervision.steps.counted import LedgerCount


class MilestoneKind(StrEnum):
    """The key milestones named by Kunming 2016, paragraph 3 (催办), and any other dated node."""

    SUBMIT_PLAN = "submit_plan"
    DOCUMENT_ISSUED = "document_issued"
    LAUNCHED = "launched"
    COMPLETED = "completed"
    OTHER = "other"


class ReportCycle(StrEnum):
    """How often an open-ended task is reported on; a period ends with its last calendar day."""

    MONTHLY = "monthly"
    TWO_MONTHLY = "two-monthly"
    QUARTERLY = "quarterly"
    HALF_YEARLY = "half-yearly"
    YEARLY = "yearly"


class ListKind(StrEnum):
    """The five lists (五张清单, Kunming 2016, paragraph 5). A task can stand on several."""

    ANNUAL = "annual"
    KEY = "key"
    GRASSROOTS = "grassroots"
    PILOT = "pilot"
    PROBLEM = "problem"


class Found(StrEnum):
    """The three states of an item in an evaluation: 已完成、已启动未完成、未启动 (Sichuan 2016)."""

    COMPLETED = "completed"
    STARTED = "started"
    NOT_STARTED = "not_started"


class Level(StrEnum):
    """The five reminders (五级提醒, Kunming 2016, paragraph 6)."""

    PHONE = "phone"
    WRITTEN = "written"
    ONSITE = "onsite"
    CIRCULAR = "circular"
    INTERVIEW = "interview"


PlannedDate = Annotated[date, Field(ge=date(1900, 1, 1), le=date(8999, 12, 31))]
"""A date of a plan; counting weeks back or years on from it stays within what a date can hold."""


class PlannedMilestone(Frozen):
    """A dated node of a task.

    Attributes:
        number: 1-based position within the task, in the order of the dates.
        phrase: The deadline as the office wrote it, for example ``6月底完成``.
        due_on: Local date; the milestone may be met until the end of this day.
        met_on: For a task taken over half-way: the local date on which it was met before.
        evidence: For a milestone met before: what shows it.
        from_hand_over: It follows from the task's kind of matter; ``due_on`` counts from the day of issue, and is
            counted anew from the day on which the task is handed over.
    """

    number: int = Field(ge=1)
    phrase: str
    due_on: PlannedDate
    kind: MilestoneKind = MilestoneKind.OTHER
    met_on: PlannedDate | None = None
    evidence: str = ""
    from_hand_over: bool = Field(default=False, exclude_if=lambda told: not told)


class GivenReminder(Frozen):
    """A reminder given before the task was taken over: its level is not issued again."""

    level: Level
    given_on: PlannedDate


class LevelBefore(Frozen):
    """A level dealt with in the task that another was split off from.

    Attributes:
        refused: It was proposed and not agreed to.
    """

    level: str
    due_on: PlannedDate
    refused: bool = False


class Pause(Frozen):
    """Days that do not count, as in ``Suspension``."""

    from_on: PlannedDate
    until_on: PlannedDate | None = None


class Origin(Frozen):
    """What a task takes over from the one that it was split off from: the lag belongs to the item.

    Attributes:
        behind_since: D0 of the stretch of lag in which it was split; None where no overdue date was kept.
        levels: Dealt with in that stretch; they are not given again.
        urged_on, returned_on, demanded_on: As in ``Episode``.
        handed_over_on: When the item was handed over first.
    """

    behind_since: PlannedDate | None = None
    pauses: tuple[Pause, ...] = ()
    levels: tuple[LevelBefore, ...] = ()
    urged_on: tuple[PlannedDate, ...] = ()
    returned_on: PlannedDate | None = None
    demanded_on: PlannedDate | None = None
    handed_over_on: PlannedDate | None = Field(default=None, exclude_if=lambda day: day is None)


class TaskDefinition(Frozen):
    """One item of a plan; becomes one workflow.

    Attributes:
        code: Unique in the installation; begins with the plan's code.
        lead_body: 牵头单位, gives the written explanation.
        handling_body: 具体承办单位, is urged. Empty means: the lead body (assumed).
        deadline_text: The cell as written.
        milestones: Dated nodes in the order of their dates; may be empty.
        open_ended: The task goes on without a final date (``持续推进``): reported by cycle, shown as incomplete.
        decided_above: A decision of the central, provincial or municipal leading group: its
            on-site reminder is a joint one (Kunming 2016, paragraph 6).
        split_from: Of an amended plan: the code of the task that it was split off from.
        merged_into: Of an amended plan: the code of the task that takes it up; it ends.
        origin: What it takes over from ``split_from``; no file gives it, the ledger does.
        procedure: By which it goes step by step, for example ``docking``; empty: it lives by its milestones.
        facts: What was stated when it was opened under its procedure, by the names of the procedure's facts.
        concerns: Codes of the tasks, plans or items that it is about.
        counted: Of numbers among its facts that the ledger can count: what it had.
        matter: Its kind of matter, by the regime's name for it; empty: none with a limit of its own.
        handed_over_on: Local date on which it was handed over, where that was before it is registered here.
    """

    code: str
    title: str
    lead_body: str
    leader: str = ""
    handling_body: str = ""
    supporting_bodies: tuple[str, ...] = ()
    measures: str = ""
    deliverable: str = ""
    deadline_text: str = ""
    milestones: tuple[PlannedMilestone, ...] = ()
    open_ended: bool = False
    report_cycle: ReportCycle | None = None
    list_kinds: tuple[ListKind, ...] = ()
    decided_above: bool = False
    reminders_given: tuple[GivenReminder, ...] = ()
    split_from: str = ""
    merged_into: str = ""
    origin: Origin | None = None
    procedure: str = ""
    facts: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    concerns: tuple[str, ...] = ()
    counted: dict[str, LedgerCount] = Field(default_factory=dict, exclude_if=lambda counted: not counted)
    matter: str = Field(default="", exclude_if=lambda matter: not matter)
    handed_over_on: PlannedDate | None = Field(default=None, exclude_if=lambda day: day is None)

    @property
    def handled_by(self) -> str:
        """The body that does the work: the handling body, else the lead body."""
        return self.handling_body or self.lead_body


def _unsaid(text: str) -> bool:
    """Left out of a plan's text, so that what was stored before it could be said keeps its digest."""
    return not text


class Meeting(Frozen):
    """The meeting whose decisions a plan holds.

    Attributes:
        held_on: Local date; its decisions are to be handed over from then on.
        body: Who met and decided.
    """

    title: str
    held_on: PlannedDate
    body: str

    @property
    def words(self) -> str:
        """Which meeting, for slips and records."""
        day = self.held_on
        return f"{self.body}“{self.title}”（{day.year}年{day.month}月{day.day}日）"


class PlanDefinition(Frozen):
    """A plan as issued.

    Attributes:
        issued_on: Local date of issue; relative deadlines count from it.
        regime: Name of the regime file, for example ``kunming``.
        supervising_body: Who assigned the tasks and therefore urges (谁交办、谁催办).
        field: Of the reform, for figures by field (经济体制、民生事业 …).
        adopted_by: The body whose meeting adopted it.
        docks: The plan of a superior body that it docks.
        watcher: Who keeps an eye on it and gets copies (专门盯); empty: as the organisation says, or nobody.
        meeting: Of a plan that holds a meeting's decisions: which.
    """

    code: str
    title: str
    issued_on: date
    regime: str = "kunming"
    supervising_body: str = ""
    field: str = Field(default="", exclude_if=_unsaid)
    adopted_by: str = Field(default="", exclude_if=_unsaid)
    docks: str = Field(default="", exclude_if=_unsaid)
    watcher: str = Field(default="", exclude_if=lambda watcher: not watcher)
    meeting: Meeting | None = Field(default=None, exclude_if=lambda meeting: meeting is None)
    tasks: tuple[TaskDefinition, ...] = ()
