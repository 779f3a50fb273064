"""The codes of a plan and its tasks: they become workflow ids, so they are unique and begin with the plan's."""

import re
from collections.abc import Sequence

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


def task_codes(
    plan: str, written: Sequence[tuple[int, str]], column: str | None, sheet: str | None
) -> tuple[list[str], list[Problem]]:
    """A code for every row: as written, under the plan's; a running number where none is written.

    Args:
        plan: The plan's code.
        written: For each task the number of its row and the code as written.
        column: The heading of the code column, None where the file has none.
        sheet: For the problems.
    """
    codes: list[str] = []
    problems: list[Problem] = []
    rows_of: dict[str, int] = {}
    taken = {_under(plan, code) for _, code in written if compact(code)}
    width = max(2, len(str(len(written))))

    def note(severity: Severity, row: int, value: str, problem: str, suggestion: str) -> None:
        problems.append(
            Problem(
                severity=severity, sheet=sheet, row=row, column=column, value=shortened(value),
                problem=problem, suggestion=suggestion,
            )
        )  # fmt: skip

    running = 0
    for row, raw in written:
        code = _under(plan, raw)
        if not compact(raw):
            running += 1
            while (code := f"{plan}-{running:0{width}d}") in taken:
                running += 1
            if column is not None:
                note(Severity.WARNING, row, raw, f"没有编号，暂编为“{code}”。", "请补上编号；不补则用暂编的号。")
        elif not is_usable(code):
            note(
                Severity.ERROR,
                row,
                raw,
                "编号里有不能用的字符，或编号太长。",
                f"请用文字、数字和短横，不超过{_LONGEST}个字符。",
            )
        if code in rows_of:
            first = rows_of[code]
            note(Severity.ERROR, row, raw, f"编号“{code}”与第{first}行重复。", f"请改第{first}行或第{row}行的编号。")
        rows_of.setdefault(code, row)
        codes.append(code)
        if compact(raw):
            running += 1
    return codes, problems


def _under(plan: str, raw: str) -> str:
    code = compact(raw)
    return code if code.startswith(plan) and code != plan else f"{plan}-{code}"
