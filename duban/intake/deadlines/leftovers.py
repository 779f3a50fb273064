"""Pieces of a date that no rule took: what is only half read must not pass for read.

``2022年6``, ``30/6/2022``, ``6月第2周`` and ``2 022年6月`` each hold what a rule reads, and beside it a number
that it leaves over. The date would be wrong, and nobody would notice.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from duban.intake.deadlines.expressions import Expression
from duban.intake.deadlines.lexicon import LENGTH_UNITS, NUMBERS, Kind, Token
from duban.intake.deadlines.listings import kind_at
from duban.intake.rows.clauses import CLAUSE_ENDS, Clauses

_UNITS = frozenset({Kind.YEAR, Kind.MONTH, Kind.QUARTER})
_JOINTS = frozenset({Kind.LISTING, Kind.TO, Kind.ORDINAL})
_WRITTEN_JOINTS = frozenset(" .[]")
_MOST_JOINTS = 2
_MAY_GO_ON = frozenset(
    {
        *(Kind.YEAR, Kind.MONTH, Kind.QUARTER, Kind.YEAR_MONTH, Kind.FULL_DATE, Kind.COMPACT_DATE, Kind.MONTH_DAY),
        *(Kind.LATIN_QUARTER, Kind.NAMED_YEAR, Kind.NAMED_MONTH, Kind.NAMED_QUARTER, Kind.FIVE_YEARS, *NUMBERS),
    }
)
"""What ends a point that is not closed by 底, 前, 日 or the like."""
_NOT_COUNTED_THINGS = frozenset(
    {None, Kind.BEFORE, Kind.END, Kind.TO, Kind.LISTING, *CLAUSE_ENDS, *NUMBERS, *(LENGTH_UNITS - {Kind.YEAR})}
)
_LOOK_ALIKE_DIGITS = frozenset("lIOo|")
_HIGHEST_BULLET = 20
_CHINESE = re.compile(r"[一-鿿]")


class Leftover(NamedTuple):
    """Tokens of which some were left over, from one up to another: expressions among them cannot be trusted."""

    begin: int
    end: int


def leftovers(
    tokens: Sequence[Token], found: Sequence[Expression], taken: frozenset[int], clauses: Clauses
) -> Iterator[Leftover]:
    """The pieces of dates left over in a cell.

    Args:
        tokens: Of the whole cell.
        found: The expressions read.
        taken: The places that belong to an expression, a rhythm or a problem.
        clauses: Of the same tokens.
    """
    told: set[int] = set()
    for expression in found:
        place = _before(tokens, expression, taken)
        if place is None:
            place = _after(tokens, expression.end, taken)
        if place is not None:
            told.add(place)
            # 2022年l2月: what is half read on one side leaves the other side half read too.
            begin = place - 1 if place - 1 in taken else place
            yield Leftover(min(begin, expression.begin), max(place + 1, expression.end))
    unread = [at for at, token in enumerate(tokens) if token.kind in NUMBERS and at not in taken and at not in told]
    for at in unread:
        if _is_stray(tokens, at):
            yield Leftover(at, min(at + 2, clauses.end(at)))
    yield from _in_figures(tokens, found, taken, clauses, unread)


def _in_figures(
    tokens: Sequence[Token],
    found: Sequence[Expression],
    taken: frozenset[int],
    clauses: Clauses,
    unread: Sequence[int],
) -> Iterator[Leftover]:
    """``2022,6,30`` and ``Jun 30, 2022``: of clauses in figures and letters only, one is read and another is not."""
    read = {clauses.begin(place) for place in taken} if unread else set()
    unread = [at for at in unread if clauses.begin(at) not in read]
    if not unread or not found:
        return
    in_words = {clauses.begin(at) for at, token in enumerate(tokens) if _CHINESE.search(token.text)}
    first = next((at for at in unread if clauses.begin(at) not in in_words), None)
    beside = [each for each in found if clauses.begin(each.begin) not in in_words]
    if first is None or not beside:
        return
    yield Leftover(min(first, beside[0].begin), max(first + 1, beside[0].end))
    for each in beside[1:]:
        yield Leftover(each.begin, each.end)


def _before(tokens: Sequence[Token], found: Expression, taken: frozenset[int]) -> int | None:
    begin = found.begin
    at = begin - 1
    if kind_at(tokens, at) is Kind.OTHER and tokens[at].text in _LOOK_ALIKE_DIGITS:
        return at
    while begin - at <= _MOST_JOINTS and at >= 0 and _is_joint(tokens[at]):
        at -= 1
    crossed = "".join(token.text for token in tokens[at + 1 : begin])
    if at in taken:
        return at if found.whole_year and crossed == " " else None  # Q3 2022: the quarter is of that year
    if kind_at(tokens, at) is Kind.HALF_YEAR_COUNT and crossed:
        return at
    if kind_at(tokens, at) in _UNITS and not crossed:
        at -= 1
    if kind_at(tokens, at) not in NUMBERS or at in taken:
        return None
    is_bullet = crossed == "." and (tokens[at].value or _HIGHEST_BULLET) < _HIGHEST_BULLET
    return None if is_bullet else at


def _after(tokens: Sequence[Token], end: int, taken: frozenset[int]) -> int | None:
    if tokens[end - 1].kind not in _MAY_GO_ON:
        return None
    at = end
    while at - end < _MOST_JOINTS and at < len(tokens) and _is_joint(tokens[at]):
        at += 1
    if kind_at(tokens, at) not in NUMBERS or at in taken:
        return None
    return None if _counts_things(tokens, at + 1) else at


def _is_joint(token: Token) -> bool:
    return token.kind in _JOINTS or (token.kind is Kind.OTHER and token.text in _WRITTEN_JOINTS)


def _counts_things(tokens: Sequence[Token], after: int) -> bool:
    """``6月3个试点``, ``2022年30%``: the number is no part of the date."""
    if kind_at(tokens, after) in _NOT_COUNTED_THINGS:
        return False
    return tokens[after].text == "%" or _CHINESE.match(tokens[after].text) is not None


def _is_stray(tokens: Sequence[Token], at: int) -> bool:
    """A number with the unit of a date, of which nothing came: ``1 2月底``, ``30前``, ``第二周``."""
    match kind_at(tokens, at + 1):
        case Kind.MONTH | Kind.QUARTER:
            return Kind.HOLIDAY not in {kind_at(tokens, at + 2), kind_at(tokens, at + 3)}
        case Kind.BEFORE:
            return True
        case Kind.WEEK_COUNT | Kind.MONTH_COUNT | Kind.DAY_COUNT | Kind.WORKING_DAY_COUNT:
            return kind_at(tokens, at - 1) is Kind.ORDINAL
        case _:
            return False
