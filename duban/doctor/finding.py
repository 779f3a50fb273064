"""What the doctor says: of one thing, how it is, and what to do where it is not well."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from duban.doctor.surroundings import Surroundings
from duban.supervision.model import Frozen


class State(StrEnum):
    """How a thing is."""

    OK = "ok"
    WARNING = "warning"
    """It works; somebody should look at it before long."""
    FAULT = "fault"
    """Something does not work, or will not, until somebody mends it."""
    UNEXAMINED = "unexamined"
    """Nothing can be said, because what it is looked at through is at fault itself, on a line of its own."""


class Diagnosis(Frozen):
    """What was found.

    Attributes:
        detail: How it is, in Chinese.
        remedy: The command or setting that mends it; empty where nothing is to be done.
    """

    state: State
    detail: str
    remedy: str = ""

    @classmethod
    def well(cls, detail: str) -> Self:
        """All is as it should be."""
        return cls(state=State.OK, detail=detail)

    @classmethod
    def beware(cls, detail: str, remedy: str) -> Self:
        """It works as yet."""
        return cls(state=State.WARNING, detail=detail, remedy=remedy)

    @classmethod
    def mend(cls, detail: str, remedy: str) -> Self:
        """It does not work."""
        return cls(state=State.FAULT, detail=detail, remedy=remedy)


class Finding(Diagnosis):
    """What was found of one thing: `doctor --json`.

    Attributes:
        check: Its name, as programs know it.
        title: Its name, as people read it.
    """

    check: str
    title: str


@dataclass(frozen=True)
class Check:
    """One thing that is looked at.

    Attributes:
        name: Part of the public surface, as the values of `State` are.
        title: Chinese.
        look: Looks at it. It may raise whatever the house raises for things that do not work.
        rests_on: The settings that say what it looks at; where one of them cannot be read, it is not examined.
    """

    name: str
    title: str
    look: Callable[[Surroundings], Awaitable[Diagnosis]]
    rests_on: frozenset[str] = frozenset()
