"""A task that goes step by step: one step at a time waits for somebody, is noticed, called to mind, chased and taken.

Only a person's step leads on, and only a person's step ends the item. What the next step needs (its last day, who takes
it) has to be stated with the step before, so that nothing begins that waits for nobody.
"""

from collections.abc import Mapping
from datetime import date

from duban.supervision.rules.authority import Act
from duban.supervision.rules.owed import Duty
from duban.supervision.rules.procedures import Fact, Outcome, Procedure, Step
from duban.supervision.steps.counted import LedgerCount
from duban.supervision.steps.stating import Facts, told, wanted_words
from duban.supervision.steps.step_days import (
    after_a_pause,
    announce_at,
    announced_on,
    first_day,
    last_day,
    spread_evenly,
)
from duban.supervision.steps.step_rules import lacking, route_of, step_of, why_due
from duban.supervision.tasks.duties import chaser_of, owe
from duban.supervision.tasks.entries import (
    Change,
    EntryKind,
    Explanation,
    NoticeIntent,
    NoticeKind,
    NoticesWithdrawn,
)
from duban.supervision.tasks.state import StepRun, Suspension, TaskState
from duban.supervision.tasks.turn import Refusal, Turn, day_text

REMEMBERED_STEPS = 100
"""How many steps that were taken an item keeps, and of every step the newest; the ledger keeps all."""

INSTEAD: dict[Act, str] = {
    Act.PROGRESS: "请用 take_step（starter.py step）办理当前步骤并写明情况",
    Act.ACCEPT: "无须签收，请用 take_step（starter.py step）办理当前步骤",
    Act.SUBMIT_EXPLANATION: "请用 take_step（starter.py step）办理当前步骤并写明情况",
    Act.REQUEST_EXTENSION: "步骤的期限由督察责任主体调整（amend，写明 step_due_on 和理由）",
    Act.CARRY_OVER: "步骤的期限由督察责任主体调整（amend，写明 step_due_on 和理由）",
    Act.REQUEST_STRIKE_OFF: "最后一步办理完毕即办结，请用 take_step（starter.py step）办理当前步骤",
    Act.VERIFY: "最后一步办理完毕即办结，请用 take_step（starter.py step）办理当前步骤",
    Act.RETURN_FOR_REWORK: "是否退回由下一步骤的结果决定，请用 take_step（starter.py step）办理",
}
"""What does not fit an item that goes step by step, and what to do instead."""


def refuse_other_life(state: TaskState, act: Act) -> Refusal | None:
    """Why an act does not fit the way in which a task is seen through."""
    if not state.definition.procedure:
        if act is not Act.TAKE_STEP:
            return None
        return Refusal("本任务不按步骤办理：请用 progress 报告进展、用 request_strike_off 申请销号")
    instead = INSTEAD.get(act)
    return Refusal(f"本事项按步骤办理，不适用于此：{instead}") if instead else None


def register_item(turn: Turn, procedure: Procedure) -> None:
    """Enter the item in the ledger with what was stated; its first step begins."""
    task = turn.state.definition
    stated = in_words(task.facts, procedure, task.counted)
    concerned = f"；所涉事项：{'、'.join(task.concerns)}" if task.concerns else ""
    text = f"立项登记：{task.title}（{procedure.title}，共{len(procedure.steps)}步）"
    turn.enter(EntryKind.REGISTERED, f"{text}{'；' if stated else ''}{stated}{concerned}")
    begin_step(turn, procedure, procedure.steps[0])


