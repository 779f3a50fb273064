"""`schema`: which structure the ledger's database has; and back to an earlier one, before an earlier release is run."""

from typing import Annotated

import typer

from duban.commands.connecting import opened_ledger
from duban.commands.plan_options import AsJson
from duban.commands.reasons import Refused
from duban.commands.showing import say, show_json
from duban.ledger import migrate_back, schema_revisions
from duban.settings import Settings, load_settings
from duban.supervision.model import Frozen


class Schema(Frozen):
    """The structure of a ledger.

    Attributes:
        present: Of the database; None where it is empty.
        newest: That this release knows.
    """

    present: str | None
    newest: str


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "schema",
        help="台账数据库的结构编号：现在的、本版本的；改用旧版本之前，用新版本的 --back-to 退回。",
        short_help="台账数据库的结构编号；改用旧版本之前退回。",
    )(schema)


def schema(
    back_to: Annotated[
        str | None,
        typer.Option("--back-to", metavar="REVISION", help="退回到这个编号（先停止全部工作进程并备份）"),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="已停止全部工作进程并备份：退回会删除较新结构中才有的栏目")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show the schema, or go back."""
    settings = load_settings()
    if back_to is not None:
        _go_back(settings, back_to, sure=yes)
    found = _found(settings)
    if as_json:
        show_json(found)
    else:
        say(f"台账的结构：{found.present or '空'}；本版本的结构：{found.newest}。")


def _go_back(settings: Settings, revision: str, *, sure: bool) -> None:
    if not sure:
        raise Refused(
            "退回会删除较新结构中才有的栏目和内容。请先停止全部工作进程，用 starter.py backup 备份，再加 --yes 运行。"
        )
    migrate_back(settings.database_url, revision, plaintext_hosts=settings.plaintext_host_names)


def _found(settings: Settings) -> Schema:
    with opened_ledger(settings) as ledger:
        present, newest = schema_revisions(ledger.engine)
    return Schema(present=present, newest=newest)
