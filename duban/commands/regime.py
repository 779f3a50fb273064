"""`regime`: which rules there are, what they say, and whether a file of an office's own can be used."""

from pathlib import Path
from typing import Annotated

import typer

from duban.commands import regime_changes, regime_new, regime_schema
from duban.commands.command_line import CommandLine, ReasonsTold
from duban.commands.plan_options import AsJson
from duban.commands.regime_sections import sections
from duban.commands.regime_words import (
    ladder_rows,
    limits_words,
    personal_row,
    procedure_rows,
    rhythm_row,
    staff_row,
    urging_words,
)
from duban.commands.showing import complain, say, show_json, show_table
from duban.commands.staff import complain_of_staff, warnings_of_staff
from duban.office_files import OfficeFileError, Problem
from duban.regimes import available_regimes, load_rulebook
from duban.regimes.assumptions import assumptions
from duban.regimes.checking import Checked, check_organisation, check_regime
from duban.regimes.loading import BUNDLED, find_regime
from duban.settings import load_settings
from duban.supervision.bodies.organisation import Organisation
from duban.supervision.flaws.authority import roles_without_bodies
from duban.supervision.model import Frozen
from duban.supervision.rules.rulebook import Rulebook

RegimeName = Annotated[str, typer.Argument(metavar="NAME", help="制度：名称，或制度文件的路径")]
OfOrganisation = Annotated[
    Path | None, typer.Option("--organisation", metavar="FILE", help="机构文件（YAML）：一并核对每个角色有无单位担任")
]


class RegimeLine(Frozen):
    """A regime that can be used.

    Attributes:
        own: The office's own file, which stands before a bundled one of its name.
        problem: Why it cannot be read; empty where it can.
    """

    name: str
    own: bool
    title: str = ""
    issuer: str = ""
    issued_on: str = ""
    levels: int = 0
    procedures: int = 0
    rhythms: int = 0
    problem: str = ""


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = CommandLine(
        cls=ReasonsTold,
        no_args_is_help=True,
        options_metavar="[选项]",
        subcommand_metavar="命令 [参数]…",
        help="制度（督办规则）：有哪些、怎么规定，检查自己写的，比较两份，让在办任务改用另一份。",
    )
    group.command("list", help="列出能用的制度：自带的和本单位自己的。")(list_regimes)
    group.command("show", help="一份制度的内容：提醒阶梯、程序、定期工作、时限和推定。")(show)
    regime_new.register(group)
    group.command("check", help="检查制度文件，一次指出全部问题；没有问题则列出内容。")(check)
    regime_changes.register(group)
    regime_schema.register(group)
    app.add_typer(group, name="regime")


def list_regimes(as_json: AsJson = False) -> None:
    """List what can be used."""
    own_dir = load_settings().regime_dir
    lines = [_line(name, own_dir) for name in available_regimes(own_dir)]
    if as_json:
        show_json(lines)
        return
    show_table(
        ("名称", "制度", "制定单位", "日期", "来源", "级别", "程序", "定期工作"),
        [
            (
                line.name,
                line.title or "不能使用，请用 regime check 检查",
                line.issuer,
                line.issued_on,
                "本单位" if line.own else "自带",
                line.levels,
                line.procedures,
                line.rhythms,
            )
            for line in lines
        ],
    )


def _line(name: str, own_dir: Path | None) -> RegimeLine:
    own = find_regime(name, own_dir).parent != BUNDLED
    try:
        rules = load_rulebook(name, own_dir)
    except OfficeFileError as error:
        return RegimeLine(name=name, own=own, problem="\n".join(error.problems))
    return RegimeLine(
        name=name,
        title=rules.title,
        issuer=rules.document.issuer,
        issued_on=rules.document.issued_on.isoformat(),
        own=own,
        levels=len(rules.ladder.rungs),
        procedures=len(rules.procedures),
        rhythms=len(rules.rhythms),
    )


def show(name: RegimeName, as_json: AsJson = False) -> None:
    """Show what a regime says."""
    rules = load_rulebook(name, load_settings().regime_dir)
    if as_json:
        show_json(rules)
    else:
        _show(rules)


