"""What of a regime no document gives: all that is assumed, for whoever decides whether to live by it."""

from collections.abc import Iterator, Mapping

from duban.supervision.clauses import Limit, Source
from duban.supervision.model import Frozen
from duban.supervision.rules.owed import Duty
from duban.supervision.rules.rulebook import Rulebook
from duban.supervision.words import DUTY_WORDS

NOTHING_SAID = "文件未作规定"
FIELD_WORDS: Mapping[str, str] = {
    "advance_notice": "关键节点预告提醒",
    "cycle_notice": "定期报告的提示",
    "chasing": "催报",
    "hand_over": "交办",
    "explained_before": "到期前说明",
    "interim_reports": "历时较长事项的报告",
    "copies": "抄送",
    "meetings": "会议议定事项",
    "matters": "事项种类",
    "appraisal": "考核计分",
    "evaluation": "评估范围",
    "staffing": "人员配备",
    "urging": "按期催办",
    "authority": "权限",
    "wait": "等待",
    "every": "间隔",
    "after": "首次",
    "limit": "时限",
    "announce": "预告",
    "before": "提前",
    "approvals": "报批",
    "answers": "反馈",
}


class Assumption(Frozen):
    """Something assumed.

    Attributes:
        of: What it belongs to, from the outside in.
        text: What is assumed.
    """

    of: tuple[str, ...]
    text: str


def assumptions(rules: Rulebook) -> tuple[Assumption, ...]:
    """All that a regime assumes, in the order of its file."""
    return tuple(dict.fromkeys(_within(rules, ())))


def _within(value: object, of: tuple[str, ...]) -> Iterator[Assumption]:
    match value:
        case Frozen():
            yield from _of_model(value, of)
        case tuple():
            for each in value:
                yield from _within(each, of)
        case Mapping():
            for key, each in value.items():
                named = of if isinstance(getattr(each, "title", None), str) else (*of, _words(key))
                yield from _within(each, named)
        case _:
            pass


def _of_model(value: Frozen, of: tuple[str, ...]) -> Iterator[Assumption]:
    title = getattr(value, "title", None)
    at = (*of, title) if isinstance(title, str) and not isinstance(value, Rulebook) else of
    stated = getattr(value, "assumed", "")
    source = getattr(value, "source", None)
    amount = f"（{value.words}）" if isinstance(value, Limit) else ""
    if isinstance(stated, str) and stated:
        yield Assumption(of=at, text=stated)
    elif isinstance(source, Source) and source.assumed:
        yield Assumption(of=at, text=f"{NOTHING_SAID}{amount}")
    for name in type(value).model_fields:
        if name not in ("source", "assumed", "document", "offices"):
            inner = getattr(value, name)
            named = (*at, FIELD_WORDS[name]) if name in FIELD_WORDS and inner else at
            yield from _within(inner, named)


def _words(key: object) -> str:
    return DUTY_WORDS[key] if isinstance(key, Duty) else str(key)