def begin_step(turn: Turn, procedure: Procedure, step: Step, after: StepRun | None = None) -> None:
    """A step waits for whoever owes it from now on.

    Args:
        after: The occurrence of the same step that was taken before this one.
    """
    facts = turn.state.facts
    route = route_of(step, facts)
    assert route is not None and not tuple(lacking(procedure, step, facts))  # noqa: S101, PT018 - asked for before
    told_on = turn.calendar.zone.local_date(turn.deliver_from)
    run = _run(turn, step, route.by, told_on, after)
    day = announced_on(run, turn.policy)
    if day is not None and day <= told_on:  # the notice of its beginning calls it to mind
        run = run.model_copy(update={"announced_for": run.due_on})
    body = turn.state.roles.first(route.by)
    turn.update(steps=(*_remembered(turn.state.steps), run))
    obligation, owed = owe(turn, Duty.STEP, body, run.key, not_before=turn.deliver_from, due_on=run.due_on)
    late = "（期限已过）" if run.due_on < told_on else ""
    turn.enter(
        EntryKind.STEP_BEGUN,
        f"“{run.words}”由{body}{_with(turn, step)}办理，期限{day_text(run.due_on)}{late}",
        owed,
        NoticeIntent(
            key=run.key,
            kind=NoticeKind.REQUEST,
            subject=obligation.id,
            recipient=body,
            issuer=chaser_of(turn, body),
            issued_at=turn.now,
            deliver_not_before=turn.deliver_from,
            duty=Duty.STEP,
            respond_by=run.due_on,
            facts=_asked(turn, procedure, step, run),
            explanation=Explanation(
                due_on=turn.today,
                provisional=turn.calendar.is_provisional(run.due_on),
                citation=turn.cite(step.title, route.source, step.assumed),
                respond_by_rule=why_due(turn, run),
            ),
        ),
    )


def announce_step(turn: Turn) -> None:
    """Call the last day of the step that waits to mind; too late it is entered as not given."""
    run, moment = turn.state.open_step, announce_at(turn.state, turn.policy)
    if run is None or moment is None or moment > turn.now:
        return
    day = announced_on(run, turn.policy) or turn.today
    replace_run(turn, run.model_copy(update={"announced_for": run.due_on}))
    if turn.calendar.zone.local_date(turn.deliver_from) > run.due_on:
        turn.enter(EntryKind.ADVANCE_NOTICE, f"“{run.words}”的预告提醒未能在到期前发出，不再补发")
        return
    owed = turn.state.obligation(obligation_of(run))
    procedure, step = turn.procedure, step_of(turn, run)
    if owed is None or procedure is None or step is None or step.announce is None:
        return
    turn.enter(
        EntryKind.ADVANCE_NOTICE,
        f"预告提醒：“{run.words}”将于{day_text(run.due_on)}到期",
        NoticeIntent(
            key=f"{run.key}/advance/{run.due_on.isoformat()}/{turn.state.amendments}",
            kind=NoticeKind.ADVANCE_NOTICE,
            subject=owed.id,
            recipient=owed.owed_by,
            issuer=chaser_of(turn, owed.owed_by),
            issued_at=turn.now,
            deliver_not_before=turn.deliver_from,
            duty=Duty.STEP,
            respond_by=run.due_on,
            facts=_asked(turn, procedure, step, run),
            explanation=Explanation(
                due_on=day,
                provisional=turn.calendar.is_provisional(run.due_on),
                citation=turn.cite_limit(f"{step.title}到期前预告提醒", step.announce),
                respond_by_rule=why_due(turn, run),
            ),
        ),
    )


def move_last_day(turn: Turn, day: date, reason: str) -> tuple[Change, ...]:
    """Another last day for the step that waits; the one first reckoned is kept."""
    run = turn.state.open_step
    owed = turn.state.obligation(obligation_of(run)) if run is not None else None
    if run is None or owed is None:
        return ()
    moved = run.model_copy(update={"due_on": day, "announced_for": None})
    announced = announced_on(moved, turn.policy)
    if announced is not None and announced <= turn.today:
        moved = moved.model_copy(update={"announced_for": day})
    replace_run(turn, moved)
    turn.update(obligations=tuple(o for o in turn.state.obligations if o.id != owed.id))
    _, change = owe(turn, Duty.STEP, owed.owed_by, run.key, not_before=owed.not_before, due_on=day)
    kinds = (NoticeKind.CHASE, NoticeKind.ADVANCE_NOTICE)
    return (change, NoticesWithdrawn(subjects=(owed.id,), kinds=kinds, reason=reason))


