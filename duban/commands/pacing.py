"""How far long work has come: a bar on a terminal, a line for every tenth elsewhere."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from duban.commands.showing import complain

TENTHS = 10

Advance: TypeAlias = Callable[[int], None]
"""Says that so many more are done."""


@contextmanager
def pacing(what: str, total: int) -> Iterator[Advance]:
    """Shows on stderr how much of ``total`` is done while the block runs.

    Args:
        what: What is being done, in Chinese: ``核对时间线``.
    """
    if sys.stderr.isatty():
        columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            bar = progress.add_task("", total=total)
            yield lambda some: progress.advance(bar, some)
        return
    done = told = 0

    def advance(some: int) -> None:
        nonlocal done, told
        done += some
        tenth = done * TENTHS // total if total else TENTHS
        if tenth > told:
            told = tenth
            complain(f"{what}：{done}/{total}。")

    yield advance
