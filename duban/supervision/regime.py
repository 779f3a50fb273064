"""What an office's document lays down: ladder, limits, authority. Data, cited sentence by sentence.

Rules that could not be carried out are refused when they are read: nobody is asked twice under one name, nobody owes
what he may not do, and nothing waits for a body that a task may not have.
"""

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from itertools import product, takewhile
from typing import Annotated, Self, TypeAlias

from pydantic import Field, model_validator

from duban.supervision.clauses import Limit, Sentence, Source
from duban.supervision.matters import MatterKey, MatterKind
from duban.supervision.model import Frozen
from duban.supervision.reporting_rules import ExplainedBefore, InterimReports
from duban.supervision.triggers import GroundsTrigger, LagTrigger, Trigger

Role: TypeAlias = str
"""A body's part in a task: one of the task's own (below) or an office named by the organisation."""

Title = Annotated[str, Field(min_length=1, max_length=100)]
"""A name that stands on notices and in keys."""
Tier = Annotated[int, Field(ge=1, le=4)]
"""Of four, the highest first (Kunming 2016, paragraph 2)."""

SUPERVISING_BODY: Role = "supervising_body"
LEAD_BODY: Role = "lead_body"
HANDLING_BODY: Role = "handling_body"
SUPPORTING_BODIES: Role = "supporting_bodies"
SUPERIOR_BODY: Role = "superior_body"
"""Who supervises the lead body (所属专项小组): by the organisation file, else the supervising body (A)."""
REFORM_OFFICE: Role = "reform_office"
LEADING_GROUP: Role = "leading_group"
INSPECTION_OFFICES: Role = "inspection_offices"
WATCHER: Role = "watcher"
"""Whoever keeps an eye on a plan (专门盯、专门抓; Sichuan 2016): named by the plan, or for all by the organisation."""


class Duty(StrEnum):
    """What somebody owes; what does not come in its time is chased (see ``duties``)."""

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
    STEP = "step"
    ADVANCE_EXPLANATION = "advance_explanation"
    HAND_OVER = "hand_over"


DATED_OTHERWISE = (Duty.ADVANCE_EXPLANATION, Duty.HAND_OVER)
"""What is due on a date that comes with it, and so has no limit of its own in the rules."""
APPROVALS = (Duty.GROUNDS, Duty.CONFIRMATION, Duty.DECISION, Duty.CONSENT)
"""What may have to come before a reminder: each is a decision."""
ANSWERS = (Duty.CALL_RECORD, Duty.EXPLANATION, Duty.VISIT_RECORD, Duty.INTERVIEW_RECORD, Duty.RECTIFICATION)
"""What may have to come back after one."""


WITH_LIMITS_OF_THEIR_OWN = (Duty.STEP,)
"""What is due by the step that asks for it, and not by one limit for all."""


class Requisite(Frozen):
    """What a reminder needs of somebody."""

    duty: Duty
    by: Role
    source: Source

    @model_validator(mode="after")
    def _somebody_is_there(self) -> Self:
        if self.by == SUPPORTING_BODIES:
            raise ValueError("by 不能是 supporting_bodies：任务可能没有配合单位")
        return self


class Approval(Requisite):
    """What must come before a reminder goes out."""

    @model_validator(mode="after")
    def _decides(self) -> Self:
        if self.duty not in APPROVALS:
            raise ValueError(f"approvals 的 duty 只能是 {'、'.join(APPROVALS)}，不能是 {self.duty}")
        return self


