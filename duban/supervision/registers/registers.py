"""A register (登记簿): the home of the items that come by no plan, one for each office and year.

What people may ask of it, and when it wakes by itself for what comes round. A rhythm's period is dealt with once;
what has been dealt with is remembered as a day (see ``occurrences``).
"""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Annotated

from pydantic import BeforeValidator, Field

from duban.supervision.bodies.organisation import Organisation
from duban.supervision.days.calendar import OfficeCalendar
from duban.supervision.model import Frozen
from duban.supervision.registers.occurrences import Due, Occurrence, due, next_occurrence
from duban.supervision.rules.parts import (
    HANDLING_BODY,
    LEAD_BODY,
    LEADING_GROUP,
    REFORM_OFFICE,
    SUPERIOR_BODY,
    SUPERVISING_BODY,
    SUPPORTING_BODIES,
)
from duban.supervision.rules.procedures import Fact, Procedure
from duban.supervision.rules.regime import Regime
from duban.supervision.rules.rhythms import Rhythm
from duban.supervision.steps.counted import LedgerCount
from duban.supervision.steps.items import may_state
from duban.supervision.steps.stating import counts_kept, refuse_unstated, stated
from duban.supervision.tasks.messages import FactName, FactValues, Line, Message, Name, Reference, Stated
from duban.supervision.tasks.moments import Moment
from duban.supervision.tasks.turn import Refusal


def _several(value: object) -> object:
    """A single text stands for a list of one: people type this by hand."""
    return (value,) if isinstance(value, str) else value


class ItemOpening(Message):
    """A person opens an item.

    Attributes:
        facts: What the procedure asks for.
        concerns: Codes of tasks, plans or items that it is about.
        counted: Of facts that the ledger can count, what it has; our clients ask it. Without, they are as stated.
        anyway: Why it is opened although another one is like it.
    """

    procedure: Annotated[Reference, Field(min_length=1)]
    title: Reference = ""
    facts: dict[FactName, FactValues] = Field(default_factory=dict, max_length=50)
    concerns: Annotated[tuple[Reference, ...], BeforeValidator(_several), Field(max_length=200)] = ()
    counted: dict[FactName, LedgerCount] = Field(default_factory=dict, max_length=50)
    anyway: Line = ""


class RegisterClosing(Message):
    """The office closes its register.

    Attributes:
        anyway: Although items are open, or periods are still to come.
    """

    reason: Stated
    anyway: bool = False


class RegisterAdoption(Message):
    """The register goes on under a new content: another organisation, other rules.

    Attributes:
        digest: Of that content, which the ledger has.
        instead_of: Digest of the one that it takes the place of: a register that has come to go by another one
            meanwhile refuses. Empty as before there was this field.
        leading_group, reform_office, persons: Who is who by it, as for plans; the content itself decides.
    """

    reason: Stated
    digest: Annotated[Reference, Field(min_length=1)]
    instead_of: Reference = ""
    leading_group: Name | None = None
    reform_office: Name | None = None
    persons: tuple[Name, ...] = Field(default=(), max_length=200)


class Openable(Frozen):
    """What a person may open, as far as the register has to know before the ledger is asked.

    Attributes:
        facts: What may be stated.
        needed: Names of those that have to be, whatever the rest; what hangs on them is asked for when it is opened.
        openers: The bodies that may, each with the persons who may speak for it (empty: anyone).
    """

    title: str
    facts: tuple[Fact, ...]
    needed: tuple[str, ...] = ()
    openers: dict[str, tuple[str, ...]]


class RegisterRules(Frozen):
    """What a register decides by.

    Attributes:
        first_on, last_on: Local days of its year.
        openable: By the keys of procedures.
        office: The bodies that close it and say under which content it goes on, with their persons.
    """

    regime: str
    title: str
    first_on: date
    last_on: date
    rhythms: dict[str, Rhythm]
    calendar: OfficeCalendar
    openable: dict[str, Openable]
    office: dict[str, tuple[str, ...]]

    @property
    def calendar_digest(self) -> str:
        """Names the calendar: whoever has another one knows other holidays."""
        return hashlib.sha256(self.calendar.model_dump_json().encode()).hexdigest()[:16]


def openable_of(
    procedures: Mapping[str, Procedure], organisation: Organisation, regime: Regime, supervising_body: str
) -> dict[str, Openable]:
    """What people of an office may open, and who; what only a rhythm or another item opens is left out.

    A lead body opens what it inspects itself: before there is an item any body of the organisation may be one (A).
    """
    anybody = tuple(body.name for body in organisation.bodies)
    own = dict.fromkeys((LEAD_BODY, HANDLING_BODY), anybody)
    offices = {**organisation.offices(regime), **own, SUPERVISING_BODY: (supervising_body,)}
    found: dict[str, Openable] = {}
    for key, procedure in procedures.items():
        names = organisation.names()
        bodies = dict.fromkeys(names.get(b, b) for role in procedure.opened_by for b in offices.get(role, ()))
        if bodies:
            openers = {body: organisation.persons_of(body) for body in bodies}
            needed = tuple(fact.name for fact in procedure.facts if fact.needed({}))
            found[key] = Openable(title=procedure.title, facts=may_state(procedure), needed=needed, openers=openers)
    return found


def office_of(organisation: Organisation, regime: Regime, supervising_body: str) -> dict[str, tuple[str, ...]]:
    """Who keeps a register: who supervises, and the reform office (A); no document speaks of it."""
    offices = organisation.offices(regime)
    names = organisation.names()
    held = (supervising_body, *offices.get(REFORM_OFFICE, ()))
    return {body: organisation.persons_of(body) for body in dict.fromkeys(names.get(b, b) for b in held)}


