"""Cells of a workbook whose text does not tell all: formulas, faults, half-shown dates, numbers that may be dates."""

from duban.intake.deadlines.deadline_reading import DeadlineReading
from duban.intake.files.tables import Oddity, Row
from duban.intake.rows.row_problems import RowProblems
from duban.intake.sheets.columns import Columns, Field

_AS_VALUE = "请复制这一格，用“选择性粘贴—数值”粘贴回原处，核对后再试。"
_JANUARY_OR_OCTOBER = ".1"


def reject_unusable_cells(row: Row, columns: Columns, problems: RowProblems) -> None:
    """Names every cell of a column in use that cannot be taken for what it shows.

    What a formula comes to is only what some program once stored beside it.
    """
    if not row.remarks:
        return
    for field, place in columns.places.items():
        remark = row.remarks.get(place)
        if remark is None:
            continue
        match remark.oddity:
            case Oddity.FORMULA:
                problems.reject(field, remark.written, "这一格是公式，文件里存的计算结果不能作准。", _AS_VALUE)
            case Oddity.FAULT:
                problems.reject(field, remark.written, "这一格是错误值。", "请改成正确的内容。")
            case Oddity.SERIAL if field is Field.DEADLINE:
                problems.reject(
                    field,
                    remark.written,
                    f"这一格是数字，可能是日期{remark.day}，但没有设为日期格式。",
                    f"请写成“{remark.day}”，或把单元格格式设为日期。",
                )
            case Oddity.FRACTION if field is Field.DEADLINE and remark.written.endswith(_JANUARY_OR_OCTOBER):
                problems.reject(
                    field,
                    remark.written,
                    "这一格是小数，分不清是1月还是10月（10月输成数字会丢掉末尾的0）。",
                    f"请写成“{remark.written.removesuffix(_JANUARY_OR_OCTOBER)}年1月”或“…年10月”。",
                )
            case _:
                pass  # as written


def warn_of_half_shown_date(row: Row, columns: Columns, reading: DeadlineReading, problems: RowProblems) -> None:
    """Where a cell shows ``6月30日`` and holds a day of another year than it was read as."""
    if not row.remarks:
        return
    remark = row.remarks.get(columns.places[Field.DEADLINE]) if Field.DEADLINE in columns.places else None
    if remark is None or remark.oddity is not Oddity.PART_OF_A_DATE or remark.day is None:
        return
    read_as = [milestone.due_on for milestone in reading.milestones]
    same_month = any((day.year, day.month) == (remark.day.year, remark.day.month) for day in read_as)
    if remark.day in read_as or (same_month and remark.day.day == 1):
        return
    shown = columns.cell(row.cells, Field.DEADLINE)
    problems.warn(
        Field.DEADLINE,
        shown,
        f"单元格里的日期是{remark.day}，只显示“{shown}”，按显示的读作{'、'.join(map(str, read_as)) or '无日期'}。",
        "如与原意不符，请写全年月日。",
    )
