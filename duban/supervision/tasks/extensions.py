"""Later dates: extension and carry-over. The baseline is kept; a pending request changes nothing."""

from datetime import date

from duban.supervision.days.calendar import FARTHEST
from duban.supervision.rules.owed import Duty
from duban.supervision.rules.parts import HANDLING_BODY, SUPERVISING_BODY
from duban.supervision.tasks.duties import close, lapse_extension, limit_of, owe
from duban.supervision.tasks.entries import (
    Change,
    DecisionChange,
    EntryKind,
    Explanation,
    NoticeIntent,
    NoticeKind,
    NoticesWithdrawn,
)
from duban.supervision.tasks.foretelling import ask_anew
from duban.supervision.tasks.granting import decider_of_extension, is_own_request
from duban.supervision.tasks.limits_by_kind import refuse_beyond
from duban.supervision.tasks.messages import (
    CarryOver,
    Cause,
    Decide,
    RequestExtension,
)
from duban.supervision.tasks.state import Milestone, Obligation, PendingExtension
from duban.supervision.tasks.turn import Refusal, Turn, day_text
from duban.supervision.words import CAUSE_WORDS


def request_extension(turn: Turn, message: RequestExtension) -> Refusal | None:
    """Ask for a later date; until it is decided nothing changes."""
    milestone = turn.state.milestone(message.milestone)
    if milestone is None or milestone.withdrawn_at is not None:
        known = "、".join(str(m.number) for m in turn.state.milestones if m.withdrawn_at is None) or "无"
        return Refusal(f"本任务没有第{message.milestone}个节点（现有节点：{known}），请核对节点序号")
    if milestone.met_at is not None:
        return Refusal(f"第{message.milestone}个节点已完成，无须延期")
    if message.new_due_on <= milestone.due_on:
        return Refusal(f"延期后的日期须晚于现行期限{day_text(milestone.due_on)}")
    if message.new_due_on < turn.today:
        return Refusal(f"延期后的日期{day_text(message.new_due_on)}早于今天，请核对")
    if message.new_due_on - turn.today > FARTHEST:
        return Refusal(f"延期后的日期{day_text(message.new_due_on)}过于遥远，请核对年份")
    if (refusal := refuse_beyond(turn, message.new_due_on)) is not None:
        return refusal
    if any(e.milestone == message.milestone for e in turn.state.extensions):
        return Refusal(f"第{message.milestone}个节点已有待审批的延期申请，请等待决定")
    number = turn.state.extension_count + 1
    decider = decider_of_extension(turn, milestone, message.new_due_on)
    obligation, owed = owe(turn, Duty.EXTENSION_DECISION, decider, f"x{number}", not_before=turn.deliver_from)
    pending = PendingExtension(
        obligation=obligation.id,
        milestone=message.milestone,
        new_due_on=message.new_due_on,
        reason=message.reason,
        body=message.body,
        person=message.person,
    )
    turn.update(extension_count=number, extensions=(*turn.state.extensions, pending))
    text = f"{message.body}申请将第{milestone.number}个节点延期至{day_text(message.new_due_on)}：{message.reason}"
    turn.enter(
        EntryKind.EXTENSION_REQUESTED,
        text,
        owed,
        NoticeIntent(
            key=obligation.id,
            kind=NoticeKind.DECISION,
            subject=obligation.id,
            recipient=decider,
            issuer=message.body,
            issued_at=turn.now,
            deliver_not_before=turn.deliver_from,
            duty=Duty.EXTENSION_DECISION,
            respond_by=obligation.due_on,
            facts={"request": obligation.id, "text": text},
            explanation=Explanation(
                milestone_phrase=milestone.phrase,
                milestone_due_on=milestone.due_on,
                due_on=turn.today,
                citation=limit_of(turn, Duty.EXTENSION_DECISION),
            ),
        ),
    )
    return None


