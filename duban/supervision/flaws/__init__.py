"""What is wrong in an office's rules as a whole, each with its place in the file and the remedy. Pure.

A model refuses what it cannot hold, one reason at a time. Here all is found that would bite later: levels that never
come, decisions without a decider, steps that nobody reaches.
"""

from duban.supervision.flaws.flaw import Flaw
from duban.supervision.flaws.rulebooks import flaws_of_rulebook, unworkable
from duban.supervision.flaws.tiers import flaws_of_organisation

__all__ = ["Flaw", "flaws_of_organisation", "flaws_of_rulebook", "unworkable"]
