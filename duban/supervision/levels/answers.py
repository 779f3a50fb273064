"""What comes back after a reminder, and what people add to it: explanation, records, urging, demand."""

from collections.abc import Iterator
from datetime import UTC

from duban.supervision.days.calendar import FARTHEST
from duban.supervision.levels.ladder import DueRung
from duban.supervision.levels.lag import lag_on
from duban.supervision.levels.reminding import start
from duban.supervision.levels.urging import urge
from duban.supervision.rules.owed import Duty
from duban.supervision.rules.parts import HANDLING_BODY, INSPECTION_OFFICES, REFORM_OFFICE, SUPERVISING_BODY
from duban.supervision.tasks.duties import close, owe
from duban.supervision.tasks.entries import Change, EntryKind, Explanation, NoticeIntent, NoticeKind, RecordChange
from duban.supervision.tasks.foretelling import explain_ahead
from duban.supervision.tasks.granting import proposer_of
from duban.supervision.tasks.messages import (
    Action,
    Demand,
    RaiseInterview,
    RecordAction,
    SubmitExplanation,
    Urge,
)
from duban.supervision.tasks.state import Obligation, RungStatus
from duban.supervision.tasks.turn import Refusal, Turn, day_text
from duban.supervision.words import ACTION_WORDS, GROUND_WORDS


def submit_explanation(turn: Turn, message: SubmitExplanation) -> Refusal | None:
    """The written explanation that a written reminder demands of the lead body."""
    if message.duty is Duty.ADVANCE_EXPLANATION:
        return explain_ahead(turn, message)
    owed = [o for o in turn.state.owing(Duty.EXPLANATION) if o.owed_by == message.body]
    if not owed:
        ahead = "；期前说明须写明能否按期办结（on_time）" if turn.state.owing(Duty.ADVANCE_EXPLANATION) else ""
        return Refusal(f"{message.body}目前没有应提交的书面说明{ahead}")
    obligation = owed[0]
    closed = close(turn, obligation)
    turn.update(explained=(*turn.state.explained, obligation.subject))
    turn.enter(
        EntryKind.EXPLAINED,
        f"{message.body}提交书面说明：{message.text}",
        _record(turn, "explanation", obligation.subject, {"text": message.text}),
        *closed,
        *_told_of(turn, message, obligation),
    )
    return None


def _told_of(turn: Turn, message: SubmitExplanation, obligation: Obligation) -> Iterator[NoticeIntent]:
    """An explanation is made to somebody: the bodies that the level names learn what it says."""
    record = next((record for record in turn.state.rungs if record.key == obligation.subject), None)
    rung = turn.regime.ladder.rung(record.level) if record is not None else None
    answer = next((each for each in rung.answers if each.duty is Duty.EXPLANATION), None) if rung is not None else None
    if rung is None or answer is None:
        return
    title = f"{rung.title}后的说明"
    for recipient in turn.state.roles.of(*answer.tells):
        said = {"what": "explained", "title": title, "text": message.text}
        if answer.to_head and (head := turn.state.roles.head_on(recipient, turn.today)):
            said["head"] = head
        yield NoticeIntent(
            key=f"{obligation.subject}/explained/{turn.state.version + 1}",
            kind=NoticeKind.OTHER,
            subject=f"{obligation.subject}/explained",
            recipient=recipient,
            issuer=message.body,
            issued_at=turn.now,
            deliver_not_before=turn.deliver_from,
            facts=said,
            explanation=Explanation(due_on=turn.today, citation=turn.cite(title, answer.source)),
        )


def record_action(turn: Turn, message: RecordAction) -> Refusal | None:
    """The record of what a reminder set people to do; what an interview required is owed from then on."""
    if message.action is not Action.RECTIFICATION and not message.with_whom:
        return Refusal("记录须写明对象（with_whom）：与谁通话、走访谁、约谈谁")
    if message.action is Action.INTERVIEW and not (message.problems and message.requirements and message.rectify_by):
        return Refusal("约谈记录须写明指出的问题（problems）、提出的要求（requirements）和整改期限（rectify_by）")
    if message.rectify_by is not None and message.rectify_by < turn.today:
        return Refusal(f"整改期限{day_text(message.rectify_by)}早于今天，请核对")
    if message.rectify_by is not None and message.rectify_by - turn.today > FARTHEST:
        return Refusal(f"整改期限{day_text(message.rectify_by)}过于遥远，请核对年份")
    owed = [o for o in turn.state.owing(message.duty) if o.owed_by == message.body]
    if not owed and (refusal := _unasked(turn, message)) is not None:
        return refusal
    subject = owed[0].subject if owed else f"record/{turn.state.version + 1}"
    changes: list[Change] = [_record(turn, message.action.value, subject, _facts(message))]
    for obligation in owed[:1]:
        changes.extend(close(turn, obligation))
    if message.action is Action.INTERVIEW and message.rectify_by is not None:
        changes.append(_rectification(turn, message, owed))
    turn.enter(EntryKind.RECORD_KEPT, f"{message.body}登记{ACTION_WORDS[message.action]}：{message.content}", *changes)
    return None


