"""The word before the deadline (期前说明): the handling body is asked whether it will be met, and says so in time.

What it says extends nothing. What does not come before the deadline does not come any more: that is on record.
Bozhou 2015, paragraph 28 (期限内不能办结的,承办单位要提前向交办单位报告原因和进展情况).
"""

from datetime import UTC, date, datetime

from duban.supervision.days.calendar import ONE_DAY, spread_of
from duban.supervision.levels.lag import before
from duban.supervision.rules.owed import Duty
from duban.supervision.rules.parts import HANDLING_BODY, SUPERVISING_BODY
from duban.supervision.rules.policy import Policy
from duban.supervision.tasks.duties import close, owe
from duban.supervision.tasks.entries import (
    Change,
    EntryKind,
    Explanation,
    NoticeIntent,
    NoticeKind,
    ObligationStatus,
    RecordChange,
)
from duban.supervision.tasks.messages import SubmitExplanation
from duban.supervision.tasks.state import Milestone, Obligation, TaskState
from duban.supervision.tasks.turn import Refusal, Turn, day_text

TITLE = "期前说明"


def final_of(state: TaskState) -> Milestone | None:
    """The milestone that completes a task, while it is unmet."""
    return next((m for m in state.unmet if m.final), None)


def asked_on(state: TaskState, policy: Policy) -> date | None:
    """The local date on which to ask whether the last deadline will be met; None when that is dealt with.

    Of a task that begins shortly before its deadline, the first working day after.
    """
    rule, final = policy.regime.explained_before, final_of(state)
    if rule is None or final is None or state.definition.open_ended or state.foretold_for == final.due_on:
        return None
    day = before(rule.ahead, final.due_on, policy.calendar)
    day = max(day, policy.calendar.working_day_from(state.entered_on + ONE_DAY))
    return day if day <= final.due_on else None


def ask_at(state: TaskState, policy: Policy) -> datetime | None:
    """The business moment of that question."""
    day = asked_on(state, policy)
    return None if day is None else policy.calendar.office_moment(day, spread_of(state.code))


def ask_ahead(turn: Turn) -> None:
    """Ask whether the last deadline will be met, if it is time; too late to ask, it is on record that nobody said."""
    moment, final, rule = ask_at(turn.state, turn.policy), final_of(turn.state), turn.regime.explained_before
    if moment is None or moment > turn.now or final is None or rule is None:
        return
    turn.update(foretold_for=final.due_on)
    if turn.calendar.zone.local_date(turn.deliver_from) > final.due_on:
        turn.enter(
            EntryKind.FORETELLING, f"第{final.number}个节点（{final.phrase}）到期前未能征询能否按期办结，不再征询"
        )
        return
    handling = turn.state.roles.first(HANDLING_BODY)
    subject = f"m{final.number}/before/{final.due_on.isoformat()}"
    again = f"a{turn.state.amendments}" if turn.state.amendments else ""
    obligation, owed = owe(
        turn,
        Duty.ADVANCE_EXPLANATION,
        handling,
        subject,
        not_before=turn.deliver_from,
        due_on=final.due_on,
        again=again,
    )
    asked = NoticeIntent(
        key=obligation.id,
        kind=NoticeKind.REQUEST,
        subject=obligation.id,
        recipient=handling,
        issuer=turn.state.roles.first(SUPERVISING_BODY),
        issued_at=turn.now,
        deliver_not_before=turn.deliver_from,
        duty=Duty.ADVANCE_EXPLANATION,
        respond_by=final.due_on,
        facts={"milestone": str(final.number)},
        explanation=Explanation(
            milestone_phrase=final.phrase,
            milestone_due_on=final.due_on,
            due_on=turn.calendar.zone.local_date(moment),
            provisional=turn.calendar.is_provisional(final.due_on),
            citation=turn.cite(TITLE, rule.source, rule.assumed),
        ),
    )
    text = f"征询{handling}：第{final.number}个节点（{final.phrase}）能否于{day_text(final.due_on)}按期办结"
    turn.enter(EntryKind.FORETELLING, text, owed, asked)


