"""Strike-off: asked for with the deliverable, verified by somebody else (对账销号).

An unbroken chain: neither time nor an interim report closes a task.
"""

from duban.supervision.rules.owed import Duty
from duban.supervision.tasks.duties import close, owe
from duban.supervision.tasks.entries import (
    Change,
    EntryKind,
    Explanation,
    NoticeIntent,
    NoticeKind,
)
from duban.supervision.tasks.granting import is_own_request, verifier_of
from duban.supervision.tasks.life import finish
from duban.supervision.tasks.messages import (
    RequestStrikeOff,
    Verify,
)
from duban.supervision.tasks.reporting import meet
from duban.supervision.tasks.returning import return_strike_off
from duban.supervision.tasks.state import Requester, Stage
from duban.supervision.tasks.turn import Refusal, Turn


def request_strike_off(turn: Turn, message: RequestStrikeOff) -> Refusal | None:
    """The task is done: its deliverable is in; this meets the final milestone."""
    state = turn.state
    if state.stage is Stage.STRIKE_OFF_REQUESTED:
        return Refusal("销号申请已提交，正在等待核验，无须重复提交")
    if not message.deliverable:
        return Refusal("销号申请必须附成果（deliverable），例如成果文件的文号或链接")
    open_nodes = [m for m in state.unmet if not m.final]
    if open_nodes:
        names = "、".join(f"第{m.number}个（{m.phrase}）" for m in open_nodes)
        return Refusal(f"尚有节点未报告完成：{names}。请先报告这些节点并写明依据，再申请销号")
    changes: list[Change] = []
    for milestone in state.unmet:
        changes.extend(meet(turn, milestone.number, message.id, message.deliverable))
    for obligation in state.owing(Duty.ACCEPTANCE, Duty.FEEDBACK, Duty.CYCLE_REPORT):
        changes.extend(close(turn, obligation))
    verifier = verifier_of(turn)
    obligation, owed = owe(
        turn, Duty.VERIFICATION, verifier, f"strike_off/{state.returns}", not_before=turn.deliver_from
    )
    limit = turn.regime.limits[Duty.VERIFICATION]
    turn.update(
        stage=Stage.STRIKE_OFF_REQUESTED,
        deliverable=message.deliverable,
        requester=Requester(body=message.body, person=message.person, message=message.id),
    )
    turn.enter(
        EntryKind.STRIKE_OFF_REQUESTED,
        f"{message.body}申请销号，成果：{message.deliverable}",
        *changes,
        owed,
        NoticeIntent(
            key=obligation.id,
            kind=NoticeKind.REQUEST,
            subject=obligation.id,
            recipient=verifier,
            issuer=message.body,
            issued_at=turn.now,
            deliver_not_before=turn.deliver_from,
            duty=Duty.VERIFICATION,
            respond_by=obligation.due_on,
            facts={"deliverable": message.deliverable, "note": message.note},
            explanation=Explanation(due_on=turn.today, citation=turn.cite_limit("对账销号", limit)),
        ),
    )
    return None


def verify(turn: Turn, message: Verify) -> Refusal | None:
    """The supervising side checks the deliverable: struck off, or returned for rework."""
    state, requester = turn.state, turn.state.requester
    if state.stage is not Stage.STRIKE_OFF_REQUESTED or requester is None:
        return Refusal("没有待核验的销号申请")
    if is_own_request(state, turn.policy, message, requester.body, requester.person):
        return Refusal("销号申请人不得核验自己的申请，请由督察责任主体另派人员核验")
    if not message.passed:
        if not message.note:
            return Refusal("核验不通过须写明原因（note）")
        return return_strike_off(turn, message.note)
    if state.unmet:  # a report was returned while the request waited
        names = "、".join(f"第{m.number}个（{m.phrase}）" for m in state.unmet)
        return Refusal(f"尚有节点未完成：{names}。请待其重新报告后再核验，或退回销号申请")
    finish(turn, Stage.STRUCK_OFF, EntryKind.STRUCK_OFF, f"{message.body}核验通过，予以销号", "任务已销号")
    return None
