"""What a person sees while a demonstration runs: the date, the tasks by state, the reminders as they are given.

All of it is read from the ledger. On a terminal it is one picture that moves; elsewhere plain lines, one for each
reminder and one for each week of business time.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from duban.commands.showing import level_words, status_words
from duban.ledger import Ledger
from duban.ledger.questions.rows import ReminderRow
from duban.ledger.tables.notice_tables import NoticeStatus
from duban.supervision.model import Frozen
from duban.supervision.tasks.state import RungStatus, Stage
from duban.supervision.tasks.views import SUSPENDED

LAST_REMINDERS = 10
BAR_WIDTH = 40
WEEKDAYS = "一二三四五六日"

RUNG_WORDS: dict[RungStatus, str] = {
    RungStatus.AWAITING_APPROVAL: "提请审批",
    RungStatus.ISSUED: "发出",
    RungStatus.NOT_ISSUED: "不再发出",
    RungStatus.REFUSED: "未获同意",
    RungStatus.GIVEN_BEFORE: "此前已发",
    RungStatus.WITHDRAWN: "撤回",
}


class News(Frozen):
    """A reminder as it came to be what it is; ``seen_on`` is the business date on which the view saw it."""

    seen_on: date
    reminder: ReminderRow

    def __str__(self) -> str:
        row = self.reminder
        return (
            f"{row.task_code} {level_words(row.level)}：{RUNG_WORDS[row.status]}"
            f"（{row.due_on:%m-%d}到期，滞后{row.lag_days}天）"
        )


class Picture(Frozen):
    """How the demonstration stands.

    Attributes:
        today: Local business date.
        share: How much of the business time has passed, from 0 to 1.
        news: All reminders so far, as they came.
        waiting: Notices that are recorded and not delivered.
    """

    today: date
    share: float
    by_status: dict[str, int]
    behind: int
    news: tuple[News, ...]
    delivered: int
    waiting: int


class Watcher:
    """Looks at the ledger of a plan, and remembers which reminders it has seen."""

    def __init__(self, ledger: Ledger, plan_code: str) -> None:
        self._ledger, self._plan_code = ledger, plan_code
        self._seen: set[tuple[object, ...]] = set()
        self._news: list[News] = []

    def look(self, today: date, share: float) -> Picture:
        """A picture of the ledger as it is now.

        Raises:
            LedgerUnavailable: The database cannot be reached.
        """
        rows = self._ledger.rows
        figures = rows.statistics(plan=self._plan_code)
        for row in rows.reminder_rows(plan=self._plan_code):
            became = (row.task_code, row.level, row.episode, row.due_on, row.status)
            if became not in self._seen:
                self._seen.add(became)
                self._news.append(News(seen_on=today, reminder=row))
        states = [notice.status for notice in rows.notice_rows(plan=self._plan_code)]
        return Picture(
            today=today,
            share=min(max(share, 0.0), 1.0),
            by_status=figures.by_status,
            behind=figures.behind,
            news=tuple(self._news),
            delivered=states.count(NoticeStatus.DELIVERED),
            waiting=states.count(NoticeStatus.PENDING) + states.count(NoticeStatus.SENDING),
        )


Show = Callable[[Picture], None]


@contextmanager
def view(console: Console) -> Iterator[Show]:
    """Gives what shows a picture: a moving one on a terminal, lines elsewhere."""
    if not console.is_terminal:
        yield Lines(console).show
        return
    with Live(console=console, refresh_per_second=4) as live:
        yield lambda picture: live.update(drawn(picture))


class Lines:
    """One line for each reminder, one for each business week."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._told = 0
        self._week: tuple[int, int] | None = None

    def show(self, picture: Picture) -> None:
        """Print what is new."""
        for news in picture.news[self._told :]:
            self._print(f"{news.seen_on.isoformat()}  {news}")
        self._told = len(picture.news)
        week = picture.today.isocalendar()[:2]
        if week != self._week:
            self._week = week
            self._print(f"{picture.today.isoformat()}  {figures_in_words(picture)}")

    def _print(self, line: str) -> None:
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)


def states_in_words(by_status: Mapping[str, int]) -> str:
    """How many tasks stand how, in the order of a task's life."""
    return "，".join(f"{status_words(status)} {count}" for status, count in _in_order(by_status))


def _in_order(by_status: Mapping[str, int]) -> list[tuple[str, int]]:
    life = [*(stage.value for stage in Stage), SUSPENDED]
    return sorted(by_status.items(), key=lambda item: life.index(item[0]))


def figures_in_words(picture: Picture) -> str:
    """The figures of a picture in one line."""
    notices = f"通知已送达 {picture.delivered}，待发 {picture.waiting}"
    return f"{states_in_words(picture.by_status)}；滞后 {picture.behind}；{notices}"


def drawn(picture: Picture) -> Group:
    """A picture for a terminal."""
    day = picture.today
    date_line = Table.grid(padding=(0, 2))
    date_line.add_row(
        Text(f"{day.year}年{day.month}月{day.day}日 星期{WEEKDAYS[day.weekday()]}", style="bold"),
        ProgressBar(total=1.0, completed=picture.share, width=BAR_WIDTH),
        Text(f"{picture.share:.0%}"),
    )
    states = Table.grid(padding=(0, 2))
    for status, count in _in_order(picture.by_status):
        states.add_row(status_words(status), Text(str(count), justify="right"))
    states.add_row(Text("其中滞后", style="yellow"), Text(str(picture.behind), style="yellow", justify="right"))
    states.add_row("通知已送达", Text(str(picture.delivered), justify="right"))
    states.add_row("通知待发", Text(str(picture.waiting), justify="right"))
    reminders = Table(title="提醒", title_justify="left", header_style="bold", expand=False)
    for heading in ("日期", "任务", "级别", "办理", "到期", "滞后"):
        reminders.add_column(heading, no_wrap=True)
    for news in picture.news[-LAST_REMINDERS:]:
        row = news.reminder
        reminders.add_row(
            f"{news.seen_on:%m-%d}",
            row.task_code,
            level_words(row.level),
            RUNG_WORDS[row.status],
            f"{row.due_on:%m-%d}",
            f"{row.lag_days}天",
        )
    return Group(date_line, Text(), states, Text(), reminders)
