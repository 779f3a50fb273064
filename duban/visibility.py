"""What Temporal's visibility shows of a plan and a task: the search attributes, as plain text.

Dates only: whatever changes with every day is computed when read.
"""

from datetime import date, datetime, timedelta
from typing import Any

from temporalio.common import SearchAttributePair, TypedSearchAttributes

from duban.names import Attributes
from duban.supervision.days.calendar import MINUTES_PER_DAY
from duban.supervision.rules.parts import LEAD_BODY, SUPERVISING_BODY
from duban.supervision.rules.policy import Policy
from duban.supervision.tasks.entries import TaskSnapshot
from duban.supervision.tasks.state import TaskState

NO_REMINDER = "none"


def task_attributes(state: TaskState, row: TaskSnapshot, policy: Policy) -> TypedSearchAttributes:
    """The search attributes of a task as it stands."""
    pairs: list[SearchAttributePair[Any]] = [
        SearchAttributePair(Attributes.PLAN_CODE, state.plan_code),
        SearchAttributePair(Attributes.LEAD_BODY, state.roles.first(LEAD_BODY)),
        SearchAttributePair(Attributes.SUPERVISING_BODY, state.roles.first(SUPERVISING_BODY)),
        SearchAttributePair(Attributes.REGIME, policy.regime.name),
        SearchAttributePair(Attributes.REMINDER_LEVEL, row.reminder_level or NO_REMINDER),
        SearchAttributePair(Attributes.TASK_STATUS, row.status),
        SearchAttributePair(Attributes.LIST_KINDS, [kind.value for kind in state.definition.list_kinds]),
        SearchAttributePair(Attributes.AWAITING_BODIES, list(row.awaiting)),
    ]
    moments = (
        (Attributes.BEHIND_SINCE, _end_of(row.behind_since, policy)),
        (Attributes.DUE_AT, _end_of(row.due_on, policy)),
        (Attributes.NEXT_MOMENT_AT, row.next_moment_at),
    )
    pairs.extend(SearchAttributePair(key, moment) for key, moment in moments if moment is not None)
    return TypedSearchAttributes(pairs)


def plan_attributes(plan_code: str, status: str, regime: str) -> TypedSearchAttributes:
    """The search attributes of a plan."""
    return TypedSearchAttributes(
        [
            SearchAttributePair(Attributes.PLAN_CODE, plan_code),
            SearchAttributePair(Attributes.TASK_STATUS, status),
            SearchAttributePair(Attributes.REGIME, regime),
        ]
    )


def _end_of(day: date | None, policy: Policy) -> datetime | None:
    """The last second of a local day: until then a milestone may be met."""
    if day is None:
        return None
    return policy.calendar.zone.at(day, MINUTES_PER_DAY) - timedelta(seconds=1)
