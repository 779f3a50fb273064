"""Hostile arguments on the command line: an exit code that can be trusted, a short reason, and no stack trace."""

from pathlib import Path

import pytest
from openpyxl import load_workbook

from duban.commands.workbook import Table, write_workbook
from tests.commands.conftest import CommandLine, PlanFileWriter
from tests.hostile import zip_of

LONG = "长" * 100_000
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://example.invalid")', "\t=1", "http://example.invalid"]
ROW = "X-1,一项改革,张三,市财政局,,措施,文件,6月底"
WHO = ("--body", "市财政局", "--person", "张三")


@pytest.mark.parametrize(
    "option",
    [
        ("--code", LONG),
        ("--code", "a/b"),
        ("--code", "\x00"),
        ("--issued-on", "昨天"),
        ("--issued-on", "9999-12-31"),
        ("--issued-on", LONG),
        ("--lead-rule", LONG),
        ("--open-ended-report", "daily"),
        ("--nonsense", LONG),
    ],
    ids=lambda option: f"{option[0]} {option[1][:12]}",
)
def test_an_option_that_cannot_be_used_is_an_error_of_usage(
    starter: CommandLine, plan_file: PlanFileWriter, option: tuple[str, str]
) -> None:
    result = starter("check", plan_file(ROW), *option)
    assert result.exit_code == 2
    assert result.stderr.startswith("用法不对")


@pytest.mark.parametrize("command", ["check", "rehearse", "issue"])
@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("方案.xlsx", zip_of(xl__workbook_dot_xml=b" " * 110_000_000), "解开后有104兆字节"),
        ("方案.xlsx", zip_of(xl__workbook_dot_xml=b"<a>" * 4_100_000), "已损坏或不完整"),
        ("方案.xlsx", b"PK\x03\x04[Content_Types].xml" + bytes(500), "已损坏或不完整"),
        ("方案.yaml", b"a: &a [x, x]\nb: &b [*a, *a]\ntasks: [*b, *b]\n", "用了别名"),
        ("方案.yaml", b"tasks: " + b"[" * 50_000, "嵌套过深"),
    ],
    ids=["bomb", "tags", "noise", "aliases", "nesting"],
)
def test_a_hostile_plan_file_is_refused_by_every_command_that_takes_one(
    starter: CommandLine, tmp_path: Path, home: Path, command: str, name: str, content: bytes, why: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    reason = starter.refused(command, path)
    assert why in reason
    assert len(reason) < 300
    assert not home.exists()


@pytest.mark.parametrize(
    "option",
    [
        ("--title", LONG),
        ("--title", "一\n二"),
        ("--supervising-body", LONG),
        ("--regime", LONG),
        ("--regime", "../../../etc/passwd"),
        ("--regime", "/dev/zero"),
        ("--regime", ""),
        ("--organisation", "/dev/zero"),
        ("--organisation", LONG),
    ],
    ids=lambda option: f"{option[0]} {option[1][:12]!r}",
)
def test_an_option_that_names_nothing_usable_is_refused(
    starter: CommandLine, plan_file: PlanFileWriter, option: tuple[str, str]
) -> None:
    result = starter("check", plan_file(ROW), "--code", "X", *option)
    assert result.exit_code == 1, result.output[:300]
    assert result.output


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[" * 100_000, "不是 JSON"),
        ("1" + "0" * 10_000, "不是 JSON"),
        ("{", "不是 JSON"),
        ("[]", "应为 JSON 对象"),
        ("NaN", "应为 JSON 对象"),
        ("", "不是 JSON"),
    ],
    ids=["nested", "number", "cut off", "list", "NaN", "nothing"],
)
def test_what_is_no_json_object_is_not_sent(starter: CommandLine, text: str, why: str) -> None:
    result = starter("send", "X-1", "progress", text, *WHO)
    assert result.exit_code == 2
    assert why in result.stderr


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ('{"percent": NaN}', "进度（percent）"),
        ('{"note": "' + "a" * 10_000 + '"}', "说明（note）过长"),
        ('{"note": "\\ud800"}', "无法保存的字符"),
        ('{"milestones": [' + ",".join(["1"] * 30_000) + "]}", "内容过多"),
        ('{"milestones": [1, 2], "evidence": "' + "据" * 3_900 + '"}', "依据（evidence）随2个节点各存一份"),
        ('{"z' + "z" * 10_000 + '": 1}', "不认识的字段"),
    ],
    ids=["NaN", "long", "surrogate", "many", "evidence", "unknown"],
)
def test_what_a_task_would_refuse_for_its_size_is_not_even_sent(starter: CommandLine, facts: str, why: str) -> None:
    reason = starter.refused("send", "X-1", "progress", facts, *WHO)
    assert why in reason
    assert len(reason) < 700


def test_a_pipe_instead_of_a_plan_is_refused_at_once(starter: CommandLine) -> None:
    assert "管道或设备" in starter.refused("check", "/dev/zero")


def test_what_looks_like_a_formula_is_text_in_the_workbook_that_we_write(tmp_path: Path) -> None:
    file = tmp_path / "台账.xlsx"
    columns = [(heading, 10.0) for heading in FORMULAS]
    write_workbook(file, [Table(name="台账", title=FORMULAS[0], columns=columns, rows=[FORMULAS, FORMULAS[::-1]])])
    sheet = load_workbook(file)["台账"]
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert len(cells) == 1 + 3 * len(FORMULAS)
    assert {cell.data_type for cell in cells} == {"s"}
    assert not any(cell.hyperlink for cell in cells)
    assert [cell.value for cell in cells[1 : 1 + len(FORMULAS)]] == FORMULAS
