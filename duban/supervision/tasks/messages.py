"""What people tell a task. Small flat JSON, because people type it into the Temporal UI.

Every message names its actor. ``id`` and ``occurred_at`` are stamped by our clients; a message
typed by hand may lack them and then counts when it is handled.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from duban.supervision.bodies.roles import Deputy, TaskRoles
from duban.supervision.plans.plan import Found, ListKind, MilestoneKind, ReportCycle
from duban.supervision.rules.authority import Act
from duban.supervision.rules.owed import Duty
from duban.supervision.rules.parts import PersonRole, Tier
from duban.supervision.rules.policy import SharedPolicy
from duban.supervision.steps.counted import LedgerCount

_SEEN = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$"
"""Line breaks and tabs aside, nothing that a person cannot see: it would stand in ledgers and letters."""

_VISIBLE = r"^[^\x00-\x1f\x7f-\x9f]*$"
"""A name stands in one line."""

Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4_000, pattern=_SEEN)]
"""A text somebody typed. Attachments are references, never payloads."""
Stated = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4_000, pattern=_SEEN)]
"""A text that may not be empty."""
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=_SEEN)]
Reference = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=_SEEN)]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1_000, pattern=_SEEN)]
Measures = Annotated[str, StringConstraints(strip_whitespace=True, max_length=8_000, pattern=_SEEN)]
Phrase = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1_000, pattern=_SEEN)]
BodyName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=_VISIBLE)]
"""As long as a plan file may have them: what is amended fits where the issued plan fitted."""
LeaderName = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100, pattern=_VISIBLE)]
HandlingName = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100, pattern=_VISIBLE)]
"""Empty: the lead body does the work itself."""
Whole = Annotated[int, Field(ge=-1_000_000, le=1_000_000)]
"""A count or a position; what it may really be is for the rules. A number of thousands of digits is none."""


class Message(BaseModel):
    """The envelope of every message.

    Attributes:
        body: The body for which the actor acts.
        person: The person who acts.
        id: Names the message; the same id twice is one message.
        occurred_at: Aware business moment at which it was said; None means when it is handled.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    body: Name
    person: Name
    id: Reference = ""
    occurred_at: datetime | None = None


class ReportProgress(Message):
    """Progress; a milestone is met by a report that claims it and names the evidence, and by nothing less.

    Attributes:
        percent: The body's own estimate, 0 to 100; meets nothing.
        milestones: Numbers of the milestones claimed as met.
        evidence: What shows it; needed for every claim.
    """

    act: Literal[Act.PROGRESS] = Act.PROGRESS
    percent: Whole | None = None
    note: Line = ""
    milestones: tuple[Whole, ...] = Field(default=(), max_length=1_000)
    evidence: Line = ""


class Accept(Message):
    """The handling body takes the task on."""

    act: Literal[Act.ACCEPT] = Act.ACCEPT
    note: Line = ""


class SubmitExplanation(Message):
    """The written explanation that a written reminder demands, or the word before the last deadline.

    Attributes:
        text: The explanation; before a deadline that will not be met, the reasons.
        on_time: Whether the last deadline will be met; None for the explanation of a reminder.
        progress: How far the task is; needed where it will not.
    """

    act: Literal[Act.SUBMIT_EXPLANATION] = Act.SUBMIT_EXPLANATION
    text: Stated
    on_time: bool | None = None
    progress: Line = ""

    @property
    def duty(self) -> Duty:
        """What it is meant to fulfil."""
        return Duty.EXPLANATION if self.on_time is None and not self.progress else Duty.ADVANCE_EXPLANATION


class Action(StrEnum):
    """Work that a reminder sets people to."""

    CALL = "call"
    VISIT = "visit"
    INTERVIEW = "interview"
    RECTIFICATION = "rectification"


DUTY_OF: dict[Action, Duty] = {
    Action.CALL: Duty.CALL_RECORD,
    Action.VISIT: Duty.VISIT_RECORD,
    Action.INTERVIEW: Duty.INTERVIEW_RECORD,
    Action.RECTIFICATION: Duty.RECTIFICATION,
}


class RecordAction(Message):
    """The record of a call, a visit, an interview, or of a rectification carried out.

    Attributes:
        with_whom: Who was called, met or interviewed; needed except for a rectification.
        content: What was said, answered or done.
        problems, requirements, rectify_by: Of an interview (指出问题、提出要求、督促整改).
    """

    act: Literal[Act.RECORD_ACTION] = Act.RECORD_ACTION
    action: Action
    with_whom: Line = ""
    content: Stated
    problems: Line = ""
    requirements: Line = ""
    rectify_by: date | None = None

    @property
    def duty(self) -> Duty:
        """What it is meant to fulfil."""
        return DUTY_OF[self.action]


class Ground(StrEnum):
    """Grounds of an interview: 思想上不重视、作为上不主动、效果上不明显 (Kunming 2016, paragraph 6)."""

    INATTENTIVE = "inattentive"
    PASSIVE = "passive"
    INEFFECTIVE = "ineffective"


