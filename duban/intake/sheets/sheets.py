"""One table of a plan file: where its heading is, which rows are tasks, and what of it needs a word."""

from typing import NamedTuple

from duban.intake.files.tables import Row, Table
from duban.intake.problems import Problem
from duban.intake.sheets.columns import Columns, Field, fields_in, missing_columns, read_heading
from duban.intake.sheets.no_tasks import NoTasks
from duban.intake.sheets.sheet_words import SheetWords

_HEADING_WITHIN = 20
_FEWEST_COLUMNS = 2
_OF_EVERY_TASK = frozenset({Field.TITLE, Field.LEAD_BODY, Field.DEADLINE})


class TaskSheet(NamedTuple):
    """A table whose heading was found.

    Attributes:
        rows: The tasks.
        of_sheet: Problems of the table as a whole.
        of_rows: Problems of rows that are no tasks, or lack something.
    """

    table: Table
    heading: Row
    columns: Columns
    rows: tuple[Row, ...]
    of_sheet: tuple[Problem, ...]
    of_rows: tuple[Problem, ...]

    @property
    def name(self) -> str | None:
        """The sheet's name in a workbook."""
        return self.table.sheet


def heading_of(table: Table) -> Row | None:
    """The heading stands first, or below a title: the earliest row that names most columns."""
    if table.heading_first:
        return table.rows[0]
    named = [(len(fields_in(row.cells)), row) for row in table.rows[:_HEADING_WITHIN]]
    most = max(count for count, _ in named)
    return next(row for count, row in named if count == most) if most >= _FEWEST_COLUMNS else None


def holds_tasks(heading: Row) -> bool:
    """Whether a heading is that of a table of tasks, and not of a summary beside it."""
    return len(fields_in(heading.cells) & _OF_EVERY_TASK) >= _FEWEST_COLUMNS


def read_sheet(table: Table, heading: Row, *, lead_may_be_first_supporting: bool) -> TaskSheet:
    """Tells the tasks of a table from its other rows."""
    names = heading.cells
    if table.sheet is not None:  # text right of a workbook's table shifts nothing: it is a column without a heading
        width = max(len(row.cells) for row in table.rows)
        names += ("",) * (width - len(names))
    columns, of_heading = read_heading(names, heading.number, table.sheet, heading.lines)
    missing = missing_columns(
        columns, heading.number, table.sheet, lead_may_be_first_supporting=lead_may_be_first_supporting
    )
    last_of_heading = _last_of_heading(table, heading)
    below = table.rows[1:] if table.heading_first else [row for row in table.rows if row.number > last_of_heading]
    parting = NoTasks(columns, table.merged)
    examples = [row for row in below if parting.is_example(row)]
    others = [row for row in below if row not in examples and parting.holds(row)]
    left_out = {id(row) for row in (*examples, *others)}
    rows = tuple(row for row in below if id(row) not in left_out)
    words = SheetWords(table.sheet, columns, rows)
    return TaskSheet(
        table=table,
        heading=heading,
        columns=columns,
        rows=rows,
        of_sheet=(
            *missing,
            *of_heading,
            *words.empty_columns(),
            *words.unnamed_columns(),
            *words.whole_table(table, heading),
            *words.hidden(table),
            *words.merged(table),
        ),
        of_rows=(
            *words.sections(others),
            *words.examples(examples),
            *words.half_examples([row for row in rows if parting.is_half_an_example(row)]),
            *words.missing_in_rows(),
        ),
    )


def _last_of_heading(table: Table, heading: Row) -> int:
    """The heading goes on over the row below where one of its cells does."""
    return max(
        (area.last_row for area in table.merged if area.first_row <= heading.number <= area.last_row),
        default=heading.number,
    )
