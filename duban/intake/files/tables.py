"""A plan file as rows of text: what every kind of file becomes before anybody asks what it means.

CSV, workbooks and YAML all end here, so that the same plan gives the same tasks however it was written.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from duban.intake.problems import Problem

MOST_ROWS = 100_000
MOST_COLUMNS = 1_000
LONGEST_CELL = 32_767
"""What a cell of Excel can hold, in characters."""


class Oddity(StrEnum):
    """What a cell of a workbook may be beside its text."""

    FORMULA = "formula"
    FAULT = "fault"
    PART_OF_A_DATE = "part_of_a_date"
    FRACTION = "fraction"
    SERIAL = "serial"


class Remark(NamedTuple):
    """What the text of a cell does not tell.

    Attributes:
        written: The formula, the fault or the number as it stands in the file.
        day: The date in the cell, where it shows only a part of it, or a number that counts days.
    """

    oddity: Oddity
    written: str = ""
    day: date | None = None


class Row(NamedTuple):
    """A row of the file.

    Attributes:
        number: As a spreadsheet shows it, the first being 1; in a YAML file the line where the task begins.
        cells: Its texts.
        remarks: On some of its cells, by their place in the row.
        lines: In a YAML file the line of each cell; empty elsewhere, where all stand in one row.
    """

    number: int
    cells: tuple[str, ...]
    remarks: Mapping[int, Remark] = MappingProxyType({})
    lines: tuple[int, ...] = ()

    def line(self, place: int | None) -> int:
        """Where a cell is found in the file."""
        return self.lines[place] if place is not None and place < len(self.lines) else self.number


class Merged(NamedTuple):
    """Cells merged into one; rows as a spreadsheet numbers them, columns by their place from 0. Ends are included."""

    first_row: int
    last_row: int
    first_place: int
    last_place: int


class Table(NamedTuple):
    """All rows of a table that hold anything.

    Attributes:
        sheet: Its sheet in a workbook; None for a file that has none.
        unclosed_row: The row of a text file in which a quotation mark was never closed.
        merged: Its merged cells, from top to bottom. What stands in one is in every row that it goes over.
        hidden_rows: Rows that hold something and are not shown.
        hidden_places: Columns that are not shown.
        heading_first: The first row is the heading, whatever it says.
    """

    rows: tuple[Row, ...]
    sheet: str | None = None
    unclosed_row: int | None = None
    merged: tuple[Merged, ...] = ()
    hidden_rows: tuple[int, ...] = ()
    hidden_places: tuple[int, ...] = ()
    heading_first: bool = False


class UnreadSheet(NamedTuple):
    """A sheet that was not read, as it is hidden or no table."""

    sheet: str
    hidden: bool = False


class Stated(NamedTuple):
    """What a plan file says of the plan as a whole, and in which line."""

    text: str
    line: int


class Source(NamedTuple):
    """A plan file as it lies there.

    Attributes:
        name: The file's name without its ending.
        tables: One, or as many as the workbook has sheets with something in them.
        unread: Sheets left out already.
        stated: What a YAML file says of the plan as a whole, by the names of the command line's options.
        problems: What cannot be used of that.
    """

    name: str
    tables: tuple[Table, ...]
    unread: tuple[UnreadSheet, ...] = ()
    stated: Mapping[str, Stated] = MappingProxyType({})
    problems: tuple[Problem, ...] = ()
