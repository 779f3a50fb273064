"""An amended plan reaches a running task: it applies from now on, and nothing of the past is rewritten.

The lag belongs to the item. An amendment after which nothing is overdue ends the stretch of lag, as an extension does;
while anything is overdue the count goes on from where it began, whichever dates were moved. Nobody is made late in
retrospect: a date before the day of the amendment is refused (A). The baseline of a milestone is kept.
"""

from collections.abc import Iterator

from duban.supervision.changes.adopting_items import amend_step, refuse_for_items
from duban.supervision.changes.amendment_words import FIELDS, differences, kin
from duban.supervision.changes.handing_over import hand_over, roles_after, tell_bodies
from duban.supervision.changes.succession import task_change
from duban.supervision.days.calendar import FARTHEST, ONE_DAY
from duban.supervision.plans.plan import MilestoneKind, PlannedMilestone, TaskDefinition
from duban.supervision.rules.owed import Duty
from duban.supervision.tasks.announcing import announced_on
from duban.supervision.tasks.duties import close, lapse_extension
from duban.supervision.tasks.entries import Change, EntryKind, NoticeKind, NoticesWithdrawn, ObligationStatus
from duban.supervision.tasks.foretelling import ask_anew
from duban.supervision.tasks.interim import first_period_end
from duban.supervision.tasks.limits_by_kind import refuse_beyond
from duban.supervision.tasks.messages import Amend, AmendedMilestone
from duban.supervision.tasks.state import Milestone, Stage, TaskState
from duban.supervision.tasks.turn import Refusal, Turn, day_text, milestone_change

MOST_MILESTONES = 30
"""As many as a plan file may give a task."""
MOST_EVER = 100
"""With those that were taken out."""
OF_THE_REGISTER = ("list_kinds", "decided_above", "matter")
"""What concerns the register alone: no body is told."""


def amend(turn: Turn, message: Amend) -> Refusal | None:
    """What the amended plan says differently of a task is so from now on."""
    if (refusal := refuse_for_items(turn, message)) is not None:
        return refusal
    if message.step_due_on is not None:
        amend_step(turn, message, message.step_due_on)
        return None
    spelled_out = _as_milestones(turn, message)
    if isinstance(spelled_out, Refusal):
        return spelled_out
    message, before = spelled_out, turn.state
    definition = _reworded(before.definition, message)
    milestones = _redated(turn, message, open_ended=definition.open_ended)
    if isinstance(milestones, Refusal):
        return milestones
    definition = definition.model_copy(update={"milestones": _planned(definition, milestones, message)})
    if (refusal := _unfit(turn, definition, milestones, message)) is not None:
        return refusal
    authority = turn.regime.authority
    roles = roles_after(before.roles, definition, message, by_tier=authority.by_tier, by_place=bool(authority.persons))
    sentences = [*differences(before, definition, milestones, turn.regime.matters), *kin(message)]
    if not sentences:
        return Refusal("没有需要调整的内容：与任务的现行内容一致")
    turn.update(definition=definition, amendments=before.amendments + 1)
    reason = "方案已调整"
    changes: list[Change] = [*_move(turn, before, milestones, reason), *_report_anew(turn, before, reason)]
    changes += hand_over(turn, roles, reason)
    changes.append(task_change(turn.state))
    source = f"（依据{message.document}）" if message.document else ""
    text = f"{message.body}调整任务{source}：{message.reason}。{'；'.join(sentences)}"
    changed = {name for name in FIELDS if getattr(before.definition, name) != getattr(definition, name)}
    if changed - set(OF_THE_REGISTER) or milestones != before.milestones or roles != before.roles:
        changes += tell_bodies(turn, before.roles, text)
    turn.enter(EntryKind.AMENDED, text, *changes)
    return None


def _as_milestones(turn: Turn, message: Amend) -> Amend | Refusal:
    """Another last day for the whole task, as the milestones that it moves."""
    day, unmet = message.new_due_on, turn.state.unmet
    if day is None:
        return message
    if not unmet:
        return Refusal("本任务没有未完成的节点，无须另定期限")
    if message.milestones or message.withdrawn_milestones:
        return Refusal("另定期限（new_due_on）与逐个调整节点不能同时写，请分两次送出")
    today = turn.calendar.zone.local_date(turn.now)
    moved = (node for node in unmet if node.due_on < today or node is unmet[-1])
    return message.model_copy(
        update={"milestones": tuple(AmendedMilestone(number=node.number, due_on=day) for node in moved)}
    )


def _reworded(definition: TaskDefinition, message: Amend) -> TaskDefinition:
    stated = {name: value for name in FIELDS if (value := getattr(message, name)) is not None}
    after = definition.model_copy(update=stated)
    return after if after.open_ended else after.model_copy(update={"report_cycle": None})


