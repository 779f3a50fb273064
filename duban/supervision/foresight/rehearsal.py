"""Rehearsal (演练): what a plan would set off, before anything is issued.

The same core as the workflows, driven by a list of moments instead of a server. With a
script of messages it foretells a whole demonstration.
"""

import operator
from collections.abc import Sequence
from datetime import date, datetime

from pydantic import Field

from duban.supervision.bodies.organisation import Organisation
from duban.supervision.model import Frozen
from duban.supervision.plans.plan import PlanDefinition, TaskDefinition
from duban.supervision.rules.owed import Duty
from duban.supervision.rules.policy import Policy
from duban.supervision.tasks.advance import Tick, Transition, advance
from duban.supervision.tasks.begin import begin
from duban.supervision.tasks.entries import LedgerEntry, NoticeIntent, NoticeKind, ReminderChange
from duban.supervision.tasks.messages import AnyMessage
from duban.supervision.tasks.moments import next_moment
from duban.supervision.tasks.state import RungStatus, TaskState
from duban.supervision.tasks.turn import Refusal


class ForeseenNotice(Frozen):
    """A notice that would be given.

    Attributes:
        kind: ``reminder`` for the five levels; the question about an interview and the proposal
            of a circular stand for the level that they ask for.
        reminder_due_on: Local date on which it becomes due.
        deliver_on: Local date, in office hours, on which it would be delivered.
        provisional: A date rests on a year whose holidays have not been announced.
        step: Of an item that goes step by step: the title of the step that it is about; else left out.
    """

    task_code: str
    kind: NoticeKind
    level: str | None
    milestone_due_on: date | None
    lag_days: int | None
    reminder_due_on: date
    deliver_on: date
    issuer: str
    recipient: str
    provisional: bool = False
    step: str = Field(default="", exclude_if=operator.not_)


class Foreseen(Frozen):
    """What would become of a task: its last state and all entries."""

    state: TaskState
    entries: tuple[LedgerEntry, ...]
    refusals: tuple[str, ...] = ()


def foresee(begun: Transition, policy: Policy, until: datetime, script: Sequence[AnyMessage] = ()) -> Foreseen:
    """Let time pass until a business moment, with the messages of a script at their own moments.

    Args:
        begun: The task as registered.
        script: Messages with ``occurred_at``, in the order of their moments.
    """
    state, entries, refusals = begun.state, list(begun.entries), []
    for message in (*script, None):
        end = until if message is None else min(message.occurred_at or until, until)
        while (moment := next_moment(state, policy)) is not None and moment.at <= end:
            passed = advance(state, Tick(), policy, moment.at)
            if isinstance(passed, Refusal):
                break
            state = passed.state
            entries.extend(passed.entries)
        if message is None or (message.occurred_at or until) > until:
            continue
        done = advance(state, message, policy, end)
        if isinstance(done, Refusal):
            refusals.append(done.reason)
            continue
        state, policy = done.state, done.policy or policy
        entries.extend(done.entries)
    return Foreseen(state=state, entries=tuple(entries), refusals=tuple(refusals))


def rehearse(
    plan: PlanDefinition, organisation: Organisation, policy: Policy, issued_at: datetime, until: datetime
) -> tuple[ForeseenNotice, ...]:
    """What a plan would set off if nobody reported and nobody decided, in the order of delivery.

    A task that is merged into another ends with the amendment that says so, and sets nothing off.
    """
    supervising = organisation.supervising_body(plan.supervising_body, policy.regime)
    notices: list[ForeseenNotice] = []
    for task in plan.tasks:
        if task.merged_into:
            continue
        roles = organisation.roles_for(task, supervising, policy.regime, watcher=plan.watcher)
        foreseen = foresee(begin(task, plan, roles, policy, issued_at), policy, until)
        notices.extend(notices_of(task, foreseen.entries, policy))
    return tuple(sorted(notices, key=lambda n: (n.deliver_on, n.reminder_due_on, n.task_code)))


def notices_of(task: TaskDefinition, entries: Sequence[LedgerEntry], policy: Policy) -> tuple[ForeseenNotice, ...]:
    """The notices of a task's entries."""
    return tuple(
        _foreseen(task.code, change, entry, policy)
        for entry in entries
        for change in entry.changes
        if isinstance(change, NoticeIntent)
    )


def _foreseen(code: str, intent: NoticeIntent, entry: LedgerEntry, policy: Policy) -> ForeseenNotice:
    proposed = next(
        (
            change
            for change in entry.changes
            if isinstance(change, ReminderChange)
            and change.status is RungStatus.AWAITING_APPROVAL
            and change.key == intent.subject
        ),
        None,
    )
    return ForeseenNotice(
        task_code=code,
        kind=NoticeKind.REMINDER if proposed else intent.kind,
        level=proposed.level if proposed else intent.level,
        milestone_due_on=intent.explanation.milestone_due_on,
        lag_days=intent.explanation.lag_days,
        reminder_due_on=intent.explanation.due_on,
        deliver_on=policy.calendar.zone.local_date(intent.deliver_not_before),
        issuer=intent.issuer,
        recipient=intent.recipient,
        provisional=intent.explanation.provisional,
        step=intent.facts.get("owed", "") if intent.duty is Duty.STEP else "",
    )


def reminders_due(entries: Sequence[LedgerEntry]) -> frozenset[tuple[str, str, date]]:
    """Of the reminders in a task's entries as they stand at the end: level, status, due date."""
    last: dict[str, ReminderChange] = {}
    for entry in entries:
        last.update({change.key: change for change in entry.changes if isinstance(change, ReminderChange)})
    return frozenset((c.level, c.status.value, c.due_on) for c in last.values())
