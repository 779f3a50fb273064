"""What documents tell somebody to type exists, with the options that it names; what they point to is there too."""

import re
import shlex
from pathlib import Path

import pytest

from duban.notices.arrangements import Way
from duban.notices.office import open_office
from duban.settings import Settings, load_settings, variable
from tests.commands.conftest import CommandLine
from tests.releases.trees import ROOT

NAMES = ("docs/operations.md", "docs/upgrading.md", "deploy/README.md", "CONTRIBUTING.md", "SECURITY.md")
TEXTS = {name: (ROOT / name).read_text(encoding="utf-8") for name in NAMES}
DOCUMENT = "\n".join(TEXTS.values())
UNITS = {file.name for file in (ROOT / "deploy" / "systemd").iterdir()}
CODE = re.compile(r"```\w*\n(?P<block>.*?)```|`(?P<span>[^`\n]+)`", re.DOTALL)
TEMPORALS_OWN = ("temporal operator namespace update", "temporal workflow update-options")


def _typed() -> list[str]:
    """Every line of code, without what a comment says."""
    lines = [line for found in CODE.finditer(DOCUMENT) for line in (found["block"] or found["span"]).splitlines()]
    return [line.partition(" #")[0].strip().removeprefix("→ ") for line in lines]


def _commands(program: str) -> list[tuple[str, ...]]:
    return sorted({tuple(shlex.split(line)[1:]) for line in _typed() if line.startswith(f"{program} ")})


@pytest.mark.parametrize("command", _commands("starter.py"), ids=" ".join)
def test_a_command_that_the_document_names_exists(starter: CommandLine, command: tuple[str, ...]) -> None:
    told = starter(*command, "--help")  # looked at before its arguments, and after its names and options
    assert told.exit_code == 0, told.stderr


def test_the_document_names_no_setting_that_there_is_not() -> None:
    named = set(re.findall(r"\bDUBAN_[A-Z_]+\b", DOCUMENT))
    assert named <= {variable(field) for field in Settings.model_fields}


def test_of_temporals_own_commands_it_names_only_those_that_were_tried() -> None:
    named = [line for line in _typed() if re.match(r"temporal\s+[a-z]", line)]
    assert named
    assert [line for line in named if not line.startswith(TEMPORALS_OWN)] == []


@pytest.mark.parametrize(
    "path", sorted(set(re.findall(r"`((?:tests|duban|workflows|activities|docs|deploy)/[\w/.@-]+)`", DOCUMENT)))
)
def test_a_file_that_a_document_points_to_is_there(path: str) -> None:
    assert (ROOT / path).exists()


@pytest.mark.parametrize("test", sorted(set(re.findall(r"`(test_\w+)`", DOCUMENT))))
def test_a_test_that_a_document_names_is_there(test: str) -> None:
    assert any(f"def {test}(" in file.read_text(encoding="utf-8") for file in (ROOT / "tests").rglob("test_*.py"))


def test_a_unit_that_a_document_starts_is_there() -> None:
    named = set(re.findall(r"systemctl (?:start|stop|enable --now|disable --now|enable) '?(duban[\w@.-]*)", DOCUMENT))
    assert named
    patterns = {re.sub(r"@[^.]*", "@", name) for name in named}
    assert {name if "." in name else f"{name}.service" for name in patterns} <= UNITS


@pytest.mark.parametrize("name", NAMES)
def test_every_part_and_every_page_that_is_pointed_to_is_there(name: str) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", TEXTS[name]):
        page, _, part = target.partition("#")
        if page.startswith("http"):
            continue
        file = (ROOT / name).parent / page if page else ROOT / name
        assert file.exists(), target
        if part:
            headings = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
            parts = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
            assert part in parts, target


def test_the_channels_file_that_it_shows_can_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = re.search(r"```yaml\n(.*?)```", DOCUMENT, re.DOTALL)
    assert shown is not None
    file = tmp_path / "channels.yaml"
    file.write_text(shown[1], encoding="utf-8")
    for name in ("WECOM_REFORM", "DING_BUILDING", "DING_BUILDING_SECRET", "SMS_KEY"):
        monkeypatch.setenv(name, "https://example.com/")
    monkeypatch.setenv("DUBAN_CHANNELS_FILE", str(file))
    office = open_office(load_settings())
    assert office.way_of("市住房城乡建设局") == Way(channel="住建群", fallback="短信")
    assert office.way_of("市财政局") == Way(channel="改革群")
