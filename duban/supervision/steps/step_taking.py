"""A step is taken: by whoever owes it, with what has to be stated; what follows from it begins at once."""

from collections.abc import Iterator
from dataclasses import dataclass

from duban.supervision.rules.procedures import Fact, Opening, Outcome, Procedure, Step
from duban.supervision.steps.asking import Ended, asked, words_of
from duban.supervision.steps.counted import LedgerCount
from duban.supervision.steps.date_order import refuse_misplaced
from duban.supervision.steps.items import of_the_item, refuse_period
from duban.supervision.steps.stating import Facts, counts_kept, refuse_unstated, stated, told
from duban.supervision.steps.step_rules import lacking, may_be_lacking, route_of
from duban.supervision.steps.steps import begin_step, in_words, obligation_of, replace_run
from duban.supervision.tasks.duties import close
from duban.supervision.tasks.entries import (
    Change,
    EntryKind,
    Explanation,
    NoticeIntent,
    NoticeKind,
    NoticesWithdrawn,
    OpeningChange,
    RecordChange,
)
from duban.supervision.tasks.granting import refuse_other_than_head
from duban.supervision.tasks.life import finish
from duban.supervision.tasks.messages import TakeStep
from duban.supervision.tasks.state import Stage, StepRun
from duban.supervision.tasks.turn import Refusal, Turn, day_text

MOST_STATED = 10_000
"""Bytes that are stated with one step."""
MOST_KEPT, LITTLE = 60_000, 1_000
"""Bytes of all that an item knows as stated; beyond it only so little with one step."""
MOST_TELLING = 300_000
"""Bytes of all notices that tell what came of a step."""


@dataclass(frozen=True, slots=True)
class _Taking:
    """A step as it is taken.

    Attributes:
        run: The step as it is then.
        following: The step that begins then; None where the item closes.
        facts: What was stated with it.
        counted: Of numbers among it that the ledger can count: what it had.
    """

    message: TakeStep
    procedure: Procedure
    step: Step
    run: StepRun
    outcome: Outcome
    following: Step | None
    facts: dict[str, tuple[str, ...]]
    counted: dict[str, LedgerCount]

    @property
    def key(self) -> str:
        """Names it within the task's round: the step, or the part of it that is done."""
        return f"{self.run.key}/part/{self.run.parts}" if self.outcome.goes_on else self.run.key

    @property
    def ending(self) -> str:
        """How it ended, where it could end in more than one way."""
        return self.outcome.title if self.step.outcomes else ""


def take_step(turn: Turn, message: TakeStep) -> Refusal | None:
    """The record is in, or it is decided: what follows from it begins, or the item closes."""
    procedure, run = turn.procedure, turn.state.open_step
    step = procedure.step(run.step) if procedure is not None and run is not None else None
    if procedure is None or run is None or step is None:
        return Refusal("本事项没有等待办理的步骤")
    if (refusal := _refuse_other_step(turn, message, run) or _refuse_actor(turn, message, step, run)) is not None:
        return refusal
    outcome = _outcome(step, message)
    if isinstance(outcome, Refusal):
        return outcome
    again = run.occurrence < run.times and not outcome.then
    following = step if again else procedure.following(step, outcome)
    own = outcome.facts if outcome.goes_on else (*step.facts, *outcome.facts)
    facts = _facts(turn, message, procedure, own, following)
    if isinstance(facts, Refusal):
        return facts
    counted = counts_kept(message.counted, facts, own)
    if isinstance(counted, Refusal):
        return counted
    after = _after(run, turn, message, outcome)
    taking = _Taking(message, procedure, step, after, outcome, following, facts, counted)
    if (refusal := _refuse_telling(turn, taking)) is not None:
        return refusal
    _take(turn, taking)
    if outcome.goes_on:
        return None
    if following is None:
        finish(turn, Stage.CLOSED, EntryKind.ITEM_CLOSED, f"“{procedure.title}”办结：{outcome.title}", "事项已办结")
    else:
        begin_step(turn, procedure, following, after=taking.run if again else None)
    return None


def _after(run: StepRun, turn: Turn, message: TakeStep, outcome: Outcome) -> StepRun:
    """A step with who took it, when and how; one of which a part is done waits on."""
    if outcome.goes_on:
        return run.model_copy(update={"parts": run.parts + 1})
    by = {"done_at": turn.at, "outcome": outcome.name, "body": message.body, "person": message.person}
    return run.model_copy(update=by)