def explain_ahead(turn: Turn, message: SubmitExplanation) -> Refusal | None:
    """What the handling body says before the deadline, asked or not; later it is on record as late."""
    final = final_of(turn.state)
    if turn.regime.explained_before is None:
        return Refusal("本督办规则没有规定期前说明，请去掉能否按期办结（on_time）和进展情况（progress）后重报")
    if final is None or turn.state.definition.open_ended:
        return Refusal("本任务没有未完成的最终节点，无须作期前说明")
    if not message.on_time and not message.progress:
        return Refusal("不能按期办结的，须写明原因（text）和进展情况（progress）")
    is_late = turn.today > final.due_on
    answer = "能够按期办结" if message.on_time else "不能按期办结"
    progress = f"；进展情况：{message.progress}" if message.progress else ""
    standing = "在期限之后提出，不作为期前说明" if is_late else "原期限不变"
    text = (
        f"{message.body}说明：第{final.number}个节点（{day_text(final.due_on)}到期）{answer}。{message.text}{progress}"
    )
    status, reason = (ObligationStatus.LAPSED, "期限之前未作说明") if is_late else (ObligationStatus.MET, "")
    changes: list[Change] = [_record(turn, message, final)]
    for owed in _owing(turn.state, final.number):
        changes.extend(close(turn, owed, status, reason))
    turn.update(foretold_for=final.due_on)
    changes.extend(_tell(turn, message, final, f"{text}。{standing}。"))
    turn.enter(EntryKind.EXPLAINED, f"{text}（{standing}）", *changes)
    return None


def lapse_asked(turn: Turn, number: int, reason: str) -> tuple[Change, ...]:
    """A milestone is met, moved or withdrawn: nothing need be said of the deadline that it had."""
    changes: list[Change] = []
    for owed in _owing(turn.state, number):
        changes.extend(close(turn, owed, ObligationStatus.LAPSED, reason))
    return tuple(changes)


def ask_anew(turn: Turn, number: int, reason: str) -> tuple[Change, ...]:
    """A milestone has another date, or is another's: what was said of it before says nothing of it now."""
    if (milestone := turn.state.milestone(number)) is not None and milestone.final:
        turn.update(foretold_for=None)
    return lapse_asked(turn, number, reason)


def note_unexplained(turn: Turn) -> None:
    """A deadline has passed without a word: on record, and nobody is chased for what cannot come in time any more."""
    for obligation in turn.state.owing(Duty.ADVANCE_EXPLANATION):
        day = obligation.next_chase_on
        if day is not None and turn.calendar.office_moment(day, turn.spread) <= turn.now:
            _note(turn, obligation)


def _note(turn: Turn, obligation: Obligation) -> None:
    if turn.state.suspended_on(obligation.due_on):
        reason = "期限在暂停期间，无须说明"
        text = f"{obligation.owed_by}的{TITLE}：{reason}"
    else:
        reason = "期限之前未作说明"
        deadline = day_text(obligation.due_on)
        text = f"{obligation.owed_by}未在期限（{deadline}）之前说明不能按期办结的原因和进展情况，记录在案"
    turn.enter(EntryKind.FORETELLING, text, *close(turn, obligation, ObligationStatus.LAPSED, reason))


def _owing(state: TaskState, number: int) -> tuple[Obligation, ...]:
    return tuple(o for o in state.owing(Duty.ADVANCE_EXPLANATION) if o.subject.startswith(f"m{number}/"))


def _record(turn: Turn, message: SubmitExplanation, final: Milestone) -> RecordChange:
    at = min(message.occurred_at, turn.now).astimezone(UTC) if message.occurred_at else turn.at
    facts = {
        "on_time": "是" if message.on_time else "否",
        "text": message.text,
        "progress": message.progress,
        "due_on": final.due_on.isoformat(),
    }
    return RecordChange(
        id=f"advance_explanation/{turn.state.version + 1}",
        kind="advance_explanation",
        subject=f"m{final.number}",
        body=message.body,
        person=message.person,
        at=at,
        facts={name: value for name, value in facts.items() if value},
    )


def _tell(turn: Turn, message: SubmitExplanation, final: Milestone, text: str) -> tuple[Change, ...]:
    supervising, rule = turn.state.roles.first(SUPERVISING_BODY), turn.regime.explained_before
    if supervising == message.body or rule is None:
        return ()
    key = f"m{final.number}/told/{turn.state.version + 1}"
    told = NoticeIntent(
        key=key,
        kind=NoticeKind.OTHER,
        subject=key,
        recipient=supervising,
        issuer=message.body,
        issued_at=turn.now,
        deliver_not_before=turn.deliver_from,
        facts={"what": "foretold", "title": TITLE, "text": text},
        explanation=Explanation(
            milestone_phrase=final.phrase,
            milestone_due_on=final.due_on,
            due_on=turn.today,
            citation=turn.cite(TITLE, rule.source, rule.assumed),
        ),
    )
    return (told,)
