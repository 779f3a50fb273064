"""What is decided about a task: approvals of reminders, extensions, suspension, carry-over, changed rules.

A decision answers a request. Nobody decides what was not asked for, and only the body that was
asked decides.
"""

from datetime import date

from duban.supervision.calendar import FARTHEST
from duban.supervision.duties import APPROVALS, change_of, close, lapse_extension, owe
from duban.supervision.entries import (
    Change,
    DecisionChange,
    EntryKind,
    Explanation,
    NoticeIntent,
    NoticeKind,
    NoticesWithdrawn,
)
from duban.supervision.messages import (
    Adopt,
    CarryOver,
    Cause,
    Decide,
    RequestExtension,
    Resume,
    Suspend,
)
from duban.supervision.policy import digest, encode
from duban.supervision.regime import HANDLING_BODY, LEAD_BODY, REFORM_OFFICE, SUPERVISING_BODY, Duty, Regime, Role
from duban.supervision.reminding import proceed, refused, withdraw
from duban.supervision.roles import TaskRoles
from duban.supervision.state import Milestone, Obligation, PendingExtension, RungStatus, Stage, Suspension
from duban.supervision.turn import Refusal, Turn, day_text
from duban.supervision.words import CAUSE_WORDS, DUTY_WORDS, GROUND_WORDS, role_words

DECIDED_BY_MESSAGE = (*APPROVALS, Duty.EXTENSION_DECISION)


def decide(turn: Turn, message: Decide) -> Refusal | None:
    """Decide a request that is open and was put to this body."""
    obligation = _request(turn, message)
    if isinstance(obligation, Refusal):
        return obligation
    if not message.approve and not message.reason:
        return Refusal("不同意须写明理由（reason）")
    if obligation.duty is Duty.EXTENSION_DECISION:
        return _decide_extension(turn, message, obligation)
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


def _row(turn: Turn, message: Decide, obligation: Obligation) -> DecisionChange:
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


def _decide_approval(turn: Turn, message: Decide, obligation: Obligation) -> Refusal | None:
    record = next(r for r in turn.state.rungs if r.key == obligation.subject)
    rung = turn.regime.ladder.rung(record.level)
    if rung is None:
        return Refusal("该级提醒已不在现行规则中，无须再决定")
    stated = "、".join(GROUND_WORDS[g] for g in message.grounds)
    grounds = "：".join(part for part in (stated, message.reason) if part) if message.grounds else record.grounds
    decided = record.model_copy(
        update={
            "approvals_given": record.approvals_given + int(message.approve),
            "grounds": grounds,
        }
    )
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


def request_extension(turn: Turn, message: RequestExtension) -> Refusal | None:
    """Ask for a later date; until it is decided nothing changes."""
    milestone = turn.state.milestone(message.milestone)
    if milestone is None:
        known = "、".join(str(m.number) for m in turn.state.milestones) or "无"
        return Refusal(f"本任务没有第{message.milestone}个节点（现有节点：{known}），请核对节点序号")
    if milestone.met_at is not None:
        return Refusal(f"第{message.milestone}个节点已完成，无须延期")
    if message.new_due_on <= milestone.due_on:
        return Refusal(f"延期后的日期须晚于现行期限{day_text(milestone.due_on)}")
    if message.new_due_on < turn.today:
        return Refusal(f"延期后的日期{day_text(message.new_due_on)}早于今天，请核对")
    if message.new_due_on - turn.today > FARTHEST:
        return Refusal(f"延期后的日期{day_text(message.new_due_on)}过于遥远，请核对年份")
    if any(e.milestone == message.milestone for e in turn.state.extensions):
        return Refusal(f"第{message.milestone}个节点已有待审批的延期申请，请等待决定")
    number = turn.state.extension_count + 1
    decider = turn.state.roles.first(SUPERVISING_BODY)
    obligation, owed = owe(turn, Duty.EXTENSION_DECISION, decider, f"x{number}", not_before=turn.deliver_from)
    pending = PendingExtension(
        obligation=obligation.id,
        milestone=message.milestone,
        new_due_on=message.new_due_on,
        reason=message.reason,
    )
    turn.update(extension_count=number, extensions=(*turn.state.extensions, pending))
    text = f"{message.body}申请将第{milestone.number}个节点延期至{day_text(message.new_due_on)}：{message.reason}"
    turn.enter(
        EntryKind.EXTENSION_REQUESTED,
        text,
        owed,
        NoticeIntent(
            key=obligation.id,
            kind=NoticeKind.DECISION,
            subject=obligation.id,
            recipient=decider,
            issuer=message.body,
            issued_at=turn.now,
            deliver_not_before=turn.deliver_from,
            duty=Duty.EXTENSION_DECISION,
            respond_by=obligation.due_on,
            facts={"request": obligation.id, "text": text},
            explanation=Explanation(
                milestone_phrase=milestone.phrase,
                milestone_due_on=milestone.due_on,
                due_on=turn.today,
                citation=turn.cite("延期审批", turn.regime.limits[Duty.EXTENSION_DECISION].source),
            ),
        ),
    )
    return None


