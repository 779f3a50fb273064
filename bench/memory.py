"""What a cached idle task takes above a bare workflow, and the CPU of loading one that was forgotten.

A plan is issued; then a worker that knows none of its tasks is asked how each stands, so that nothing but the loading
of workflows is measured. Each measurement is a process of its own, because memory that one gave back serves the next.
The worker and its client are in that process; a hundred workflows before the first figure warm both up.
"""

import asyncio
import ctypes
import gc
import statistics
import sys
import time
from pathlib import Path

from bench.bare import Bare
from bench.bench_house import House, empty_house, house_at
from bench.issuing import issue, start_bare

WARM, WARMED = "WARM", 100
SIZE = "SIZE"
AT_ONCE = 20
KINDS = ("bare", "task")


async def memory(tasks: int = 400, pairs: int = 5) -> None:
    """Print the medians of both kinds, and what lies between them."""
    figures: dict[str, list[tuple[float, float]]] = {kind: [] for kind in KINDS}
    async with empty_house() as at:
        async with at.workers():
            for name, number in ((WARM, WARMED), (SIZE, tasks)):
                await start_bare(at, name, number)
                await issue(at, name, number)
        for pair in range(pairs):
            for kind in KINDS if pair % 2 == 0 else KINDS[::-1]:
                figures[kind].append(await _in_a_process(at, kind, tasks))
            now = "; ".join(f"{kind} {figures[kind][-1][0]:.0f} KiB, {figures[kind][-1][1]:.1f} ms" for kind in KINDS)
            print(f"  pair {pair + 1}: {now}", flush=True)
    bare, task = ([statistics.median(column) for column in zip(*figures[kind], strict=True)] for kind in KINDS)
    print(f"cached and idle: {tasks} workflows, {pairs} pairs (medians)")
    print(f"  memory: task {task[0]:.0f} KiB, bare {bare[0]:.0f} KiB, above it {task[0] - bare[0]:.0f} (budget ≤ 40)")
    print(f"  CPU of loading one and asking it: task {task[1]:.1f} ms (budget ≤ 15), bare {bare[1]:.1f} ms")


async def _in_a_process(at: House, kind: str, tasks: int) -> tuple[float, float]:
    where = (at.client.service_client.config.target_host, str(at.settings.home))
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.memory", kind, str(tasks), *where, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await child.communicate()
    if child.returncode:
        raise SystemExit(f"the measurement of {kind} failed with {child.returncode}")
    kib, milliseconds = said.split()[-2:]
    return float(kib), float(milliseconds)


async def _measure(kind: str, tasks: int, address: str, home: Path) -> tuple[float, float]:
    async with house_at(address, home) as at, at.workers():
        await _ask(at, kind, WARM, range(1, WARMED))
        before, began = _resident(), time.process_time()
        await _ask(at, kind, SIZE, range(1, tasks))
        milliseconds = (time.process_time() - began) * 1000 / (tasks - 1)
        return (_resident() - before) / (tasks - 1), milliseconds


async def _ask(at: House, kind: str, name: str, numbers: range) -> None:
    for first in range(0, len(numbers), AT_ONCE):
        await asyncio.gather(*(_ask_one(at, kind, name, number) for number in numbers[first : first + AT_ONCE]))


async def _ask_one(at: House, kind: str, name: str, number: int) -> None:
    if kind == "task":
        await at.client.get_workflow_handle(f"{name}-{number:05}").query("status")
    else:
        await at.client.get_workflow_handle(f"{name}-{number}").query(Bare.ended)


def _resident() -> int:
    """KiB of this process in memory, after everything that is free has been given back."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1])
    raise SystemExit("this measurement needs Linux")


if __name__ == "__main__":
    print(*asyncio.run(_measure(sys.argv[1], int(sys.argv[2]), sys.argv[3], Path(sys.argv[4]))), flush=True)
    gc.collect()
    time.sleep(0.5)  # temporalio 1.35 may crash an interpreter that exits at once
