"""Whether what an outcome asks for could ever be read as the message that it is to be.

Found by making the message as it would be made, with an example of every fact, and reading it as a task reads it.
"""

from collections.abc import Iterator, Mapping
from itertools import islice, product
from typing import TypeAlias

from duban.supervision.rules.asks import CONCERNS, Ask
from duban.supervision.rules.authority import Act
from duban.supervision.rules.procedures import Fact, FactKind, Procedure
from duban.supervision.tasks.reading import read_message, read_plan_closing
from duban.supervision.tasks.turn import Refusal

Field: TypeAlias = tuple[str, ...]
"""Where in an ``Ask``, from its own keys down."""
MOST_CASES = 200
EXAMPLES: Mapping[FactKind, str] = {
    FactKind.TEXT: "文字",
    FactKind.DATE: "2016-06-30",
    FactKind.NUMBER: "1",
    FactKind.BODY: "单位",
    FactKind.CODE: "P-1",
}
NOT_SAID = ("act", "body", "person", "id", "occurred_at", "item")
"""Who acts, and when, follows from the step."""


def why_never(ask: Ask, procedure: Procedure) -> Iterator[tuple[Field, str]]:
    """Every reason why it could never be done, with the field that it is about."""
    named = procedure.fact(ask.to)
    if ask.to != CONCERNS and (named is None or named.kind is not FactKind.CODE):
        yield ("to",), f"“{ask.to}”须是已定义的编号（kind: code），或写 concerns（事项所涉的任务、方案）"
    if named is not None and named.several and ask.act.of_a_plan:
        yield ("to",), f"“{ask.to}”可填多个，方案须逐个销账，请改为单个"
    for name in (*ask.facts, *ask.always):
        if name in NOT_SAID or (name in ask.facts and name in ask.always):
            yield ("facts",), f"“{name}”不能写：由办理步骤的单位和人员、时间决定，或在 facts 和 always 中写了两次"
    known = {field: procedure.fact(name) for field, name in ask.facts.items()}
    for field, fact in known.items():
        if fact is None:
            yield ("facts", field), f"“{ask.facts[field]}”在本程序中从未填写，请改正或补一个事实"
    stated = {field: fact for field, fact in known.items() if fact is not None}
    if len(stated) == len(known) and (refusal := _unreadable(ask, stated)):
        yield ("facts",), refusal


def _unreadable(ask: Ask, facts: Mapping[str, Fact]) -> str:
    """Why the message could not be read with some of what may be stated; empty where it could."""
    choices = [tuple(fact.choices) or (EXAMPLES.get(fact.kind, ""),) for fact in facts.values()]
    for case in islice(product(*choices), MOST_CASES):
        said: dict[str, object] = {"body": "单位", "person": "姓名", ask.act.why_field: "理由", **ask.always}
        for (field, fact), value in zip(facts.items(), case, strict=True):
            said[field] = [value] if fact.several else value
        read = read_plan_closing(said) if ask.act.of_a_plan else read_message(Act(ask.act.value), said)
        if isinstance(read, Refusal):
            return f"{ask.act.value} 不能这样办理：{read.reason}"
    return ""
