"""Looks at regime files as a whole: all that is wrong in one, at once, each with its line."""

from pathlib import Path

from duban.calendars import CalendarError, compile_zone
from duban.office_files import Problem, examine_office_file
from duban.regimes.loading import find_regime, misnamed
from duban.salvaging import Salvaged
from duban.supervision.bodies.organisation import Organisation
from duban.supervision.flaws import flaws_of_organisation, flaws_of_rulebook
from duban.supervision.model import Frozen
from duban.supervision.rules.rulebook import Rulebook

A_YEAR = 2000
"""Whichever: a zone that is known is known in all of them."""


class Checked(Frozen):
    """A regime file, and what is wrong in it.

    Attributes:
        rulebook: None where the file does not fit the model.
        problems: By line; empty for a file that can be used.
    """

    path: Path
    rulebook: Rulebook | None
    problems: tuple[Problem, ...]


def check_regime(
    name_or_path: str | Path, search_dir: Path | None = None, organisation: Organisation | None = None
) -> Checked:
    """Looks for everything that is wrong in a regime file.

    Args:
        name_or_path: As of ``load_rulebook``.
        search_dir: The office's own regimes.
        organisation: Of the office that is to live by it: then every role needs somebody.

    Raises:
        OfficeFileError: There is no such regime, or its file cannot be read as YAML.
    """
    path = find_regime(name_or_path, search_dir)
    examined = examine_office_file(path, Rulebook)
    salvaged = Salvaged(Rulebook, examined.stated)
    rules = examined.read if examined.read is not None else salvaged.value
    found = list(flaws_of_rulebook(rules, organisation, salvaged.is_incomplete)) if rules is not None else []
    told_in_detail = {flaw.refused_with for flaw in found if flaw.refused_with is not None}
    problems = [problem for problem in examined.problems if problem.whole not in told_in_detail]
    problems += [examined.at(salvaged.place(flaw.place), flaw.text) for flaw in found]
    if isinstance(zone := getattr(rules, "zone", None), str) and not _is_zone(zone):
        problems.append(examined.at(("zone",), f"没有“{zone}”这个时区，请写 IANA 名称，如 Asia/Shanghai"))
    if examined.read is not None and (wrong := misnamed(examined.read, path)):
        problems.append(examined.at(("name",), wrong))
    unique = dict.fromkeys(problems)
    return Checked(path=path, rulebook=examined.read, problems=tuple(sorted(unique, key=lambda each: each.line)))


def _is_zone(name: str) -> bool:
    try:
        compile_zone(name, A_YEAR, A_YEAR)
    except CalendarError:
        return False
    return True


def check_organisation(path: Path) -> tuple[Organisation | None, tuple[Problem, ...]]:
    """Looks for everything that is wrong in an organisation file.

    Raises:
        OfficeFileError: It cannot be read as YAML.
    """
    examined = examine_office_file(path, Organisation)
    if examined.read is None:
        return None, examined.problems
    flaws = flaws_of_organisation(examined.read)
    return examined.read, tuple(examined.at(flaw.place, flaw.text) for flaw in flaws)
