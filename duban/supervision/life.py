"""The life of a task: registered, assigned, accepted, under way, strike-off requested, struck off.

One function for each message; it changes the turn or says why not. No state is without a way out:
whatever is returned goes back to work, and a final state is reached only by a decision of people.
"""

from duban.supervision.duties import close, lapse_extension, owe
from duban.supervision.entries import (
    Change,
    EntryKind,
    Explanation,
    NoticeIntent,
    NoticeKind,
    NoticesWithdrawn,
    ObligationStatus,
    ReportChange,
)
from duban.supervision.episodes import reopen
from duban.supervision.ladder import DueRung
from duban.supervision.messages import (
    Accept,
    ReportProgress,
    RequestStrikeOff,
    Returned,
    ReturnForRework,
    Terminate,
    Verify,
)
from duban.supervision.regime import (
    HANDLING_BODY,
    LEAD_BODY,
    SUPERVISING_BODY,
    Duty,
    ReturnTrigger,
)
from duban.supervision.reminding import start, withdraw_unfinished
from duban.supervision.state import Milestone, ReportReference, Requester, Stage
from duban.supervision.turn import Refusal, Turn, day_text, milestone_change
from duban.supervision.words import STAGE_WORDS


def register(turn: Turn) -> None:
    """Enter the task in the ledger, with its milestones."""
    state = turn.state
    incomplete = "" if state.milestones and not state.definition.open_ended else "，无明确完成时限，列为六个明确不完整"
    turn.enter(
        EntryKind.REGISTERED,
        f"编号登记：{state.definition.title}（{len(state.milestones)}个时间节点{incomplete}）",
        *(milestone_change(m) for m in state.milestones),
    )


def assign(turn: Turn) -> None:
    """Hand the task over to the handling body (交办), which owes its acceptance and a first feedback."""
    roles, definition = turn.state.roles, turn.state.definition
    handling, supervising = roles.first(HANDLING_BODY), roles.first(SUPERVISING_BODY)
    acceptance, accepts = owe(turn, Duty.ACCEPTANCE, handling, "assignment", not_before=turn.deliver_from)
    feedback, feeds_back = owe(turn, Duty.FEEDBACK, handling, "assignment", not_before=turn.deliver_from)
    limit = turn.regime.limits[Duty.ACCEPTANCE]
    facts = {
        "what": "assignment",
        "measures": definition.measures,
        "deliverable": definition.deliverable,
        "deadline": definition.deadline_text,
        "leader": definition.leader,
        "handling_body": handling,
        "supporting_bodies": "、".join(definition.supporting_bodies),
        "feedback_by": feedback.due_on.isoformat(),
    }
    notices = [
        NoticeIntent(
            key="assignment",
            kind=NoticeKind.OTHER,
            subject="assignment",
            recipient=recipient,
            issuer=supervising,
            issued_at=turn.now,
            deliver_not_before=turn.deliver_from,
            duty=Duty.ACCEPTANCE if recipient == handling else None,
            respond_by=acceptance.due_on if recipient == handling else None,
            facts={name: text for name, text in facts.items() if text},
            explanation=Explanation(due_on=turn.today, citation=turn.cite("交办", limit.source)),
        )
        for recipient in roles.of(HANDLING_BODY, LEAD_BODY)
    ]
    turn.update(stage=Stage.ASSIGNED)
    turn.enter(EntryKind.ASSIGNED, f"{supervising}交办给{handling}", accepts, feeds_back, *notices)


def accept(turn: Turn, message: Accept) -> Refusal | None:
    """The handling body signs for the task."""
    owed = turn.state.owing(Duty.ACCEPTANCE)
    if turn.state.stage is not Stage.ASSIGNED or not owed:
        return Refusal(f"任务当前状态为“{STAGE_WORDS[turn.state.stage]}”，无须再次签收")
    turn.update(stage=Stage.ACCEPTED)
    note = f"：{message.note}" if message.note else ""
    turn.enter(EntryKind.ACCEPTED, f"{message.body}签收承办{note}", *close(turn, owed[0]))
    return None