def _decide_extension(turn: Turn, message: Decide, obligation: Obligation) -> Refusal | None:
    pending = next(e for e in turn.state.extensions if e.obligation == obligation.id)
    milestone = turn.state.milestone(pending.milestone)
    turn.update(extensions=tuple(e for e in turn.state.extensions if e is not pending))
    changes: list[Change] = [_row(turn, message, obligation), *close(turn, obligation)]
    verdict = "同意" if message.approve else "不同意"
    if message.approve and milestone is not None:
        changes.extend(_move(turn, milestone, pending.new_due_on))
    reason = f"：{message.reason}" if message.reason else ""
    text = f"{message.body}{verdict}第{pending.milestone}个节点延期至{day_text(pending.new_due_on)}{reason}"
    turn.enter(EntryKind.DECIDED, text, *changes, _told(turn, obligation.subject, text))
    return None


def _move(turn: Turn, milestone: Milestone, day: date) -> tuple[Change, ...]:
    """A later date in force; the baseline stays. The old date's advance notice is no longer true."""
    withdrawn = NoticesWithdrawn(
        subjects=(f"m{milestone.number}",), kinds=(NoticeKind.ADVANCE_NOTICE,), reason=f"已延期至{day_text(day)}"
    )
    return (turn.replace_milestone(milestone.model_copy(update={"due_on": day})), withdrawn)


def _told(turn: Turn, subject: str, text: str) -> NoticeIntent:
    """The result of a decision, told to the handling body."""
    return NoticeIntent(
        key=f"{subject}/result",
        kind=NoticeKind.OTHER,
        subject=f"{subject}/result",
        recipient=turn.state.roles.first(HANDLING_BODY),
        issuer=turn.state.roles.first(SUPERVISING_BODY),
        issued_at=turn.now,
        deliver_not_before=turn.deliver_from,
        facts={"what": "result", "text": text},
        explanation=Explanation(due_on=turn.today, citation=turn.cite("决定告知", turn.regime.authority.source)),
    )


def carry_over(turn: Turn, message: CarryOver) -> Refusal | None:
    """Into next year's list, for objective reasons only; subjective ones are for investigation (查办)."""
    if message.cause is Cause.SUBJECTIVE:
        return Refusal("因主观原因未完成的事项不予结转，应按查办程序处理")
    unmet = turn.state.unmet
    if not unmet:
        return Refusal("本任务没有未完成的节点，无须结转")
    milestone = unmet[-1]
    if message.new_due_on <= milestone.due_on or message.new_due_on < turn.today:
        return Refusal(f"结转后的期限须晚于现行期限{day_text(milestone.due_on)}，且不得早于今天")
    if message.new_due_on - turn.today > FARTHEST:
        return Refusal(f"结转后的期限{day_text(message.new_due_on)}过于遥远，请核对年份")
    changes: list[Change] = []
    for node in unmet:
        if node.due_on < turn.today or node is milestone:
            changes.extend(_move(turn, node, message.new_due_on))
            changes.extend(lapse_extension(turn, node.number, "已结转"))
    text = f"因{CAUSE_WORDS[message.cause]}结转，期限改为{day_text(message.new_due_on)}：{message.reason}"
    number = turn.state.version + 1
    turn.enter(EntryKind.CARRIED_OVER, text, *changes, _told(turn, f"carry_over/{number}", text))
    return None


