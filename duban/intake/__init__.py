"""Intake reads plans as offices write them and names every problem at once."""

from duban.intake.files.files import read_source
from duban.intake.options import CheckedMilestone, CheckedTask, IntakeOptions, IntakeResult, LeadRule
from duban.intake.problems import IntakeError, Problem, Severity
from duban.intake.reading import read_plan, read_plan_of

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
    "read_plan_of",
    "read_source",
]
