"""Which day it is in each plan: plans run on clocks of their own, and most share one."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, false, or_, select

from duban.ledger.database.writing import table_of
from duban.ledger.tables.plan_tables import PlanTable
from duban.supervision.days.calendar import Zone
from duban.supervision.days.clock import TaskClock


@dataclass(frozen=True, slots=True)
class PlanDays:
    """The plans that are not closed, and the business date of each.

    Attributes:
        today: By plan.
        supervised_by: The body that assigned the tasks, by plan.
        zones: By plan.
    """

    today: dict[str, date]
    supervised_by: dict[str, str]
    zones: dict[str, Zone]

    def supervised(self, bodies: Collection[str]) -> tuple[str, ...]:
        """The plans that one of these bodies supervises."""
        return tuple(plan for plan, body in self.supervised_by.items() if body in bodies)

    def between(
        self, plan: ColumnElement[str], day: ColumnElement[Any], first: timedelta | None, last: timedelta
    ) -> ColumnElement[bool]:
        """A day from so much after today to so much after it, today being that of the row's plan.

        Args:
            plan: The row's plan.
            day: The row's day.
            first: None for no beginning.
            last: The last day, too.
        """
        spans = list(self._spans(plan, day, first, last))
        return or_(*spans) if spans else false()

    def _spans(
        self, plan: ColumnElement[str], day: ColumnElement[Any], first: timedelta | None, last: timedelta
    ) -> Iterator[ColumnElement[bool]]:
        plans: dict[date, list[str]] = defaultdict(list)
        for code, today in self.today.items():
            plans[today].append(code)
        for today, codes in plans.items():
            span = [day <= today + last]
            if first is not None:
                span.append(day >= today + first)
            # Without the plans an index by date alone answers.
            yield and_(*span) if len(plans) == 1 else and_(plan.in_(codes), *span)


def plan_days(connection: Connection, real_now: datetime) -> PlanDays:
    """The plans that are not closed at a real moment."""
    plans = table_of(PlanTable)
    columns = ("code", "supervising_body", *TaskClock.model_fields, "zone")
    query = select(*(plans.c[name] for name in columns)).where(plans.c.closed_at.is_(None)).order_by(plans.c.code)
    rows = connection.execute(query).mappings().all()
    zones: dict[str, Zone] = {}
    for row in rows:  # hundreds of plans share a zone
        written = str(row["zone"])
        if written not in zones:
            zones[written] = Zone.model_validate(row["zone"])
    clocks = {row["code"]: TaskClock(**{name: row[name] for name in TaskClock.model_fields}) for row in rows}
    zone_of = {row["code"]: zones[str(row["zone"])] for row in rows}
    return PlanDays(
        today={code: zone_of[code].local_date(clock.business(real_now)) for code, clock in clocks.items()},
        supervised_by={row["code"]: row["supervising_body"] for row in rows},
        zones=zone_of,
    )
