"""The load of a year ahead: for each body and month, each side and week, how much falls due and how much is sent."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from duban.supervision.days.calendar import ONE_DAY
from duban.supervision.foresight.undertakings import Side
from duban.supervision.foresight.year_ahead import YearAhead

SIDE_WORDS = {Side.SUPERVISING: "督察一方", Side.SUPERVISED: "被督察一方"}
A_WEEK = timedelta(days=7)

Month = tuple[int, int]
"""Year and month."""


@dataclass(frozen=True, slots=True)
class BodyLoad:
    """What falls to a body on one side.

    Attributes:
        due: By month, what it has to have done by a day of it.
        sent: By month, the notices that it is sent.
    """

    side: Side
    body: str
    due: Counter[Month] = field(default_factory=Counter)
    sent: Counter[Month] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        """Of the whole stretch."""
        return self.due.total() + self.sent.total()


@dataclass(frozen=True, slots=True)
class YearLoad:
    """The load of a stretch of days.

    Attributes:
        months: All of them, in order.
        bodies: Supervisors first, the busiest of a side first.
        weeks: The Mondays of all weeks, in order.
        due, sent: By side and week.
    """

    months: tuple[Month, ...]
    bodies: tuple[BodyLoad, ...]
    weeks: tuple[date, ...]
    due: dict[Side, Counter[date]]
    sent: dict[Side, Counter[date]]

    def of(self, side: Side) -> tuple[BodyLoad, ...]:
        """The bodies of a side."""
        return tuple(body for body in self.bodies if body.side is side)


def load_of(year: YearAhead) -> YearLoad:
    """Adds up a year."""
    bodies: dict[tuple[Side, str], BodyLoad] = {}
    due: dict[Side, Counter[date]] = defaultdict(Counter)
    sent: dict[Side, Counter[date]] = defaultdict(Counter)

    def at(side: Side, body: str) -> BodyLoad:
        return bodies.setdefault((side, body), BodyLoad(side, body))

    for duty in year.duties:
        at(duty.side, duty.owed_by).due[_month(duty.due_on)] += 1
        due[duty.side][_monday(duty.due_on)] += 1
    for letter in year.notices:
        at(letter.side, letter.recipient).sent[_month(letter.deliver_on)] += 1
        sent[letter.side][_monday(letter.deliver_on)] += 1
    order = list(Side)
    return YearLoad(
        months=tuple(dict.fromkeys(_month(day) for day in _days(year.first_on, year.last_on))),
        bodies=tuple(sorted(bodies.values(), key=lambda one: (order.index(one.side), -one.total, one.body))),
        weeks=tuple(dict.fromkeys(_monday(day) for day in _days(year.first_on, year.last_on))),
        due=due,
        sent=sent,
    )


def together(bodies: Sequence[BodyLoad], name: str) -> BodyLoad:
    """Several bodies as one."""
    return BodyLoad(bodies[0].side, name, _sum(one.due for one in bodies), _sum(one.sent for one in bodies))


def _sum(counters: Iterable[Counter[Month]]) -> Counter[Month]:
    return sum(counters, Counter())


def _days(first: date, last: date) -> Iterable[date]:
    return (first + ONE_DAY * number for number in range((last - first).days + 1))


def _month(day: date) -> Month:
    return day.year, day.month


def _monday(day: date) -> date:
    return day - ONE_DAY * day.weekday()
