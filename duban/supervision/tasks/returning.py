"""Return for rework (退回重办): what the answer had met is unmet, as if it had never come."""

from duban.supervision.levels.episodes import reopen
from duban.supervision.levels.ladder import DueRung
from duban.supervision.levels.reminding import start
from duban.supervision.rules.owed import Duty
from duban.supervision.rules.parts import HANDLING_BODY, LEAD_BODY, SUPERVISING_BODY, Role
from duban.supervision.rules.triggers import ReturnTrigger
from duban.supervision.tasks.duties import close, owe
from duban.supervision.tasks.entries import (
    Change,
    EntryKind,
    Explanation,
    NoticeIntent,
    NoticeKind,
    NoticesWithdrawn,
    ReportChange,
)
from duban.supervision.tasks.messages import (
    Returned,
    ReturnForRework,
)
from duban.supervision.tasks.state import Milestone, Stage
from duban.supervision.tasks.turn import Refusal, Turn


def return_for_rework(turn: Turn, message: ReturnForRework) -> Refusal | None:
    """An answer is refused for quality: what it met is unmet, as if it had never come."""
    match message.what:
        case Returned.STRIKE_OFF:
            if turn.state.stage is not Stage.STRIKE_OFF_REQUESTED:
                return Refusal("没有可退回的销号申请")
            return return_strike_off(turn, message.reason)
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
    changes: list[Change] = [unmeet(turn, m) for m in met]
    row = ReportChange(
        id=report.id, body="", person="", reported_at=turn.at, returned_at=turn.at, return_reason=message.reason
    )
    _returned(turn, f"{message.body}退回报告（{report.id}）重办：{message.reason}", met, row, *changes)
    return None


def return_strike_off(turn: Turn, reason: str) -> Refusal | None:
    """The strike-off request goes back: the task is under way again, its final milestone unmet."""
    requester = turn.state.requester
    met = [m for m in turn.state.milestones if requester is not None and m.met_by == requester.message]
    changes: list[Change] = [unmeet(turn, m) for m in met]
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
    return turn.state.roles.first(explaining_role(turn, key))


def explaining_role(turn: Turn, key: str) -> Role:
    """In which role a reminder is explained."""
    level = next((r.level for r in turn.state.rungs if r.key == key), "")
    rung = turn.regime.ladder.rung(level)
    asked = (answer.by for answer in rung.answers if answer.duty is Duty.EXPLANATION) if rung else iter(())
    return next(asked, LEAD_BODY)


def unmeet(turn: Turn, milestone: Milestone) -> Change:
    """A milestone is unmet again."""
    return turn.replace_milestone(milestone.model_copy(update={"met_at": None, "met_by": "", "evidence": ""}))


def _returned(turn: Turn, text: str, unmet: list[Milestone], *changes: Change) -> None:
    """What every return has in common: told to the handling body, and the lag goes on as if nothing had come."""
    number = turn.state.returns + 1
    turn.update(returns=number, returned_days=(*turn.state.returned_days, turn.today))
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
        turn.replace_episode(episode.model_copy(update={"returned_on": episode.returned_on or turn.today}))
        return
    reached = {
        trigger.count: rung
        for rung in reversed(turn.regime.ladder.rungs)
        for trigger in rung.triggers
        if isinstance(trigger, ReturnTrigger) and trigger.count <= number
    }
    if reached:
        rung = reached[max(reached)]
        start(turn, 0, DueRung(rung, turn.today, turn.now, 0), key=f"r{number}/{rung.level}")
