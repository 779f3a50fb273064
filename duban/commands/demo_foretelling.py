"""What the rehearsal foretells of a demonstration, and whether the ledger shows exactly that.

Compared are the reminders: task, level, what became of it, the local date on which it became due, and the lag of that
date. Moments of delivery are not: in fast time they are late by a server's latency.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime

from duban.commands.demo_script import Messages
from duban.contracts import StoredPlan
from duban.ledger.questions.rows import ReminderRow
from duban.supervision.days.calendar import ONE_DAY, OfficeCalendar
from duban.supervision.foresight.rehearsal import Foreseen, foresee
from duban.supervision.model import Frozen
from duban.supervision.plans.plan import TaskDefinition
from duban.supervision.tasks.begin import begin
from duban.supervision.tasks.entries import LedgerEntry, ReminderChange
from duban.supervision.tasks.state import RungStatus


class ReminderFact(Frozen):
    """What became of a level of a task; ``due_on`` is a local date, ``lag_days`` the lag of that date."""

    task_code: str
    level: str
    status: RungStatus
    due_on: date
    lag_days: int


class Foretelling(Frozen):
    """What the rehearsal says of all tasks of a plan.

    Attributes:
        versions: By task, the version of its last ledger entry.
        refusals: Messages that the rules do not accept, and why.
    """

    reminders: tuple[ReminderFact, ...]
    versions: dict[str, int]
    refusals: tuple[str, ...]


def end_of(day: date, calendar: OfficeCalendar) -> datetime:
    """The business moment at which a local day is over."""
    return calendar.zone.at(day + ONE_DAY)


def falls_within(due_on: date, until: date, calendar: OfficeCalendar) -> bool:
    """Whether a reminder due on a local date is given by the end of a demonstration, and not after it."""
    return calendar.working_day_from(due_on) <= until


def foretell(plan: StoredPlan, messages: Messages, registered_at: datetime, until: date) -> Foretelling:
    """Rehearse every task of a plan with its part of the script.

    Args:
        registered_at: Business moment at which the tasks begin, as the ledger has it.
        until: Local date with whose end the rehearsal ends.
    """
    reminders: list[ReminderFact] = []
    versions: dict[str, int] = {}
    refusals: list[str] = []
    for task in plan.definition.tasks:
        foreseen = foresee_task(plan, task, messages, registered_at, until)
        reminders.extend(_facts(task.code, foreseen.entries))
        versions[task.code] = foreseen.state.version
        refusals.extend(f"{task.code}：{reason}" for reason in foreseen.refusals)
    return Foretelling(reminders=tuple(reminders), versions=versions, refusals=tuple(refusals))


def foresee_task(
    plan: StoredPlan, task: TaskDefinition, messages: Messages, registered_at: datetime, until: date
) -> Foreseen:
    """Rehearse one task, from the very state with which its workflow starts."""
    policy, organisation = plan.policy, plan.organisation
    supervising = organisation.supervising_body(plan.definition.supervising_body, policy.regime)
    roles = organisation.roles_for(task, supervising, policy.regime, watcher=plan.definition.watcher)
    begun = begin(task, plan.definition, roles, policy, registered_at)
    return foresee(begun, policy, end_of(until, policy.calendar), messages.get(task.code, ()))


def shown_by(rows: Iterable[ReminderRow]) -> tuple[ReminderFact, ...]:
    """The same facts, as the ledger holds them."""
    names = ReminderFact.model_fields
    return tuple(ReminderFact(**{name: getattr(row, name) for name in names}) for row in rows)


def differences(
    foretold: Iterable[ReminderFact], shown: Iterable[ReminderFact], until: date, calendar: OfficeCalendar
) -> tuple[str, ...]:
    """Where rehearsal and ledger part, a sentence for each; none means that they are exactly the same.

    What would be given on a later working day than ``until`` lies beyond the demonstration and is left out on both
    sides: the clock runs on while the last entries are written.
    """

    def counted(facts: Iterable[ReminderFact]) -> Counter[ReminderFact]:
        return Counter(fact for fact in facts if falls_within(fact.due_on, until, calendar))

    expected, found = counted(foretold), counted(shown)
    return tuple(
        f"{said}：{_spelled(fact)}" + (f"（{count} 次）" if count > 1 else "")
        for said, facts in (("预演有、台账没有", expected - found), ("台账有、预演没有", found - expected))
        for fact, count in sorted(facts.items(), key=lambda item: (item[0].task_code, item[0].due_on))
    )


def _facts(code: str, entries: Iterable[LedgerEntry]) -> tuple[ReminderFact, ...]:
    """The reminders of a task as they stand after its last entry."""
    last: dict[str, ReminderChange] = {}
    for entry in entries:
        last.update({change.key: change for change in entry.changes if isinstance(change, ReminderChange)})
    return tuple(
        ReminderFact(task_code=code, level=c.level, status=c.status, due_on=c.due_on, lag_days=c.lag_days)
        for c in last.values()
    )


def _spelled(fact: ReminderFact) -> str:
    return f"{fact.task_code} {fact.level} {fact.status.value} {fact.due_on.isoformat()} 滞后{fact.lag_days}天"
