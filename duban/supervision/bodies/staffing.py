"""Whether bodies have the people that a document demands: its minima, beside what the organisation file names.

Never a reason to refuse anything: a file says who may speak for a body, and an office that is short of people has to
work all the same. All that is short is told at once; of a body without any person named nothing is known, and that is
told in one line for all of them.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from duban.supervision.bodies.organisation import Body, Organisation, Person
from duban.supervision.clauses import Sentence, Source
from duban.supervision.model import Frozen
from duban.supervision.rules.parts import PersonRole, Role, Tier, Title
from duban.supervision.rules.regime import Regime
from duban.supervision.words import role_words

MOST_NAMED = 5
"""Bodies and persons that a warning names."""


class StaffUnit(StrEnum):
    """What is counted: persons, or the sections (科室) in which they work."""

    PERSONS = "persons"
    SECTIONS = "sections"


class StaffMinimum(Frozen):
    """How many people of a kind bodies have at least.

    Attributes:
        title: Whom the sentence speaks of, for example ``专职从事改革督察的人员``.
        of: Bodies that hold one of these roles,
        tiers: and bodies of these tiers that hold no role of the rules.
        roles: Only persons of these roles; empty: of any.
        posts: Only persons with one of these words in their post or the name of their section; empty: any.
        full_time: Only persons who do nothing else (专职).
    """

    title: Title
    of: tuple[Role, ...] = Field(default=(), max_length=20)
    tiers: tuple[Tier, ...] = Field(default=(), max_length=4)
    roles: tuple[PersonRole, ...] = Field(default=(), max_length=len(PersonRole))
    posts: tuple[Title, ...] = Field(default=(), max_length=20)
    full_time: bool = False
    counts: StaffUnit = StaffUnit.PERSONS
    at_least: int = Field(default=1, ge=1, le=1_000)
    source: Source
    assumed: Sentence = ""

    @property
    def unit(self) -> str:
        """The measure word of what is counted."""
        return "名" if self.counts is StaffUnit.PERSONS else "个"

    @model_validator(mode="after")
    def _of_some_bodies(self) -> Self:
        if not self.of and not self.tiers:
            raise ValueError(f"{self.title}：of（角色）和 tiers（层级）至少写一个，说明是对哪些单位的要求")
        return self

    def counted(self, body: Body) -> tuple[str, ...]:
        """The persons, or the sections, of a body that count."""
        persons = [person for person in body.persons if self._takes(person)]
        if self.counts is StaffUnit.PERSONS:
            return tuple(person.name for person in persons)
        return tuple(dict.fromkeys(person.section for person in persons if person.section))

    def _takes(self, person: Person) -> bool:
        if (self.roles and person.role not in self.roles) or (self.full_time and not person.full_time):
            return False
        return not self.posts or any(word in f"{person.post} {person.section}" for word in self.posts)


class StaffWarning(Frozen):
    """What is short, or cannot be known.

    Attributes:
        body: Empty where it is about several.
        minimum: What was looked at; empty where nothing is known of the bodies themselves.
        found: The persons or sections that count.
        text: What is demanded, what there is, and the clause, in one sentence without its body and a full stop.
    """

    text: str
    body: str = ""
    minimum: str = ""
    at_least: int = 0
    found: tuple[str, ...] = ()
    source: Source | None = None
    assumed: str = ""

    def __str__(self) -> str:
        return f"{self.body}：{self.text}" if self.body else self.text


def staff_warnings(
    minima: tuple[StaffMinimum, ...], regime: Regime, organisation: Organisation
) -> tuple[StaffWarning, ...]:
    """All that an organisation file shows to be short, by minimum and body; nothing of a file without bodies."""
    if not organisation.bodies:
        return ()
    office = _Office(regime, organisation)
    short = [warning for minimum in minima for warning in office.short_of(minimum)]
    unknown = dict.fromkeys(name for minimum in minima for name in office.concerned(minimum) if not office.knows(name))
    return (*short, *_unknown(tuple(unknown)))


class _Office:
    def __init__(self, regime: Regime, organisation: Organisation) -> None:
        names = organisation.names()
        held = organisation.offices(regime).items()
        self._bodies = {body.name: body for body in organisation.bodies}
        self._holders = {role: tuple(names.get(name, name) for name in bodies) for role, bodies in held}

    def knows(self, name: str) -> bool:
        """Whether any person of a body is named."""
        return name in self._bodies and bool(self._bodies[name].persons)

    def concerned(self, minimum: StaffMinimum) -> tuple[str, ...]:
        with_a_role = {name for bodies in self._holders.values() for name in bodies}
        named = [name for role in minimum.of for name in self._holders.get(role, ())]
        named += [
            body.name for body in self._bodies.values() if body.tier in minimum.tiers and body.name not in with_a_role
        ]
        return tuple(dict.fromkeys(named))

    def short_of(self, minimum: StaffMinimum) -> Iterator[StaffWarning]:
        for role in minimum.of:
            if not self._holders.get(role):
                yield _warning(minimum, f"没有单位担任“{role_words(role)}”（{role}），“{minimum.title}”无从核对")
        for name in self.concerned(minimum):
            if not self.knows(name):
                continue
            found = minimum.counted(self._bodies[name])
            if len(found) < minimum.at_least:
                yield _warning(minimum, _short(minimum, found), name, found)


def _warning(minimum: StaffMinimum, text: str, body: str = "", found: tuple[str, ...] = ()) -> StaffWarning:
    return StaffWarning(
        text=text,
        body=body,
        minimum=minimum.title,
        at_least=minimum.at_least,
        found=found,
        source=minimum.source,
        assumed=minimum.assumed,
    )


def _short(minimum: StaffMinimum, found: tuple[str, ...]) -> str:
    there = f"{len(found)}{minimum.unit}{f'（{_some(found)}）' if found else ''}"
    source = minimum.source
    clause = f"第{source.paragraph}段：{source.sentence}" if source.paragraph else "文件未作规定，为推定"
    assumed = f"；{minimum.assumed}" if minimum.assumed else ""
    return f"{minimum.title}应不少于{minimum.at_least}{minimum.unit}，机构文件写明{there}（{clause}{assumed}）"


def _unknown(names: tuple[str, ...]) -> Iterator[StaffWarning]:
    if names:
        yield StaffWarning(
            text=f"机构文件没有写明以下{len(names)}个单位的人员，人员配备是否达到要求无从核对：{_some(names)}"
        )


def _some(names: tuple[str, ...]) -> str:
    return "、".join(names[:MOST_NAMED]) + ("等" if len(names) > MOST_NAMED else "")
