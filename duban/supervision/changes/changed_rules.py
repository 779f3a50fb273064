"""What a task would do differently by other rules: found by letting it live by both. Pure; nothing is decided here."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from enum import StrEnum

from duban.supervision.bodies.roles import TaskRoles
from duban.supervision.model import Frozen
from duban.supervision.rules.authority import Act
from duban.supervision.rules.owed import Duty
from duban.supervision.rules.policy import Policy
from duban.supervision.rules.procedures import Procedure
from duban.supervision.tasks.advance import Tick, Transition, advance
from duban.supervision.tasks.entries import LedgerEntry, ObligationChange, ObligationStatus, ReminderChange
from duban.supervision.tasks.messages import Adopt
from duban.supervision.tasks.moments import Moment, next_moment, upcoming
from duban.supervision.tasks.state import RungStatus, TaskState
from duban.supervision.tasks.turn import Refusal

PROPOSED_OR_GIVEN = (RungStatus.ISSUED, RungStatus.AWAITING_APPROVAL)


class Shift(Frozen):
    """Something still to come that comes on another day, comes new or does not come any more. Local dates."""

    what: str
    before_on: date | None = None
    after_on: date | None = None


class Owed(Frozen):
    """What a body owes."""

    duty: Duty
    body: str


class Right(Frozen):
    """Who may do something and might not before, or might and may not any more."""

    act: Act
    gained: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()


class ProcedureChange(StrEnum):
    """What becomes of a procedure."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


class ChangedProcedure(Frozen):
    """A procedure that is another one by other rules."""

    key: str
    title: str
    change: ProcedureChange


class RuleDifference(Frozen):
    """What other rules change for one task or one register, as it stands at a moment.

    A register has rhythms where a task has levels: what comes round on other days, comes new or comes no more is in
    ``shifts``, what it opens at once in ``due_at_once``, what it enters as missed in ``passed_over``.

    Attributes:
        task_code: Of the task, or of the register.
        refused: Why it would not take them; empty where it would.
        next_before, next_after: What time alone changes next.
        shifts: What comes on other days.
        due_at_once: Levels that would be given or proposed at once, and would not be by the rules in force.
        passed_over: Levels that would be entered as not given, and would not be by the rules in force.
        lapsing: What would not be owed any more.
        asked_anew: What somebody else would be asked for.
        rights: Who may do what.
        keeps_procedure: Why an item goes on by the procedure by which it began, although the rules are others; empty
            where the others have one that it can follow, and for tasks without steps.
        procedures: Of an item: its own, where it goes on by another text of it. Of a register: those by which it opens
            items from then on, where they are others.
    """

    task_code: str
    plan_code: str
    refused: str = ""
    next_before: Moment | None = None
    next_after: Moment | None = None
    shifts: tuple[Shift, ...] = ()
    due_at_once: tuple[str, ...] = ()
    passed_over: tuple[str, ...] = ()
    lapsing: tuple[Owed, ...] = ()
    asked_anew: tuple[Owed, ...] = ()
    rights: tuple[Right, ...] = ()
    keeps_procedure: str = ""
    procedures: tuple[ChangedProcedure, ...] = ()
    is_register: bool = False


def procedure_under(
    state: TaskState, policy: Policy, procedures: Mapping[str, Procedure]
) -> tuple[Procedure | None, str]:
    """By which procedure an item goes on under other rules, and why that is the one by which it began."""
    own, key = policy.procedure, state.definition.procedure
    if own is None:
        return None, ""
    following, run = procedures.get(key), state.open_step
    if following is None:
        return own, f"新制度没有“{own.title}”（{key}）这个程序，仍按原来的程序办理"
    if run is not None and following.step(run.step) is None:
        return own, f"新制度的“{following.title}”没有正在办理的步骤“{run.words}”，仍按原来的程序办理"
    return following, ""


