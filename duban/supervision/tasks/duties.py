"""What somebody owes: opened with a limit, met by what comes back, chased when it does not.

Both sides are chased, the supervising body included. A suspension stops the count of the item, not the limits of
what somebody owes on it (A): a call made is put on record whatever becomes of the item. Nobody is chased while it
lasts; what is owed still is chased on the day it is over. Only the verification of a strike-off does not wait for
that: there the item is done, and the other side has to move.
"""

from datetime import date, datetime

from duban.supervision.clauses import Limit, Source
from duban.supervision.days.calendar import ONE_DAY
from duban.supervision.levels.lag import after
from duban.supervision.rules.owed import Duty
from duban.supervision.rules.parts import REFORM_OFFICE, SUPERVISING_BODY
from duban.supervision.steps.step_rules import why_due
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
from duban.supervision.tasks.state import Obligation
from duban.supervision.tasks.turn import Turn, day_text
from duban.supervision.words import DUTY_WORDS, owed_words

OF_THE_TASK = (Duty.ACCEPTANCE, Duty.FEEDBACK, Duty.CYCLE_REPORT)
CHASED_ALWAYS = (Duty.VERIFICATION,)
"""Chased although the count stands still."""
NEVER_CHASED = (Duty.ADVANCE_EXPLANATION,)
"""What cannot come any more once its day has passed: the day of its first chase is the one on which that is noted."""


def owe(
    turn: Turn, duty: Duty, by: str, subject: str, *, not_before: datetime, due_on: date | None = None, again: str = ""
) -> tuple[Obligation, ObligationChange]:
    """Open an obligation.

    Args:
        subject: Key of what it belongs to; with the duty it names the obligation.
        not_before: Business moment at which the body learns of it; its limit begins there.
        due_on: A date that is given, instead of the limit of the duty or of the level that asks for it.
        again: What sets this apart from an earlier obligation of the same duty and subject.
    """
    day = due_on or after(_limit(turn, duty, subject), turn.calendar.zone.local_date(not_before), turn.calendar)
    obligation = Obligation(
        id="/".join(part for part in (subject, duty.value, again) if part),
        duty=duty,
        owed_by=by,
        subject=subject,
        not_before=not_before,
        due_on=day,
        next_chase_on=turn.calendar.working_day_from(day + ONE_DAY),
    )
    if duty is Duty.STEP:  # nobody is chased for a day that was over before he was told
        told_on = turn.calendar.zone.local_date(not_before)
        first = turn.calendar.working_day_from(max(day, told_on) + ONE_DAY)
        obligation = obligation.model_copy(update={"next_chase_on": first})
    others = tuple(o for o in turn.state.obligations if o.id != obligation.id)
    turn.update(obligations=(*others, obligation))
    return obligation, change_of(obligation)


def why_owed(turn: Turn, obligation: Obligation) -> Citation:
    """Why something is due when it is: by the step that asks for it, or by the limit of its duty."""
    run = turn.state.step_run(obligation.subject) if obligation.duty is Duty.STEP else None
    return why_due(turn, run) if run is not None else limit_of(turn, obligation.duty, subject=obligation.subject)


def _limit(turn: Turn, duty: Duty, subject: str) -> Limit:
    """Within which a duty is done: that of the level whose reminder it belongs to, else that of the duty."""
    level = next((record.level for record in turn.state.rungs if record.key == subject), "")
    return turn.regime.ladder.limit_of(level, duty) or turn.regime.limits[duty]


def limit_of(turn: Turn, duty: Duty, demanded_by: Source | None = None, *, subject: str = "") -> Citation:
    """Why a duty is due when it is.

    Args:
        subject: Key of the reminder that it belongs to; empty where it belongs to none.
    """
    limit = _limit(turn, duty, subject)
    return turn.cite_limit(f"{DUTY_WORDS[duty]}应在{limit.words}内完成", limit, demanded_by)


def close(
    turn: Turn, obligation: Obligation, status: ObligationStatus = ObligationStatus.MET, reason: str = ""
) -> tuple[Change, ...]:
    """Close an obligation: met, or lapsed and why. What asks for it and is not delivered yet is no longer true."""
    turn.update(obligations=tuple(o for o in turn.state.obligations if o.id != obligation.id))
    closed = change_of(obligation).model_copy(update={"status": status, "closed_at": turn.at, "reason": reason})
    why = reason or f"{owed_words(turn.state, obligation)}已完成"
    kinds = (NoticeKind.CHASE, NoticeKind.REQUEST, NoticeKind.DECISION)
    return (closed, NoticesWithdrawn(subjects=(obligation.id,), kinds=kinds, reason=why))


