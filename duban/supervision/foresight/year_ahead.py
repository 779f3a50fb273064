"""A year ahead (年度演练): all that the calendar and a plan would bring an office, if nobody acted on any of it.

Every period of every rhythm opens its items; each goes its way through the same core as in its workflow, beside the
tasks of the plan. What comes out says who owes what by when, and what is sent to whom, the supervisors' side included.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from functools import partial

from duban.supervision.days.calendar import MINUTES_PER_DAY
from duban.supervision.foresight.rehearsal import Foreseen, ForeseenNotice, foresee, notices_of
from duban.supervision.foresight.undertakings import ForeseenItem, LeftOut, Office, Side, Undertaken, coming, of_plan
from duban.supervision.model import Frozen
from duban.supervision.plans.plan import PlanDefinition
from duban.supervision.rules.owed import Duty
from duban.supervision.tasks.begin import begin
from duban.supervision.tasks.entries import ObligationChange, ObligationStatus
from duban.supervision.words import DUTY_WORDS

MILESTONE = "milestone"


class ForeseenDuty(Frozen):
    """What a body would owe, with its last day.

    Attributes:
        duty: As in the core, or ``milestone``.
        what: In words.
        asked_on: Local day on which it learns of it; None for a milestone, which stands in the plan.
        rhythm: Key of the rhythm that brings it; empty where the plan does.
    """

    task_code: str
    title: str
    rhythm: str = ""
    period: str = ""
    duty: str
    what: str
    owed_by: str
    asked_on: date | None = None
    due_on: date
    side: Side
    provisional: bool = False


class ForeseenLetter(ForeseenNotice):
    """A notice with what it is about.

    Attributes:
        rhythm: As of ``ForeseenDuty``.
        side: Of whom it is addressed to.
    """

    title: str
    rhythm: str = ""
    side: Side


class YearAhead(Frozen):
    """What a stretch of local days would bring.

    Attributes:
        items, duties, notices: Each in the order of their days.
    """

    first_on: date
    last_on: date
    items: tuple[ForeseenItem, ...]
    duties: tuple[ForeseenDuty, ...]
    notices: tuple[ForeseenLetter, ...]
    left_out: tuple[LeftOut, ...] = ()


def year_ahead(
    office: Office,
    first_on: date,
    last_on: date,
    plan: PlanDefinition | None = None,
    issued_at: datetime | None = None,
    told: Callable[[int, int], None] = lambda _done, _total: None,
) -> YearAhead:
    """Foretell a stretch of local days, both included.

    Args:
        plan: Its tasks beside what comes round; what comes round for each task or plan is opened for them.
        issued_at: Business moment at which the plan is registered.
        told: Is told how many of how many tasks and items have been looked at.
    """
    found, left_out = coming(office, first_on, last_on, plan)
    begun = [*of_plan(office, plan, issued_at), *(one for _, one in found)]
    until = office.calendar.zone.at(last_on, MINUTES_PER_DAY)
    duties: list[ForeseenDuty] = []
    letters: list[ForeseenLetter] = []
    for number, one in enumerate(begun, 1):
        foreseen = foresee(begin(one.definition, one.plan, one.roles, one.policy, one.at), one.policy, until)
        duties += (duty for duty in _duties(one, foreseen) if first_on <= duty.due_on <= last_on)
        letters += (letter for letter in _letters(one, foreseen) if first_on <= letter.deliver_on <= last_on)
        told(number, len(begun))
    return YearAhead(
        first_on=first_on,
        last_on=last_on,
        items=tuple(item for item, _ in found),
        duties=tuple(sorted(duties, key=lambda duty: (duty.due_on, duty.task_code, duty.duty))),
        notices=tuple(sorted(letters, key=lambda one: (one.deliver_on, one.reminder_due_on, one.task_code))),
        left_out=left_out,
    )


def _duties(begun: Undertaken, foreseen: Foreseen) -> Iterator[ForeseenDuty]:
    """What was ever owed, each once, and the milestones."""
    calendar = begun.policy.calendar
    first: dict[str, ObligationChange] = {}
    for change in (change for entry in foreseen.entries for change in entry.changes):
        if isinstance(change, ObligationChange) and change.status is ObligationStatus.OPEN:
            first.setdefault(change.id, change)
    duty = partial(
        ForeseenDuty,
        task_code=begun.definition.code,
        title=begun.definition.title,
        rhythm=begun.rhythm,
        period=begun.period,
    )
    for owed in first.values():
        run = foreseen.state.step_run(owed.subject) if owed.duty is Duty.STEP else None
        yield duty(
            duty=owed.duty.value,
            what=run.words if run else DUTY_WORDS[owed.duty],
            owed_by=owed.owed_by,
            asked_on=calendar.zone.local_date(owed.asked_at),
            due_on=owed.due_on,
            side=begun.side_of(owed.owed_by),
            provisional=calendar.is_provisional(owed.due_on),
        )
    for milestone in foreseen.state.milestones:
        yield duty(
            duty=MILESTONE,
            what=f"节点：{milestone.phrase}",
            owed_by=begun.definition.handled_by,
            due_on=milestone.due_on,
            side=Side.SUPERVISED,
            provisional=calendar.is_provisional(milestone.due_on),
        )


def _letters(begun: Undertaken, foreseen: Foreseen) -> Iterator[ForeseenLetter]:
    for notice in notices_of(begun.definition, foreseen.entries, begun.policy):
        yield ForeseenLetter(
            **notice.model_dump(),
            title=begun.definition.title,
            rhythm=begun.rhythm,
            side=begun.side_of(notice.recipient),
        )
