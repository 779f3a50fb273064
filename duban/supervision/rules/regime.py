"""What an office's document lays down: ladder, limits, authority. Data, cited sentence by sentence.

Rules that could not be carried out are refused when they are read: nobody is asked twice under one name, nobody owes
what he may not do, and nothing waits for a body that a task may not have.
"""

from collections.abc import Iterator
from datetime import date
from typing import Self

from pydantic import Field, model_validator

from duban.supervision.clauses import Limit, Sentence, Source
from duban.supervision.model import Frozen
from duban.supervision.rules.authority import ACT_OF, Act, Authority
from duban.supervision.rules.matters import MatterKey, MatterKind
from duban.supervision.rules.owed import DATED_OTHERWISE, WITH_LIMITS_OF_THEIR_OWN, Duty
from duban.supervision.rules.parts import (
    HANDLING_BODY,
    LEAD_BODY,
    LEADING_GROUP,
    REFORM_OFFICE,
    SUPERVISING_BODY,
    Role,
    Title,
)
from duban.supervision.rules.reporting_rules import ExplainedBefore, InterimReports
from duban.supervision.rules.rungs import Ladder


class Copy(Frozen):
    """Who else is told of a reminder.

    Attributes:
        levels: Of which reminders.
        to: Roles; one that nobody has is told nothing.
        to_heads: It is a notice of its own to the heads of those bodies, also where their body is addressed already.
            A reminder that itself names the heads of its recipients says so at its level (``Rung.to_head``).
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
