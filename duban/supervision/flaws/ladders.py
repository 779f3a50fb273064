"""Levels that overlap, leave days out, or never come.

Days are compared as if the office worked every day: what falls on a day on which it is closed is given later, and one
level less may be given then; the ledger says so. A level whose day is that of a higher one, or later, never comes.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple, assert_never

from duban.supervision.clauses import Limit, Unit
from duban.supervision.flaws.flaw import Flaw, Place
from duban.supervision.rules.rungs import Ladder, Rung, Urging
from duban.supervision.rules.triggers import (
    DemandTrigger,
    GroundsTrigger,
    LagTrigger,
    ReturnTrigger,
    Trigger,
    UrgingsTrigger,
)

LADDER: Place = ("ladder",)
SHORTEST_MONTH, LONGEST_MONTH = 28, 31
UNIT_WORDS = {Unit.CALENDAR: "日", Unit.WORKING: "个工作日"}


class _Band(NamedTuple):
    rung: Rung
    place: Place
    band: LagTrigger

    @property
    def words(self) -> str:
        unit, last = UNIT_WORDS[self.band.unit], self.band.last
        until = f"至 {last} {unit}" if last is not None else f" {unit}起"
        return f"{self.rung.title}（滞后 {self.band.first} {until}）".replace("  ", " ")


def flaws_of_ladder(ladder: Ladder, *, whole: bool = True) -> Iterator[Flaw]:
    """All that is wrong in a ladder.

    Args:
        whole: Nothing of it had to be left out; else days that seem to belong to no level may belong to that.
    """
    yield from _twice(ladder)
    yield from _too_high(ladder)
    if whole:
        yield from unworkable_levels(ladder)
    for track in _tracks(ladder):
        for unit in Unit:
            bands = sorted((b for b in _bands(ladder, track) if b.band.unit is unit), key=lambda b: b.band.first)
            yield from _not_joining(bands, whole=whole)


def unworkable_levels(ladder: Ladder) -> Iterator[Flaw]:
    """What makes a level that never comes, or comes in an order that the calendar decides."""
    for track in _tracks(ladder):
        yield from _of_two_units(ladder, track)
    yield from _never_coming(ladder)


def _tracks(ladder: Ladder) -> tuple[str, ...]:
    return tuple(dict.fromkeys(rung.track for rung in ladder.rungs))


def _bands(ladder: Ladder, track: str) -> Iterator[_Band]:
    for number, rung in enumerate(ladder.rungs):
        for position, trigger in enumerate(rung.triggers):
            if rung.track == track and isinstance(trigger, LagTrigger):
                yield _Band(rung, _trigger_place(number, position), trigger)


def _trigger_place(rung: int, trigger: int) -> Place:
    return ("ladder", "rungs", rung, "triggers", trigger)


def _twice(ladder: Ladder) -> Iterator[Flaw]:
    seen: set[str] = set()
    for number, rung in enumerate(ladder.rungs):
        if rung.level in seen:
            yield Flaw(
                place=("ladder", "rungs", number, "level"),
                text=f"level“{rung.level}”前面已经用过，每个 level 只能出现一次，请改名",
                refused_with=LADDER,
            )
        seen.add(rung.level)


def _not_joining(bands: list[_Band], *, whole: bool) -> Iterator[Flaw]:
    """Bands of one track and unit, by their beginnings."""
    widest: _Band | None = None
    for low, high in pairwise(bands):
        if widest is None or (widest.band.last is not None and (low.band.last or 0) > widest.band.last):
            widest = low
        if low.band.last is None:
            widest = low
        last = widest.band.last
        if last is None:
            yield Flaw(
                place=widest.place,
                text=f"{widest.words}没有上限，与{high.words}重叠，请写 through: {high.band.first - 1}",
            )
        elif high.band.first <= last:
            yield Flaw(
                place=high.place,
                text=f"{high.words}与{widest.words}重叠，滞后 {high.band.first} 天同属两级，请改正其中一级的天数",
            )
        elif whole and high.band.first > last + 1:
            yield Flaw(
                place=high.place,
                text=f"{widest.words}与{high.words}之间有空档，滞后 {last + 1} 至 {high.band.first - 1} 天"
                "不属于任何一级，请使两级相接",
            )


def _of_two_units(ladder: Ladder, track: str) -> Iterator[Flaw]:
    first: _Band | None = None
    for each in _bands(ladder, track):
        first = first or each
        if each.band.unit is not first.band.unit:
            yield Flaw(
                place=(*each.place, "unit"),
                text=f"{each.rung.title}按{UNIT_WORDS[each.band.unit]}计，同一 track 的{first.rung.title}按"
                f"{UNIT_WORDS[first.band.unit]}计，哪一级在前就取决于节假日，请用同一种 unit",
            )


def _too_high(ladder: Ladder) -> Iterator[Flaw]:
    for number, rung in enumerate(ladder.rungs):
        for lower in _below(ladder, number):
            if any(low.unit is high.unit and low.first > high.first for low in lower.bands for high in rung.bands):
                yield Flaw(
                    place=("ladder", "rungs", number),
                    text=f"{lower.title}、{rung.title}须由低到高排列，请按滞后天数从少到多书写",
                    refused_with=LADDER,
                )


def _below(ladder: Ladder, number: int) -> tuple[Rung, ...]:
    return tuple(rung for rung in ladder.rungs[:number] if rung.track == ladder.rungs[number].track)


def _never_coming(ladder: Ladder) -> Iterator[Flaw]:
    for number, rung in enumerate(ladder.rungs):
        above = [higher for higher in ladder.rungs[number + 1 :] if higher.track == rung.track]
        overtaking = [_overtaking(trigger, above, ladder.urging) for trigger in rung.triggers]
        if all(overtaking):
            titles = "、".join(dict.fromkeys(higher.title for higher in overtaking if higher is not None))
            yield Flaw(
                place=("ladder", "rungs", number, "triggers"),
                text=f"{rung.title}永远轮不到：它到期时更高一级的{titles}已同时或先到期，请调整两级的天数或次序",
            )


def _overtaking(trigger: Trigger, above: list[Rung], urging: Urging | None) -> Rung | None:
    """A higher level that is reached no later, whenever a trigger is."""
    return next((rung for rung in above for other in rung.triggers if _no_later(other, trigger, urging)), None)


def _no_later(high: Trigger, low: Trigger, urging: Urging | None) -> bool:
    match high, low:
        case ReturnTrigger(), ReturnTrigger():
            return high.count <= low.count
        case DemandTrigger(), DemandTrigger():
            return _length(high.wait).earliest <= _length(low.wait).latest
        case UrgingsTrigger(), UrgingsTrigger():
            if high.count <= low.count and _length(high.wait).earliest <= _length(low.wait).latest:
                return True
        case _:
            pass
    comes, by_then = _day(high, urging), _day(low, urging)
    return comes is not None and by_then is not None and comes.earliest <= by_then.latest


class _Day(NamedTuple):
    """A day of an episode, counted from its first, as far as it can be known."""

    earliest: int
    latest: int


def _day(trigger: Trigger, urging: Urging | None) -> _Day | None:
    """When a trigger is reached if nobody does anything; None where only people reach it."""
    match trigger:
        case LagTrigger() | GroundsTrigger():
            return _Day(trigger.first, trigger.first)
        case UrgingsTrigger():
            if urging is None or trigger.count > urging.at_most:
                return None
            after, every, wait = (_length(limit) for limit in (urging.after, urging.every, trigger.wait))
            again = trigger.count - 1
            return _Day(
                after.earliest + again * max(every.earliest, 1) + wait.earliest,
                after.latest + again * max(every.latest, 1) + wait.latest,
            )
        case ReturnTrigger() | DemandTrigger():
            return None
        case _:
            assert_never(trigger)


def _length(limit: Limit) -> _Day:
    if limit.months:
        return _Day(limit.months * SHORTEST_MONTH, limit.months * LONGEST_MONTH)
    return _Day(limit.days, limit.days)
