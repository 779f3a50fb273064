"""Reminders as work: asked for, given, answered.

A level that needs approval is proposed first; nothing goes out before its approvals are in.
Every reminder says what must come back, and that is owed from then on.
"""

from datetime import date
from itertools import count

from duban.supervision.duties import close, owe
from duban.supervision.entries import (
    Change,
    EntryKind,
    Explanation,
    NoticeIntent,
    NoticeKind,
    NoticesWithdrawn,
    ObligationStatus,
    ReminderChange,
)
from duban.supervision.ladder import DueRung, next_urging_on, passed_and_current, tracks
from duban.supervision.lag import suspended_days
from duban.supervision.regime import Duty, GroundsTrigger, Rung
from duban.supervision.state import Episode, Milestone, RungRecord, RungStatus
from duban.supervision.turn import Turn, day_text
from duban.supervision.words import DUTY_WORDS

WEEKDAYS = "一二三四五六日"


def remind(turn: Turn) -> None:
    """Give what is due now, of each track the highest; enter what was passed as not issued."""
    episode = turn.state.episode
    if episode is None:
        return
    for track in tracks(turn.policy):
        passed, current = passed_and_current(track, turn.state, turn.policy, episode, turn.today)
        for due in passed:
            not_issued(turn, episode, due, _why_passed(episode, due, current, turn.today))
        if current is not None and current.give_at <= turn.now:
            start(turn, episode.number, current)


def urge_by_clock(turn: Turn) -> None:
    """Give the urging that the regime's schedule makes due; after an outage one, not several."""
    episode, urging = turn.state.episode, turn.regime.ladder.urging
    if episode is None or urging is None:
        return
    day = next_urging_on(episode, turn.state, turn.policy)
    if day is None:
        return
    if turn.calendar.office_moment(turn.calendar.working_day_from(day), turn.spread) > turn.now:
        return
    urge(turn, "按规定时限催办", Explanation(due_on=day, citation=turn.cite("催办", urging.source)))


def urge(turn: Turn, text: str, explanation: Explanation) -> None:
    """An urging, by hand or by schedule: told to the handling body, counted in the episode."""
    episode = turn.state.episode
    number = turn.state.urgings + 1
    turn.update(urgings=number)
    if episode is not None:
        turn.replace_episode(episode.model_copy(update={"urged_on": (*episode.urged_on, turn.today)}))
    roles = turn.state.roles
    handling = roles.first("handling_body")
    issuer = turn.message.body if turn.message else roles.first("supervising_body")
    turn.enter(
        EntryKind.URGED,
        f"{issuer}向{handling}催办：{text}",
        NoticeIntent(
            key=f"urge/{number}",
            kind=NoticeKind.OTHER,
            episode=episode.number if episode else 0,
            subject=f"e{episode.number}/urge/{number}" if episode else f"urge/{number}",
            recipient=handling,
            issuer=issuer,
            issued_at=turn.now,
            deliver_not_before=turn.deliver_from,
            facts={"what": "urging", "text": text, "occurrence": str(number)},
            explanation=explanation,
        ),
    )


def not_issued(turn: Turn, episode: Episode, due: DueRung, reason: str) -> None:
    """Enter a level that fell due and is not given, with the reason."""
    record = _record(turn, episode.number, due, RungStatus.NOT_ISSUED)
    turn.replace_rung(record)
    turn.enter(
        EntryKind.REMINDER_NOT_ISSUED,
        f"{due.rung.title}（{day_text(due.due_on)}到期）不再发出：{reason}",
        _change(turn, due.rung, record, reason=reason),
    )


def start(turn: Turn, episode_number: int, due: DueRung, *, key: str = "", skip: int = 0, grounds: str = "") -> None:
    """Give a level that is due, or ask for the first approval that it needs.

    Args:
        key: Of the reminder, where it is raised outside an episode.
        skip: Approvals that are in already.
        grounds: Stated with the request.
    """
    record = _record(turn, episode_number, due, RungStatus.AWAITING_APPROVAL, key).model_copy(
        update={"approvals_given": skip, "grounds": grounds}
    )
    turn.replace_rung(record)
    proceed(turn, due.rung, record)


def proceed(turn: Turn, rung: Rung, record: RungRecord, scope: tuple[str, ...] = ()) -> None:
    """Ask for the next approval, or give the reminder when all are in."""
    if record.approvals_given < len(rung.approvals):
        _ask(turn, rung, record)
    else:
        _give(turn, rung, record, scope)


def _ask(turn: Turn, rung: Rung, record: RungRecord) -> None:
    approval = rung.approvals[record.approvals_given]
    body = turn.state.roles.first(approval.by)
    issuer = turn.state.roles.first(rung.issuers[0])
    obligation, owed = owe(turn, approval.duty, body, record.key, not_before=turn.deliver_from)
    kind = NoticeKind.REQUEST if approval.duty is Duty.GROUNDS else NoticeKind.DECISION
    words = DUTY_WORDS[approval.duty]
    turn.enter(
        EntryKind.APPROVAL_ASKED,
        f"{rung.title}：提请{body}办理{words}",
        NoticeIntent(
            key=f"{record.key}/{approval.duty.value}",
            kind=kind,
            episode=record.episode,
            subject=record.key,
            recipient=body,
            issuer=issuer,
            issued_at=turn.now,
            deliver_not_before=turn.deliver_from,
            duty=approval.duty,
            respond_by=obligation.due_on,
            facts={"level": rung.level, "request": obligation.id, "grounds": record.grounds},
            explanation=explain(turn, rung, record),
        ),
        owed,
        _change(turn, rung, record),
    )