class Decide(Message):
    """A decision that was asked for.

    Attributes:
        request: Which request is decided; may be left out where the body has one only.
        approve: Yes or no.
        reason: The reasoning, needed for a refusal.
        grounds: For the question whether the grounds of an interview hold.
        scope: For a circular: the bodies to which it goes; empty means the usual recipients.
    """

    act: Literal[Act.DECIDE] = Act.DECIDE
    approve: bool
    request: Reference = ""
    reason: Line = ""
    grounds: tuple[Ground, ...] = Field(default=(), max_length=10)
    scope: tuple[Name, ...] = Field(default=(), max_length=1_000)


class RequestExtension(Message):
    """A wish for a later date; pending, it changes nothing."""

    act: Literal[Act.REQUEST_EXTENSION] = Act.REQUEST_EXTENSION
    milestone: Whole
    new_due_on: date
    reason: Stated


class Suspend(Message):
    """The count is stopped from today.

    Attributes:
        until: The first day on which the count runs again; None means until it is resumed.
    """

    act: Literal[Act.SUSPEND] = Act.SUSPEND
    reason: Stated
    until: date | None = None


class Resume(Message):
    """The count runs again from today."""

    act: Literal[Act.RESUME] = Act.RESUME
    reason: Line = ""


class Urge(Message):
    """An urging given by hand (催办)."""

    act: Literal[Act.URGE] = Act.URGE
    text: Stated


class Demand(Message):
    """A leader's explicit demand for rectification (Bozhou 2015)."""

    act: Literal[Act.DEMAND] = Act.DEMAND
    text: Stated


class RaiseInterview(Message):
    """The reform office raises an interview of its own accord, with its grounds."""

    act: Literal[Act.RAISE_INTERVIEW] = Act.RAISE_INTERVIEW
    grounds: tuple[Ground, ...] = Field(max_length=10)
    reason: Stated


class Returned(StrEnum):
    """What is returned for rework."""

    REPORT = "report"
    EXPLANATION = "explanation"
    STRIKE_OFF = "strike_off"


class ReturnForRework(Message):
    """An answer refused for quality; what it met is unmet, as if never reported.

    Attributes:
        report: Which report, by its message id; empty means the latest that claimed a milestone.
    """

    act: Literal[Act.RETURN_FOR_REWORK] = Act.RETURN_FOR_REWORK
    what: Returned = Returned.REPORT
    report: Reference = ""
    reason: Stated


class RequestStrikeOff(Message):
    """The task is done: its deliverable is in; meets the final milestone."""

    act: Literal[Act.REQUEST_STRIKE_OFF] = Act.REQUEST_STRIKE_OFF
    deliverable: Line = ""
    note: Line = ""


class Verify(Message):
    """The strike-off request is checked: struck off, or returned."""

    act: Literal[Act.VERIFY] = Act.VERIFY
    passed: bool
    note: Line = ""


class Terminate(Message):
    """The task ends without being done.

    Attributes:
        successors: Codes of the tasks that take it up: those it is split into, or the one it is merged into.
    """

    act: Literal[Act.TERMINATE] = Act.TERMINATE
    reason: Stated
    successors: tuple[Reference, ...] = Field(default=(), max_length=100)


class Cause(StrEnum):
    """Why an item is unfinished at year end (Kunming 2016, paragraphs 3 and 5)."""

    OBJECTIVE = "objective"
    SUBJECTIVE = "subjective"


class CarryOver(Message):
    """An item unfinished for objective reasons goes into next year's list, in the same workflow."""

    act: Literal[Act.CARRY_OVER] = Act.CARRY_OVER
    new_due_on: date
    cause: Cause
    reason: Stated


class Adopt(Message):
    """A changed regime, calendar or organisation reaches a running task.

    Attributes:
        successors: With roles: who goes on with the work of a body that is called otherwise, merged or relieved.
            None where nobody was asked, as before there was this field: then only what is owed is handed on.
        reckon_anew: With a policy: what was reckoned by the calendar and is still to come follows the new one. Dates
            that bodies have been given stay. False as before there was this field.
        instead_of: With a policy: the name of the one that it takes the place of. What is under way then goes on
            by the new rules; a task that has come to live by others meanwhile refuses. Empty as before there was
            this field.
    """

    act: Literal[Act.ADOPT] = Act.ADOPT
    reason: Stated
    policy: SharedPolicy | None = None
    roles: TaskRoles | None = None
    successors: dict[Name, Name] | None = Field(default=None, max_length=200)
    reckon_anew: bool = False
    instead_of: Reference = ""