def suspend(turn: Turn, message: Suspend) -> Refusal | None:
    """Stop the count from today; what was given before stays given."""
    if turn.state.suspended_on(turn.today):
        return Refusal("任务已处于暂停状态，无须再次暂停")
    if turn.state.stage is Stage.STRIKE_OFF_REQUESTED:
        return Refusal("销号申请正在核验，不能暂停")
    if message.until is not None and message.until <= turn.today:
        return Refusal(f"恢复日期{day_text(message.until)}须晚于今天")
    if message.until is not None and message.until - turn.today > FARTHEST:
        return Refusal(f"恢复日期{day_text(message.until)}过于遥远，请核对年份")
    span = Suspension(from_on=turn.today, until_on=message.until, reason=message.reason)
    turn.update(suspensions=(*turn.state.suspensions, span))
    end = f"至{day_text(message.until)}前" if message.until else ""
    turn.enter(EntryKind.SUSPENDED, f"{message.body}批准暂停计时{end}：{message.reason}")
    return None


def resume(turn: Turn, message: Resume) -> Refusal | None:
    """The count runs again from today."""
    if not turn.state.suspended_on(turn.today):
        return Refusal("任务未处于暂停状态")
    spans = tuple(
        s.model_copy(update={"until_on": turn.today, "over": True})
        if s.from_on <= turn.today and (s.until_on is None or turn.today < s.until_on)
        else s
        for s in turn.state.suspensions
    )
    turn.update(suspensions=spans)
    reason = f"：{message.reason}" if message.reason else ""
    turn.enter(EntryKind.RESUMED, f"{message.body}恢复计时{reason}")
    return None


def adopt(turn: Turn, message: Adopt) -> Refusal | None:
    """A changed regime, calendar or organisation applies from now on; what was given stays given."""
    if message.policy is None and message.roles is None:
        return Refusal("没有给出新的规则、日历或机构信息")
    policy, roles = message.policy or turn.policy, message.roles or turn.state.roles
    if vacant := _vacant(roles, policy.regime):
        return Refusal(f"没有单位担任：{'、'.join(role_words(role) for role in vacant)}。请补全机构信息后再变更")
    changes: list[Change] = []
    for record in turn.state.rungs:
        if record.status is RungStatus.AWAITING_APPROVAL and policy.regime.ladder.rung(record.level) is None:
            changes.extend(withdraw(turn, record, "该级提醒已不在现行规则中"))
    parts = ["机构人员"] if message.roles is not None else []
    if message.roles is not None:
        changes.extend(_hand_on(turn, message.roles))
        turn.update(roles=message.roles)
    if message.policy is not None:
        parts.append("督办规则和日历")
        turn.policy = message.policy
        turn.update(policy_digest=digest(encode(message.policy)))
    turn.enter(EntryKind.ADOPTED, f"{message.body}变更{'、'.join(parts)}：{message.reason}", *changes)
    return None


def _vacant(roles: TaskRoles, regime: Regime) -> tuple[Role, ...]:
    """Roles that the rules count on and that no body has."""
    needed = [SUPERVISING_BODY, LEAD_BODY, HANDLING_BODY, REFORM_OFFICE]
    for rung in regime.ladder.rungs:
        needed += [*rung.issuers[:1], *rung.joint_issuers[:1]]
        needed += [approval.by for approval in rung.approvals]
        needed += [answer.by for answer in rung.answers]
    return tuple(role for role in dict.fromkeys(needed) if not roles.of(role))


def _hand_on(turn: Turn, roles: TaskRoles) -> tuple[Change, ...]:
    """What a body owes that has no part in the task any more is owed by its successor in the same role."""
    changes: list[Change] = []
    for owed in turn.state.obligations:
        successors = roles.of(*turn.state.roles.held_by(owed.owed_by))
        if not roles.held_by(owed.owed_by) and successors:
            handed = owed.model_copy(update={"owed_by": successors[0]})
            turn.update(obligations=tuple(handed if o.id == owed.id else o for o in turn.state.obligations))
            changes.append(change_of(handed))
    return tuple(changes)
