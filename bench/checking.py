"""Checking a plan file, beside reading the same rows with openpyxl, in turn.

Two plans: one as offices write them, with a few deadlines used again and again, and for comparison the worst there is,
in which no deadline occurs twice and each is read anew. Each as CSV and as a workbook; the first also with the lead
bodies merged over three rows each, beside openpyxl loading it whole, which is how openpyxl tells of merged cells.
"""

import csv
import gc
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import openpyxl
import xlsxwriter  # type: ignore[import-untyped] # no stubs exist

from duban.intake import IntakeOptions, read_plan

ROWS = 10_000
PAIRS = 7
HEADINGS = ("编号", "改革事项", "牵头领导", "责任单位", "配合单位", "主要举措", "成果形式", "完成时限")
LEAD = HEADINGS.index("责任单位")
USUAL = ("6月底前", "12月底前", "第三季度", "9月30日前", "上半年", "8月底出台，12月底前完成", "5月底见效并持续推进")
OPTIONS = IntakeOptions(code="CHECK", issued_on=date(2026, 3, 2))


def checking() -> None:
    """Print the median of the ratio for every file."""
    print(f"checking {ROWS:,} rows, beside reading them with openpyxl ({PAIRS} pairs)")
    for name, deadlines, budget in (
        ("deadlines as usual", _usual(), " (budget ≤ 2)"),
        ("no deadline twice", _all_different(), ""),
    ):
        with tempfile.TemporaryDirectory(prefix="duban-bench-") as folder:
            plan, book = Path(folder) / "plan.csv", Path(folder) / "plan.xlsx"
            _write(plan, book, deadlines)
            _compare(f"{name}, CSV", plan, book, _read, budget)
            _compare(f"{name}, workbook", book, book, _read, budget)
            if budget:
                merged = Path(folder) / "merged.xlsx"
                _write(plan, merged, deadlines, merge=True)
                _compare(f"{name}, workbook with merged cells", merged, merged, _load, budget)


def _compare(name: str, plan: Path, book: Path, read: Callable[[Path], None], budget: str) -> None:
    ratios = [_seconds(partial(_check, plan)) / _seconds(partial(read, book)) for _ in range(PAIRS)]
    low, middle, high = statistics.quantiles(ratios, n=4)
    print(f"  {name}: median {middle:.2f} times, quartiles {low:.2f}–{high:.2f}{budget}", flush=True)


def _usual() -> Sequence[str]:
    return [USUAL[number % len(USUAL)] for number in range(ROWS)]


def _all_different() -> Sequence[str]:
    first = date(2026, 4, 1)
    days = [first + timedelta(days=number // 40) for number in range(ROWS)]
    return [f"{day.year}年{day.month}月{day.day}日前完成第{number}批" for number, day in enumerate(days, start=1)]


def _write(plan: Path, book: Path, deadlines: Sequence[str], *, merge: bool = False) -> None:
    rows = [
        (
            f"CHECK-{number:05}",
            f"第{number}项改革",
            "张三",
            f"市{number % 60}局",
            "市教育局",
            "建立机制",
            "方案",
            deadline,
        )
        for number, deadline in enumerate(deadlines, start=1)
    ]
    with plan.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([HEADINGS, *rows])
    with xlsxwriter.Workbook(str(book)) as workbook:
        sheet = workbook.add_worksheet()
        for number, row in enumerate([HEADINGS, *rows]):
            sheet.write_row(number, 0, row)
        for first in range(1, ROWS - 2, 3) if merge else ():
            sheet.merge_range(first, LEAD, first + 2, LEAD, rows[first - 1][LEAD])


def _check(plan: Path) -> None:
    read = read_plan(plan, OPTIONS)
    assert read.plan is not None, "a plan with errors is not the one to be measured"
    assert len(read.plan.tasks) == ROWS


def _read(book: Path) -> None:
    sheet = openpyxl.load_workbook(book, read_only=True).active
    assert sheet is not None
    assert sum(1 for _ in sheet.iter_rows(values_only=True)) == ROWS + 1


def _load(book: Path) -> None:
    assert openpyxl.load_workbook(book).worksheets[0].merged_cells.ranges


def _seconds(work: Callable[[], None]) -> float:
    gc.collect()
    began = time.process_time()  # what else this machine does is no part of it
    work()
    return time.process_time() - began
