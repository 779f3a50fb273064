"""What is told beforehand: advance notices of milestones, and reports of open-ended tasks.

Advance notices are Kunming 2016, paragraph 3 (催办: 提前预告提醒).
"""

import calendar as months
from datetime import date, datetime, timedelta

from duban.supervision.calendar import spread_of
from duban.supervision.duties import owe
from duban.supervision.entries import EntryKind, Explanation, NoticeIntent, NoticeKind
from duban.supervision.lag import before
from duban.supervision.plan import ReportCycle
from duban.supervision.policy import Policy
from duban.supervision.regime import HANDLING_BODY, SUPERVISING_BODY, Duty
from duban.supervision.state import Milestone, TaskState
from duban.supervision.turn import Turn, day_text
from duban.supervision.words import CYCLE_WORDS

MONTHS_OF: dict[ReportCycle, int] = {
    ReportCycle.MONTHLY: 1,
    ReportCycle.QUARTERLY: 3,
    ReportCycle.HALF_YEARLY: 6,
    ReportCycle.YEARLY: 12,
}


def end_of_period(cycle: ReportCycle, day: date) -> date:
    """The last day of the reporting period in which a local day lies."""
    length = MONTHS_OF[cycle]
    month = (day.month - 1) // length * length + length
    return date(day.year, month, months.monthrange(day.year, month)[1])


def announced_on(milestone: Milestone, policy: Policy) -> date:
    """The local date of a milestone's advance notice: the working day on or before the set distance."""
    return before(policy.regime.advance_notice, milestone.due_on, policy.calendar)


def announce_at(milestone: Milestone, state: TaskState, policy: Policy) -> datetime | None:
    """The business moment of a milestone's advance notice; None when it is dealt with."""
    if not milestone.is_open or milestone.announced_for == milestone.due_on:
        return None
    return policy.calendar.office_moment(announced_on(milestone, policy), spread_of(state.code))


def cycle_notice_on(ends_on: date, policy: Policy) -> date:
    """The local date on which the report of a period is asked for: a working day before its end."""
    return before(policy.regime.cycle_notice, ends_on, policy.calendar)


def cycle_notice_at(state: TaskState, policy: Policy) -> datetime | None:
    """The business moment at which the next periodic report is asked for."""
    if state.cycle_ends_on is None:
        return None
    return policy.calendar.office_moment(cycle_notice_on(state.cycle_ends_on, policy), spread_of(state.code))


def first_period_end(state: TaskState, policy: Policy, day: date) -> date | None:
    """The last day of the period that an open-ended task is reported on first, from a local day on.

    That of its last dated milestone, or of the day; one whose notice would have gone out before is left out.
    """
    cycle = state.definition.report_cycle
    if not state.definition.open_ended or cycle is None:
        return None
    ends_on = end_of_period(cycle, max([day, *(m.due_on for m in state.milestones if m.withdrawn_at is None)]))
    while cycle_notice_on(ends_on, policy) < day:
        ends_on = end_of_period(cycle, ends_on + timedelta(days=1))
    return ends_on


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
    """Ask for the periodic report of an open-ended task; of several periods missed only the last."""
    cycle = turn.state.definition.report_cycle
    moment = cycle_notice_at(turn.state, turn.policy)
    if cycle is None or moment is None or moment > turn.now:
        return
    ends_on = turn.state.cycle_ends_on
    assert ends_on is not None  # noqa: S101 - cycle_notice_at is None without it
    following = end_of_period(cycle, ends_on + timedelta(days=1))
    while cycle_notice_on(following, turn.policy) <= turn.today:
        ends_on, following = following, end_of_period(cycle, following + timedelta(days=1))
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
                citation=turn.cite_limit("无明确期限事项定期报告", turn.regime.cycle_notice),
            ),
        ),
        owed,
    )
