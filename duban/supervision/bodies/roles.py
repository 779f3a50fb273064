"""Who is who towards one task: the part of the organisation that the task needs."""

from collections.abc import Collection
from datetime import date

from pydantic import Field

from duban.supervision.model import Frozen
from duban.supervision.rules.parts import PersonRole, Role

MOST_BODIES = 3
"""The tier of bodies of which a file says nothing else: those that lead tasks."""


class Deputy(Frozen):
    """Somebody who acts for the head of a body from one local day to another, both included; None: until further."""

    name: str
    from_on: date
    until_on: date | None = None

    def __str__(self) -> str:
        return f"{self.name}（{self.from_on}至{self.until_on or '另行通知'}）"

    def acts_on(self, day: date) -> bool:
        """Whether he does on a local day."""
        return self.from_on <= day and (self.until_on is None or day <= self.until_on)


class TaskRoles(Frozen):
    """Bodies by role, and the persons who may speak for a body.

    Attributes:
        bodies: Bodies by role; the task's own roles and the offices.
        persons: Persons by body. A body without an entry is spoken for by anyone (assumed).
        heads: The head (主要负责人) by body, where the organisation file names one.
        tiers: The tier by body, where it is not that of most.
        deputies: Who acts for the head of a body, and when.
        sections: In which section a body's persons work; only where the rules ask for it.
        places: The place of a body's persons who are neither head nor clerk; only where the rules ask for it.
    """

    bodies: dict[Role, tuple[str, ...]]
    persons: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    heads: dict[str, str] = Field(default_factory=dict)
    tiers: dict[str, int] = Field(default_factory=dict, exclude_if=lambda tiers: not tiers)
    deputies: dict[str, tuple[Deputy, ...]] = Field(default_factory=dict, exclude_if=lambda deputies: not deputies)
    places: dict[str, dict[str, PersonRole]] = Field(default_factory=dict, exclude_if=lambda places: not places)
    sections: dict[str, dict[str, str]] = Field(default_factory=dict, exclude_if=lambda sections: not sections)

    def in_place(self, body: str, places: Collection[PersonRole], day: date) -> tuple[str, ...]:
        """The persons of a body in one of these places on a local day; the deputy who acts for its head is in his."""
        known = {self.heads.get(body, ""): PersonRole.HEAD, **self.places.get(body, {})}
        found = [person for person in self.persons.get(body, ()) if known.get(person, PersonRole.CLERK) in places]
        if PersonRole.HEAD in places and (deputy := self.deputy_of(body, day)):
            found.append(deputy)
        return tuple(dict.fromkeys(found))

    def tier(self, body: str) -> int:
        """The tier of a body."""
        return self.tiers.get(body, MOST_BODIES)

    def deputy_of(self, body: str, day: date) -> str:
        """Who acts for the head of a body on a local day; empty: nobody."""
        return next((deputy.name for deputy in self.deputies.get(body, ()) if deputy.acts_on(day)), "")

    def head_on(self, body: str, day: date) -> str:
        """Whom a notice to the head of a body names on a local day; empty where nobody is named."""
        head, deputy = self.heads.get(body, ""), self.deputy_of(body, day)
        return f"{head}（{deputy}代行职责）" if head and deputy else head or deputy

    def of(self, *roles: Role) -> tuple[str, ...]:
        """The bodies of these roles, each once, in order."""
        return tuple(dict.fromkeys(body for role in roles for body in self.bodies.get(role, ())))

    def first(self, role: Role) -> str:
        """The first body of a role.

        Raises:
            KeyError: No body has the role; a policy is checked for this before a plan is issued.
        """
        return self.bodies[role][0]

    def held_by(self, body: str) -> tuple[Role, ...]:
        """The roles that a body has towards the task."""
        return tuple(role for role, bodies in self.bodies.items() if body in bodies)
