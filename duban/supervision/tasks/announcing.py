"""What is told beforehand: advance notices of milestones, and reports that come round (``interim``).

Advance notices are Kunming 2016, paragraph 3 (催办: 提前预告提醒).
"""

from datetime import date, datetime

from duban.supervision.days.calendar import spread_of
from duban.supervision.levels.lag import before
from duban.supervision.rules.owed import Duty
from duban.supervision.rules.parts import HANDLING_BODY, SUPERVISING_BODY
from duban.supervision.rules.policy import Policy
from duban.supervision.tasks.duties import owe
from duban.supervision.tasks.entries import Citation, EntryKind, Explanation, NoticeIntent, NoticeKind
from duban.supervision.tasks.interim import cycle_notice_on, period_after, period_to_report, report_cycle_of
from duban.supervision.tasks.state import Milestone, TaskState
from duban.supervision.tasks.turn import Turn, day_text
from duban.supervision.words import CYCLE_WORDS


def announced_on(milestone: Milestone, policy: Policy) -> date:
    """The local date of a milestone's advance notice: the working day on or before the set distance."""
    return before(policy.regime.advance_notice, milestone.due_on, policy.calendar)


def announce_at(milestone: Milestone, state: TaskState, policy: Policy) -> datetime | None:
    """The business moment of a milestone's advance notice; None when it is dealt with."""
    if not milestone.is_open or milestone.announced_for == milestone.due_on:
        return None
    return policy.calendar.office_moment(announced_on(milestone, policy), spread_of(state.code))


def cycle_notice_at(state: TaskState, policy: Policy) -> datetime | None:
    """The business moment at which the next periodic report is asked for."""
    ends_on = period_to_report(state, policy)
    if ends_on is None:
        return None
    return policy.calendar.office_moment(cycle_notice_on(ends_on, policy), spread_of(state.code))


def announce(turn: Turn) -> None:
    """Announce the milestones whose advance notice is due; one that would come too late is entered as not given."""
    for milestone in turn.state.milestones:
        moment = announce_at(milestone, turn.state, turn.policy)
        if moment is None or moment > turn.now:
            continue
        turn.replace_milestone(milestone.model_copy(update={"announced_for": milestone.due_on}))
        if turn.calendar.zone.local_date(turn.deliver_from) > milestone.due_on:
            turn.enter(
                EntryKind.ADVANCE_NOTICE,
                f"第{milestone.number}个节点（{milestone.phrase}）的预告提醒未能在到期前发出，不再补发",
            )
        else:
            _announce(turn, milestone)


def _announce(turn: Turn, milestone: Milestone) -> None:
    handling = turn.state.roles.first(HANDLING_BODY)
    turn.enter(
        EntryKind.ADVANCE_NOTICE,
        f"预告提醒：第{milestone.number}个节点（{milestone.phrase}）将于{day_text(milestone.due_on)}到期",
        NoticeIntent(
            key=_key_of(turn.state, milestone),
            kind=NoticeKind.ADVANCE_NOTICE,
            subject=f"m{milestone.number}",
            recipient=handling,
            issuer=turn.state.roles.first(SUPERVISING_BODY),
            issued_at=turn.now,
            deliver_not_before=turn.deliver_from,
            respond_by=milestone.due_on,
            facts={"milestone": str(milestone.number)},
            explanation=Explanation(
                milestone_phrase=milestone.phrase,
                milestone_due_on=milestone.due_on,
                due_on=announced_on(milestone, turn.policy),
                provisional=turn.calendar.is_provisional(milestone.due_on),
                citation=turn.cite_limit("关键节点预告提醒", turn.regime.advance_notice),
            ),
        ),
    )


def _key_of(state: TaskState, milestone: Milestone) -> str:
    """An amendment can take a milestone back to a date that has been announced before: that is another notice."""
    again = f"/a{state.amendments}" if state.amendments else ""
    return f"m{milestone.number}/advance/{milestone.due_on.isoformat()}{again}"


def ask_for_report(turn: Turn) -> None:
    """Ask for the periodic report of a task; of several periods missed only the last."""
    cycle, ends_on = report_cycle_of(turn.state, turn.policy), period_to_report(turn.state, turn.policy)
    moment = cycle_notice_at(turn.state, turn.policy)
    if cycle is None or ends_on is None or moment is None or moment > turn.now:
        return
    following = period_after(turn.state, turn.policy, ends_on)
    while cycle_notice_on(following, turn.policy) <= turn.today:
        ends_on, following = following, period_after(turn.state, turn.policy, following)
    turn.update(cycle_ends_on=following)
    handling = turn.state.roles.first(HANDLING_BODY)
    subject = f"report/{ends_on.isoformat()}"
    due_on = max(ends_on, turn.today)
    _, owed = owe(turn, Duty.CYCLE_REPORT, handling, subject, not_before=turn.deliver_from, due_on=due_on)
    turn.enter(
        EntryKind.REPORT_DUE,
        f"请{handling}于{day_text(due_on)}前报送本{CYCLE_WORDS[cycle]}进展",
        NoticeIntent(
            key=subject,
            kind=NoticeKind.REPORT_DUE,
            subject=subject,
            recipient=handling,
            issuer=turn.state.roles.first(SUPERVISING_BODY),
            issued_at=turn.now,
            deliver_not_before=turn.deliver_from,
            duty=Duty.CYCLE_REPORT,
            respond_by=due_on,
            facts={"period_ends_on": ends_on.isoformat(), "cycle": cycle.value},
            explanation=Explanation(
                due_on=cycle_notice_on(ends_on, turn.policy),
                provisional=turn.calendar.is_provisional(due_on),
                citation=_why_reported(turn),
            ),
        ),
        owed,
    )


def _why_reported(turn: Turn) -> Citation:
    rule = turn.regime.interim_reports
    if turn.state.definition.open_ended or rule is None:
        return turn.cite_limit("无明确期限事项定期报告", turn.regime.cycle_notice)
    return turn.cite(f"办理时限超过{rule.longer_than.words}的定期报告", rule.source, rule.assumed)
