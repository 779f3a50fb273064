"""Reports: what meets a milestone, and what only tells of progress.

A milestone is met by a report that claims it and names the evidence; a percentage or a note meets nothing.
"""

from duban.supervision.rules.owed import Duty
from duban.supervision.rules.parts import HANDLING_BODY, LEAD_BODY
from duban.supervision.tasks.duties import close, lapse_extension
from duban.supervision.tasks.entries import (
    Change,
    EntryKind,
    NoticesWithdrawn,
    ReportChange,
)
from duban.supervision.tasks.foretelling import lapse_asked
from duban.supervision.tasks.messages import (
    ReportProgress,
)
from duban.supervision.tasks.state import ReportReference, Stage
from duban.supervision.tasks.turn import Refusal, Turn, day_text


def progress(turn: Turn, message: ReportProgress) -> Refusal | None:
    """A report; meets the milestones that it claims with evidence, and the reports that were owed."""
    if (refusal := _unfit(turn, message)) is not None:
        return refusal
    state = turn.state
    episode = state.episode.number if state.episode else 0
    changes: list[Change] = [_report_row(turn, message)]
    for number in message.milestones:
        changes.extend(meet(turn, number, message.id, message.evidence))
    if message.milestones:
        reference = ReportReference(id=message.id, milestones=message.milestones, episode=episode)
        turn.update(reports=(*state.reports, reference))
    if message.body in state.roles.of(HANDLING_BODY, LEAD_BODY):  # a supporting body answers for nobody else
        for obligation in turn.state.owing(Duty.ACCEPTANCE, Duty.FEEDBACK, Duty.CYCLE_REPORT):
            changes.extend(close(turn, obligation))
        if state.stage in (Stage.ASSIGNED, Stage.ACCEPTED):
            turn.update(stage=Stage.UNDER_WAY)
    if message.percent is not None:
        turn.update(percent=message.percent)
    turn.enter(EntryKind.PROGRESS, _report_text(message), *changes)
    return None


def _unfit(turn: Turn, message: ReportProgress) -> Refusal | None:
    if message.percent is not None and not 0 <= message.percent <= 100:
        return Refusal(f"进度{message.percent}%不在0—100之间，请核对后重报")
    if message.milestones and not message.evidence:
        return Refusal("报告节点完成必须写明依据（evidence），例如成果文件的文号或链接")
    if len(set(message.milestones)) != len(message.milestones):
        return Refusal("同一节点在一次报告中出现了两次，请核对节点序号")
    for number in message.milestones:
        milestone = turn.state.milestone(number)
        if milestone is None or milestone.withdrawn_at is not None:
            known = "、".join(str(m.number) for m in turn.state.milestones if m.withdrawn_at is None) or "无"
            return Refusal(f"本任务没有第{number}个节点（现有节点：{known}），请核对节点序号")
        if milestone.final:
            return Refusal(f"第{number}个节点是最终节点，须以销号申请并附成果办结，不能用进展报告完成")
        if milestone.met_at is not None:
            return Refusal(
                f"第{number}个节点已于{day_text(turn.calendar.zone.local_date(milestone.met_at))}完成，无须重复报告"
            )
    if not (message.milestones or message.note or message.evidence or message.percent is not None):
        return Refusal("报告内容为空，请填写进度（percent）、说明（note）或完成的节点（milestones）")
    return None


def _report_row(turn: Turn, message: ReportProgress) -> ReportChange:
    return ReportChange(
        id=message.id,
        body=message.body,
        person=message.person,
        reported_at=turn.at,
        percent=message.percent,
        note=message.note,
        evidence=message.evidence,
        milestones=message.milestones,
    )


def _report_text(message: ReportProgress) -> str:
    claimed = "、".join(f"第{number}个节点" for number in message.milestones)
    parts = [
        f"完成{claimed}（依据：{message.evidence}）" if claimed else "",
        f"自报进度{message.percent}%" if message.percent is not None else "",
        message.note,
    ]
    return f"{message.body}报告：{'；'.join(part for part in parts if part) or message.evidence}"


def meet(turn: Turn, number: int, message_id: str, evidence: str) -> tuple[Change, ...]:
    """A milestone is met now; what was announced about it is no longer true, and a demand is complied with."""
    milestone = turn.state.milestone(number)
    if milestone is None:
        return ()
    met = milestone.model_copy(update={"met_at": turn.at, "met_by": message_id, "evidence": evidence})
    reason = f"第{number}个节点已完成"
    told = NoticesWithdrawn(subjects=(f"m{number}",), reason=reason)
    turn.update(demanded_on=None)
    changed = (turn.replace_milestone(met), told, *lapse_extension(turn, number, reason))
    return (*changed, *lapse_asked(turn, number, reason))
