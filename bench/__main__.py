"""``python -m bench [events|issuing|memory|statistics] [--tasks N] [--pairs N] [--ledger N]``: figures by kind.

Without a kind all but ``statistics``, which fills a PostgreSQL with a million tasks first.
"""

import argparse
import asyncio
import gc
import time

from bench.events import events
from bench.issuing import issuing
from bench.memory import memory
from bench.statistics import statistics

KINDS = ["events", "issuing", "memory"]
STATISTICS = "statistics"


def main() -> None:
    """Run the measurements that were asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Figures beside the bare engine.")
    parser.add_argument("what", nargs="*", choices=[*KINDS, STATISTICS], default=KINDS)
    parser.add_argument("--tasks", type=int, default=400, help="tasks in a plan (and bare starts beside it)")
    parser.add_argument("--ledger", type=int, default=1_000_000, help="tasks in the ledger of the statistics")
    parser.add_argument("--pairs", type=int, default=15, help="pairs, in turn")
    asked = parser.parse_args()
    if "events" in asked.what:
        asyncio.run(events())
    if "issuing" in asked.what:
        asyncio.run(issuing(asked.tasks, asked.pairs))
    if "memory" in asked.what:
        asyncio.run(memory(asked.tasks, min(asked.pairs, 5)))
    if STATISTICS in asked.what:
        statistics(asked.ledger)
    gc.collect()
    time.sleep(0.5)  # temporalio 1.35 may crash an interpreter that exits at once


if __name__ == "__main__":
    main()