def progress(turn: Turn, message: ReportProgress) -> Refusal | None:
    """A report; meets the milestones that it claims with evidence, and the reports that were owed."""
    if (refusal := _unfit(turn, message)) is not None:
        return refusal
    state = turn.state
    episode = state.episode.number if state.episode else 0
    changes: list[Change] = [_report_row(turn, message)]
    for number in message.milestones:
        changes.extend(_meet(turn, number, message.id, message.evidence))
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
        if milestone is None:
            known = "、".join(str(m.number) for m in turn.state.milestones) or "无"
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


def _meet(turn: Turn, number: int, message_id: str, evidence: str) -> tuple[Change, ...]:
    milestone = turn.state.milestone(number)
    if milestone is None:
        return ()
    met = milestone.model_copy(update={"met_at": turn.at, "met_by": message_id, "evidence": evidence})
    reason = f"第{number}个节点已完成"
    told = NoticesWithdrawn(subjects=(f"m{number}",), reason=reason)
    return (turn.replace_milestone(met), told, *lapse_extension(turn, number, reason))


def _unmeet(turn: Turn, milestone: Milestone) -> Change:
    return turn.replace_milestone(milestone.model_copy(update={"met_at": None, "met_by": "", "evidence": ""}))


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
        changes.extend(_meet(turn, milestone.number, message.id, message.deliverable))
    for obligation in state.owing(Duty.ACCEPTANCE, Duty.FEEDBACK, Duty.CYCLE_REPORT):
        changes.extend(close(turn, obligation))
    verifier = state.roles.first(SUPERVISING_BODY)
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
            explanation=Explanation(due_on=turn.today, citation=turn.cite("对账销号", limit.source)),
        ),
    )
    return None


def verify(turn: Turn, message: Verify) -> Refusal | None:
    """The supervising side checks the deliverable: struck off, or returned for rework."""
    state, requester = turn.state, turn.state.requester
    if state.stage is not Stage.STRIKE_OFF_REQUESTED or requester is None:
        return Refusal("没有待核验的销号申请")
    if (message.body, message.person) == (requester.body, requester.person):
        return Refusal("销号申请人不得核验自己的申请，请由督察责任主体另派人员核验")
    if not message.passed:
        if not message.note:
            return Refusal("核验不通过须写明原因（note）")
        return _return_strike_off(turn, message.note)
    if state.unmet:  # a report was returned while the request waited
        names = "、".join(f"第{m.number}个（{m.phrase}）" for m in state.unmet)
        return Refusal(f"尚有节点未完成：{names}。请待其重新报告后再核验，或退回销号申请")
    finish(turn, Stage.STRUCK_OFF, EntryKind.STRUCK_OFF, f"{message.body}核验通过，予以销号", "任务已销号")
    return None


def terminate(turn: Turn, message: Terminate) -> Refusal | None:
    """The task ends without being done, by decision."""
    text = f"{message.body}决定终止：{message.reason}"
    finish(turn, Stage.TERMINATED, EntryKind.TERMINATED, text, "任务已终止")
    return None


def finish(turn: Turn, stage: Stage, kind: EntryKind, text: str, reason: str) -> None:
    """Reach a final stage: what is under way or still owed lapses, what is not delivered stays here."""
    changes: list[Change] = []
    for number in sorted({record.episode for record in turn.state.rungs}):
        changes.extend(withdraw_unfinished(turn, number, reason))
    for obligation in turn.state.obligations:
        met = obligation.duty is Duty.VERIFICATION and stage is Stage.STRUCK_OFF
        status = ObligationStatus.MET if met else ObligationStatus.LAPSED
        changes.extend(close(turn, obligation, status, "" if met else reason))
    if (episode := turn.state.episode) is not None:
        turn.replace_episode(episode.model_copy(update={"ended_on": turn.today}))
    turn.update(stage=stage, extensions=())
    turn.enter(kind, text, *changes, NoticesWithdrawn(subjects=("",), reason=reason))


def return_for_rework(turn: Turn, message: ReturnForRework) -> Refusal | None:
    """An answer is refused for quality: what it met is unmet, as if it had never come."""
    match message.what:
        case Returned.STRIKE_OFF:
            if turn.state.stage is not Stage.STRIKE_OFF_REQUESTED:
                return Refusal("没有可退回的销号申请")
            return _return_strike_off(turn, message.reason)
        case Returned.EXPLANATION:
            return _return_explanation(turn, message)
        case Returned.REPORT:
            return _return_report(turn, message)


