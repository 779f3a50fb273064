"""What has to be stated, at the opening of an item and with its steps: checked by kind, all problems told at once."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TypeAlias

from duban.supervision.days.calendar import FARTHEST
from duban.supervision.rules.procedures import PERIOD, Fact, FactKind
from duban.supervision.steps.counted import LedgerCount, differing, is_same, with_its_origin
from duban.supervision.steps.enough import why_not_enough
from duban.supervision.tasks.turn import Refusal

Facts: TypeAlias = Mapping[str, tuple[str, ...]]
"""What was stated, by name."""
LONGEST_LINE = 100
"""Characters of a body's name or a code."""
LONGEST_TEXT = 4_000
MOST_VALUES = 100
EXAMPLES: dict[FactKind, str] = {
    FactKind.TEXT: "文字",
    FactKind.DATE: "日期，如 2016-06-30",
    FactKind.NUMBER: "数字",
    FactKind.BODY: "单位全称",
    FactKind.CODE: "任务或方案编号",
}


def stated(facts: Facts, known: Iterable[Fact], today: date) -> dict[str, tuple[str, ...]] | Refusal:
    """What was stated, as it is kept, or why it cannot be.

    Args:
        facts: As they were given; what is empty was not stated.
        known: What may be stated.
        today: Dates too far from it are slips of the keyboard.
    """
    by_name = {fact.name: fact for fact in known}
    kept: dict[str, tuple[str, ...]] = {}
    problems: list[str] = []
    for name, values in facts.items():
        said = tuple(value.strip() for value in values if value.strip())
        if not said:
            continue
        if (fact := by_name.get(name)) is None:
            problems.append(f"不认识的事项“{name}”（可写：{'、'.join(map(wanted_words, by_name.values())) or '无'}）")
            continue
        problems.extend(_problems(fact, said, today))
        kept[name] = tuple(_kept(fact, value) for value in said)
    if not problems:
        problems.extend(filter(None, (why_not_enough(by_name[name], kept) for name in kept)))
    return Refusal("；".join(problems)) if problems else kept


def refuse_unstated(lacking: Iterable[Fact]) -> Refusal | None:
    """Names what has not been stated and is needed."""
    names = "、".join(wanted_words(fact) for fact in lacking)
    return Refusal(f"还须写明：{names}") if names else None


def wanted_words(fact: Fact) -> str:
    """What has to be stated, with its name for the message and what it may be."""
    choices = "或".join(f"{name} {title}" for name, title in fact.choices.items())
    return f"{fact.title}（{fact.name}，{choices or EXAMPLES[fact.kind]}{_how_many(fact)}）"


def _how_many(fact: Fact) -> str:
    if bounds := [
        f"{side}{name}" for side, name in (("不早于 ", fact.not_before), ("不晚于 ", fact.not_after)) if name
    ]:
        return f"，{'、'.join(bounds)}"
    if fact.share is not None:
        return f"，不少于{fact.share.of}的{fact.share.percent}%"
    if fact.figure is not None:
        return "，台账可计"
    if not fact.several:
        return ""
    if fact.at_least == fact.at_most:
        return f"，须写{fact.at_most}个"
    return "，可写多个" if fact.at_most == MOST_VALUES else f"，写{fact.at_least}至{fact.at_most}个"


def counts_kept(
    counted: Mapping[str, LedgerCount], facts: Facts, known: Iterable[Fact]
) -> dict[str, LedgerCount] | Refusal:
    """What the ledger counts of what was stated, or why that cannot be: another number is stated, and nobody says why.

    Args:
        counted: As it came with the message.
        facts: What was stated with it.
    """
    countable = {fact.name: fact for fact in known if fact.figure is not None}
    kept = {name: count for name, count in counted.items() if name in countable and facts.get(name)}
    unexplained = [name for name in differing(facts, kept) if not kept[name].why]
    if unexplained:
        told_apart = "；".join(
            f"{countable[name].title}（{name}）填报{facts[name][0]}，台账计{kept[name].words}" for name in unexplained
        )
        return Refusal(f"与台账不一致：{told_apart}。请核对；确按所填办理的，须写明理由")
    return {
        name: count.model_copy(update={"why": ""}) if is_same(facts[name][0], count) else count
        for name, count in kept.items()
    }


def told(
    facts: Facts, known: Iterable[Fact], counted: Mapping[str, LedgerCount] | None = None
) -> Iterator[tuple[str, str]]:
    """What was stated, as people read it: title and value; of a number that the ledger counts, whether it agrees."""
    by_name = {fact.name: fact for fact in (*PERIOD, *known)}
    for name, values in facts.items():
        fact = by_name.get(name)
        words = fact.choices if fact is not None else {}
        text = "、".join(words.get(value, value) for value in values)
        if fact is not None and fact.figure is not None:
            text = with_its_origin(text, (counted or {}).get(name))
        yield fact.title if fact is not None else name, text


def day_of(facts: Facts, name: str) -> date | None:
    """A date that was stated."""
    values = facts.get(name, ())
    return date.fromisoformat(values[0]) if values else None


def _problems(fact: Fact, values: tuple[str, ...], today: date) -> Iterator[str]:
    if len(values) > (MOST_VALUES if fact.several else 1):
        yield f"{fact.title}（{fact.name}）{f'最多写{MOST_VALUES}个' if fact.several else '只能写一个'}"
    for value in values:
        if (why := _problem(fact, value, today)) is not None:
            yield f"{fact.title}（{fact.name}）“{value[:50]}”{why}"


def _problem(fact: Fact, value: str, today: date) -> str | None:
    match fact.kind:
        case FactKind.TEXT:
            return f"过长，最多{LONGEST_TEXT}字" if len(value) > LONGEST_TEXT else None
        case FactKind.DATE:
            day = _date(value)
            if day is None:
                return "不是有效日期，请按 2016-06-30 填写"
            return "过于遥远，请核对年份" if abs(day - today) > FARTHEST else None
        case FactKind.NUMBER:
            return None if _number(value) is not None else "不是数字"
        case FactKind.BODY | FactKind.CODE:
            is_line = value.isprintable() and len(value) <= LONGEST_LINE
            return None if is_line else f"不能用：应为1至{LONGEST_LINE}个可见字符"
        case FactKind.CHOICE:
            known = "、".join(f"{name} {title}" for name, title in fact.choices.items())
            return None if _chosen(fact, value) else f"不在可选范围内（可写：{known}）"


def _kept(fact: Fact, value: str) -> str:
    match fact.kind:
        case FactKind.DATE:
            day = _date(value)
            return day.isoformat() if day is not None else value
        case FactKind.CHOICE:
            return _chosen(fact, value) or value
        case FactKind.TEXT | FactKind.NUMBER | FactKind.BODY | FactKind.CODE:
            return value


def _date(value: str) -> date | None:
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _number(value: str) -> Decimal | None:
    try:
        number = Decimal(value.removesuffix("%"))
    except InvalidOperation:
        return None
    return number if number.is_finite() and len(value) <= LONGEST_LINE else None


def _chosen(fact: Fact, value: str) -> str | None:
    """A choice by its name or its words."""
    return next((name for name, title in fact.choices.items() if value in (name, title)), None)
