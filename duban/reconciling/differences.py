"""The differences between ledger and workflow, and what each means. Pure: what was seen goes in, words come out."""

from enum import StrEnum

from duban.ledger.plans.plans import PlanRow
from duban.ledger.plans.registration import PlanStatus
from duban.ledger.tasks.standings import Overdue, TaskStanding
from duban.reconciling.seen import Presence, Seen
from duban.supervision.model import Frozen


class DifferenceKind(StrEnum):
    """What is different. The first eight are a task's, then come a plan's, then all others."""

    LEDGER_BEHIND = "ledger_behind"
    WORKFLOW_BEHIND = "workflow_behind"
    WORKFLOW_LOST = "workflow_lost"
    CONTRADICTION = "contradiction"
    CLOSED_IN_LEDGER = "closed_in_ledger"
    UNPROVEN_START = "unproven_start"
    NO_ANSWER = "no_answer"
    NOT_STARTED = "not_started"
    PLAN_LOST = "plan_lost"
    PLAN_AHEAD = "plan_ahead"
    PLAN_NOT_TOLD = "plan_not_told"
    PLAN_CLOSED_IN_LEDGER = "plan_closed_in_ledger"
    PLAN_NO_ANSWER = "plan_no_answer"
    NOT_IN_LEDGER = "not_in_ledger"
    NOT_DELIVERED = "not_delivered"


WORDS: dict[DifferenceKind, str] = {
    DifferenceKind.LEDGER_BEHIND: "台账缺少工作流已作出的记录",
    DifferenceKind.WORKFLOW_BEHIND: "工作流落后于台账",
    DifferenceKind.WORKFLOW_LOST: "台账中未办结，而工作流不在了",
    DifferenceKind.CONTRADICTION: "工作流要记的内容与台账已有的记录不同",
    DifferenceKind.CLOSED_IN_LEDGER: "台账中已办结，而工作流还在运行",
    DifferenceKind.UNPROVEN_START: "工作流已启动，台账没有记下",
    DifferenceKind.NO_ANSWER: "工作流没有答复",
    DifferenceKind.NOT_STARTED: "方案中有任务登记后没有启动",
    DifferenceKind.PLAN_LOST: "方案未销账，而它的工作流不在了",
    DifferenceKind.PLAN_AHEAD: "台账缺少方案工作流已作出的记录",
    DifferenceKind.PLAN_NOT_TOLD: "任务已全部办结，方案的工作流还不知道",
    DifferenceKind.PLAN_CLOSED_IN_LEDGER: "方案在台账中已销账，而工作流还在运行",
    DifferenceKind.PLAN_NO_ANSWER: "方案的工作流没有答复",
    DifferenceKind.NOT_IN_LEDGER: "工作流在运行，而台账中没有这个编号",
    DifferenceKind.NOT_DELIVERED: "通知早该送达而没有人送",
}
REMEDIES: dict[DifferenceKind, str] = {
    DifferenceKind.NO_ANSWER: "请查看工作进程（starter.py stuck），恢复后再对账",
    DifferenceKind.PLAN_NO_ANSWER: "请查看工作进程（starter.py stuck），恢复后再对账",
    DifferenceKind.NOT_IN_LEDGER: "台账可能恢复自这个方案下发之前的备份：请用更新的备份恢复",
}
"""What a person has to do where nothing can be mended from here."""


class Difference(Frozen):
    """One difference.

    Attributes:
        code: Of the task or plan; for a delivery the receiving body.
        ledger, workflow: How each stands, in words.
        mended: What was done about it, in words; empty while nothing was.
    """

    kind: DifferenceKind
    code: str
    plan_code: str = ""
    ledger: str = ""
    workflow: str = ""
    mended: str = ""

    @property
    def can_be_mended(self) -> bool:
        """Whether ``--mend`` can do something about it."""
        return self.kind not in REMEDIES

    def __str__(self) -> str:
        return f"{self.code}：{WORDS[self.kind]}（台账：{self.ledger}；工作流：{self.workflow}）"


PRESENCE_WORDS: dict[Presence, str] = {
    Presence.RUNNING: "运行中",
    Presence.COMPLETED: "已结束",
    Presence.BROKEN_OFF: "被中止",
    Presence.ABSENT: "不存在",
}


