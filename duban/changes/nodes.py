"""Which milestone of an amended plan is which of the issued one. Pure: what cannot be told apart is not guessed."""

from collections.abc import Callable, Sequence

from duban.supervision.model import Frozen
from duban.supervision.plans.plan import MilestoneKind, PlannedMilestone


class NodePair(Frozen):
    """A milestone before and after; one of the two is None for one that comes or goes."""

    old: PlannedMilestone | None
    new: PlannedMilestone | None


def pair_nodes(old: Sequence[PlannedMilestone], new: Sequence[PlannedMilestone]) -> tuple[NodePair, ...] | None:
    """Pair milestones: what stayed first, then by date, by words, by kind, then in order where as many are left.

    Returns:
        None where some come or go while others are moved, and nothing says which is which.
    """
    rest_old, rest_new = list(old), list(new)
    pairs: list[NodePair] = []
    marks: tuple[Callable[[PlannedMilestone], object], ...] = (
        lambda node: (node.phrase, node.due_on),
        lambda node: node.due_on,
        lambda node: node.phrase,
        lambda node: node.kind if node.kind is not MilestoneKind.OTHER else None,
    )
    for mark in marks:
        for node in tuple(rest_old):
            same = [other for other in rest_new if mark(node) is not None and mark(other) == mark(node)]
            alike = [other for other in rest_old if mark(other) == mark(node)]
            if len(same) == len(alike) == 1:
                pairs.append(NodePair(old=node, new=same[0]))
                rest_old.remove(node)
                rest_new.remove(same[0])
    if rest_old and rest_new and len(rest_old) != len(rest_new):
        return None
    in_order = zip(_dated(rest_old), _dated(rest_new), strict=False)
    pairs += [NodePair(old=before, new=after) for before, after in in_order]
    if not rest_new:
        pairs += [NodePair(old=node, new=None) for node in rest_old]
    if not rest_old:
        pairs += [NodePair(old=None, new=node) for node in rest_new]
    return tuple(pairs)


def _dated(nodes: Sequence[PlannedMilestone]) -> list[PlannedMilestone]:
    return sorted(nodes, key=lambda node: (node.due_on, node.number))