class Answer(Requisite):
    """What must come back after a reminder."""

    @model_validator(mode="after")
    def _answers(self) -> Self:
        if self.duty not in ANSWERS:
            raise ValueError(f"answers 的 duty 只能是 {'、'.join(ANSWERS)}，不能是 {self.duty}")
        return self


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
        to_head: It names the head of the body to which it goes.
        assumed: What of this rung the document leaves open, in words; shown on what it produces.
    """

    level: Title
    title: Title
    track: Title = "lag"
    triggers: tuple[Trigger, ...] = Field(min_length=1, max_length=20)
    source: Source
    issuers: tuple[Role, ...] = Field(min_length=1, max_length=20)
    joint_issuers: tuple[Role, ...] = Field(default=(), max_length=20)
    recipients: tuple[Role, ...] = Field(min_length=1, max_length=20)
    approvals: tuple[Approval, ...] = Field(default=(), max_length=10)
    answers: tuple[Answer, ...] = Field(default=(), max_length=10)
    paper: Title | None = None
    to_head: bool = Field(default=False, exclude_if=lambda to_head: not to_head)
    assumed: Sentence = ""

    @property
    def bands(self) -> tuple[LagTrigger, ...]:
        """The bands of lag in which it is due."""
        return tuple(trigger for trigger in self.triggers if isinstance(trigger, LagTrigger))

    @property
    def on_grounds(self) -> bool:
        """Whether it is about a body's conduct: never issued without stated grounds."""
        return any(isinstance(trigger, GroundsTrigger) for trigger in self.triggers)

    @model_validator(mode="after")
    def _can_be_worked(self) -> Self:
        """What is owed for a level is named by its duty: of two that are the same one would hide the other."""
        duties = [requisite.duty for requisite in (*self.approvals, *self.answers)]
        for duty in duties:
            if duties.count(duty) > 1:
                raise ValueError(f"{self.title}：同一事项（{duty}）在 approvals、answers 中只能写一次")
        if self.on_grounds and [approval.duty for approval in self.approvals][:1] != [Duty.GROUNDS]:
            raise ValueError(f"{self.title}：以 grounds 触发的一级，approvals 的第一项须是 duty: grounds")
        return self


class Urging(Frozen):
    """Urgings given by the clock while an item is overdue (Bozhou: the document gives no interval)."""

    after: Limit
    every: Limit
    at_most: int = Field(ge=1, le=1_000)
    source: Source


class Ladder(Frozen):
    """The levels of a regime, lowest first within each track."""

    rungs: tuple[Rung, ...] = Field(max_length=40)
    urging: Urging | None = None

    @model_validator(mode="after")
    def _levels_unique(self) -> Self:
        levels = [rung.level for rung in self.rungs]
        if len(set(levels)) != len(levels):
            raise ValueError("每个 level 只能出现一次")
        return self

    @model_validator(mode="after")
    def _lowest_first(self) -> Self:
        for rung in self.rungs:
            for lower in self.below(rung):
                for low, high in product(lower.bands, rung.bands):
                    if low.unit is high.unit and low.first > high.first:
                        raise ValueError(f"{lower.title}、{rung.title}须由低到高排列，请按滞后天数从少到多书写")
        return self

    def below(self, rung: Rung) -> tuple[Rung, ...]:
        """The levels below one, on its track."""
        return tuple(takewhile(lambda other: other.level != rung.level, self._track_of(rung)))

    def above(self, rung: Rung) -> tuple[Rung, ...]:
        """The levels above one, on its track."""
        return self._track_of(rung)[len(self.below(rung)) + 1 :]

    def _track_of(self, rung: Rung) -> tuple[Rung, ...]:
        return tuple(other for other in self.rungs if other.track == rung.track)

    def rung(self, level: str) -> Rung | None:
        """The rung of a level, or None where the ladder (any more) has none."""
        return next((rung for rung in self.rungs if rung.level == level), None)


class Copy(Frozen):
    """Who else is told of a reminder.

    Attributes:
        levels: Of which reminders.
        to: Roles; one that nobody has is told nothing.
        to_heads: It goes to the heads of those bodies themselves, also where their body is addressed already.
    """

    levels: tuple[Title, ...] = Field(min_length=1, max_length=40)
    to: tuple[Role, ...] = Field(min_length=1, max_length=20)
    to_heads: bool = False
    source: Source
    assumed: Sentence = ""


