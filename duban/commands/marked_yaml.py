"""Problems of a plan in YAML, as comment lines above the lines that they are about."""

import re
from collections.abc import Sequence

from duban.commands.problems import SEVERITY_WORDS
from duban.commands.showing import readable
from duban.intake import Problem

_MARK = "# 督办："
_MARKED_BEFORE = re.compile(rf"^\s*{_MARK}")


def mark_yaml(text: str, problems: Sequence[Problem]) -> str:
    """The text with a line for each problem; all other lines as they were."""
    of_line: dict[int, list[Problem]] = {}
    for problem in problems:
        of_line.setdefault(problem.row or 1, []).append(problem)
    marked: list[str] = []
    for number, line in enumerate(text.splitlines(keepends=True), start=1):
        indent = line[: len(line) - len(line.lstrip(" "))]
        marked += [f"{indent}{_MARK}{_sentence(problem)}\n" for problem in of_line.get(number, ())]
        if not _MARKED_BEFORE.match(line):
            marked.append(line)
    return "".join(marked)


def _sentence(problem: Problem) -> str:
    place = f"“{problem.column}”" if problem.column else ""
    told = f"[{SEVERITY_WORDS[problem.severity]}] {place}{problem.problem}{problem.suggestion}"
    return " ".join(readable(told).split())
