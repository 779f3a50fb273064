"""The problems of the rows of one file: each with the row being read and the heading of its column."""

from duban.intake.columns import Columns, Field, name_of
from duban.intake.problems import Problem, Severity, shortened


class RowProblems:
    """Gathers problems while a file is read row by row; ``row`` is the one being read."""

    def __init__(self, columns: Columns, sheet: str | None) -> None:
        self._columns = columns
        self._sheet = sheet
        self.row = 0
        self.gathered: list[Problem] = []

    def error(self, field: Field, value: str, problem: str, suggestion: str) -> None:
        """What keeps the plan from being issued."""
        self.add(Severity.ERROR, self.heading(field), value, problem, suggestion)

    def warn(self, field: Field, value: str, problem: str, suggestion: str) -> None:
        """What a person should look at."""
        self.add(Severity.WARNING, self.heading(field), value, problem, suggestion)

    def add(self, severity: Severity, column: str | None, value: str, problem: str, suggestion: str) -> None:
        """A problem of the whole row, or of a column under its heading."""
        self.gathered.append(
            Problem(
                severity=severity,
                sheet=self._sheet,
                row=self.row,
                column=column,
                value=shortened(value),
                problem=problem,
                suggestion=suggestion,
            )
        )

    def heading(self, field: Field) -> str:
        """The field's heading as written, or its own name where the file has no such column."""
        return self._columns.heading(field) or name_of(field)