def difference(state: TaskState, policy: Policy, told: Adopt, now: datetime) -> RuleDifference:
    """What a change of rules would change.

    Args:
        policy: The rules in force.
        told: The message that would bring the others.
        now: Business moment.
    """
    done = advance(state, told, policy, now)
    if isinstance(done, Refusal):
        return RuleDifference(task_code=state.code, plan_code=state.plan_code, refused=done.reason)
    after_policy = done.policy or policy
    before, after = _ticked(state, policy, now), _ticked(done.state, after_policy, now)
    entries = (*done.entries, *after.entries)
    anyhow = _reminders(before.entries)
    comes = _reminders(entries)
    return RuleDifference(
        task_code=state.code,
        plan_code=state.plan_code,
        next_before=next_moment(before.state, policy),
        next_after=next_moment(after.state, after_policy),
        shifts=tuple(_shifts(before.state, policy, after.state, after_policy)),
        due_at_once=tuple(
            level for level, status in comes if status in PROPOSED_OR_GIVEN and (level, status) not in anyhow
        ),
        passed_over=tuple(
            level for level, status in comes if status is RungStatus.NOT_ISSUED and (level, status) not in anyhow
        ),
        lapsing=tuple(_owed(done.entries, ObligationStatus.LAPSED)),
        asked_anew=tuple(_owed(done.entries, ObligationStatus.OPEN)),
        rights=tuple(rights(policy, state.roles, after_policy, done.state.roles)),
        procedures=tuple(changed_procedures(_own(state, policy), _own(state, after_policy))),
    )


def changed_procedures(before: Mapping[str, Procedure], after: Mapping[str, Procedure]) -> Iterator[ChangedProcedure]:
    """Procedures that come, go or are worded otherwise."""
    for key in dict.fromkeys((*before, *after)):
        was, will = before.get(key), after.get(key)
        if will is None and was is not None:
            yield ChangedProcedure(key=key, title=was.title, change=ProcedureChange.REMOVED)
        elif will is not None and was != will:
            change = ProcedureChange.ADDED if was is None else ProcedureChange.CHANGED
            yield ChangedProcedure(key=key, title=will.title, change=change)


def _own(state: TaskState, policy: Policy) -> dict[str, Procedure]:
    return {state.definition.procedure: policy.procedure} if policy.procedure is not None else {}


def rights(before: Policy, had: TaskRoles, after: Policy, have: TaskRoles) -> Iterator[Right]:
    """Who may do what he might not, and the other way round."""
    for act in Act:
        might, may = had.of(*before.regime.authority.of(act)), have.of(*after.regime.authority.of(act))
        gained = tuple(body for body in may if body not in might)
        lost = tuple(body for body in might if body not in may)
        if gained or lost:
            yield Right(act=act, gained=gained, lost=lost)


def _ticked(state: TaskState, policy: Policy, now: datetime) -> Transition:
    done = advance(state, Tick(), policy, now)
    assert isinstance(done, Transition)  # noqa: S101 - the passing of time is never refused
    return done


def _reminders(entries: Iterable[LedgerEntry]) -> tuple[tuple[str, RungStatus], ...]:
    """The levels of which something is entered, each with its last status."""
    found: dict[str, RungStatus] = {}
    for change in (c for entry in entries for c in entry.changes if isinstance(c, ReminderChange)):
        found[change.level] = change.status
    return tuple(found.items())


def _owed(entries: Iterable[LedgerEntry], status: ObligationStatus) -> Iterator[Owed]:
    for change in (c for entry in entries for c in entry.changes if isinstance(c, ObligationChange)):
        if change.status is status:
            yield Owed(duty=change.duty, body=change.owed_by)


def _shifts(before: TaskState, old: Policy, after: TaskState, new: Policy) -> Iterator[Shift]:
    """By its words, and of several in the same words in their order."""
    zone = old.calendar.zone
    there: dict[str, list[Moment]] = {}
    for moment in upcoming(after, new):
        there.setdefault(moment.text, []).append(moment)
    for moment in upcoming(before, old):
        same = there.get(moment.text)
        was = zone.local_date(moment.at)
        will = zone.local_date(same.pop(0).at) if same else None
        if was != will:
            yield Shift(what=moment.text, before_on=was, after_on=will)
    for text, some in there.items():
        for moment in some:
            yield Shift(what=text, after_on=zone.local_date(moment.at))