def refuse_opening(rules: RegisterRules, message: ItemOpening, today: date) -> Refusal | None:
    """Why an item may not be opened by this message; None where it may, as far as the ledger need not be asked."""
    openable = rules.openable.get(message.procedure)
    if openable is None:
        known = "、".join(f"{key}（{each.title}）" for key, each in rules.openable.items()) or "无"
        return Refusal(f"没有可由人开立的程序“{message.procedure[:60]}”，可开立的有：{known}")
    if message.body not in openable.openers:
        return Refusal(f"“{openable.title}”由{'、'.join(openable.openers)}开立，{message.body}无权开立")
    speakers = openable.openers[message.body]
    if speakers and message.person not in speakers:
        return Refusal(f"{message.person}不在{message.body}的人员名单中")
    return _refuse_stated(openable, message, today)


def _refuse_stated(openable: Openable, message: ItemOpening, today: date) -> Refusal | None:
    kept = stated(message.facts, openable.facts, today)
    if isinstance(kept, Refusal):
        return kept
    counted = counts_kept(message.counted, kept, openable.facts)
    if isinstance(counted, Refusal):
        return counted
    return refuse_unstated(fact for fact in openable.facts if fact.name in openable.needed and fact.name not in kept)


def refuse_keeping(rules: RegisterRules, message: Message, what: str) -> Refusal | None:
    """Why somebody may not close or change a register."""
    if message.body not in rules.office:
        return Refusal(f"登记簿由{'、'.join(rules.office)}{what}，{message.body}无权{what}")
    speakers = rules.office[message.body]
    # Whoever changes who is who may be one who is in the new list only.
    if speakers and message.person not in speakers and not isinstance(message, RegisterAdoption):
        return Refusal(f"{message.person}不在{message.body}的人员名单中")
    return None


class ComingRound(Frozen):
    """What comes round in a register's year, and how far each rhythm has been dealt with.

    Attributes:
        to_come_from: By the keys of rhythms: periods that end before this day have been dealt with.
        begun_on: Where nothing has been: the local day on which the register began.
    """

    begun_on: date
    to_come_from: dict[str, date] = Field(default_factory=dict)

    def from_day(self, key: str, rules: RegisterRules) -> date:
        """The day up to which a rhythm has been dealt with."""
        return self.to_come_from.get(key, max(self.begun_on, rules.first_on))

    def ripe(self, rules: RegisterRules, now: datetime, spread: float) -> Iterator[tuple[str, Due]]:
        """What is to be opened at a business moment, by rhythm; after an outage the latest period of each."""
        for key, rhythm in sorted(rules.rhythms.items()):
            found = due(rhythm, self.from_day(key, rules), now, rules.calendar, spread, last_on=rules.last_on)
            if found.opened is not None:
                yield key, found

    def with_done(self, key: str, done: Due) -> "ComingRound":
        """After a rhythm has been dealt with."""
        return self.model_copy(update={"to_come_from": {**self.to_come_from, key: done.to_come_from}})

    def under(self, before: RegisterRules, after: RegisterRules, day: date) -> "ComingRound":
        """Under other rules from a local day on.

        What there is before and after goes on from where it was dealt with, however its periods are cut now. What comes
        new, or comes back, begins with the period of that day: nobody owed what was due before.
        """
        new = [key for key in after.rhythms if key not in before.rhythms]
        from_days = {key: max(day, self.from_day(key, before)) for key in new}
        return self.model_copy(update={"to_come_from": {**self.to_come_from, **from_days}})

    def next_of_each(self, rules: RegisterRules, spread: float) -> dict[str, Occurrence]:
        """The next period of each rhythm that has one in the register's year, by the keys of rhythms."""
        return {key: found for key, _, found in self._coming(rules, spread)}

    def next_moment(self, rules: RegisterRules, spread: float) -> Moment | None:
        """When the register wakes next, and why; None where its year has nothing more to bring."""
        return min(self._moments(rules, spread), key=lambda moment: moment.at, default=None)

    def still_to_come(self, rules: RegisterRules) -> tuple[str, ...]:
        """Rhythms of which periods of this year have not been dealt with, by title."""
        return tuple(rhythm.title for _, rhythm, _ in self._coming(rules))

    def _moments(self, rules: RegisterRules, spread: float) -> Iterator[Moment]:
        for _, rhythm, found in self._coming(rules, spread):
            yield Moment(at=found.opens_at, text=f"{found.span.words}{rhythm.title}")

    def _coming(self, rules: RegisterRules, spread: float = 0.0) -> Iterator[tuple[str, Rhythm, Occurrence]]:
        """The next period of each rhythm, as far as it begins in the register's year."""
        for key, rhythm in sorted(rules.rhythms.items()):
            found = next_occurrence(rhythm, self.from_day(key, rules), rules.calendar, spread)
            if found.span.first_on <= rules.last_on:
                yield key, rhythm, found


def unfilled_roles(
    procedures: Mapping[str, Procedure], organisation: Organisation, regime: Regime
) -> dict[str, tuple[str, ...]]:
    """Roles of procedures for which there is no body, with the titles of those that need them."""
    own = (SUPERVISING_BODY, SUPERIOR_BODY, LEAD_BODY, HANDLING_BODY, SUPPORTING_BODIES)
    offices = organisation.offices(regime)
    found: dict[str, list[str]] = {}
    for procedure in procedures.values():
        for role in procedure.roles_needed:
            if role not in own and not offices.get(role):
                found.setdefault(role, []).append(procedure.title)
    needed = (role for role in (REFORM_OFFICE, LEADING_GROUP) if not offices.get(role))
    return {**{role: tuple(titles) for role, titles in found.items()}, **dict.fromkeys(needed, ("登记簿",))}
