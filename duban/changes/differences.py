"""What a new organisation file makes different, body by body, in the order in which an office looks for it."""

from collections.abc import Iterable, Iterator
from enum import StrEnum

from duban.changes.reorganising import OF_THE_TASK, Parties
from duban.supervision.bodies.roles import TaskRoles
from duban.supervision.model import Frozen
from duban.supervision.words import PLACE_WORDS, role_words


class BodyChange(StrEnum):
    """What is different about a body."""

    RENAMED = "renamed"
    MERGED = "merged"
    HANDED_OVER = "handed_over"
    OFFICE = "office"
    HEAD = "head"
    PERSONS_IN = "persons_in"
    PERSONS_OUT = "persons_out"
    DEPUTIES = "deputies"
    PLACES = "places"
    TIER = "tier"


class BodyDifference(Frozen):
    """One difference.

    Attributes:
        body: Whom it concerns: the body that was, for a role its words, for persons the body that is.
        before, after: Names.
        tasks: Codes of the tasks in which it shows.
    """

    kind: BodyChange
    body: str
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    tasks: tuple[str, ...]

    def __str__(self) -> str:
        old, new = "、".join(self.before), "、".join(self.after)
        match self.kind:
            case BodyChange.RENAMED:
                return f"{old}更名为{new}"
            case BodyChange.MERGED:
                return f"{old}合并为{new}"
            case BodyChange.HANDED_OVER:
                return f"{old}的任务移交给{new}"
            case BodyChange.OFFICE:
                return f"{self.body}由{old or '无'}改为{new or '无'}"
            case BodyChange.HEAD:
                return f"{self.body}主要负责人由{old or '未写明'}改为{new or '未写明'}"
            case BodyChange.PERSONS_IN:
                return f"{self.body}增加人员：{new}"
            case BodyChange.PERSONS_OUT:
                return f"{self.body}减少人员：{old}"
            case BodyChange.DEPUTIES:
                return f"{self.body}代行主要负责人职责由{old or '无'}改为{new or '无'}"
            case BodyChange.PLACES:
                return f"{self.body}的领导和副职由{old or '未写明'}改为{new or '未写明'}"
            case BodyChange.TIER:
                return f"{self.body}的层级由第{old}级改为第{new}级"


_Found = tuple[BodyChange, str, tuple[str, ...], tuple[str, ...]]


def differences(changed: Iterable[Parties]) -> tuple[BodyDifference, ...]:
    """Each difference once, with the tasks in which it shows."""
    found: dict[_Found, list[str]] = {}
    for each in changed:
        for one in dict.fromkeys(_of_a_task(each)):
            found.setdefault(one, []).append(each.task_code)
    order = list(BodyChange)
    all_found = (
        BodyDifference(kind=kind, body=body, before=before, after=after, tasks=tuple(tasks))
        for (kind, body, before, after), tasks in _merged(found).items()
    )
    return tuple(sorted(all_found, key=lambda difference: order.index(difference.kind)))


def _of_a_task(each: Parties) -> Iterator[_Found]:
    before, after = each.before, each.after
    for body, heir in each.successors.items():
        if body in each.handed_over:
            yield BodyChange.HANDED_OVER, body, (body,), (heir,)
        elif before.held_by(heir):  # it was there already
            yield BodyChange.MERGED, heir, (body, heir), (heir,)
        else:
            yield BodyChange.RENAMED, body, (body,), (heir,)
    for role in after.bodies:
        if role in OF_THE_TASK:
            continue
        was, now = before.of(role), after.of(role)
        if tuple(dict.fromkeys(each.successors.get(body, body) for body in was)) != now:
            yield BodyChange.OFFICE, role_words(role), was, now
    heirs: dict[str, list[str]] = {}
    for body in before.of(*before.bodies):
        heirs.setdefault(each.successors.get(body, body), []).append(body)
    for name in after.of(*after.bodies):
        yield from _of_persons(each, name, heirs.get(name, []))
        yield from _of_standing(each, name, heirs.get(name, []))


def _of_persons(each: Parties, name: str, formerly: list[str]) -> Iterator[_Found]:
    """What is different about those who speak for a body; nothing is said of a body that is new to the task."""
    if not formerly or set(formerly) & set(each.handed_over):
        return
    were = tuple(dict.fromkeys(person for body in formerly for person in each.before.persons.get(body, ())))
    are = each.after.persons.get(name, ())
    heads = tuple(dict.fromkeys(each.before.heads[body] for body in formerly if body in each.before.heads))
    head = (each.after.heads[name],) if name in each.after.heads else ()
    if heads != head:
        yield BodyChange.HEAD, name, heads, head
    if came := tuple(person for person in are if person not in were):
        yield BodyChange.PERSONS_IN, name, (), came
    if left := tuple(person for person in were if person not in are):
        yield BodyChange.PERSONS_OUT, name, left, ()


def _of_standing(each: Parties, name: str, formerly: list[str]) -> Iterator[_Found]:
    """Who acts for the head of a body, the places of its other persons where the rules ask for them, and its tier."""
    if not formerly or set(formerly) & set(each.handed_over):
        return
    were = tuple(str(deputy) for body in formerly for deputy in each.before.deputies.get(body, ()))
    are = tuple(str(deputy) for deputy in each.after.deputies.get(name, ()))
    if were != are:
        yield BodyChange.DEPUTIES, name, were, are
    stood = tuple(placed for body in formerly for placed in _placed(each.before, body))
    if stood != (stand := tuple(_placed(each.after, name))):
        yield BodyChange.PLACES, name, stood, stand
    was, now = each.before.tier(formerly[0]), each.after.tier(name)
    if was != now:
        yield BodyChange.TIER, name, (str(was),), (str(now),)


def _placed(roles: TaskRoles, body: str) -> Iterator[str]:
    yield from (f"{person}（{PLACE_WORDS[place]}）" for person, place in sorted(roles.places.get(body, {}).items()))


def _merged(found: dict[_Found, list[str]]) -> dict[_Found, list[str]]:
    """Several that go on as one are one difference."""
    into: dict[tuple[str, ...], list[_Found]] = {}
    for one in found:
        if one[0] is BodyChange.RENAMED:
            into.setdefault(one[3], []).append(one)
    whole: dict[_Found, list[str]] = {}
    for one, tasks in found.items():
        those = into[one[3]] if one[0] is BodyChange.RENAMED else []
        if len(those) < 2:
            whole[one] = tasks
        elif one is those[0]:
            bodies = tuple(dict.fromkeys(each[1] for each in those))
            codes = dict.fromkeys(code for each in those for code in found[each])
            whole[(BodyChange.MERGED, one[3][0], bodies, one[3])] = list(codes)
    return whole
