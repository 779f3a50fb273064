"""One version, said in one way everywhere."""

import re
import tomllib
from importlib.metadata import version

from tests.releases.trees import ROOT

STATED = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
HEADINGS = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
RELEASED = re.compile(r"(\d+\.\d+\.\d+) — (\d{4}-\d{2}-\d{2})")


def test_the_installed_version_is_the_stated_one() -> None:
    assert version("duban") == STATED


def test_the_changelog_begins_with_what_is_not_released_and_goes_on_with_dated_versions() -> None:
    assert HEADINGS[0] == "Unreleased"
    assert [heading for heading in HEADINGS[1:] if not RELEASED.fullmatch(heading)] == []


def test_versions_come_newest_first_and_the_stated_one_is_the_newest_or_to_be_released() -> None:
    released = [match[1] for heading in HEADINGS[1:] if (match := RELEASED.fullmatch(heading))]
    numbers = [tuple(map(int, each.split("."))) for each in released]
    assert numbers == sorted(set(numbers), reverse=True)
    assert not numbers or tuple(map(int, STATED.split("."))) >= numbers[0]


def test_golden_histories_of_the_stated_version_are_kept() -> None:
    assert (ROOT / "tests" / "replay" / "histories" / STATED).is_dir()
