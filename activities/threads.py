"""Runs what blocks (the database) in threads, so the worker's event loop never waits."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


async def in_thread(threads: Executor, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run ``work`` in a thread of ``threads`` and wait for its result."""
    return await asyncio.get_running_loop().run_in_executor(threads, partial(work, *args, **kwargs))
