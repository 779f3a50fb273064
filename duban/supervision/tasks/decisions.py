"""What is decided: approvals of reminders, and extensions.

A decision answers a request. Nobody decides what was not asked for, and only the body that was asked decides.
"""

from duban.supervision.levels.reminding import proceed
from duban.supervision.levels.withdrawing import refused
from duban.supervision.rules.owed import APPROVALS, Duty
from duban.supervision.tasks.duties import close
from duban.supervision.tasks.entries import (
    Change,
    DecisionChange,
    EntryKind,
    NoticeKind,
    NoticesWithdrawn,
)
from duban.supervision.tasks.extensions import decide_extension
from duban.supervision.tasks.granting import is_own_request, proposer_of
from duban.supervision.tasks.messages import (
    Decide,
)
from duban.supervision.tasks.state import Obligation
from duban.supervision.tasks.turn import Refusal, Turn
from duban.supervision.words import DUTY_WORDS, GROUND_WORDS

DECIDED_BY_MESSAGE = (*APPROVALS, Duty.EXTENSION_DECISION)


def decide(turn: Turn, message: Decide) -> Refusal | None:
    """Decide a request that is open and was put to this body."""
    obligation = _request(turn, message)
    if isinstance(obligation, Refusal):
        return obligation
    if not message.approve and not message.reason:
        return Refusal("不同意须写明理由（reason）")
    if obligation.duty is Duty.EXTENSION_DECISION:
        return decide_extension(turn, message, obligation, _row(turn, message, obligation))
    if obligation.duty is Duty.GROUNDS and message.approve and not message.grounds:
        return Refusal("认定约谈情形成立必须写明情形（grounds）：思想上不重视、作为上不主动、效果上不明显")
    if message.scope and obligation.duty is not Duty.CONFIRMATION:
        return Refusal("只有确认通报时才能指定范围（scope），请去掉后重报")
    return _decide_approval(turn, message, obligation)


def _request(turn: Turn, message: Decide) -> Obligation | Refusal:
    waiting = turn.state.owing(*DECIDED_BY_MESSAGE)
    if message.request:
        waiting = tuple(o for o in waiting if message.request in (o.id, o.subject))
        if not waiting:
            return Refusal(f"没有待决定的事项“{message.request}”，可能已决定或已失效")
    mine = tuple(o for o in waiting if o.owed_by == message.body)
    if not mine:
        if not waiting:
            return Refusal("目前没有提请决定的事项")
        asked = "、".join(f"{DUTY_WORDS[o.duty]}（{o.id}）由{o.owed_by}决定" for o in waiting)
        return Refusal(f"{message.body}没有待决定的事项：{asked}")
    if len(mine) > 1:
        return Refusal(f"待决定的事项不止一项，请用 request 指明：{'、'.join(o.id for o in mine)}")
    return mine[0]


def _decide_approval(turn: Turn, message: Decide, obligation: Obligation) -> Refusal | None:
    record = next(r for r in turn.state.rungs if r.key == obligation.subject)
    rung = turn.regime.ladder.rung(record.level)
    if rung is None:
        return Refusal("该级提醒已不在现行规则中，无须再决定")
    if record.proposed_by and is_own_request(turn.state, turn.policy, message, *record.proposed_by):
        return Refusal("提出建议的人不得决定自己的建议，请另派人员决定")
    stated = "、".join(GROUND_WORDS[g] for g in message.grounds)
    grounds = "：".join(part for part in (stated, message.reason) if part) if message.grounds else record.grounds
    decided = record.model_copy(
        update={
            "approvals_given": record.approvals_given + int(message.approve),
            "grounds": grounds,
        }
    )
    if obligation.duty is Duty.GROUNDS and message.approve:
        decided = decided.model_copy(update={"proposed_by": proposer_of(turn, message)})
    turn.replace_rung(decided)
    asked = NoticesWithdrawn(
        subjects=(record.key,), kinds=(NoticeKind.REQUEST, NoticeKind.DECISION), reason=f"{message.body}已作出决定"
    )
    changes: list[Change] = [_row(turn, message, obligation), *close(turn, obligation), asked]
    if not message.approve:
        changes.append(refused(turn, rung, decided, message.reason))
    verdict = "同意" if message.approve else "不同意"
    reason = f"：{message.reason}" if message.reason else ""
    because = f"（{stated}）" if stated else ""
    turn.enter(
        EntryKind.DECIDED,
        f"{message.body}{verdict}{rung.title}（{DUTY_WORDS[obligation.duty]}）{because}{reason}",
        *changes,
    )
    if message.approve:
        proceed(turn, rung, decided, message.scope)
    return None


def _row(turn: Turn, message: Decide, obligation: Obligation) -> DecisionChange:
    """A decision's row."""
    return DecisionChange(
        request=obligation.id,
        duty=obligation.duty,
        body=message.body,
        person=message.person,
        decided_at=turn.at,
        approved=message.approve,
        reason=message.reason,
        grounds=tuple(g.value for g in message.grounds),
        scope=message.scope,
    )
