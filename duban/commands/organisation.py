"""`organisation`: a new organisation file beside the one in force, and brought to all that runs."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from duban.changes.differences import BodyDifference, differences
from duban.changes.organisation_order import Ordering, Reorganisation, organisation_order, reorganisation
from duban.changes.running import running_plans
from duban.commands.acting import OrderingBody, OrderingPerson
from duban.commands.changing import ask, give
from duban.commands.command_line import command_group
from duban.commands.connecting import reading_ledger
from duban.commands.known_names import known_plan
from duban.commands.pacing import pacing
from duban.commands.plan_options import AsJson
from duban.commands.reasons import Refused
from duban.commands.showing import complain, say, show_json, show_table
from duban.commands.staff import complain_of_staff, rulebooks_of
from duban.ledger import Ledger
from duban.organisations import load_organisation
from duban.settings import Settings, load_settings
from duban.supervision.bodies.organisation import Organisation

TOLD = 20
TASKS_TOLD = 5
DEFAULT_TITLE = "机构人员变更"
OrganisationPath = Annotated[Path, typer.Argument(metavar="FILE", help="新的机构文件（YAML）")]
OnePlan = Annotated[str | None, typer.Option("--plan", help="只涉及一个方案；不写则为全部未销账的方案")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = command_group(app, "organisation", about="机构人员：更名、合并、移交，人员和负责人变动。")
    group.command("compare", help="新的机构文件与在办任务现用的有何不同；不改动任何东西。")(compare)
    group.command("apply", help="列出不同之处，确认后以变更单告知每一项在办任务和方案。")(apply)


def compare(file: OrganisationPath, plan: OnePlan = None, as_json: AsJson = False) -> None:
    """Show what a new organisation file makes different."""
    settings = load_settings()
    with reading_ledger(settings) as ledger:
        found = _compared(ledger, settings, file, plan)
    listed = differences(found.changed)
    if as_json:
        show_json(listed)
    else:
        _show(found, listed)


def apply(
    file: OrganisationPath,
    reason: Annotated[str, typer.Option("--reason", help="依据：文号或决定")],
    body: OrderingBody = "",
    person: OrderingPerson = "",
    title: Annotated[str, typer.Option("--title", help="变更单的标题")] = DEFAULT_TITLE,
    plan: OnePlan = None,
    yes: Annotated[bool, typer.Option("--yes", help="不再询问")] = False,
) -> None:
    """Bring a new organisation file to all that runs."""
    settings = load_settings()
    ordering = Ordering(title=title, reason=reason, body=body, person=person)
    with reading_ledger(settings) as ledger:
        found = _compared(ledger, settings, file, plan, ordering)
        _show(found, differences(found.changed))
        _refuse_incomplete(found)
        if not found.changed and not found.plans and not found.registers:
            return
        registers = f"、{len(found.registers)} 本登记簿" if found.registers else ""
        ask(f"告知 {len(found.changed)} 项任务、{len(found.plans)} 个方案{registers}？", yes=yes)
        ledger.plans.keep_bodies(found.organisation.bodies)
        digests = {code: ledger.plans.store_plan(each.content) for code, each in found.registers.items()}
        give(settings, ledger, organisation_order(found, ordering, datetime.now(UTC), digests=digests))
    say("以后下发方案，请使用这份机构文件（--organisation）。")


def _compared(
    ledger: Ledger, settings: Settings, file: Path, plan: str | None, ordering: Ordering | None = None
) -> Reorganisation:
    organisation = load_organisation(file)
    known_plan(ledger, plan)
    _refuse_unknown_tasks(ledger, organisation)
    with pacing("核对任务", ledger.proofs.count(plan=plan)) as advance:
        running = list(running_plans(ledger, plan, advance))
    complain_of_staff(rulebooks_of((each.row.regime for each in running), settings.regime_dir), organisation)
    return reorganisation(ledger, running, organisation, ordering, datetime.now(UTC))


def _refuse_unknown_tasks(ledger: Ledger, organisation: Organisation) -> None:
    named = dict.fromkeys(code for handover in organisation.handovers for code in handover.tasks)
    if unknown := [code for code in named if ledger.standings.standing(code) is None]:
        raise Refused(f"handovers 写的任务不在台账中：{'、'.join(unknown[:TOLD])}。请核对编号。")


def _show(found: Reorganisation, listed: tuple[BodyDifference, ...]) -> None:
    if not found.changed and not found.plans and not found.registers:
        say("与在办任务现用的机构人员相同，没有需要变更的内容。")
    elif listed:
        show_table(
            ("变化", "涉及任务", "任务编号"),
            [(str(one), f"{len(one.tasks)} 项", _some(one.tasks)) for one in listed],
            title=f"机构人员的变化（涉及 {len(found.changed)} 项在办任务）",
        )
    for line in _of_plans(found):
        say(line)
    if found.unknown:
        complain(
            f"有 {len(found.unknown)} 项任务由旧版本登记，台账中没有其单位人员，不在变更之内：{_some(found.unknown)}"
        )
    for body, tasks in found.forgotten.items():
        complain(f"新文件里没有“{body}”，但 {len(tasks)} 项任务仍由它承担：{_some(tasks)}")


def _of_plans(found: Reorganisation) -> Iterator[str]:
    for code in found.registers:
        yield f"登记簿 {code}：以后开立的事项按新的机构文件确定单位和人员。"
    for code, (before, after) in found.plans.items():
        parts = [
            f"领导小组由{before.leading_group}改为{after.leading_group}"
            if before.leading_group != after.leading_group
            else "",
            f"改革办由{before.reform_office}改为{after.reform_office}"
            if before.reform_office != after.reform_office
            else "",
            f"可代表领导小组的人员改为{'、'.join(after.persons) or '不限'}" if before.persons != after.persons else "",
        ]
        yield f"方案 {code}：{'，'.join(part for part in parts if part)}。"


def _refuse_incomplete(found: Reorganisation) -> None:
    """Nothing is begun of which it is known beforehand that it cannot be carried out."""
    if found.forgotten:
        raise Refused(
            "没有作任何改动。上述单位更名或合并的，请在接续单位写 formerly；撤销的，请用 handovers 移交任务；"
            "仍在的，请补进 bodies。"
        )
    if found.refusals:
        listed = "\n".join(f"  {code}：{reason}" for code, reason in list(found.refusals.items())[:TOLD])
        raise Refused(f"没有作任何改动。有 {len(found.refusals)} 项任务不能受理这次变更：\n{listed}")


def _some(codes: tuple[str, ...] | list[str]) -> str:
    return "、".join(codes[:TASKS_TOLD]) + (" 等" if len(codes) > TASKS_TOLD else "")
