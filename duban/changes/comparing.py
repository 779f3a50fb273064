"""A new version of a plan file, task by task beside what was issued and amended so far. Pure.

Beside what each task has on record, not beside the file before: what an order could not carry out shows again, and what
was carried out does not. What an extension has moved is no difference: the file says what the plan says.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from enum import StrEnum

from duban.changes.nodes import NodePair, pair_nodes
from duban.ledger.plans.amendments import RegisteredTask
from duban.supervision.changes.amendment_words import FIELDS
from duban.supervision.model import Frozen
from duban.supervision.plans.plan import MilestoneKind, PlanDefinition, PlannedMilestone, TaskDefinition
from duban.supervision.rules.parts import HANDLING_BODY, LEAD_BODY, SUPPORTING_BODIES
from duban.supervision.rules.policy import Policy
from duban.supervision.tasks.limits_by_kind import due_on_of
from duban.supervision.tasks.state import Stage, TaskState


class AmendmentKind(StrEnum):
    """What happens to a task."""

    NEW = "new"
    CHANGED = "changed"
    WITHDRAWN = "withdrawn"
    SPLIT = "split"
    MERGED = "merged"


class FieldDifference(Frozen):
    """A field that is different; values as text, an empty one is empty."""

    field: str
    old: str
    new: str


class NodeDifference(Frozen):
    """A milestone that is moved or renamed (both dates), comes (``new_on`` only) or goes (``old_on`` only).

    Attributes:
        number: As the task counts it; None for a new one.
        in_force_on: The date in force where an extension has moved it from ``old_on``.
    """

    number: int | None
    phrase: str
    new_phrase: str = ""
    kind: MilestoneKind = MilestoneKind.OTHER
    old_on: date | None = None
    new_on: date | None = None
    in_force_on: date | None = None


class TaskDifference(Frozen):
    """What the new file says differently of one task.

    Attributes:
        split_from: Of a new task: the one that it is split off from.
        successors: Of a task that is split or merged: who goes on; of one that goes on beside them: its parts.
        absorbed: Codes of tasks that are merged into this one.
    """

    kind: AmendmentKind
    code: str
    title: str
    fields: tuple[FieldDifference, ...] = ()
    milestones: tuple[NodeDifference, ...] = ()
    split_from: str = ""
    successors: tuple[str, ...] = ()
    absorbed: tuple[str, ...] = ()


class Comparison(Frozen):
    """All differences, in the order of the file and then of what it has no more.

    Attributes:
        problems: What cannot be carried out, each with the remedy; with any of them nothing is.
        notes: What the file says and an amendment does not change.
    """

    differences: tuple[TaskDifference, ...] = ()
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def compare_plan(
    registered: Sequence[RegisteredTask], plan: PlanDefinition, today: date, policy: Policy | None = None
) -> Comparison:
    """Compare a plan file with the tasks that are registered.

    Args:
        today: Local date of the amendment; no date may lie before it.
        policy: The plan's rules, for dates that count from the hand-over of a task that comes with the amendment.
    """
    return _Comparing(registered, plan, today, policy).compared()


class _Comparing:
    def __init__(
        self, registered: Sequence[RegisteredTask], plan: PlanDefinition, today: date, policy: Policy | None
    ) -> None:
        self._policy = policy
        self._known: Mapping[str, RegisteredTask] = {task.code: task for task in registered}
        self._rows: Mapping[str, TaskDefinition] = {task.code: task for task in plan.tasks}
        self._today = today
        self._problems: list[str] = []
        self._notes: list[str] = []
        self._parts: dict[str, list[str]] = {}
        self._absorbed: dict[str, list[str]] = {}
        for row in plan.tasks:
            if row.split_from and row.code not in self._known:
                self._parts.setdefault(row.split_from, []).append(row.code)
            if row.merged_into and self._is_open(row.code):
                self._absorbed.setdefault(row.merged_into, []).append(row.code)

    def compared(self) -> Comparison:
        found = [d for row in self._rows.values() if (d := self._of_row(row)) is not None]
        found += [d for code in self._known if code not in self._rows and (d := self._gone(code)) is not None]
        return Comparison(differences=tuple(found), problems=tuple(self._problems), notes=tuple(self._notes))

    def _is_open(self, code: str) -> bool:
        return code in self._known and self._known[code].is_open

    def _of_row(self, row: TaskDefinition) -> TaskDifference | None:
        known = self._known.get(row.code)
        if known is None:
            return self._new(row)
        if row.merged_into:
            return self._merged(row, known)
        if known.state is None:
            if known.is_open:
                self._notes.append(f"{row.code}：由旧版本登记，台账没有它的现状，暂不能比较；办理过一次之后即可")
            return None
        return self._changed(row, known, known.state)

    def _new(self, row: TaskDefinition) -> TaskDifference | None:
        if row.merged_into:
            self._problems.append(f"{row.code}：方案中没有这项任务，不能并入{row.merged_into}。请核对编号")
            return None
        origin = self._known.get(row.split_from) if row.split_from else None
        if row.split_from and (origin is None or not origin.is_open):
            why = "没有这项任务" if origin is None else "这项任务已办结"
            self._problems.append(f"{row.code}：不能从{row.split_from}拆分，方案中{why}。请核对“拆分自”一栏")
            return None
        kept = {m.due_on for m in origin.state.unmet} if origin and origin.state else set()
        for node in row.milestones:
            is_dated = (
                node.met_on is None and not node.from_hand_over
            )  # else it counts from the hand-over, which is now
            if is_dated and node.due_on < self._today and node.due_on not in kept:
                remedy = (
                    f"请改为{self._today}或以后的日期"
                    if row.split_from
                    else "请改为今天或以后的日期；承接原任务逾期节点的，请在“拆分自”一栏写明原任务"
                )
                self._problems.append(f"{row.code}：新任务的期限{node.due_on}（{node.phrase}）早于今天。{remedy}")
        return TaskDifference(
            kind=AmendmentKind.NEW,
            code=row.code,
            title=row.title,
            milestones=tuple(
                NodeDifference(number=None, phrase=n.phrase, kind=n.kind, new_on=self._new_on(n, row))
                for n in row.milestones
            ),
            split_from=row.split_from,
        )

    def _new_on(self, node: PlannedMilestone, row: TaskDefinition) -> date:
        return due_on_of(node, row, self._policy, self._today) if self._policy else node.due_on

    def _merged(self, row: TaskDefinition, known: RegisteredTask) -> TaskDifference | None:
        if not known.is_open:
            return None
        target = self._rows.get(row.merged_into)
        if target is None or target.merged_into or row.merged_into == row.code:
            self._problems.append(
                f"{row.code}：不能并入{row.merged_into}，文件中没有这项继续办理的任务。请核对“并入”一栏"
            )
            return None
        if target.code in self._known and not self._is_open(target.code):
            self._problems.append(f"{row.code}：不能并入{row.merged_into}，它已办结。请核对“并入”一栏")
            return None
        return TaskDifference(kind=AmendmentKind.MERGED, code=row.code, title=row.title, successors=(row.merged_into,))

    def _gone(self, code: str) -> TaskDifference | None:
        known = self._known[code]
        if not known.is_open:
            return None
        parts = tuple(self._parts.get(code, ()))
        return TaskDifference(
            kind=AmendmentKind.SPLIT if parts else AmendmentKind.WITHDRAWN,
            code=code,
            title=known.state.definition.title if known.state else "",
            successors=parts,
        )

    def _changed(self, row: TaskDefinition, known: RegisteredTask, state: TaskState) -> TaskDifference | None:
        fields = tuple(_fields(row, state))
        nodes = tuple(self._nodes(row, state))
        parts, absorbed = tuple(self._parts.get(row.code, ())), tuple(self._absorbed.get(row.code, ()))
        self._note_of(row, state)
        if not (fields or nodes or parts or absorbed):
            return None
        if not known.is_open:
            self._notes.append(f"{row.code}：已办结，文件中的改动不再采用")
            return None
        if nodes and state.stage is Stage.STRIKE_OFF_REQUESTED:
            self._problems.append(f"{row.code}：销号申请正在核验，不能调整节点。请先核验，或退回销号申请")
        return TaskDifference(
            kind=AmendmentKind.CHANGED,
            code=row.code,
            title=row.title,
            fields=fields,
            milestones=nodes,
            successors=parts,
            absorbed=absorbed,
        )

    def _nodes(self, row: TaskDefinition, state: TaskState) -> Iterator[NodeDifference]:
        pairs = pair_nodes(state.definition.milestones, row.milestones)
        if pairs is None:
            self._problems.append(
                f"{row.code}：节点有增减，期限也有改动，看不出哪个对应哪个。请分两次调整：先只改期限，再增减节点"
            )
            return
        for pair in pairs:
            difference = _node_difference(pair, state)
            if difference is None:
                continue
            standing = state.milestone(difference.number) if difference.number is not None else None
            if standing is not None and standing.met_at is not None:
                self._notes.append(f"{row.code}：第{standing.number}个节点已完成，文件中对它的改动不再采用")
                continue
            in_force = standing.due_on if standing else None
            day = difference.new_on
            if day is not None and day < self._today and day != in_force:
                self._problems.append(
                    f"{row.code}：新期限{day}（{difference.new_phrase or difference.phrase}）早于今天，"
                    "不能使单位在事后变成逾期。请改为今天或以后的日期"
                )
            yield difference

    def _note_of(self, row: TaskDefinition, state: TaskState) -> None:
        before = state.definition
        met = [(n.due_on, n.met_on) for n in row.milestones if n.met_on]
        if met != [(n.due_on, n.met_on) for n in before.milestones if n.met_on]:
            self._notes.append(f"{row.code}：“已完成节点”有改动，不随方案调整；完成情况请用 starter.py progress 报告")
        if row.reminders_given != before.reminders_given:
            self._notes.append(f"{row.code}：“已提醒”有改动，不随方案调整；已发的提醒不变")
        if row.handed_over_on != before.handed_over_on:
            self._notes.append(f"{row.code}：“交办日期”有改动，不随方案调整；已交办的日期不变")
        if row.split_from and row.split_from != before.split_from:
            self._notes.append(f"{row.code}：已经下发，“拆分自”不再采用")


def _fields(row: TaskDefinition, state: TaskState) -> Iterator[FieldDifference]:
    """Bodies are compared under the names that they have now: a body that was renamed is the same body."""
    before, roles = state.definition, state.roles
    for name in FIELDS:
        old, new = getattr(before, name), getattr(row, name)
        match name:
            case "lead_body":
                old = roles.first(LEAD_BODY)
            case "handling_body":
                old, new = roles.first(HANDLING_BODY), row.handled_by
            case "supporting_bodies":
                old = roles.of(SUPPORTING_BODIES)
            case "report_cycle" if not row.open_ended:
                continue
        if old != new:
            yield FieldDifference(field=name, old=_text(old), new=_text(new))


def _node_difference(pair: NodePair, state: TaskState) -> NodeDifference | None:
    old, new = pair.old, pair.new
    if old is None:
        return NodeDifference(number=None, phrase=new.phrase, kind=new.kind, new_on=new.due_on) if new else None
    standing = state.milestone(old.number)
    moved = standing.due_on if standing and standing.due_on != old.due_on else None
    if new is None:
        return NodeDifference(number=old.number, phrase=old.phrase, kind=old.kind, old_on=old.due_on, in_force_on=moved)
    if (old.phrase, old.due_on, old.kind) == (new.phrase, new.due_on, new.kind):
        return None
    return NodeDifference(
        number=old.number,
        phrase=old.phrase,
        new_phrase=new.phrase,
        kind=new.kind,
        old_on=old.due_on,
        new_on=new.due_on,
        in_force_on=moved,
    )


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "是" if value else "否"
        case tuple():
            return "、".join(str(part) for part in value)
        case _:
            return str(value)
