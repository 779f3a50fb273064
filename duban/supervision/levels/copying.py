"""Copies of reminders: to whoever watches the plan, and to heads of bodies directly (Sichuan 2016).

A copy asks nothing of anybody. It goes with its reminder and is withdrawn with it; its key is the reminder's with a
mark, so that neither is taken for the other.
"""

from collections.abc import Iterator

from duban.supervision.levels.explaining import explain
from duban.supervision.rules.regime import Copy
from duban.supervision.rules.rungs import Rung
from duban.supervision.tasks.entries import Change, NoticeIntent, NoticeKind, NoticesWithdrawn
from duban.supervision.tasks.state import RungRecord
from duban.supervision.tasks.turn import Turn


def copies_of(
    turn: Turn, rung: Rung, given: RungRecord, issuers: tuple[str, ...], recipients: tuple[str, ...]
) -> Iterator[Change]:
    """The copies of a reminder that is given now, one to a body and manner of address."""
    told: set[tuple[str, bool]] = set()
    for copy in turn.regime.copies:
        if rung.level not in copy.levels:
            continue
        for body in turn.state.roles.of(*copy.to):
            if (body, copy.to_heads) in told or (body in recipients and not copy.to_heads):
                continue
            told.add((body, copy.to_heads))
            yield _copy(turn, copy, rung, given, issuers, recipients, body)


def copies_withdrawn(turn: Turn, keys: tuple[str, ...], reason: str) -> tuple[Change, ...]:
    """The copies of reminders that are taken back."""
    if not turn.regime.copies or not keys:
        return ()
    return (NoticesWithdrawn(subjects=tuple(f"{key}/{mark}" for key in keys for mark in MARKS), reason=reason),)


MARKS = ("copy", "copy_to_head")


def _copy(
    turn: Turn,
    copy: Copy,
    rung: Rung,
    given: RungRecord,
    issuers: tuple[str, ...],
    recipients: tuple[str, ...],
    body: str,
) -> NoticeIntent:
    mark = MARKS[copy.to_heads]
    facts = {
        "what": mark,
        "title": rung.title,
        "addressed": "、".join(recipients),
        "head": turn.state.roles.head_on(body, turn.today) if copy.to_heads else "",
    }
    return NoticeIntent(
        key=f"{given.key}/{mark}",
        kind=NoticeKind.OTHER,
        episode=given.episode,
        subject=f"{given.key}/{mark}",
        recipient=body,
        issuer="、".join(issuers),
        issued_at=turn.now,
        deliver_not_before=turn.deliver_from,
        facts={name: text for name, text in facts.items() if text},
        explanation=explain(turn, rung, given).model_copy(
            update={"citation": turn.cite(f"{rung.title}抄送", copy.source, copy.assumed)}
        ),
    )
