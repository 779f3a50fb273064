"""What a register opens, has opened and has dealt with, as values. Moments are business time."""

from collections.abc import Callable
from datetime import date, datetime
from enum import StrEnum

from pydantic import Field
from sqlalchemy import RowMapping

from duban.ledger.plans.registration import PlanRegistration
from duban.supervision.model import Frozen
from duban.supervision.plans.plan import TaskDefinition


class ItemStatus(StrEnum):
    """What came of the wish for an item."""

    OPENED = "opened"
    REFUSED = "refused"


class PeriodStatus(StrEnum):
    """What came of a rhythm's period."""

    OPENED = "opened"
    MISSED = "missed"


class Asked(Frozen):
    """An item that another one's outcome asks for."""

    task_code: str
    round: int
    key: str
    procedure: str
    facts: dict[str, tuple[str, ...]]

    @property
    def identity(self) -> str:
        """By which it is opened once."""
        return f"item/{self.task_code}/{self.round}/{self.key}"


class ItemToOpen(Frozen):
    """An item that is to be opened, whatever its number.

    Attributes:
        key: Its business identity.
        asked: The outcome that asks for it.
        body, person: Who opens it; empty where nobody does by hand.
        anyway: Why, although it is like others; ``alike`` are their codes.
    """

    key: str
    procedure: str
    asked: Asked | None = None
    body: str = ""
    person: str = ""
    anyway: str = ""
    alike: tuple[str, ...] = ()


class OpenedItem(Frozen):
    """What came of it.

    Attributes:
        number: In its register; 0 where it was refused.
        reason: Why it was refused.
        repeated: It was dealt with before.
    """

    key: str
    code: str = ""
    number: int = 0
    reason: str = ""
    repeated: bool = False


class PeriodRow(Frozen):
    """A period that has been dealt with. Moments are business time.

    Attributes:
        items: How many were opened in it.
        reason: Why it was missed.
    """

    rhythm: str
    period: str
    title: str
    status: PeriodStatus
    first_on: date
    last_on: date
    due_at: datetime
    at: datetime
    items: int = 0
    reason: str = ""


class ItemRow(Frozen):
    """An item of a register, or one that was refused: ``register show --json``.

    Attributes:
        is_open: Its workflow is not over.
        asked_by: Code of the item whose outcome asked for it.
        task_status: As ``ledger --json`` has it; empty for one that was refused.
    """

    key: str
    status: ItemStatus
    task_code: str = ""
    procedure: str
    title: str
    lead_body: str = ""
    task_status: str = ""
    is_open: bool = False
    due_on: date | None = None
    concerns: tuple[str, ...] = ()
    asked_by: str = ""
    body: str = ""
    person: str = ""
    anyway: str = ""
    alike: tuple[str, ...] = ()
    reason: str = ""
    at: datetime


class NewItem(Frozen):
    """An item with its number: the registration of it alone."""

    definition: TaskDefinition
    registration: PlanRegistration = Field(repr=False)


Build = Callable[[ItemToOpen, str], NewItem | str]
"""Makes an item under a code, or says why there is none."""


def item_row(row: RowMapping) -> ItemRow:
    """An item from a row with its task's columns."""
    definition = TaskDefinition.model_validate_json(row["definition"]) if row["definition"] else None
    same = ("key", "status", "procedure", "body", "person", "anyway", "alike", "reason", "at", "due_on")
    return ItemRow(
        **{name: row[name] for name in same},
        task_code=row["task_code"] or "",
        title=row["title"],
        lead_body=row["lead_body"] or "",
        task_status=row["task_status"] or "",
        is_open=row["task_code"] is not None and row["closed_at"] is None,
        concerns=definition.concerns if definition else (),
        asked_by=row["asked_task"] or "",
    )
