"""What a transition leaves in the ledger: one entry of the timeline and the rows it changes.

The core says what; the ledger writes it in one transaction. Keys are relative to the task and
its round, and come from business identity, so that writing an entry twice changes nothing.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from duban.supervision.days.calendar import Zone
from duban.supervision.model import Frozen
from duban.supervision.plans.plan import ListKind, MilestoneKind
from duban.supervision.rules.asks import AskedAct
from duban.supervision.rules.owed import Duty
from duban.supervision.tasks.state import RungStatus


class EntryKind(StrEnum):
    """What happened."""

    REGISTERED = "registered"
    ASSIGNED = "assigned"
    ACCEPTED = "accepted"
    PROGRESS = "progress"
    EPISODE_OPENED = "episode_opened"
    EPISODE_ENDED = "episode_ended"
    EPISODE_REOPENED = "episode_reopened"
    ADVANCE_NOTICE = "advance_notice"
    REPORT_DUE = "report_due"
    REMINDER_ISSUED = "reminder_issued"
    REMINDER_NOT_ISSUED = "reminder_not_issued"
    APPROVAL_ASKED = "approval_asked"
    DECIDED = "decided"
    URGED = "urged"
    DEMANDED = "demanded"
    CHASED = "chased"
    RECORD_KEPT = "record_kept"
    EXPLAINED = "explained"
    RETURNED = "returned"
    EXTENSION_REQUESTED = "extension_requested"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    STRIKE_OFF_REQUESTED = "strike_off_requested"
    STRUCK_OFF = "struck_off"
    TERMINATED = "terminated"
    CARRIED_OVER = "carried_over"
    ADOPTED = "adopted"
    AMENDED = "amended"
    CORRECTED = "corrected"
    INSPECTED = "inspected"
    STEP_BEGUN = "step_begun"
    STEP_TAKEN = "step_taken"
    ITEM_OPENED = "item_opened"
    ITEM_CLOSED = "item_closed"
    REFUSED = "refused"
    FORETELLING = "foretelling"
    ACT_ASKED = "act_asked"
    MARKED = "marked"


class NoticeKind(StrEnum):
    """Kinds of notices, as in the public surface."""

    REMINDER = "reminder"
    ADVANCE_NOTICE = "advance_notice"
    CHASE = "chase"
    REPORT_DUE = "report_due"
    REQUEST = "request"
    DECISION = "decision"
    OTHER = "other"


class Citation(Frozen):
    """The rule behind a notice: document, paragraph and sentence, or what is assumed."""

    rule: str
    document: str = ""
    paragraph: int | None = None
    sentence: str = ""
    assumed: str = ""


class Explanation(Frozen):
    """Why a notice is given: dates, arithmetic, pauses, calendar, rule and clause.

    Attributes:
        behind_since: D0.
        lag_days: Lag on ``due_on``.
        suspended_days: Days left out of the count.
        due_on: Local date on which the notice became due.
        shift: In words, why it is not delivered on that date; empty if it is.
        provisional: A date rests on a year whose holidays have not been announced.
        respond_by_rule: Why an answer is due when it is; None where the notice sets no limit of its own.
    """

    milestone_phrase: str = ""
    milestone_due_on: date | None = None
    behind_since: date | None = None
    lag_days: int | None = None
    suspended_days: int = 0
    due_on: date
    shift: str = ""
    provisional: bool = False
    citation: Citation
    respond_by_rule: Citation | None = None


class MilestoneChange(Frozen):
    """A milestone as it stands now."""

    table: Literal["milestone"] = "milestone"
    number: int
    phrase: str
    kind: MilestoneKind
    baseline_on: date
    due_on: date
    final: bool
    met_at: datetime | None
    met_by: str
    evidence: str
    withdrawn_at: datetime | None = None


class ReportChange(Frozen):
    """A report, or its return."""

    table: Literal["report"] = "report"
    id: str
    body: str
    person: str
    reported_at: datetime
    percent: int | None = None
    note: str = ""
    evidence: str = ""
    milestones: tuple[int, ...] = ()
    returned_at: datetime | None = None
    return_reason: str = ""


class ReminderChange(Frozen):
    """A reminder: proposed, issued, or not issued and why."""

    table: Literal["reminder"] = "reminder"
    key: str
    level: str
    episode: int
    status: RungStatus
    due_on: date
    lag_days: int
    milestone_due_on: date | None = None
    issued_at: datetime | None = None
    issuer: str = ""
    reason: str = ""
    citation: Citation


class NoticeIntent(Frozen):
    """A notice to one body.

    Attributes:
        key: Relative to the task's round; with it the notice's idempotency key.
        subject: What it is about (``e1``, ``e1/phone``, ``m2``, an obligation's id); withdrawn with it.
        deliver_not_before: Business moment within office hours.
        paper: Series in which the ledger gives it a number, or None.
        facts: What the text needs beside the explanation.
    """

    table: Literal["notice"] = "notice"
    key: str
    kind: NoticeKind
    level: str | None = None
    episode: int = 0
    subject: str
    recipient: str
    issuer: str
    issued_at: datetime
    deliver_not_before: datetime
    paper: str | None = None
    duty: Duty | None = None
    respond_by: date | None = None
    facts: dict[str, str] = Field(default_factory=dict)
    explanation: Explanation

    def dated_on(self, zone: Zone) -> date:
        """The date that it bears, and by whose year it is numbered: of the first office hour at which it may go out."""
        return zone.local_date(max(self.issued_at, self.deliver_not_before))


class NoticesWithdrawn(Frozen):
    """Undelivered notices about these subjects are no longer true.

    Attributes:
        kinds, recipients: Only of these kinds, only to these bodies; empty means all.
    """

    table: Literal["withdrawal"] = "withdrawal"
    subjects: tuple[str, ...]
    kinds: tuple[NoticeKind, ...] = ()
    recipients: tuple[str, ...] = ()
    reason: str


class ObligationStatus(StrEnum):
    """How an obligation stands."""

    OPEN = "open"
    MET = "met"
    LAPSED = "lapsed"


class ObligationChange(Frozen):
    """An obligation as it stands now."""

    table: Literal["obligation"] = "obligation"
    id: str
    duty: Duty
    owed_by: str
    subject: str
    asked_at: datetime
    due_on: date
    chases: int = 0
    status: ObligationStatus = ObligationStatus.OPEN
    closed_at: datetime | None = None
    reason: str = ""


class RecordChange(Frozen):
    """A record of what people did: a call, a visit, an interview, an explanation, a rectification, an inspection."""

    table: Literal["record"] = "record"
    id: str
    kind: str
    subject: str
    body: str
    person: str
    at: datetime
    facts: dict[str, str] = Field(default_factory=dict)


class DecisionChange(Frozen):
    """A decision that was asked for and given."""

    table: Literal["decision"] = "decision"
    request: str
    duty: Duty
    body: str
    person: str
    decided_at: datetime
    approved: bool
    reason: str = ""
    grounds: tuple[str, ...] = ()
    scope: tuple[str, ...] = ()


class TaskChange(Frozen):
    """What is issued of a task, as amended: the columns of its row that its file gives, and who takes part.

    Attributes:
        supervising_body: Empty where it stays who it was.
    """

    table: Literal["task"] = "task"
    title: str
    leader: str
    lead_body: str
    handling_body: str
    supporting_bodies: tuple[str, ...]
    measures: str
    deliverable: str
    deadline_text: str
    open_ended: bool
    list_kinds: tuple[ListKind, ...]
    supervising_body: str = ""


class OpeningChange(Frozen):
    """Another item is to be opened, because a step of this one ended so.

    Attributes:
        key: Relative to the task's round: an item is opened once for it.
        facts: What it is opened with.
    """

    table: Literal["opening"] = "opening"
    key: str
    procedure: str
    facts: dict[str, tuple[str, ...]] = Field(default_factory=dict)


Said: TypeAlias = str | bool | tuple[str, ...]
"""A field of a message that is asked for."""


class AskChange(Frozen):
    """Something is to be done to tasks or plans, because a step of this item ended so.

    Attributes:
        key: Relative to the task's round: it is done once for it.
        targets: Codes of the tasks, or of the plan.
        fields: Of the message that each of them is told, beside its actor.
        body, person: Who took the step, and therefore acts.
    """

    table: Literal["ask"] = "ask"
    key: str
    act: AskedAct
    targets: tuple[str, ...]
    fields: dict[str, Said] = Field(default_factory=dict)
    body: str
    person: str
    at: datetime


Change: TypeAlias = Annotated[
    MilestoneChange
    | ReportChange
    | ReminderChange
    | NoticeIntent
    | NoticesWithdrawn
    | ObligationChange
    | RecordChange
    | DecisionChange
    | TaskChange
    | OpeningChange
    | AskChange,
    Field(discriminator="table"),
]


class LedgerEntry(Frozen):
    """One step of a task's timeline.

    Attributes:
        version: 1, 2, 3 … within the task's round; the ledger writes each number once.
        at: Business moment at which it counts.
        recorded_at: Business moment at which it was handled; later than ``at`` after an outage.
        text: What happened, in a sentence for people.
        corrects: The version of an earlier entry that this one puts right; that one stays as it is.
        changes: Rows that change with it, in one transaction.
    """

    version: int
    kind: EntryKind
    at: datetime
    recorded_at: datetime
    body: str = ""
    person: str = ""
    message_id: str = ""
    text: str
    changes: tuple[Change, ...] = ()
    corrects: int | None = None


class TaskSnapshot(Frozen):
    """The task's row in the ledger after its newest entry. Dates only: lag is computed when read."""

    version: int
    status: str
    due_on: date | None
    behind_since: date | None
    suspended_days: int = 0
    suspended_since: date | None = None
    episode: int
    reminder_level: str | None
    awaiting: tuple[str, ...]
    next_moment_at: datetime | None
    next_moment_text: str = ""
    percent: int | None = None
    closed_at: datetime | None = None
