"""Intake reads plans as offices write them and names every problem at once."""

from duban.intake.options import CheckedMilestone, CheckedTask, IntakeOptions, IntakeResult, LeadRule
from duban.intake.problems import IntakeError, Problem, Severity
from duban.intake.reading import read_plan

__all__ = [
    "CheckedMilestone",
    "CheckedTask",
    "IntakeError",
    "IntakeOptions",
    "IntakeResult",
    "LeadRule",
    "Problem",
    "Severity",
    "read_plan",
]
