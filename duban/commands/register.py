"""`register`: the home of what comes by no plan, one for each office and year: begun, shown, closed."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from duban.attributes import register_search_attributes
from duban.commands.acting import Actor, acting
from duban.commands.asked_acts import show_asked
from duban.commands.asking import Questions, on_a_terminal
from duban.commands.command_line import CommandLine, ReasonsTold
from duban.commands.connecting import connect_to_server, reading_ledger, writing_ledger
from duban.commands.issuing import NobodyWorks
from duban.commands.known_registers import known_register, opened_register
from duban.commands.known_years import announced_years
from duban.commands.plan_files import today_in
from duban.commands.plan_options import AsJson, read_plan_code
from duban.commands.registering import begin_register, register_content
from duban.commands.sending import tell_register
from duban.commands.shared_options import with_shared
from duban.commands.showing import complain, local, say, show_json, show_table, status_words
from duban.commands.staff import complain_of_staff
from duban.contracts import Answer, StoredPlan
from duban.ledger.plans.plans import PlanRow
from duban.ledger.plans.registration import PlanStatus
from duban.ledger.registers.asks import AskedRow
from duban.ledger.registers.register_rows import ItemRow, ItemStatus, PeriodRow, PeriodStatus
from duban.open_registers import OpenRegister, coming_of, rules_of
from duban.organisations import load_organisation
from duban.regimes.loading import load_rulebook
from duban.settings import Settings, load_settings
from duban.supervision.days.calendar import spread_of
from duban.supervision.model import Frozen
from duban.supervision.registers.registers import ComingRound
from duban.supervision.rules.procedures import Fact
from duban.supervision.steps.stating import wanted_words

EARLIEST, LATEST = 1971, 2095
STATUS_WORDS = {PlanStatus.CLOSED: "已办结"}
RegisterCode = Annotated[str, typer.Argument(metavar="CODE", help="登记簿编号；只有一本在用时可不写")]


class RegisterView(Frozen):
    """A register as it stands: ``register show --json``. Moments are business time.

    Attributes:
        next_at: When something comes round next, and ``next_text`` what.
        items: What was opened, and what was refused.
        periods: What came round, and what was missed.
        asked: What outcomes of its items asked of tasks and plans, and what came of it.
    """

    code: str
    title: str
    regime: str
    year: int
    status: PlanStatus
    open_items: int
    next_at: datetime | None
    next_text: str
    items: tuple[ItemRow, ...]
    periods: tuple[PeriodRow, ...]
    asked: tuple[AskedRow, ...]


class ProcedureView(Frozen):
    """What may be opened: ``register procedures --json``.

    Attributes:
        opened_by: The bodies that may; empty where only a rhythm or another item's outcome opens it.
        facts: What it asks for.
    """

    key: str
    title: str
    opened_by: tuple[str, ...]
    facts: tuple[Fact, ...]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = CommandLine(
        cls=ReasonsTold,
        options_metavar="[选项]",
        subcommand_metavar="命令 [参数]…",
        help="登记簿：不出自方案的事项（来文、批示、定期工作、问责等）登记在此，一年一本。",
        no_args_is_help=True,
    )
    group.command("begin", help="建立一本登记簿：按制度的节律自行开立到期的事项；再次建立不会重复。")(begin)
    group.command("show", help="登记簿里有哪些事项、哪些未办结、下一次何时。")(show)
    group.command("procedures", help="有哪些程序、由谁开立、须写明什么。")(procedures)
    group.command("close", help="办结登记簿：由立簿单位决定，无未办结的事项时。")(with_shared(close, acting, "actor"))
    app.add_typer(group, name="register")


def begin(
    regime: Annotated[str, typer.Option(metavar="NAME", help="适用的制度：名称，或制度文件的路径")],
    organisation: Annotated[Path, typer.Option(metavar="FILE", help="机构文件（YAML）")],
    year: Annotated[
        int | None, typer.Option(min=EARLIEST, max=LATEST, metavar="YEAR", help="哪一年；不写则为今年")
    ] = None,
    code: Annotated[str, typer.Option(parser=read_plan_code, metavar="CODE", help="编号；不写则为制度名称加年份")] = "",
    title: Annotated[str, typer.Option(metavar="TITLE", help="标题；不写则取机构名称加年份")] = "",
    supervising_body: Annotated[str, typer.Option(metavar="BODY", help="交办单位：谁交办、谁催办")] = "",
) -> None:
    """Begin a register."""
    settings = load_settings()
    rulebook = load_rulebook(regime, settings.regime_dir)
    bodies = load_organisation(organisation)
    of_year = year or today_in(rulebook.zone, datetime.now(UTC)).year
    content = register_content(
        rulebook,
        bodies,
        of_year,
        code=code or f"{rulebook.name.upper()}-{of_year}",
        title=title or f"{bodies.name or rulebook.title}{of_year}年登记簿",
        supervising_body=supervising_body,
        announced=announced_years(settings),
    )
    complain_of_staff((rulebook,), bodies)
    asyncio.run(_begin(settings, content))


async def _begin(settings: Settings, content: StoredPlan) -> None:
    code, title = content.definition.code, content.definition.title
    client = await connect_to_server(settings)
    await register_search_attributes(client)
    with writing_ledger(settings) as ledger:
        try:
            is_new = await begin_register(client, ledger, content, settings.task_queue)
        except NobodyWorks:
            complain(
                f"登记簿 {code} 已交给 Temporal 服务器保存，但现在没有工作进程处理（任务队列 {settings.task_queue}）。"
                "运行 starter.py serve 或 worker.py 后会自动建立，不必重来。"
            )
            return
        at = opened_register(ledger, known_register(ledger, code))
    openable = rules_of(at).openable
    say(f"登记簿 {code}《{title}》{'已建立' if is_new else '此前已建立，内容相同，没有改动'}。")
    say(
        f"可由人开立的程序 {len(openable)} 种（starter.py register procedures {code}），"
        f"定期开立的 {len(at.rulebook.rhythms)} 种。"
    )


def show(code: RegisterCode = "", as_json: AsJson = False) -> None:
    """Show a register."""
    with reading_ledger(load_settings()) as ledger:
        row = known_register(ledger, code)
        at = opened_register(ledger, row)
        items, periods = ledger.registers.item_rows(row.code), ledger.registers.period_rows(row.code)
        coming = coming_of(ledger, row)
        asked = ledger.asks.of_register(row.code)
    view = _view(row, at, items, periods, asked, coming)
    if as_json:
        show_json(view)
        return
    _show(view, row, at)


def _view(
    row: PlanRow,
    at: OpenRegister,
    items: tuple[ItemRow, ...],
    periods: tuple[PeriodRow, ...],
    asked: tuple[AskedRow, ...],
    coming: ComingRound,
) -> RegisterView:
    closed = row.status is PlanStatus.CLOSED
    moment = None if closed else coming.next_moment(rules_of(at), spread_of(row.code))
    return RegisterView(
        code=row.code,
        title=row.title,
        regime=row.regime,
        year=row.issued_on.year,
        status=row.status,
        open_items=row.open_tasks,
        next_at=moment.at if moment else None,
        next_text=moment.text if moment else "",
        items=items,
        periods=periods,
        asked=asked,
    )


def _show(view: RegisterView, row: PlanRow, at: OpenRegister) -> None:
    opened = [item for item in view.items if item.status is ItemStatus.OPENED]
    titles = {key: procedure.title for key, procedure in at.rulebook.procedures.items()}
    show_table(
        ("编号", "程序", "事项", "承办单位", "状态", "下一到期", "来源"),
        (
            (
                item.task_code,
                titles.get(item.procedure, item.procedure),
                item.title,
                item.lead_body,
                status_words(item.task_status),
                item.due_on if item.is_open else None,
                _source(item),
            )
            for item in opened
        ),
        title=f"{view.code}《{view.title}》：共开立 {len(opened)} 件，未办结 {view.open_items} 件",
    )
    show_asked(view.asked, title="事项的结果所要求的办理", with_item=True)
    for line in _remarks(view, row):
        say(line)


def _source(item: ItemRow) -> str:
    if item.asked_by:
        return f"{item.asked_by} 的结果"
    like = f"（另有相似：{'、'.join(item.alike)}；{item.anyway}）" if item.anyway else ""
    return f"{item.body} {item.person}{like}" if item.body else "定期"


def _remarks(view: RegisterView, row: PlanRow) -> Iterator[str]:
    missed = [period for period in view.periods if period.status is PeriodStatus.MISSED]
    if missed:
        yield "没有开立的各期："
        yield from (
            f"  {period.title}（应于 {local(period.due_at, row.zone):%Y-%m-%d} 开立）：{period.reason}"
            for period in missed
        )
    refused = [item for item in view.items if item.status is ItemStatus.REFUSED]
    if refused:
        yield "没有开立的事项："
        for item in refused:
            who = item.body or f"{item.asked_by} 的结果"
            yield f"  {local(item.at, row.zone):%Y-%m-%d %H:%M} {who}（程序 {item.procedure}）：{item.reason}"
    if view.status is PlanStatus.CLOSED:
        yield f"登记簿已由{row.closed_by_body} {row.closed_by_person}办结：{row.closing_decision}"
    elif view.next_at is not None:
        yield f"下一次：{local(view.next_at, row.zone):%Y-%m-%d %H:%M} 开立{view.next_text}。"
    else:
        yield "本年度的定期事项都已开立。"


def procedures(code: RegisterCode = "", as_json: AsJson = False) -> None:
    """Show what may be opened, by whom, and what it asks for."""
    with reading_ledger(load_settings()) as ledger:
        at = opened_register(ledger, known_register(ledger, code))
    openable = rules_of(at).openable
    views = [
        ProcedureView(
            key=key,
            title=procedure.title,
            opened_by=tuple(openable[key].openers) if key in openable else (),
            facts=procedure.facts,
        )
        for key, procedure in at.rulebook.procedures.items()
    ]
    if as_json:
        show_json(views)
        return
    show_table(
        ("程序", "名称", "由谁开立", "须写明"),
        (
            (view.key, view.title, view.opened_by or ("定期或由其他事项开立",), _asked(view.facts))
            for view in sorted(views, key=lambda view: not view.opened_by)
        ),
        title=f"登记簿 {at.code} 的程序（starter.py open 程序 --register {at.code} --fact 名称=内容）",
    )


def _asked(facts: tuple[Fact, ...]) -> str:
    return "；".join(f"{wanted_words(fact)}{'（可不写）' if fact.optional else ''}" for fact in facts)


def close(
    actor: Actor,
    code: RegisterCode = "",
    reason: Annotated[str, typer.Option("--reason", help="理由")] = "",
    anyway: Annotated[bool, typer.Option("--anyway", help="仍有未办结的事项或未到期的各期，也办结")] = False,
) -> None:
    """Close a register."""
    settings, asking = load_settings(), Questions(asking=actor.may_ask and on_a_terminal())
    with reading_ledger(settings) as ledger:
        row = known_register(ledger, code)
    body = asking.text("--body", "以哪个单位的名义", actor.body or settings.body)
    person = asking.text("--person", "经办人", actor.person or settings.person)
    why = asking.text("--reason", "理由", reason)
    asking.refuse_missing()
    facts = {"body": body, "person": person, "reason": why, "anyway": anyway}
    answer = tell_register(row, "close", {**facts, **({"id": actor.id} if actor.id else {})}, Answer)
    say(f"{answer.text}。")