class AmendedMilestone(BaseModel):
    """A milestone as an amended plan has it.

    Attributes:
        number: Of the milestone that is changed; None for a new one, which needs ``due_on`` and ``phrase``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    number: Whole | None = None
    due_on: date | None = None
    phrase: Phrase | None = None
    kind: MilestoneKind | None = None


class Amend(Message):
    """The plan has been amended: what of the task is different from now on. What is not stated stays.

    Attributes:
        document: The paper that amends the plan.
        milestones: Those that change, and new ones.
        withdrawn_milestones: Numbers of those that are dropped.
        persons, heads, tiers, deputies, places: Of bodies that are named for the first time, as in ``TaskRoles``.
        successors: Codes of tasks that were split off from this one, which goes on.
        absorbed: Codes of tasks that were merged into this one.
        step_due_on: Of a task that goes step by step: another last day for the step that waits.
        new_due_on: Another last day for the task as a whole: its last unmet milestone has it, and whatever is overdue.
    """

    act: Literal[Act.AMEND] = Act.AMEND
    reason: Stated
    document: Reference = ""
    title: Title | None = None
    leader: LeaderName | None = None
    measures: Measures | None = None
    deliverable: Line | None = None
    deadline_text: Phrase | None = None
    open_ended: bool | None = None
    report_cycle: ReportCycle | None = None
    list_kinds: tuple[ListKind, ...] | None = Field(default=None, max_length=len(ListKind))
    decided_above: bool | None = None
    matter: Reference | None = None
    milestones: tuple[AmendedMilestone, ...] = Field(default=(), max_length=100)
    withdrawn_milestones: tuple[Whole, ...] = Field(default=(), max_length=100)
    lead_body: BodyName | None = None
    handling_body: HandlingName | None = None
    supporting_bodies: tuple[BodyName, ...] | None = Field(default=None, max_length=100)
    persons: dict[BodyName, tuple[BodyName, ...]] = Field(default_factory=dict, max_length=200)
    heads: dict[BodyName, BodyName] = Field(default_factory=dict, max_length=200)
    tiers: dict[BodyName, Tier] = Field(default_factory=dict, max_length=200)
    deputies: dict[BodyName, tuple[Deputy, ...]] = Field(default_factory=dict, max_length=200)
    places: dict[BodyName, dict[BodyName, PersonRole]] = Field(default_factory=dict, max_length=200)
    successors: tuple[Reference, ...] = Field(default=(), max_length=100)
    absorbed: tuple[Reference, ...] = Field(default=(), max_length=100)
    step_due_on: date | None = None
    new_due_on: date | None = None


class Correct(Message):
    """A record was put down wrongly: the new one names it and says what is right. The old one stays.

    Words only: what a record has brought about is undone by the message that is for it.

    Attributes:
        version: Of the entry that is wrong.
        text: What is right.
    """

    act: Literal[Act.CORRECT] = Act.CORRECT
    version: Whole
    text: Stated
    reason: Line = ""


class Inspect(Message):
    """What an inspection found, whatever the body says of itself.

    Attributes:
        on_schedule: Whether it is going by its schedule; need not be said of what is completed.
        content: What was seen, and how.
        problems: What is wanting; with ``rectify_by``, the date by which it is put right and reported.
    """

    act: Literal[Act.INSPECT] = Act.INSPECT
    found: Found
    on_schedule: bool | None = None
    content: Stated
    problems: Line = ""
    rectify_by: date | None = None


FactName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60, pattern=_VISIBLE)]


def _several(value: object) -> object:
    return (value,) if isinstance(value, str) else value


FactValues = Annotated[tuple[Line, ...], BeforeValidator(_several), Field(max_length=100)]
"""One text, or a list of them; what is empty is not stated."""


class TakeStep(Message):
    """A step of a procedure is done: the record is in, or it is decided.

    Attributes:
        step: Its key or id; may be left out, because one step at a time waits.
        outcome: How it ended; may be left out where it can end in one way only.
        facts: What has to be stated with it, by name.
        counted: Of those that the ledger can count, what it has; our clients ask it. Without, they are as stated.
    """

    act: Literal[Act.TAKE_STEP] = Act.TAKE_STEP
    step: Reference = ""
    outcome: Reference = ""
    facts: dict[FactName, FactValues] = Field(default_factory=dict, max_length=100)
    counted: dict[FactName, LedgerCount] = Field(default_factory=dict, max_length=100)
    note: Line = ""


class Mark(Message):
    """A task is put on lists, or taken off them. No plan is amended by it.

    Attributes:
        remove: It is taken off.
    """

    act: Literal[Act.MARK] = Act.MARK
    lists: Annotated[tuple[ListKind, ...], BeforeValidator(_several), Field(min_length=1, max_length=len(ListKind))]
    remove: bool = False
    reason: Stated


AnyMessage: TypeAlias = Annotated[
    ReportProgress
    | Accept
    | SubmitExplanation
    | RecordAction
    | Decide
    | RequestExtension
    | Suspend
    | Resume
    | Urge
    | Demand
    | RaiseInterview
    | ReturnForRework
    | RequestStrikeOff
    | Verify
    | Terminate
    | CarryOver
    | Adopt
    | Amend
    | Correct
    | Inspect
    | TakeStep
    | Mark,
    Field(discriminator="act"),
]
