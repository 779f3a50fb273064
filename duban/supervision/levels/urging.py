"""Urgings (催办): by hand, or by a regime's schedule; counted within the episode."""

from duban.supervision.levels.ladder import next_urging_on
from duban.supervision.rules.owed import Duty
from duban.supervision.rules.parts import HANDLING_BODY
from duban.supervision.tasks.entries import (
    EntryKind,
    Explanation,
    NoticeIntent,
    NoticeKind,
)
from duban.supervision.tasks.turn import Turn


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
    """An urging, by hand or by schedule, to the handling body or whom a step waits for; counted in the episode."""
    episode = turn.state.episode
    number = turn.state.urgings + 1
    turn.update(urgings=number)
    if episode is not None:
        turn.replace_episode(episode.model_copy(update={"urged_on": (*episode.urged_on, turn.today)}))
    roles = turn.state.roles
    waits_for = next((owed.owed_by for owed in turn.state.owing(Duty.STEP)), "")
    handling = waits_for or roles.first(HANDLING_BODY)
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
