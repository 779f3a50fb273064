"""What an office's document lays down: ladder, limits, authority. Data, cited sentence by sentence.

Every parameter names the sentence it comes from, or says that it is assumed; the
assumption shows on whatever the parameter produces.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from duban.supervision.model import Frozen

Role: TypeAlias = str
"""A body's part in a task: one of the task's own (below) or an office named by the organisation."""

SUPERVISING_BODY: Role = "supervising_body"
LEAD_BODY: Role = "lead_body"
HANDLING_BODY: Role = "handling_body"
SUPPORTING_BODIES: Role = "supporting_bodies"
REFORM_OFFICE: Role = "reform_office"
LEADING_GROUP: Role = "leading_group"


class Source(Frozen):
    """Where a parameter comes from: a sentence of the document, or an assumption of ours."""

    paragraph: int | None = Field(default=None, ge=1)
    sentence: str = ""
    assumed: bool = False

    @model_validator(mode="after")
    def _cited_or_assumed(self) -> Self:
        if self.assumed == (self.paragraph is not None):
            raise ValueError("须写明 paragraph 和 sentence，或写 assumed: true，二者择一")
        if self.paragraph is not None and not self.sentence:
            raise ValueError("引用条文须写出原句 sentence")
        return self


class Unit(StrEnum):
    """The unit in which a limit runs; each clause has its own."""

    CALENDAR = "calendar"
    WORKING = "working"


class Limit(Frozen):
    """A number of days within which something is due."""

    days: int = Field(ge=0)
    unit: Unit = Unit.WORKING
    source: Source


class LagTrigger(Frozen):
    """Due while the lag lies in a band; exclusive below and inclusive above unless said otherwise."""

    kind: Literal["lag"] = "lag"
    above: int = Field(ge=0)
    through: int | None = None
    above_included: bool = False
    through_included: bool = True
    unit: Unit = Unit.CALENDAR

    @property
    def first(self) -> int:
        """The first lag, in days, at which the rung is due."""
        return self.above if self.above_included else self.above + 1

    @property
    def last(self) -> int | None:
        """The last lag of the band, or None where it has no upper edge."""
        if self.through is None:
            return None
        return self.through if self.through_included else self.through - 1

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if self.last is not None and self.last < self.first:
            raise ValueError(f"区间是空的：above {self.above}、through {self.through}，请改正")
        return self


class UrgingsTrigger(Frozen):
    """Due when the body has been urged ``count`` times in the episode and ``wait`` has passed since."""

    kind: Literal["urgings"] = "urgings"
    count: int = Field(ge=1)
    wait: Limit


class ReturnTrigger(Frozen):
    """Due when an answer has been returned for rework."""

    kind: Literal["return"] = "return"


class DemandTrigger(Frozen):
    """Due when a leader has demanded rectification and ``wait`` has passed without it."""

    kind: Literal["demand"] = "demand"
    wait: Limit


class GroundsTrigger(Frozen):
    """A body's conduct: asked about above a lag, raised at any time, never issued without stated grounds."""

    kind: Literal["grounds"] = "grounds"
    ask_above: int = Field(ge=0)

    @property
    def first(self) -> int:
        """The lag, in days, at which the question is put."""
        return self.ask_above + 1


Trigger: TypeAlias = Annotated[
    LagTrigger | UrgingsTrigger | ReturnTrigger | DemandTrigger | GroundsTrigger, Field(discriminator="kind")
]


class Duty(StrEnum):
    """What somebody owes; what does not come in its time is chased (see ``obligations``)."""

    ACCEPTANCE = "acceptance"
    FEEDBACK = "feedback"
    CYCLE_REPORT = "cycle_report"
    CALL_RECORD = "call_record"
    EXPLANATION = "explanation"
    VISIT_RECORD = "visit_record"
    INTERVIEW_RECORD = "interview_record"
    RECTIFICATION = "rectification"
    GROUNDS = "grounds"
    CONFIRMATION = "confirmation"
    DECISION = "decision"
    CONSENT = "consent"
    EXTENSION_DECISION = "extension_decision"
    VERIFICATION = "verification"


class Approval(Frozen):
    """What must come before a reminder goes out."""

    duty: Duty
    by: Role
    source: Source


class Answer(Frozen):
    """What must come back after a reminder."""

    duty: Duty
    by: Role
    source: Source