def _refuse_other_step(turn: Turn, message: TakeStep, run: StepRun) -> Refusal | None:
    if message.step in ("", run.key, run.step, obligation_of(run)):
        return None
    taken = [r for r in turn.state.steps if r.done_at and message.step in (r.key, r.step, obligation_of(r))]
    if not taken:
        return Refusal(f"现在等待办理的是“{run.words}”（{run.step}），不是“{message.step}”，请核对")
    earlier = taken[-1]
    when = day_text(turn.calendar.zone.local_date(earlier.done_at or turn.at))
    return Refusal(f"“{earlier.words}”已由{earlier.body}于{when}办理，现在等待的是“{run.words}”（{run.step}）")


def _refuse_actor(turn: Turn, message: TakeStep, step: Step, run: StepRun) -> Refusal | None:
    owed = turn.state.obligation(obligation_of(run))
    may = dict.fromkeys((*((owed.owed_by,) if owed else ()), *turn.state.roles.of(run.by)))
    if message.body not in may:
        return Refusal(f"{message.body}无权办理“{run.words}”：应由{'、'.join(may)}办理")
    reserved = refuse_other_than_head(turn.state.roles, message, run.words, turn.today) if step.by_head else None
    if reserved is not None:
        return reserved
    before = [r for r in turn.state.steps if r.step == step.not_by and r.done_at is not None] if step.not_by else []
    if before and (before[-1].body, before[-1].person) == (message.body, message.person):
        return Refusal(f"“{before[-1].words}”由{message.person}办理，同一人不得再办理“{run.words}”，请另派人员")
    return None


def _outcome(step: Step, message: TakeStep) -> Outcome | Refusal:
    if not message.outcome and len(step.ends) == 1:
        return step.ends[0]
    known = "、".join(f"{end.name} {end.title}" for end in step.ends)
    if not message.outcome:
        return Refusal(f"请写明“{step.title}”的结果（outcome）：{known}")
    found = next((end for end in step.ends if message.outcome in (end.name, end.title)), None)
    return found or Refusal(f"“{step.title}”没有结果“{message.outcome}”，可写：{known}")


def _facts(
    turn: Turn, message: TakeStep, procedure: Procedure, own: tuple[Fact, ...], following: Step | None
) -> dict[str, tuple[str, ...]] | Refusal:
    """What is stated with the step: its own, its outcome's, and what the next one needs."""
    next_ones = tuple(may_be_lacking(procedure, following)) if following is not None else ()
    facts = stated(message.facts, (*next_ones, *own), turn.today)
    if isinstance(facts, Refusal):
        return facts
    known = {**turn.state.facts, **facts}
    needed = [fact for fact in own if fact.needed(known) and fact.name not in facts]
    if following is not None:
        names = {fact.name for fact in needed}
        needed += [fact for fact in lacking(procedure, following, known) if fact.name not in names]
    refusal = refuse_unstated(needed) or refuse_period(known) or refuse_misplaced(procedure.stated, known, facts)
    if refusal is not None:
        return refusal
    most = MOST_STATED if _bytes_of(turn.state.stated) <= MOST_KEPT else LITTLE
    if _bytes_of(facts) > most:
        return Refusal(f"所写事项过长，合计最多{most}字节：请缩短，材料写明文号或链接")
    return facts


def _refuse_telling(turn: Turn, taking: _Taking) -> Refusal | None:
    bodies = len(turn.state.roles.of(*taking.step.tells))
    counted = sum(len(count.words.encode()) + len(count.why.encode()) for count in taking.counted.values())
    if bodies * (_bytes_of(taking.facts) + counted + len(taking.message.note.encode())) <= MOST_TELLING:
        return None
    return Refusal(f"所写内容过长，须告知{bodies}个单位：请缩短，材料写明文号或链接")


def _take(turn: Turn, taking: _Taking) -> None:
    run, procedure = taking.run, taking.procedure
    replace_run(turn, run)
    counted = {name: count for name, count in turn.state.counted.items() if name not in taking.facts}
    turn.update(stated={**turn.state.stated, **taking.facts}, counted={**counted, **taking.counted})
    turn.update(roles=of_the_item(turn.state.roles, procedure, turn.state.facts))
    changes = () if taking.outcome.goes_on else _no_longer_owed(turn, run)
    turn.enter(EntryKind.STEP_TAKEN, _text(turn, taking), *changes, _record(turn, taking), *_told(turn, taking))
    facts = _known_now(turn, taking)
    for number, opening in enumerate(taking.outcome.opens, start=1):
        for part, handed in _handed(opening, facts):
            turn.enter(
                EntryKind.ITEM_OPENED,
                f"“{run.words}”的结果为“{taking.outcome.title}”，另行立项（程序 {opening.procedure}）",
                OpeningChange(key=f"{taking.key}/opens/{number}{part}", procedure=opening.procedure, facts=handed),
            )

    for number, ask in enumerate(taking.outcome.asks, start=1):
        ended = Ended(
            run=run,
            ending=taking.ending,
            facts=facts,
            stated=taking.facts,
            counted=taking.counted,
            procedure=procedure,
            message=taking.message,
        )
        wish = asked(turn, f"{taking.key}/asks/{number}", ask, ended)
        if wish is not None:
            turn.enter(EntryKind.ACT_ASKED, words_of(run, taking.outcome, wish), wish)


