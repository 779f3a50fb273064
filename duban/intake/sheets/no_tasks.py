"""Rows of a table that are no task: chapters, notes, sums, signatures, the heading again, the template's example."""

import re

from duban.intake.files.tables import Merged, Row
from duban.intake.sheets.columns import Columns, Field
from duban.intake.sheets.example import EXAMPLE, EXAMPLE_CODE
from duban.intake.spelling import compact

_HEADING_OF_SECTION = re.compile(
    r"^(?:[(（]?[一二三四五六七八九十]{1,3}[)）、.．]|第[一二三四五六七八九十]{1,3}[章节部])"
)
_NOTE = re.compile(
    r"^(?:备注|说明|附?注|填表人|填报人|填报单位|填表日期|填报日期|制表人?|联系人|联系电话|审核人|审批人|负责人签字|签字|日期)"
    r"\s*[0-9]*\s*[:：]"
)
_SUM = re.compile(r"^(?:合计|总计|小计)[:：]?$")
_FEWEST_SPANNED = 3


class NoTasks:
    """Tells the rows of one table that only part or close it."""

    def __init__(self, columns: Columns, merged: tuple[Merged, ...]) -> None:
        self._columns = columns
        self._again = [heading for heading in columns.headings if heading]
        wide = max(_FEWEST_SPANNED, (len(self._again) + 1) // 2)
        self._across = {
            area.first_row
            for area in merged
            if area.first_row == area.last_row and area.last_place - area.first_place + 1 >= wide
        }

    def holds(self, row: Row) -> bool:
        """Whether a row is no task.

        One cell, numbered like a chapter (``一、优化审批``) or merged across the table; notes; a sum; the heading
        again, as on each page.
        """
        filled = [text for cell in row.cells if (text := cell.strip())]
        if not filled:
            return False
        first = filled[0]
        if len(filled) == 1 and (row.number in self._across or _HEADING_OF_SECTION.match(first)):
            return True
        if all(map(_NOTE.match, filled)):
            return True
        if len(first) <= len("合计：") * 2 and _SUM.match(compact(first)):
            return not self._columns.cell(row.cells, Field.DEADLINE)
        return first == self._again[0] and [" ".join(text.split()) for text in filled] == self._again

    def is_example(self, row: Row) -> bool:
        """Whether a row is the example of the template, untouched."""
        return all(self._columns.cell(row.cells, field) == text for field, text in EXAMPLE.items())

    def is_half_an_example(self, row: Row) -> bool:
        """Whether a task was written over the example and something of it is left."""
        return (
            compact(self._columns.cell(row.cells, Field.CODE)) == EXAMPLE_CODE
            or self._columns.cell(row.cells, Field.TITLE) == EXAMPLE[Field.TITLE]
        )