def _redated(turn: Turn, message: Amend, *, open_ended: bool) -> tuple[Milestone, ...] | Refusal:
    """The milestones as the amendment leaves them, or why it may not."""
    after = {milestone.number: milestone for milestone in turn.state.milestones}
    named = [m.number for m in message.milestones if m.number is not None] + list(message.withdrawn_milestones)
    if len(set(named)) != len(named):
        return Refusal("同一节点在一次调整中出现了两次，请核对节点序号")
    for number in named:
        if (refusal := _untouchable(turn, number)) is not None:
            return refusal
    for number in message.withdrawn_milestones:
        after[number] = after[number].model_copy(update={"withdrawn_at": turn.at})
    for stated in message.milestones:
        milestone = _amended(after[stated.number], stated) if stated.number is not None else _new(after, stated)
        if isinstance(milestone, Refusal):
            return milestone
        is_moved = milestone.number not in after or milestone.due_on != after[milestone.number].due_on
        if is_moved and (refusal := _unfit_date(turn, milestone)) is not None:
            return refusal
        after[milestone.number] = milestone
    dated = bool(message.withdrawn_milestones) or any(m.due_on for m in message.milestones)
    milestones = tuple(after.values())
    if dated or open_ended != turn.state.definition.open_ended:
        return _with_final(milestones, open_ended=open_ended)
    return milestones


def _untouchable(turn: Turn, number: int) -> Refusal | None:
    milestone = turn.state.milestone(number)
    if milestone is None or milestone.withdrawn_at is not None:
        known = "、".join(str(m.number) for m in turn.state.milestones if m.withdrawn_at is None) or "无"
        return Refusal(f"本任务没有第{number}个节点（现有节点：{known}），请核对节点序号")
    if turn.state.stage is Stage.STRIKE_OFF_REQUESTED:
        return Refusal("销号申请正在核验，不能调整节点：请先核验，或退回销号申请之后再调整")
    if milestone.met_at is not None:
        return Refusal(f"第{number}个节点已完成，不再调整；完成情况不实的，请退回重办（return_for_rework）")
    return None


def _amended(milestone: Milestone, stated: AmendedMilestone) -> Milestone:
    told = {"due_on": stated.due_on, "phrase": stated.phrase, "kind": stated.kind}
    return milestone.model_copy(update={name: value for name, value in told.items() if value is not None})


def _new(others: dict[int, Milestone], stated: AmendedMilestone) -> Milestone | Refusal:
    if stated.due_on is None or not stated.phrase:
        return Refusal("新增的节点须写明期限（due_on）和名称（phrase）")
    return Milestone(
        number=max(others, default=0) + 1,
        phrase=stated.phrase,
        kind=stated.kind or MilestoneKind.OTHER,
        baseline_on=stated.due_on,
        due_on=stated.due_on,
    )


def _unfit_date(turn: Turn, milestone: Milestone) -> Refusal | None:
    # By the day on which it is handled: said in time and delivered late, it would still make somebody late at once.
    today = turn.calendar.zone.local_date(turn.now)
    if milestone.due_on < today:
        return Refusal(
            f"第{milestone.number}个节点的新期限{day_text(milestone.due_on)}早于今天：调整不能使单位在事后变成逾期，"
            "请写今天或以后的日期"
        )
    if milestone.due_on - today > FARTHEST:
        return Refusal(f"第{milestone.number}个节点的新期限{day_text(milestone.due_on)}过于遥远，请核对年份")
    return None


def _with_final(milestones: tuple[Milestone, ...], *, open_ended: bool) -> tuple[Milestone, ...]:
    """Of a task that ends the last milestone is final, as when it was issued."""
    standing = [m for m in milestones if m.withdrawn_at is None]
    last = 0 if open_ended or not standing else max(standing, key=lambda m: (m.due_on, m.number)).number
    return tuple(m.model_copy(update={"final": m.number == last}) for m in milestones)


def _planned(
    definition: TaskDefinition, milestones: tuple[Milestone, ...], message: Amend
) -> tuple[PlannedMilestone, ...]:
    """The plan's own dates, amended; what an extension has moved keeps the date that the plan gives it."""
    planned = {node.number: node for node in definition.milestones}
    touched = {m.number for m in message.milestones}
    for milestone in milestones:
        if milestone.number in planned and milestone.number not in touched:
            continue
        known = planned.get(milestone.number)
        planned[milestone.number] = PlannedMilestone(
            number=milestone.number,
            phrase=milestone.phrase,
            due_on=milestone.due_on,
            kind=milestone.kind,
            met_on=known.met_on if known else None,
            evidence=known.evidence if known else "",
        )
    gone = {m.number for m in milestones if m.withdrawn_at is not None}
    kept = [node for number, node in planned.items() if number not in gone]
    return tuple(sorted(kept, key=lambda node: (node.due_on, node.number)))


