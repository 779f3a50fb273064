"""The blank workbook that a plan is written into: what the columns mean, drop-downs, and an example row.

All cells are text: Excel would make another thing of a typed ``6月30日`` or ``01``.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import xlsxwriter  # type: ignore[import-untyped] # no stubs exist

from duban.commands.reasons import Refused
from duban.commands.workbook import SHADE
from duban.intake.columns import Field
from duban.intake.example import EXAMPLE, INSTRUCTIONS_SHEET, TITLE_HINT

TASKS_SHEET = "任务"
BLANK_ROWS = 200
_TITLE_ROW, _HEADING_ROW, _FIRST_ROW = 0, 1, 2
_REQUIRED_SHADE = "#F4CCCC"
_GREY = "#808080"
_BODIES_FROM = 18
"""Row of the instructions, from 0, below which the bodies stand."""


class TemplateColumn(NamedTuple):
    """A column of the template."""

    field: Field
    heading: str
    width: int
    required: bool
    advice: str


COLUMNS = (
    TemplateColumn(Field.CODE, "编号", 12, False, "全表不重复，如 GG2026-01；不填则自动编号。"),
    TemplateColumn(Field.TITLE, "改革事项", 36, True, "一行一项任务。"),
    TemplateColumn(Field.LEADER, "牵头领导", 12, False, "姓名或职务。不填不影响下发，但约谈、说明都要找他。"),
    TemplateColumn(Field.LEAD_BODY, "牵头单位", 18, True, "只写一个单位，用机构文件里的名称。"),
    TemplateColumn(Field.HANDLING_BODY, "具体承办单位", 18, False, "只写一个单位；不填即为牵头单位。"),
    TemplateColumn(Field.SUPPORTING_BODIES, "配合单位", 24, False, "几个单位用顿号隔开。"),
    TemplateColumn(Field.MEASURES, "任务措施", 36, False, "几条措施写在同一格里，用 Alt+Enter 换行。"),
    TemplateColumn(Field.DELIVERABLE, "成果形式", 20, False, "销号时对照的成果，如“印发文件”。"),
    TemplateColumn(
        Field.DEADLINE,
        "完成时限",
        28,
        True,
        "照文件写，如：6月底前；第三季度；2026年9月30日；印发之日起30日内；5月底前报送方案；10月底前完成。",
    ),
    TemplateColumn(Field.LIST_KINDS, "所属清单", 12, False, "年度、重点、基层、试点、问题；几种用顿号隔开。"),
    TemplateColumn(Field.DECIDED_ABOVE, "上级决策", 10, False, "中央、省、市领导小组的决策填“是”。"),
)
_RULES = (
    "从表头下面第一行起逐行填写，红色表头的栏目必填；填写前请删去灰色的示例行（不删也不会当作任务）。",
    "不要合并单元格，不要用公式；可以另加工作表，表头相同的都会读取。",
    "填好后运行 starter.py check 文件名 检查，全部问题一次列出；加 --mark 副本.xlsx 会把问题批注在副本里。",
)


def write_plan_template(path: Path, bodies: Sequence[str]) -> None:
    """Writes the template as a new file.

    Args:
        path: Where to.
        bodies: Names for the drop-downs; empty leaves the columns of bodies free.

    Raises:
        Refused: The file is there already, or cannot be written.
    """
    if path.exists():
        raise Refused(f"“{path}”已经存在，没有写出模板。请换一个文件名，以免盖掉填好的内容。")
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(str(path), options)
    _write_tasks(book, len(bodies))
    _write_instructions(book, bodies)
    try:
        book.close()
    except (OSError, xlsxwriter.exceptions.XlsxWriterException) as error:
        raise Refused(f"无法写出“{path}”（{error}）。请核对文件夹是否存在、能否写入。") from error


def _write_tasks(book: Any, bodies: int) -> None:
    sheet = book.add_worksheet(TASKS_SHEET)
    cell = {"text_wrap": True, "valign": "top", "border": 1, "num_format": "@"}
    blank = book.add_format(cell)
    example = book.add_format({**cell, "italic": True, "font_color": _GREY})
    title = book.add_format({"bold": True, "font_size": 16, "align": "center", "valign": "vcenter"})
    sheet.merge_range(_TITLE_ROW, 0, _TITLE_ROW, len(COLUMNS) - 1, TITLE_HINT, title)
    sheet.set_row(_TITLE_ROW, 30)
    sheet.set_row(_HEADING_ROW, 24)
    sheet.set_row(_FIRST_ROW, 34)
    last = _FIRST_ROW + BLANK_ROWS
    for place, column in enumerate(COLUMNS):
        shade = _REQUIRED_SHADE if column.required else SHADE
        heading = {"bold": True, "align": "center", "valign": "vcenter", "border": 1, "bg_color": shade}
        sheet.set_column(place, place, column.width)
        sheet.write_string(_HEADING_ROW, place, column.heading, book.add_format(heading))
        sheet.write_string(_FIRST_ROW, place, EXAMPLE[column.field], example)
        for row in range(_FIRST_ROW + 1, last + 1):
            sheet.write_blank(row, place, None, blank)
        sheet.data_validation(_FIRST_ROW, place, last, place, _choice(column, bodies))
    sheet.freeze_panes(_FIRST_ROW, 2)
    sheet.set_landscape()
    sheet.set_paper(8)  # A3
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(_HEADING_ROW)
    sheet.print_area(_TITLE_ROW, 0, last, len(COLUMNS) - 1)


def _choice(column: TemplateColumn, bodies: int) -> dict[str, object]:
    """A drop-down where there is something to choose from, and advice in any case; other words stay possible."""
    advice: dict[str, object] = {"validate": "any", "input_title": column.heading, "input_message": column.advice}
    listed = {**advice, "validate": "list", "error_type": "information", "error_message": column.advice}
    match column.field:
        case Field.DECIDED_ABOVE:
            return {**listed, "source": ["是", "否"]}
        case Field.LIST_KINDS:
            return {**listed, "source": ["年度", "重点", "基层", "试点", "问题"]}
        case Field.LEAD_BODY | Field.HANDLING_BODY if bodies:
            return {**listed, "source": f"='{INSTRUCTIONS_SHEET}'!$A${_BODIES_FROM + 2}:$A${_BODIES_FROM + 1 + bodies}"}
        case _:
            return advice


def _write_instructions(book: Any, bodies: Sequence[str]) -> None:
    sheet = book.add_worksheet(INSTRUCTIONS_SHEET)
    text = book.add_format({"text_wrap": True, "valign": "top", "border": 1})
    bold = book.add_format({"bold": True, "valign": "vcenter", "border": 1, "bg_color": SHADE})
    plain = book.add_format({"valign": "top"})
    for place, width in enumerate((24, 10, 100, 44)):
        sheet.set_column(place, place, width)
    for row, rule in enumerate(_RULES):
        sheet.write_string(row, 0, f"{row + 1}. {rule}", plain)
    at = len(_RULES) + 1
    for place, words in enumerate(("名称", "是否必填", "怎样填", "例")):
        sheet.write_string(at, place, words, bold)
    for row, column in enumerate(COLUMNS, start=at + 1):
        shown = (column.heading, "必填" if column.required else "", column.advice, EXAMPLE[column.field])
        for place, words in enumerate(shown):
            sheet.write_string(row, place, words, text)
    if bodies:
        sheet.write_string(_BODIES_FROM, 0, "可选的单位", bold)
        for row, name in enumerate(bodies, start=_BODIES_FROM + 1):
            sheet.write_string(row, 0, name, text)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