def decide_extension(turn: Turn, message: Decide, obligation: Obligation, decision: DecisionChange) -> Refusal | None:
    """Move the milestone, or leave it; either way the handling body is told."""
    pending = next(e for e in turn.state.extensions if e.obligation == obligation.id)
    if is_own_request(turn.state, turn.policy, message, pending.body, pending.person):
        return Refusal("延期申请人不得审批自己的申请，请另派人员决定")
    if message.approve and (refusal := refuse_beyond(turn, pending.new_due_on)) is not None:
        return refusal
    milestone = turn.state.milestone(pending.milestone)
    turn.update(extensions=tuple(e for e in turn.state.extensions if e is not pending))
    changes: list[Change] = [decision, *close(turn, obligation)]
    verdict = "同意" if message.approve else "不同意"
    if message.approve and milestone is not None:
        changes.extend(_move(turn, milestone, pending.new_due_on))
        turn.update(extended=(*turn.state.extended, milestone.number))
    reason = f"：{message.reason}" if message.reason else ""
    text = f"{message.body}{verdict}第{pending.milestone}个节点延期至{day_text(pending.new_due_on)}{reason}"
    turn.enter(EntryKind.DECIDED, text, *changes, _told(turn, obligation.subject, text))
    return None


def _move(turn: Turn, milestone: Milestone, day: date) -> tuple[Change, ...]:
    """A later date in force; the baseline stays. The old date's advance notice is no longer true."""
    withdrawn = NoticesWithdrawn(
        subjects=(f"m{milestone.number}",), kinds=(NoticeKind.ADVANCE_NOTICE,), reason=f"已延期至{day_text(day)}"
    )
    moved = turn.replace_milestone(milestone.model_copy(update={"due_on": day}))
    return (moved, withdrawn, *ask_anew(turn, milestone.number, f"期限已改为{day_text(day)}"))


def _told(turn: Turn, subject: str, text: str) -> NoticeIntent:
    """The result of a decision, told to the handling body."""
    return NoticeIntent(
        key=f"{subject}/result",
        kind=NoticeKind.OTHER,
        subject=f"{subject}/result",
        recipient=turn.state.roles.first(HANDLING_BODY),
        issuer=turn.state.roles.first(SUPERVISING_BODY),
        issued_at=turn.now,
        deliver_not_before=turn.deliver_from,
        facts={"what": "result", "text": text},
        explanation=Explanation(due_on=turn.today, citation=turn.cite("决定告知", turn.regime.authority.source)),
    )


def carry_over(turn: Turn, message: CarryOver) -> Refusal | None:
    """Into next year's list, for objective reasons only; subjective ones are for investigation (查办)."""
    if message.cause is Cause.SUBJECTIVE:
        return Refusal("因主观原因未完成的事项不予结转，应按查办程序处理")
    unmet = turn.state.unmet
    if not unmet:
        return Refusal("本任务没有未完成的节点，无须结转")
    milestone = unmet[-1]
    if message.new_due_on <= milestone.due_on or message.new_due_on < turn.today:
        return Refusal(f"结转后的期限须晚于现行期限{day_text(milestone.due_on)}，且不得早于今天")
    if message.new_due_on - turn.today > FARTHEST:
        return Refusal(f"结转后的期限{day_text(message.new_due_on)}过于遥远，请核对年份")
    if (refusal := refuse_beyond(turn, message.new_due_on)) is not None:
        return refusal
    changes: list[Change] = []
    for node in unmet:
        if node.due_on < turn.today or node is milestone:
            changes.extend(_move(turn, node, message.new_due_on))
            changes.extend(lapse_extension(turn, node.number, "已结转"))
    text = f"因{CAUSE_WORDS[message.cause]}结转，期限改为{day_text(message.new_due_on)}：{message.reason}"
    number = turn.state.version + 1
    turn.enter(EntryKind.CARRIED_OVER, text, *changes, _told(turn, f"carry_over/{number}", text))
    return None
