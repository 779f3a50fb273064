"""``python -m bench [issuing|events] [--tasks N] [--pairs N]``: all figures, or one kind."""

import argparse
import asyncio
import gc
import time

from bench.events import events
from bench.issuing import issuing


def main() -> None:
    """Run the measurements that were asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Figures beside the bare engine.")
    parser.add_argument("what", nargs="*", choices=["events", "issuing"], default=["events", "issuing"])
    parser.add_argument("--tasks", type=int, default=400, help="tasks in a plan (and bare starts beside it)")
    parser.add_argument("--pairs", type=int, default=15, help="pairs, in turn")
    asked = parser.parse_args()
    if "events" in asked.what:
        asyncio.run(events())
    if "issuing" in asked.what:
        asyncio.run(issuing(asked.tasks, asked.pairs))
    gc.collect()
    time.sleep(0.5)  # temporalio 1.35 may crash an interpreter that exits at once


if __name__ == "__main__":
    main()
