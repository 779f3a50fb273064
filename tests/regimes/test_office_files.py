"""What is wrong in a file that an office wrote by hand is said all at once, with its line and what to do."""

from pathlib import Path

import pytest

from duban.office_files import MAX_BYTES, OfficeFileError
from duban.organisations import load_organisation
from duban.regimes import available_regimes, load_regime
from duban.regimes.loading import BUNDLED

BUNDLED_KUNMING = (BUNDLED / "kunming.yaml").read_text(encoding="utf-8")


@pytest.fixture
def organisation_file(tmp_path: Path) -> Path:
    return tmp_path / "organisation.yaml"


def _problems(path: Path, text: str) -> tuple[str, ...]:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(OfficeFileError) as refusal:
        load_organisation(path)
    return refusal.value.problems


def test_an_organisation_is_read_with_its_bodies_aliases_and_roles(organisation_file: Path) -> None:
    organisation_file.write_text(
        "\ufeffname: 甲市\nroles: {reform_office: 市委改革办}\nbodies:\n  - {name: 市发改委, aliases: [发改委]}\n",
        encoding="utf-8",
    )
    organisation = load_organisation(organisation_file)
    assert organisation.roles == {"reform_office": "市委改革办"}
    assert organisation.names() == {"市发改委": "市发改委", "发改委": "市发改委"}


def test_the_organisation_of_the_bundled_plan_can_be_read() -> None:
    plans = Path(__file__).resolve().parents[2] / "plans"
    assert load_organisation(plans / "baotou-2022.organisation.yaml").bodies


def test_all_problems_of_a_file_are_named_at_once_each_with_its_line(organisation_file: Path) -> None:
    text = "name: 2016-02-30\nbodies:\n  - name: 市发改委\n    teir: 3\n  - {tier: 9}\n"
    assert _problems(organisation_file, text) == (
        "第 4 行 bodies[1].teir：没有这一项，是否应为 tier？",
        "第 5 行 bodies[2].name：缺少这一项，请补上。",
        "第 5 行 bodies[2].tier：“9”应不大于 4，请改正。",
    )


def test_the_error_names_the_file(organisation_file: Path) -> None:
    organisation_file.write_text("name: [1]\n", encoding="utf-8")
    with pytest.raises(OfficeFileError, match=organisation_file.name) as refusal:
        load_organisation(organisation_file)
    assert refusal.value.path == organisation_file


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("name: &n 甲\nroles: {a: *n}\n", "第 2 行第 12 列：不允许使用别名（*）：请把内容写全。"),
        ("name: 甲\nname: 乙\n", "第 2 行第 1 列：“name”在同一处写了两次：请删去一个。"),
        ("<<: {name: 甲}\n", "第 1 行第 1 列：键必须是一个词：请改正。"),
        ("? [甲]\n: 乙\n", "第 1 行第 3 列：键必须是一个词：请改正。"),
        ("name: " + "[" * 100_000, "第 1 行第 38 列：嵌套过深：请核对缩进。"),
        ("name: 123\n", "第 1 行 name：“123”应为文字；数字和日期请加引号。"),
        ("- 甲\n", "第 1 行：应为若干“键: 值”，请核对缩进。"),
        ("", "整个文件：没有内容，应为若干“键: 值”，请写出。"),
        ("name: \x00\n", "含有 YAML 不允许的字符：请用文本编辑器另存为 UTF-8。"),
        ("name: " + "9" * 5000, "第 1 行第 7 列：数值过长：编号等请加引号。"),
    ],
)
def test_what_yaml_could_hide_or_multiply_is_refused_in_words(organisation_file: Path, text: str, problem: str) -> None:
    assert _problems(organisation_file, text) == (problem,)


def test_a_tag_that_would_run_code_is_refused(organisation_file: Path) -> None:
    (problem,) = _problems(organisation_file, "name: !!python/object/apply:os.getcwd []\n")
    assert problem == "第 1 行第 7 列：不允许使用标签（!）：请直接写内容。"


def test_a_file_of_absurd_size_is_refused_unread(organisation_file: Path) -> None:
    assert _problems(organisation_file, "#" * (MAX_BYTES + 1)) == ("超过 1000 KB：请核对是否选错了文件。",)


def test_a_file_in_another_encoding_is_refused(organisation_file: Path) -> None:
    organisation_file.write_bytes("name: 昆明\n".encode("gb18030"))
    with pytest.raises(OfficeFileError, match="不是 UTF-8 编码"):
        load_organisation(organisation_file)


