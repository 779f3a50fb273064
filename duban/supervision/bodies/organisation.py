"""The office's bodies, persons and offices, as an organisation file states them.

Four tiers, each both supervisor and supervised (Kunming 2016, paragraph 2).
"""

from collections.abc import Mapping
from datetime import date
from typing import Self

from pydantic import Field, model_validator

from duban.supervision.bodies.roles import MOST_BODIES, Deputy, TaskRoles
from duban.supervision.model import Frozen
from duban.supervision.plans.plan import TaskDefinition
from duban.supervision.rules.parts import (
    HANDLING_BODY,
    LEAD_BODY,
    SUPERIOR_BODY,
    SUPERVISING_BODY,
    SUPPORTING_BODIES,
    WATCHER,
    PersonRole,
    Role,
    Title,
)
from duban.supervision.rules.regime import Regime


class Acting(Frozen):
    """A stretch of days, both ends included, in which a deputy acts for the head; without an end until further."""

    from_on: date
    until_on: date | None = None

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.until_on is not None and self.until_on < self.from_on:
            raise ValueError(f"代行职责的止日{self.until_on}早于起日{self.from_on}，请核对")
        return self


class Person(Frozen):
    """Somebody who may speak for a body.

    Attributes:
        section: In which part of the body (科室) he works; empty: not said.
        full_time: He does nothing else (专职); what the file does not say is not counted as such.
        acting: Of a deputy: when he acts for the head. Beside these days he speaks for the body like others.
    """

    name: Title
    post: str = Field(default="", max_length=100)
    role: PersonRole = PersonRole.CLERK
    section: str = Field(default="", max_length=100, exclude_if=lambda section: not section)
    full_time: bool = Field(default=False, exclude_if=lambda full_time: not full_time)
    acting: tuple[Acting, ...] = Field(default=(), max_length=50, exclude_if=lambda acting: not acting)

    @model_validator(mode="after")
    def _only_a_deputy_acts_for_another(self) -> Self:
        if self.acting and self.role is not PersonRole.DEPUTY:
            raise ValueError(f"{self.name}：只有 role: deputy 的人员可以写 acting（代行主要负责人职责的起止日期）")
        return self


class Body(Frozen):
    """A body, its other spellings, its tier and who supervises it.

    Attributes:
        formerly: The names of those whose work it goes on with: of one that was renamed, of several that became one.
    """

    name: Title
    tier: int = Field(default=MOST_BODIES, ge=1, le=4)
    aliases: tuple[Title, ...] = ()
    formerly: tuple[Title, ...] = Field(default=(), max_length=50)
    supervised_by: str | None = None
    persons: tuple[Person, ...] = Field(default=(), max_length=200)

    @property
    def deputies(self) -> tuple[Deputy, ...]:
        """Who acts for its head, and when."""
        return tuple(
            Deputy(name=person.name, from_on=acting.from_on, until_on=acting.until_on)
            for person in self.persons
            for acting in person.acting
        )

    @property
    def head(self) -> str:
        """Its head; empty where nobody is named."""
        return next((person.name for person in self.persons if person.role is PersonRole.HEAD), "")

    @property
    def sections(self) -> dict[str, str]:
        """The section of every person who has one."""
        return {person.name: person.section for person in self.persons if person.section}

    @property
    def places(self) -> dict[str, PersonRole]:
        """The place of every person who is neither its head nor a clerk."""
        others = (PersonRole.HEAD, PersonRole.CLERK)
        return {person.name: person.role for person in self.persons if person.role not in others}


class Handover(Frozen):
    """Tasks go from one body to another, and both go on to exist.

    Attributes:
        tasks: Their codes; empty means all in which the first body leads, does the work or supports.
    """

    from_body: Title
    to_body: Title
    tasks: tuple[Title, ...] = ()


