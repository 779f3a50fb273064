"""Finds and reads a regime: by name among the office's own and the bundled ones, or by the path of a file."""

from collections.abc import Iterator
from pathlib import Path

from duban.office_files import Misplaced, OfficeFileError, read_office_file
from duban.supervision.flaws import unworkable
from duban.supervision.rules.regime import Regime
from duban.supervision.rules.rulebook import Rulebook

SUFFIX = ".yaml"
BUNDLED = Path(__file__).parent


def available_regimes(search_dir: Path | None = None) -> tuple[str, ...]:
    """The names of the regimes that can be loaded, sorted."""
    return tuple(sorted({file.stem for folder in _folders(search_dir) for file in folder.glob(f"*{SUFFIX}")}))


def load_regime(name_or_path: str | Path, search_dir: Path | None = None) -> Regime:
    """Reads the rules by which tasks live; arguments and errors as of ``load_rulebook``."""
    return load_rulebook(name_or_path, search_dir).regime


def load_rulebook(name_or_path: str | Path, search_dir: Path | None = None) -> Rulebook:
    """Reads a regime with its procedures and rhythms.

    Args:
        name_or_path: A name such as `kunming`, or a file (anything with a folder or the ending `.yaml`).
        search_dir: The office's own regimes; one of the same name stands in for the bundled one.

    Raises:
        OfficeFileError: There is no such regime, or its file has problems.
    """
    path = find_regime(name_or_path, search_dir)
    rulebook = read_office_file(path, Rulebook, as_read=_unworkable)
    if wrong := misnamed(rulebook, path):
        raise OfficeFileError(path, (f"name：{wrong}。",))
    return rulebook


def misnamed(rulebook: Rulebook, path: Path) -> str:
    """What is wrong where a regime and its file have different names; empty where they have not."""
    if rulebook.name == path.stem:
        return ""
    return f"写的是“{rulebook.name}”，与文件名“{path.stem}”不同，请改成一致"


def _unworkable(rulebook: Rulebook) -> Iterator[Misplaced]:
    # Not refused by the models: they also read what tasks have lived by for years.
    return ((flaw.place, flaw.text) for flaw in unworkable(rulebook))


def _folders(search_dir: Path | None) -> tuple[Path, ...]:
    return (BUNDLED,) if search_dir is None else (search_dir, BUNDLED)


def find_regime(name_or_path: str | Path, search_dir: Path | None = None) -> Path:
    """The file of a regime; arguments and errors as of ``load_rulebook``."""
    asked = Path(name_or_path)
    if isinstance(name_or_path, Path) or asked.suffix == SUFFIX or asked.name != name_or_path:
        return asked
    for folder in _folders(search_dir):
        if (path := folder / f"{name_or_path}{SUFFIX}").is_file():
            return path
    known = "、".join(available_regimes(search_dir))
    problem = f"没有这个制度。现有：{known}。自定的制度请放入 DUBAN_REGIME_DIR 所指目录，或写出文件路径。"
    raise OfficeFileError(f"制度“{name_or_path}”", (problem,))
