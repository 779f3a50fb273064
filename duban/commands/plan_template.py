"""The blank workbook that a plan is written into: what the columns mean, drop-downs, and an example row.

All cells are text: Excel would make another thing of a typed ``6月30日`` or ``01``.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import xlsxwriter  # type: ignore[import-untyped] # no stubs exist

from duban.commands.reasons import Refused
from duban.commands.workbook import SHADE
from duban.intake.sheets.columns import Field, name_of
from duban.intake.sheets.example import EXAMPLE, INSTRUCTIONS_SHEET, TITLE_HINT

TASKS_SHEET = "任务"
BLANK_ROWS = 200
_TITLE_ROW, _HEADING_ROW, _FIRST_ROW = 0, 1, 2
_REQUIRED_SHADE = "#F4CCCC"
_GREY = "#808080"


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
    TemplateColumn(
        Field.MATTER,
        "事项类别",
        14,
        False,
        "制度对某类事项另有时限的（如建议、提案、网民留言），填类别，完成时限可不填；没有的留空。",
    ),
    TemplateColumn(
        Field.HANDED_OVER_ON, "交办日期", 14, False, "交办在下发之前的，填交办那天，如 2026-03-02；不填即下发之日。"
    ),
)
FURTHER_COLUMNS: Mapping[Field, str] = {
    Field.MILESTONES_MET: "中途接手的任务：已完成的节点、日期和依据，如“3月底：2026-03-28（已报方案）”。",
    Field.REMINDERS_GIVEN: "中途接手的任务：已经提醒过的级别和日期，如“电话2026-05-16；书面2026-05-31”。",
    Field.SPLIT_FROM: "调整已下发的方案（starter.py amend）：从哪项任务拆出，写它的编号。",
    Field.MERGED_INTO: "调整已下发的方案（starter.py amend）：并入哪项任务，写它的编号。",
}
"""What most plans do not need: said in the instructions, for whoever adds the column."""
_RULES = (
    "从表头下面第一行起逐行填写，红色表头的栏目必填；填写前请删去灰色的示例行（不删也不会当作任务）。",
    "不要合并单元格，不要用公式；可以另加工作表，表头相同的都会读取。",
    "填好后运行 starter.py check 文件名 检查，全部问题一次列出；加 --mark 副本.xlsx 会把问题批注在副本里。",
)


_COLUMNS_AT = len(_RULES) + 1
_BODIES_AT = _COLUMNS_AT + 1 + len(COLUMNS) + len(FURTHER_COLUMNS) + 1
"""Rows of the instructions, from 0, in which the columns and the bodies have their headings."""


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
            first = _BODIES_AT + 2  # a spreadsheet counts from 1
            return {**listed, "source": f"='{INSTRUCTIONS_SHEET}'!$A${first}:$A${first + bodies - 1}"}
        case _:
            return advice


def _write_instructions(book: Any, bodies: Sequence[str]) -> None:
    sheet = book.add_worksheet(INSTRUCTIONS_SHEET)
    text = book.add_format({"text_wrap": True, "valign": "top", "border": 1})
    bold = book.add_format({"bold": True, "valign": "vcenter", "border": 1, "bg_color": SHADE})
    plain = book.add_format({"valign": "top"})
    for place, width in enumerate((24, 12, 100, 44)):
        sheet.set_column(place, place, width)
    for row, rule in enumerate(_RULES):
        sheet.write_string(row, 0, f"{row + 1}. {rule}", plain)
    for place, words in enumerate(("名称", "是否必填", "怎样填", "例")):
        sheet.write_string(_COLUMNS_AT, place, words, bold)
    shown = [(each.heading, "必填" * each.required, each.advice, EXAMPLE[each.field]) for each in COLUMNS]
    shown += [(name_of(field), "可加这一栏", advice, "") for field, advice in FURTHER_COLUMNS.items()]
    for row, texts in enumerate(shown, start=_COLUMNS_AT + 1):
        for place, words in enumerate(texts):
            sheet.write_string(row, place, words, text)
    if bodies:
        sheet.write_string(_BODIES_AT, 0, "可选的单位", bold)
        for row, name in enumerate(bodies, start=_BODIES_AT + 1):
            sheet.write_string(row, 0, name, text)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
