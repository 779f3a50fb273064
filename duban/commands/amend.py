"""`amend FILE`: a new version of a plan file beside what was issued; shown, asked about, carried out by an order."""

import json
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from duban.changes.amending import ENDING, Decision, ForeseenDifference, foresee_all, order_of
from duban.changes.comparing import AmendmentKind, Comparison, NodeDifference, compare_plan
from duban.commands.acting import DecidingBody, DecidingPerson
from duban.commands.amending import AmendedPlan, open_order, read_amended, refuse_decider
from duban.commands.changing import ask, give, resume
from duban.commands.connecting import reading_ledger, writing_ledger
from duban.commands.plan_option_values import PlanOptions
from duban.commands.plan_options import AsJson, PlanPath, add_plan_command
from duban.commands.reasons import Refused
from duban.commands.showing import complain, level_words, say, show_table
from duban.ledger import Ledger
from duban.settings import load_settings
from duban.supervision.changes.amendment_words import FIELDS

KIND_WORDS: dict[AmendmentKind, str] = {
    AmendmentKind.NEW: "新增",
    AmendmentKind.CHANGED: "调整",
    AmendmentKind.WITHDRAWN: "撤销",
    AmendmentKind.SPLIT: "拆分",
    AmendmentKind.MERGED: "并入",
}
LONGEST_SHOWN = 60

Reason = Annotated[str, typer.Option("--reason", help="调整的理由；办理时必填")]
Document = Annotated[str, typer.Option("--document", help="据以调整的文号")]
Yes = Annotated[bool, typer.Option("--yes", help="不再询问，直接办理")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="只显示不同之处，不办理")]


def register(app: typer.Typer) -> None:
    """Add the command."""
    add_plan_command(
        app,
        "amend",
        amend,
        summary="方案调整：把新版方案文件与已下发的比较，逐项显示，确认后办理。",
        explanation="方案调整：把新版方案文件与已下发的逐项比较，显示新增、撤销、改期、换单位、拆分、并入，"
        "确认后逐项办理并入账；中断后再次运行即接着办理。已发生的记录不改。",
    )


