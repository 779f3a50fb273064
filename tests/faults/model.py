"""What should be there: the pure core, told what the people said and when the workflow looked.

A fault may make a task wake late, so no list of entries can be written down beforehand. But every entry says when it
was handled, and the core is a function: given the state before, the message or the passing of time, and that moment,
it must give exactly the entries that the ledger holds, each field of each. `walk` follows a whole timeline in this way
and returns every state on the way; anything that the core would not have done there is a `Departure`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from duban.contracts import StoredPlan
from duban.supervision.foresight.rehearsal import foresee
from duban.supervision.plans.plan import TaskDefinition
from duban.supervision.rules.authority import Act
from duban.supervision.rules.policy import Policy
from duban.supervision.tasks.advance import Tick, Transition, advance, note_refusal
from duban.supervision.tasks.begin import begin
from duban.supervision.tasks.entries import LedgerEntry, ReminderChange
from duban.supervision.tasks.messages import AnyMessage
from duban.supervision.tasks.moments import next_moment
from duban.supervision.tasks.reading import read_message
from duban.supervision.tasks.state import TaskState
from duban.supervision.tasks.turn import Refusal

HARMLESS = timedelta(days=5)
"""Business time by which a task may wake late without passing a band of fifteen days, weekends included."""


class Departure(AssertionError):
    """The ledger holds what the core would not have entered, or lacks what it would."""


@dataclass(frozen=True)
class Said:
    """A message that somebody sent: what the workflow was given, word for word."""

    task: str
    act: Act
    fields: Mapping[str, Any]

    @property
    def id(self) -> str:
        """Under which it is recognised."""
        return str(self.fields["id"])

    def read(self) -> AnyMessage | Refusal:
        """The message as the task reads it."""
        return read_message(self.act, dict(self.fields))


@dataclass(frozen=True)
class Handling:
    """One message handled, or one look at the clock: its entries and the state after it."""

    entries: tuple[LedgerEntry, ...]
    state: TaskState
    message: Said | None = None


@dataclass
class Walk:
    """A task's timeline as the core explains it.

    Attributes:
        lateness: By how much business time it woke late at most.
        overtaken: A message was handled when something before its moment was still to be done.
    """

    task: TaskDefinition
    begun: Transition
    state: TaskState
    policy: Policy
    handlings: list[Handling] = field(default_factory=list)
    lateness: timedelta = timedelta()
    overtaken: bool = False

    @property
    def entries(self) -> tuple[LedgerEntry, ...]:
        """All entries, as the core gives them."""
        return tuple(entry for handling in self.handlings for entry in handling.entries)

    @property
    def on_time(self) -> bool:
        """Whether a rehearsal foretells the reminders exactly."""
        return self.lateness <= HARMLESS and not self.overtaken


def begin_task(plan: StoredPlan, task: TaskDefinition, registered_at: datetime) -> Transition:
    """A task as its registration begins it."""
    regime, organisation = plan.policy.regime, plan.organisation
    supervising = organisation.supervising_body(plan.definition.supervising_body, regime)
    return begin(task, plan.definition, organisation.roles_for(task, supervising, regime), plan.policy, registered_at)


def walk(
    plan: StoredPlan,
    task: TaskDefinition,
    registered_at: datetime,
    recorded: Sequence[LedgerEntry],
    said: Mapping[str, Said],
) -> Walk:
    """Follow a task's timeline.

    Args:
        registered_at: Business moment, as the ledger has it.
        recorded: The entries of the ledger, in order.
        said: What was said to this task, by message id.

    Raises:
        Departure: At the first entry that the core does not give.
    """
    begun = begin_task(plan, task, registered_at)
    if tuple(recorded[: len(begun.entries)]) != begun.entries:
        raise Departure(f"{task.code}: registered with other entries than the core begins with")
    walked = Walk(task=task, begun=begun, state=begun.state, policy=plan.policy)
    walked.handlings.append(Handling(begun.entries, begun.state))
    rest = list(recorded[len(begun.entries) :])
    while rest:
        done, message = _explained(walked, rest, said)
        _look_at_time(walked, rest[0].recorded_at, done, message)
        walked.state, walked.policy = done.state, done.policy or walked.policy
        walked.handlings.append(Handling(done.entries, done.state, message))
        del rest[: len(done.entries)]
    return walked


def _explained(walked: Walk, rest: Sequence[LedgerEntry], said: Mapping[str, Said]) -> tuple[Transition, Said | None]:
    """The event that gives the next entries, all of them and no other."""
    first = rest[0]
    now = first.recorded_at
    named = next((e.message_id for e in rest if e.recorded_at == now and e.message_id), "")
    tried: list[str] = []
    candidates: list[Said | None] = [said[named]] if named in said else []
    # Before a message's own entries may stand what it found to be overdue; otherwise it was the clock.
    candidates = [*candidates, None] if first.message_id else [None, *candidates]
    for message in candidates:
        event = Tick() if message is None else message.read()
        outcome = event if isinstance(event, Refusal) else advance(walked.state, event, walked.policy, now)
        if isinstance(outcome, Refusal):
            tried.append(f"{message.id if message else 'time'} is refused: {outcome.reason}")
        elif outcome.entries and tuple(rest[: len(outcome.entries)]) == outcome.entries:
            return outcome, message
        else:
            tried.append(f"{message.id if message else 'time'} gives {_spelled(outcome.entries)}")
    for message in said.values():  # a signal that was refused is put on record
        if (noted := _noted(walked, message, now)) is not None and noted.entries == (first,):
            return noted, message
    raise Departure(
        f"{walked.task.code}: the ledger holds {_spelled(rest[:4])}; the core would not enter it: {'; '.join(tried)}"
    )


def _noted(walked: Walk, message: Said, now: datetime) -> Transition | None:
    read = message.read()
    outcome = read if isinstance(read, Refusal) else advance(walked.state, read, walked.policy, now)
    if not isinstance(outcome, Refusal):
        return None
    return note_refusal(walked.state, walked.policy, now, f"未受理的进展报告：{outcome.reason}")


def _look_at_time(walked: Walk, now: datetime, done: Transition, message: Said | None) -> None:
    due = next_moment(walked.state, walked.policy)
    if due is None:
        return
    if message is None:
        walked.lateness = max(walked.lateness, now - due.at)
    elif due.at <= done.entries[-1].at:
        walked.overtaken = True


def _spelled(entries: Sequence[LedgerEntry]) -> str:
    return "[" + ", ".join(f"{e.version} {e.kind.value} {e.at.isoformat()} {e.text}" for e in entries) + "]"


def left_undone(walked: Walk, until: datetime) -> str | None:
    """What should have been done by a business moment and was not; None where nothing is."""
    due = next_moment(walked.state, walked.policy)
    return None if due is None or due.at > until else f"{walked.task.code}: {due.text} ({due.at.isoformat()})"


def reminders(entries: Sequence[LedgerEntry]) -> frozenset[tuple[Any, ...]]:
    """What became of each level of each episode: every date but that of delivery."""
    last: dict[str, ReminderChange] = {}
    for entry in entries:
        last.update({c.key: c for c in entry.changes if isinstance(c, ReminderChange)})
    return frozenset(
        (c.key, c.level, c.episode, c.status, c.due_on, c.lag_days, c.milestone_due_on) for c in last.values()
    )


def differs_from_rehearsal(walked: Walk, plan: StoredPlan, until: datetime) -> str | None:
    """Where a task that was never late differs from what was foretold of it; None where it does not."""
    script = [
        read.model_copy(update={"occurred_at": handling.entries[-1].at})
        for handling in walked.handlings
        if handling.message is not None and not isinstance(read := handling.message.read(), Refusal)
    ]
    foreseen = foresee(walked.begun, plan.policy, until, script)
    expected, found = reminders(foreseen.entries), reminders(walked.entries)
    if expected == found:
        return None
    return (
        f"{walked.task.code}: foretold {sorted(map(str, expected - found))}, found {sorted(map(str, found - expected))}"
    )
