"""What an office gets wrong in its first regime file: each slip is named where it stands, with what to write."""

from pathlib import Path

import pytest

from duban.office_files import OfficeFileError
from duban.regimes.checking import check_organisation, check_regime

SIXTH = Path(__file__).with_name("binhai.yaml").read_text(encoding="utf-8")


def said(folder: Path, old: str, new: str) -> list[str]:
    """What is said of the file with one change."""
    assert old in SIXTH, old
    path = folder / "binhai.yaml"
    path.write_text(SIXTH.replace(old, new, 1), encoding="utf-8")
    return [str(problem) for problem in check_regime(path).problems]


@pytest.mark.parametrize(
    ("old", "new", "place", "remedy"),
    [
        ("zone: Asia/Shanghai", "zone: 北京时间", "zone：", "没有“北京时间”这个时区，请写 IANA 名称"),
        ("  hotline:\n", "  热线:\n", "procedures.热线：", "代号由小写字母、数字和下划线组成"),
        ("when: {grade: [urgent]}", "when: {grade: urgent}", ".by[1].when.grade：", "请写成 [urgent]"),
        (
            "\nchasing:\n",
            "\ncopies: [{levels: [purple], to: [superior_body], source: {assumed: true}}]\nchasing:\n",
            "copies[1].levels[1]：",
            "阶梯中没有“purple”这一级（有：yellow、orange、red、visit）",
        ),
    ],
)
def test_a_slip_is_named_where_it_stands_and_once(tmp_path: Path, old: str, new: str, place: str, remedy: str) -> None:
    found = said(tmp_path, old, new)
    assert len([problem for problem in found if remedy in problem]) == 1, found
    assert place in next(problem for problem in found if remedy in problem)
    assert not [problem for problem in found if "应为文字" in problem or "第 2 行" in problem]


def test_points_for_a_level_that_the_ladder_does_not_have_are_never_given(tmp_path: Path) -> None:
    rule = "{title: 红单, counts: reminder, of: [black], points: -1, source: {assumed: true}}"
    [problem] = said(tmp_path, "\nchasing:\n", f"\nappraisal: {{rules: [{rule}]}}\nchasing:\n")
    assert "appraisal.rules" in problem
    assert "“black”不在可记的之内" in problem


def test_a_procedure_that_nobody_opens_is_named(tmp_path: Path) -> None:
    [problem] = said(tmp_path, "    opened_by: ", "    # opened_by: ")
    assert "没有谁能立项" in problem


def test_a_chinese_colon_after_a_key_is_named_as_one(tmp_path: Path) -> None:
    path = tmp_path / "binhai.yaml"
    path.write_text(SIXTH.replace("zone: Asia", "zone：Asia", 1), encoding="utf-8")
    with pytest.raises(OfficeFileError, match="“zone”后面是全角冒号"):
        check_regime(path)


def test_a_name_that_is_nearly_that_of_a_body_is_asked_about(tmp_path: Path) -> None:
    path = tmp_path / "organisation.yaml"
    path.write_text(
        "roles: {reform_office: 市督察中心}\n"
        "bodies:\n  - {name: 市督查中心}\n  - {name: 市住建局, supervised_by: 市督查中新}\n"
        "  - {name: 市民政局, supervised_by: 省民政厅}\n",
        encoding="utf-8",
    )
    _, problems = check_organisation(path)
    assert [(problem.line, problem.place) for problem in problems] == [
        (4, "bodies[2].supervised_by"),
        (1, "roles.reform_office"),
    ]
    assert all("是否应为“市督查中心”" in problem.text for problem in problems)
