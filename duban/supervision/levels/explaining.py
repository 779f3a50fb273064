"""Why a reminder is given: dates, count, pauses, calendar, rule and clause."""

from datetime import date

from duban.supervision.levels.lag import suspended_days
from duban.supervision.rules.owed import Duty
from duban.supervision.rules.rungs import Requisite, Rung
from duban.supervision.tasks.duties import limit_of
from duban.supervision.tasks.entries import (
    Explanation,
    ReminderChange,
)
from duban.supervision.tasks.state import Milestone, RungRecord, RungStatus
from duban.supervision.tasks.turn import Turn, day_text

WEEKDAYS = "一二三四五六日"

_APPROVED: dict[Duty, str] = {
    Duty.GROUNDS: "核实情形",
    Duty.CONFIRMATION: "确认",
    Duty.DECISION: "决定",
    Duty.CONSENT: "同意",
}


def explain(turn: Turn, rung: Rung, record: RungRecord, owed: Requisite | None = None) -> Explanation:
    """Why a level is given: dates, count, pauses, calendar, rule and clause; and why what is owed is due when it is."""
    milestone = first_overdue(turn)
    episode = next((e for e in turn.state.episodes if e.number == record.episode), None)
    pauses = suspended_days(turn.state.suspensions, episode.opened_on, record.due_on) if episode else 0
    delivered = turn.calendar.zone.local_date(turn.deliver_from)
    return Explanation(
        milestone_phrase=milestone.phrase if milestone else "",
        milestone_due_on=milestone.due_on if milestone else None,
        behind_since=episode.opened_on if episode else None,
        lag_days=record.lag_days if episode else None,
        suspended_days=pauses,
        due_on=record.due_on,
        shift=_shift(turn, rung, record, delivered),
        provisional=turn.calendar.is_provisional(delivered),
        citation=turn.cite(rung.title, rung.source, rung.assumed),
        respond_by_rule=limit_of(turn, owed.duty, owed.source, subject=record.key) if owed else None,
    )


def first_overdue(turn: Turn) -> Milestone | None:
    """The unmet milestone with the earliest date: the one a reminder speaks of."""
    return turn.state.unmet[0] if turn.state.unmet else None


def _lagging_since(turn: Turn, record: RungRecord) -> date | None:
    """The date of the milestone that a reminder speaks of; once nothing lags any more, of the one that lagged first."""
    milestone = first_overdue(turn)
    if milestone is not None and milestone.due_on < turn.today:
        return milestone.due_on
    episode = next((e for e in turn.state.episodes if e.number == record.episode), None)
    if episode is not None:
        return episode.opened_on
    return milestone.due_on if milestone else None


def _shift(turn: Turn, rung: Rung, record: RungRecord, delivered: date) -> str:
    due_on = record.due_on
    if delivered <= due_on:
        return ""
    approved = rung.approvals[: record.approvals_given]
    if approved and delivered > turn.calendar.working_day_from(due_on):
        by = "、".join(f"{turn.state.roles.first(a.by)}{_APPROVED.get(a.duty, '批准')}" for a in approved)
        return f"{day_text(due_on)}到期，经{by}后于{day_text(delivered)}发出"
    if not turn.calendar.is_working_day(due_on):
        return (
            f"{day_text(due_on)}（星期{WEEKDAYS[due_on.weekday()]}）为非工作日，"
            f"顺延至{day_text(delivered)}（星期{WEEKDAYS[delivered.weekday()]}）"
        )
    return f"应于{day_text(due_on)}发出，实际于{day_text(delivered)}发出"


def reminder_change(
    turn: Turn, rung: Rung, record: RungRecord, *, issuer: str = "", reason: str = ""
) -> ReminderChange:
    """A reminder's row, as its record stands."""
    return ReminderChange(
        key=record.key,
        level=record.level,
        episode=record.episode,
        status=record.status,
        due_on=record.due_on,
        lag_days=record.lag_days,
        milestone_due_on=_lagging_since(turn, record),
        issued_at=turn.now if record.status is RungStatus.ISSUED else None,
        issuer=issuer,
        reason=reason,
        citation=turn.cite(rung.title, rung.source, rung.assumed),
    )