def _return_report(turn: Turn, message: ReturnForRework) -> Refusal | None:
    reports = turn.state.reports
    wanted = [r for r in reports if r.id == message.report] if message.report else list(reports[-1:])
    if not wanted:
        return Refusal("没有找到可退回的节点完成报告，请核对报告编号")
    report = wanted[0]
    met = [m for m in turn.state.milestones if m.met_by == report.id]
    turn.update(reports=tuple(r for r in reports if r.id != report.id))
    changes: list[Change] = [_unmeet(turn, m) for m in met]
    row = ReportChange(
        id=report.id, body="", person="", reported_at=turn.at, returned_at=turn.at, return_reason=message.reason
    )
    _returned(turn, f"{message.body}退回报告（{report.id}）重办：{message.reason}", met, row, *changes)
    return None


def _return_strike_off(turn: Turn, reason: str) -> Refusal | None:
    requester = turn.state.requester
    met = [m for m in turn.state.milestones if requester is not None and m.met_by == requester.message]
    changes: list[Change] = [_unmeet(turn, m) for m in met]
    for obligation in turn.state.owing(Duty.VERIFICATION):
        changes.extend(close(turn, obligation, reason="核验未通过，已退回"))
        changes.append(NoticesWithdrawn(subjects=(obligation.id,), reason="销号申请已退回"))
    turn.update(stage=Stage.UNDER_WAY, requester=None, deliverable="")
    body = turn.message.body if turn.message else ""
    _returned(turn, f"{body}退回销号申请：{reason}", met, *changes)
    return None


def _return_explanation(turn: Turn, message: ReturnForRework) -> Refusal | None:
    if not turn.state.explained:
        return Refusal("没有可退回的书面说明")
    *others, key = turn.state.explained
    turn.update(explained=tuple(others))
    again = f"r{turn.state.returns + 1}"
    by = _explained_by(turn, key)
    _, owed = owe(turn, Duty.EXPLANATION, by, key, not_before=turn.deliver_from, again=again)
    _returned(turn, f"{message.body}退回书面说明：{message.reason}", [], owed)
    return None


def _explained_by(turn: Turn, key: str) -> str:
    """Who explains a reminder: as its rung says, the lead body where the rung is in force no more."""
    level = next((r.level for r in turn.state.rungs if r.key == key), "")
    rung = turn.regime.ladder.rung(level)
    asked = (answer.by for answer in rung.answers if answer.duty is Duty.EXPLANATION) if rung else iter(())
    return turn.state.roles.first(next(asked, LEAD_BODY))


def _returned(turn: Turn, text: str, unmet: list[Milestone], *changes: Change) -> None:
    """What every return has in common: told to the handling body, and the lag goes on as if nothing had come."""
    number = turn.state.returns + 1
    turn.update(returns=number)
    handling, supervising = turn.state.roles.first(HANDLING_BODY), turn.state.roles.first(SUPERVISING_BODY)
    source = turn.regime.authority.source
    turn.enter(
        EntryKind.RETURNED,
        text,
        *changes,
        NoticeIntent(
            key=f"return/{number}",
            kind=NoticeKind.OTHER,
            subject=f"return/{number}",
            recipient=handling,
            issuer=supervising,
            issued_at=turn.now,
            deliver_not_before=turn.deliver_from,
            facts={"what": "return", "text": text},
            explanation=Explanation(due_on=turn.today, citation=turn.cite("退回重办", source)),
        ),
    )
    for milestone in unmet:
        reopen(turn, milestone)
    if (episode := turn.state.episode) is not None:
        turn.replace_episode(episode.model_copy(update={"returned_on": turn.today}))
        return
    for rung in turn.regime.ladder.rungs:
        if any(isinstance(trigger, ReturnTrigger) for trigger in rung.triggers):
            start(turn, 0, DueRung(rung, turn.today, turn.now, 0), key=f"r{number}/{rung.level}")
            break
