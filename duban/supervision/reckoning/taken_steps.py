"""Items as the ledger has them: which steps were taken, how and when. What is read of an item that may be over."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from pydantic import Field

from duban.supervision.model import Frozen
from duban.supervision.rules.parts import Role
from duban.supervision.rules.procedures import Procedure
from duban.supervision.steps.stating import told

FACT = "fact."
"""What a record of a step calls a fact."""
JOINED = "、"


class TakenStep(Frozen):
    """A step that was taken, or a part of it that was done.

    Attributes:
        key: As of ``StepRun``, with the part's number where it is one: ``s3/verify/part/2``.
        facts: What was stated with it.
        on: Local date.
    """

    key: str
    step: str
    outcome: str = ""
    body: str = ""
    on: date
    facts: dict[str, tuple[str, ...]] = Field(default_factory=dict)

    @property
    def name(self) -> str:
        """The same for the same step when it is taken anew: the later one stands."""
        return self.key.partition("/")[2]


class SteppedItem(Frozen):
    """An item with its steps, in the order in which they were taken.

    Attributes:
        facts: Stated at its opening.
        bodies: Who is who towards it.
    """

    task_code: str
    title: str
    procedure: str
    facts: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    bodies: dict[Role, tuple[str, ...]] = Field(default_factory=dict)
    taken: tuple[TakenStep, ...] = ()

    def standing(self, step: str) -> Iterator[tuple[TakenStep, dict[str, tuple[str, ...]]]]:
        """Each time that a step was taken, with all that had been stated by then; what was taken anew stands once."""
        last = {taken.name: taken.key for taken in self.taken}
        facts = dict(self.facts)
        for taken in self.taken:
            facts |= taken.facts
            if taken.step == step and last[taken.name] == taken.key:
                yield taken, dict(facts)


def stated_in(record: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The facts of a step's record; a text that holds the mark between several values reads as several."""
    return {
        name.removeprefix(FACT): tuple(text.split(JOINED)) for name, text in record.items() if name.startswith(FACT)
    }


def number_in(facts: Mapping[str, tuple[str, ...]], name: str) -> Decimal | None:
    """A number that was stated."""
    values = facts.get(name, ())
    try:
        return Decimal(values[-1].removesuffix("%")) if values else None
    except InvalidOperation:
        return None


def derivation(item: SteppedItem, until: TakenStep, procedure: Procedure | None) -> str:
    """How it came to a step: every choice on the way, who made it and when, and what the step states."""
    # Where a number comes from stands in the timeline; here it is an intermediate station.
    known = [fact.model_copy(update={"figure": None}) for fact in procedure.stated] if procedure is not None else []
    way = []
    for taken in item.taken[: item.taken.index(until) + 1]:
        step = procedure.step(taken.step) if procedure is not None else None
        ends = {end.name: end.title for end in step.outcomes} if step is not None else {}
        if taken is until or len(ends) > 1:
            words = [ends[taken.outcome]] if len(ends) > 1 and taken.outcome in ends else []
            words += [f"{title}{text}" for title, text in told(taken.facts, known)]
            title = step.title if step is not None else taken.step
            way.append(f"{taken.on}{taken.body}“{title}”{'：' if words else ''}{'，'.join(words)}")
    return f"{item.title}：{'；'.join(way)}"
