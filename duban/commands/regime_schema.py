"""`regime schema`: what editors complete and check by while a file is being written."""

from typing import Annotated

import typer

from duban.commands.showing import show_json
from duban.regimes.schema import organisation_schema, regime_schema


def register(group: typer.Typer) -> None:
    """Add the command."""
    group.command("schema", help="输出制度文件（或机构文件）的 JSON Schema，供编辑器补全和检查。")(schema)


def schema(
    organisation: Annotated[bool, typer.Option("--organisation", help="机构文件的，而不是制度文件的")] = False,
) -> None:
    """Print a JSON Schema."""
    show_json(organisation_schema() if organisation else regime_schema())
