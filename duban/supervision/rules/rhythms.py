"""What comes round: duties that the calendar brings, the supervisors' own included.

A rhythm opens an item of a procedure for each of its periods and each body that owes it: once, whatever was down when
it was due. "At least twice a year" is one item for the year whose step has to be done twice.
"""

from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from duban.supervision.clauses import Limit, Sentence, Source
from duban.supervision.model import Frozen
from duban.supervision.rules.parts import Key, Role, Title


class Period(StrEnum):
    """How often it comes round; a period begins and ends with a month of the calendar."""

    MONTH = "month"
    TWO_MONTHS = "two-months"
    QUARTER = "quarter"
    HALF_YEAR = "half-year"
    YEAR = "year"


PERIODS_OF_A_YEAR: dict[Period, int] = {
    Period.MONTH: 12,
    Period.TWO_MONTHS: 6,
    Period.QUARTER: 4,
    Period.HALF_YEAR: 2,
    Period.YEAR: 1,
}


class Turn(StrEnum):
    """When, in its period, an item is opened."""

    START = "start"
    END = "end"


class Each(StrEnum):
    """For what an item is opened beside bodies of a role: the open ones at that moment."""

    LEAD_BODY = "lead_body"
    TASK = "task"
    PLAN = "plan"


class Rhythm(Frozen):
    """A duty that comes round.

    Attributes:
        procedure: Whose items it opens.
        owed_by: The bodies of this role each get their own item; or ``each``.
        each: One item for every lead body with an open task, every open task, or every plan.
        issued_for_months: With ``each: plan``: only plans issued at least so long ago.
        in_scope: With ``each: plan``: only plans that are evaluated (``evaluation`` of the file).
        opens: At the start of the period (a duty within it) or at its end (a report on it).
        before: So long before that moment.
        only: Of the year's periods only those of these numbers (the first half-year: 1); empty: all.
        facts: Stated when it opens an item, beside the period.
    """

    title: Title
    source: Source
    assumed: Sentence = ""
    period: Period
    procedure: Key
    owed_by: Role | None = None
    each: Each | None = None
    issued_for_months: int = Field(default=0, ge=0, le=120)
    in_scope: bool = Field(default=False, exclude_if=lambda in_scope: not in_scope)
    opens: Turn = Turn.START
    before: Limit | None = None
    only: tuple[int, ...] = Field(default=(), max_length=12)
    facts: dict[Key, Title] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _owed_by_somebody(self) -> Self:
        if (self.owed_by is None) == (self.each is None):
            raise ValueError(f"{self.title}：owed_by（角色）和 each（逐单位、逐任务、逐方案）须写一个，也只写一个")
        if self.issued_for_months and self.each is not Each.PLAN:
            raise ValueError(f"{self.title}：issued_for_months 只用于 each: plan")
        if self.in_scope and self.each is not Each.PLAN:
            raise ValueError(f"{self.title}：in_scope 只用于 each: plan")
        last = PERIODS_OF_A_YEAR[self.period]
        if beyond := [number for number in self.only if not 1 <= number <= last]:
            raise ValueError(
                f"{self.title}：only 写的是全年第几期，period: {self.period} 只有 1 至 {last}，没有 {beyond[0]}"
            )
        return self
