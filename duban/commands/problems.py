"""Shows what intake has to say about a file: all of it, each with its place and what to do."""

from collections.abc import Sequence

from duban.commands.showing import complain
from duban.intake import Problem, Severity

SEVERITY_WORDS = {Severity.ERROR: "错误", Severity.WARNING: "警告"}


def told(problem: Problem) -> str:
    """A problem in one line."""
    place = " ".join(
        part
        for part in (
            f"表“{problem.sheet}”" if problem.sheet else "",
            f"第{problem.row}行" if problem.row is not None else "",
            f"“{problem.column}”" if problem.column else "",
        )
        if part
    )
    value = f"（“{' '.join(problem.value.split())}”）" if problem.value else ""
    return f"[{SEVERITY_WORDS[problem.severity]}] {place or '整个文件'}{value}：{problem.problem}{problem.suggestion}"


def complain_of(problems: Sequence[Problem]) -> None:
    """Every problem on stderr, and how many there are."""
    for problem in problems:
        complain(told(problem))
    errors = sum(problem.severity is Severity.ERROR for problem in problems)
    if problems:
        complain(f"共 {errors} 个错误、{len(problems) - errors} 个警告。")
