"""The facts that come with a notice (`NoticeIntent.facts`): their names in Chinese, and how their values read.

A fact without a name here is still told, under its key: a notice never swallows what the core gave it.
"""

import re
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from duban.notices.plain_text import one_line, paragraphs
from duban.supervision.tasks.turn import day_text
from duban.supervision.words import CYCLE_WORDS


class Fact(StrEnum):
    """Keys that the wording knows, in the order in which a letter lists them."""

    WHAT = "what"
    LEVEL = "level"
    TITLE = "title"
    OWED = "owed"
    ALSO_OWED = "also_owed"
    OCCURRENCE = "occurrence"
    LEADER = "leader"
    HEAD = "head"
    FOR_PERSON = "for_person"
    LEAD_BODY = "lead_body"
    HANDLING_BODY = "handling_body"
    SUPPORTING_BODIES = "supporting_bodies"
    MEASURES = "measures"
    DELIVERABLE = "deliverable"
    DEADLINE = "deadline"
    FEEDBACK_BY = "feedback_by"
    MILESTONE = "milestone"
    CYCLE = "cycle"
    PERIOD_ENDS_ON = "period_ends_on"
    TEXT = "text"
    NOTE = "note"
    GROUNDS = "grounds"
    SCOPE = "scope"
    CONFIRMED_BY = "confirmed_by"
    DECIDED_BY = "decided_by"
    PREDECESSORS = "predecessors"
    FOUND = "found"
    PROBLEMS = "problems"
    PROCEDURE = "procedure"
    OUTCOME = "outcome"
    OUTCOMES = "outcomes"
    STATES = "states"
    CONCERNS = "concerns"
    ANSWER = "answer"
    REQUEST = "request"
    ADDRESSED = "addressed"
    MEETING = "meeting"


class FactLine(NamedTuple):
    """A fact as a letter prints it: its name and one or more paragraphs."""

    label: str
    text: tuple[str, ...]


UNSTATED = "方案未写明"
"""Stands where a field of the six is missing: an item that is incomplete is shown as such."""

_REDUNDANT = frozenset({Fact.WHAT, Fact.LEVEL, Fact.TITLE, Fact.OWED})
"""Told by the heading and the sentences already."""

_LABELS: dict[str, str] = {
    Fact.ALSO_OWED: "另须反馈",
    Fact.OCCURRENCE: "次数",
    Fact.LEADER: "牵头领导",
    Fact.HEAD: "主要负责人",
    Fact.FOR_PERSON: "呈送",
    Fact.LEAD_BODY: "牵头单位",
    Fact.HANDLING_BODY: "具体承办单位",
    Fact.SUPPORTING_BODIES: "配合单位",
    Fact.MEASURES: "任务措施",
    Fact.DELIVERABLE: "成果形式",
    Fact.DEADLINE: "完成时限",
    Fact.FEEDBACK_BY: "首次反馈期限",
    Fact.MILESTONE: "节点序号",
    Fact.CYCLE: "报告周期",
    Fact.PERIOD_ENDS_ON: "本期截止",
    Fact.TEXT: "内容",
    Fact.NOTE: "说明",
    Fact.GROUNDS: "情形",
    Fact.SCOPE: "通报范围",
    Fact.CONFIRMED_BY: "确认机关",
    Fact.DECIDED_BY: "决定机关",
    Fact.PREDECESSORS: "原承担单位",
    Fact.FOUND: "督查认定",
    Fact.PROBLEMS: "指出的问题",
    Fact.PROCEDURE: "所依程序",
    Fact.OUTCOME: "办理结果",
    Fact.STATES: "须写明",
    Fact.OUTCOMES: "可作的结果",
    Fact.CONCERNS: "所涉事项",
    Fact.ANSWER: "录入命令",
    Fact.REQUEST: "办理时引用的事项标识",
    Fact.ADDRESSED: "主送",
    Fact.MEETING: "会议",
}

_PLACES = {key: place for place, key in enumerate(_LABELS)}
_CYCLES: dict[str, str] = {cycle: f"每{words}" for cycle, words in CYCLE_WORDS.items()}
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def fact_lines(
    facts: Mapping[str, str], *, woven: frozenset[Fact] = frozenset(), expected: tuple[Fact, ...] = ()
) -> tuple[FactLine, ...]:
    """The facts as lines: the known ones first and in their order, then the others by key.

    Args:
        facts: As the core gave them; empty ones say nothing.
        woven: Keys that the form's own sentences tell.
        expected: Keys that are listed even where the plan says nothing of them.
    """
    told = {key: text for key, value in facts.items() if (text := _value(key, value))}
    given = {**dict.fromkeys(map(str, expected), (UNSTATED,)), **told}
    keys = sorted((k for k in given if k not in _REDUNDANT and k not in woven), key=lambda k: (_place(k), k))
    return tuple(FactLine(_LABELS.get(key) or one_line(key) or "其他", given[key]) for key in keys)


def woven_facts(facts: Mapping[str, str]) -> dict[str, str]:
    """Every known fact as one line for use inside a sentence, empty where it is missing."""
    return {fact.value: " ".join(_value(fact, facts.get(fact, ""))) for fact in Fact}


def _place(key: str) -> int:
    return _PLACES.get(key, len(_PLACES))


def _value(key: str, value: str) -> tuple[str, ...]:
    if key == Fact.CYCLE and value in _CYCLES:
        return (_CYCLES[value],)
    if _ISO_DATE.fullmatch(value):
        try:
            return (day_text(date.fromisoformat(value)),)
        except ValueError:  # looks like a date and is none: told as it stands
            return (value,)
    return paragraphs(value)
