"""Numbers that the ledger can count (台账可计数): which, about whom, over what stretch of time.

Documents want numbers that an office would otherwise look up by hand: grounds of accountability (Chengdu 2016:
未完成…所确定任务、扣分多、拒不整改), results verified again (Bozhou 2015: 复核率), items in three states (Sichuan
2016). The core counts nothing: whoever writes a message asks the ledger and puts the number into it beside what is
stated. Who states another number says why; both are on record.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from duban.supervision.clauses import Sentence, Source
from duban.supervision.model import Frozen
from duban.supervision.plans.plan import Found, ListKind

_Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]


class Figure(StrEnum):
    """What can be counted.

    Open tasks of a body whose last deadline is over; open tasks of which any node is overdue; the items of a plan, in
    the state in which they are found; items of a procedure that wait for a step past its last day; items of a procedure
    of which a step has been taken; points taken from a body by the rules of the appraisal.
    """

    UNFINISHED_TASKS = "unfinished_tasks"
    OVERDUE_TASKS = "overdue_tasks"
    PLAN_ITEMS = "plan_items"
    OVERDUE_STEPS = "overdue_steps"
    STEPS_TAKEN = "steps_taken"
    DEDUCTIONS = "deductions"


class Within(StrEnum):
    """Over what stretch: a calendar year, or the item's own period."""

    YEAR = "year"
    PERIOD = "period"


_ONLY_OF: Mapping[str, tuple[Figure, ...]] = {
    "lists": (Figure.UNFINISHED_TASKS, Figure.OVERDUE_TASKS),
    "and_supervised": (Figure.UNFINISHED_TASKS, Figure.OVERDUE_TASKS, Figure.OVERDUE_STEPS, Figure.STEPS_TAKEN),
    "procedure": (Figure.OVERDUE_STEPS, Figure.STEPS_TAKEN),
    "step": (Figure.OVERDUE_STEPS, Figure.STEPS_TAKEN),
    "outcomes": (Figure.STEPS_TAKEN,),
    "named_in": (Figure.STEPS_TAKEN,),
    "found": (Figure.PLAN_ITEMS,),
    "year": (Figure.STEPS_TAKEN, Figure.DEDUCTIONS),
}
"""Which parameters belong to which figures."""


class Counting(Frozen):
    """How the ledger counts a number.

    Attributes:
        of: The fact that names the body, or the plan, that it is counted for. Empty: of a plan, the one that the item
            concerns; of steps, whoever's.
        lists: Only tasks that stand on one of these lists.
        and_supervised: The bodies that this one supervises count with it (本领域).
        procedure, step, outcomes: Of steps: which, and ended how; without outcomes, however.
        named_in: Only items whose codes have been stated in this item under one of these facts.
        found: Only items of a plan in this state.
        within: Of what happened: when.
        year: The fact that names the year; where nothing is stated, the present one.
    """

    counts: Figure
    of: _Name | None = None
    lists: tuple[ListKind, ...] = Field(default=(), max_length=len(ListKind))
    and_supervised: bool = False
    procedure: _Name | None = None
    step: _Name | None = None
    outcomes: tuple[_Name, ...] = Field(default=(), max_length=20)
    named_in: tuple[_Name, ...] = Field(default=(), max_length=10)
    found: Found | None = None
    within: Within = Within.YEAR
    year: _Name | None = None
    source: Source
    assumed: Sentence = ""

    @property
    def facts(self) -> tuple[str, ...]:
        """The facts that it asks for."""
        return tuple(name for name in (self.of, self.year, *self.named_in) if name is not None)

    @model_validator(mode="after")
    def _can_be_counted(self) -> Self:
        for name, figures in _ONLY_OF.items():
            if getattr(self, name) and self.counts not in figures:
                raise ValueError(f"{name} 不用于 {self.counts.value}，只用于{'、'.join(figures)}")
        if self.of is None and self.counts in (Figure.UNFINISHED_TASKS, Figure.OVERDUE_TASKS, Figure.DEDUCTIONS):
            raise ValueError(f"{self.counts.value} 须写明 of：记哪个单位的（kind: body 的事实）")
        if self.procedure is None and self.counts in (Figure.OVERDUE_STEPS, Figure.STEPS_TAKEN):
            raise ValueError(f"{self.counts.value} 须写明 procedure：哪个程序")
        if self.step is None and self.counts is Figure.STEPS_TAKEN:
            raise ValueError("steps_taken 须写明 step：哪一步")
        return self
