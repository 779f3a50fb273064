"""What makes a level due: a band of lag, urgings, a return, a demand, grounds."""

from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from duban.supervision.clauses import MOST_DAYS, Limit, Unit
from duban.supervision.model import Frozen


class LagTrigger(Frozen):
    """Due while the lag lies in a band; exclusive below and inclusive above unless said otherwise."""

    kind: Literal["lag"] = "lag"
    above: int = Field(ge=0, le=MOST_DAYS)
    through: int | None = Field(default=None, le=MOST_DAYS)
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
    count: int = Field(ge=1, le=1_000)
    wait: Limit


class ReturnTrigger(Frozen):
    """Due when answers of a task have been returned for rework ``count`` times, the last of them in the episode."""

    kind: Literal["return"] = "return"
    count: int = Field(default=1, ge=1, le=1_000, exclude_if=lambda count: count == 1)


class DemandTrigger(Frozen):
    """Due when a leader has demanded rectification and ``wait`` has passed without it."""

    kind: Literal["demand"] = "demand"
    wait: Limit


class GroundsTrigger(Frozen):
    """A body's conduct: asked about above a lag, raised at any time, never issued without stated grounds."""

    kind: Literal["grounds"] = "grounds"
    ask_above: int = Field(ge=0, le=MOST_DAYS)

    @property
    def first(self) -> int:
        """The lag, in days, at which the question is put."""
        return self.ask_above + 1


Trigger: TypeAlias = Annotated[
    LagTrigger | UrgingsTrigger | ReturnTrigger | DemandTrigger | GroundsTrigger, Field(discriminator="kind")
]