def run_on(turn: Turn, pause: Suspension) -> tuple[Change, ...]:
    """A suspension is over: the limit of the step that waits, which stood still, runs on."""
    run = turn.state.open_step
    if run is None or pause.until_on is None:
        return ()
    day = after_a_pause(run, step_of(turn, run), pause.from_on, pause.until_on, turn.policy)
    return move_last_day(turn, day, "暂停期满，期限顺延") if day != run.due_on else ()


def overdue_since(state: TaskState, day: date) -> date | None:
    """The last day of the step that waits, where it is over on a local day."""
    run = state.open_step
    return run.due_on if run is not None and run.due_on < day else None


def chased_since(state: TaskState) -> date | None:
    """The last day of the step that waits, where it has been chased since: what the ledger keeps."""
    run = state.open_step
    owed = state.obligation(obligation_of(run)) if run is not None else None
    return run.due_on if run is not None and owed is not None and owed.chases else None


def obligation_of(run: StepRun) -> str:
    """The id of what is owed for a step."""
    return f"{run.key}/{Duty.STEP.value}"


def replace_run(turn: Turn, run: StepRun) -> None:
    """Put a changed step in its place."""
    turn.update(steps=tuple(run if other.key == run.key else other for other in turn.state.steps))


def in_words(facts: Facts, procedure: Procedure, counted: Mapping[str, LedgerCount]) -> str:
    """What was stated, in one line."""
    return "；".join(f"{title}：{text}" for title, text in told(facts, procedure.stated, counted))


def _run(turn: Turn, step: Step, by: str, told_on: date, after: StepRun | None) -> StepRun:
    facts = turn.state.facts
    number = max((run.number for run in turn.state.steps), default=0) + 1
    occurrence = after.occurrence + 1 if after is not None else 1
    within = after.within if after is not None else None
    last = last_day(step, facts, told_on, turn.policy)
    assert last is not None  # noqa: S101 - what is lacking for it was asked for
    if step.times > 1:
        within = within or (first_day(facts, told_on), last)
        last = spread_evenly(within, occurrence, step.times)
    if step.ahead:
        last = turn.calendar.working_day_before(last)
    key = f"s{number}/{step.id}" if step.times == 1 else f"s{number}/{step.id}/{occurrence}"
    return StepRun(
        key=key,
        step=step.id,
        title=step.title,
        by=by,
        occurrence=occurrence,
        times=step.times,
        within=within,
        begun_at=turn.at,
        told_on=told_on,
        baseline_on=last,
        due_on=last,
    )


def _asked(turn: Turn, procedure: Procedure, step: Step, run: StepRun) -> dict[str, str]:
    """What a notice about a step tells: what the item is about, what to state, how it can end, how to answer."""
    facts = {
        "title": run.words,
        "owed": run.words,
        "procedure": procedure.title,
        "会同": _joined(turn, step),
        "outcomes": "；".join(_ending(end, step) for end in step.outcomes),
        "states": "、".join(wanted_words(fact) for fact in step.facts),
        "concerns": "、".join(turn.state.definition.concerns),
        "answer": f"starter.py step {turn.state.code}",
        "request": obligation_of(run),
        **dict(told(turn.state.facts, procedure.stated, turn.state.counts)),
    }
    return {name: text for name, text in facts.items() if text}


def _joined(turn: Turn, step: Step) -> str:
    """Who takes a step together with the one that owes it."""
    route = route_of(step, turn.state.facts)
    return "、".join(turn.state.roles.of(*route.jointly)) if route is not None else ""


def _with(turn: Turn, step: Step) -> str:
    joined = _joined(turn, step)
    return f"会同{joined}" if joined else ""


def _ending(end: Outcome, step: Step) -> str:
    needs: tuple[Fact, ...] = end.facts
    more = f"，另须写明{'、'.join(wanted_words(fact) for fact in needs)}" if needs else ""
    return f"{end.name} {end.title}{more}" if len(step.outcomes) > 1 or more else ""


def _remembered(runs: tuple[StepRun, ...]) -> tuple[StepRun, ...]:
    newest = {run.step: run.key for run in runs}
    kept = {run.key for run in runs[-REMEMBERED_STEPS:]} | set(newest.values())
    return tuple(run for run in runs if run.key in kept)
