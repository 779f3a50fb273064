"""How commands speak: tables for people, JSON for programs, sentences on stderr.

What comes from a file or a person is shown without its control characters, which could repaint a terminal.
"""

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import date, datetime

import typer
from pydantic import BaseModel
from rich.console import Console
from rich.table import Table

from duban.ledger.plans.registration import PlanStatus
from duban.ledger.tables.notice_tables import NoticeStatus
from duban.supervision.days.calendar import Zone
from duban.supervision.plans.plan import Level
from duban.supervision.tasks.entries import NoticeKind
from duban.supervision.tasks.state import RungStatus, Stage
from duban.supervision.tasks.views import SUSPENDED, SUSPENDED_WORDS
from duban.supervision.words import STAGE_WORDS

WIDE = 160
"""Columns where nobody knows the width: a file, a pipe."""

LEVEL_WORDS: dict[str, str] = {
    Level.PHONE: "电话提醒",
    Level.WRITTEN: "书面提醒",
    Level.ONSITE: "现场提醒",
    Level.CIRCULAR: "通报提醒",
    Level.INTERVIEW: "约谈提醒",
}
KIND_WORDS: dict[NoticeKind, str] = {
    NoticeKind.REMINDER: "提醒",
    NoticeKind.ADVANCE_NOTICE: "节点预告",
    NoticeKind.CHASE: "催报",
    NoticeKind.REPORT_DUE: "报告提示",
    NoticeKind.REQUEST: "提请办理",
    NoticeKind.DECISION: "决定告知",
    NoticeKind.OTHER: "其他",
}
NOTICE_WORDS: dict[NoticeStatus, str] = {
    NoticeStatus.PENDING: "待发",
    NoticeStatus.SENDING: "发送中",
    NoticeStatus.DELIVERED: "已送达",
    NoticeStatus.WITHDRAWN: "已撤回",
    NoticeStatus.UNDELIVERABLE: "无法送达",
}
RUNG_WORDS: dict[RungStatus, str] = {
    RungStatus.AWAITING_APPROVAL: "待确认或决定",
    RungStatus.ISSUED: "已发出",
    RungStatus.NOT_ISSUED: "未发",
    RungStatus.REFUSED: "未获同意",
    RungStatus.GIVEN_BEFORE: "此前已发",
    RungStatus.WITHDRAWN: "已撤回",
}
PLAN_WORDS: dict[PlanStatus, str] = {
    PlanStatus.REGISTERING: "正在下发",
    PlanStatus.UNDER_WAY: "推进中",
    PlanStatus.IN_STRIKE_OFF: "全部办结，待销账",
    PlanStatus.CLOSED: "已销账",
}


def readable(text: str) -> str:
    """A text without control characters; line breaks stay."""
    return "".join(char if char == "\n" or char.isprintable() or char == "\u3000" else " " for char in text)


def say(text: str) -> None:
    """A line of the result, on stdout."""
    typer.echo(readable(text))


def complain(text: str) -> None:
    """A line that is not the result, on stderr."""
    typer.echo(readable(text), err=True)


def show_json(value: BaseModel | Sequence[BaseModel] | dict[str, object]) -> None:
    """One JSON array or object on stdout, in UTF-8 whatever the terminal's encoding is."""
    match value:
        case BaseModel():
            plain: object = value.model_dump(mode="json")
        case dict():
            plain = value
        case _:
            plain = [row.model_dump(mode="json") for row in value]
    typer.echo(json.dumps(plain, ensure_ascii=False, indent=2).encode())


def show_table(headings: Sequence[str], rows: Iterable[Sequence[object]], *, title: str = "") -> None:
    """A table on stdout."""
    console = Console(markup=False, emoji=False, highlight=False, width=None if sys.stdout.isatty() else WIDE)
    table = Table(title=title or None, title_justify="left", title_style="bold", header_style="bold")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(cell(value) for value in row))
    console.print(table)


def cell(value: object) -> str:
    """A value as a person reads it."""
    match value:
        case None:
            return ""
        case bool():
            return "是" if value else "否"
        case datetime():
            return f"{value:%Y-%m-%d %H:%M}"
        case date():
            return value.isoformat()
        case tuple() | list():
            return "、".join(cell(part) for part in value)
        case _:
            return readable(str(value))


def local(moment: datetime | None, zone: Zone) -> datetime | None:
    """A moment on the clock of a plan's zone."""
    return zone.local(moment) if moment is not None else None


def here(moment: datetime | None) -> datetime | None:
    """A real moment on the clock of this machine."""
    return moment.astimezone() if moment is not None else None


def level_words(level: str | None) -> str:
    """A level as people read it; a level of a regime's own keeps its key."""
    return LEVEL_WORDS.get(level, level) if level else ""


def status_words(status: str) -> str:
    """The status of a task as people read it."""
    return SUSPENDED_WORDS if status == SUSPENDED else STAGE_WORDS[Stage(status)]
