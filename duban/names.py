"""Names that are agreed with the world: workflow types, task queue, identifiers, search attributes.

The stable public surface: a name here is never changed, only added to.
"""

from temporalio.common import SearchAttributeKey

TASK_QUEUE = "duban"
DEPLOYMENT = "duban"
"""The worker deployment, where a build id is set."""

REFORM_PLAN = "ReformPlan"
REFORM_TASK = "ReformTask"
DISPATCH = "Dispatch"
DISPATCH_SWEEP = "DispatchSweep"
REGISTER = "Register"

REFORM_PLAN_FINISHED = "tasks_finished"
"""Signal to a plan: no task is open any more."""
REGISTER_ASKED = "asked"
"""Signal to a register: an item's outcome asks for another one, or for something to be done."""
DISPATCH_NUDGE = "nudge"
"""Signal to a dispatch: a notice to this body has been recorded."""

SWEEP_SCHEDULE = "duban-dispatch-sweep"


def plan_workflow_id(plan_code: str) -> str:
    """A plan's workflow: the plan's code."""
    return plan_code


def register_workflow_id(register_code: str) -> str:
    """A register's workflow: the register's code, from the same space of names as plans."""
    return register_code


def task_workflow_id(task_code: str) -> str:
    """A task's workflow: its code, unique in the ledger before any start."""
    return task_code


def dispatch_workflow_id(body: str) -> str:
    """The workflow that delivers to one body."""
    return f"dispatch/{body}"


class Attributes:
    """The search attributes, typed. Plain text everywhere: never put a secret here."""

    PLAN_CODE = SearchAttributeKey.for_keyword("PlanCode")
    LEAD_BODY = SearchAttributeKey.for_keyword("LeadBody")
    SUPERVISING_BODY = SearchAttributeKey.for_keyword("SupervisingBody")
    REGIME = SearchAttributeKey.for_keyword("Regime")
    REMINDER_LEVEL = SearchAttributeKey.for_keyword("ReminderLevel")
    TASK_STATUS = SearchAttributeKey.for_keyword("TaskStatus")
    LIST_KINDS = SearchAttributeKey.for_keyword_list("ListKinds")
    AWAITING_BODIES = SearchAttributeKey.for_keyword_list("AwaitingBodies")
    BEHIND_SINCE = SearchAttributeKey.for_datetime("BehindSince")
    DUE_AT = SearchAttributeKey.for_datetime("DueAt")
    NEXT_MOMENT_AT = SearchAttributeKey.for_datetime("NextMomentAt")


ALL_ATTRIBUTES = tuple(value for value in vars(Attributes).values() if isinstance(value, SearchAttributeKey))
