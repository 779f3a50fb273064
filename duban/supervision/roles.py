"""Who is who towards one task: the part of the organisation that the task needs."""

from pydantic import Field

from duban.supervision.model import Frozen
from duban.supervision.regime import Role


class TaskRoles(Frozen):
    """Bodies by role, and the persons who may speak for a body.

    Attributes:
        bodies: Bodies by role; the task's own roles and the offices.
        persons: Persons by body. A body without an entry is spoken for by anyone (assumed).
        heads: The head (主要负责人) by body, where the organisation file names one.
    """

    bodies: dict[Role, tuple[str, ...]]
    persons: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    heads: dict[str, str] = Field(default_factory=dict)

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
