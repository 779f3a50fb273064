"""What a plan file leaves to the command line, as given."""

from datetime import date
from pathlib import Path

from duban.intake import LeadRule
from duban.supervision.model import Frozen
from duban.supervision.plans.plan import ReportCycle


class PlanOptions(Frozen):
    """What a plan file leaves to the command line; a YAML file may state it itself.

    Attributes:
        issued_on: Local date; None means today in the regime's zone.
        regime: Name of a regime, or path of a regime file; None means the default.
        organisation: An organisation file; None leaves bodies unchecked and takes the regime's offices.
        supervising_body: Name or alias; empty leaves it to the organisation.
        field, adopted_by, docks: As of ``PlanDefinition``; ``adopted_by`` may be an alias.
        watcher: Who keeps an eye on the plan; empty leaves it to the organisation.
        meeting, held_on, decided_by: Of a file that holds a meeting's decisions: which meeting.
    """

    code: str | None = None
    title: str | None = None
    issued_on: date | None = None
    regime: str | None = None
    organisation: Path | None = None
    supervising_body: str = ""
    field: str = ""
    adopted_by: str = ""
    docks: str = ""
    watcher: str = ""
    meeting: str = ""
    held_on: date | None = None
    decided_by: str = ""
    lead_rule: LeadRule | None = None
    open_ended_report: ReportCycle | None = None