def amend(
    file: PlanPath,
    options: PlanOptions,
    body: DecidingBody = "",
    person: DecidingPerson = "",
    reason: Reason = "",
    document: Document = "",
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Amend a plan; exit code 1 where the file cannot be carried out, or not all of it was."""
    settings = load_settings()
    decision = Decision(body=body, person=person, reason=reason, document=document)
    only_looks = dry_run or as_json
    with (reading_ledger if only_looks else writing_ledger)(settings) as ledger:
        plan = read_amended(settings, ledger, file, options)
        if not only_looks and (order := open_order(ledger, plan)) is not None:
            say(f"这份文件的变更单 {order} 还没有办完，接着办理。")
            ask("接着办理？", yes=yes)
            resume(settings, ledger, order)
            return
        now = plan.row.clock.business(datetime.now(UTC))
        compared = compare_plan(
            ledger.amendments.tasks(plan.code),
            plan.stored.definition,
            plan.row.zone.local_date(now),
            plan.stored.policy,
        )
        foreseen, refused = _foresee(ledger, plan, compared, decision, now)
        problems = (*plan.problems, *compared.problems, *refused)
        if as_json:
            _show_json(foreseen, problems, (*plan.notes, *compared.notes))
        else:
            _show(plan, foreseen, (*plan.notes, *compared.notes))
        for problem in problems:
            complain(f"不能办理：{problem}")
        if problems:
            raise Refused(f"以上 {len(problems)} 处不能办理，方案没有作任何改动。请改正后再运行。")
        if only_looks or not foreseen:
            return
        _refuse_unsigned(decision)
        ask(f"办理以上 {len(foreseen)} 项调整？", yes=yes)
        digest = ledger.plans.store_plan(plan.stored)
        real = datetime.now(UTC)
        give(settings, ledger, order_of(plan.stored, digest, compared, decision, plan.row.clock.business(real), real))


def _foresee(
    ledger: Ledger, plan: AmendedPlan, compared: Comparison, decision: Decision, now: datetime
) -> tuple[tuple[ForeseenDifference, ...], tuple[str, ...]]:
    """What the differences set off, and who refuses the one who decides, where somebody is named."""
    codes = {d.code for d in compared.differences if d.kind is not AmendmentKind.NEW}
    codes |= {d.split_from for d in compared.differences if d.split_from}
    standing = {code: found.given for code in sorted(codes) if (found := ledger.standings.beginning(code)) is not None}
    foreseen, refused = foresee_all(plan.stored, compared, standing, decision, now)
    if not (decision.body and decision.person and foreseen):
        return foreseen, refused
    return foreseen, (*refuse_decider(ledger, plan, decision), *refused)


def _refuse_unsigned(decision: Decision) -> None:
    missing = [
        option
        for option, value in (
            ("--body", decision.body),
            ("--person", decision.person),
            ("--reason", decision.reason),
        )
        if not value
    ]
    if missing:
        raise Refused(f"办理方案调整须写明 {'、'.join(missing)}：由谁决定、为什么。以上是不同之处，尚未办理。")


def _show_json(foreseen: tuple[ForeseenDifference, ...], problems: tuple[str, ...], notes: tuple[str, ...]) -> None:
    shown: dict[str, Any] = {
        "differences": [each.model_dump(mode="json") for each in foreseen],
        "problems": list(problems),
        "notes": list(notes),
    }
    typer.echo(json.dumps(shown, ensure_ascii=False, indent=2).encode())


def _show(plan: AmendedPlan, foreseen: tuple[ForeseenDifference, ...], notes: tuple[str, ...]) -> None:
    for note in notes:
        complain(f"注意：{note}")
    if not foreseen:
        say(f"方案 {plan.code} 与文件没有不同，无须调整。")
        return
    counts = {kind: sum(each.kind is kind for each in foreseen) for kind in AmendmentKind}
    told = "、".join(f"{KIND_WORDS[kind]} {number} 项" for kind, number in counts.items() if number)
    show_table(
        ("编号", "事项", "办理", "原来", "调整为", "下次提醒（原）", "下次提醒（后）"),
        [line for each in foreseen for line in _lines(each)],
        title=f"方案 {plan.code}《{plan.row.title}》调整：{told}",
    )
    say("“下次提醒”按无人报告推演，一年以内。")


def _lines(each: ForeseenDifference) -> list[tuple[object, ...]]:
    """One line for each thing that changes; code, title and reminders on the first."""
    changes = [
        *((FIELDS[f.field] + "：" + (_short(f.old) or "无"), _short(f.new) or "无") for f in each.fields),
        *map(_of_node, each.milestones),
        *_of_kin(each),
    ] or [("", "")]
    first, *rest = changes
    before = "" if each.kind is AmendmentKind.NEW else _reminder(each.next_reminder_before)
    reminders = (before, "" if each.kind in ENDING else _reminder(each.next_reminder_after))
    lines: list[tuple[object, ...]] = [(each.code, _short(each.title), KIND_WORDS[each.kind], *first, *reminders)]
    return lines + [("", "", "", *change, "", "") for change in rest]


def _of_node(node: NodeDifference) -> tuple[str, str]:
    if node.old_on is None:
        return ("", f"新增节点：{_short(node.phrase)}，{node.new_on}")
    name = f"第{node.number}个节点"
    extended = f"（已延期至 {node.in_force_on}）" if node.in_force_on else ""
    if node.new_on is None:
        return (f"{name}：{_short(node.phrase)}，{node.old_on}{extended}", "取消")
    return (f"{name}：{_short(node.phrase)}，{node.old_on}{extended}", f"{_short(node.new_phrase)}，{node.new_on}")


def _of_kin(each: ForeseenDifference) -> list[tuple[str, str]]:
    lines: list[tuple[str, str]] = []
    if each.split_from:
        lines.append(("", f"拆分自 {each.split_from}"))
    if each.successors:
        words = {AmendmentKind.CHANGED: "拆分出", AmendmentKind.SPLIT: "终止，拆分为"}.get(each.kind, "终止，并入")
        lines.append(("", f"{words} {'、'.join(each.successors)}"))
    if each.absorbed:
        lines.append(("", f"{'、'.join(each.absorbed)} 并入"))
    if each.kind is AmendmentKind.WITHDRAWN:
        lines.append(("", "终止"))
    return lines


def _reminder(foreseen: Any) -> str:
    return f"{foreseen.due_on} {level_words(foreseen.level)}" if foreseen else "无"


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"
