"""What was under way goes on under other rules: no level is given twice, left out unsaid, or waits in vain.

What was issued stays issued, with what is owed for it, as long as whoever owes it may still do it. What was proposed
is decided by whoever decides now. A level that the old ladder had passed over opens again where the new one may still
give it.
"""

from duban.supervision.levels.explaining import reminder_change
from duban.supervision.levels.ladder import dealt_with, passed_and_current, reached_on, tracks
from duban.supervision.levels.reminding import proceed
from duban.supervision.levels.withdrawing import withdraw
from duban.supervision.rules.authority import ACT_OF
from duban.supervision.rules.owed import ANSWERS, APPROVALS
from duban.supervision.rules.policy import Policy
from duban.supervision.rules.rungs import Ladder, Rung
from duban.supervision.tasks.duties import close
from duban.supervision.tasks.entries import Change, NoticeKind, NoticesWithdrawn, ObligationStatus
from duban.supervision.tasks.state import RungRecord, RungStatus
from duban.supervision.tasks.turn import Turn
from duban.supervision.words import DUTY_WORDS

NOT_DUE_YET = "按变更后的规则尚未到期"
DECIDED_OTHERWISE = "按变更后的规则另行办理"


def carry_over(turn: Turn, before: Policy) -> tuple[tuple[Change, ...], tuple[RungRecord, ...]]:
    """Fit what is under way to the rules that are in force now.

    Args:
        before: The rules by which the task has lived until now.

    Returns:
        What changes with it, and the proposals that ``go_on`` takes up again once the change itself is entered.
    """
    changes: list[Change] = [*_not_theirs_any_more(turn)]
    again: list[RungRecord] = []
    for record in turn.state.rungs:
        rung = turn.regime.ladder.rung(record.level)
        if record.status is not RungStatus.AWAITING_APPROVAL or rung is None:
            continue
        if _is_not_reached(turn, rung, record):
            changes.extend(withdraw(turn, record, NOT_DUE_YET))
            _open_again(turn, record.key)
            continue
        fitted = record.model_copy(update={"approvals_given": _given_for(rung, record, before.regime.ladder)})
        turn.replace_rung(fitted)
        if not _is_asked(turn, rung, fitted):
            changes.extend(_not_asked_any_more(turn, fitted))
            again.append(fitted)
    _open_what_was_passed(turn)
    return tuple(changes), tuple(again)


def go_on(turn: Turn, proposals: tuple[RungRecord, ...]) -> None:
    """Put proposals to whoever decides now, or give what needs no decision any more."""
    for record in proposals:
        rung = turn.regime.ladder.rung(record.level)
        if rung is not None:
            proceed(turn, rung, record)


def _not_theirs_any_more(turn: Turn) -> list[Change]:
    """What is owed by a body that may not do it any more is not owed: nobody could close it."""
    changes: list[Change] = []
    for owed in turn.state.owing(*ANSWERS):
        if not set(turn.state.roles.held_by(owed.owed_by)) & set(turn.regime.authority.of(ACT_OF[owed.duty])):
            reason = f"按变更后的规则，{DUTY_WORDS[owed.duty]}不再由{owed.owed_by}办理"
            changes.extend(close(turn, owed, ObligationStatus.LAPSED, reason))
    return changes


def _is_not_reached(turn: Turn, rung: Rung, record: RungRecord) -> bool:
    """Whether a level was proposed by days that the rules do not count so any more; people may propose at any time."""
    episode = turn.state.episode
    if episode is None or record.episode != episode.number or rung.on_grounds:
        return False
    day = reached_on(rung, episode, turn.state, turn.policy)
    return day is None or day > turn.today


def _given_for(rung: Rung, record: RungRecord, before: Ladder) -> int:
    """How many of a level's approvals are in: those that were given, as far as the rules ask for them first."""
    old = before.rung(record.level)
    in_hand = {approval.duty for approval in old.approvals[: record.approvals_given]} if old is not None else set()
    number = 0
    while number < len(rung.approvals) and rung.approvals[number].duty in in_hand:
        number += 1
    return number


def _is_asked(turn: Turn, rung: Rung, record: RungRecord) -> bool:
    """Whether what the rules ask for next has been asked of the one who decides it."""
    if record.approvals_given == len(rung.approvals):
        return False
    approval = rung.approvals[record.approvals_given]
    asked = [o for o in turn.state.owing(*APPROVALS) if o.subject == record.key]
    return [(o.duty, o.owed_by) for o in asked] == [(approval.duty, turn.state.roles.first(approval.by))]


def _not_asked_any_more(turn: Turn, record: RungRecord) -> list[Change]:
    changes: list[Change] = []
    for owed in turn.state.owing(*APPROVALS):
        if owed.subject == record.key:
            changes.extend(close(turn, owed, ObligationStatus.LAPSED, DECIDED_OTHERWISE))
    kinds = (NoticeKind.REQUEST, NoticeKind.DECISION)
    changes.append(NoticesWithdrawn(subjects=(record.key,), kinds=kinds, reason=DECIDED_OTHERWISE))
    rung = turn.regime.ladder.rung(record.level)
    return [*changes, reminder_change(turn, rung, record)] if rung is not None else changes


def _open_again(turn: Turn, key: str) -> None:
    """A level may be given in its episode once more; its record stays, outside any, so that its key is used once."""
    turn.update(rungs=tuple(r.model_copy(update={"episode": 0}) if r.key == key else r for r in turn.state.rungs))


def _open_what_was_passed(turn: Turn) -> None:
    episode = turn.state.episode
    if episode is None:
        return
    passed = {r.key: r for r in turn.state.rungs if r.episode == episode.number and r.status is RungStatus.NOT_ISSUED}
    without = turn.state.model_copy(update={"rungs": tuple(r for r in turn.state.rungs if r.key not in passed)})
    for track in tracks(turn.policy):
        overtaken, _ = passed_and_current(track, without, turn.policy, episode, turn.today)
        stay = {due.rung.level for due in overtaken}
        for rung in track:
            record = dealt_with(turn.state, episode.number, rung.level)
            if record is not None and record.key in passed and rung.level not in stay:
                _open_again(turn, record.key)
