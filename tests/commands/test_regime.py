"""What `regime` prints, and with which exit code."""

from pathlib import Path

import pytest

from duban.regimes.loading import BUNDLED
from tests.commands.conftest import CommandLine

KUNMING = (BUNDLED / "kunming.yaml").read_text(encoding="utf-8")


@pytest.fixture
def starter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    monkeypatch.setenv("DUBAN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DUBAN_REGIME_DIR", str(tmp_path))
    return CommandLine()


def own(folder: Path, *changes: tuple[str, str]) -> Path:
    """A regime of the office's own, made of Kunming's."""
    text = KUNMING.replace("name: kunming", "name: own", 1)
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path = folder / "own.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_list_has_the_bundled_regimes_and_the_offices_own_and_says_which_cannot_be_used(
    starter: CommandLine, tmp_path: Path
) -> None:
    own(tmp_path, ("above: 15, through: 30", "above: x, through: 30"))
    lines = {line["name"]: line for line in starter.json("regime", "list")}
    assert (lines["kunming"]["own"], lines["kunming"]["levels"], lines["kunming"]["problem"]) == (False, 5, "")
    assert lines["own"]["own"]
    assert "“x”应为整数" in lines["own"]["problem"]
    assert "不能使用" in starter("regime", "list").stdout


def test_a_regime_is_shown_with_its_ladder_and_what_it_assumes(starter: CommandLine) -> None:
    said = starter("regime", "show", "bozhou").stdout
    for words in ("移交监察部门", "催办 3 次后", "按期催办：逾期 5个工作日后首次", "属推定的"):
        assert words in said
    assert starter.json("regime", "show", "bozhou")["ladder"]["rungs"][2]["level"] == "transfer"


def test_a_file_with_problems_is_refused_with_all_of_them(starter: CommandLine, tmp_path: Path) -> None:
    path = own(tmp_path, ("above: 30, through: 45", "above: 40, through: 45"), ("at_most: 3", "at_most: x"))
    told = starter("regime", "check", path)
    assert told.exit_code == 1
    assert "有 2 处问题" in told.stderr
    assert "之间有空档" in told.stderr
    as_json = starter("regime", "check", "own", "--json")
    assert as_json.exit_code == 1
    assert '"usable": false' in as_json.stdout
    assert '"place": "chasing.at_most"' in as_json.stdout


def test_with_an_organisation_every_role_needs_somebody_and_nobody_is_above_himself(
    starter: CommandLine, tmp_path: Path
) -> None:
    path = own(tmp_path, ("issuers: [reform_office]", "issuers: [circulars]"))
    bodies = tmp_path / "bodies.organisation.yml"
    bodies.write_text("bodies: [{name: 甲, supervised_by: 甲}]\n", encoding="utf-8")
    alone = starter("regime", "check", path)
    assert (alone.exit_code, "须由机构文件写明的角色：circulars" in alone.stdout) == (0, True)
    told = starter("regime", "check", path, "--organisation", bodies)
    assert told.exit_code == 1
    assert "没有单位担任“circulars”" in told.stderr
    assert "成环（甲→甲）" in told.stderr


def test_with_an_organisation_the_bodies_shown_are_its_own(starter: CommandLine, tmp_path: Path) -> None:
    bodies = tmp_path / "bodies.yaml"
    roles = "roles: {special_group: [甲], counties: [丙], reform_office: 乙改革办}\n"
    bodies.write_text(roles + "bodies: [{name: 甲}, {name: 丙}, {name: 乙改革办}]\n", encoding="utf-8")

    told = starter("regime", "check", "kunming", "--organisation", bodies)

    assert told.exit_code == 0, told.stderr
    assert "乙改革办" in told.stdout


def test_what_two_files_say_differently_is_told_in_words(starter: CommandLine, tmp_path: Path) -> None:
    own(
        tmp_path,
        ("above: 15, through: 30", "above: 10, through: 30"),
        ("    suspend: [supervising_body, reform_office]", "    suspend: [reform_office]"),
    )
    assert "规定相同" in starter("regime", "diff", "kunming", "kunming").stdout
    rows = starter.json("regime", "diff", "kunming", "own")
    assert [(row["section"], row["item"], row["field"], row["before"], row["after"]) for row in rows] == [
        ("提醒阶梯", "phone", "何时", "滞后 16 至 30 天", "滞后 11 至 30 天"),
        ("权限", "暂停计时", "由谁办理", "督察责任主体（交办单位）、市委改革办", "市委改革办"),
    ]


def test_without_a_ledger_nobody_knows_what_runs(starter: CommandLine, tmp_path: Path) -> None:
    own(tmp_path)
    assert starter.refused("regime", "diff", "kunming", "own", "--running")


def test_the_schema_is_printed(starter: CommandLine) -> None:
    assert '"提醒阶梯' in starter("regime", "schema").stdout
    assert '"formerly"' in starter("regime", "schema", "--organisation").stdout
