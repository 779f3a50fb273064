"""What is no longer true is not sent: proposals lapse, undelivered reminders stay here, the ledger says why."""

from datetime import datetime

from duban.supervision.levels.copying import copies_withdrawn
from duban.supervision.levels.explaining import reminder_change
from duban.supervision.rules.rungs import Rung
from duban.supervision.tasks.duties import close
from duban.supervision.tasks.entries import (
    Change,
    NoticeKind,
    NoticesWithdrawn,
    ObligationStatus,
    ReminderChange,
)
from duban.supervision.tasks.state import RungRecord, RungStatus
from duban.supervision.tasks.turn import Turn


def withdraw_unfinished(turn: Turn, episode_number: int, reason: str) -> tuple[Change, ...]:
    """What of an episode's reminders is under way is no longer true: proposals lapse, undelivered notices stay here."""
    changes: list[Change] = []
    for record in turn.state.rungs:
        if record.episode == episode_number and (
            record.status is RungStatus.AWAITING_APPROVAL or undelivered(turn, record)
        ):
            changes.extend(withdraw(turn, record, reason))
    subjects = tuple(sorted({r.key for r in turn.state.rungs if r.episode == episode_number}))
    if subjects:
        kinds = (NoticeKind.REMINDER, NoticeKind.REQUEST, NoticeKind.DECISION)
        changes.append(NoticesWithdrawn(subjects=subjects, kinds=kinds, reason=reason))
        changes.extend(copies_withdrawn(turn, subjects, reason))
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
    changes.extend(copies_withdrawn(turn, (record.key,), reason))
    rung = turn.regime.ladder.rung(record.level)
    if rung is not None:
        changes.append(reminder_change(turn, rung, ended, reason=reason))
    for obligation in turn.state.obligations:
        if obligation.subject == record.key:
            changes.extend(close(turn, obligation, ObligationStatus.LAPSED, reason))
    return tuple(changes)


def withdraw_overtaken(turn: Turn, rung: Rung, given: RungRecord) -> tuple[Change, ...]:
    """A lower reminder of the track that waits for the office to open says what is no longer the case."""
    lower = {below.level for below in turn.regime.ladder.below(rung)}
    changes: list[Change] = []
    for record in turn.state.rungs:
        if record.level in lower and record.episode == given.episode and undelivered(turn, record):
            changes.extend(withdraw(turn, record, "已升级为更高一级提醒"))
    return tuple(changes)


def refused(turn: Turn, rung: Rung, record: RungRecord, reason: str) -> ReminderChange:
    """A proposed level that is not agreed to; it is not proposed again in its episode."""
    ended = record.model_copy(update={"status": RungStatus.REFUSED})
    turn.replace_rung(ended)
    return reminder_change(turn, rung, ended, reason=reason)


def undelivered(turn: Turn, record: RungRecord) -> bool:
    """Whether a reminder that is issued waits for the office to open."""
    return waits_for_the_office(record, turn.now)


def waits_for_the_office(record: RungRecord, now: datetime) -> bool:
    """Whether a level has been issued and may not go out yet at a business moment."""
    undelivered = record.deliver_not_before is not None and record.deliver_not_before > now
    return record.status is RungStatus.ISSUED and undelivered
