"""How alike two items are: one inlet (一口进, Jincheng 2019) means that a second item for one matter is noticed.

Nothing is refused for a word: a person is shown what is like it, and decides.
"""

from collections.abc import Iterator, Mapping, Sequence
from statistics import mean

from rapidfuzz import fuzz, process, utils

from duban.ledger.registers.concerned import OpenItem
from duban.supervision.model import Frozen
from duban.supervision.rules.procedures import Fact, FactKind, Procedure

SHOWN = 5
"""Items that are named at most."""
_WHOLE = 100.0


class Likeness(Frozen):
    """An open item that is like the one to be opened.

    Attributes:
        percent: 100 where nothing differs.
    """

    code: str
    title: str
    percent: int

    def __str__(self) -> str:
        return f"{self.code}《{self.title}》（相似度{self.percent}%）"


def alike(
    title: str,
    key: str,
    procedure: Procedure,
    facts: Mapping[str, Sequence[str]],
    known: Sequence[OpenItem],
    *,
    from_percent: int,
) -> tuple[Likeness, ...]:
    """The open items that are like one to be opened, the most alike first.

    An item of the same procedure is like it when the facts that its procedure names (``alike``) are, taken together;
    any other, a task of a plan too, when its title is.

    Args:
        key: Of the procedure.
        from_percent: How alike they have to be.
    """
    compared = [fact for fact in procedure.facts if fact.name in procedure.alike and facts.get(fact.name)]
    found = {one.code: one for one in _by_title(title, known, f"{procedure.title}：", from_percent)}
    for item in known:
        if item.procedure != key or not compared:
            continue
        percent = mean(_of_fact(fact, facts[fact.name], item.facts.get(fact.name, ())) for fact in compared)
        if percent >= from_percent:
            best = max(int(percent), found[item.code].percent if item.code in found else 0)
            found[item.code] = Likeness(code=item.code, title=item.title, percent=best)
    return tuple(sorted(found.values(), key=lambda one: (-one.percent, one.code))[:SHOWN])


def _by_title(title: str, known: Sequence[OpenItem], prefix: str, from_percent: int) -> Iterator[Likeness]:
    """Without what all titles of a procedure begin with: it says nothing of what they are about."""
    titles = {number: item.title.removeprefix(prefix) for number, item in enumerate(known)}
    best = process.extract(
        title.removeprefix(prefix),
        titles,
        scorer=fuzz.ratio,
        processor=utils.default_process,
        score_cutoff=from_percent,
        limit=SHOWN,
    )
    for _, score, number in best:
        yield Likeness(code=known[number].code, title=known[number].title, percent=int(score))


def _of_fact(fact: Fact, stated: Sequence[str], others: Sequence[str]) -> float:
    """How alike one fact is: texts by their letters, all else is the same or is not."""
    if not others:
        return 0.0
    if fact.kind is FactKind.TEXT:
        return max(fuzz.ratio(a, b, processor=utils.default_process) for a in stated for b in others)
    return _WHOLE if set(stated) & set(others) else 0.0
