"""`demo`: a bundled plan runs in fast time on a real server, and the ledger is compared with the rehearsal.

Always on a server of its own and in a folder of its own: see ``demo_place``.
"""

import asyncio
import signal
import time
from collections.abc import Coroutine
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from duban.commands.connecting import reading_ledger
from duban.commands.demo_outcome import figures, saved_views, task_pages
from duban.commands.demo_performance import Performance, accompanied, clock_from, perform
from duban.commands.demo_place import LEDGER_FILE, NOTICES, emptied, nobody_elses_environment, settings_in
from duban.commands.demo_script import Messages, messages_of, read_script
from duban.commands.issue import issuable
from duban.commands.ledger import print_to
from duban.commands.plan_files import read_plan_file
from duban.commands.plan_option_values import PlanOptions
from duban.commands.plan_options import read_date
from duban.commands.reasons import Refused
from duban.commands.showing import complain, say
from duban.commands.workplace import Workplace, workplace
from duban.contracts import StoredPlan
from duban.intake import LeadRule
from duban.ledger import Ledger
from duban.ledger.questions.wanted import Wanted
from duban.supervision.plans.plan import ReportCycle

PLANS = Path(__file__).resolve().parents[2] / "plans"
PLAN, ORGANISATION, SCRIPT = (
    PLANS / f"baotou-2022{ending}" for ending in (".csv", ".organisation.yaml", ".script.yaml")
)
CODE, TITLE = "BT", "包头市数字政府建设（示例）"
DAYS_PER_SECOND = 0.5
PAGES = ("BT-09", "BT-02")
"""Tasks to which a link is given: all five levels; a report returned for rework."""

Output = Annotated[Path, typer.Option("--output", help="写入台账、通知和日志的文件夹；其中上一次演示的结果会被清掉")]
Keep = Annotated[bool, typer.Option("--keep", help="结束后保留服务器和网页界面，直到按 Ctrl-C")]
Speed = Annotated[float, typer.Option("--speed", min=0.01, max=5.0, help="每秒走过几天业务时间")]
Until = Annotated[
    date | None, typer.Option("--until", parser=read_date, metavar="DATE", help="演示到哪一天为止；不写则按脚本")
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo", help="演示：在自带的 Temporal 服务器上，几分钟走完一个方案的几个月。")(demo)


def demo(
    output: Output = Path("demo-output"), keep: Keep = False, speed: Speed = DAYS_PER_SECOND, until: Until = None
) -> None:
    """Run the demonstration; done only if the ledger shows exactly what the rehearsal foretold."""
    began = time.monotonic()
    with nobody_elses_environment():
        plan, messages, end = prepared(until)
        folder = emptied(output)
        issued_on = plan.definition.issued_on
        days = (end - issued_on).days + 1
        say(f"演示：《{TITLE}》{len(plan.definition.tasks)} 项任务，{issued_on} 印发，走到 {end} 为止。")
        say(f"各单位的举动写在 {SCRIPT}，均为虚构。")
        say("演示总是使用自带的 Temporal 服务器和自己的文件夹，不理会 TEMPORAL_ 和 DUBAN_ 变量，不会碰到真实的台账。")
        say(f"业务时间每秒走 {speed:g} 天，约需 {days / speed:.0f} 秒，另加启动和收尾十几秒。")
        asyncio.run(_until_stopped(_demo(folder, plan, messages, end, speed, keep=keep, began=began)))


def prepared(until: date | None = None) -> tuple[StoredPlan, Messages, date]:
    """The bundled plan with its script, and the local date with whose end the demonstration ends.

    Raises:
        Refused: The plan holds an error, or the date does not lie after the date of issue.
        OfficeFileError: The script cannot be used.
    """
    script = read_script(SCRIPT)
    end = until or script.until
    if end <= script.issued_on:
        raise Refused(f"--until {end} 应晚于印发日期 {script.issued_on}。")
    options = PlanOptions(
        code=CODE,
        title=TITLE,
        issued_on=script.issued_on,
        organisation=ORGANISATION,
        lead_rule=LeadRule.FIRST_LISTED,
        open_ended_report=ReportCycle.QUARTERLY,
    )
    read = read_plan_file(PLAN, options, all_day=True)
    plan = read.stored or issuable(read)  # the latter tells all problems
    policy = plan.policy
    messages = messages_of(script, SCRIPT, plan.definition, plan.organisation, policy.regime, policy.calendar.zone)
    return plan, messages, end


async def _demo(
    folder: Path, plan: StoredPlan, messages: Messages, until: date, speed: float, *, keep: bool, began: float
) -> None:
    settings = settings_in(folder)
    async with workplace(settings, ui=True, db_file=settings.home / "temporal.db") as place:
        with reading_ledger(settings) as ledger:
            show = Performance(plan, messages, until, clock_from(datetime.now(UTC), plan, speed, until))
            wrong = await accompanied(perform(place, ledger, settings.task_queue, show), place.ended())
            _leave_behind(ledger, show, folder)
        _tell_links(place, show, keep=keep)
        say(f"用时 {time.monotonic() - began:.0f} 秒。")
        _tell_verdict(wrong)
        if keep:
            say("服务器和网页界面继续运行（业务时间停在最后一天），按 Ctrl-C 停止。")
            with suppress(asyncio.CancelledError):
                await place.ended()
    if wrong:
        raise typer.Exit(1)


def _leave_behind(ledger: Ledger, show: Performance, folder: Path) -> None:
    file, notices = folder / LEDGER_FILE, folder / NOTICES
    title = f"{show.plan.definition.title}督办台账（{show.until}，演示）"
    print_to(file, ledger, Wanted(plan=show.code), show.last_moment, title=title)
    for line in figures(ledger, show.code, show.until, show.plan.policy.calendar):
        say(line)
    say(f"台账：{file}")
    say(f"通知：{notices}（{sum(1 for _ in notices.glob('*.txt'))} 个文件）")


def _tell_links(place: Workplace, show: Performance, *, keep: bool) -> None:
    url = place.server.ui_url
    if url is None:
        return
    say("Temporal 网页界面" + ("：" if keep else "（加 --keep 运行时可以打开）："))
    for line in (
        *saved_views(url, place.server.namespace, show.plan),
        *task_pages(url, place.server.namespace, PAGES),
    ):
        say(f"  {line}")


def _tell_verdict(wrong: tuple[str, ...]) -> None:
    if not wrong:
        say("预演与台账完全一致：每一级提醒、每一个到期日。")
        return
    complain(f"预演与台账不一致，共 {len(wrong)} 处：")
    for line in wrong:
        complain(f"  {line}")
    complain("如果机器繁忙、写账跟不上业务时间，可放慢再试：make demo ARGS='--speed 0.25'")


async def _until_stopped(work: Coroutine[Any, Any, None]) -> None:
    """Do work until it ends or the person stops it; then the worker and the server are stopped, too."""
    working = asyncio.create_task(work)
    stopped = False

    def stop() -> None:
        # Once: a second Ctrl-C must not cut short the stopping that the first one began.
        nonlocal stopped
        if not stopped:
            stopped = True
            working.cancel()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    try:
        await working
    except asyncio.CancelledError:
        if not stopped:
            raise
        complain("演示已中断，服务器和工作进程都已停止。")
        raise typer.Exit(1) from None
