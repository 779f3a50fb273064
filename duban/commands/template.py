"""`template [FILE]`: a blank workbook to write a plan into."""

from pathlib import Path
from typing import Annotated

import typer

from duban.commands.plan_template import BLANK_ROWS, write_plan_template
from duban.commands.reasons import Refused
from duban.commands.showing import say
from duban.organisations import load_organisation

DEFAULT_FILE = Path("方案模板.xlsx")

TemplatePath = Annotated[Path, typer.Argument(metavar="FILE", help="写到哪里（.xlsx）")]
OrganisationPath = Annotated[
    Path | None,
    typer.Option("--organisation", metavar="FILE", help="机构文件（YAML）：其中的单位供牵头单位、承办单位两栏下拉选择"),
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "template",
        short_help="写出空白的方案模板（.xlsx），带下拉选项和示例行。",
        help="写出空白的方案模板（.xlsx）：栏目说明、下拉选项、示例行。填好后用 check 检查，用 issue 下发。",
    )(template)


def template(file: TemplatePath = DEFAULT_FILE, organisation: OrganisationPath = None) -> None:
    """Write the template; a file that is there is left alone."""
    if file.suffix.lower() != ".xlsx":
        raise Refused(f"模板是 Excel 工作簿，文件名请以 .xlsx 结尾（给的是“{file.name}”）。")
    bodies = [body.name for body in load_organisation(organisation).bodies] if organisation is not None else []
    write_plan_template(file, bodies)
    say(f"已写出模板“{file}”（可填 {BLANK_ROWS} 行，不够可自行加行）。填好后请运行：starter.py check {file}")
