"""A plan file as a whole: from the file to a plan, or to all that keeps it from being one."""

from collections.abc import Sequence
from pathlib import Path

from duban.intake.bounds import LONGEST_NAME, LONGEST_PLAN_TITLE
from duban.intake.codes import plan_code, task_codes
from duban.intake.columns import Columns, Field, fields_in, missing_columns, name_of, read_heading
from duban.intake.files import Row, Table, read_table
from duban.intake.options import CheckedMilestone, CheckedTask, IntakeOptions, IntakeResult
from duban.intake.problems import Problem, Severity, shortened
from duban.intake.rows import RowReader
from duban.supervision.plan import PlanDefinition, TaskDefinition

_HEADING_WITHIN = 20
_FEWEST_COLUMNS = 2
_OPTIONAL_FIELDS = (
    (Field.LEADER, "约谈、说明和挂牌都要找牵头领导"),
    (Field.DELIVERABLE, "销号时要拿成果形式对照"),
)


def read_plan(path: Path, options: IntakeOptions) -> IntakeResult:
    """Reads a plan file and names every problem of it at once.

    Args:
        path: A CSV file, as offices write them.
        options: What the file leaves open.

    Returns:
        The plan where there is no error, the tasks as far as they can be read, and all problems.

    Raises:
        IntakeError: The file cannot be read as a table at all; the message is for the person.
    """
    table = read_table(path)
    sheet: str | None = None
    heading = _heading_row(table.rows)
    if heading is None:
        return IntakeResult(plan=None, problems=(_no_heading(table.rows[0], sheet),))
    columns, of_heading = read_heading(heading.cells, heading.number, sheet)
    missing = missing_columns(
        columns, heading.number, sheet, lead_may_be_first_supporting=options.lead_rule is not None
    )
    return _read_rows(path, options, table, heading, columns, [*missing, *of_heading], sheet)


def _heading_row(rows: Sequence[Row]) -> Row | None:
    """The heading stands first, or below a title: the earliest row that names most columns."""
    named = [(len(fields_in(row.cells)), row) for row in rows[:_HEADING_WITHIN]]
    most = max(count for count, _ in named)
    return next(row for count, row in named if count == most) if most >= _FEWEST_COLUMNS else None


def _no_heading(first: Row, sheet: str | None) -> Problem:
    return Problem(
        severity=Severity.ERROR,
        sheet=sheet,
        row=first.number,
        value="；".join(cell for cell in first.cells if cell.strip())[:200],
        problem="找不到表头。",
        suggestion="请在第一行写栏目名称，至少要有“事项”“牵头单位”“完成时限”三栏；"
        "如上面显示的是乱码，请在表格软件里另存为“CSV UTF-8（逗号分隔）”。",
    )


def _read_rows(
    path: Path,
    options: IntakeOptions,
    table: Table,
    heading: Row,
    columns: Columns,
    of_file: list[Problem],
    sheet: str | None,
) -> IntakeResult:
    reader = RowReader(columns, options, sheet)
    below = [row for row in table.rows if row.number > heading.number]
    rows = [row for row in below if not reader.is_no_task(row)]
    of_file += _empty_columns(columns, rows, sheet) + _whole_file(table, rows, heading, sheet) + _of_options(options)
    plan = plan_code(options.code, [columns.cell(row.cells, Field.CODE) for row in rows], path.stem)
    codes, of_rows = task_codes(
        plan,
        [(row.number, columns.cell(row.cells, Field.CODE)) for row in rows],
        columns.heading(Field.CODE),
        sheet,
    )
    tasks = [reader.read(row, code) for row, code in zip(rows, codes, strict=True)]
    of_rows += reader.problems
    of_rows += _sections(below, rows, sheet) + _missing_in_rows(columns, rows, sheet)
    of_rows.sort(key=lambda problem: problem.row or 0)
    problems = (*of_file, *of_rows)
    has_errors = any(problem.severity is Severity.ERROR for problem in problems)
    return IntakeResult(
        plan=None if has_errors else _plan(plan, path, options, tasks),
        tasks=tuple(_checked(task) for task in tasks),
        problems=problems,
    )


