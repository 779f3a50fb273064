"""The codes of a plan and its tasks: they become workflow ids, so they are unique and begin with the plan's."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from duban.intake.files.tables import Row
from duban.intake.problems import Problem, Severity, shortened
from duban.intake.spelling import compact

_LONGEST = 80
_UNUSABLE = re.compile(r"[\s/\\\x00-\x1f\x7f\"'<>|*?]")
_TASK_PART = re.compile(r"[-_—－.·]?(?:[0-9]+|[一二三四五六七八九十百]+)$")


def is_usable(code: str) -> bool:
    """Whether a code can name a workflow, a file and a row."""
    return bool(code) and len(code) <= _LONGEST and _UNUSABLE.search(code) is None


def plan_code(given: str | None, written: Sequence[str], file_stem: str) -> str:
    """The plan's code: as given, else what all codes in the file begin with, else the file's name."""
    if given is not None and compact(given):
        return compact(given)
    stems = {_TASK_PART.sub("", code) for code in map(compact, written) if code}
    if len(stems) == 1 and (stem := stems.pop()) and not stem.isdigit():
        return stem
    return _UNUSABLE.sub("", compact(file_stem)) or "PLAN"


class WrittenCode(NamedTuple):
    """The code of a row as written, under the heading of its column (None where there is no such column)."""

    sheet: str | None
    row: Row
    column: str | None
    text: str


def task_codes(plan: str, written: Sequence[WrittenCode]) -> tuple[list[str], list[Problem]]:
    """A code for every task: as written, under the plan's; a running number where none is written.

    Args:
        plan: The plan's code.
        written: For each task of every sheet, in their order.
    """
    codes: list[str] = []
    problems: list[Problem] = []
    first_of: dict[str, WrittenCode] = {}
    plain = [compact(each.text) for each in written]
    taken = {under(plan, code) for code in plain if code}
    width = max(2, len(str(len(written))))
    running = 0
    for each, as_written in zip(written, plain, strict=True):
        running += 1
        if as_written:
            code = under(plan, as_written)
            if not is_usable(code):
                problem = "编号里有不能用的字符，或编号太长。"
                suggestion = f"请用文字、数字和短横，不超过{_LONGEST}个字符。"
                problems.append(_problem(Severity.ERROR, each, problem, suggestion))
        else:
            while (code := f"{plan}-{running:0{width}d}") in taken:
                running += 1
            if each.column is not None:
                problem = f"没有编号，暂编为“{code}”。"
                problems.append(_problem(Severity.WARNING, each, problem, "请补上编号；不补则用暂编的号。"))
        first = first_of.setdefault(code, each)
        if first is not each:
            problem = f"编号“{code}”与{_place(first, each)}重复。"
            here = f"第{each.row.number}行" if first.sheet == each.sheet else "本表"
            problems.append(_problem(Severity.ERROR, each, problem, f"请改{_place(first, each)}或{here}的编号。"))
        codes.append(code)
    return codes, problems


def _place(first: WrittenCode, seen_from: WrittenCode) -> str:
    row = f"第{first.row.number}行"
    return row if first.sheet == seen_from.sheet else f"工作表“{first.sheet}”{row}"


def _problem(severity: Severity, code: WrittenCode, problem: str, suggestion: str) -> Problem:
    return Problem(
        severity=severity,
        sheet=code.sheet,
        row=code.row.number,
        column=code.column,
        value=shortened(code.text),
        problem=problem,
        suggestion=suggestion,
    )


def under(plan: str, code: str) -> str:
    """A task's code, in one spelling, under its plan's."""
    return code if code.startswith(plan) and code != plan else f"{plan}-{code}"
