"""Kinds of matter that have a limit of their own: proposals, motions, online messages (Bozhou 2015, 23, 24 and 28).

A plan row that names its kind need not name a date: the limit counts from the day on which the task is handed over.
Beyond ``at_most`` nobody puts it off.
"""

from typing import Annotated, Self

from pydantic import Field, model_validator

from duban.supervision.clauses import Limit, Source
from duban.supervision.model import Frozen

MatterKey = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
"""A name in the file, in keys and JSON."""
MatterName = Annotated[str, Field(min_length=1, max_length=40)]


class MatterKind(Frozen):
    """One kind of matter.

    Attributes:
        names: Other names by which plan files call it.
        task: What is due at its limit, for example ``答复建议提案人``.
        limit: From the day of the hand-over, in the unit of its clause.
        at_most: From the same day: no extension and no amendment goes beyond it.
    """

    title: MatterName
    names: tuple[MatterName, ...] = Field(default=(), max_length=20)
    task: MatterName
    limit: Limit
    at_most: Limit | None = None

    @property
    def phrase(self) -> str:
        """How the deadline that follows from it is worded."""
        return f"交办后{self.limit.words}内{self.task}（按“{self.title}”办理时限，{clause_of(self.limit.source)}）"

    def is_called(self, name: str) -> bool:
        """Whether a plan file that writes ``name`` means it."""
        return name in (self.title, *self.names)

    @model_validator(mode="after")
    def _leaves_time(self) -> Self:
        for limit in filter(None, (self.limit, self.at_most)):
            if not (limit.days or limit.months):
                raise ValueError(f"{self.title}：时限须大于0")
        most = self.at_most
        is_shorter = most is not None and (most.days, most.months) < (self.limit.days, self.limit.months)
        if is_shorter and most is not None and _counted_in(most) == _counted_in(self.limit):
            raise ValueError(f"{self.title}：at_most（最长时限）短于 limit（办理时限）")
        return self


def _counted_in(limit: Limit) -> str:
    return "months" if limit.months else limit.unit.value


def clause_of(source: Source) -> str:
    """Where a parameter stands, for a bracket: the paragraph, or that it is assumed."""
    return "假定" if source.paragraph is None else f"第{source.paragraph}段"
