"""Who may do what to a task: by act, by kind of decision and by tier. Data."""

from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from duban.supervision.clauses import Limit, Sentence, Source
from duban.supervision.model import Frozen
from duban.supervision.rules.owed import ANSWERS, APPROVALS, Duty
from duban.supervision.rules.parts import (
    HANDLING_BODY,
    INSPECTION_OFFICES,
    LEAD_BODY,
    LEADING_GROUP,
    REFORM_OFFICE,
    SUPERVISING_BODY,
    SUPPORTING_BODIES,
    PersonRole,
    Role,
    Tier,
    Title,
)


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
    MARK = "mark"


ADDED_LATER: dict[Act, tuple[Role, ...]] = {
    Act.AMEND: (SUPERVISING_BODY, REFORM_OFFICE),
    Act.CORRECT: (SUPERVISING_BODY, REFORM_OFFICE, LEAD_BODY, HANDLING_BODY, SUPPORTING_BODIES),
    Act.INSPECT: (SUPERVISING_BODY, REFORM_OFFICE, INSPECTION_OFFICES),
    Act.TAKE_STEP: (),
    Act.MARK: (SUPERVISING_BODY, REFORM_OFFICE, LEADING_GROUP),
}
"""Acts that rules written for an earlier release do not know, and who may do them where they say nothing.

Who assigned a task may amend it (谁交办、谁催办) and inspect it; whoever made a record may correct it (A). Who takes a
step is said by the step itself. Lists are drawn up by who assigned a task and by the office, and decided above (A).
"""


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


class PersonalAct(Frozen):
    """What in a body is for persons of some place alone: the deputy urges, the head explains.

    Of several the first that fits holds. Where a body has named nobody of its places, anybody who speaks for it may.

    Attributes:
        title: What it is called, for example ``催办``.
        duty: Only where it fulfils this duty: one act may answer several.
        of: Only bodies that act in one of these roles; empty: any.
        tiers: Only bodies of these tiers; empty: any.
        by: Who may. Where the head may, so may the deputy who acts for him.
        same_section: Of clerks only those of the section that handles the matter (谁办文办事,谁负责督办): the one
            whose clerk was the first to do any such act for his body.
    """

    title: Title
    act: Act
    duty: Duty | None = None
    of: tuple[Role, ...] = Field(default=(), max_length=20)
    tiers: tuple[Tier, ...] = Field(default=(), max_length=4)
    by: tuple[PersonRole, ...] = Field(min_length=1, max_length=len(PersonRole))
    same_section: bool = Field(default=False, exclude_if=lambda same_section: not same_section)
    source: Source
    assumed: Sentence = ""

    @model_validator(mode="after")
    def _duty_is_fulfilled_by_it(self) -> Self:
        told_apart = (Act.SUBMIT_EXPLANATION, Act.RECORD_ACTION)
        if self.duty is not None and (self.act not in told_apart or ACT_OF.get(self.duty) is not self.act):
            raise ValueError(
                f"{self.title}：duty 只与 act: submit_explanation、record_action 同写，且须是以它办理的，请核对"
            )
        return self


class Authority(Frozen):
    """Which roles may do what, and from where that follows.

    ``acts`` holds what was written, no more: the text of rules names them (``policy.digest``), and tasks run for years
    by rules that were written before an act was known. Ask ``of``.

    Attributes:
        granted: By kind of decision and tier of bodies, gravest first; what none of them fits is left to ``acts``.
        by_head: Acts of a body's head (主要负责人) alone, or of the deputy who acts for him; where nobody has named the
            head, of anybody.
        persons: What in a body is for persons of some place alone, by kind of act and tier.
        separated: Nobody decides what he has proposed, also where he speaks for several bodies.
    """

    acts: dict[Act, tuple[Role, ...]]
    source: Source
    granted: tuple[Grant, ...] = Field(default=(), max_length=100, exclude_if=lambda granted: not granted)
    by_head: tuple[Act, ...] = Field(default=(), max_length=len(Act), exclude_if=lambda acts: not acts)
    persons: tuple[PersonalAct, ...] = Field(default=(), max_length=100, exclude_if=lambda persons: not persons)
    separated: bool = Field(default=False, exclude_if=lambda separated: not separated)

    @property
    def by_section(self) -> bool:
        """Whether anything depends on the section in which a person works."""
        return any(personal.same_section for personal in self.persons)

    @property
    def by_tier(self) -> bool:
        """Whether anything depends on the tier of a body: only then tasks know the tiers of theirs."""
        return any(grant.tiers or grant.handled_by_tiers for grant in self.granted) or any(
            personal.tiers for personal in self.persons
        )

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
