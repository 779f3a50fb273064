"""What an outcome asks of the tasks and plans that its item is about: data.

Whoever takes the step acts, and nobody else: the task's own rules decide whether that body may, as if it had said it to
the task itself.
"""

from enum import StrEnum

from pydantic import Field

from duban.supervision.model import Frozen
from duban.supervision.rules.parts import Key, Title

CONCERNS = "concerns"
"""In the place of a fact: what the item was opened about."""


class AskedAct(StrEnum):
    """What may be asked; of a task under the names of ``Act``, which a test compares."""

    CARRY_OVER = "carry_over"
    AMEND = "amend"
    MARK = "mark"
    URGE = "urge"
    DEMAND = "demand"
    SUSPEND = "suspend"
    RESUME = "resume"
    RETURN_FOR_REWORK = "return_for_rework"
    REQUEST_STRIKE_OFF = "request_strike_off"
    VERIFY = "verify"
    TERMINATE = "terminate"
    STRIKE_OFF_PLAN = "strike_off_plan"

    @property
    def of_a_plan(self) -> bool:
        """Whether it is done to a plan, not to a task."""
        return self is AskedAct.STRIKE_OFF_PLAN

    @property
    def why_field(self) -> str:
        """The field of its message that says why, or of what it is about."""
        return _WHY.get(self, "reason")


_WHY = {
    AskedAct.URGE: "text",
    AskedAct.DEMAND: "text",
    AskedAct.REQUEST_STRIKE_OFF: "note",
    AskedAct.VERIFY: "note",
}


class Ask(Frozen):
    """Something that is done to tasks or to a plan when a step ends so.

    Attributes:
        to: The fact of kind ``code`` that names them, or ``concerns``; where nothing is stated, nothing is asked.
        facts: Fields of the message by the facts of the item. Why it is done need not be among them: then the outcome
            and what was stated are told.
        always: Fields that are the same each time.
    """

    act: AskedAct
    to: Key
    facts: dict[Key, Key] = Field(default_factory=dict, max_length=20)
    always: dict[Key, Title | bool] = Field(default_factory=dict, max_length=20)
