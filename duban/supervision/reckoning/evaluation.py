"""How far plans have been carried out: every item in one of three states, and figures by plan and by field.

One plan, one file (Sichuan 2016: 清单式精准督察), its items 已完成, 已启动未完成 or 未启动. A state is preliminary
until an inspection has found it or the item has been struck off.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Protocol

from pydantic import Field

from duban.supervision.clauses import Sentence, Source
from duban.supervision.levels.lag import months_after
from duban.supervision.model import Frozen
from duban.supervision.plans.plan import Found
from duban.supervision.tasks.state import Stage

NO_FIELD = ""
_TENTH = Decimal("0.1")


class Ground(StrEnum):
    """On what a state rests."""

    STRUCK_OFF = "struck_off"
    INSPECTED = "inspected"
    REPORTED = "reported"


class Scoped(Protocol):
    """A plan as far as a scope asks about it."""

    @property
    def issued_on(self) -> date:
        """Local date."""

    @property
    def docks(self) -> str:
        """The superior plan that it docks; empty: none."""

    @property
    def adopted_by(self) -> str:
        """The meeting that adopted it; empty: none."""


class EvaluationScope(Frozen):
    """Which plans are evaluated.

    Attributes:
        issued_for_months: Only those issued at least so long ago.
        docking, adopted: Only those that dock a superior plan, or that a meeting adopted; both: either is enough.
    """

    issued_for_months: int = Field(default=0, ge=0, le=120)
    docking: bool = False
    adopted: bool = False
    source: Source
    assumed: Sentence = ""

    def takes(self, plan: Scoped, today: date) -> bool:
        """Whether a plan is evaluated on a local day."""
        if plan.issued_on > months_after(today, -self.issued_for_months):
            return False
        wanted = [bool(plan.docks)] * self.docking + [bool(plan.adopted_by)] * self.adopted
        return any(wanted) or not wanted


class EvaluatedItem(Frozen):
    """An item and how it stands.

    Attributes:
        preliminary: It is what was reported and computed; nobody has looked.
    """

    task_code: str
    title: str
    lead_body: str
    found: Found
    ground: Ground

    @property
    def preliminary(self) -> bool:
        """Whether nobody has looked yet."""
        return self.ground is Ground.REPORTED


class EvaluatedPlan(Frozen):
    """A plan with its items."""

    code: str
    title: str
    issued_on: date
    field: str = NO_FIELD
    adopted_by: str = ""
    docks: str = ""
    is_closed: bool = False
    items: tuple[EvaluatedItem, ...] = ()


class Share(Frozen):
    """Items in a state, and their share of all in percent, to a tenth."""

    items: int
    percent: Decimal


class Tally(Frozen):
    """Figures of some items.

    Attributes:
        preliminary: How many of them nobody has looked at.
    """

    items: int
    completed: Share
    started: Share
    not_started: Share
    preliminary: int


class PlanTally(Frozen):
    """Figures of a plan.

    Attributes:
        enters_strike_off: All its items are done.
    """

    code: str
    title: str
    field: str
    tally: Tally
    enters_strike_off: bool


class FieldTally(Frozen):
    """Figures of a field."""

    field: str
    plans: int
    tally: Tally


class Evaluation(Frozen):
    """The figures of an evaluation.

    Attributes:
        plans: How many there are; ``evaluated`` of them are in its scope.
    """

    today: date
    plans: int
    evaluated: int
    total: Tally
    by_field: tuple[FieldTally, ...]
    by_plan: tuple[PlanTally, ...]


def state_of(status: str, percent: int | None, inspected: Found | None) -> tuple[Found, Ground] | None:
    """How an item stands.

    Args:
        status: Of its task, as in the ledger.
        percent: As last reported.
        inspected: What the last inspection found.

    Returns:
        None where it is no item any more: it was ended without being done.
    """
    if status == Stage.TERMINATED:
        return None
    if status in (Stage.STRUCK_OFF, Stage.CLOSED):
        return Found.COMPLETED, Ground.STRUCK_OFF
    if inspected is not None:
        return inspected, Ground.INSPECTED
    if status == Stage.STRIKE_OFF_REQUESTED:
        return Found.COMPLETED, Ground.REPORTED
    started = status == Stage.UNDER_WAY or bool(percent)
    return (Found.STARTED if started else Found.NOT_STARTED), Ground.REPORTED


def in_scope(plans: Iterable[EvaluatedPlan], scope: EvaluationScope, today: date) -> tuple[EvaluatedPlan, ...]:
    """The plans that are evaluated on a local day. One that was struck off (销账) is in no scope any more."""
    return tuple(plan for plan in plans if not plan.is_closed and scope.takes(plan, today))


def evaluate(plans: Sequence[EvaluatedPlan], scope: EvaluationScope, today: date) -> Evaluation:
    """The figures of the plans in scope on a local day, fields and plans with the smallest share done first."""
    chosen = in_scope(plans, scope, today)
    fields = dict.fromkeys(plan.field for plan in chosen)
    by_field = (
        FieldTally(
            field=field,
            plans=sum(plan.field == field for plan in chosen),
            tally=_tally(item for plan in chosen if plan.field == field for item in plan.items),
        )
        for field in fields
    )
    by_plan = (
        PlanTally(
            code=plan.code,
            title=plan.title,
            field=plan.field,
            tally=_tally(plan.items),
            enters_strike_off=bool(plan.items) and all(item.found is Found.COMPLETED for item in plan.items),
        )
        for plan in chosen
    )
    return Evaluation(
        today=today,
        plans=len(plans),
        evaluated=len(chosen),
        total=_tally(item for plan in chosen for item in plan.items),
        by_field=tuple(sorted(by_field, key=lambda each: (each.tally.completed.percent, each.field))),
        by_plan=tuple(sorted(by_plan, key=lambda each: (each.tally.completed.percent, each.code))),
    )


def _tally(items: Iterable[EvaluatedItem]) -> Tally:
    every = tuple(items)
    counts = {found: sum(item.found is found for item in every) for found in Found}
    return Tally(
        items=len(every),
        completed=_share(counts[Found.COMPLETED], len(every)),
        started=_share(counts[Found.STARTED], len(every)),
        not_started=_share(counts[Found.NOT_STARTED], len(every)),
        preliminary=sum(item.preliminary for item in every),
    )


def _share(part: int, whole: int) -> Share:
    percent = Decimal(part * 100) / whole if whole else Decimal(0)
    return Share(items=part, percent=percent.quantize(_TENTH, ROUND_HALF_UP))
