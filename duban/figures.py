"""Counts what the rules say can be counted: what an item states, and what speaks against a body.

The queries are the ledger's; here is decided which of them answers, by what has been stated so far.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import assert_never

from duban.appraising import appraised
from duban.ledger import Ledger
from duban.ledger.questions.figures import CountedTask, StepsWanted
from duban.supervision.model import Frozen
from duban.supervision.reckoning.taken_steps import number_in
from duban.supervision.rules.figures import Counting, Figure, Within
from duban.supervision.rules.procedures import PERIOD_FROM, PERIOD_TO
from duban.supervision.rules.rulebook import Rulebook
from duban.supervision.steps.counted import MOST_NAMED, LedgerCount
from duban.supervision.steps.stating import Facts, day_of
from duban.supervision.words import FOUND_WORDS

FIRST_YEAR, LAST_YEAR = 1900, 8999


class CountedThing(Frozen):
    """A task or an item that a number was counted from, and how it counts."""

    task_code: str
    title: str
    text: str


class Count(Frozen):
    """A number with all that it was counted from."""

    number: Decimal
    things: tuple[CountedThing, ...] = ()

    def of_message(self, why: str = "") -> LedgerCount:
        """As a message carries it.

        Args:
            why: Why another number is stated.
        """
        codes = tuple(dict.fromkeys(thing.task_code for thing in self.things))
        return LedgerCount(number=self.number, things=len(codes), codes=codes[:MOST_NAMED], why=why)


@dataclass(frozen=True, slots=True)
class About:
    """What a number is counted for.

    Attributes:
        facts: Stated so far, with the message that is being written.
        concerns: Codes of what the item is about.
        item: Its code; empty before it is opened.
    """

    facts: Facts
    concerns: Sequence[str] = ()
    item: str = ""


@dataclass(frozen=True)
class Counter:
    """Counts under one regime at one moment.

    Attributes:
        today: Local business date.
        rulebook: None where only the regime is known: then nothing is known of points.
    """

    ledger: Ledger
    regime: str
    today: date
    real_now: datetime
    rulebook: Rulebook | None = None

    def count(self, counting: Counting, about: About) -> Count | None:
        """The number; None while what it is counted for has not been stated."""
        body = about.facts.get(counting.of or "", ())[:1]
        match counting.counts:
            case Figure.UNFINISHED_TASKS | Figure.OVERDUE_TASKS:
                return self._tasks(counting, self._bodies(counting, body)) if body else None
            case Figure.PLAN_ITEMS:
                return self._plan_items(counting, body if counting.of else about.concerns)
            case Figure.OVERDUE_STEPS:
                return self._overdue_steps(counting, body) if body or counting.of is None else None
            case Figure.STEPS_TAKEN:
                return self._steps_taken(counting, body, about) if body or counting.of is None else None
            case Figure.DEDUCTIONS:
                return self._deductions(body[0], self._year(counting, about)) if body else None
            case _:
                assert_never(counting.counts)

    def _bodies(self, counting: Counting, body: Sequence[str]) -> tuple[str, ...]:
        under = (name for one in body for name in self.ledger.figures.supervised_by(one))
        return tuple(dict.fromkeys((*body, *(under if counting.and_supervised else ()))))

    def _year(self, counting: Counting, about: About) -> int:
        stated = number_in(about.facts, counting.year) if counting.year is not None else None
        known = stated is not None and stated == int(stated) and FIRST_YEAR <= stated <= LAST_YEAR
        return int(stated) if known and stated is not None else self.today.year

    def _tasks(self, counting: Counting, bodies: Sequence[str]) -> Count:
        if counting.counts is Figure.UNFINISHED_TASKS:
            found = self.ledger.figures.unfinished_tasks(self.regime, bodies, counting.lists, self.real_now)
            return _counted(found, lambda one: f"应于{one.on}前完成，至今未完成")
        found = self.ledger.figures.overdue_tasks(self.regime, bodies, counting.lists, self.real_now)
        return _counted(found, lambda one: f"应于{one.on}前完成的节点逾期")

    def _plan_items(self, counting: Counting, plans: Sequence[str]) -> Count | None:
        items = [one for plan in plans for one in self.ledger.figures.plan_items(plan)]
        if not items:
            return None
        chosen = [one for one in items if counting.found in (None, one.found)]
        return _counted(chosen, lambda one: FOUND_WORDS[one.found] if one.found is not None else "")

    def _overdue_steps(self, counting: Counting, body: Sequence[str]) -> Count:
        bodies = self._bodies(counting, body) if counting.of is not None else None
        found = self.ledger.figures.overdue_steps(
            self.regime, counting.procedure or "", counting.step or "", bodies, self.real_now
        )
        return _counted(found, lambda one: f"应于{one.on}前办理，至今未办理")

    def _steps_taken(self, counting: Counting, body: Sequence[str], about: About) -> Count | None:
        stretch = self._stretch(counting, about)
        if stretch is None:
            return None
        codes: tuple[str, ...] | None = None
        if counting.named_in:
            said = [code for name in counting.named_in for code in about.facts.get(name, ())]
            said += self.ledger.figures.stated_of(about.item, counting.named_in) if about.item else ()
            codes = tuple(dict.fromkeys(said))
        wanted = StepsWanted(
            procedure=counting.procedure or "",
            step=counting.step or "",
            outcomes=counting.outcomes,
            bodies=self._bodies(counting, body) if counting.of is not None else None,
            codes=codes,
            first=stretch[0],
            last=stretch[1],
        )
        return _counted(self.ledger.figures.steps_taken(self.regime, wanted), lambda one: f"{one.on}办理")

    def _stretch(self, counting: Counting, about: About) -> tuple[date, date] | None:
        if counting.within is Within.YEAR:
            year = self._year(counting, about)
            return date(year, 1, 1), date(year, 12, 31)
        first, last = day_of(about.facts, PERIOD_FROM), day_of(about.facts, PERIOD_TO)
        return (first, last) if first is not None and last is not None else None

    def _deductions(self, body: str, year: int) -> Count | None:
        if self.rulebook is None or self.rulebook.appraisal is None:
            return None
        sheets = appraised(self.ledger, self.rulebook, year, self.real_now, body=body)
        lines = [line for sheet in sheets for line in sheet.lines if line.points < 0]
        things = tuple(
            CountedThing(task_code=line.task_code, title=line.rule, text=f"{line.points:+}：{line.text}")
            for line in lines
        )
        return Count(number=-sum((line.points for line in lines), Decimal(0)), things=things)


def _counted(found: Sequence[CountedTask], words: Callable[[CountedTask], str]) -> Count:
    things = tuple(CountedThing(task_code=one.task_code, title=one.title, text=words(one)) for one in found)
    return Count(number=Decimal(len(things)), things=things)
