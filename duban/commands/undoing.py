"""`changes undo`: the plain way back from an order of other rules."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from duban.changes.organisation_order import Ordering
from duban.changes.other_rules import ChangedRules, changed_rules
from duban.changes.running import RunningPlan, running_plans
from duban.changes.undoing import Back, back_from, call_off, elsewhere, issued_since, opened_since
from duban.commands.acting import OrderingBody, OrderingPerson
from duban.commands.changing import ask, resume
from duban.commands.connecting import reading_ledger
from duban.commands.pacing import pacing
from duban.commands.reasons import Refused
from duban.commands.rule_differences import give_rules, in_figures, refused_in_words, show_rules
from duban.commands.showing import complain, say
from duban.ledger import Ledger
from duban.ledger.plans.change_orders import OrderRow
from duban.orders import OrderKind
from duban.settings import load_settings

TOLD = 20
OTHERWISE: dict[OrderKind, str] = {
    OrderKind.AMENDMENT: "方案调整请用调整前的方案文件再次运行 starter.py amend 退回。",
    OrderKind.ORGANISATION: "请写一份恢复原状的机构文件（更名的写 formerly），用 starter.py organisation apply 退回。",
    OrderKind.CALENDAR: "日历有误请写更正的文件，再次运行 starter.py calendar adopt。",
    OrderKind.OUTCOME: "事项的结果已经作用于任务的，请对该任务另行办理（如 amend、mark --remove）；"
    "没有受理的，用 starter.py changes drop 不再办理。",
}

OrderId = Annotated[str, typer.Argument(metavar="ID", help="要退回的变更单编号；写开头几位即可")]


def undo(
    identity: OrderId,
    reason: Annotated[str, typer.Option("--reason", help="退回的依据：文号或决定")],
    body: OrderingBody = "",
    person: OrderingPerson = "",
    yes: Annotated[bool, typer.Option("--yes", help="不再询问")] = False,
) -> None:
    """Take an order of other rules back by the opposite one; exit code 1 where not all of it could be carried out."""
    settings = load_settings()
    with reading_ledger(settings) as ledger:
        row = ledger.orders.order_row(ledger.orders.named(identity))
        if row.kind in OTHERWISE:
            raise Refused(f"变更单 {row.id}《{row.title}》不能这样退回。{OTHERWISE[row.kind]}")
        if (opposite := ledger.orders.undone_by(row.id)) is not None:
            _refuse_undone(row, opposite)
            complain(f"变更单 {row.id} 已由变更单 {opposite.id} 退回，尚未办完，接着办理。")
            resume(settings, ledger, opposite.id)
            return
        ordering = Ordering(title=f"退回变更单 {row.id}：{row.title}", reason=reason, body=body, person=person)
        back = back_from(ledger, ledger.orders.order(row.id))
        with pacing("核对任务", ledger.proofs.count()) as advance:
            running = list(running_plans(ledger, None, advance))
        found = changed_rules(ledger, running, back, ordering, datetime.now(UTC))
        _show(ledger, back, found, running)
        if found.refusals:
            raise Refused(refused_in_words(found))
        _refuse_nothing(row, found)
        ask(f"退回变更单 {row.id}，涉及 {in_figures(found) or '尚未告知的事项'}？", yes=yes)
        call_off(ledger, row.id, "本变更单已决定退回，不再告知")
        if found.is_empty:
            say(f"变更单 {row.id} 已停办：尚未告知的不再告知。")
            return
        give_rules(settings, ledger, found, ordering, undoes=row.id)


def _refuse_undone(row: OrderRow, opposite: OrderRow) -> None:
    if opposite.is_carried_out:
        raise Refused(
            f"变更单 {row.id} 已由变更单 {opposite.id} 退回。要恢复它，请退回变更单 {opposite.id}"
            f"（starter.py changes undo {opposite.id}）。"
        )


def _refuse_nothing(row: OrderRow, found: ChangedRules) -> None:
    if found.is_empty and row.is_carried_out:
        raise Refused(f"变更单 {row.id} 没有可退回的内容：涉及的任务、方案和登记簿都已办结，或此后又变更过。")


def _show(ledger: Ledger, back: Back, found: ChangedRules, running: list[RunningPlan]) -> None:
    zones = {task.state.code: task.policy.calendar.zone for each in running for task in each.tasks}
    zones |= {each.row.code: each.row.zone for each in running}
    show_rules(found, zones.__getitem__)
    if others := elsewhere(ledger, back, running):
        complain(f"有 {len(others)} 项此后又变更过，不在退回之内：{_some(others)}")
    issued = issued_since(ledger, back, [task.difference.task_code for task in found.tasks])
    if issued:
        say(f"变更之后已经发出、不收回的 {len(issued)} 件：")
        for code, line in issued[:TOLD]:
            say(f"  {code} {zones[code].local_date(line.at)} {line.text}")
    registers = [code for code, each in found.plans.items() if each.difference is not None]
    opened = opened_since(ledger, back, registers)
    if opened:
        say(f"变更之后已经开立、照常办理的 {len(opened)} 件：{_some([item.task_code for item in opened])}。")


def _some(codes: tuple[str, ...] | list[str]) -> str:
    return "、".join(codes[:TOLD]) + (" 等" if len(codes) > TOLD else "")
