"""`status CODE`: how a task or a plan stands; from the workflow, or from the ledger where no worker answers."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import typer
from temporalio.client import WorkflowQueryFailedError, WorkflowQueryRejectedError
from temporalio.service import RPCError

from duban.client import ConnectionFailed
from duban.commands.asked_acts import show_asked
from duban.commands.connecting import connect_to_server, reading_ledger
from duban.commands.plan_options import AsJson
from duban.commands.reasons import Refused, reason_of
from duban.commands.sending import TaskCode
from duban.commands.showing import (
    PLAN_WORDS,
    RUNG_WORDS,
    cell,
    complain,
    level_words,
    local,
    say,
    show_json,
    show_table,
    status_words,
)
from duban.ledger.plans.plans import PlanRow
from duban.ledger.questions.rows import TaskRow
from duban.ledger.registers.asks import AskedRow
from duban.names import task_workflow_id
from duban.server import ServerError
from duban.settings import Settings, load_settings
from duban.supervision.days.calendar import Zone
from duban.supervision.days.provisional import PROVISIONAL_SHORT
from duban.supervision.tasks.views import MilestoneView, StatusView, StepView

ANSWERED_WITHIN = timedelta(seconds=3)
VIEW_FIELDS = {
    "title": "改革事项",
    "status": "状态",
    "lead_body": "牵头单位",
    "handling_body": "承办单位",
    "supervising_body": "交办单位",
    "supporting_bodies": "配合单位",
    "due_on": "最近未完成期限",
    "behind_since": "滞后起算日",
    "lag_days": "滞后天数",
    "reminder_level": "已发最高一级提醒",
    "percent": "自报进度",
    "next_moment_at": "下一时点",
    "next_moment_why": "届时",
    "as_of": "截至",
}
TASK_FIELDS = {
    **{name: words for name, words in VIEW_FIELDS.items() if name in TaskRow.model_fields},
    "next_moment_text": "届时",
    "awaiting": "等待单位",
}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("status", help="一项任务或一个方案的现状：状态、滞后、等待谁做什么、下一时点。")(status)


def status(code: TaskCode, as_json: AsJson = False) -> None:
    """Show how a task or a plan stands."""
    settings = load_settings()
    with reading_ledger(settings) as door:
        task = door.rows.task_row(code, datetime.now(UTC))
        plan = door.plans.plan_row(task.plan_code if task else code)
        if plan is None:
            raise Refused(f"台账中没有任务或方案 {code}，请核对编号。")
        asked = door.asks.of_item(code) if task is not None else ()
    if task is None:
        _show_plan(plan, as_json=as_json)
        return
    view = asyncio.run(_asked(settings, task))
    if isinstance(view, str):
        complain(f"{view}以下为台账所记，可能略早于现状。")
        _show_task(task, TASK_FIELDS, plan.zone, asked, as_json=as_json)
    else:
        _show_task(view, VIEW_FIELDS, plan.zone, asked, as_json=as_json)
        if not as_json:
            _show_parts(view)
    if not as_json:
        show_asked(asked, title="结果所要求的办理")


async def _asked(settings: Settings, task: TaskRow) -> StatusView | str:
    """What the workflow says, or in a sentence why it says nothing."""
    if task.started_at is None:
        return "任务正在下发。"
    try:
        async with asyncio.timeout(ANSWERED_WITHIN.total_seconds()):
            client = await connect_to_server(settings, within=ANSWERED_WITHIN)
            handle = client.get_workflow_handle(task_workflow_id(task.task_code))
            view: StatusView = await handle.query("status", result_type=StatusView, rpc_timeout=ANSWERED_WITHIN)
    except TimeoutError:
        return "工作进程没有在 3 秒内答复。"
    except (RPCError, WorkflowQueryFailedError, WorkflowQueryRejectedError, ConnectionFailed, ServerError) as error:
        return reason_of(error) or ""
    return view


def _show_task(
    task: StatusView | TaskRow, fields: Mapping[str, str], zone: Zone, asked: Sequence[AskedRow], *, as_json: bool
) -> None:
    if as_json:
        source = "workflow" if isinstance(task, StatusView) else "ledger"
        came_of = [row.model_dump(mode="json") for row in asked]
        show_json({**task.model_dump(mode="json"), "asked": came_of, "source": source})
        return
    rows = [(words, _worded(name, getattr(task, name), zone)) for name, words in fields.items()]
    if isinstance(task, StatusView) and task.next_moment_provisional:
        rows.append(("说明", f"{task.calendar_known_until} 之后的放假调休安排尚未公布，届时日期为暂定"))
    show_table(("项目", "内容"), rows, title=f"任务 {task.task_code}")


def _marked(day: object, *, provisional: bool) -> str:
    return f"{cell(day)}{PROVISIONAL_SHORT}" if provisional else cell(day)


def _worded(name: str, value: object, zone: Zone) -> str:
    match name, value:
        case "status", str():
            return status_words(value)
        case "reminder_level", str():
            return level_words(value)
        case "percent", int():
            return f"{value}%"
        case _, datetime():
            return cell(local(value, zone))
        case _:
            return cell(value)


def _show_parts(view: StatusView) -> None:
    if view.procedure:
        show_table(
            ("步骤", "由谁", "期限", "办理日期", "结果", "逾期"),
            [
                (s.title, s.owed_by, _moved(s), s.done_on, s.outcome, f"{s.days_late}天" if s.days_late else "")
                for s in view.steps
            ],
            title=view.procedure_title,
        )
    else:
        show_table(
            ("序号", "节点", "期限", "完成日期"),
            [(node.number, node.phrase, node.due_on, _ended(node)) for node in view.milestones],
            title="节点",
        )
    if view.awaiting:
        show_table(
            ("事项号", "等待什么", "由谁", "期限", "已催"),
            [
                (one.request, one.what, one.owed_by, _marked(one.due_on, provisional=one.provisional), one.chases)
                for one in view.awaiting
            ],
            title="等待事项",
        )
    if view.reminders:
        show_table(
            ("级别", "轮次", "应发日期", "滞后", "状态"),
            [
                (one.title, one.episode, one.due_on, f"{one.lag_days}天", RUNG_WORDS[one.status])
                for one in view.reminders
            ],
            title="提醒",
        )


def _ended(node: MilestoneView) -> str:
    """When it was met, or taken out by an amendment."""
    return cell(node.met_on) or (f"{node.withdrawn_on} 取消" if node.withdrawn_on else "")


def _moved(step: StepView) -> str:
    """Its last day, with the one first reckoned where it has been moved."""
    return f"{step.due_on}" if step.due_on == step.baseline_on else f"{step.due_on}（原定 {step.baseline_on}）"


def _show_plan(plan: PlanRow, *, as_json: bool) -> None:
    if as_json:
        show_json(plan)
        return
    say(f"方案 {plan.code}《{plan.title}》（{plan.issued_on} 印发，制度 {plan.regime}）：{PLAN_WORDS[plan.status]}。")
    started = f"，尚有 {plan.unstarted_tasks} 项正在启动" if plan.unstarted_tasks else ""
    say(f"任务 {plan.tasks} 项，未办结 {plan.open_tasks} 项{started}。")
    if plan.closed_at is not None:
        by = f"（事项 {plan.closed_by_item}）" if plan.closed_by_item else ""
        say(
            f"{cell(local(plan.closed_at, plan.zone))} 由{plan.closed_by_body}（{plan.closed_by_person}）决定销账{by}。"
        )
