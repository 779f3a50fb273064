"""What other rules change in all that runs, as people see it, and the order that carries it out."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime

from duban.changes.organisation_order import Ordering
from duban.changes.other_rules import ChangedRules
from duban.changes.regime_order import regime_order
from duban.commands.changing import give
from duban.commands.showing import complain, say, show_table
from duban.contracts import StoredPlan
from duban.ledger import Ledger
from duban.ledger.plans.change_orders import OrderRow
from duban.orders import UNDOES, OrderKind
from duban.settings import Settings
from duban.supervision.changes.changed_rules import Owed, ProcedureChange, Right, RuleDifference
from duban.supervision.days.calendar import Zone
from duban.supervision.tasks.moments import Moment
from duban.supervision.words import ACT_WORDS, DUTY_WORDS

TOLD = 30
PROCEDURE_WORDS: dict[ProcedureChange, str] = {
    ProcedureChange.ADDED: "新增",
    ProcedureChange.REMOVED: "不再有",
    ProcedureChange.CHANGED: "改变",
}


def show_rules(found: ChangedRules, zone_of: Callable[[str], Zone]) -> None:
    """Show what other rules change."""
    if found.unknown:
        complain(f"有 {len(found.unknown)} 项任务由旧版本登记，台账中没有其规则，不在变更之内：{_some(found.unknown)}")
    if found.already:
        say(f"有 {found.already} 项任务已经适用这份制度。")
    if found.is_empty:
        say("没有需要变更的在办任务。")
        return
    changed = found.differences
    if changed:
        _show_changed(changed, found, zone_of)
    for line in (*_of_procedures(changed), *_of_plans(found)):
        say(line)
    say("已经发出的提醒和已经告知各单位的期限不变。")


def refused_in_words(found: ChangedRules) -> str:
    """Who would refuse, and why: nothing is begun of which that is known."""
    listed = "\n".join(f"  {code}：{why}" for code, why in list(found.refusals.items())[:TOLD])
    return f"没有作任何改动。有 {len(found.refusals)} 项不能受理：\n{listed}"


def in_figures(found: ChangedRules) -> str:
    """What is told, in figures."""
    registers = [each for each in found.plans.values() if each.difference is not None]
    plans = len(found.plans) - len(registers)
    figures = ((len(found.tasks), "项在办任务"), (plans, "个方案"), (len(registers), "本登记簿"))
    return "、".join(f"{number} {what}" for number, what in figures if number)


def give_rules(
    settings: Settings, ledger: Ledger, found: ChangedRules, ordering: Ordering, *, undoes: str = ""
) -> OrderRow:
    """Keep what plans and registers are to go by, and carry the order out.

    Args:
        undoes: The order that it takes back.

    Raises:
        Refused: Not all of it could be carried out.
    """
    contents = {code: each.content for code, each in found.plans.items() if each.content is not None}
    digests = {code: ledger.plans.store_plan(content) for code, content in contents.items()}
    order = regime_order(found, ordering, datetime.now(UTC), digests, _last_order(ledger))
    if undoes:
        order = order.model_copy(update={"basis": f"{UNDOES}{undoes}"})
    return give(settings, ledger, order)


def _last_order(ledger: Ledger) -> str:
    return next((row.id for row in ledger.orders.order_rows() if row.kind is OrderKind.REGIME and row.done), "")


def _show_changed(changed: Sequence[RuleDifference], found: ChangedRules, zone_of: Callable[[str], Zone]) -> None:
    show_table(
        ("编号", "下一步（现在）", "下一步（变更后）", "随即到期", "不再发出", "不再须办", "改由其办理"),
        [_row(each, zone_of(each.task_code)) for each in changed[:TOLD]],
        title=in_figures(found) + (f"（列出 {TOLD} 项，全部用 --json）" if len(changed) > TOLD else ""),
    )
    moved = [(each.task_code, shift) for each in changed for shift in each.shifts]
    if moved:
        show_table(
            ("编号", "事项", "原定", "改为"),
            [(code, s.what, s.before_on or "没有", s.after_on or "不再") for code, s in moved[:TOLD]],
            title=f"日期的变化（{len(moved)} 处" + (f"，列出 {TOLD} 处）" if len(moved) > TOLD else "）"),
        )
    for text, codes in _kept(changed).items():
        say(f"{text}：{_some(codes)}。")
    for text, codes in _rights(changed).items():
        say(f"{text}：{len(codes)} 项任务。")


def _of_procedures(changed: Sequence[RuleDifference]) -> Iterator[str]:
    """By which procedures open items go on, and registers open new ones."""
    of_items: dict[str, list[str]] = {}
    for each in changed:
        if each.is_register:
            for change, words in PROCEDURE_WORDS.items():
                if titles := [f"“{p.title}”" for p in each.procedures if p.change is change]:
                    yield f"登记簿 {each.task_code} {words} {len(titles)} 个程序：{'、'.join(titles)}。"
            continue
        for procedure in each.procedures:
            of_items.setdefault(procedure.title, []).append(each.task_code)
    for title, codes in of_items.items():
        yield f"改按新制度的“{title}”程序办理：{_some(codes)}。"


def _of_plans(found: ChangedRules) -> Iterator[str]:
    for code, each in found.plans.items():
        before, after = each.before, each.after
        if each.refused and each.difference is None:
            yield f"方案 {code} 不能受理：{each.refused}"
        elif each.content is None:
            pass
        elif each.difference is None:
            yield f"方案 {code}：以后新增的任务按{_named(each.content)}办理。"
        else:
            yield f"登记簿 {code}：以后按{_named(each.content)}开立事项。"
        if before != after:
            yield (
                f"{code}：领导小组 {before.leading_group} → {after.leading_group}，"
                f"改革办 {before.reform_office} → {after.reform_office}。"
            )


def _named(content: StoredPlan) -> str:
    regime = content.policy.regime
    return f"“{regime.title}”（{regime.name}）"


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