def _unfit(turn: Turn, definition: TaskDefinition, milestones: tuple[Milestone, ...], message: Amend) -> Refusal | None:
    if turn.procedure is not None:
        return None
    standing = [m for m in milestones if m.withdrawn_at is None]
    if definition.open_ended and definition.report_cycle is None:
        return Refusal("持续推进的任务须写明报告周期（report_cycle），例如 quarterly")
    if not definition.open_ended and milestones != turn.state.milestones and not any(m.is_open for m in standing):
        return Refusal("调整之后没有未完成的节点：已全部完成的请申请销号，不再办理的请终止任务")
    if not definition.open_ended and not standing:
        return Refusal("有期限的任务至少须有一个节点，请写明期限")
    if len(standing) > MOST_MILESTONES or len(milestones) > MOST_EVER:
        return Refusal(f"节点过多：一项任务最多{MOST_MILESTONES}个，请把任务拆分")
    if definition.open_ended != turn.state.definition.open_ended and turn.state.stage is Stage.STRIKE_OFF_REQUESTED:
        return Refusal("销号申请正在核验，不能改变是否持续推进：请先核验，或退回销号申请之后再调整")
    if turn.state.code in (*message.successors, *message.absorbed):
        return Refusal("任务不能拆分或并入自身，请核对编号")
    return _unfit_kind(turn, definition, milestones)


def _unfit_kind(turn: Turn, definition: TaskDefinition, milestones: tuple[Milestone, ...]) -> Refusal | None:
    """Why its kind of matter does not allow it; what stood beyond the last day before is not made worse by staying."""
    kinds, before = turn.regime.matters, turn.state
    is_other = definition.matter != before.definition.matter
    kind = kinds.get(definition.matter)
    if is_other and definition.matter and kind is None:
        known = "、".join(f"{key}（{kind.title}）" for key, kind in kinds.items()) or "无"
        return Refusal(f"本督办规则没有事项类别“{definition.matter}”，现有：{known}")
    if kind is not None and kind.at_most is not None and definition.open_ended:
        return Refusal(f"“{kind.title}”自交办之日起最长{kind.at_most.words}，不能持续推进")
    known_dates = {m.number: m.due_on for m in before.milestones}
    for milestone in milestones:
        is_new = is_other or milestone.due_on != known_dates.get(milestone.number)
        refusal = refuse_beyond(turn, milestone.due_on, definition) if milestone.is_open and is_new else None
        if refusal is not None:
            return refusal
    return None


def _move(turn: Turn, before: TaskState, milestones: tuple[Milestone, ...], reason: str) -> Iterator[Change]:
    """Put the milestones in their places. What was asked or announced for an earlier date is no longer true."""
    known = {m.number: m for m in before.milestones}
    placed = []
    for milestone in milestones:
        old = known.get(milestone.number)
        is_moved = old is None or old.due_on != milestone.due_on
        # What should have been announced by now is announced by the notice of the amendment.
        announced = is_moved and announced_on(milestone, turn.policy) <= turn.today
        placed.append(milestone.model_copy(update={"announced_for": milestone.due_on}) if announced else milestone)
    turn.update(milestones=tuple(placed))
    for milestone in placed:
        old = known.get(milestone.number)
        if old is None:
            yield milestone_change(milestone)
        elif old != milestone:
            yield from _moved(turn, old, milestone, reason)


def _moved(turn: Turn, old: Milestone, milestone: Milestone, reason: str) -> Iterator[Change]:
    yield milestone_change(milestone)
    subjects = (f"m{milestone.number}",)
    if milestone.withdrawn_at is not None:
        yield NoticesWithdrawn(subjects=subjects, reason=f"{reason}，该节点已取消")
        yield from lapse_extension(turn, milestone.number, f"{reason}，该节点已取消")
        yield from ask_anew(turn, milestone.number, f"{reason}，该节点已取消")
    elif milestone.due_on != old.due_on:
        why = f"{reason}，期限改为{day_text(milestone.due_on)}"
        yield NoticesWithdrawn(subjects=subjects, kinds=(NoticeKind.ADVANCE_NOTICE,), reason=why)
        yield from lapse_extension(turn, milestone.number, why)
        yield from ask_anew(turn, milestone.number, why)
    elif old.final and not milestone.final:
        yield from ask_anew(turn, milestone.number, f"{reason}，不再是最终节点")


def _report_anew(turn: Turn, before: TaskState, reason: str) -> Iterator[Change]:
    """A task that becomes open-ended, or ceases to be, or is reported on at other times."""
    now = turn.state.definition
    if (now.open_ended, now.report_cycle) == (before.definition.open_ended, before.definition.report_cycle):
        return
    # From tomorrow: what is due today may have been asked for today.
    turn.update(cycle_ends_on=first_period_end(turn.state, turn.policy, turn.today + ONE_DAY))
    if not now.open_ended:
        for owed in turn.state.owing(Duty.CYCLE_REPORT):
            yield from close(turn, owed, ObligationStatus.LAPSED, reason)
        yield NoticesWithdrawn(subjects=("report",), kinds=(NoticeKind.REPORT_DUE,), reason=reason)
