"""The centre of the core: a state, an event, the policy and a moment give a new state and entries.

``advance`` is total: every event in every state gives a ``Transition`` or a ``Refusal``. It is run
twice for every update, once to see whether the rules allow it and once to do it, and gives the
same both times.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeAlias

from duban.supervision.changes import adoption, amending
from duban.supervision.levels import answers
from duban.supervision.levels.episodes import end_if_caught_up, settle
from duban.supervision.levels.reminding import remind
from duban.supervision.levels.urging import urge_by_clock
from duban.supervision.model import Frozen
from duban.supervision.rules.authority import Act
from duban.supervision.rules.policy import Policy
from duban.supervision.steps import step_taking
from duban.supervision.steps.steps import announce_step, refuse_other_life
from duban.supervision.tasks import (
    correcting,
    decisions,
    extensions,
    inspecting,
    life,
    marking,
    reporting,
    returning,
    strike_off,
    suspension,
)
from duban.supervision.tasks.announcing import announce, ask_for_report
from duban.supervision.tasks.duties import CHASED_ALWAYS, chase_due
from duban.supervision.tasks.entries import EntryKind, LedgerEntry
from duban.supervision.tasks.foretelling import ask_ahead, note_unexplained
from duban.supervision.tasks.granting import (
    acting_for,
    refuse_for_the_head,
    refuse_person,
    refuse_unauthorised,
    section_that_handles,
)
from duban.supervision.tasks.interim import keep_reporting
from duban.supervision.tasks.messages import AnyMessage
from duban.supervision.tasks.state import REMEMBERED_MESSAGES, TaskState
from duban.supervision.tasks.turn import Refusal, Turn
from duban.supervision.words import ACT_WORDS, STAGE_WORDS


class Tick(Frozen):
    """Time has passed."""


class Transition(Frozen):
    """What an event does.

    Attributes:
        entries: For the ledger, in order; empty when nothing changed.
        policy: The policy in force from now on, where the event changed it.
        repeated: The message had been handled before; ``version`` shows what it did then.
        version: Version of the ledger that shows the event's effect.
    """

    state: TaskState
    entries: tuple[LedgerEntry, ...] = ()
    policy: Policy | None = None
    repeated: bool = False
    version: int = 0


Event: TypeAlias = Tick | AnyMessage

Handler: TypeAlias = Callable[[Turn, Any], Refusal | None]

HANDLERS: dict[Act, Handler] = {
    Act.PROGRESS: reporting.progress,
    Act.ACCEPT: life.accept,
    Act.REQUEST_STRIKE_OFF: strike_off.request_strike_off,
    Act.VERIFY: strike_off.verify,
    Act.RETURN_FOR_REWORK: returning.return_for_rework,
    Act.TERMINATE: life.terminate,
    Act.SUBMIT_EXPLANATION: answers.submit_explanation,
    Act.RECORD_ACTION: answers.record_action,
    Act.URGE: answers.urge_by_hand,
    Act.DEMAND: answers.demand,
    Act.RAISE_INTERVIEW: answers.raise_interview,
    Act.DECIDE: decisions.decide,
    Act.REQUEST_EXTENSION: extensions.request_extension,
    Act.SUSPEND: suspension.suspend,
    Act.RESUME: suspension.resume,
    Act.CARRY_OVER: extensions.carry_over,
    Act.ADOPT: adoption.adopt,
    Act.AMEND: amending.amend,
    Act.CORRECT: correcting.correct,
    Act.INSPECT: inspecting.inspect,
    Act.TAKE_STEP: step_taking.take_step,
    Act.MARK: marking.mark,
}


def advance(state: TaskState, event: Event, policy: Policy, now: datetime) -> Transition | Refusal:
    """Apply an event.

    Args:
        event: A message, or ``Tick`` for the passing of time.
        now: Business moment at which the event is handled, aware; a clock that lags behind the one that made the
            last transition does not take the task back.

    Returns:
        The new state with its ledger entries, or why the event is refused.
    """
    now = max(now, state.last_at)
    if isinstance(event, Tick):
        return _tick(state, policy, now)
    return _handle(state, event, policy, now)


def _tick(state: TaskState, policy: Policy, now: datetime) -> Transition:
    """Do what is due now. What fell due while nobody watched is done once, or entered as not done."""
    turn = Turn(state=state, policy=policy, now=now, at=now)
    if not state.stage.is_final:
        settle(turn)
        if turn.state.suspended_on(turn.today):
            chase_due(turn, CHASED_ALWAYS)
        else:
            urge_by_clock(turn)
            remind(turn)
            chase_due(turn)
            announce(turn)
            announce_step(turn)
            ask_for_report(turn)
            note_unexplained(turn)
            ask_ahead(turn)
    if turn.entries:
        turn.update(last_at=now)
    return Transition(state=turn.state, entries=tuple(turn.entries), version=turn.state.version)


def _handle(state: TaskState, message: AnyMessage, policy: Policy, now: datetime) -> Transition | Refusal:
    if message.id and (known := dict(state.recent).get(message.id)) is not None:
        return Transition(state=state, repeated=True, version=known)
    if (refusal := _not_allowed(state, message, policy)) is not None:
        return refusal
    at = min(max(message.occurred_at or now, state.last_at), now).astimezone(UTC)
    day = policy.calendar.zone.local_date(at)
    refusal = refuse_for_the_head(state, message, policy, day) or refuse_person(state, message, policy, day)
    if refusal is not None:
        return refusal
    said = message if message.id else message.model_copy(update={"id": f"v{state.version + 1}"})
    turn = Turn(state=state, policy=policy, now=now, at=at)
    settle(turn)
    turn.message = said
    if (refusal := HANDLERS[message.act](turn, said)) is not None:
        return refusal
    if not turn.state.stage.is_final:
        end_if_caught_up(turn, ENDED_BY.get(message.act, "滞后事项已消除"))
        keep_reporting(turn)
    recent = (*turn.state.recent, (said.id, turn.state.version))[-REMEMBERED_MESSAGES:]
    turn.update(recent=recent, last_at=at, handled_in=section_that_handles(turn.state, message, turn.policy))
    return Transition(
        state=turn.state,
        entries=_remarked(turn, message, acting_for(state, message, turn.today)),
        policy=turn.policy if turn.policy is not policy else None,
        version=turn.state.version,
    )


ENDED_BY: dict[Act, str] = {
    Act.PROGRESS: "已报告完成",
    Act.REQUEST_STRIKE_OFF: "已申请销号",
    Act.DECIDE: "已批准延期",
    Act.CARRY_OVER: "已结转",
    Act.AMEND: "方案已调整",
}


def _not_allowed(state: TaskState, message: AnyMessage, policy: Policy) -> Refusal | None:
    if state.stage.is_final:
        return Refusal(f"任务{STAGE_WORDS[state.stage]}，不再受理“{ACT_WORDS[message.act]}”")
    if message.occurred_at is not None and message.occurred_at.utcoffset() is None:
        return Refusal("发生时间（occurred_at）须带时区，例如 2026-03-01T09:00:00+08:00")
    if (refusal := refuse_other_life(state, message.act)) is not None:
        return refusal
    # Who takes a step is said by the step itself.
    if message.act is not Act.TAKE_STEP and (refusal := refuse_unauthorised(state, message, policy)) is not None:
        return refusal
    persons = state.roles.persons.get(message.body)
    if persons is not None and message.person not in persons:
        return Refusal(f"{message.person}不在{message.body}的人员名单中（现有：{'、'.join(persons)}）")
    return None


def _remarked(turn: Turn, message: AnyMessage, acting: str) -> tuple[LedgerEntry, ...]:
    """The record says in whose place a deputy spoke, and how a message was dated that carries no moment."""
    undated = "" if message.occurred_at is not None else "未注明发生时间，按受理时间计"
    remarks = "".join(f"（{remark}）" for remark in (acting, undated) if remark)
    if not remarks:
        return tuple(turn.entries)
    said = next(entry for entry in turn.entries if entry.message_id)
    remarked = said.model_copy(update={"text": f"{said.text}{remarks}"})
    return tuple(remarked if entry is said else entry for entry in turn.entries)


def note_refusal(state: TaskState, policy: Policy, now: datetime, text: str) -> Transition:
    """Enter a refused signal: nobody waits for its answer, so the ledger keeps it."""
    now = max(now, state.last_at)
    turn = Turn(state=state, policy=policy, now=now, at=now)
    turn.enter(EntryKind.REFUSED, text)
    return Transition(state=turn.state, entries=tuple(turn.entries), version=turn.state.version)
