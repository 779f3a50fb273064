"""Periods that a deadline only speaks of: ``6月底前完成2022年度计划`` has one deadline, not two."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from duban.intake.deadlines.expressions import Expression
from duban.intake.deadlines.lexicon import Kind, Token
from duban.intake.rows.clauses import Clauses

_PREPOSITIONS = frozenset("于在从自争")
_BETWEEN_YEAR_AND_PART = frozenset('()[]【】:“”"')


class Sorted(NamedTuple):
    """What was found, told apart: deadlines, and periods that are part of the work."""

    deadlines: list[Expression]
    mentions: list[Expression]


def told_apart(found: Sequence[Expression], tokens: Sequence[Token], clauses: Clauses) -> Sorted:
    """Deadlines and mentions; nothing is a mention where no deadline is left beside it.

    A year that stands only over what follows (``2022年：6月底前…``) is neither: it has given its year already.
    """
    found = _without_headings(found, tokens)
    dated = {clauses.begin(each.begin) for each in found if each.due_on and not _is_attribute(each, tokens)}
    dated_before: set[int] = set()
    deadlines: list[Expression] = []
    mentions: list[Expression] = []
    for each in found:
        clause = clauses.begin(each.begin)
        if _is_attribute(each, tokens):
            spoken_of = clause in dated
        elif _is_inside_words(each, tokens, clause):
            spoken_of = each.bare and _is_of_a_year(each, tokens)
            spoken_of = spoken_of or ((each.bare or each.supposed) and clause in dated_before)
        else:
            spoken_of = False
        (mentions if spoken_of else deadlines).append(each)
        if each.due_on and not spoken_of:
            dated_before.add(clause)
    return Sorted(deadlines, mentions) if dated_before else Sorted(found, [])


def _without_headings(found: Sequence[Expression], tokens: Sequence[Token]) -> list[Expression]:
    over = {
        year
        for year, part in pairwise(found)
        if year.whole_year
        and not part.own_year
        and not part.supposed
        and part.due_on
        and {day.year for day in part.due_on} == {year.due_on[-1].year}
        and all(
            token.kind is Kind.COMMA or token.text in _BETWEEN_YEAR_AND_PART for token in tokens[year.end : part.begin]
        )
    }
    return [each for each in found if each not in over]


def _is_attribute(found: Expression, tokens: Sequence[Token]) -> bool:
    """``2021年以前的存量``, ``3个月内的整改``."""
    return found.end < len(tokens) and tokens[found.end].text == "的"


def _is_inside_words(found: Expression, tokens: Sequence[Token], clause: int) -> bool:
    before = tokens[found.begin - 1] if found.begin > clause else None
    inside = {Kind.OTHER, Kind.START} if found.supposed else {Kind.OTHER}
    return before is not None and before.kind in inside and before.text not in _PREPOSITIONS


def _is_of_a_year(found: Expression, tokens: Sequence[Token]) -> bool:
    return tokens[found.end - 1].text == "年度"