class Rung(Frozen):
    """One level of a ladder.

    Attributes:
        level: Key, unique in the ladder; ``phone written onsite circular interview`` in Kunming.
        track: Rungs of one track exclude each other: only the highest that is due is issued.
        triggers: The rung is due as soon as any of them is.
        issuers: Roles in whose name it is issued; the first keeps the records.
        joint_issuers: Issuers instead, for decisions of leading groups above and items on a list.
        recipients: Roles that are addressed; for a rung whose scope a decision sets, the fallback.
        paper: Series of the numbered paper, or None.
        assumed: What of this rung the document leaves open, in words; shown on what it produces.
    """

    level: str
    title: str
    track: str = "lag"
    triggers: tuple[Trigger, ...] = Field(min_length=1)
    source: Source
    issuers: tuple[Role, ...]
    joint_issuers: tuple[Role, ...] = ()
    recipients: tuple[Role, ...]
    approvals: tuple[Approval, ...] = ()
    answers: tuple[Answer, ...] = ()
    paper: str | None = None
    assumed: str = ""


class Urging(Frozen):
    """Urgings given by the clock while an item is overdue (Bozhou: the document gives no interval)."""

    after: Limit
    every: Limit
    at_most: int = Field(ge=1)
    source: Source


class Ladder(Frozen):
    """The levels of a regime, lowest first within each track."""

    rungs: tuple[Rung, ...]
    urging: Urging | None = None

    @model_validator(mode="after")
    def _levels_unique(self) -> Self:
        levels = [rung.level for rung in self.rungs]
        if len(set(levels)) != len(levels):
            raise ValueError("每个 level 只能出现一次")
        return self

    def rung(self, level: str) -> Rung | None:
        """The rung of a level, or None where the ladder (any more) has none."""
        return next((rung for rung in self.rungs if rung.level == level), None)


class Chasing(Frozen):
    """How what is owed is chased: first after its limit, then repeatedly, then no more."""

    every: Limit
    at_most: int = Field(ge=1)


class Act(StrEnum):
    """What a person does to a task by a message; the keys of ``authority``."""

    PROGRESS = "progress"
    ACCEPT = "accept"
    SUBMIT_EXPLANATION = "submit_explanation"
    RECORD_ACTION = "record_action"
    DECIDE = "decide"
    REQUEST_EXTENSION = "request_extension"
    SUSPEND = "suspend"
    RESUME = "resume"
    URGE = "urge"
    DEMAND = "demand"
    RAISE_INTERVIEW = "raise_interview"
    RETURN_FOR_REWORK = "return_for_rework"
    REQUEST_STRIKE_OFF = "request_strike_off"
    VERIFY = "verify"
    TERMINATE = "terminate"
    CARRY_OVER = "carry_over"
    ADOPT = "adopt"


class Authority(Frozen):
    """Which roles may do what, and from where that follows."""

    acts: dict[Act, tuple[Role, ...]]
    source: Source

    @model_validator(mode="after")
    def _complete(self) -> Self:
        missing = [act.value for act in Act if act not in self.acts]
        if missing:
            raise ValueError(f"缺少这些事项的权限：{'、'.join(missing)}")
        return self


class Document(Frozen):
    """The public document a regime is read from."""

    title: str
    issuer: str
    issued_on: date
    file: str


class Regime(Frozen):
    """One office's rules.

    Attributes:
        name: File name without ending, for example ``kunming``.
        zone: IANA name of the zone in which days are counted.
        offices: Bodies by role, used where the organisation file names none.
        advance_notice: How long before a milestone it is announced; moved to the working day before.
        cycle_notice: How long before the end of a reporting period the report is asked for.
        limits: Days for every duty.
    """

    name: str
    title: str
    document: Document
    zone: str = "Asia/Shanghai"
    offices: dict[Role, tuple[str, ...]]
    ladder: Ladder
    advance_notice: Limit
    cycle_notice: Limit
    limits: dict[Duty, Limit]
    chasing: Chasing
    authority: Authority

    @property
    def roles_needed(self) -> tuple[Role, ...]:
        """The roles without which the rules cannot run: each needs a body before a task begins."""
        needed = [SUPERVISING_BODY, LEAD_BODY, HANDLING_BODY, REFORM_OFFICE, LEADING_GROUP]
        for rung in self.ladder.rungs:
            needed += [*rung.issuers, *rung.joint_issuers, *rung.recipients]
            needed += [approval.by for approval in rung.approvals]
            needed += [answer.by for answer in rung.answers]
        return tuple(dict.fromkeys(needed))

    @model_validator(mode="after")
    def _limits_complete(self) -> Self:
        missing = [duty.value for duty in Duty if duty not in self.limits]
        if missing:
            raise ValueError(f"缺少这些时限：{'、'.join(missing)}")
        return self
