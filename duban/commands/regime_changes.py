"""`regime diff` and `regime apply`: what other rules would change, and brought to all that runs; and back."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from duban.changes.organisation_order import Ordering
from duban.changes.regime_order import ChangedRules, NewRules, changed_rules, regime_order
from duban.changes.running import running_plans
from duban.commands.acting import OrderingBody, OrderingPerson
from duban.commands.changing import ask, give
from duban.commands.connecting import reading_ledger
from duban.commands.ledger import known_plan
from duban.commands.pacing import pacing
from duban.commands.plan_options import AsJson
from duban.commands.reasons import Refused
from duban.commands.regime_difference import FileDifference, said_differently
from duban.commands.showing import complain, say, show_json, show_table
from duban.contracts import TaskInput
from duban.ledger import Ledger
from duban.office_files import OfficeFileError
from duban.orders import OrderKind
from duban.regimes import load_rulebook
from duban.settings import load_settings
from duban.supervision.calendar import Zone
from duban.supervision.changed_rules import Owed, Right, RuleDifference
from duban.supervision.moments import Moment
from duban.supervision.parts import REFORM_OFFICE
from duban.supervision.rulebook import Rulebook
from duban.supervision.words import ACT_WORDS, DUTY_WORDS

TOLD = 30
NOBODY = "经办人"
"""Stands for who orders, where only a look is taken."""

OldRegime = Annotated[str, typer.Argument(metavar="OLD", help="现用的制度：名称，或制度文件的路径")]
NewRegime = Annotated[str, typer.Argument(metavar="NEW", help="新的制度：名称，或制度文件的路径")]
OnePlan = Annotated[str | None, typer.Option("--plan", help="只涉及一个方案；不写则为全部未销账的方案")]


def register(group: typer.Typer) -> None:
    """Add the commands."""
    group.command("diff", help="两份制度有何不同；加 --running 则逐项列出在办任务会有什么变化。不改动任何东西。")(diff)
    group.command("apply", help="让在办任务改用另一份制度：列出变化，确认后以变更单告知。退回时把两份对调。")(apply)


def diff(
    old: OldRegime,
    new: NewRegime,
    running: Annotated[bool, typer.Option("--running", help="逐项列出在办任务会有什么变化")] = False,
    plan: OnePlan = None,
    as_json: AsJson = False,
) -> None:
    """Show what two regimes say differently, or what that would change for all that runs."""
    settings = load_settings()
    rules = load_rulebook(new, settings.regime_dir)
    if not running:
        listed = said_differently(load_rulebook(old, settings.regime_dir), rules)
        if as_json:
            show_json(listed)
        elif not listed:
            say("两份制度的规定相同。")
        else:
            rows = [(each.section, each.item, _what(each), each.before, each.after) for each in listed]
            show_table(("部分", "内容", "项目", "原来", "改为"), rows, title=f"{old} 与 {new} 的不同")
        return
    ordering = Ordering(title="", reason=NOBODY, body="", person=NOBODY)
    with reading_ledger(settings) as ledger:
        found, zone = _found(ledger, _instead_of(old, rules, settings.regime_dir), plan, ordering)
    if as_json:
        show_json([task.difference for task in found.tasks])
    else:
        _show(found, zone)


def _what(each: FileDifference) -> str:
    return each.field or ("取消" if each.before else "新增")


def apply(
    new: NewRegime,
    instead_of: Annotated[str, typer.Option("--instead-of", metavar="OLD", help="现用的制度")],
    reason: Annotated[str, typer.Option("--reason", help="依据：文号或决定")],
    body: OrderingBody = "",
    person: OrderingPerson = "",
    plan: OnePlan = None,
    yes: Annotated[bool, typer.Option("--yes", help="不再询问")] = False,
) -> None:
    """Bring other rules to all that runs by some."""
    settings = load_settings()
    rules = load_rulebook(new, settings.regime_dir)
    ordering = Ordering(title=f"改用“{rules.title}”", reason=reason, body=body, person=person)
    with reading_ledger(settings) as ledger:
        found, zone = _found(ledger, _instead_of(instead_of, rules, settings.regime_dir), plan, ordering)
        _show(found, zone)
        if found.refusals:
            listed = "\n".join(f"  {code}：{why}" for code, why in list(found.refusals.items())[:TOLD])
            raise Refused(f"没有作任何改动。有 {len(found.refusals)} 项任务不能受理：\n{listed}")
        if not found.tasks:
            return
        ask(f"让 {len(found.tasks)} 项在办任务改用“{rules.title}”？", yes=yes)
        give(settings, ledger, regime_order(found, ordering, datetime.now(UTC), _last_order(ledger)))
    say(f"以后下发方案，请用 --regime {new}。要退回，请运行 regime apply {instead_of} --instead-of {new}。")


def _last_order(ledger: Ledger) -> str:
    return next((row.id for row in ledger.orders.order_rows() if row.kind is OrderKind.REGIME and row.done), "")


def _instead_of(old: str, rules: Rulebook, own_dir: Path | None) -> NewRules:
    """Tasks that live by a regime of this name get the rules, whatever edition of it they live by."""
    name = _name_of(old, own_dir)
    return lambda task: rules if task.policy.regime.name == name else None


def _name_of(old: str, own_dir: Path | None) -> str:
    try:
        return load_rulebook(old, own_dir).name
    except OfficeFileError:  # what is lived by need not be there as a file any more
        return Path(old).stem


def _found(
    ledger: Ledger, new_rules: NewRules, plan: str | None, ordering: Ordering
) -> tuple[ChangedRules, Callable[[str], Zone]]:
    known_plan(ledger, plan)
    with pacing("核对任务", ledger.proofs.count(plan=plan)) as advance:
        running = list(running_plans(ledger, plan, advance))
    first = next((task for each in running for task in each.tasks if new_rules(task) is not None), None)
    if not ordering.body and first is not None:
        ordering = ordering.model_copy(update={"body": _may_order(first)})
    found = changed_rules(ledger, running, new_rules, ordering, datetime.now(UTC))
    zones = {task.state.code: task.policy.calendar.zone for each in running for task in each.tasks}
    return found, zones.__getitem__


def _may_order(task: TaskInput) -> str:
    """Whoever might order it, where only a look is taken."""
    return next(iter(task.state.roles.of(REFORM_OFFICE)), NOBODY)


def _show(found: ChangedRules, zone_of: Callable[[str], Zone]) -> None:
    if found.unknown:
        complain(f"有 {len(found.unknown)} 项任务由旧版本登记，台账中没有其规则，不在变更之内：{_some(found.unknown)}")
    if found.already:
        say(f"有 {found.already} 项任务已经适用这份制度。")
    if not found.tasks:
        say("没有需要变更的在办任务。")
        return
    changed = [task.difference for task in found.tasks]
    show_table(
        ("任务编号", "下一步（现在）", "下一步（变更后）", "随即到期", "不再发出", "不再须办", "改由其办理"),
        [_row(each, zone_of(each.task_code)) for each in changed[:TOLD]],
        title=f"{len(changed)} 项在办任务" + (f"（列出 {TOLD} 项，全部用 --json）" if len(changed) > TOLD else ""),
    )
    moved = [(each.task_code, shift) for each in changed for shift in each.shifts]
    if moved:
        show_table(
            ("任务编号", "事项", "原定", "改为"),
            [(code, s.what, s.before_on or "没有", s.after_on or "不再") for code, s in moved[:TOLD]],
            title=f"日期的变化（{len(moved)} 处" + (f"，列出 {TOLD} 处）" if len(moved) > TOLD else "）"),
        )
    for text, codes in _kept(changed).items():
        say(f"{text}：{_some(codes)}。")
    for text, codes in _rights(changed).items():
        say(f"{text}：{len(codes)} 项任务。")
    for code, (before, after) in found.plans.items():
        say(
            f"方案 {code}：领导小组 {before.leading_group} → {after.leading_group}，"
            f"改革办 {before.reform_office} → {after.reform_office}。"
        )
    say("已经发出的提醒和已经告知各单位的期限不变。")


def _row(each: RuleDifference, zone: Zone) -> tuple[object, ...]:
    if each.refused:
        return each.task_code, "", f"不能受理：{each.refused}", "", "", "", ""
    return (
        each.task_code,
        _moment(each.next_before, zone),
        _moment(each.next_after, zone),
        each.due_at_once,
        each.passed_over,
        _owed(each.lapsing),
        _owed(each.asked_anew),
    )


def _moment(moment: Moment | None, zone: Zone) -> str:
    return f"{_day(moment, zone)} {moment.text}" if moment is not None else "没有"


def _day(moment: Moment, zone: Zone) -> date:
    return zone.local_date(moment.at)


def _owed(some: Sequence[Owed]) -> str:
    return "、".join(f"{each.body}{DUTY_WORDS[each.duty]}" for each in some)


def _kept(changed: Sequence[RuleDifference]) -> dict[str, list[str]]:
    """Why items keep the procedure by which they began, each with those that do."""
    found: dict[str, list[str]] = {}
    for each in changed:
        if each.keeps_procedure:
            found.setdefault(each.keeps_procedure, []).append(each.task_code)
    return found


def _rights(changed: Sequence[RuleDifference]) -> dict[str, list[str]]:
    """Changes of authority in words, each with the tasks in which it shows."""
    found: dict[str, list[str]] = {}
    for each in changed:
        for right in each.rights:
            found.setdefault(_right_words(right), []).append(each.task_code)
    return found


def _right_words(right: Right) -> str:
    gained = f"{'、'.join(right.gained)}可以{ACT_WORDS[right.act]}" if right.gained else ""
    lost = f"{'、'.join(right.lost)}不再可以{ACT_WORDS[right.act]}" if right.lost else ""
    return "，".join(part for part in (gained, lost) if part)


def _some(codes: Sequence[str]) -> str:
    return "、".join(codes[:TOLD]) + (" 等" if len(codes) > TOLD else "")
