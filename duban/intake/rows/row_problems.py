"""The problems of the rows of one table: each with the row being read and the heading of its column."""

from duban.intake.files.tables import Row
from duban.intake.problems import Problem, Severity, shortened
from duban.intake.sheets.columns import Columns, Field, name_of

_NO_ROW = Row(0, ())


class RowProblems:
    """Gathers problems while a table is read row by row."""

    def __init__(self, columns: Columns, sheet: str | None) -> None:
        self._columns = columns
        self._sheet = sheet
        self._row = _NO_ROW
        self._unusable: set[Field] = set()
        self.gathered: list[Problem] = []

    def begin(self, row: Row) -> None:
        """Everything said from now on is of this row."""
        self._row = row
        self._unusable.clear()

    def reject(self, field: Field, value: str, problem: str, suggestion: str) -> None:
        """A cell that cannot be used at all: nothing else is said of it."""
        self.error(field, value, problem, suggestion)
        self._unusable.add(field)

    def error(self, field: Field, value: str, problem: str, suggestion: str) -> None:
        """What keeps the plan from being issued."""
        self.of(Severity.ERROR, field, value, problem, suggestion)

    def warn(self, field: Field, value: str, problem: str, suggestion: str) -> None:
        """What a person should look at."""
        self.of(Severity.WARNING, field, value, problem, suggestion)

    def of(self, severity: Severity, field: Field, value: str, problem: str, suggestion: str) -> None:
        """A problem of a cell."""
        if field not in self._unusable:
            line = self._row.line(self._columns.places.get(field))
            self._add(severity, line, self.heading(field), value, problem, suggestion)

    def of_row(self, heading: str | None, value: str, problem: str, suggestion: str) -> None:
        """An error of the whole row, or of a column that holds no field."""
        self._add(Severity.ERROR, self._row.number, heading, value, problem, suggestion)

    def heading(self, field: Field) -> str:
        """The field's heading as written, or its own name where the table has no such column."""
        return self._columns.heading(field) or name_of(field)

    def _add(
        self, severity: Severity, line: int, column: str | None, value: str, problem: str, suggestion: str
    ) -> None:
        self.gathered.append(
            Problem(
                severity=severity,
                sheet=self._sheet,
                row=line,
                column=column,
                value=shortened(value),
                problem=problem,
                suggestion=suggestion,
            )
        )
