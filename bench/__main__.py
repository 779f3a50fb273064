"""``python -m bench [KIND ...] [--tasks N] [--pairs N] [--ledger N]``: figures by kind.

Kinds: events, checking, memory, issuing, statistics. Without any, all but statistics, which fills a PostgreSQL with a
million tasks first.
"""

import argparse
import asyncio
import gc
import time
from collections.abc import Sequence

from bench.checking import checking
from bench.events import events
from bench.issuing import issuing
from bench.memory import memory
from bench.statistics import statistics

USUAL = ("events", "checking", "memory", "issuing")
KINDS = (*USUAL, "statistics")


def asked_for(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """What the command line asks for; ``what`` names the kinds."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Figures beside the bare engine.")
    parser.add_argument("what", nargs="*", metavar="KIND", help=f"{', '.join(KINDS)}; all but the last unless named")
    parser.add_argument("--tasks", type=int, default=400, help="tasks in a plan (and bare starts beside it)")
    parser.add_argument("--ledger", type=int, default=1_000_000, help="tasks in the ledger of the statistics")
    parser.add_argument("--pairs", type=int, default=15, help="pairs, in turn")
    asked = parser.parse_args(arguments)
    # Not by `choices`: before Python 3.12 they refuse an empty list.
    for kind in set(asked.what) - set(KINDS):
        parser.error(f"no figures of this kind: {kind} (there are {', '.join(KINDS)})")
    asked.what = asked.what or USUAL
    return asked


def main() -> None:
    """Run the measurements that were asked for, in their order."""
    asked = asked_for()
    if "events" in asked.what:
        asyncio.run(events())
    if "checking" in asked.what:
        checking()
    if "memory" in asked.what:
        asyncio.run(memory(asked.tasks, min(asked.pairs, 5)))
    if "issuing" in asked.what:
        asyncio.run(issuing(asked.tasks, asked.pairs))
    if "statistics" in asked.what:
        statistics(asked.ledger)
    gc.collect()
    time.sleep(0.5)  # temporalio 1.35 may crash an interpreter that exits at once


if __name__ == "__main__":
    main()
