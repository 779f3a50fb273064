"""A copy of a plan file with every problem written where it is: comments in a workbook, comment lines in YAML.

The file itself is never touched. What a workbook holds beside is kept as far as openpyxl keeps it. A text table has
no comments; its copy is a workbook. A copy that is marked again loses what was marked before.
"""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from openpyxl.workbook import Workbook

from duban.commands.marked_workbook import mark_workbook, workbook_of
from duban.commands.marked_yaml import mark_yaml
from duban.commands.reasons import Refused
from duban.intake import IntakeResult, Problem, read_source
from duban.intake.files.delimited import decoded
from duban.intake.files.files import WORKBOOK_SUFFIXES, YAML_SUFFIXES, content_of
from duban.intake.files.workbooks import whole_workbook


def write_marked_copy(plan: Path, copy: Path, problems: Sequence[Problem], read: IntakeResult) -> None:
    """Writes the copy, in place of an earlier one.

    Args:
        plan: The plan file as it was checked.
        copy: Where to; of the same kind, a workbook for a text table.
        problems: All that is to be written.
        read: Of the same file.

    Raises:
        Refused: The copy would be the file itself, is of the wrong kind, or cannot be written.
        IntakeError: The file cannot be read any more.
    """
    _refuse_wrong_name(plan, copy)
    if plan.suffix.lower() in YAML_SUFFIXES:
        marked = mark_yaml(decoded(plan, content_of(plan)), problems)
        _put(copy, marked.encode())
    elif plan.suffix.lower() in WORKBOOK_SUFFIXES:
        _put(copy, _packed(mark_workbook(whole_workbook(plan, content_of(plan)), problems, read.headings)))
    else:
        (table,) = read_source(plan).tables
        _put(copy, _packed(mark_workbook(workbook_of(table), problems, read.headings)))


def kind_of_copy(plan: Path) -> str:
    """The ending that a copy of a plan file has."""
    return plan.suffix.lower() if plan.suffix.lower() in YAML_SUFFIXES else ".xlsx"


def _refuse_wrong_name(plan: Path, copy: Path) -> None:
    wanted = YAML_SUFFIXES if plan.suffix.lower() in YAML_SUFFIXES else {".xlsx"}
    if copy.suffix.lower() not in wanted:
        raise Refused(f"批注副本的文件名请以 {kind_of_copy(plan)} 结尾（给的是“{copy.name}”）。")
    if copy.exists() and copy.samefile(plan):
        raise Refused(f"“{copy}”就是方案文件本身，批注要写在副本里。请换一个文件名。")


def _packed(book: Workbook) -> bytes:
    with tempfile.TemporaryFile() as file:
        book.save(file)
        file.seek(0)
        return file.read()


def _put(copy: Path, content: bytes) -> None:
    """The copy stands there whole or not at all."""
    beside = copy.with_name(f".{copy.name}.{os.getpid()}")
    try:
        beside.write_bytes(content)
        beside.replace(copy)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise Refused(
            f"无法写出“{copy}”（{error.strerror or error}）。请核对文件夹是否存在、文件是否正被打开。"
        ) from error