def test_a_body_that_stands_twice_in_an_organisation_is_named(organisation_file: Path) -> None:
    (problem,) = _problems(organisation_file, "bodies: [{name: 市发改委}, {name: 发改委, aliases: [市发改委]}]\n")
    assert "“市发改委”在机构文件中出现了两次" in problem


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(OfficeFileError, match="没有这个文件"):
        load_organisation(tmp_path / "nowhere.yaml")


def test_an_unknown_regime_is_answered_with_those_there_are(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("", encoding="utf-8")
    with pytest.raises(OfficeFileError, match=r"制度“kumming”") as refusal:
        load_regime("kumming", tmp_path)
    assert "现有：" + "、".join(available_regimes(tmp_path)) in refusal.value.problems[0]
    assert {"mine", "kunming", "bozhou"} <= set(available_regimes(tmp_path))


def test_a_name_does_not_lead_out_of_the_folder_of_regimes(tmp_path: Path) -> None:
    folder = tmp_path / "regimes"
    folder.mkdir()
    (tmp_path / "outside.yaml").write_text(BUNDLED_KUNMING, encoding="utf-8")
    with pytest.raises(OfficeFileError, match="没有这个文件"):
        load_regime("../outside", folder)


def test_an_offices_own_regime_stands_in_for_the_bundled_one_of_its_name(tmp_path: Path) -> None:
    own = BUNDLED_KUNMING.replace("ask_above: 75", "ask_above: 90")
    (tmp_path / "kunming.yaml").write_text(own, encoding="utf-8")
    assert load_regime("kunming", tmp_path) != load_regime("kunming")
    assert load_regime(tmp_path / "kunming.yaml") == load_regime("kunming", tmp_path)


def test_a_regime_whose_name_is_not_its_files_name_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "copy.yaml"
    path.write_text(BUNDLED_KUNMING, encoding="utf-8")
    with pytest.raises(OfficeFileError, match="写的是“kunming”，与文件名“copy”不同"):
        load_regime(str(path))


def test_problems_deep_in_a_regime_are_named_by_their_place(tmp_path: Path) -> None:
    broken = (
        BUNDLED_KUNMING.replace("above: 15, through: 30", "above: x, through: 30")
        .replace("kind: grounds", "kind: mood")
        .replace("submit_explanation: [lead_body, handling_body]", "submit: [lead_body]")
        .replace("call_record: {days: 2, unit: working", "call_record: {days: 2, unit: moons")
    )
    path = tmp_path / "kunming.yaml"
    path.write_text(broken, encoding="utf-8")
    with pytest.raises(OfficeFileError) as refusal:
        load_regime(path)
    lines = [problem.split(" ", 2)[2] for problem in refusal.value.problems]
    assert lines[:3] == [
        "行 ladder.rungs[1].triggers[1].above：“x”应为整数，请改正。",
        "行 ladder.rungs[5].triggers[1]：没有“mood”这一种，应为：lag、urgings、return、demand、grounds。",
        "行 limits.call_record.unit：“moons”不是可用的值，应为：calendar、working。",
    ]
    assert lines[3].startswith("行 authority.acts.submit：“submit”不是可用的值，应为：progress、accept、")


def test_an_assumption_that_also_cites_a_sentence_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "kunming.yaml"
    path.write_text(
        BUNDLED_KUNMING.replace(
            "cycle_notice: {days: 7, unit: calendar, source: {assumed: true}}",
            "cycle_notice: {days: 7, unit: calendar, source: {assumed: true, paragraph: 3, sentence: 提前预告}}",
        ),
        encoding="utf-8",
    )
    with pytest.raises(OfficeFileError) as refusal:
        load_regime(path)
    (problem,) = refusal.value.problems
    assert "cycle_notice.source：" in problem


def test_a_tab_in_the_indentation_is_named_as_such(tmp_path: Path) -> None:
    path = tmp_path / "office.yaml"
    path.write_text("bodies:\n\t- name: 市财政局\n", encoding="utf-8")

    with pytest.raises(OfficeFileError) as refused:
        load_organisation(path)

    assert refused.value.problems == ("第 2 行第 1 列：缩进用了制表符（Tab），请改用空格。",)


def test_a_key_of_another_level_is_not_suggested_to_itself(tmp_path: Path) -> None:
    path = tmp_path / "office.yaml"
    path.write_text("persons: []\n", encoding="utf-8")

    with pytest.raises(OfficeFileError) as refused:
        load_organisation(path)

    assert refused.value.problems == ("第 1 行 persons：persons 不能写在这一层，请核对缩进和位置。",)


def test_a_folder_is_no_office_file(tmp_path: Path) -> None:
    with pytest.raises(OfficeFileError, match="这是文件夹"):
        load_organisation(tmp_path)
