"""Plan files made to harm, or given by mistake: refused in words, soon, and without filling the memory."""

import os
from datetime import date
from pathlib import Path

import pytest

from duban.intake import IntakeError, IntakeOptions, IntakeResult, Severity, read_plan
from duban.intake.files.files import read_source
from duban.intake.rows.bounds import (
    LONGEST_DEADLINE,
    LONGEST_DELIVERABLE,
    LONGEST_HISTORY,
    LONGEST_MEASURES,
    LONGEST_NAME,
    LONGEST_PLAN_TITLE,
    LONGEST_TITLE,
    MOST_MILESTONES,
    MOST_SUPPORTING,
)
from tests.hostile import zip_of

HEADING = "编号,事项,牵头领导,牵头单位,配合单位,任务措施,成果形式,完成时限,已完成节点,已发提醒"
BOMB = zip_of(xl__workbook_dot_xml=b"<workbook/>", xl__sheet_dot_xml=b"0" * 50_000_000)
ENTITIES = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "cccc"><!ENTITY d "&b;&b;">]><a>&d;</a>'


def written(folder: Path, content: bytes, name: str = "方案.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


LAUGHTER = b"a: &a [lol, lol]\nb: &b [*a, *a, *a, *a]\ntasks: [*b, *b, *b, *b]\n"


FILES: dict[str, tuple[str, bytes, str]] = {
    "a zip bomb": ("方案.xlsx", BOMB, "工作簿“方案.xlsx”已损坏或不完整"),
    "a zip bomb called CSV": ("方案.csv", BOMB, "其实是 Office 文档"),
    "a workbook cut off": ("方案.xlsx", BOMB[:200], "工作簿"),
    "a workbook of noise": ("方案.xlsx", b"PK\x03\x04" + b"\x00\xff" * 500, "其实是压缩文件"),
    "a workbook that is text": ("方案.xlsx", b"a,b\n1,2\n", "内容与扩展名“.xlsx”不符"),
    "entities in entities": ("方案.csv", ENTITIES, "网页或程序数据"),
    "YAML aliases": ("方案.yaml", LAUGHTER, r"第2行用了别名（\*a）"),
    "YAML nested without end": ("方案.yaml", b"tasks: " + b"[" * 100_000, "第1行嵌套过深"),
    "YAML tags": ("方案.yaml", b"tasks: !!python/object/apply:os.system [ls]\n", "用了标签"),
    "YAML of two documents": ("方案.yaml", b"tasks: []\n---\ntasks: []\n", "又开始了一份文档"),
    "YAML that ends too soon": ("方案.yaml", b"tasks: [{a: 1", "不是正确的 YAML"),
    "YAML without tasks": ("方案.yaml", b"title: x\n", "没有 tasks"),
    "YAML of a number": ("方案.yaml", b"1\n", "应为若干"),
    "YAML and nothing": ("方案.yaml", b"# nothing\n", "是空的"),
    "YAML with a key twice": ("方案.yaml", b"tasks:\n- a: 1\n  a: 2\n", "第3行“a”在同一处写了两次"),
    "YAML with a list as a key": ("方案.yaml", b"tasks:\n- [a, b]: 1\n", "第2行的键必须是一个词"),
    "YAML merged": ("方案.yaml", b"tasks:\n- <<: {a: 1}\n", "键必须是一个词"),
    "YAML of a hundred thousand keys": (
        "方案.yaml",
        b"tasks:\n- " + b"\n  ".join(b"k%d: 1" % n for n in range(100_000)),
        "任务的键多得",
    ),
    "NUL": ("方案.csv", HEADING.encode() + b"\nA-1,\x00\n", "不是文本，或编码认不出来"),
    "NUL far below": ("方案.csv", HEADING.encode() + b"\n" * 5_000 + b"A-1,\x00\n", "看不见的控制字符"),
    "noise": ("方案.csv", bytes(range(256)) * 40, "不是文本"),
    "half a letter": ("方案.csv", "编号,事项".encode()[:-1] + b"\xff", "不是文本"),
    "a byte order mark and nothing": ("方案.csv", b"\xef\xbb\xbf", "是空的"),
    "a million columns": ("方案.csv", b"," * 1_000_000 + b"\n", "栏，不像是一份方案"),
    "a cell of ten megabytes": ("方案.csv", HEADING.encode() + b'\nA-1,"' + b"a" * 10_000_000, "读不下去"),
    "a million rows": ("方案.csv", HEADING.encode() + b"\nA-1,x" * 1_000_000, "超过100000行"),
    "quotation marks only": ("方案.csv", b'"' * 100_000, ""),
}


@pytest.mark.parametrize(("name", "content", "why"), FILES.values(), ids=FILES)
def test_a_file_that_is_no_plan_is_refused_in_words(tmp_path: Path, name: str, content: bytes, why: str) -> None:
    path = written(tmp_path, content, name)
    if why:
        with pytest.raises(IntakeError, match=why):
            read_source(path)
    else:
        assert read_plan(path, IntakeOptions(issued_on=date(2022, 4, 14))).has_errors


def test_a_file_of_a_hundred_megabytes_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "方案.csv"
    with path.open("wb") as file:
        file.truncate(100_000_000)
    with pytest.raises(IntakeError, match="超过32兆字节"):
        read_source(path)


def test_what_is_no_file_is_refused_at_once(tmp_path: Path) -> None:
    pipe = tmp_path / "方案.csv"
    os.mkfifo(pipe)
    for path, why in ((pipe, "管道或设备"), (Path("/dev/zero"), "管道或设备"), (tmp_path, "文件夹")):
        with pytest.raises(IntakeError, match=why):
            read_source(path)
    for path in (tmp_path / "无.csv", tmp_path / ("长" * 300), Path("a\x00b.csv"), pipe / "下面.csv"):
        with pytest.raises(IntakeError, match=r"找不到文件|打不开文件"):
            read_source(path)


def result_of(folder: Path, **cells: str) -> IntakeResult:
    row = {"编号": "X-1", "事项": "一项改革", "牵头单位": "市财政局", "完成时限": "6月底", **cells}
    line = ",".join(f'"{row.get(name, "")}"' for name in HEADING.split(","))
    path = written(folder, f"{HEADING}\n{line}\n".encode())
    return read_plan(path, IntakeOptions(issued_on=date(2022, 4, 14)))


MANY = "、".join(f"市第{n}局" for n in range(MOST_SUPPORTING + 1))
MONTHS = "；".join(f"{year}年{month}月底" for year in range(2022, 2026) for month in range(1, 13))


@pytest.mark.parametrize(
    ("column", "cell", "problem"),
    [
        ("事项", "改" * (LONGEST_TITLE + 1), f"有{LONGEST_TITLE + 1}字，最多{LONGEST_TITLE}字。"),
        ("牵头领导", "张" * (LONGEST_NAME + 1), f"最多{LONGEST_NAME}字。"),
        ("牵头单位", "局" * (LONGEST_NAME + 1), f"单位名称有{LONGEST_NAME + 1}字"),
        ("配合单位", "局" * (LONGEST_NAME + 1), f"单位名称有{LONGEST_NAME + 1}字"),
        ("配合单位", MANY, f"配合单位有{MOST_SUPPORTING + 1}个，最多{MOST_SUPPORTING}个。"),
        ("任务措施", "措" * (LONGEST_MEASURES + 1), f"最多{LONGEST_MEASURES}字。"),
        ("成果形式", "果" * (LONGEST_DELIVERABLE + 1), f"最多{LONGEST_DELIVERABLE}字。"),
        ("完成时限", "6月底" * LONGEST_DEADLINE, f"最多{LONGEST_DEADLINE}字。"),
        ("完成时限", MONTHS, f"最多{MOST_MILESTONES}个。"),
        ("已完成节点", "3月底：2022-03-28（报）；" * LONGEST_HISTORY, f"最多{LONGEST_HISTORY}字。"),
        ("已发提醒", "电话2022-05-16；" * LONGEST_HISTORY, f"最多{LONGEST_HISTORY}字。"),
    ],
)
def test_a_row_that_holds_more_than_a_task_can_carry_is_an_error_that_names_the_bound(
    tmp_path: Path, column: str, cell: str, problem: str
) -> None:
    result = result_of(tmp_path, **{column: cell})
    assert result.plan is None
    found = [p for p in result.problems if p.severity is Severity.ERROR and problem in p.problem]
    assert [(p.row, len(p.value) <= 201, bool(p.suggestion)) for p in found] == [(2, True, True)]


@pytest.mark.parametrize("text", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "=HYPERLINK(0)", "\t=1"])
def test_a_formula_is_a_text_like_any_other(tmp_path: Path, text: str) -> None:
    result = result_of(tmp_path, 事项=text)
    assert result.plan is not None
    assert result.plan.tasks[0].title == text.strip()


def test_a_title_without_end_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "编号,事项,牵头单位,完成时限\nX-1,一项,市财政局,6月底\n".encode())
    title = "题" * (LONGEST_PLAN_TITLE + 1)
    result = read_plan(path, IntakeOptions(issued_on=date(2022, 4, 14), title=title))
    assert [(p.column, p.problem) for p in result.problems if p.severity is Severity.ERROR] == [
        ("--title", "方案标题有201字，或含有看不见的字符。")
    ]
