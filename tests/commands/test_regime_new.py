"""`regime new`: an office begins with a file that can be used as it is, and never loses one that it has."""

import re
from pathlib import Path

import pytest

from duban.regimes.checking import check_regime
from duban.supervision.bodies.organisation import Organisation
from tests.commands.conftest import CommandLine


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUBAN_REGIME_DIR", str(tmp_path))


def test_what_is_written_can_be_used_at_once_and_is_found_by_its_name(tmp_path: Path) -> None:
    starter = CommandLine()
    assert starter("regime", "new", "dongqu").exit_code == 0
    assert check_regime(tmp_path / "dongqu.yaml", organisation=Organisation()).problems == ()
    assert starter("regime", "check", "dongqu").exit_code == 0
    assert starter("rehearse-year", "--regime", "dongqu", "--year", "2026").exit_code == 0


def test_every_section_that_is_offered_can_be_uncommented(tmp_path: Path) -> None:
    CommandLine()("regime", "new", "dongqu")
    path = tmp_path / "dongqu.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r"(?m)^( *)# (?!yaml-language-server)", r"\1", text), encoding="utf-8")
    checked = check_regime(path, organisation=Organisation())
    assert checked.problems == ()
    assert checked.rulebook is not None
    assert checked.rulebook.matters
    assert checked.rulebook.appraisal is not None
    assert checked.rulebook.ladder.urging is not None


def test_its_first_line_names_the_schema_that_lies_beside_it(tmp_path: Path) -> None:
    CommandLine()("regime", "new", "dongqu")
    first = (tmp_path / "dongqu.yaml").read_text(encoding="utf-8").splitlines()[0]
    schema = first.removeprefix("# yaml-language-server: $schema=")
    assert (tmp_path / schema).read_text(encoding="utf-8").startswith("{")


def test_a_file_that_is_there_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "dongqu.yaml").write_text("mine", encoding="utf-8")
    refused = CommandLine()("regime", "new", "dongqu")
    assert refused.exit_code == 1
    assert "已有名为“dongqu”的制度" in refused.stderr
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "xiqu.yaml").write_text("mine", encoding="utf-8")
    assert "已经存在，没有覆盖" in CommandLine()("regime", "new", "xiqu", "--folder", elsewhere).stderr
    assert (elsewhere / "xiqu.yaml").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("name", ["东区", "Dongqu", "../dongqu", "dong-qu", "a.yaml", "", "a" * 41])
def test_a_name_that_could_name_no_file_is_refused(tmp_path: Path, name: str) -> None:
    refused = CommandLine()("regime", "new", name)
    assert refused.exit_code == 1
    assert "不能作制度的名称" in refused.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_name_of_a_regime_that_comes_with_duban_is_taken() -> None:
    refused = CommandLine()("regime", "new", "kunming")
    assert refused.exit_code == 1
    assert "请另取名称" in refused.stderr


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    refused = CommandLine()("regime", "new", "dongqu", "--folder", tmp_path / "nowhere")
    assert refused.exit_code == 1
    assert "请核对文件夹是否存在" in refused.stderr
