"""The levels of a regime and what each needs: what is due when, from whom, to whom. Data.

Nothing can be read that could not be carried out: nobody is asked twice under one name, and nothing waits for a body
that a task may not have.
"""

from itertools import product, takewhile
from typing import Self

from pydantic import Field, model_validator

from duban.supervision.clauses import Limit, Sentence, Source
from duban.supervision.model import Frozen
from duban.supervision.rules.owed import ANSWERS, APPROVALS, Duty
from duban.supervision.rules.parts import SUPPORTING_BODIES, Role, Title
from duban.supervision.rules.triggers import GroundsTrigger, LagTrigger, Trigger


class Requisite(Frozen):
    """What a reminder needs of somebody.

    Attributes:
        limit: Of this level, where it is not that of the duty (red within five days, yellow within three).
    """

    duty: Duty
    by: Role
    source: Source
    limit: Limit | None = Field(default=None, exclude_if=lambda limit: limit is None)

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
    """What must come back after a reminder.

    Attributes:
        tells: Of an explanation: the roles to which it is made; they are told what it says.
        to_head: It names the heads of those bodies.
    """

    tells: tuple[Role, ...] = Field(default=(), max_length=10, exclude_if=lambda tells: not tells)
    to_head: bool = Field(default=False, exclude_if=lambda to_head: not to_head)

    @model_validator(mode="after")
    def _is_made_to_somebody(self) -> Self:
        if self.tells and self.duty is not Duty.EXPLANATION:
            raise ValueError("tells 只用于书面说明（duty: explanation）")
        if self.to_head and not self.tells:
            raise ValueError("to_head 须与 tells 同写")
        return self

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
        to_head: The reminder itself names the heads of the bodies to which it goes, and stays one notice to each body.
            A notice of their own for heads, beside a reminder, is a copy (``Copy.to_heads``).
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

    def limit_of(self, level: str, duty: Duty) -> Limit | None:
        """The limit of what a level needs; None where it has none of its own."""
        rung = self.rung(level)
        needed = (*rung.approvals, *rung.answers) if rung is not None else ()
        return next((each.limit for each in needed if each.duty is duty), None)

    def rung(self, level: str) -> Rung | None:
        """The rung of a level, or None where the ladder (any more) has none."""
        return next((rung for rung in self.rungs if rung.level == level), None)
