"""How a plan that is issued again differs from the one that is registered, task by task."""

from collections.abc import Iterator
from enum import StrEnum
from typing import assert_never

from duban.contracts import StoredPlan
from duban.ledger.tables.columns import canonical_json
from duban.supervision.model import Frozen
from duban.supervision.plans.plan import PlannedMilestone, TaskDefinition
from duban.supervision.rules.policy import Policy


class DifferenceKind(StrEnum):
    """A task that was not there, one that is missing now, or a field that changed."""

    NEW = "new"
    MISSING = "missing"
    CHANGED = "changed"


LABELS = {
    "title": "标题",
    "issued_on": "印发日期",
    "regime": "制度",
    "supervising_body": "交办单位",
    "watcher": "盯办人",
    "meeting": "会议",
    "organisation": "机构文件",
    "policy": "制度参数或工作日历",
    "rulebook": "制度的程序或节律",
    "lead_body": "牵头单位",
    "leader": "牵头领导",
    "handling_body": "具体承办单位",
    "supporting_bodies": "配合单位",
    "measures": "工作措施",
    "deliverable": "成果形式",
    "deadline_text": "完成时限",
    "milestones": "节点",
    "open_ended": "持续推进",
    "report_cycle": "报告周期",
    "list_kinds": "清单类别",
    "decided_above": "上级领导小组决定事项",
    "reminders_given": "此前已发提醒",
    "field": "改革领域",
    "adopted_by": "审议通过的机关",
    "docks": "对接的上级方案",
    "split_from": "拆分自",
    "merged_into": "并入",
    "procedure": "办理程序",
    "facts": "立项时写明的事项",
    "concerns": "所涉事项",
    "matter": "事项类别",
    "handed_over_on": "交办日期",
}
"""What an office calls the fields."""


OF_THE_PLAN = ("title", "issued_on", "regime", "supervising_body", "watcher", "field", "adopted_by", "docks")
"""What a plan says of itself, beside its tasks."""


class PlanDifference(Frozen):
    """One difference.

    Attributes:
        task_code: Empty for a difference of the plan itself.
        field: Name of the field that changed, as in ``TaskDefinition`` or ``PlanDefinition``.
        old, new: Its values as text; for an organisation or a policy, too long to be told, both are empty.
    """

    kind: DifferenceKind
    task_code: str = ""
    title: str = ""
    field: str = ""
    old: str = ""
    new: str = ""

    def __str__(self) -> str:
        where = f"任务 {self.task_code}" if self.task_code else "方案"
        match self.kind:
            case DifferenceKind.NEW:
                return f"{where}（{self.title}）：文件中新增，台账中没有"
            case DifferenceKind.MISSING:
                return f"{where}（{self.title}）：台账中有，文件中已无"
            case DifferenceKind.CHANGED:
                values = f"：由“{self.old}”变为“{self.new}”" if self.old or self.new else "有改动"
                return f"{where}：{LABELS.get(self.field, self.field)}{values}"
            case _:
                assert_never(self.kind)


def compare(registered: StoredPlan, issued: StoredPlan) -> tuple[PlanDifference, ...]:
    """All differences: the plan's own first, then task by task in the order of the registered plan, then new ones."""
    return (*_of_the_plan(registered, issued), *_of_the_tasks(registered, issued))


def _of_the_plan(registered: StoredPlan, issued: StoredPlan) -> Iterator[PlanDifference]:
    for name in OF_THE_PLAN:
        old, new = getattr(registered.definition, name), getattr(issued.definition, name)
        if old != new:
            yield PlanDifference(kind=DifferenceKind.CHANGED, field=name, old=str(old), new=str(new))
    old_meeting, new_meeting = registered.definition.meeting, issued.definition.meeting
    if old_meeting != new_meeting:
        held = [meeting.words if meeting else "" for meeting in (old_meeting, new_meeting)]
        yield PlanDifference(kind=DifferenceKind.CHANGED, field="meeting", old=held[0], new=held[1])
    if registered.organisation != issued.organisation:
        yield PlanDifference(kind=DifferenceKind.CHANGED, field="organisation")
    if _spelled_out(registered.policy) != _spelled_out(issued.policy):
        yield PlanDifference(kind=DifferenceKind.CHANGED, field="policy")
    if registered.rulebook != issued.rulebook:
        yield PlanDifference(kind=DifferenceKind.CHANGED, field="rulebook")


def _spelled_out(policy: Policy) -> Policy:
    """Rules that say nothing of an act say what is the case without them: written by an earlier release or by this."""
    regime = policy.regime
    return policy.model_copy(update={"regime": regime.model_copy(update={"authority": regime.authority.spelled_out})})


def _of_the_tasks(registered: StoredPlan, issued: StoredPlan) -> Iterator[PlanDifference]:
    before = {task.code: task for task in registered.definition.tasks}
    after = {task.code: task for task in issued.definition.tasks}
    for code, old in before.items():
        if code in after:
            yield from _of_a_task(old, after[code])
        else:
            yield PlanDifference(kind=DifferenceKind.MISSING, task_code=code, title=old.title)
    for code, new in after.items():
        if code not in before:
            yield PlanDifference(kind=DifferenceKind.NEW, task_code=code, title=new.title)


def _of_a_task(old: TaskDefinition, new: TaskDefinition) -> Iterator[PlanDifference]:
    for name in TaskDefinition.model_fields:
        if name == "origin":  # not the file's to say
            continue
        was, became = getattr(old, name), getattr(new, name)
        if was != became:
            yield PlanDifference(
                kind=DifferenceKind.CHANGED,
                task_code=old.code,
                title=new.title,
                field=name,
                old=_as_text(was),
                new=_as_text(became),
            )


def _as_text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "是" if value else "否"
        case PlannedMilestone():
            met = f"，{value.met_on} 已完成" if value.met_on else ""
            return f"{value.phrase}（{value.due_on}{met}）"
        case tuple():
            return "；".join(_as_text(part) for part in value)
        case Frozen():
            return canonical_json(value.model_dump(mode="json"))
        case _:
            return str(value)
