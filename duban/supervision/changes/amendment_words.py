"""What an amendment changes, in sentences for timeline and notices."""

from collections.abc import Iterator, Mapping
from datetime import date

from duban.supervision.plans.plan import TaskDefinition
from duban.supervision.rules.matters import MatterKind
from duban.supervision.tasks.messages import Amend
from duban.supervision.tasks.state import Milestone, TaskState
from duban.supervision.tasks.turn import day_text

LONGEST_TOLD = 60
"""Characters of a value in a sentence; the whole of it stands in the task's row."""

FIELDS = {
    "title": "事项",
    "leader": "牵头领导",
    "lead_body": "牵头单位",
    "handling_body": "承办单位",
    "supporting_bodies": "配合单位",
    "measures": "任务措施",
    "deliverable": "成果形式",
    "deadline_text": "完成时限",
    "open_ended": "持续推进",
    "report_cycle": "报告周期",
    "list_kinds": "清单类别",
    "decided_above": "上级领导小组决定事项",
    "matter": "事项类别",
}
"""What an amendment may change beside milestones, by the names of message and definition."""


def differences(
    before: TaskState,
    definition: TaskDefinition,
    milestones: tuple[Milestone, ...],
    matters: Mapping[str, MatterKind],
) -> Iterator[str]:
    """What is different, in sentences."""
    for name, words in FIELDS.items():
        was, becomes = getattr(before.definition, name), getattr(definition, name)
        if was != becomes:
            if name == "matter":
                was, becomes = (matters[key].title if key in matters else key for key in (was, becomes))
            yield f"{words}由“{_shown(was)}”改为“{_shown(becomes)}”"
    known = {m.number: m for m in before.milestones}
    for m in milestones:
        old = known.get(m.number)
        if old is None:
            yield f"新增第{m.number}个节点（{_shown(m.phrase)}，{day_text(m.due_on)}到期）"
        elif m.withdrawn_at is not None and old.withdrawn_at is None:
            yield f"取消第{m.number}个节点（{_shown(m.phrase)}，原定{day_text(old.due_on)}到期）"
        else:
            yield from _of_milestone(m, old)


def _of_milestone(milestone: Milestone, old: Milestone) -> Iterator[str]:
    if milestone.due_on != old.due_on:
        yield f"第{milestone.number}个节点期限由{day_text(old.due_on)}改为{day_text(milestone.due_on)}"
    if milestone.phrase != old.phrase:
        yield f"第{milestone.number}个节点改称“{_shown(milestone.phrase)}”"
    if milestone.kind is not old.kind:
        yield f"第{milestone.number}个节点的类别已改"
    if milestone.final and not old.final:
        yield f"第{milestone.number}个节点为最终节点"


def kin(message: Amend) -> Iterator[str]:
    """Which tasks were split off from this one, and which were merged into it."""
    if message.successors:
        yield f"拆分出{'、'.join(message.successors)}"
    if message.absorbed:
        yield f"{'、'.join(message.absorbed)}并入本任务"


def _shown(value: object) -> str:
    match value:
        case None | "" | ():
            return "无"
        case bool():
            return "是" if value else "否"
        case tuple():
            text = "、".join(str(part) for part in value)
        case date():
            return day_text(value)
        case _:
            text = str(value)
    return text if len(text) <= LONGEST_TOLD else f"{text[:LONGEST_TOLD]}…"