def task_difference(task: TaskStanding, seen: Seen) -> Difference | None:
    """How a task differs; the ledger was read before the workflow, which decides before it records."""
    kind = _of_task(task, seen)
    if kind is None:
        return None
    return Difference(
        kind=kind,
        code=task.code,
        plan_code=task.plan_code,
        ledger=f"第 {task.version} 条，{'未办结' if task.is_open else '已办结'}",
        workflow=f"{PRESENCE_WORDS[seen.presence]}" + (f"，第 {seen.version} 条" if seen.answered else ""),
    )


def _of_task(task: TaskStanding, seen: Seen) -> DifferenceKind | None:
    match seen.presence:
        case Presence.ABSENT | Presence.BROKEN_OFF:
            return DifferenceKind.WORKFLOW_LOST if task.is_open and task.is_started else None
        case Presence.COMPLETED:
            return DifferenceKind.LEDGER_BEHIND if task.is_open else None
        case Presence.RUNNING:
            return _of_running(task, seen)


def _of_running(task: TaskStanding, seen: Seen) -> DifferenceKind | None:
    if not seen.answered:
        return DifferenceKind.NO_ANSWER
    if (seen.round, seen.version) > (task.round, task.version):
        return DifferenceKind.LEDGER_BEHIND
    if not task.is_open:
        return DifferenceKind.CLOSED_IN_LEDGER
    if (seen.round, seen.version) < (task.round, task.version):
        return DifferenceKind.WORKFLOW_BEHIND
    if seen.contradicts or seen.status != task.status:
        return DifferenceKind.CONTRADICTION
    return None if task.is_started else DifferenceKind.UNPROVEN_START


def plan_difference(plan: PlanRow, seen: Seen) -> Difference | None:
    """How a plan differs."""
    kind = _of_plan(plan, seen)
    if kind is None:
        return None
    return Difference(
        kind=kind,
        code=plan.code,
        plan_code=plan.code,
        ledger=f"{plan.status.value}，{plan.tasks} 项，未办结 {plan.open_tasks}，未启动 {plan.unstarted_tasks}",
        workflow=PRESENCE_WORDS[seen.presence] + (f"，{seen.status}" if seen.status else ""),
    )


def _of_plan(plan: PlanRow, seen: Seen) -> DifferenceKind | None:
    is_closed = plan.status is PlanStatus.CLOSED
    match seen.presence:
        case Presence.ABSENT | Presence.BROKEN_OFF:
            return None if is_closed else DifferenceKind.PLAN_LOST
        case Presence.COMPLETED:
            return None if is_closed else DifferenceKind.PLAN_AHEAD
        case Presence.RUNNING if not seen.answered:
            return DifferenceKind.PLAN_NO_ANSWER
        case Presence.RUNNING if is_closed:
            return DifferenceKind.PLAN_CLOSED_IN_LEDGER
        case Presence.RUNNING if seen.status in ("registering", "starting"):
            return None  # it is at it
        case Presence.RUNNING if plan.unstarted_tasks:
            return DifferenceKind.NOT_STARTED
        case Presence.RUNNING if seen.status == "in_strike_off" and plan.status is not PlanStatus.IN_STRIKE_OFF:
            return DifferenceKind.PLAN_AHEAD
        case Presence.RUNNING if seen.status == "under_way" and plan.open_tasks == 0 and not plan.is_register:
            return DifferenceKind.PLAN_NOT_TOLD
        case Presence.RUNNING:
            return None


def stranger(code: str) -> Difference:
    """A workflow that runs under a code that the ledger does not have."""
    return Difference(kind=DifferenceKind.NOT_IN_LEDGER, code=code, ledger="没有", workflow="运行中")


def undelivered(overdue: Overdue) -> Difference:
    """Notices to a body that nobody delivers."""
    since = f"{overdue.since.astimezone():%Y-%m-%d %H:%M}"
    return Difference(
        kind=DifferenceKind.NOT_DELIVERED, code=overdue.recipient, ledger=f"{overdue.notices} 件，最早 {since}"
    )
