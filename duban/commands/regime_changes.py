"""`regime diff` and `regime apply`: what other rules would change, and brought to all that runs; and back."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from duban.changes.organisation_order import Ordering
from duban.changes.other_rules import ChangedRules, InsteadOf, NewRules, changed_rules
from duban.changes.running import running_plans
from duban.commands.acting import OrderingBody, OrderingPerson
from duban.commands.changing import ask
from duban.commands.connecting import reading_ledger
from duban.commands.known_names import known_plan
from duban.commands.pacing import pacing
from duban.commands.plan_options import AsJson
from duban.commands.reasons import Refused
from duban.commands.regime_difference import FileDifference, said_differently
from duban.commands.rule_differences import give_rules, in_figures, refused_in_words, show_rules
from duban.commands.showing import say, show_json, show_table
from duban.ledger import Ledger
from duban.office_files import OfficeFileError
from duban.regimes import load_rulebook
from duban.settings import load_settings
from duban.supervision.days.calendar import Zone
from duban.supervision.rules.rulebook import Rulebook

TOLD = 30
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
    nobody_yet = Ordering(title="", reason="", body="", person="")
    with reading_ledger(settings) as ledger:
        found, zone = _found(ledger, _instead_of(old, rules, settings.regime_dir), plan, nobody_yet)
    if as_json:
        show_json(found.differences)
    else:
        show_rules(found, zone)


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
        show_rules(found, zone)
        if found.refusals:
            raise Refused(refused_in_words(found))
        if found.is_empty:
            return
        ask(f"让 {in_figures(found)}改用“{rules.title}”？", yes=yes)
        order = give_rules(settings, ledger, found, ordering)
    say(
        f"以后下发方案，请用 --regime {new}。要退回，请运行 changes undo {order.id}，"
        f"或 regime apply {instead_of} --instead-of {new}。"
    )


def _instead_of(old: str, rules: Rulebook, own_dir: Path | None) -> NewRules:
    """Tasks that live by a regime of this name get the rules, whatever edition of it they live by."""
    name = _name_of(old, own_dir)
    return InsteadOf(name, rules)


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
    found = changed_rules(ledger, running, new_rules, ordering, datetime.now(UTC))
    zones = {task.state.code: task.policy.calendar.zone for each in running for task in each.tasks}
    zones |= {each.row.code: each.row.zone for each in running}
    return found, zones.__getitem__
