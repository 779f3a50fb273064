"""Who supervises whom, as an organisation file states it."""

import difflib
from collections.abc import Iterator

from duban.supervision.bodies.organisation import Organisation
from duban.supervision.flaws.flaw import Flaw

LIKE = 0.8
"""How alike names are that differ by a slip in one of five characters."""


def flaws_of_organisation(organisation: Organisation) -> Iterator[Flaw]:
    """Bodies that supervise each other in a ring, and names that are nearly those of a body of the file."""
    names = organisation.names()
    yield from _misspelt(organisation)
    above = {
        body.name: names.get(body.supervised_by, body.supervised_by)
        for body in organisation.bodies
        if body.supervised_by
    }
    told: set[str] = set()
    for number, body in enumerate(organisation.bodies):
        ring = _ring(body.name, above)
        if ring and not told & set(ring):
            told.update(ring)
            way = "→".join((*ring, ring[0]))
            yield Flaw(
                place=("bodies", number, "supervised_by"),
                text=f"督察关系成环（{way}），没有谁在上，请改正其中一个单位的 supervised_by",
            )


def _misspelt(organisation: Organisation) -> Iterator[Flaw]:
    names = sorted(organisation.names())
    for number, body in enumerate(organisation.bodies):
        if body.supervised_by and (near := _nearly(body.supervised_by, names)):
            yield Flaw(place=("bodies", number, "supervised_by"), text=_is_it(body.supervised_by, near))
    for role, held in organisation.roles.items():
        for name in (held,) if isinstance(held, str) else held:
            if near := _nearly(name, names):
                yield Flaw(place=("roles", role), text=_is_it(name, near))


def _nearly(name: str, names: list[str]) -> str:
    """A body of the file that a name is nearly; empty where it is one, or is like none: it may be another office's."""
    return "" if name in names else next(iter(difflib.get_close_matches(name, names, n=1, cutoff=LIKE)), "")


def _is_it(name: str, near: str) -> str:
    return f"bodies 中没有“{name}”，是否应为“{near}”？确有这个单位的，请写入 bodies"


def _ring(start: str, above: dict[str, str]) -> tuple[str, ...]:
    """The bodies from one up to itself again; empty where the way up does not come back to it."""
    way = [start]
    while (following := above.get(way[-1])) is not None:
        if following == start:
            return tuple(way)
        if following in way:
            return ()
        way.append(following)
    return ()