def _known_now(turn: Turn, taking: _Taking) -> Facts:
    """What is known of the item; what this outcome may leave out is not that of another time."""
    own = {fact.name for fact in taking.outcome.facts}
    return {name: values for name, values in turn.state.facts.items() if name not in own or name in taking.facts}


def _no_longer_owed(turn: Turn, run: StepRun) -> tuple[Change, ...]:
    """What asks for a step that is done is no longer true."""
    owed = turn.state.obligation(obligation_of(run))
    why = f"“{run.words}”已办理"
    called = NoticesWithdrawn(subjects=(obligation_of(run),), kinds=(NoticeKind.ADVANCE_NOTICE,), reason=why)
    return (*(close(turn, owed) if owed is not None else ()), called)


def _handed(opening: Opening, facts: Facts) -> Iterator[tuple[str, dict[str, tuple[str, ...]]]]:
    """What the items are opened with that an outcome opens, of several each with the end of its key."""
    handed = {name: facts[own] for name, own in opening.facts.items() if facts.get(own)}
    if opening.each is None:
        yield "", handed
        return
    for position, value in enumerate(dict.fromkeys(facts.get(opening.each, ())), start=1):
        yield f"/{position}", handed | {n: (value,) for n, own in opening.facts.items() if own == opening.each}


def _text(turn: Turn, taking: _Taking) -> str:
    late = (turn.today - taking.run.due_on).days
    stated_words = in_words(taking.facts, taking.procedure, taking.counted)
    parts = (taking.ending, stated_words, taking.message.note, f"逾期{late}天办理" if late > 0 else "")
    said = "；".join(part for part in parts if part)
    return f"{taking.message.body}办理“{taking.run.words}”{'：' if said else ''}{said}"


def _record(turn: Turn, taking: _Taking) -> RecordChange:
    run = taking.run
    said = {
        "step": run.step,
        "outcome": taking.outcome.name,
        "due_on": run.due_on.isoformat(),
        "note": taking.message.note,
    }
    said |= {f"fact.{name}": "、".join(values) for name, values in taking.facts.items()}
    said |= {f"counted.{name}": count.words for name, count in taking.counted.items()}
    said |= {f"why.{name}": count.why for name, count in taking.counted.items()}
    return RecordChange(
        id=f"step/{taking.key}",
        kind="step",
        subject=run.key,
        body=taking.message.body,
        person=taking.message.person,
        at=turn.at,
        facts={name: text for name, text in said.items() if text},
    )


def _told(turn: Turn, taking: _Taking) -> Iterator[NoticeIntent]:
    """What came of a step, told to those whom the rules name, under a number where they want one.

    Of parts of a step nobody is told: they hear of the whole, and of the items that parts open.
    """
    if taking.outcome.goes_on:
        return
    run, step = taking.run, taking.step
    said = {
        "what": "step_result",
        "title": run.words,
        "procedure": taking.procedure.title,
        "outcome": taking.ending,
        "note": taking.message.note,
        **dict(told({**_about(turn, step), **taking.facts}, taking.procedure.stated, turn.state.counts)),
    }
    route = route_of(step, turn.state.facts) or step.routes[0]
    source = taking.outcome.source or route.source
    for recipient in turn.state.roles.of(*step.tells, *route.jointly):
        head = turn.state.roles.head_on(recipient, turn.today) if step.to_head else ""
        person = "、".join(turn.state.facts.get(step.to_person, ()))
        yield NoticeIntent(
            key=f"{run.key}/result",
            kind=NoticeKind.OTHER,
            subject=f"{run.key}/result",
            recipient=recipient,
            issuer=taking.message.body,
            issued_at=turn.now,
            deliver_not_before=turn.deliver_from,
            paper=taking.outcome.paper or step.paper,
            facts={name: text for name, text in {**said, "head": head, "for_person": person}.items() if text},
            explanation=Explanation(due_on=turn.today, citation=turn.cite(step.title, source)),
        )


def _about(turn: Turn, step: Step) -> Facts:
    """What an item was opened with: whoever is told of a step may know of the item by this paper alone."""
    facts = turn.state.definition.facts
    return facts if len(turn.state.roles.of(*step.tells)) * _bytes_of(facts) <= MOST_TELLING else {}


def _bytes_of(facts: Facts) -> int:
    return sum(len(value.encode()) for values in facts.values() for value in values)
