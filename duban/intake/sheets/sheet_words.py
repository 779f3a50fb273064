"""What is said of one table: columns and rows that were left out, filled in, or taken in spite of something."""

from collections.abc import Iterable, Sequence

from openpyxl.utils import get_column_letter

from duban.intake.files.tables import Merged, Row, Table
from duban.intake.problems import Problem, Severity, shortened
from duban.intake.sheets.columns import Columns, Field, name_of

_MOST_LISTED = 12
_OPTIONAL_FIELDS = (
    (Field.LEADER, "约谈、说明和挂牌都要找牵头领导"),
    (Field.DELIVERABLE, "销号时要拿成果形式对照"),
)


class SheetWords:
    """What is said of one table."""

    def __init__(self, sheet: str | None, columns: Columns, rows: Sequence[Row]) -> None:
        self._sheet = sheet
        self._columns = columns
        self._rows = rows

    def whole_table(self, table: Table, heading: Row) -> list[Problem]:
        """What concerns the table as such."""
        problems = []
        if not self._rows:
            problems.append(self._error(heading.number, None, "", "只有表头，没有任务。", "请在表头下面逐行填写任务。"))
        if table.unclosed_row is not None:
            problem = "这一行有引号没有成对，后面的内容被并进了同一格。"
            problems.append(self._error(table.unclosed_row, None, "", problem, "请补上或删去多余的英文双引号。"))
        return problems

    def empty_columns(self) -> list[Problem]:
        """One warning for a column that is absent or empty throughout: ninety would hide what matters."""
        problems = []
        for field, reason in _OPTIONAL_FIELDS:
            if not self._rows or any(self._columns.cell(row.cells, field) for row in self._rows):
                continue
            heading = self._columns.heading(field)
            problem = f"“{heading}”一栏全部是空的。" if heading else f"没有“{name_of(field)}”一栏。"
            problems.append(self._warning(None, heading or name_of(field), "", problem, f"请补写：{reason}。"))
        return problems

    def missing_in_rows(self) -> list[Problem]:
        """A warning for each empty cell of a column that is filled elsewhere."""
        problems: list[Problem] = []
        for field, reason in _OPTIONAL_FIELDS:
            place, heading = self._columns.places.get(field), self._columns.heading(field)
            empty = [row for row in self._rows if not self._columns.cell(row.cells, field)]
            if len(empty) < len(self._rows):
                problems += [
                    self._warning(row.line(place), heading, "", f"“{heading}”没有填。", f"请补写：{reason}。")
                    for row in empty
                    if place not in row.remarks
                ]
        return problems

    def unnamed_columns(self) -> list[Problem]:
        """Columns that hold something under no heading."""
        if self._sheet is None:
            return []
        bare = [place for place, heading in enumerate(self._columns.headings) if not heading]
        held = [place for place in bare if any(_has(row, place) for row in self._rows)]
        return [
            self._warning(
                None,
                None,
                get_column_letter(place + 1),
                f"{get_column_letter(place + 1)}列没有栏目名称，其中的内容没有采用。",
                "如需采用，请在表头写上栏目名称。",
            )
            for place in held
        ]

    def hidden(self, table: Table) -> list[Problem]:
        """Hidden rows are tasks like any other: a filter hides what the clerk does not look at just now."""
        problems = []
        tasks = {row.number for row in self._rows}
        if hidden := [number for number in table.hidden_rows if number in tasks]:
            problem = f"{_listed(hidden)}是隐藏的（或被筛选掉的），照样当作任务。"
            problems.append(self._warning(None, None, "", problem, "不是任务的，请删去整行；隐藏不等于删除。"))
        headings = self._columns.headings
        columns = [headings[place] for place in table.hidden_places if place < len(headings) and headings[place]]
        used = {headings[place] for place in self._columns.places.values()}
        if shown := [heading for heading in columns if heading in used]:
            problem = f"隐藏的“{'”“'.join(shown[:_MOST_LISTED])}”{'等' * (len(shown) > _MOST_LISTED)}栏照样采用。"
            problems.append(self._warning(None, None, "", problem, "不需要的栏目，请删去整列；隐藏不等于删除。"))
        return problems

    def merged(self, table: Table) -> list[Problem]:
        """What merged cells were taken to mean, once for each column."""
        field_at = {place: field for field, place in self._columns.places.items()}
        tasks = {row.number for row in self._rows}
        inside = [area for area in table.merged if area.first_row in tasks]
        problems: list[Problem] = []
        downwards: dict[int, list[Merged]] = {}
        for area in inside:
            if area.last_row > area.first_row and area.first_place in field_at:
                downwards.setdefault(area.first_place, []).append(area)
            problems += self._across(area, field_at)
        for place, areas in sorted(downwards.items()):
            problems += self._downwards(field_at[place], areas)
        return problems

    def _downwards(self, field: Field, areas: Sequence[Merged]) -> Iterable[Problem]:
        heading = self._columns.heading(field)
        if field is Field.CODE:
            return [
                self._error(
                    area.first_row,
                    heading,
                    "",
                    f"编号合并了第{area.first_row}—{area.last_row}行，而每一行是一项任务。",
                    "请取消合并，逐行编号；几行本是同一项任务的，请并成一行，各条措施在同一格内分行写。",
                )
                for area in areas
            ]
        rows = "、".join(f"第{area.first_row}—{area.last_row}行" for area in areas[:_MOST_LISTED])
        more = "等" if len(areas) > _MOST_LISTED else ""
        problem = f"“{heading}”有{len(areas)}处合并单元格（{rows}{more}），合并的内容用于其中每一行。"
        return [self._warning(None, heading, "", problem, "如不是每一行都相同，请取消合并，逐行填写。")]

    def _across(self, area: Merged, field_at: dict[int, Field]) -> Iterable[Problem]:
        fields = [field_at[place] for place in range(area.first_place, area.last_place + 1) if place in field_at]
        if area.last_place == area.first_place or len(fields) < 2 or area.first_place not in field_at:
            return
        kept, *lost = [f"“{self._columns.heading(field)}”" for field in fields]
        problem = f"{kept}与{'、'.join(lost)}合并成一格，内容只算作{kept}。"
        yield self._warning(area.first_row, self._columns.heading(fields[0]), "", problem, "请取消合并，分栏填写。")

    def sections(self, others: Sequence[Row]) -> list[Problem]:
        """Rows that part or close the table."""
        return [
            self._warning(
                row.number,
                None,
                next(cell.strip() for cell in row.cells if cell.strip())[:200],
                "这一行是标题、表头、合计或备注，没有当作任务。",
                "如果是任务，请补上牵头单位和完成时限。",
            )
            for row in others
        ]

    def examples(self, rows: Sequence[Row]) -> list[Problem]:
        """The template's example, untouched."""
        heading = self._columns.heading(Field.TITLE)
        return [
            self._warning(row.number, heading, "", "这一行是模板的示例，没有当作任务。", "请删去这一行。")
            for row in rows
        ]

    def half_examples(self, rows: Sequence[Row]) -> list[Problem]:
        """Tasks in which something of the template's example is left."""
        return [
            self._error(
                row.number,
                self._columns.heading(Field.CODE) or self._columns.heading(Field.TITLE),
                self._columns.cell(row.cells, Field.CODE),
                "这一行还留着模板示例的编号或事项。",
                "如是任务，请改成自己的编号和事项；如是示例，请删去整行。",
            )
            for row in rows
        ]

    def _error(self, row: int | None, column: str | None, value: str, problem: str, suggestion: str) -> Problem:
        return self._problem(Severity.ERROR, row, column, value, problem, suggestion)

    def _warning(self, row: int | None, column: str | None, value: str, problem: str, suggestion: str) -> Problem:
        return self._problem(Severity.WARNING, row, column, value, problem, suggestion)

    def _problem(
        self, severity: Severity, row: int | None, column: str | None, value: str, problem: str, suggestion: str
    ) -> Problem:
        return Problem(
            severity=severity,
            sheet=self._sheet,
            row=row,
            column=column,
            value=shortened(value),
            problem=problem,
            suggestion=suggestion,
        )


def _has(row: Row, place: int) -> bool:
    return place < len(row.cells) and bool(row.cells[place].strip())


def _listed(numbers: Sequence[int]) -> str:
    """``第3—5行、第9行``."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    words = [f"第{first}行" if first == last else f"第{first}—{last}行" for first, last in spans[:_MOST_LISTED]]
    return "、".join(words) + ("等" if len(spans) > _MOST_LISTED else "")
