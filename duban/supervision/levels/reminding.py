"""Reminders as work: asked for, given, answered.

A level that needs approval is proposed first; nothing goes out before its approvals are in.
Every reminder says what must come back, and that is owed from then on.
"""

from datetime import date
from itertools import count

from duban.supervision.levels.copying import copies_of
from duban.supervision.levels.explaining import explain, reminder_change
from duban.supervision.levels.ladder import DueRung, dealt_with, given_in, passed_and_current, tracks
from duban.supervision.levels.withdrawing import withdraw, withdraw_overtaken
from duban.supervision.rules.owed import Duty
from duban.supervision.rules.rungs import Answer, Rung
from duban.supervision.tasks.duties import owe
from duban.supervision.tasks.entries import (
    Change,
    EntryKind,
    NoticeIntent,
    NoticeKind,
)
from duban.supervision.tasks.state import Episode, RungRecord, RungStatus
from duban.supervision.tasks.turn import Turn, day_text
from duban.supervision.words import DUTY_WORDS


def remind(turn: Turn) -> None:
    """Give what is due now, of each track the highest; enter what was passed as not issued."""
    episode = turn.state.episode
    if episode is None:
        return
    for track in tracks(turn.policy):
        passed, current = passed_and_current(track, turn.state, turn.policy, episode, turn.today)
        for due in passed:
            not_issued(turn, episode, due, _why_passed(turn, episode, due, current))
        if current is not None and current.give_at <= turn.now:
            start(turn, episode.number, current)


def not_issued(turn: Turn, episode: Episode, due: DueRung, reason: str) -> None:
    """Enter a level that fell due and is not given, with the reason."""
    record = _record(turn, episode.number, due, RungStatus.NOT_ISSUED)
    turn.replace_rung(record)
    turn.enter(
        EntryKind.REMINDER_NOT_ISSUED,
        f"{due.rung.title}（{day_text(due.due_on)}到期）不再发出：{reason}",
        reminder_change(turn, due.rung, record, reason=reason),
    )


def start(
    turn: Turn,
    episode_number: int,
    due: DueRung,
    *,
    key: str = "",
    skip: int = 0,
    grounds: str = "",
    proposed_by: tuple[str, str] | None = None,
) -> None:
    """Give a level that is due, or ask for the first approval that it needs.

    Args:
        key: Of the reminder, where it is raised outside an episode.
        skip: Approvals that are in already.
        grounds: Stated with the request.
        proposed_by: Body and person who raise it.
    """
    record = _record(turn, episode_number, due, RungStatus.AWAITING_APPROVAL, key).model_copy(
        update={"approvals_given": skip, "grounds": grounds, "proposed_by": proposed_by}
    )
    turn.replace_rung(record)
    _lapse_overtaken(turn, due.rung, record)
    proceed(turn, due.rung, record)


def _lapse_overtaken(turn: Turn, rung: Rung, record: RungRecord) -> None:
    """A lower level that waits for its approval is overtaken like one that was passed: it is not decided any more."""
    reason = f"批准之前已进入{rung.title}区间"
    for below in turn.regime.ladder.below(rung):
        proposed = dealt_with(turn.state, record.episode, below.level)
        if record.episode and proposed is not None and proposed.status is RungStatus.AWAITING_APPROVAL:
            changes = withdraw(turn, proposed, reason)
            turn.enter(EntryKind.REMINDER_NOT_ISSUED, f"{below.title}不再提请批准：{reason}", *changes)


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
            explanation=explain(turn, rung, record, approval),
        ),
        owed,
        reminder_change(turn, rung, record),
    )


