"""Several ways to one thing, tried in their order until one works.

Each way says what it does and how long it may take before it does it. When none works, one error lists them all with
what came of each, so that a person can choose the one that is easiest to mend.
"""

import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

Say = Callable[[str], None]
"""Tells the person who waits, in Chinese, one line at a time."""

Found = TypeVar("Found", covariant=True)


class ServerError(Exception):
    """No server can be had as things are; the text says why and what to do, in Chinese."""


class NothingWorked(ServerError):
    """Every way was tried; the text lists them with what came of each."""


class NotThisWay(Exception):
    """This way is closed, for the reason in the text (Chinese, no full stop); the next one is tried."""


@dataclass(frozen=True)
class Program:
    """A program that can be run, and how it was come by (Chinese)."""

    path: Path
    how: str


@dataclass(frozen=True)
class Way(Generic[Found]):
    """One way.

    Attributes:
        says: What is done and how long it may take; said before it is tried.
        remedy: What a person could do so that this way works next time.
        go: Tries it; raises `NotThisWay` where it is closed.
    """

    says: str
    remedy: str
    go: Callable[[Say], Awaitable[Found]]


async def first_that_works(what: str, ways: Sequence[Way[Found]], say: Say) -> Found:
    """Tries the ways in their order.

    Args:
        what: What is looked for, as the error names it (Chinese).
        ways: The ways, the cheapest first.
        say: Hears what is tried and why it did not do.

    Raises:
        NothingWorked: All of them are closed.
    """
    closed: list[str] = []
    for number, way in enumerate(ways, start=1):
        say(f"{way.says}……")
        try:
            return await way.go(say)
        except NotThisWay as reason:
            say(f"  {reason}。")
            closed.append(f"  {number}. {way.remedy}。\n     本次：{reason}。")
    raise NothingWorked(f"找不到可用的{what}。以下任一办法都可以：\n" + "\n".join(closed))


def say_on_stderr(line: str) -> None:
    """Says it on stderr, where it does not mix with output that another program reads."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