def _plan(code: str, path: Path, options: IntakeOptions, tasks: Sequence[TaskDefinition]) -> PlanDefinition:
    return PlanDefinition(
        code=code,
        title=(options.title or "").strip() or path.stem,
        issued_on=options.issued_on,
        regime=options.regime,
        supervising_body=options.supervising_body,
        tasks=tuple(tasks),
    )


def _of_options(options: IntakeOptions) -> list[Problem]:
    """What the command line adds stands on every notice, too."""
    stated = (
        ("--title", "方案标题", (options.title or "").strip(), LONGEST_PLAN_TITLE),
        ("--supervising-body", "交办单位", options.supervising_body, LONGEST_NAME),
    )
    return [
        Problem(
            severity=Severity.ERROR,
            column=option,
            value=shortened(text),
            problem=f"{words}有{len(text)}字，或含有看不见的字符。",
            suggestion=f"请改短，最多{longest}字，不分行。",
        )
        for option, words, text, longest in stated
        if len(text) > longest or not text.isprintable()
    ]


def _checked(task: TaskDefinition) -> CheckedTask:
    return CheckedTask(
        code=task.code,
        title=task.title,
        lead_body=task.lead_body,
        supporting_bodies=task.supporting_bodies,
        milestones=tuple(CheckedMilestone(phrase=node.phrase, due_on=node.due_on) for node in task.milestones),
        open_ended=task.open_ended,
    )


def _whole_file(table: Table, rows: Sequence[Row], heading: Row, sheet: str | None) -> list[Problem]:
    problems: list[Problem] = []
    if not rows:
        problems.append(
            Problem(
                severity=Severity.ERROR,
                sheet=sheet,
                row=heading.number,
                problem="只有表头，没有任务。",
                suggestion="请在表头下面逐行填写任务。",
            )
        )
    if table.unclosed_row is not None:
        problems.append(
            Problem(
                severity=Severity.ERROR,
                sheet=sheet,
                row=table.unclosed_row,
                problem="这一行有引号没有成对，后面的内容被并进了同一格。",
                suggestion="请补上或删去多余的英文双引号。",
            )
        )
    return problems


def _empty_columns(columns: Columns, rows: Sequence[Row], sheet: str | None) -> list[Problem]:
    """One warning for a column that is absent or empty throughout: ninety would hide what matters."""
    problems: list[Problem] = []
    for field, reason in _OPTIONAL_FIELDS:
        if any(columns.cell(row.cells, field) for row in rows) or not rows:
            continue
        heading = columns.heading(field)
        problems.append(
            Problem(
                severity=Severity.WARNING,
                sheet=sheet,
                column=heading or name_of(field),
                problem=f"“{heading}”一栏全部是空的。" if heading else f"没有“{name_of(field)}”一栏。",
                suggestion=f"请补写：{reason}。",
            )
        )
    return problems


def _missing_in_rows(columns: Columns, rows: Sequence[Row], sheet: str | None) -> list[Problem]:
    """A warning for each empty cell of a column that is filled elsewhere."""
    problems: list[Problem] = []
    for field, reason in _OPTIONAL_FIELDS:
        empty = [row for row in rows if not columns.cell(row.cells, field)]
        if len(empty) == len(rows):
            continue
        problems += [
            Problem(
                severity=Severity.WARNING,
                sheet=sheet,
                row=row.number,
                column=columns.heading(field),
                problem=f"“{columns.heading(field)}”没有填。",
                suggestion=f"请补写：{reason}。",
            )
            for row in empty
        ]
    return problems


def _sections(below: Sequence[Row], rows: Sequence[Row], sheet: str | None) -> list[Problem]:
    numbers = {row.number for row in rows}
    return [
        Problem(
            severity=Severity.WARNING,
            sheet=sheet,
            row=row.number,
            value=next(cell.strip() for cell in row.cells if cell.strip())[:200],
            problem="这一行是标题、表头、合计或备注，没有当作任务。",
            suggestion="如果是任务，请补上牵头单位和完成时限。",
        )
        for row in below
        if row.number not in numbers
    ]
