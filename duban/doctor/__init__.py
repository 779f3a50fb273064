"""The doctor: looks at everything that an installation rests on, and says of each thing that it is well or what to do.

A check looks at one thing and changes nothing. Checks know nothing of each other: what several of them need (settings,
a client, the ledger) is had once from `Surroundings`, and where it cannot be had, each of them says that it was not
examined. One that raises or does not end is a finding as well, so that no broken thing hides another.
"""

from duban.doctor.examination import CHECKS, examine
from duban.doctor.finding import Finding, State

__all__ = ["CHECKS", "Finding", "State", "examine"]