def _unasked(turn: Turn, message: RecordAction) -> Refusal | None:
    """A call or visit of the supervising side may be recorded at any time; the rest only when it is owed."""
    words = ACTION_WORDS[message.action]
    urges = message.body in turn.state.roles.of(SUPERVISING_BODY, REFORM_OFFICE, INSPECTION_OFFICES)
    if message.action in (Action.CALL, Action.VISIT) and urges:
        return None
    waiting = [o.owed_by for o in turn.state.owing(message.duty)]
    if waiting:
        return Refusal(f"{words}应由{'、'.join(waiting)}登记，不应由{message.body}登记")
    return Refusal(f"目前没有应登记的{words}")


def _facts(message: RecordAction) -> dict[str, str]:
    facts = {
        "with_whom": message.with_whom,
        "content": message.content,
        "problems": message.problems,
        "requirements": message.requirements,
        "rectify_by": message.rectify_by.isoformat() if message.rectify_by else "",
    }
    return {name: text for name, text in facts.items() if text}


def _rectification(turn: Turn, message: RecordAction, owed: list[Obligation]) -> Change:
    subject = owed[0].subject if owed else f"record/{turn.state.version + 1}"
    handling = turn.state.roles.first(HANDLING_BODY)
    _, change = owe(
        turn, Duty.RECTIFICATION, handling, subject, not_before=turn.deliver_from, due_on=message.rectify_by
    )
    return change


def urge_by_hand(turn: Turn, message: Urge) -> Refusal | None:
    """An urging by the supervising side; counts like one of the schedule."""
    source = turn.regime.authority.source
    urge(turn, message.text, Explanation(due_on=turn.today, citation=turn.cite("催办", source)))
    return None


def demand(turn: Turn, message: Demand) -> Refusal | None:
    """A leader's explicit demand for rectification.

    Made while nothing is overdue it stands for the stretch of lag that comes next, unless a milestone is met first:
    "提出明确整改要求仍然落实不力" (Bozhou 2015, paragraph 33) does not ask which came earlier, demand or delay (A).
    """
    episode = turn.state.episode
    if episode is not None:
        turn.replace_episode(episode.model_copy(update={"demanded_on": episode.demanded_on or turn.today}))
    else:
        turn.update(demanded_on=turn.today)
    number = turn.state.version + 1
    roles = turn.state.roles
    turn.enter(
        EntryKind.DEMANDED,
        f"{message.body}提出整改要求：{message.text}",
        NoticeIntent(
            key=f"demand/{number}",
            kind=NoticeKind.OTHER,
            episode=episode.number if episode else 0,
            subject=f"demand/{number}",
            recipient=roles.first(HANDLING_BODY),
            issuer=message.body,
            issued_at=turn.now,
            deliver_not_before=turn.deliver_from,
            facts={"what": "demand", "text": message.text},
            explanation=Explanation(due_on=turn.today, citation=turn.cite("领导要求", turn.regime.authority.source)),
        ),
    )
    return None


def raise_interview(turn: Turn, message: RaiseInterview) -> Refusal | None:
    """The reform office raises an interview at any time; its own statement is the first approval."""
    rungs = [r for r in turn.regime.ladder.rungs if r.on_grounds]
    if not rungs:
        return Refusal("本督办规则没有约谈一级")
    if not message.grounds:
        return Refusal("提出约谈建议必须写明情形（grounds）：思想上不重视、作为上不主动、效果上不明显")
    rung, episode = rungs[0], turn.state.episode
    number = episode.number if episode else 0
    under_way = [r for r in turn.state.rungs if r.level == rung.level and r.status is RungStatus.AWAITING_APPROVAL]
    done = (RungStatus.ISSUED, RungStatus.GIVEN_BEFORE)
    given = [r for r in turn.state.rungs if r.level == rung.level and r.status in done]
    if under_way:
        return Refusal("约谈事项正在办理中，请先办结后再提出")
    if episode is not None and any(r.episode == number for r in given):
        return Refusal("本轮滞后期间已约谈过，不得重复约谈")
    turn.update(
        raised_count=turn.state.raised_count + 1,
        rungs=tuple(
            r.model_copy(update={"episode": 0}) if r.level == rung.level and r.episode == number else r
            for r in turn.state.rungs
        ),
    )
    stated = "、".join(GROUND_WORDS[g] for g in message.grounds) + f"：{message.reason}"
    lag = lag_on(turn.today, episode.opened_on, turn.state.suspensions) if episode else 0
    own = [i for i, approval in enumerate(rung.approvals) if approval.duty is Duty.GROUNDS]
    due = DueRung(rung, turn.today, turn.now, lag)
    key = f"e{number}/{rung.level}" if episode else f"c{turn.state.raised_count}/{rung.level}"
    skip = own[0] + 1 if own else 0
    start(turn, number, due, key=key, skip=skip, grounds=stated, proposed_by=proposer_of(turn, message))
    return None


def _record(turn: Turn, kind: str, subject: str, facts: dict[str, str]) -> RecordChange:
    """A record's row, at the moment that was stated: what was entered meanwhile does not make a call a later one."""
    said = turn.message
    return RecordChange(
        id=f"{kind}/{turn.state.version + 1}",
        kind=kind,
        subject=subject,
        body=said.body if said else "",
        person=said.person if said else "",
        at=min(said.occurred_at, turn.now).astimezone(UTC) if said and said.occurred_at else turn.at,
        facts=facts,
    )