def lapse_extension(turn: Turn, milestone: int, reason: str) -> tuple[Change, ...]:
    """A wish for a later date has nothing left to wish for: it need not be decided any more."""
    changes: list[Change] = []
    for pending in turn.state.extensions:
        owed = turn.state.obligation(pending.obligation)
        if pending.milestone == milestone and owed is not None:
            changes.extend(close(turn, owed, ObligationStatus.LAPSED, reason))
    turn.update(extensions=tuple(e for e in turn.state.extensions if e.milestone != milestone))
    return tuple(changes)


def change_of(obligation: Obligation) -> ObligationChange:
    """An obligation's row."""
    return ObligationChange(
        id=obligation.id,
        duty=obligation.duty,
        owed_by=obligation.owed_by,
        subject=obligation.subject,
        asked_at=obligation.not_before,
        due_on=obligation.due_on,
        chases=obligation.chases,
    )


def chase_due(turn: Turn, duties: tuple[Duty, ...] = tuple(Duty)) -> None:
    """Chase what of these duties has not come back by today. After an outage once, not once for each chase missed."""
    for obligation in turn.state.owing(*(duty for duty in duties if duty not in NEVER_CHASED)):
        day = obligation.next_chase_on
        if day is not None and turn.calendar.office_moment(day, turn.spread) <= turn.now:
            _chase(turn, obligation, day)


def rechase(turn: Turn) -> None:
    """The days of chases still to come, by the calendar that is in force now. What is owed is due when it was.

    A first chase follows the day on which it was due; a later one moves only off a day on which the office is closed.
    """

    def anew(owed: Obligation) -> Obligation:
        if owed.next_chase_on is None:
            return owed
        start = owed.due_on + ONE_DAY if owed.chases == 0 else owed.next_chase_on
        if owed.duty is Duty.STEP:
            start = max(start, turn.calendar.zone.local_date(owed.not_before) + ONE_DAY)
        return owed.model_copy(update={"next_chase_on": turn.calendar.working_day_from(start)})

    turn.update(obligations=tuple(anew(owed) for owed in turn.state.obligations))


def _chase(turn: Turn, obligation: Obligation, day: date) -> None:
    chasing = turn.regime.chasing
    number = obligation.chases + 1
    following = None
    if number < chasing.at_most:
        following = turn.calendar.working_day_from(
            max(after(chasing.every, turn.today, turn.calendar), turn.today + ONE_DAY)
        )
    chased = obligation.model_copy(update={"chases": number, "next_chase_on": following})
    turn.update(obligations=tuple(chased if o.id == chased.id else o for o in turn.state.obligations))
    words = owed_words(turn.state, obligation)
    intent = NoticeIntent(
        key=f"{obligation.id}/chase/{number}",
        kind=NoticeKind.CHASE,
        subject=obligation.id,
        recipient=obligation.owed_by,
        issuer=chaser_of(turn, obligation.owed_by),
        issued_at=turn.now,
        deliver_not_before=turn.deliver_from,
        duty=obligation.duty,
        respond_by=obligation.due_on,
        facts={"owed": words, "occurrence": str(number), **_to_the_head(turn, obligation.owed_by)},
        explanation=Explanation(due_on=day, citation=why_owed(turn, obligation)),
    )
    turn.enter(
        EntryKind.CHASED,
        f"{obligation.owed_by}应于{day_text(obligation.due_on)}前完成{words}，至今未完成，第{number}次催报",
        intent,
        change_of(chased),
    )


def chaser_of(turn: Turn, owed_by: str) -> str:
    """Who chases: the supervising body; the reform office where the supervising body itself owes.

    A reform office that supervises has nobody beside it who could chase it without a decision: it is chased in its own
    name, and the notice asks for its head (A).
    """
    roles = turn.state.roles
    supervising = roles.first(SUPERVISING_BODY)
    return supervising if owed_by != supervising else roles.first(REFORM_OFFICE)


def _to_the_head(turn: Turn, owed_by: str) -> dict[str, str]:
    head = turn.state.roles.head_on(owed_by, turn.today) if chaser_of(turn, owed_by) == owed_by else ""
    return {"head": head} if head else {}
