"""Draws up the order that brings an announced year to all that runs, and shows by the core itself what moves.

What bodies have been told stays; what was reckoned by the calendar and is still to come follows the new one.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from duban.calendars import library_year, reaching, with_years
from duban.changes.moves import Move
from duban.changes.register_years import RegisterYear
from duban.changes.running import RunningPlan
from duban.contracts import TaskInput
from duban.ledger.tables.columns import canonical_json
from duban.orders import ID_LENGTH, ChangeOrder, OrderItem, OrderKind
from duban.supervision.days.announced_year import AnnouncedYear
from duban.supervision.days.calendar import OfficeCalendar
from duban.supervision.rules.authority import Act
from duban.supervision.rules.policy import Policy, encode
from duban.supervision.tasks.advance import advance
from duban.supervision.tasks.messages import Adopt
from duban.supervision.tasks.moments import Moment, upcoming
from duban.supervision.tasks.turn import Refusal

YEARS_BEYOND = 1
"""The year after the announced one has its statutory days in the calendar, and is provisional."""


class YearUnknown(Exception):
    """A year before the one to be adopted has not been announced; the text says which."""


@dataclass(frozen=True)
class NewYear:
    """What an announced year changes.

    Attributes:
        policies: The rules that each task runs by from then on, by its code; tasks for which nothing changes left out.
        before: Names of the rules that these tasks run by now.
        plans: The plan of each task.
        moves: What happens on other days than before.
        refusals: Why a task would refuse it.
        registers: Those that reckon by another calendar from then on.
    """

    announced: AnnouncedYear
    policies: Mapping[str, Policy]
    before: Mapping[str, str]
    plans: Mapping[str, str]
    moves: tuple[Move, ...]
    refusals: Mapping[str, str]
    registers: tuple[RegisterYear, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing is to be told to anybody."""
        return not self.policies and not self.registers


def new_year(
    running: Sequence[RunningPlan],
    announced: AnnouncedYear,
    known: Mapping[int, AnnouncedYear],
    body: str,
    person: str,
    now: datetime,
    registers: tuple[RegisterYear, ...] = (),
) -> NewYear:
    """What an announced year makes different.

    Args:
        known: Other years that the office has taken over.
        registers: Those for which it makes something different.
        now: Real moment.

    Raises:
        YearUnknown: A year in between has not been announced.
    """
    compiled: dict[str, Policy] = {}
    policies: dict[str, Policy] = {}
    moves: list[Move] = []
    refusals: dict[str, str] = {}
    tasks = [(plan, task) for plan in running for task in plan.tasks]
    for _, task in tasks:
        digest = task.state.policy_digest
        if digest not in compiled:
            compiled[digest] = _with_year(task.policy, announced, known)
        policy = compiled[digest]
        if policy == task.policy:
            continue
        policies[task.state.code] = policy
        outcome = _moved(task, policy, announced.source, body, person, now)
        if isinstance(outcome, Refusal):
            refusals[task.state.code] = outcome.reason
        else:
            moves.extend(outcome)
    return NewYear(
        announced=announced,
        policies=policies,
        before={task.state.code: task.state.policy_digest for _, task in tasks if task.state.code in policies},
        plans={task.state.code: plan.row.code for plan, task in tasks},
        moves=(*moves, *(move for register in registers for move in register.moves)),
        refusals=refusals,
        registers=registers,
    )


def calendar_with(
    calendar: OfficeCalendar, announced: AnnouncedYear, known: Mapping[int, AnnouncedYear]
) -> OfficeCalendar:
    """A calendar with a year as announced, and with those before it that it did not know either.

    Raises:
        YearUnknown: One of those has not been announced.
    """
    last = calendar.known_until.year if calendar.known_until else announced.year
    years = [_year(year, announced, known) for year in range(last + 1, announced.year)]
    return with_years(reaching(calendar, announced.year + YEARS_BEYOND), [*years, announced])


def _year(year: int, announced: AnnouncedYear, known: Mapping[int, AnnouncedYear]) -> AnnouncedYear:
    found = known.get(year) or library_year(year)
    if found is None:
        raise YearUnknown(
            f"在办任务的日历还没有 {year} 年的放假调休安排，不能先采用 {announced.year} 年。"
            f"请先运行 starter.py calendar adopt {year}。"
        )
    return found


def _with_year(policy: Policy, announced: AnnouncedYear, known: Mapping[int, AnnouncedYear]) -> Policy:
    return policy.model_copy(update={"calendar": calendar_with(policy.calendar, announced, known)})


def _moved(
    task: TaskInput, policy: Policy, reason: str, body: str, person: str, now: datetime
) -> Sequence[Move] | Refusal:
    moment = task.clock.business(now)
    told = Adopt(body=body, person=person, reason=reason, policy=policy, reckon_anew=True, occurred_at=moment)
    done = advance(task.state, told, task.policy, moment)
    if isinstance(done, Refusal):
        return done
    zone = policy.calendar.zone
    pairs = _pairs(upcoming(task.state, task.policy), upcoming(done.state, done.policy or policy))
    moves = [
        Move(
            task_code=task.state.code,
            what=old.text,
            before_on=zone.local_date(old.at),
            after_on=zone.local_date(new.at),
        )
        for old, new in pairs
    ]
    return [move for move in moves if move.before_on != move.after_on]


def _pairs(before: Iterable[Moment], after: Iterable[Moment]) -> Iterator[tuple[Moment, Moment]]:
    """The same thing before and after: by its words, and of several in the same words in their order."""
    there: dict[str, list[Moment]] = {}
    for moment in after:
        there.setdefault(moment.text, []).append(moment)
    for moment in before:
        if some := there.get(moment.text):
            yield moment, some.pop(0)


def calendar_order(found: NewYear, body: str, person: str, reason: str, now: datetime) -> ChangeOrder:
    """The order that carries it out; a policy stands in it once.

    Args:
        now: Real moment.
    """
    parts: dict[str, dict[str, JsonValue]] = {}
    names: dict[int, str] = {}
    items = []
    for code, policy in found.policies.items():
        if id(policy) not in names:
            text = encode(policy)
            names[id(policy)] = _name(text)
            parts[names[id(policy)]] = {"policy": text, "reckon_anew": True}
        items.append(
            OrderItem(target=code, plan_code=found.plans[code], act=Act.ADOPT.value, parts=(names[id(policy)],))
        )
    return ChangeOrder(
        kind=OrderKind.CALENDAR,
        title=f"{found.announced.year}年放假调休安排",
        reason=reason,
        body=body,
        person=person,
        basis=_basis(found),
        parts=parts,
        items=(*(register.item for register in found.registers), *items),
        ordered_at=now,
        ordered_at_real=now,
    )


def _basis(found: NewYear) -> str:
    if not found.registers:
        return _name(canonical_json(dict(found.before)))
    # A register is told of its own content, whatever the year: the year is named, and what it replaces.
    calendars = {register.code: register.calendar for register in found.registers}
    return _name(canonical_json([dict(found.before), calendars, found.announced.model_dump(mode="json")]))


def _name(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:ID_LENGTH]
