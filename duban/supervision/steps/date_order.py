"""Dates that must fit each other: a node no later than the last day of what it is a node of.

Looked at whenever one of the two is stated while the other is known; what was stated before is not refused afterwards.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from operator import gt, lt
from typing import TypeAlias

from duban.supervision.rules.procedures import PERIOD, Fact
from duban.supervision.steps.stating import Facts
from duban.supervision.tasks.turn import Refusal, day_text

_Wrong: TypeAlias = Callable[[date, date], bool]


def refuse_misplaced(stated: Iterable[Fact], known: Facts, said: Facts) -> Refusal | None:
    """Names every date that lies on the wrong side of another one.

    Args:
        stated: All facts that are ever stated.
        known: What is known now, that which is being said among it.
        said: What is being said.
    """
    facts = tuple(stated)
    titles = {fact.name: fact.title for fact in (*PERIOD, *reversed(facts))}
    problems = (
        f"{titles[fact.name]}（{fact.name}）{day_text(day)}{side}{titles[other]}（{other}）{day_text(bound)}，请核对"
        for fact in facts
        for other, side, wrong in _bounds(fact)
        if fact.name in said or other in said
        for bound in _days(known, other)
        for day in _days(known, fact.name)
        if wrong(day, bound)
    )
    told = "；".join(dict.fromkeys(problems))
    return Refusal(told) if told else None


def _bounds(fact: Fact) -> Iterator[tuple[str, str, _Wrong]]:
    if fact.not_before:
        yield fact.not_before, "早于", lt
    if fact.not_after:
        yield fact.not_after, "晚于", gt


def _days(known: Facts, name: str) -> Iterator[date]:
    return map(date.fromisoformat, known.get(name, ()))
