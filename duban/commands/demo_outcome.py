"""What a demonstration leaves: figures, links into the Temporal UI, and how it compares with the rehearsal."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from urllib.parse import quote

from duban.commands.demo_foretelling import falls_within
from duban.commands.demo_view import RUNG_WORDS, states_in_words
from duban.commands.showing import NOTICE_WORDS, level_words
from duban.contracts import StoredPlan
from duban.ledger import Ledger
from duban.ledger.questions.rows import NoticeRow, ReminderRow
from duban.names import REFORM_TASK, task_workflow_id
from duban.supervision.days.calendar import OfficeCalendar
from duban.supervision.plans.plan import Level
from duban.supervision.rules.parts import LEADING_GROUP
from duban.supervision.tasks.entries import EntryKind
from duban.supervision.tasks.state import Stage


def figures(ledger: Ledger, plan_code: str, until: date, calendar: OfficeCalendar) -> Iterator[str]:
    """The figures of a plan, a line for each kind; reminders that fall due after ``until`` are not counted."""
    rows = ledger.rows
    statistics = rows.statistics(plan=plan_code)
    yield f"任务：{statistics.tasks} 项（{states_in_words(statistics.by_status)}）"
    reminders = rows.reminder_rows(plan=plan_code)
    yield from _reminders([row for row in reminders if falls_within(row.due_on, until, calendar)])
    yield f"通知：{_notices(rows.notice_rows(plan=plan_code))}"


def _reminders(rows: Sequence[ReminderRow]) -> Iterator[str]:
    yield f"提醒：{len(rows)} 件"
    for level in dict.fromkeys([*(level.value for level in Level), *(row.level for row in rows)]):
        counted = Counter(row.status for row in rows if row.level == level)
        parts = "，".join(f"{RUNG_WORDS[status]} {count}" for status, count in sorted(counted.items()))
        yield f"  {level_words(level)}：{parts or '无'}"


def _notices(rows: Iterable[NoticeRow]) -> str:
    counted = Counter(row.status for row in rows)
    return "，".join(f"{NOTICE_WORDS[status]} {count}" for status, count in sorted(counted.items())) or "无"


def refused_signals(ledger: Ledger, task_codes: Iterable[str]) -> tuple[str, ...]:
    """What the ledger keeps of progress signals that were refused: nobody was told of them."""
    return tuple(
        f"{code}：{row.text}"
        for code in task_codes
        for row in ledger.timelines.timeline(code)
        if row.kind is EntryKind.REFUSED
    )


def saved_views(ui_url: str, namespace: str, plan: StoredPlan) -> Iterator[str]:
    """Links to lists in the Temporal UI, each with what it shows."""
    regime = plan.policy.regime
    leading_group = plan.organisation.offices(regime)[LEADING_GROUP][0]
    tasks = f'WorkflowType = "{REFORM_TASK}" AND PlanCode = "{plan.definition.code}"'
    queries = {
        "全部任务": tasks,
        "办理中且已滞后": f'{tasks} AND TaskStatus = "{Stage.UNDER_WAY.value}" AND BehindSince IS NOT NULL',
        "等待领导小组决定": f'{tasks} AND AwaitingBodies = "{leading_group}"',
        "已销号": f'{tasks} AND TaskStatus = "{Stage.STRUCK_OFF.value}"',
    }
    queries |= {f"已到{rung.title}": f'{tasks} AND ReminderLevel = "{rung.level}"' for rung in regime.ladder.rungs}
    for title, query in queries.items():
        yield f"{title}：{_namespace(ui_url, namespace)}/workflows?query={quote(query, safe='')}"


def task_pages(ui_url: str, namespace: str, task_codes: Iterable[str]) -> Iterator[str]:
    """Links to the pages of tasks in the Temporal UI."""
    for code in task_codes:
        yield f"任务 {code}：{_namespace(ui_url, namespace)}/workflows/{quote(task_workflow_id(code), safe='')}"


def _namespace(ui_url: str, namespace: str) -> str:
    return f"{ui_url}/namespaces/{quote(namespace, safe='')}"
