"""`today`: what awaits somebody, the most urgent first, each with its reason and the command that settles it."""

import shlex
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from duban.commands.agenda_line import AgendaLine, Speaker
from duban.commands.agenda_lines import agenda_lines
from duban.commands.asking import Questions, on_a_terminal
from duban.commands.command_line import UsageError
from duban.commands.connecting import reading_ledger
from duban.commands.known_names import known_body
from duban.commands.plan_options import AsJson
from duban.commands.reasons import Refused
from duban.commands.showing import say, show_json
from duban.ledger import Ledger
from duban.ledger.questions.agenda import COUNTED_AT_MOST
from duban.ledger.questions.agenda_rows import Agenda, AgendaCounts
from duban.settings import Settings, load_settings
from duban.supervision.model import Frozen
from duban.supervision.rules.parts import HANDLING_BODY, LEAD_BODY, SUPPORTING_BODIES
from duban.supervision.words import role_words

WEEKDAYS = "一二三四五六日"
OF_A_TASK = (LEAD_BODY, HANDLING_BODY, SUPPORTING_BODIES)
COUNTED = {
    "owed": "应办",
    "overdue": "其中逾期",
    "decisions": "待决定",
    "verifications": "待核验",
    "late": "滞后任务",
    "to_chase": "应催办",
    "due_soon": "即将到期",
    "undelivered": "未送达通知",
    "refused": "未受理的提请",
    "dead_letters": "发出而无法送达",
}


class Today(Frozen):
    """What `today --json` shows.

    Attributes:
        business_dates: Of the plans, each once.
    """

    bodies: tuple[str, ...]
    role: str | None
    business_dates: tuple[str, ...]
    counts: AgendaCounts
    items: tuple[AgendaLine, ...]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("today", help="今日待办：按缓急列出等我办理的事项，写明理由和可直接使用的命令。")(today)


def today(
    body: Annotated[str, typer.Option("--body", help="哪个单位；不写则用 DUBAN_BODY")] = "",
    person: Annotated[str, typer.Option("--person", help="经办人，写入所列命令；不写则用 DUBAN_PERSON")] = "",
    role: Annotated[
        str | None,
        typer.Option(
            "--role",
            help="只看一种角色，如 supervising_body、lead_body、handling_body、reform_office、leading_group；"
            "只写角色不写单位时，为担任它的单位",
        ),
    ] = None,
    days: Annotated[int, typer.Option("--days", min=0, max=366, help="几天之内到期算即将到期")] = 7,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="每类最多列几项")] = 20,
    as_json: AsJson = False,
) -> None:
    """Show what awaits a body."""
    settings = load_settings()
    with reading_ledger(settings) as door:
        bodies = _bodies(door, settings, body, role)
        agenda = door.agendas.agenda(bodies, datetime.now(UTC), role=role, days=days, limit=limit)
        if agenda.counts == AgendaCounts():
            for each in bodies:
                known_body(door, each)
    speaker = Speaker(bodies=bodies, person=_to_be_said(person, settings.person), said_already=settings.body)
    lines = agenda_lines(agenda, speaker)
    if as_json:
        dates = tuple(day.isoformat() for day in agenda.days)
        show_json(Today(bodies=bodies, role=role, business_dates=dates, counts=agenda.counts, items=lines))
        return
    _show(bodies, role, agenda, lines)


def _to_be_said(person: str, usual: str) -> str:
    return "" if person == usual else person


def _bodies(door: Ledger, settings: Settings, body: str, role: str | None) -> tuple[str, ...]:
    """Whose agenda is meant.

    Raises:
        UsageError: Nobody's.
        Refused: Nobody has the role.
    """
    if role is not None and not body and role not in OF_A_TASK:
        held = door.agendas.bodies_of(role)
        if not held:
            raise Refused(f"没有单位担任 {role_words(role)}，请核对 --role，或用 --body 写明单位。")
        return held
    asking = Questions(asking=on_a_terminal())
    named = asking.text("--body（或 --role、DUBAN_BODY）", "哪个单位", body or settings.body)
    if asking.missing:
        raise UsageError(f"缺少 {asking.missing[0]}。")
    return (named,)


def _show(bodies: tuple[str, ...], role: str | None, agenda: Agenda, lines: tuple[AgendaLine, ...]) -> None:
    who = "、".join(bodies) + (f"（{role_words(role)}）" if role else "")
    when = "、".join(f"{day}（星期{WEEKDAYS[day.weekday()]}）" for day in agenda.days)
    say(f"{who} {when} 今日待办")
    counts = agenda.counts.model_dump()
    if not any(counts.values()):
        say("今天没有等待办理的事项。")
        return
    say("  ".join(f"{words} {_many(counts[name])}" for name, words in COUNTED.items()))
    prefix = _calling()
    for number, line in enumerate(lines, start=1):
        say(f"\n{number}. 【{line.what}】{line.task_code} {line.title}".rstrip())
        say(f"   {line.reason}")
        say(f"   {line.command.replace('starter.py', prefix, 1)}")
    listed = sum(map(len, (agenda.owed, agenda.late, agenda.to_chase, agenda.due_soon)))
    total = sum(counts[name] for name in ("owed", "late", "to_chase", "due_soon"))
    if total > listed:
        say(f"\n另有 {_many(total - listed)} 项未列出，可用 --limit 多列一些。")


def _many(count: int) -> str:
    return f"{COUNTED_AT_MOST}以上" if count >= COUNTED_AT_MOST else str(count)


def _calling() -> str:
    """How this program was called, so that a line can be copied as it stands."""
    program = sys.argv[0] if Path(sys.argv[0]).name == "starter.py" else "starter.py"
    interpreter = Path(sys.executable)
    if interpreter.is_relative_to(Path.cwd()):
        interpreter = interpreter.relative_to(Path.cwd())
    return shlex.join((str(interpreter), program))
