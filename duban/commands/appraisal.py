"""`appraisal`: the points of bodies for a year, each with what it was given or taken for."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from duban.appraising import appraised
from duban.commands.connecting import reading_ledger
from duban.commands.known_names import known_body
from duban.commands.plan_options import AsJson
from duban.commands.reasons import Refused
from duban.commands.showing import say, show_json, show_table
from duban.commands.workbook import Table, write_workbook
from duban.ledger import Ledger
from duban.regimes.loading import load_rulebook
from duban.settings import load_settings
from duban.supervision.reckoning.appraisal import AppraisalLine, AppraisalSheet
from duban.supervision.rules.rulebook import Rulebook

TITLE = "督查情况考核"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("appraisal", help="考核：按制度文件的考核规则，列出各单位全年得分和每一分的由来。")(appraisal)


def appraisal(
    year: Annotated[int, typer.Option("--year", metavar="YEAR", min=1900, max=8999, help="哪一年")],
    regime: Annotated[str, typer.Option("--regime", metavar="NAME", help="制度：名称或文件")],
    body: Annotated[str | None, typer.Option("--body", help="只看一个单位，逐项列出由来")] = None,
    as_json: AsJson = False,
    xlsx: Annotated[Path | None, typer.Option("--xlsx", metavar="FILE", help="另存为 Excel 文件：得分和由来")] = None,
) -> None:
    """Show the points."""
    settings = load_settings()
    rulebook = load_rulebook(regime, settings.regime_dir)
    with reading_ledger(settings) as door:
        sheets = _sheets(door, rulebook, year)
        if body is not None:
            sheets = tuple(sheet for sheet in sheets if sheet.body == body)
        if not sheets:
            known_body(door, body)
    if xlsx is not None:
        write_workbook(xlsx, _tables(sheets, rulebook, year), footer=f"{TITLE} {year}年")
        if not as_json:
            say(f"已写出 {xlsx}，共 {len(sheets)} 个单位。")
            return
    if as_json:
        show_json(sheets)
        return
    if not sheets:
        say(f"{year}年没有计分事项" + (f"（{body}）。" if body else "。"))
        return
    show_table(
        ("单位", "得分", "计分事项"),
        [(sheet.body, sheet.points, len(sheet.lines)) for sheet in sheets],
        title=f"{year}年{TITLE}（{rulebook.title}，基准分 {sheets[0].full}）",
    )
    if body is not None:
        show_table(
            ("日期", "任务编号", "事项", "分值", "由来", "依据"),
            [
                (line.on, line.task_code, line.rule, _points(line), line.text, _basis(line))
                for sheet in sheets
                for line in sheet.lines
            ],
        )


def _sheets(door: Ledger, rulebook: Rulebook, year: int) -> tuple[AppraisalSheet, ...]:
    if rulebook.appraisal is None:
        raise Refused(f"制度“{rulebook.name}”没有考核规则。请在制度文件中写出 appraisal（考核）一节。")
    return appraised(door, rulebook, year, datetime.now(UTC))


def _points(line: AppraisalLine) -> str:
    return f"{line.points:+}" + ("（已达上限）" if line.bounded else "")


def _basis(line: AppraisalLine) -> str:
    if line.paragraph is None:
        return f"（假定）{line.assumed}"
    assumed = f"；{line.assumed}（假定）" if line.assumed else ""
    return f"第{line.paragraph}段：{line.sentence}{assumed}"


def _tables(sheets: tuple[AppraisalSheet, ...], rulebook: Rulebook, year: int) -> tuple[Table, Table]:
    nothing = "没有计分事项"
    return (
        Table(
            name="得分",
            title=f"{year}年{TITLE}",
            notes=(f"按《{rulebook.document.title}》和制度文件“{rulebook.name}”的考核规则计算。",),
            columns=(("单位", 36), ("基准分", 10), ("得分", 10), ("计分事项", 12)),
            rows=((s.body, str(s.full), str(s.points), len(s.lines)) for s in sheets),
            empty=nothing,
        ),
        Table(
            name="由来",
            title=f"{year}年{TITLE}：每一分的由来",
            columns=(
                ("单位", 24),
                ("日期", 12),
                ("任务编号", 16),
                ("事项", 20),
                ("分值", 12),
                ("由来", 50),
                ("依据", 60),
            ),
            rows=(
                (sheet.body, line.on, line.task_code, line.rule, _points(line), line.text, _basis(line))
                for sheet in sheets
                for line in sheet.lines
            ),
            empty=nothing,
            standing=1,
        ),
    )
