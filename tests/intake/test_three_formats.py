"""The same plan as CSV, as a workbook and in YAML is one plan: the same definition, to the last digit of its digest."""

import csv
import json
from datetime import date
from pathlib import Path

import pytest
import yaml

from duban.intake import IntakeOptions, IntakeResult, LeadRule, read_plan
from duban.intake.sheets.columns import field_of
from duban.supervision.plans.plan import PlanDefinition, ReportCycle
from tests.intake.books import workbook

PLAN = Path(__file__).resolve().parents[2] / "plans" / "baotou-2022.csv"
OPTIONS = IntakeOptions(
    code="BT",
    title="包头市数字政府建设（示例）",
    issued_on=date(2022, 4, 14),
    lead_rule=LeadRule.FIRST_LISTED,
    open_ended_report=ReportCycle.QUARTERLY,
)


@pytest.fixture(scope="module")
def rows() -> list[list[str]]:
    with PLAN.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


@pytest.fixture(scope="module")
def from_csv() -> IntakeResult:
    return read_plan(PLAN, OPTIONS)


def definition(result: IntakeResult) -> PlanDefinition:
    assert result.plan is not None
    return result.plan


def problems(result: IntakeResult) -> list[tuple[str | None, str]]:
    return sorted((problem.column or "", problem.problem) for problem in result.problems)


def test_a_workbook_gives_the_plan_of_the_text_file(
    tmp_path: Path, rows: list[list[str]], from_csv: IntakeResult
) -> None:
    result = read_plan(workbook(tmp_path, ("任务", rows)), OPTIONS)
    assert definition(result) == definition(from_csv)
    assert [(each.row, each.column, each.problem) for each in result.problems] == [
        (each.row, each.column, each.problem) for each in from_csv.problems
    ]


def test_a_workbook_of_several_sheets_gives_the_plan_of_the_text_file(
    tmp_path: Path, rows: list[list[str]], from_csv: IntakeResult
) -> None:
    parts = [
        ("上", [rows[0], *rows[1:40]]),
        ("中", [["第二部分"], rows[0], *rows[40:70]]),
        ("下", [rows[0], *rows[70:]]),
    ]
    assert definition(read_plan(workbook(tmp_path, *parts), OPTIONS)) == definition(from_csv)


@pytest.mark.parametrize("english", [False, True], ids=["Chinese keys", "English keys"])
def test_yaml_gives_the_plan_of_the_text_file(
    tmp_path: Path, rows: list[list[str]], from_csv: IntakeResult, english: bool
) -> None:
    keys = [field.value if english and (field := field_of(key)) else key for key in rows[0]]
    tasks = [dict(zip(keys, row, strict=True)) for row in rows[1:]]
    path = tmp_path / "plan.yaml"
    path.write_text(yaml.safe_dump({"tasks": tasks}, allow_unicode=True, sort_keys=False), encoding="utf-8")
    result = read_plan(path, OPTIONS)
    assert definition(result) == definition(from_csv)
    if not english:
        assert problems(result) == problems(from_csv)


def test_json_is_yaml(tmp_path: Path, rows: list[list[str]], from_csv: IntakeResult) -> None:
    path = tmp_path / "plan.yaml"
    tasks = [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
    path.write_text(json.dumps({"tasks": tasks}, ensure_ascii=False), encoding="utf-8")
    assert definition(read_plan(path, OPTIONS)) == definition(from_csv)