def check(file: RegimeName, organisation: OfOrganisation = None, as_json: AsJson = False) -> None:
    """Check a regime file; exit code 1 where something is wrong."""
    bodies, of_bodies = check_organisation(organisation) if organisation is not None else (None, ())
    checked = check_regime(file, load_settings().regime_dir, bodies)
    told = [(checked.path, each) for each in checked.problems]
    told += [(organisation, each) for each in of_bodies if organisation is not None]
    rules = checked.rulebook
    short = warnings_of_staff(rules, bodies) if rules is not None and bodies is not None else ()
    if as_json:
        show_json(
            {
                "file": str(checked.path),
                "usable": not told,
                "problems": [_plain(path, problem) for path, problem in told],
                "warnings": [{**warning.model_dump(mode="json"), "warning": str(warning)} for warning in short],
                "contains": _contents(checked.rulebook, bodies) if checked.rulebook is not None else None,
            }
        )
    else:
        _tell(checked, told, bodies)
    if told:
        raise typer.Exit(1)


def _tell(checked: Checked, told: list[tuple[Path, Problem]], bodies: Organisation | None) -> None:
    for path in dict.fromkeys(path for path, _ in told):
        some = [problem for of, problem in told if of == path]
        complain(f"{path} 有 {len(some)} 处问题：")
        for problem in some:
            complain(f"  {problem}")
    if bodies is not None and checked.rulebook is not None:
        complain_of_staff((checked.rulebook,), bodies)
    if told or checked.rulebook is None:
        complain("改正之前不能使用。")
        return
    _show(_held_by(checked.rulebook, bodies))
    if bodies is None and (open_roles := _left_open(checked.rulebook)):
        say(f"本文件没有写明由谁担任、须由机构文件写明的角色：{'、'.join(open_roles)}（用 --organisation 一并核对）。")
    say("没有问题，可以使用。")


def _held_by(rules: Rulebook, bodies: Organisation | None) -> Rulebook:
    """The rules with the bodies that hold their offices by an organisation file."""
    return rules if bodies is None else rules.model_copy(update={"offices": bodies.offices(rules)})


def _left_open(rules: Rulebook) -> list[str]:
    return list(dict.fromkeys(role for _, role in roles_without_bodies(rules, None)))


def _plain(path: Path, problem: Problem) -> dict[str, object]:
    return {"file": str(path), "line": problem.line, "place": problem.place, "problem": problem.text}


def _contents(rules: Rulebook, bodies: Organisation | None) -> dict[str, object]:
    return {
        "name": rules.name,
        "title": rules.title,
        "levels": [rung.level for rung in rules.ladder.rungs],
        "procedures": {key: [step.id for step in each.steps] for key, each in rules.procedures.items()},
        "rhythms": list(rules.rhythms),
        "roles_left_open": _left_open(rules) if bodies is None else [],
        "assumptions": [each.model_dump(mode="json") for each in assumptions(rules)],
    }


def _show(rules: Rulebook) -> None:
    document = rules.document
    say(f"{rules.title}（{rules.name}）")
    say(f"依据：{document.issuer}《{document.title}》，{document.issued_on}")
    if rules.ladder.rungs:
        headings = ("轨道", "级别", "何时", "由谁发出", "发给", "先报批", "须反馈", "文号", "出处")
        show_table(headings, ladder_rows(rules), title="提醒阶梯")
    else:
        say("没有提醒阶梯。")
    if urging := urging_words(rules.ladder):
        say(urging)
    say(f"时限：{limits_words(rules)}。")
    say(f"催报：逾期后每 {rules.chasing.every.words}一次，至多 {rules.chasing.at_most} 次。")
    for line in sections(rules):
        say(line)
    if rules.authority.persons:
        rows = [personal_row(each, rules) for each in rules.authority.persons]
        show_table(("事项", "办理", "哪些单位", "由谁", "出处"), rows, title="须由单位中特定人员办理的")
    if rules.procedures:
        rows = [row for key, each in rules.procedures.items() for row in procedure_rows(key, each, rules)]
        show_table(("程序", "步骤", "由谁办理", "时限", "结果", "出处"), rows, title="程序")
    if rules.rhythms:
        rows = [rhythm_row(key, each, rules) for key, each in rules.rhythms.items()]
        show_table(("定期工作", "周期", "由谁承担", "程序", "出处"), rows, title="定期工作")
    if rules.staffing:
        rows = [staff_row(each, rules) for each in rules.staffing]
        show_table(("人员", "哪些单位", "至少", "出处"), rows, title="人员配备（不足的只作提示）")
    assumed = assumptions(rules)
    if assumed:
        say(f"文件没有规定、属推定的 {len(assumed)} 处：")
        for each in assumed:
            say(f"  {' · '.join(each.of)}：{each.text}")
