"""`rehearse-year`: a year of a small office, from files, without any server: table, workbook, picture."""

from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml
from defusedxml import ElementTree

from tests.commands.conftest import CommandLine, PlanFileWriter
from tests.supervision.offices import ORGANISATION, rulebook

TASKS = ("T-1,甲事,张三,市财政局,,,文件,2023年6月30日", "T-2,乙事,李四,市民政局,,,文件,2023年10月底")
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """A regime of the office's own and its organisation."""
    regime, organisation = tmp_path / "own.yaml", tmp_path / "organisation.yaml"
    rules = rulebook().model_copy(update={"name": "own", "title": "甲市督察制度"})
    for file, content in ((regime, rules), (organisation, ORGANISATION)):
        text = yaml.safe_dump(content.model_dump(mode="json"), allow_unicode=True, sort_keys=False)
        file.write_text(text, encoding="utf-8")
    return {"regime": regime, "organisation": organisation}


@pytest.fixture
def arguments(files: dict[str, Path]) -> tuple[object, ...]:
    return (
        "rehearse-year", "--regime", files["regime"], "--organisation", files["organisation"], "--year", "2023",
    )  # fmt: skip


@pytest.fixture
def with_plan(arguments: tuple[object, ...], plan_file: PlanFileWriter) -> tuple[object, ...]:
    return (*arguments, "--plan", plan_file(*TASKS), "--code", "T", "--title", "方案", "--issued-on", "2023-02-01")


def test_a_year_without_a_plan_is_what_comes_round(starter: CommandLine, arguments: tuple[object, ...]) -> None:
    year = starter.json(*arguments)

    assert (year["year"], year["regime"], year["supervising_body"], year["plan"]) == (2023, "own", "市委改革办", "")
    assert [(item["rhythm"], item["period"], item["opens_on"], item["owed_by"]) for item in year["items"]][:3] == [
        ("inspections", "2023", "2023-01-03", "市委改革办"),
        ("reports", "2022-Q4", "2023-01-03", "文化专项小组"),
        ("reports", "2022-Q4", "2023-01-03", "经济专项小组"),
    ]
    assert [left["title"] for left in year["left_out"]] == ["年末盘点", "年中评估"]
    assert {duty["side"] for duty in year["duties"]} == {"supervising"}


def test_with_a_plan_its_tasks_and_what_comes_round_for_them_are_there_as_well(
    starter: CommandLine, with_plan: tuple[object, ...]
) -> None:
    year = starter.json(*with_plan)

    assert year["left_out"] == []
    stocktaking = [item for item in year["items"] if item["rhythm"] == "stocktaking"]
    assert [(item["owed_by"], item["concerns"], item["opens_on"]) for item in stocktaking] == [
        ("市财政局", ["T-1"], "2023-12-01"),
        ("市民政局", ["T-2"], "2023-12-01"),
    ]
    assert ("phone", "2023-07-17") in [
        (notice["level"], notice["deliver_on"]) for notice in year["notices"] if notice["task_code"] == "T-1"
    ]


def test_people_see_both_sides_by_month_the_days_and_what_is_assumed(
    starter: CommandLine, with_plan: tuple[object, ...]
) -> None:
    result = starter(*with_plan)

    assert result.exit_code == 0, result.stderr
    for words in (
        "市委改革办 2023年度督察工作演练（制度：甲市督察制度、《方案》）", "督察一方", "被督察一方", "12月", "市财政局",
        "2023-03-31", "2023年第一季度专项小组季报", "文化专项小组、经济专项小组", "报送报告 2023-04-10", "推定",
        "没有任何单位办理",
    ):  # fmt: skip
        assert words in result.stdout