def _give(turn: Turn, rung: Rung, record: RungRecord, scope: tuple[str, ...]) -> None:
    given = record.model_copy(update={"status": RungStatus.ISSUED, "deliver_not_before": turn.deliver_from})
    turn.replace_rung(given)
    issuers = issuers_of(turn, rung)
    recipients = tuple(dict.fromkeys(scope)) or turn.state.roles.of(*rung.recipients)
    respond_by: dict[str, tuple[Duty, date]] = {}
    changes: list[Change] = [*_overtaken(turn, rung, given), _change(turn, rung, given, issuer="、".join(issuers))]
    requests: list[Change] = []
    for answer in rung.answers:
        # A joint on-site reminder is carried out, and recorded, by those who lead it.
        by = issuers[0] if answer.by in rung.issuers else turn.state.roles.first(answer.by)
        obligation, owed = owe(turn, answer.duty, by, given.key, not_before=turn.deliver_from)
        changes.append(owed)
        if by in recipients:
            respond_by[by] = (answer.duty, obligation.due_on)
        else:
            requests.append(_request(turn, rung, given, answer.duty, by, obligation.due_on))
    for recipient in recipients:
        duty, day = respond_by.get(recipient, (None, None))
        changes.append(
            NoticeIntent(
                key=given.key,
                kind=NoticeKind.REMINDER,
                level=rung.level,
                episode=given.episode,
                subject=given.key,
                recipient=recipient,
                issuer="、".join(issuers),
                issued_at=turn.now,
                deliver_not_before=turn.deliver_from,
                paper=rung.paper,
                duty=duty,
                respond_by=day,
                facts=_told_with(turn, rung, given, recipients),
                explanation=explain(turn, rung, given),
            )
        )
    turn.enter(
        EntryKind.REMINDER_ISSUED,
        f"{'、'.join(issuers)}向{'、'.join(recipients)}发出{rung.title}（{day_text(given.due_on)}到期）",
        *changes,
        *requests,
    )


def _told_with(turn: Turn, rung: Rung, record: RungRecord, recipients: tuple[str, ...]) -> dict[str, str]:
    """What a reminder tells beside its explanation; one that was approved names who approved it."""
    roles = turn.state.roles
    facts = {"title": rung.title, "grounds": record.grounds, "handling_body": roles.first("handling_body")}
    if rung.approvals:
        last = rung.approvals[-1]
        name = "confirmed_by" if last.duty is Duty.CONFIRMATION else "decided_by"
        facts[name] = roles.first(last.by)
    if any(isinstance(trigger, GroundsTrigger) for trigger in rung.triggers):
        facts["head"] = "、".join(roles.heads[body] for body in recipients if body in roles.heads)
    if recipients != roles.of(*rung.recipients):
        facts["scope"] = "、".join(recipients)
    return {name: text for name, text in facts.items() if text}


def _request(turn: Turn, rung: Rung, record: RungRecord, duty: Duty, by: str, due_on: date) -> NoticeIntent:
    """The work order to the side that carries the reminder out."""
    return NoticeIntent(
        key=f"{record.key}/{duty.value}",
        kind=NoticeKind.REQUEST,
        episode=record.episode,
        subject=f"{record.key}/{duty.value}",
        recipient=by,
        issuer=turn.state.roles.first(rung.issuers[0]),
        issued_at=turn.now,
        deliver_not_before=turn.deliver_from,
        duty=duty,
        respond_by=due_on,
        facts={"level": rung.level, "title": rung.title, "handling_body": turn.state.roles.first("handling_body")},
        explanation=explain(turn, rung, record),
    )


def issuers_of(turn: Turn, rung: Rung) -> tuple[str, ...]:
    """In whose name a level is given; jointly for decisions from above and items on the lists."""
    task = turn.state.definition
    joint = rung.joint_issuers and (task.decided_above or task.list_kinds)
    return turn.state.roles.of(*(rung.joint_issuers if joint else rung.issuers))


def withdraw_unfinished(turn: Turn, episode_number: int, reason: str) -> tuple[Change, ...]:
    """What of an episode's reminders is under way is no longer true: proposals lapse, undelivered notices stay here."""
    changes: list[Change] = []
    for record in turn.state.rungs:
        if record.episode == episode_number and (record.status is RungStatus.AWAITING_APPROVAL or _waits(turn, record)):
            changes.extend(withdraw(turn, record, reason))
    subjects = tuple(sorted({r.key for r in turn.state.rungs if r.episode == episode_number}))
    if subjects:
        kinds = (NoticeKind.REMINDER, NoticeKind.REQUEST, NoticeKind.DECISION)
        changes.append(NoticesWithdrawn(subjects=subjects, kinds=kinds, reason=reason))
    if episode_number:
        changes.append(NoticesWithdrawn(subjects=(f"e{episode_number}/urge",), reason=reason))
    return tuple(changes)


