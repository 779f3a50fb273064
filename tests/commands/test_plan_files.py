"""The one way in for every command: three kinds of files, and what a YAML plan says in place of the command line."""

import csv
import io
from datetime import date
from pathlib import Path

import pytest
import yaml
from openpyxl import Workbook

from duban.commands.plan_files import PlanFile, read_plan_file
from duban.commands.plan_option_values import PlanOptions
from duban.intake import IntakeError, LeadRule
from tests.commands.conftest import HEADING, CommandLine, PlanFileWriter

ROWS = (
    "T-01,甲事,张三,市医保局,市财政局、市司法局,一、合并窗口,文件,2026年6月底",
    "T-02,乙事,李四,市财政局,,,文件,5月底前报送方案；10月底前完成",
)
GIVEN = PlanOptions(title="收件改革方案", issued_on=date(2026, 1, 5))


def rows() -> list[list[str]]:
    return list(csv.reader(io.StringIO("\n".join((HEADING, *ROWS)))))


@pytest.fixture
def files(plan_file: PlanFileWriter, tmp_path: Path) -> tuple[Path, Path, Path]:
    """The same plan as CSV, as a workbook and in YAML."""
    book = Workbook()
    for row in rows():
        book.worksheets[0].append(row)
    book.save(tmp_path / "plan.xlsx")
    heading, *tasks = rows()
    text = yaml.safe_dump({"tasks": [dict(zip(heading, task, strict=True)) for task in tasks]}, allow_unicode=True)
    (tmp_path / "plan.yaml").write_text(text, encoding="utf-8")
    return plan_file(*ROWS), tmp_path / "plan.xlsx", tmp_path / "plan.yaml"


def stated(folder: Path, *lines: str, options: PlanOptions | None = None) -> PlanFile:
    path = folder / "plan.yaml"
    task = "  - {事项: 甲事, 牵头领导: 张三, 牵头单位: 市医保局、市财政局, 成果形式: 文件, 完成时限: 6月底}"
    path.write_text("\n".join((*lines, "tasks:", task, "")), encoding="utf-8")
    return read_plan_file(path, options or PlanOptions())


def test_the_same_plan_is_stored_alike_whatever_kind_of_file_it_was(files: tuple[Path, Path, Path]) -> None:
    stored = [read_plan_file(file, GIVEN).stored for file in files]

    assert stored[0] is not None
    assert len({plan.model_dump_json() for plan in stored if plan is not None}) == 1
    assert None not in stored


def test_every_kind_of_file_is_rehearsed_alike(starter: CommandLine, files: tuple[Path, Path, Path]) -> None:
    foreseen = [starter.json("rehearse", file, "--issued-on", "2026-01-05", "--until", "2026-12-31") for file in files]

    assert foreseen[0]
    assert foreseen[0] == foreseen[1] == foreseen[2]


def test_a_plan_in_yaml_may_say_all_that_the_command_line_can(tmp_path: Path) -> None:
    (tmp_path / "office.yaml").write_text(
        "roles: {supervising_body: 市委改革办}\nbodies:\n  - name: 市医保局\n  - name: 市财政局\n  - name: 市委改革办\n"
        "  - name: 市委全面深化改革领导小组\n",
        encoding="utf-8",
    )
    read = stated(
        tmp_path,
        "方案编号: GG2026",
        "title: 收件改革方案",
        "印发日期: 2026-03-02",
        "regime: kunming",
        "organisation: office.yaml",
        "supervising-body: 市委改革办",
        "lead_rule: first-listed",
        "open_ended_report: quarterly",
    )

    assert read.stored is not None
    plan = read.stored.definition
    assert (plan.code, plan.title, plan.issued_on) == ("GG2026", "收件改革方案", date(2026, 3, 2))
    assert (plan.regime, plan.supervising_body) == ("kunming", "市委改革办")
    assert plan.tasks[0].lead_body == "市医保局"
    assert [body.name for body in read.stored.organisation.bodies][:2] == ["市医保局", "市财政局"]
    assert not read.code_from_file_name


def test_the_command_line_has_the_last_word(tmp_path: Path) -> None:
    given = PlanOptions(code="KG", issued_on=date(2026, 4, 1), lead_rule=LeadRule.FIRST_LISTED)
    read = stated(tmp_path, "code: GG", "title: 收件改革方案", "issued_on: 2026-03-02", options=given)

    assert read.stored is not None
    plan = read.stored.definition
    assert (plan.code, plan.title, plan.issued_on) == ("KG", "收件改革方案", date(2026, 4, 1))
    assert read.options.issued_on == date(2026, 4, 1)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("issued_on: 昨天", "不是日期"),
        ("issued_on: 1066-10-14", "请核对年份"),
        ("印发日期: 2026-02-30", "不是日期"),
        ("lead_rule: loudest", "应为：first-listed"),
        ("open_ended_report: daily", "应为：monthly、two-monthly、quarterly"),
        ("code: 督改/2026", "请用文字、数字和短横"),
        ("regime: ../kunming.yaml", "--regime"),
        ("regime: /etc/passwd", "--regime"),
        ("organisation: ../office.yaml", "--organisation"),
        ("organisation: /etc/passwd", "--organisation"),
        ("organisation: 'C:office.yaml'", "--organisation"),
    ],
)
def test_what_a_plan_states_and_cannot_be_used_is_refused_with_its_line(tmp_path: Path, line: str, why: str) -> None:
    with pytest.raises(IntakeError, match=why) as refused:
        stated(tmp_path, "# 方案", line)
    assert "方案文件“plan.yaml”第2行" in str(refused.value)