class Meetings(Frozen):
    """How a meeting's decisions are handed over.

    Attributes:
        paper: Series of the numbered slip; None: the slip has no number.
        responsible_person: Every decision names a person beside the body.
    """

    paper: Title | None = None
    responsible_person: bool = False
    source: Source
    assumed: Sentence = ""


class Chasing(Frozen):
    """How what is owed is chased: first after its limit, then repeatedly, then no more."""

    every: Limit
    at_most: int = Field(ge=1, le=1_000)


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
    AMEND = "amend"
    CORRECT = "correct"
    INSPECT = "inspect"
    TAKE_STEP = "take_step"


ADDED_LATER: dict[Act, tuple[Role, ...]] = {
    Act.AMEND: (SUPERVISING_BODY, REFORM_OFFICE),
    Act.CORRECT: (SUPERVISING_BODY, REFORM_OFFICE, LEAD_BODY, HANDLING_BODY, SUPPORTING_BODIES),
    Act.INSPECT: (SUPERVISING_BODY, REFORM_OFFICE, INSPECTION_OFFICES),
    Act.TAKE_STEP: (),
}
"""Acts that rules written for an earlier release do not know, and who may do them where they say nothing.

Who assigned a task may amend it (谁交办、谁催办) and inspect it; whoever made a record may correct it (A). Who takes a
step is said by the step itself.
"""


class Grant(Frozen):
    """Who may do something of one kind, where it is not left to ``Authority.acts``.

    Attributes:
        title: What the kind is called, for example ``第二次延期``.
        duty: Of a decision: which. What reminders need is said at their levels; here it is the extension.
        beyond: Of a later date: further than this from the date that the plan gives.
        extended: Of a later date: so many have been agreed to before.
        handled_by_tiers: Only of tasks whose handling body is of one of these tiers.
        by: Roles that may; where somebody is asked, the first body of them.
        tiers: The acting body must be of one of these; empty: of any.
    """

    title: Title
    act: Act
    duty: Duty | None = None
    beyond: Limit | None = None
    extended: int = Field(default=0, ge=0, le=100)
    handled_by_tiers: tuple[Tier, ...] = Field(default=(), max_length=4)
    by: tuple[Role, ...] = Field(min_length=1, max_length=20)
    tiers: tuple[Tier, ...] = Field(default=(), max_length=4)
    source: Source
    assumed: Sentence = ""

    @model_validator(mode="after")
    def _is_of_a_kind(self) -> Self:
        is_extension = self.duty is Duty.EXTENSION_DECISION
        is_later_date = self.act is Act.CARRY_OVER or is_extension
        if (self.act is Act.DECIDE) != is_extension or (self.duty is not None and not is_extension):
            raise ValueError(
                f"{self.title}：act: decide 须与 duty: extension_decision 同写；提醒的批准写在各级的 approvals"
            )
        if (self.beyond or self.extended) and not is_later_date:
            raise ValueError(f"{self.title}：beyond、extended 只用于延期（extension_decision）和结转（carry_over）")
        return self


class Authority(Frozen):
    """Which roles may do what, and from where that follows.

    ``acts`` holds what was written, no more: the text of rules names them (``policy.digest``), and tasks run for years
    by rules that were written before an act was known. Ask ``of``.

    Attributes:
        granted: By kind of decision and tier of bodies, gravest first; what none of them fits is left to ``acts``.
        by_head: Acts of a body's head (主要负责人) alone, or of the deputy who acts for him; where nobody has named the
            head, of anybody.
        separated: Nobody decides what he has proposed, also where he speaks for several bodies.
    """

    acts: dict[Act, tuple[Role, ...]]
    source: Source
    granted: tuple[Grant, ...] = Field(default=(), max_length=100, exclude_if=lambda granted: not granted)
    by_head: tuple[Act, ...] = Field(default=(), max_length=len(Act), exclude_if=lambda acts: not acts)
    separated: bool = Field(default=False, exclude_if=lambda separated: not separated)

    @property
    def by_tier(self) -> bool:
        """Whether anything depends on the tier of a body: only then tasks know the tiers of theirs."""
        return any(grant.tiers or grant.handled_by_tiers for grant in self.granted)

    def of(self, act: Act) -> tuple[Role, ...]:
        """The roles that may do something."""
        return self.acts.get(act, ADDED_LATER.get(act, ()))

    @property
    def spelled_out(self) -> Self:
        """With every act stated: two that grant the same are then equal, whenever they were written."""
        return self.model_copy(update={"acts": {act: self.of(act) for act in Act}})

    @model_validator(mode="after")
    def _complete(self) -> Self:
        missing = [act.value for act in Act if act not in self.acts and act not in ADDED_LATER]
        if missing:
            raise ValueError(f"缺少这些事项的权限：{'、'.join(missing)}")
        return self