def withdraw(turn: Turn, record: RungRecord, reason: str) -> tuple[Change, ...]:
    """Take back one level that is proposed or not delivered yet: what was owed for it lapses, its notices stay here."""
    proposed = record.status is RungStatus.AWAITING_APPROVAL
    ended = record.model_copy(update={"status": RungStatus.NOT_ISSUED if proposed else RungStatus.WITHDRAWN})
    turn.replace_rung(ended)
    kinds = (NoticeKind.REMINDER, NoticeKind.REQUEST, NoticeKind.DECISION)
    changes: list[Change] = [NoticesWithdrawn(subjects=(record.key,), kinds=kinds, reason=reason)]
    rung = turn.regime.ladder.rung(record.level)
    if rung is not None:
        changes.append(_change(turn, rung, ended, reason=reason))
    for obligation in turn.state.obligations:
        if obligation.subject == record.key:
            changes.extend(close(turn, obligation, ObligationStatus.LAPSED, reason))
    return tuple(changes)


def refused(turn: Turn, rung: Rung, record: RungRecord, reason: str) -> ReminderChange:
    """A proposed level that is not agreed to; it is not proposed again in its episode."""
    ended = record.model_copy(update={"status": RungStatus.REFUSED})
    turn.replace_rung(ended)
    return _change(turn, rung, ended, reason=reason)


def _waits(turn: Turn, record: RungRecord) -> bool:
    """Whether a reminder that is issued waits for the office to open."""
    undelivered = record.deliver_not_before is not None and record.deliver_not_before > turn.now
    return record.status is RungStatus.ISSUED and undelivered


def first_overdue(turn: Turn) -> Milestone | None:
    """The unmet milestone with the earliest date: the one a reminder speaks of."""
    return turn.state.unmet[0] if turn.state.unmet else None


def explain(turn: Turn, rung: Rung, record: RungRecord) -> Explanation:
    """Why a level is given: dates, count, pauses, calendar, rule and clause."""
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
        shift=_shift(turn, record.due_on, delivered),
        provisional=turn.calendar.is_provisional(delivered),
        citation=turn.cite(rung.title, rung.source, rung.assumed),
    )


def _shift(turn: Turn, due_on: date, delivered: date) -> str:
    if delivered <= due_on:
        return ""
    if not turn.calendar.is_working_day(due_on):
        return (
            f"{day_text(due_on)}（星期{WEEKDAYS[due_on.weekday()]}）为非工作日，"
            f"顺延至{day_text(delivered)}（星期{WEEKDAYS[delivered.weekday()]}）"
        )
    return f"应于{day_text(due_on)}发出，实际于{day_text(delivered)}发出"


def _why_passed(episode: Episode, due: DueRung, current: DueRung | None, today: date) -> str:
    if current is not None and due.due_on == episode.watched_from == current.due_on:
        return f"纳入督办时滞后天数已超过本级，直接适用{current.rung.title}"
    if current is not None:
        return f"截至{day_text(today)}已进入{current.rung.title}区间，只发出当前一级"
    return f"截至{day_text(today)}已越过本级区间"


def _overtaken(turn: Turn, rung: Rung, given: RungRecord) -> tuple[Change, ...]:
    """A lower reminder of the track that waits for the office to open says what is no longer the case."""
    levels = {r.level for r in turn.regime.ladder.rungs if r.track == rung.track}
    changes: list[Change] = []
    for record in turn.state.rungs:
        lower = record.level in levels and record.episode == given.episode and record.key != given.key
        if lower and _waits(turn, record):
            changes.extend(withdraw(turn, record, "已升级为更高一级提醒"))
    return tuple(changes)


def _record(turn: Turn, episode_number: int, due: DueRung, status: RungStatus, key: str = "") -> RungRecord:
    base = key or f"e{episode_number}/{due.rung.level}"
    used = {record.key for record in turn.state.rungs}
    occurrence = next(n for n in count(1) if (base if n == 1 else f"{base}/{n}") not in used)
    return RungRecord(
        key=base if occurrence == 1 else f"{base}/{occurrence}",
        level=due.rung.level,
        episode=episode_number,
        status=status,
        due_on=due.due_on,
        lag_days=due.lag_days,
    )


def _change(turn: Turn, rung: Rung, record: RungRecord, *, issuer: str = "", reason: str = "") -> ReminderChange:
    milestone = first_overdue(turn)
    return ReminderChange(
        key=record.key,
        level=record.level,
        episode=record.episode,
        status=record.status,
        due_on=record.due_on,
        lag_days=record.lag_days,
        milestone_due_on=milestone.due_on if milestone else None,
        issued_at=turn.now if record.status is RungStatus.ISSUED else None,
        issuer=issuer,
        reason=reason,
        citation=turn.cite(rung.title, rung.source, rung.assumed),
    )
