"""What an organisation file lacks of the people whom the rules demand: warnings, wherever such a file is read."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from duban.commands.showing import complain
from duban.intake import Problem, Severity
from duban.office_files import OfficeFileError
from duban.regimes.loading import load_rulebook
from duban.supervision.bodies.organisation import Organisation
from duban.supervision.bodies.staffing import StaffWarning, staff_warnings
from duban.supervision.rules.rulebook import Rulebook

REMEDY = "请补充机构文件的 persons，或按要求配备。"


def warnings_of_staff(rules: Rulebook, organisation: Organisation) -> tuple[StaffWarning, ...]:
    """All that is short or unknown."""
    return staff_warnings(rules.staffing, rules.regime, organisation)


def problems_of_staff(rules: Rulebook, organisation: Organisation) -> Iterator[Problem]:
    """The same beside the problems of a plan file."""
    for warning in warnings_of_staff(rules, organisation):
        yield Problem(
            severity=Severity.WARNING,
            column="--organisation",
            value=warning.body,
            problem=f"{warning.text}。",
            suggestion=REMEDY,
        )


def complain_of_staff(rulebooks: Iterable[Rulebook], organisation: Organisation) -> None:
    """Tells all of it on stderr, each once."""
    told = dict.fromkeys(str(warning) for rules in rulebooks for warning in warnings_of_staff(rules, organisation))
    for text in told:
        complain(f"[警告] {text}。")
    if told:
        complain(f"人员配备共 {len(told)} 个警告，不影响使用：{REMEDY}")


def rulebooks_of(names: Iterable[str], own_dir: Path | None) -> Iterator[Rulebook]:
    """The rules of these names as their files stand; what was used by the path of a file is not looked for."""
    for name in dict.fromkeys(names):
        try:
            yield load_rulebook(name, own_dir)
        except OfficeFileError:
            continue
