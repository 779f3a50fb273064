"""`changes`: what has been ordered for many tasks at once, and what came of it; what is unfinished is resumed."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated

import typer

from duban.commands.acting import Actor, acting
from duban.commands.asking import Questions, on_a_terminal
from duban.commands.changing import OUTCOME_WORDS, in_words, resume
from duban.commands.command_line import command_group
from duban.commands.connecting import reading_ledger
from duban.commands.plan_options import AsJson
from duban.commands.reasons import Refused
from duban.commands.shared_options import with_shared
from duban.commands.showing import here, say, show_json, show_table
from duban.commands.undoing import undo
from duban.orders import OrderKind
from duban.settings import load_settings

KIND_WORDS: dict[OrderKind, str] = {
    OrderKind.AMENDMENT: "方案调整",
    OrderKind.ORGANISATION: "机构人员",
    OrderKind.CALENDAR: "日历",
    OrderKind.REGIME: "督办规则",
    OrderKind.OUTCOME: "事项结果",
}
OrderId = Annotated[str, typer.Argument(metavar="ID", help="变更单编号；写开头几位即可")]


def register(app: typer.Typer) -> None:
    """Add the command and those below it."""
    about = "变更单：方案、机构人员、日历、规则的变更，办到哪一步，未办完的接着办。"
    group = command_group(app, "changes", about=about, alone=changes)
    group.command("show", help="一份变更单的每一项：告知了谁，结果如何。")(show)
    group.command("undo", help="退回一份督办规则的变更单：列出变化和不收回的，确认后以相反的变更单告知。")(undo)
    group.command("drop", help="不再办理：事项的结果所要求的、任务没有受理的，由登记簿的单位决定不再办理，记明理由。")(
        with_shared(drop, acting, "actor")
    )
    group.command("resume", help="接着办理：尚未告知的告知，未受理的再试一次；已办理的不会重复。")(resume_order)


def changes(context: typer.Context, as_json: AsJson = False) -> None:
    """List all orders, the newest first."""
    if context.invoked_subcommand is not None:
        return
    with reading_ledger(load_settings()) as ledger:
        rows = ledger.orders.order_rows()
    if as_json:
        show_json(rows)
    elif not rows:
        say("还没有变更单。")
    else:
        show_table(
            ("编号", "时间", "类别", "内容", "决定单位", "决定人", "办理情况"),
            [
                (
                    row.id,
                    here(row.ordered_at_real),
                    KIND_WORDS[row.kind],
                    row.title,
                    row.body,
                    row.person,
                    in_words(row),
                )
                for row in rows
            ],
            title="变更单",
        )


def show(identity: OrderId, as_json: AsJson = False) -> None:
    """Show what an order tells whom, and what came of it."""
    with reading_ledger(load_settings()) as ledger:
        row = ledger.orders.order_row(ledger.orders.named(identity))
        items = ledger.orders.item_rows(row.id)
        opposite = ledger.orders.undone_by(row.id)
    if as_json:
        show_json({**row.model_dump(mode="json"), "targets": [item.model_dump(mode="json") for item in items]})
        return
    say(f"变更单 {row.id}《{row.title}》（{KIND_WORDS[row.kind]}，{row.body} {row.person}）")
    say(f"理由：{row.reason}")
    say(f"办理：{in_words(row)}。")
    if row.undoes:
        say(f"本变更单退回的是变更单 {row.undoes}。")
    if opposite is not None:
        say(f"已由变更单 {opposite.id} 退回。")
    show_table(
        ("编号", "结果", "台账序号", "时间", "说明"),
        [
            (item.target, OUTCOME_WORDS[item.outcome], item.version, here(item.settled_at_real), item.reason)
            for item in items
        ],
    )


def resume_order(identity: OrderId) -> None:
    """Go on with an order; exit code 1 where something of it is still not carried out."""
    settings = load_settings()
    with reading_ledger(settings) as ledger:
        resume(settings, ledger, ledger.orders.named(identity))


def drop(
    actor: Actor,
    order: OrderId,
    reason: Annotated[str, typer.Option("--reason", help="理由")] = "",
) -> None:
    """Leave it at what was refused of what an outcome asked."""
    settings, asking = load_settings(), Questions(asking=actor.may_ask and on_a_terminal())
    with reading_ledger(settings) as ledger:
        row = ledger.orders.order_row(ledger.orders.named(order))
        wish = ledger.asks.wish(ledger.orders.order(row.id).basis) if row.kind is OrderKind.OUTCOME else None
        if wish is None:
            raise Refused(f"变更单 {row.id} 不是事项结果所要求的，须办完：starter.py changes resume {row.id}。")
        if not row.refused:
            raise Refused(f"变更单 {row.id} 没有未受理的：{in_words(row)}。")
        body = asking.text("--body", "以哪个单位的名义", actor.body or settings.body)
        person = asking.text("--person", "经办人", actor.person or settings.person)
        why = asking.text("--reason", "理由", reason)
        asking.refuse_missing()
        _refuse_stranger(ledger.asks.keepers(wish.item), body, person)
        number = ledger.orders.drop(row.id, f"{body} {person}决定不再办理：{why}", datetime.now(UTC))
    say(f"变更单 {row.id}：{number} 项不再办理。")


def _refuse_stranger(keepers: Mapping[str, tuple[str, ...]], body: str, person: str) -> None:
    if body not in keepers:
        raise Refused(f"由{'、'.join(keepers)}决定不再办理，{body}无权决定。")
    if keepers[body] and person not in keepers[body]:
        raise Refused(f"{person}不在{body}的人员名单中。")
