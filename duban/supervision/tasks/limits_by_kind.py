"""What a task's kind of matter allows: by when it is due if the plan names no date, and how far it is put off at most.

Both count from the day on which the task is handed over. The date beyond which nothing goes binds extensions,
amendments and carry-over alike, whoever asks and whoever decides: it is the document's, not the office's.
"""

from datetime import date

from duban.supervision.days.calendar import OfficeCalendar
from duban.supervision.levels.lag import after
from duban.supervision.plans.plan import PlannedMilestone, TaskDefinition
from duban.supervision.rules.matters import MatterKind
from duban.supervision.rules.policy import Policy
from duban.supervision.tasks.turn import Refusal, Turn, day_text


def due_on_of(planned: PlannedMilestone, definition: TaskDefinition, policy: Policy, handed_over_on: date) -> date:
    """The date of a planned milestone: as written, or by the kind of matter from the day of the hand-over."""
    kind = policy.regime.matters.get(definition.matter)
    if not planned.from_hand_over or kind is None:
        return planned.due_on
    return after(kind.limit, handed_over_on, policy.calendar)


def latest_for(kind: MatterKind, handed_over_on: date, calendar: OfficeCalendar) -> date | None:
    """The last day to which a matter of a kind can be put off; None where there is none."""
    return after(kind.at_most, handed_over_on, calendar) if kind.at_most else None


def refuse_beyond(turn: Turn, day: date, definition: TaskDefinition | None = None) -> Refusal | None:
    """Why a milestone cannot be due on a day: the kind of matter does not allow it.

    Args:
        definition: As it is to be; the task's own unless given.
    """
    kind = turn.regime.matters.get((definition or turn.state.definition).matter)
    since = turn.state.handed_over_on
    latest = latest_for(kind, since, turn.calendar) if kind else None
    if kind is None or kind.at_most is None or latest is None or day <= latest:
        return None
    source = kind.at_most.source
    words = (
        f"《{turn.regime.document.title}》第{source.paragraph}段：“{source.sentence}”" if source.paragraph else "假定"
    )
    return Refusal(
        f"“{kind.title}”自交办之日（{day_text(since)}）起最长{kind.at_most.words}，最迟为{day_text(latest)}，"
        f"不能延至{day_text(day)}（{words}）"
    )
