"""Everything a task knows. Carried through continue-as-new; holds dates, never day counts."""

from datetime import date, datetime
from enum import StrEnum

from pydantic import Field

from duban.supervision.bodies.roles import TaskRoles
from duban.supervision.model import Frozen
from duban.supervision.plans.plan import MilestoneKind, TaskDefinition
from duban.supervision.rules.owed import Duty
from duban.supervision.steps.counted import LedgerCount

REMEMBERED_MESSAGES = 100
"""How many message ids a task keeps to recognise one sent twice."""


class Stage(StrEnum):
    """The life of a task."""

    REGISTERED = "registered"
    ASSIGNED = "assigned"
    ACCEPTED = "accepted"
    UNDER_WAY = "under_way"
    STRIKE_OFF_REQUESTED = "strike_off_requested"
    STRUCK_OFF = "struck_off"
    CLOSED = "closed"
    TERMINATED = "terminated"

    @property
    def is_final(self) -> bool:
        """Whether nothing happens to the task any more."""
        return self in (Stage.STRUCK_OFF, Stage.CLOSED, Stage.TERMINATED)


class Milestone(Frozen):
    """A dated node and how it stands.

    Attributes:
        baseline_on: The date first issued; kept when an extension is approved.
        due_on: The date in force; met until the end of this local day.
        met_by: Id of the message that met it; empty for one met before the task was taken over.
        final: Met only by the strike-off request with its deliverable.
        announced_for: The due date for which the advance notice has been dealt with.
        withdrawn_at: When an amendment of the plan took it out, unmet; nothing is due on it any more. It stays, because
            its number and its past do.
    """

    number: int
    phrase: str
    kind: MilestoneKind
    baseline_on: date
    due_on: date
    final: bool = False
    met_at: datetime | None = None
    met_by: str = ""
    evidence: str = ""
    announced_for: date | None = None
    withdrawn_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is still to be met."""
        return self.met_at is None and self.withdrawn_at is None


class Suspension(Frozen):
    """A stretch of days that do not count: from ``from_on`` to the day before ``until_on``.

    Attributes:
        over: Its end has been entered in the ledger.
    """

    from_on: date
    until_on: date | None
    reason: str
    over: bool = False


class Episode(Frozen):
    """A stretch of uninterrupted lag.

    Attributes:
        opened_on: D0, the due date of the milestone that became overdue first; the lag of that day is 0.
        watched_from: What fell due before this date is due on it (a task taken over late, a report returned).
        ended_on: Local date on which nothing was overdue any more.
        urged_on: Dates of the urgings given in it.
        returned_on, demanded_on: When an answer was returned, a rectification demanded.
    """

    number: int
    opened_on: date
    watched_from: date
    ended_on: date | None = None
    urged_on: tuple[date, ...] = ()
    returned_on: date | None = None
    demanded_on: date | None = None


class RungStatus(StrEnum):
    """What has become of a level in an episode."""

    AWAITING_APPROVAL = "awaiting_approval"
    ISSUED = "issued"
    NOT_ISSUED = "not_issued"
    REFUSED = "refused"
    GIVEN_BEFORE = "given_before"
    WITHDRAWN = "withdrawn"


class RungRecord(Frozen):
    """A level dealt with in an episode (0: raised outside any).

    Attributes:
        key: Names the reminder within the task's round: ``e1/phone``.
        due_on: Local date on which it became due.
        lag_days: The lag on that date.
        approvals_given: How many of the rung's approvals are in.
        grounds: Stated grounds, in words.
        proposed_by: Body and person who raised it or stated its grounds.
    """

    key: str
    level: str
    episode: int
    status: RungStatus
    due_on: date
    lag_days: int
    approvals_given: int = 0
    grounds: str = ""
    deliver_not_before: datetime | None = None
    proposed_by: tuple[str, str] | None = Field(default=None, exclude_if=lambda who: who is None)


class Obligation(Frozen):
    """What somebody owes, and by when; chased until it comes.

    Attributes:
        id: Unique within the task's round, for example ``e1/phone/call_record``.
        subject: Key of what it belongs to, for example ``e1/phone``.
        not_before: When the body learns of it (business moment).
        next_chase_on: Local date of the next chase; None when there is none left.
    """

    id: str
    duty: Duty
    owed_by: str
    subject: str
    not_before: datetime
    due_on: date
    chases: int = 0
    next_chase_on: date | None


class StepRun(Frozen):
    """A step of a procedure that has begun.

    Attributes:
        key: Names it within the task's round: ``s3/approve``, or ``s3/inspect/2`` where it has to be done more often.
        step: Its id in the procedure.
        title: As people read it; the procedure may be another by now.
        by: The role in which it is owed.
        occurrence, times: It is this one of so many.
        within: The first and the last day of the period over which they are spread.
        told_on: The local date from which whoever owes it knows of it.
        baseline_on: The last day as it was reckoned; kept when it is moved.
        announced_for: The last day for which it has been called to mind, or need not be.
        done_at, outcome, body, person: When, how and by whom it was taken.
        parts: How many parts of it have been done while it waits on.
    """

    key: str
    step: str
    title: str
    by: str
    occurrence: int = 1
    times: int = 1
    within: tuple[date, date] | None = None
    begun_at: datetime
    told_on: date
    baseline_on: date
    due_on: date
    announced_for: date | None = None
    done_at: datetime | None = None
    outcome: str = ""
    body: str = ""
    person: str = ""
    parts: int = 0

    @property
    def words(self) -> str:
        """As people read it, with its count where it has one."""
        return self.title if self.times == 1 else f"{self.title}（第{self.occurrence}次，共{self.times}次）"

    @property
    def number(self) -> int:
        """How many steps had begun with it."""
        return int(self.key.split("/")[0].removeprefix("s"))


class PendingExtension(Frozen):
    """An extension asked for and not decided.

    Attributes:
        body, person: Who asked, and so may not decide.
    """

    obligation: str
    milestone: int
    new_due_on: date
    reason: str
    body: str = ""
    person: str = ""


class ReportReference(Frozen):
    """A report that claimed milestones: remembered, because it can be returned.

    Attributes:
        episode: Number of the episode that was open when it came, or 0.
    """

    id: str
    milestones: tuple[int, ...]
    episode: int


class Requester(Frozen):
    """Who asked for the strike-off, and so may not verify it."""

    body: str
    person: str
    message: str


class TaskState(Frozen):
    """A task at a moment.

    Attributes:
        round: Which life of the task, counted from 1; part of every key.
        version: Number of the last ledger entry.
        last_at: Business moment of the last transition; no message counts before it.
        entered_on: Local date on which the task came under supervision.
        policy_digest: Names the policy in force.
        percent: The last self-reported percentage.
        demanded_on: When a rectification was demanded while nothing was overdue.
        cycle_ends_on: The last day of the period that may be reported on next (``interim``); None where none is.
        explained: Keys of the reminders for which an explanation is in.
        recent: Ids of recent messages with the version that showed them.
        amendments: How many times the task has been amended; part of the keys of what that sets off.
        steps: Of a task that goes step by step: the latest that have begun, in that order; only the last can be open.
        stated: What was stated with them, by the names of the procedure's facts: of each the newest.
        counted: Of numbers among these that the ledger can count: what it had.
        extended: Numbers of milestones to whose later date somebody has agreed, each as often as that was.
        handled_in: By body the section that handles it, where the rules ask for one.
        foretold_for: The last deadline of which it has been asked, or said, whether it will be met.
        returned_days: Local dates of the latest returns, in order; the first ones of older tasks are not known.
    """

    definition: TaskDefinition
    plan_code: str
    plan_title: str = ""
    roles: TaskRoles
    round: int = 1
    version: int = 0
    stage: Stage = Stage.REGISTERED
    last_at: datetime
    entered_on: date
    policy_digest: str = ""
    milestones: tuple[Milestone, ...] = ()
    episodes: tuple[Episode, ...] = ()
    rungs: tuple[RungRecord, ...] = ()
    obligations: tuple[Obligation, ...] = ()
    suspensions: tuple[Suspension, ...] = ()
    extensions: tuple[PendingExtension, ...] = ()
    reports: tuple[ReportReference, ...] = ()
    explained: tuple[str, ...] = ()
    requester: Requester | None = None
    deliverable: str = ""
    percent: int | None = None
    extension_count: int = 0
    raised_count: int = 0
    returns: int = 0
    demanded_on: date | None = None
    urgings: int = 0
    cycle_ends_on: date | None = None
    recent: tuple[tuple[str, int], ...] = ()
    amendments: int = 0
    steps: tuple[StepRun, ...] = ()
    stated: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    counted: dict[str, LedgerCount] = Field(default_factory=dict, exclude_if=lambda counted: not counted)
    extended: tuple[int, ...] = Field(default=(), exclude_if=lambda numbers: not numbers)
    foretold_for: date | None = Field(default=None, exclude_if=lambda day: day is None)
    returned_days: tuple[date, ...] = Field(default=(), exclude_if=lambda days: not days)
    handled_in: dict[str, str] = Field(default_factory=dict, exclude_if=lambda sections: not sections)

    @property
    def code(self) -> str:
        """The task's code."""
        return self.definition.code

    @property
    def handed_over_on(self) -> date:
        """The local date on which the item was handed over: what its kind of matter allows counts from it."""
        definition, origin = self.definition, self.definition.origin
        return definition.handed_over_on or (origin.handed_over_on if origin else None) or self.entered_on

    @property
    def episode(self) -> Episode | None:
        """The open episode, if any."""
        if self.episodes and self.episodes[-1].ended_on is None:
            return self.episodes[-1]
        return None

    @property
    def unmet(self) -> tuple[Milestone, ...]:
        """Milestones still to be met, earliest first."""
        return tuple(sorted((m for m in self.milestones if m.is_open), key=lambda m: (m.due_on, m.number)))

    def milestone(self, number: int) -> Milestone | None:
        """The milestone of a number."""
        return next((m for m in self.milestones if m.number == number), None)

    @property
    def open_step(self) -> StepRun | None:
        """The step that waits for somebody, if any."""
        last = self.steps[-1] if self.steps and not self.stage.is_final else None
        return last if last is not None and last.done_at is None else None

    @property
    def facts(self) -> dict[str, tuple[str, ...]]:
        """All that has been stated, at the opening and since."""
        return {**self.definition.facts, **self.stated}

    @property
    def counts(self) -> dict[str, LedgerCount]:
        """What the ledger had of what has been stated."""
        opening = {name: count for name, count in self.definition.counted.items() if name not in self.stated}
        return {**opening, **self.counted}

    def step_run(self, key: str) -> StepRun | None:
        """A step that has begun."""
        return next((run for run in self.steps if run.key == key), None)

    def obligation(self, identity: str) -> Obligation | None:
        """An open obligation."""
        return next((o for o in self.obligations if o.id == identity), None)

    def owing(self, *duties: Duty) -> tuple[Obligation, ...]:
        """The open obligations of these duties."""
        return tuple(o for o in self.obligations if o.duty in duties)

    def suspended_on(self, day: date) -> bool:
        """Whether the count stands still on a local day."""
        return any(s.from_on <= day and (s.until_on is None or day < s.until_on) for s in self.suspensions)
