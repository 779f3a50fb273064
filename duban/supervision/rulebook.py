"""All that an office lays down in one file: the rules of its tasks, its procedures and its rhythms.

A task carries only what it lives by: the regime, and where it goes step by step its own procedure. Thousands of tasks
do not carry the duties of the office that supervises them.
"""

from typing import Self

from pydantic import Field, model_validator

from duban.supervision.appraisal import Appraisal
from duban.supervision.evaluation import EvaluationScope
from duban.supervision.procedures import Key, Procedure
from duban.supervision.regime import Regime
from duban.supervision.rhythms import Rhythm


class Rulebook(Regime):
    """A regime file.

    Attributes:
        appraisal: None where the office reckons no points.
        evaluation: Which plans are evaluated; None where that is not laid down.
    """

    procedures: dict[Key, Procedure] = Field(default_factory=dict, max_length=100)
    rhythms: dict[Key, Rhythm] = Field(default_factory=dict, max_length=100)
    appraisal: Appraisal | None = None
    evaluation: EvaluationScope | None = None

    @property
    def regime(self) -> Regime:
        """The rules by which tasks live."""
        return Regime(**{name: getattr(self, name) for name in Regime.model_fields})

    @model_validator(mode="after")
    def _nothing_is_opened_that_is_not_there(self) -> Self:
        for rhythm in self.rhythms.values():
            if rhythm.procedure not in self.procedures:
                raise ValueError(f"{rhythm.title}：没有程序“{rhythm.procedure}”，请在 procedures 中写出")
        for procedure in self.procedures.values():
            for opening in (o for step in procedure.steps for outcome in step.outcomes for o in outcome.opens):
                opened = self.procedures.get(opening.procedure)
                if opened is None:
                    raise ValueError(f"{procedure.title}：没有程序“{opening.procedure}”，请在 procedures 中写出")
        return self