def _give(turn: Turn, rung: Rung, record: RungRecord, scope: tuple[str, ...]) -> None:
    given = record.model_copy(update={"status": RungStatus.ISSUED, "deliver_not_before": turn.deliver_from})
    turn.replace_rung(given)
    issuers = issuers_of(turn, rung)
    recipients = tuple(dict.fromkeys(scope)) or turn.state.roles.of(*rung.recipients)
    owing: dict[str, list[tuple[Answer, date]]] = {}
    changes: list[Change] = [
        *withdraw_overtaken(turn, rung, given),
        reminder_change(turn, rung, given, issuer="、".join(issuers)),
    ]
    requests: list[Change] = []
    for answer in rung.answers:
        # A joint on-site reminder is carried out, and recorded, by those who lead it.
        by = issuers[0] if answer.by in rung.issuers else turn.state.roles.first(answer.by)
        obligation, owed = owe(turn, answer.duty, by, given.key, not_before=turn.deliver_from)
        changes.append(owed)
        if by in recipients:
            owing.setdefault(by, []).append((answer, obligation.due_on))
        else:
            requests.append(_request(turn, rung, given, answer, by, obligation.due_on))
    for recipient in recipients:
        asked = owing.get(recipient, [])
        answer_owed, day = asked[-1] if asked else (None, None)
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
                duty=answer_owed.duty if answer_owed else None,
                respond_by=day,
                facts=_told_with(turn, rung, given, recipients) | _also_owed(asked[:-1]),
                explanation=explain(turn, rung, given, answer_owed),
            )
        )
    changes.extend(copies_of(turn, rung, given, issuers, recipients))
    turn.enter(
        EntryKind.REMINDER_ISSUED,
        f"{'、'.join(issuers)}向{'、'.join(recipients)}发出{rung.title}（{day_text(given.due_on)}到期）",
        *changes,
        *requests,
    )


def _also_owed(others: list[tuple[Answer, date]]) -> dict[str, str]:
    """What a reminder asks of its recipient beside the one answer that its sentences speak of."""
    listed = "、".join(f"{DUTY_WORDS[answer.duty]}（{day_text(due_on)}前）" for answer, due_on in others)
    return {"also_owed": listed} if listed else {}


def _told_with(turn: Turn, rung: Rung, record: RungRecord, recipients: tuple[str, ...]) -> dict[str, str]:
    """What a reminder tells beside its explanation; one that was approved names who approved it."""
    roles = turn.state.roles
    facts = {"title": rung.title, "grounds": record.grounds, "handling_body": roles.first("handling_body")}
    if rung.approvals:
        last = rung.approvals[-1]
        name = "confirmed_by" if last.duty is Duty.CONFIRMATION else "decided_by"
        facts[name] = roles.first(last.by)
    if rung.on_grounds or rung.to_head:
        facts["head"] = "、".join(filter(None, (roles.head_on(body, turn.today) for body in recipients)))
    if recipients != roles.of(*rung.recipients):
        facts["scope"] = "、".join(recipients)
    return {name: text for name, text in facts.items() if text}


def _request(turn: Turn, rung: Rung, record: RungRecord, answer: Answer, by: str, due_on: date) -> NoticeIntent:
    """The work order to the side that carries the reminder out."""
    return NoticeIntent(
        key=f"{record.key}/{answer.duty.value}",
        kind=NoticeKind.REQUEST,
        episode=record.episode,
        subject=f"{record.key}/{answer.duty.value}",
        recipient=by,
        issuer=turn.state.roles.first(rung.issuers[0]),
        issued_at=turn.now,
        deliver_not_before=turn.deliver_from,
        duty=answer.duty,
        respond_by=due_on,
        facts={"level": rung.level, "title": rung.title, "handling_body": turn.state.roles.first("handling_body")},
        explanation=explain(turn, rung, record, answer),
    )


def issuers_of(turn: Turn, rung: Rung) -> tuple[str, ...]:
    """In whose name a level is given; jointly for decisions from above and items on the lists."""
    task = turn.state.definition
    joint = rung.joint_issuers and (task.decided_above or task.list_kinds)
    return turn.state.roles.of(*(rung.joint_issuers if joint else rung.issuers))


def _why_passed(turn: Turn, episode: Episode, due: DueRung, current: DueRung | None) -> str:
    today = turn.today
    if current is not None and due.due_on == episode.watched_from == current.due_on:
        return f"纳入督办时滞后天数已超过本级，直接适用{current.rung.title}"
    if current is not None:
        return f"截至{day_text(today)}已进入{current.rung.title}区间，只发出当前一级"
    if any(given_in(turn.state, episode.number, above.level) for above in turn.regime.ladder.above(due.rung)):
        return "此前已发出更高一级提醒"
    return f"截至{day_text(today)}已越过本级区间"


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
