"""Change orders (变更单) as data: what an office orders once and many tasks and plans are told.

An order is named by the digest of its content, therefore the same order given twice is one order, on one machine or on
several. What many of its messages have in common, a policy for example, stands in it once.
"""

import hashlib
import json
from datetime import datetime
from enum import StrEnum
from typing import Self

from pydantic import Field, JsonValue, model_validator

from duban.supervision.model import Frozen

ID_LENGTH = 16
UNDOES = "undoes/"
"""The basis of an order that takes another one back begins with it."""


class OrderKind(StrEnum):
    """What changes; ``outcome`` is what the outcome of an item asks for."""

    AMENDMENT = "amendment"
    ORGANISATION = "organisation"
    CALENDAR = "calendar"
    REGIME = "regime"
    OUTCOME = "outcome"


class TargetKind(StrEnum):
    """Who is told."""

    TASK = "task"
    PLAN = "plan"


class ItemOutcome(StrEnum):
    """What came of an item; it waits until it has been told, and a target that is over is not concerned.

    What an outcome asked and a target refused may be dropped by those who keep the register.
    """

    WAITING = "waiting"
    DONE = "done"
    REFUSED = "refused"
    NOT_CONCERNED = "not_concerned"
    DROPPED = "dropped"


class OrderItem(Frozen):
    """One message of an order.

    Attributes:
        target: Code of the task or plan that is told; once in an order.
        plan_code: The plan to which it belongs: the message is dated by its clock.
        act: Name of the update, for example ``adopt``.
        fields: Of the message, beside those that every message has. A ``body`` or ``person`` here stands in for the
            order's own, where this target knows its offices under other names.
        parts: Names of the order's parts that belong to the message too.
    """

    target: str
    target_kind: TargetKind = TargetKind.TASK
    plan_code: str
    act: str
    fields: dict[str, JsonValue] = Field(default_factory=dict)
    parts: tuple[str, ...] = ()


class ChangeOrder(Frozen):
    """A set of messages that carry out one decision.

    Attributes:
        title: What changes, in one line.
        reason: Why, as the messages say it.
        body, person: Who ordered it.
        basis: What it was drawn up against. The same change on another basis is another order: to go back to
            what was in force before is not a repetition.
        parts: What several messages have in common, by name.
        ordered_at, ordered_at_real: Business and real moment; not part of its identity.
    """

    kind: OrderKind
    title: str
    reason: str
    body: str
    person: str
    basis: str = ""
    parts: dict[str, dict[str, JsonValue]] = Field(default_factory=dict)
    items: tuple[OrderItem, ...]
    ordered_at: datetime
    ordered_at_real: datetime

    @model_validator(mode="after")
    def _each_target_once(self) -> Self:
        targets = [item.target for item in self.items]
        if len(set(targets)) != len(targets):
            raise ValueError("an order tells each target one thing")
        if unknown := {part for item in self.items for part in item.parts} - set(self.parts):
            raise ValueError(f"an order without these parts: {sorted(unknown)}")
        return self

    @property
    def undoes(self) -> str:
        """The order that it takes back; empty where it takes none back."""
        return undone_by(self.basis)

    @property
    def id(self) -> str:
        """Its name: the digest of what it orders, whenever that was."""
        # Without defaults, so that a field that a later release adds leaves the names of earlier orders alone.
        moments = {"ordered_at", "ordered_at_real"}
        content = self.model_dump(mode="json", exclude=moments, exclude_defaults=True)
        text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:ID_LENGTH]

    def facts_of(self, item: OrderItem) -> dict[str, JsonValue]:
        """What a message says beside its id and its moment."""
        facts: dict[str, JsonValue] = {"body": self.body, "person": self.person}
        if self.kind is not OrderKind.OUTCOME:  # there the messages are of many kinds and say themselves why
            facts["reason"] = self.reason
        for part in item.parts:
            facts |= self.parts[part]
        return facts | item.fields


def undone_by(basis: str) -> str:
    """The order that an order of this basis takes back; empty where it takes none back."""
    return basis.removeprefix(UNDOES) if basis.startswith(UNDOES) else ""


def message_id(order_id: str, target: str) -> str:
    """By which a target recognises that it has been told already."""
    return f"{order_id}/{target}"


class ItemSettled(Frozen):
    """What came of telling a target.

    Attributes:
        version: Of the ledger, that shows it; None but where it is done.
        reason: Why it is refused, or still waits, in words.
        at_real: When.
    """

    target: str
    outcome: ItemOutcome
    version: int | None = None
    reason: str = ""
    at_real: datetime