def test_the_workbook_has_items_duties_notices_and_load(
    starter: CommandLine, with_plan: tuple[object, ...], tmp_path: Path
) -> None:
    file = tmp_path / "year.xlsx"

    result = starter(*with_plan, "--xlsx", file)

    assert f"已写出 {file}。" in result.stdout
    book = openpyxl.load_workbook(file)
    assert book.sheetnames == ["周期性事项", "到期事项", "通知", "负荷"]
    year = starter.json(*with_plan)
    for name, rows in (("周期性事项", "items"), ("到期事项", "duties"), ("通知", "notices")):
        dated = [row for row in book[name].iter_rows(values_only=True) if any(isinstance(v, datetime) for v in row)]
        assert len(dated) == len(year[rows])
    load = {row[1]: row for row in book["负荷"].iter_rows(values_only=True) if row[0] in ("督察一方", "被督察一方")}
    assert sum(int(str(row[-2])) for row in load.values()) == len(year["duties"])
    assert load["市财政局"][0] == "被督察一方"


def test_the_picture_keeps_its_text_and_shows_both_sides(
    starter: CommandLine, with_plan: tuple[object, ...], tmp_path: Path
) -> None:
    file = tmp_path / "year.svg"

    result = starter(*with_plan, "--picture", file)

    assert f"已写出 {file}。" in result.stdout
    texts = _texts(file)
    for side in ("督察一方", "被督察一方"):
        assert f"{side}，逐单位逐月：到期事项/收到的通知（件）" in texts
    for words in ("经济专项小组", "市财政局", "12月"):
        assert words in texts


@pytest.mark.parametrize("title", ["$\\frac{$方案", "<b>&方案"])
def test_a_title_that_looks_like_a_formula_or_a_tag_is_drawn_as_text(
    starter: CommandLine, arguments: tuple[object, ...], plan_file: PlanFileWriter, tmp_path: Path, title: str
) -> None:
    file = tmp_path / "year.svg"

    result = starter(*arguments, "--plan", plan_file(*TASKS), "--title", title, "--picture", file)

    assert result.exit_code == 0, result.stderr
    assert any(title in text for text in _texts(file))


def test_the_same_year_gives_the_same_picture(
    starter: CommandLine, arguments: tuple[object, ...], tmp_path: Path
) -> None:
    for name in ("one.svg", "two.svg"):
        starter(*arguments, "--picture", tmp_path / name)

    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()


def test_a_picture_without_a_chinese_font_is_kept_as_text_or_refused(
    starter: CommandLine, arguments: tuple[object, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("matplotlib.font_manager.get_font_names", lambda: ["DejaVu Sans"])

    assert "本机没有中文字体" in starter.refused(*arguments, "--picture", tmp_path / "year.png")
    assert starter(*arguments, "--picture", tmp_path / "year.svg").exit_code == 0
    assert "经济专项小组" in _texts(tmp_path / "year.svg")


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        (("--picture", "year.jpg"), "扩展名应为 .svg 或 .png"),
        (("--year", "1066"), "“1066”不是可以演练的年份"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(
    starter: CommandLine, arguments: tuple[object, ...], more: tuple[str, ...], reason: str
) -> None:
    result = starter(*arguments, *more)

    assert result.exit_code == 2
    assert reason in result.stderr


def test_a_plan_with_errors_is_not_rehearsed(
    starter: CommandLine, arguments: tuple[object, ...], plan_file: PlanFileWriter
) -> None:
    reason = starter.refused(*arguments, "--plan", plan_file("T-1,甲事,张三,市财政局,,,文件,及时"))

    assert reason.endswith("方案文件有错误，不能演练。")


def test_an_organisation_that_does_not_fit_is_refused(
    starter: CommandLine, arguments: tuple[object, ...], files: dict[str, Path]
) -> None:
    files["organisation"].write_text("roles:\n  reform_office: []\n", encoding="utf-8")

    assert "改革办" in starter.refused(*arguments)


def test_where_the_picture_cannot_be_written_it_is_said(
    starter: CommandLine, arguments: tuple[object, ...], tmp_path: Path
) -> None:
    assert "无法写出" in starter.refused(*arguments, "--picture", tmp_path / "none" / "year.svg")


def _texts(file: Path) -> list[str]:
    root: Any = ElementTree.parse(file).getroot()
    return [text.text or "" for text in root.iter(f"{SVG}text")]