class Organisation(Frozen):
    """An organisation file.

    Attributes:
        handovers: Tasks that change hands with it.
        roles: Bodies by role (``leading_group``, ``reform_office`` …); a single name stands for a list of one.
    """

    name: str = Field(default="", max_length=100)
    roles: dict[Role, Title | tuple[Title, ...]] = Field(default_factory=dict)
    bodies: tuple[Body, ...] = ()
    handovers: tuple[Handover, ...] = Field(default=(), max_length=500)

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        seen: set[str] = set()
        for name in (n for body in self.bodies for n in (body.name, *body.aliases, *body.formerly)):
            if name in seen:
                raise ValueError(f"“{name}”在机构文件中出现了两次：名称、别名和曾用名（formerly）都不得重复")
            seen.add(name)
        return self

    @model_validator(mode="after")
    def _handed_over_to_a_body_of_the_file(self) -> Self:
        own = {body.name for body in self.bodies}
        for handover in self.handovers:
            if handover.to_body not in own:
                raise ValueError(f"handovers 的接续单位“{handover.to_body}”不在 bodies 里，请补上或核对名称")
            if self.names().get(handover.from_body, handover.from_body) == handover.to_body:
                raise ValueError(f"handovers 把“{handover.from_body}”的任务交给它自己；更名请写在 formerly")
        return self

    def names(self) -> Mapping[str, str]:
        """Every name, alias and former name with the body's name."""
        return {name: body.name for body in self.bodies for name in (body.name, *body.aliases, *body.formerly)}

    def persons_of(self, name: str) -> tuple[str, ...]:
        """Who may speak for a body; empty: anyone."""
        return next((tuple(person.name for person in body.persons) for body in self.bodies if body.name == name), ())

    def superior_of(self, name: str) -> str:
        """Who supervises a body; empty: the file does not say."""
        names = self.names()
        asked = names.get(name, name)
        superior = next((body.supervised_by for body in self.bodies if body.name == asked), None) or ""
        return names.get(superior, superior)

    def offices(self, regime: Regime) -> dict[Role, tuple[str, ...]]:
        """Bodies by role: the regime's, overridden by the organisation's."""
        own = {role: (held,) if isinstance(held, str) else held for role, held in self.roles.items()}
        return {**regime.offices, **own}

    def roles_for(self, task: TaskDefinition, supervising_body: str, regime: Regime, *, watcher: str = "") -> TaskRoles:
        """Who is who towards a task, with the persons of those bodies and of those that its facts name.

        Args:
            watcher: As the plan names him.
        """
        bodies = {
            **self.offices(regime),
            **({WATCHER: (watcher,)} if watcher else {}),
            SUPERVISING_BODY: (supervising_body,),
            LEAD_BODY: (task.lead_body,),
            HANDLING_BODY: (task.handled_by,),
            SUPPORTING_BODIES: task.supporting_bodies,
        }
        if task.procedure or SUPERIOR_BODY in regime.roles_named:
            bodies[SUPERIOR_BODY] = (self.superior_of(task.lead_body) or supervising_body,)
        known = self.names()
        stated = (known.get(value, value) for values in task.facts.values() for value in values)
        named = {*(name for names in bodies.values() for name in names), *stated}
        persons = {
            body.name: tuple(person.name for person in body.persons)
            for body in self.bodies
            if body.name in named and body.persons
        }
        heads = {
            body.name: person.name
            for body in self.bodies
            for person in body.persons
            if body.name in named and person.role is PersonRole.HEAD
        }
        of_the_task = [body for body in self.bodies if body.name in named]
        asks = regime.authority
        return TaskRoles(
            bodies=bodies,
            persons=persons,
            heads=heads,
            tiers={
                body.name: body.tier for body in of_the_task if regime.authority.by_tier and body.tier != MOST_BODIES
            },
            deputies={body.name: body.deputies for body in of_the_task if body.deputies},
            sections={body.name: body.sections for body in of_the_task if asks.by_section and body.sections},
            places={body.name: body.places for body in of_the_task if asks.persons and body.places},
        )

    def unfilled_roles(self, regime: Regime) -> tuple[Role, ...]:
        """The offices that the regime's ladder speaks of and for which there is no body; empty for a usable pair."""
        own = {SUPERVISING_BODY, SUPERIOR_BODY, LEAD_BODY, HANDLING_BODY, SUPPORTING_BODIES}
        offices = self.offices(regime)
        return tuple(role for role in regime.roles_needed if role not in own and not offices.get(role))

    def supervising_body(self, stated: str, regime: Regime) -> str:
        """Who urges: as stated with the plan, else by the organisation's roles, else the reform office."""
        offices = self.offices(regime)
        return stated or next(held[0] for role in (SUPERVISING_BODY, "reform_office") if (held := offices.get(role)))
