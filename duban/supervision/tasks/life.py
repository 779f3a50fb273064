"""The life of a task: registered, assigned, accepted, under way, strike-off requested, struck off.

One function for each message; it changes the turn or says why not. No state is without a way out:
whatever is returned goes back to work, and a final state is reached only by a decision of people.
"""

from datetime import date

from duban.supervision.clauses import Limit
from duban.supervision.days.calendar import MINUTES_PER_DAY
from duban.supervision.levels.episodes import leave_undone
from duban.supervision.levels.lag import after
from duban.supervision.levels.withdrawing import withdraw_unfinished
from duban.supervision.plans.plan import Meeting
from duban.supervision.rules.owed import Duty
from duban.supervision.rules.parts import HANDLING_BODY, LEAD_BODY, SUPERVISING_BODY
from duban.supervision.tasks.duties import close, owe
from duban.supervision.tasks.entries import (
    Change,
    Citation,
    EntryKind,
    Explanation,
    NoticeIntent,
    NoticeKind,
    NoticesWithdrawn,
    ObligationChange,
    ObligationStatus,
)
from duban.supervision.tasks.messages import (
    Accept,
    Terminate,
)
from duban.supervision.tasks.state import Stage
from duban.supervision.tasks.turn import Refusal, Turn, day_text, milestone_change
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


def assign(turn: Turn, issued_on: date, meeting: Meeting | None = None) -> None:
    """Hand the task over to the handling body (交办), which owes its acceptance and a first feedback.

    Args:
        issued_on: Local date on which the plan was issued, or amended by what the task came with.
        meeting: Whose decision the task is; the slip and the record name it.
    """
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
    if meeting is not None:
        slip = turn.regime.meetings.paper if turn.regime.meetings else None
        facts |= {"what": "meeting_decision", "title": slip or "", "meeting": meeting.words}
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
            paper=turn.regime.meetings.paper if meeting and turn.regime.meetings else None,
            explanation=Explanation(due_on=turn.today, citation=_why_assigned(turn, limit, meeting)),
        )
        for recipient in roles.of(HANDLING_BODY, LEAD_BODY)
    ]
    turn.update(stage=Stage.ASSIGNED)
    decided = f"按{meeting.words}的决定，" if meeting else ""
    text = f"{decided}{supervising}交办给{handling}"
    handed_over = _handed_over(turn, issued_on)
    if handed_over is not None and handed_over.reason:
        text = f"{text}（{handed_over.reason}）"
    turn.enter(EntryKind.ASSIGNED, text, accepts, feeds_back, *filter(None, (handed_over,)), *notices)


def _why_assigned(turn: Turn, limit: Limit, meeting: Meeting | None) -> Citation:
    rule = turn.regime.meetings
    if meeting is None or rule is None:
        return turn.cite_limit("交办", limit)
    return turn.cite("会议决定事项交办", rule.source, rule.assumed)


def _handed_over(turn: Turn, issued_on: date) -> ObligationChange | None:
    """The supervising body's own duty, met by the hand-over: in time, or late, which is on record.

    A part of a task that was handed over before is not handed over anew.
    """
    limit, state = turn.regime.hand_over, turn.state
    if limit is None or state.definition.split_from:
        return None
    calendar, stated = turn.calendar, state.definition.handed_over_on
    due_on = after(limit, issued_on, calendar)
    days = (state.handed_over_on - due_on).days
    late = f"应于{day_text(issued_on)}起{limit.words}内即{day_text(due_on)}前交办，迟{days}天，记录在案"
    return ObligationChange(
        id="assignment/hand_over",
        duty=Duty.HAND_OVER,
        owed_by=state.roles.first(SUPERVISING_BODY),
        subject="assignment",
        asked_at=calendar.zone.at(issued_on, MINUTES_PER_DAY // 2),
        due_on=due_on,
        status=ObligationStatus.MET,
        closed_at=calendar.zone.at(stated, MINUTES_PER_DAY // 2) if stated else turn.at,
        reason=late if days > 0 else "",
    )


def accept(turn: Turn, message: Accept) -> Refusal | None:
    """The handling body signs for the task."""
    owed = turn.state.owing(Duty.ACCEPTANCE)
    if not owed:
        return Refusal(f"任务当前状态为“{STAGE_WORDS[turn.state.stage]}”，无须再次签收")
    if turn.state.stage is Stage.ASSIGNED:  # a body that takes a task over signs for it while the work goes on
        turn.update(stage=Stage.ACCEPTED)
    note = f"：{message.note}" if message.note else ""
    turn.enter(EntryKind.ACCEPTED, f"{message.body}签收承办{note}", *close(turn, owed[0]))
    return None


def terminate(turn: Turn, message: Terminate) -> Refusal | None:
    """The task ends without being done, by decision."""
    going_on = f"，由{'、'.join(message.successors)}接续" if message.successors else ""
    text = f"{message.body}决定终止{going_on}：{message.reason}"
    finish(turn, Stage.TERMINATED, EntryKind.TERMINATED, text, "任务已终止")
    return None


def finish(turn: Turn, stage: Stage, kind: EntryKind, text: str, reason: str) -> None:
    """Reach a final stage: what is under way or still owed lapses, what is not delivered stays here."""
    episode = turn.state.episode
    if episode is not None:
        leave_undone(turn, episode, reason)
    changes: list[Change] = []
    for number in sorted({record.episode for record in turn.state.rungs}):
        changes.extend(withdraw_unfinished(turn, number, reason))
    for obligation in turn.state.obligations:
        met = obligation.duty is Duty.VERIFICATION and stage is Stage.STRUCK_OFF
        status = ObligationStatus.MET if met else ObligationStatus.LAPSED
        changes.extend(close(turn, obligation, status, "" if met else reason))
    if episode is not None:
        turn.replace_episode(episode.model_copy(update={"ended_on": turn.today}))
    turn.update(stage=stage, extensions=())
    turn.enter(kind, text, *changes, NoticesWithdrawn(subjects=("",), reason=reason))
