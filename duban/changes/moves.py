"""What happens on another day than before."""

from datetime import date

from duban.supervision.model import Frozen


class Move(Frozen):
    """What happens on another day than before. Local dates.

    Attributes:
        task_code: Of the task, or of the register.
    """

    task_code: str
    what: str
    before_on: date
    after_on: date
