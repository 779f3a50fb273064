"""The clauses of a cell, and how a part of it is quoted: as the office wrote it, without bullets and loose ends."""

import re
from collections.abc import Sequence

from duban.intake.deadlines.lexicon import Kind, Token
from duban.intake.spelling import PlainText

CLAUSE_ENDS = frozenset({Kind.STOP, Kind.COMMA})

_JOINTS = "并且和及与于在至到,，、/ 　(（"
_BULLET = re.compile(r"^[\s;；]*(?:[（(]?[0-9０-９]{1,2}[)）.．、](?![0-9０-９]))?\s*")
_LONGEST_PIECE = 60


class Clauses:
    """The tokens of a cell, divided by its commas and stops; a separator is a clause of its own."""

    def __init__(self, plain: PlainText, tokens: Sequence[Token]) -> None:
        self._plain = plain
        self._tokens = tokens
        self._spans = _spans_of(tokens)

    def begin(self, at: int) -> int:
        """The first token of the clause in which a token stands; the same for all tokens of one clause."""
        return self._spans[at][0]

    def end(self, at: int) -> int:
        """The token after the clause in which a token stands."""
        return self._spans[at][1]

    def piece(self, begin: int, end: int) -> str:
        """What a problem is about: the clause, or only the words themselves where the clause is long."""
        first, last = self.begin(begin), self.end(end - 1)
        is_short = self._tokens[last - 1].end - self._tokens[first].start <= _LONGEST_PIECE
        return self.cut(first, last) if is_short else self.cut(begin, end)

    def cut(self, begin: int, end: int, *, cut_short: bool = False) -> str:
        """The words from one token up to another; ``cut_short`` where the clause goes on after them."""
        written = self._plain.written(self._tokens[begin].start, self._tokens[end - 1].end)
        phrase = _BULLET.sub("", written.rstrip(_JOINTS) if cut_short else written)
        if "（" not in phrase and "(" not in phrase:
            phrase = phrase.rstrip(")）")
        return phrase or written


def _spans_of(tokens: Sequence[Token]) -> list[tuple[int, int]]:
    """For every token the clause it stands in, as the tokens between two separators."""
    spans: list[tuple[int, int]] = []
    begin = 0
    for at in range(len(tokens) + 1):
        if at == len(tokens) or tokens[at].kind in CLAUSE_ENDS:
            spans.extend([(begin, at)] * (at - begin))
            if at < len(tokens):
                spans.append((at, at + 1))
            begin = at + 1
    return spans
