"""What an outcome asks of tasks and plans, as it is put on record: each with its actor, its words and its item."""

from collections.abc import Mapping
from dataclasses import dataclass

from duban.supervision.rules.asks import CONCERNS, Ask, AskedAct
from duban.supervision.rules.authority import Act
from duban.supervision.rules.procedures import Outcome, Procedure
from duban.supervision.steps.counted import LedgerCount
from duban.supervision.steps.stating import Facts
from duban.supervision.steps.steps import in_words
from duban.supervision.tasks.entries import AskChange, Said
from duban.supervision.tasks.messages import TakeStep
from duban.supervision.tasks.state import StepRun
from duban.supervision.tasks.turn import Turn
from duban.supervision.words import ACT_WORDS

LONGEST_WHY = 3_500
"""Characters of a reason that is handed on: the item, which is named with it, holds the whole of it."""
SHOWN = 5
"""Codes in a sentence."""
ASKED_WORDS: dict[AskedAct, str] = {act: "方案销账" if act.of_a_plan else ACT_WORDS[Act(act.value)] for act in AskedAct}


@dataclass(frozen=True, slots=True)
class Ended:
    """A step that has just ended.

    Attributes:
        ending: How, where it could end in more than one way.
        facts: What is known of the item.
        stated: What was stated with the step.
        counted: What the ledger made of the numbers in it.
    """

    run: StepRun
    ending: str
    facts: Facts
    stated: Facts
    counted: Mapping[str, LedgerCount]
    procedure: Procedure
    message: TakeStep


def asked(turn: Turn, key: str, ask: Ask, ended: Ended) -> AskChange | None:
    """What is to be done; None where nothing was named to do it to."""
    known = turn.state.definition.concerns if ask.to == CONCERNS else ended.facts.get(ask.to, ())
    targets = tuple(dict.fromkeys(known))
    if not targets:
        return None
    fields: dict[str, Said] = dict(ask.always)
    for field, name in ask.facts.items():
        values, fact = ended.facts.get(name, ()), ended.procedure.fact(name)
        if values:
            fields[field] = values if fact is not None and fact.several else values[0]
    return AskChange(
        key=key,
        act=ask.act,
        targets=targets,
        fields={**fields, ask.act.why_field: _why(turn, ask, fields, ended)},
        body=ended.message.body,
        person=ended.message.person,
        at=turn.at,
    )


def words_of(run: StepRun, outcome: Outcome, wish: AskChange) -> str:
    """What is asked, in a sentence."""
    more = f"等{len(wish.targets)}项" if len(wish.targets) > SHOWN else ""
    return (
        f"“{run.words}”的结果为“{outcome.title}”，"
        f"以{wish.body}名义对{'、'.join(wish.targets[:SHOWN])}{more}办理：{ASKED_WORDS[wish.act]}"
    )


def _why(turn: Turn, ask: Ask, fields: dict[str, Said], ended: Ended) -> str:
    given = fields.get(ask.act.why_field, "")
    text = "、".join(given) if isinstance(given, tuple) else str(given)
    if not text:
        stated = in_words(ended.facts, ended.procedure, ended.counted)
        parts = (f"{ended.procedure.title}“{ended.run.words}”{ended.ending}", stated)
        text = "；".join(part for part in parts if part)
    if len(text) > LONGEST_WHY:
        text = f"{text[:LONGEST_WHY]}…"
    return f"{text}（据事项 {turn.state.code}）"
