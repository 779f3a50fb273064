"""Who supervises whom, as an organisation file states it."""

from collections.abc import Iterator

from duban.supervision.flaws.flaw import Flaw
from duban.supervision.organisation import Organisation


def flaws_of_organisation(organisation: Organisation) -> Iterator[Flaw]:
    """Bodies that supervise each other in a ring: nobody of them has anybody above."""
    names = organisation.names()
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