ACT_OF: dict[Duty, Act] = {
    **dict.fromkeys((*APPROVALS, Duty.EXTENSION_DECISION), Act.DECIDE),
    **dict.fromkeys(ANSWERS, Act.RECORD_ACTION),
    Duty.EXPLANATION: Act.SUBMIT_EXPLANATION,
    Duty.VERIFICATION: Act.VERIFY,
    Duty.ACCEPTANCE: Act.ACCEPT,
    Duty.FEEDBACK: Act.PROGRESS,
    Duty.CYCLE_REPORT: Act.PROGRESS,
    Duty.STEP: Act.TAKE_STEP,
    Duty.ADVANCE_EXPLANATION: Act.SUBMIT_EXPLANATION,
}
"""By which act a duty is fulfilled."""


class Document(Frozen):
    """The public document a regime is read from.

    Attributes:
        title: As people are to read it.
        printed_title: As it stands in the file, where that is written otherwise (in traditional characters).
    """

    title: Title
    issuer: Title
    issued_on: date
    file: Title
    printed_title: str = Field(default="", max_length=100, exclude_if=lambda title: not title)


class Regime(Frozen):
    """One office's rules.

    Attributes:
        name: File name without ending, for example ``kunming``.
        zone: IANA name of the zone in which days are counted.
        offices: Bodies by role, used where the organisation file names none.
        advance_notice: How long before a milestone it is announced; moved to the working day before.
        cycle_notice: How long before the end of a reporting period the report is asked for.
        limits: Days for every duty but those that have limits of their own.
        matters: Kinds of matter with a limit of their own, by the names that plans are kept under.
        interim_reports: Reports by cycle of tasks with a deadline; None: none are owed.
        explained_before: The word before the last deadline; None: nobody is asked.
        copies: Who else is told of which reminders.
        meetings: How a meeting's decisions are handed over, where that is said.
        hand_over: Within which the supervising body hands the tasks of a plan over, from the day of its issue; None:
            nobody looks.

    What came after the first plans is left out of the text where a file does not state it (``policy.digest``).
    """

    name: Title
    title: Title
    document: Document
    zone: Title = "Asia/Shanghai"
    offices: dict[Role, tuple[Title, ...]]
    ladder: Ladder
    advance_notice: Limit
    cycle_notice: Limit
    limits: dict[Duty, Limit]
    chasing: Chasing
    authority: Authority
    matters: dict[MatterKey, MatterKind] = Field(
        default_factory=dict, max_length=50, exclude_if=lambda matters: not matters
    )
    interim_reports: InterimReports | None = Field(default=None, exclude_if=lambda rule: rule is None)
    explained_before: ExplainedBefore | None = Field(default=None, exclude_if=lambda rule: rule is None)
    hand_over: Limit | None = Field(default=None, exclude_if=lambda limit: limit is None)
    copies: tuple[Copy, ...] = Field(default=(), max_length=50, exclude_if=lambda copies: not copies)
    meetings: Meetings | None = Field(default=None, exclude_if=lambda rule: rule is None)

    @property
    def roles_needed(self) -> tuple[Role, ...]:
        """The roles without which the rules cannot run: each needs a body before a task begins."""
        needed = [SUPERVISING_BODY, LEAD_BODY, HANDLING_BODY, REFORM_OFFICE, LEADING_GROUP]
        needed += [grant.by[0] for grant in self.authority.granted if grant.act in (Act.DECIDE, Act.VERIFY)]
        for rung in self.ladder.rungs:
            needed += [*rung.issuers, *rung.joint_issuers, *rung.recipients]
            needed += [approval.by for approval in rung.approvals]
            needed += [answer.by for answer in rung.answers]
        return tuple(dict.fromkeys(needed))

    @property
    def roles_named(self) -> tuple[Role, ...]:
        """Every role that the rules speak of, be it only as one that may do something."""
        acting = [*self.authority.acts.values(), *(grant.by for grant in self.authority.granted)]
        return tuple(dict.fromkeys((*self.roles_needed, *(role for roles in acting for role in roles))))

    @model_validator(mode="after")
    def _copies_are_of_its_levels(self) -> Self:
        for level in (level for copy in self.copies for level in copy.levels):
            if self.ladder.rung(level) is None:
                raise ValueError(f"copies：阶梯中没有“{level}”这一级，请核对")
        return self

    @model_validator(mode="after")
    def _every_kind_of_matter_is_told_apart(self) -> Self:
        names = [name for kind in self.matters.values() for name in (kind.title, *kind.names)]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"matters：“{name}”写了两次，分不清是哪一类事项")
        return self

    @model_validator(mode="after")
    def _limits_complete(self) -> Self:
        wanted = (duty for duty in Duty if duty not in (*WITH_LIMITS_OF_THEIR_OWN, *DATED_OTHERWISE))
        missing = [duty.value for duty in wanted if duty not in self.limits]
        if missing:
            raise ValueError(f"缺少这些时限：{'、'.join(missing)}")
        return self

    @model_validator(mode="after")
    def _whoever_owes_may_act(self) -> Self:
        """What is owed by a body that may not do it would be chased in vain, or wait for ever."""
        for duty, by in self._owed_by():
            act = ACT_OF[duty]
            if by not in self.authority.of(act):
                raise ValueError(f"{duty.value} 由 {by} 办理，但 authority 的 {act.value} 中没有它，请补上")
        return self

    @model_validator(mode="after")
    def _whoever_is_asked_may_decide(self) -> Self:
        for grant in self.authority.granted:
            if grant.act is Act.DECIDE and not set(grant.by) <= set(self.authority.of(Act.DECIDE)):
                raise ValueError(f"{grant.title}：{'、'.join(grant.by)} 须都在 authority 的 decide 中，请补上")
        return self

    def owing_roles(self, duty: Duty) -> tuple[Role, ...]:
        """The roles in which a duty is owed."""
        return tuple(dict.fromkeys(by for owed, by in self._owed_by() if owed is duty))

    def _owed_by(self) -> Iterator[tuple[Duty, Role]]:
        yield from ((duty, HANDLING_BODY) for duty in (Duty.ACCEPTANCE, Duty.FEEDBACK, Duty.CYCLE_REPORT))
        yield from ((duty, SUPERVISING_BODY) for duty in (Duty.EXTENSION_DECISION, Duty.VERIFICATION))
        for grant in self.authority.granted:
            if grant.act is Act.DECIDE:
                yield Duty.EXTENSION_DECISION, grant.by[0]
        if self.explained_before is not None:
            yield Duty.ADVANCE_EXPLANATION, HANDLING_BODY
        for rung in self.ladder.rungs:
            yield from ((approval.duty, approval.by) for approval in rung.approvals)
            for answer in rung.answers:
                yield answer.duty, answer.by
                if answer.duty is Duty.INTERVIEW_RECORD:  # it says by when the handling body rectifies
                    yield Duty.RECTIFICATION, HANDLING_BODY
                if answer.by in rung.issuers and rung.joint_issuers:
                    yield answer.duty, rung.joint_issuers[0]
