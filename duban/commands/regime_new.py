"""`regime new`: a small regime file to begin with."""

import json
import re
from pathlib import Path
from typing import Annotated

import typer

from duban.commands.reasons import Refused
from duban.commands.showing import say
from duban.regimes import available_regimes
from duban.regimes.beginning import SCHEMA_FILE, beginning
from duban.regimes.loading import SUFFIX
from duban.regimes.schema import regime_schema
from duban.settings import load_settings

NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


def register(group: typer.Typer) -> None:
    """Add the command."""
    group.command("new", help="写出一份带说明的制度文件，供从头写起；已有的文件不覆盖。")(new)


def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="制度的名称，也是文件名：小写字母、数字、下划线")],
    folder: Annotated[
        Path | None,
        typer.Option(
            "--folder", metavar="FOLDER", help="写到哪个文件夹；不写则为 DUBAN_REGIME_DIR，再不然为当前文件夹"
        ),
    ] = None,
) -> None:
    """Write a regime file; nothing that is there is touched."""
    own = load_settings().regime_dir
    into = folder or own or Path()
    if NAME.fullmatch(name) is None:
        raise Refused(f"“{name}”不能作制度的名称：请用小写字母、数字和下划线，以字母开头，至多 40 个字符，如 binhai。")
    if name in available_regimes(own):
        raise Refused(f"已有名为“{name}”的制度，请另取名称；修订现有制度，请复制它的文件并改名。")
    file, schema = into / f"{name}{SUFFIX}", into / SCHEMA_FILE
    _write(file, beginning(name))
    say(f"已写出“{file}”，可以直接使用，请逐项改成本单位的规定。")
    if not schema.exists():
        _write(schema, json.dumps(regime_schema(), ensure_ascii=False, indent=2) + "\n")
        say(f"已写出“{schema}”，编辑器据此补全和检查。")
    say(f"检查：starter.py regime check {file}")


def _write(file: Path, text: str) -> None:
    try:
        with file.open("x", encoding="utf-8", newline="\n") as opened:
            opened.write(text)
    except FileExistsError:
        raise Refused(f"“{file}”已经存在，没有覆盖。请换一个名称，或先移走它。") from None
    except OSError as error:
        raise Refused(f"无法写出“{file}”（{error.strerror}）：请核对文件夹是否存在、能否写入。") from error
