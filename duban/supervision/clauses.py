"""What a clause of a document gives: its sentence, and a number of days in a unit of its own.

Every parameter names the sentence it comes from, or says that it is assumed; the
assumption shows on whatever the parameter produces.
"""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from duban.supervision.model import Frozen

MOST_DAYS = 3_660
"""Ten years: a limit beyond it is a slip of the keyboard, and reckoning with it would reach beyond any calendar."""
MOST_MONTHS = 120

Sentence = Annotated[str, Field(max_length=500)]
"""What stands on every notice that rests on it."""


class Source(Frozen):
    """Where a parameter comes from: a sentence of the document, or an assumption of ours."""

    paragraph: int | None = Field(default=None, ge=1)
    sentence: Sentence = ""
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
    """A number of days, or of months, within which something is due.

    Attributes:
        months: Instead of days; three months after 30 November end on the last day of February.
        source: The sentence that demands it.
        assumed: What that sentence leaves open, in words; most documents demand without saying how many days.
    """

    days: int = Field(default=0, ge=0, le=MOST_DAYS)
    unit: Unit = Unit.WORKING
    source: Source
    assumed: Sentence = ""
    months: int = Field(default=0, ge=0, le=MOST_MONTHS, exclude_if=lambda months: not months)

    @model_validator(mode="after")
    def _days_or_months(self) -> Self:
        if self.days and self.months:
            raise ValueError("时限须以 days 或 months 写一个，不能同时写")
        return self

    @property
    def words(self) -> str:
        """Days or months, as notices write them."""
        if self.months:
            return f"{self.months}个月"
        return f"{self.days}{'个工作日' if self.unit is Unit.WORKING else '日'}"
