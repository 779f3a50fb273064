"""What a register would do differently by other rules: which rhythms come, go and move. Pure; decides nothing."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from duban.supervision.changes.changed_rules import ChangedProcedure, RuleDifference, Shift
from duban.supervision.model import Frozen
from duban.supervision.registers.occurrences import Occurrence
from duban.supervision.registers.registers import ComingRound, RegisterRules


class RegisterAtHand(Frozen):
    """A register as it stands.

    Attributes:
        spread: Where in the office window it opens what comes round.
    """

    code: str
    rules: RegisterRules
    coming: ComingRound
    spread: float


def register_difference(
    at_hand: RegisterAtHand, after: RegisterRules, procedures: tuple[ChangedProcedure, ...], now: datetime
) -> RuleDifference:
    """What a change of rules would change in a register.

    Args:
        procedures: Those by which it would open items otherwise.
        now: Business moment.
    """
    before, coming, spread = at_hand.rules, at_hand.coming, at_hand.spread
    following = coming.under(before, after, after.calendar.zone.local_date(now))
    was, will = _ripe(coming, before, now, spread), _ripe(following, after, now, spread)
    return RuleDifference(
        task_code=at_hand.code,
        plan_code=at_hand.code,
        is_register=True,
        next_before=coming.next_moment(before, spread),
        next_after=following.next_moment(after, spread),
        shifts=tuple(
            _shifts(_next_of_each(coming, before, spread), _next_of_each(following, after, spread)),
        ),
        due_at_once=tuple(words for words, opened in will.items() if opened and not was.get(words)),
        passed_over=tuple(words for words, opened in will.items() if not opened and words not in was),
        procedures=procedures,
    )


def _ripe(coming: ComingRound, rules: RegisterRules, now: datetime, spread: float) -> dict[str, bool]:
    """What would be dealt with at once, in words, and whether it would be opened."""
    found: dict[str, bool] = {}
    for key, due in coming.ripe(rules, now, spread):
        title = rules.rhythms[key].title
        found |= {f"{missed.span.words}{title}": False for missed in due.missed}
        if due.opened is not None:
            found[f"{due.opened.span.words}{title}"] = True
    return found


def _next_of_each(coming: ComingRound, rules: RegisterRules, spread: float) -> dict[str, tuple[str, Occurrence]]:
    """What comes next of each rhythm, with its words."""
    return {
        key: (f"{found.span.words}{rules.rhythms[key].title}", found)
        for key, found in coming.next_of_each(rules, spread).items()
    }


def _shifts(
    before: Mapping[str, tuple[str, Occurrence]], after: Mapping[str, tuple[str, Occurrence]]
) -> Iterator[Shift]:
    for key in dict.fromkeys((*before, *after)):
        was, will = before.get(key), after.get(key)
        if was is None and will is not None:
            yield Shift(what=will[0], after_on=will[1].opens_on)
        elif will is None and was is not None:
            yield Shift(what=was[0], before_on=was[1].opens_on)
        elif was is not None and will is not None:
            what = was[0] if was[0] == will[0] else f"{was[0]}，改为{will[0]}"
            if (was[0], was[1].opens_on) != (will[0], will[1].opens_on):
                yield Shift(what=what, before_on=was[1].opens_on, after_on=will[1].opens_on)
