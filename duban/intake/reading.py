"""A plan file as a whole: from its tables to a plan, or to all that keeps it from being one."""

import re
from collections.abc import Sequence
from pathlib import Path

from duban.intake.files.files import read_source
from duban.intake.files.tables import Row, Source, Table
from duban.intake.options import CheckedMilestone, CheckedTask, IntakeOptions, IntakeResult, SheetHeading
from duban.intake.problems import IntakeError, Problem, Severity, shortened
from duban.intake.rows.bounds import LONGEST_NAME, LONGEST_PLAN_TITLE
from duban.intake.rows.codes import WrittenCode, plan_code, task_codes
from duban.intake.rows.rows import RowReader
from duban.intake.sheets.columns import Field
from duban.intake.sheets.example import OWN_SHEETS, TITLE_HINT
from duban.intake.sheets.kin import related
from duban.intake.sheets.sheets import TaskSheet, heading_of, holds_tasks, read_sheet
from duban.supervision.plans.plan import PlanDefinition, PlannedMilestone, TaskDefinition

_TITLE = re.compile(r"[^，。；：:]*(?:方案|要点|台账|计划|清单|分工|分解|一览|任务|安排|规划|事项)[^，。；：:]{0,12}")
_LEAST_TITLE = 6


def read_plan(path: Path, options: IntakeOptions) -> IntakeResult:
    """Reads a plan file and names every problem of it at once.

    Args:
        path: A CSV file, a workbook or a YAML file, as offices write them.
        options: What the file leaves open.

    Returns:
        The plan where there is no error, the tasks as far as they can be read, and all problems.

    Raises:
        IntakeError: The file cannot be read as a table at all; the message is for the person.
    """
    return read_plan_of(read_source(path), options)


def read_plan_of(source: Source, options: IntakeOptions) -> IntakeResult:
    """The same for a file that lies there as tables.

    Raises:
        IntakeError: No table holds anything.
    """
    if not source.tables:
        raise IntakeError(f"文件“{source.name}”里没有内容。请核对是否选错了文件，或工作表是否被隐藏。")
    with_tasks, unread = _tables_of_tasks(source)
    if not with_tasks:
        return IntakeResult(plan=None, problems=(_no_heading(source.tables[0]), *unread))
    by_rule = options.lead_rule is not None
    sheets = [read_sheet(table, heading, lead_may_be_first_supporting=by_rule) for table, heading in with_tasks]
    return _Plan(source, options, sheets).read(unread)


def _tables_of_tasks(source: Source) -> tuple[list[tuple[Table, Row]], list[Problem]]:
    """The tables that hold tasks, and a word about every sheet that is left out."""
    tables = [table for table in source.tables if table.sheet not in OWN_SHEETS] or source.tables
    found = [(table, heading) for table in tables if (heading := heading_of(table)) is not None]
    with_tasks = [(table, heading) for table, heading in found if holds_tasks(heading)] or found[:1]
    read = {table.sheet for table, _ in with_tasks}
    unread = [(table.sheet, False) for table in tables if table.sheet not in read]
    unread += [(sheet.sheet, sheet.hidden) for sheet in source.unread]
    return with_tasks, [
        Problem(
            severity=Severity.WARNING,
            sheet=sheet,
            problem="这张工作表是隐藏的，没有读。" if hidden else "这张工作表不是任务表（没有表头），没有读。",
            suggestion="里面有任务的，请取消隐藏；没有的不必处理。"
            if hidden
            else "里面有任务的，请补上表头；没有的不必处理。",
        )
        for sheet, hidden in unread
        if sheet is not None and sheet not in OWN_SHEETS
    ]


def _no_heading(table: Table) -> Problem:
    first = table.rows[0]
    garbled = "" if table.sheet is not None else "如上面显示的是乱码，请在表格软件里另存为“CSV UTF-8（逗号分隔）”。"
    return Problem(
        severity=Severity.ERROR,
        sheet=table.sheet,
        row=first.number,
        value="；".join(cell for cell in first.cells if cell.strip())[:200],
        problem="找不到表头。",
        suggestion=f"请在第一行写栏目名称，至少要有“事项”“牵头单位”“完成时限”三栏。{garbled}",
    )


class _Plan:
    """One plan while its tables are read."""

    def __init__(self, source: Source, options: IntakeOptions, sheets: Sequence[TaskSheet]) -> None:
        self._source = source
        self._options = options
        self._sheets = sheets
        self._checked: dict[tuple[PlannedMilestone, ...], tuple[CheckedMilestone, ...]] = {}

    def read(self, unread: Sequence[Problem]) -> IntakeResult:
        title, of_title = self._title()
        written = [
            WrittenCode(sheet.name, row, sheet.columns.heading(Field.CODE), sheet.columns.cell(row.cells, Field.CODE))
            for sheet in self._sheets
            for row in sheet.rows
        ]
        plan = plan_code(self._options.code, [code.text for code in written], self._source.name)
        codes, of_codes = task_codes(plan, written)
        tasks, of_sheets = self._tasks(plan, codes, of_codes)
        problems = (*self._source.problems, *of_title, *unread, *_of_options(self._options), *of_sheets)
        has_errors = any(problem.severity is Severity.ERROR for problem in problems)
        return IntakeResult(
            plan=None if has_errors else self._definition(plan, title, tasks),
            tasks=tuple(self._shown(task) for task in tasks),
            problems=problems,
            headings=tuple(
                SheetHeading(sheet=sheet.name, row=sheet.heading.number, headings=sheet.columns.headings)
                for sheet in self._sheets
            ),
            unnumbered=sum(not code.text for code in written),
        )

    def _tasks(
        self, plan: str, codes: Sequence[str], of_codes: Sequence[Problem]
    ) -> tuple[list[TaskDefinition], list[Problem]]:
        """All tasks, and the problems of each sheet: of the sheet first, then by row."""
        tasks: list[TaskDefinition] = []
        problems: list[Problem] = []
        coded = iter(codes)
        for sheet in self._sheets:
            reader = RowReader(sheet.columns, self._options, sheet.name)
            tasks += [related(reader.read(row, next(coded)), sheet.columns, row.cells, plan) for row in sheet.rows]
            of_rows = [problem for problem in of_codes if problem.sheet == sheet.name]
            of_rows += reader.problems
            of_rows += sheet.of_rows
            of_rows.sort(key=lambda problem: problem.row or 0)
            problems += [*sheet.of_sheet, *of_rows]
        return tasks, problems

    def _title(self) -> tuple[str, list[Problem]]:
        """The plan's title: as given, else what stands above the heading where that can be nothing else."""
        given = (self._options.title or "").strip()
        if given:
            return given, []
        above = {title: sheet for sheet in reversed(self._sheets) if (title := _title_above(sheet))}
        if len(above) != 1:
            return self._source.name, []
        ((title, sheet),) = above.items()
        problem = f"没有指定方案标题，取表头上方的“{title}”。"
        return title, [
            Problem(
                severity=Severity.WARNING,
                sheet=sheet.name,
                problem=problem,
                suggestion="如不对，请用 --title 指定。",
            )
        ]

    def _definition(self, code: str, title: str, tasks: Sequence[TaskDefinition]) -> PlanDefinition:
        return PlanDefinition(
            code=code,
            title=title,
            issued_on=self._options.issued_on,
            regime=self._options.regime,
            supervising_body=self._options.supervising_body,
            field=self._options.field,
            adopted_by=self._options.adopted_by,
            docks=self._options.docks,
            watcher=self._options.watcher,
            meeting=self._options.meeting,
            tasks=tuple(tasks),
        )

    def _shown(self, task: TaskDefinition) -> CheckedTask:
        milestones = self._checked.get(task.milestones)
        if milestones is None:
            milestones = tuple(CheckedMilestone(phrase=node.phrase, due_on=node.due_on) for node in task.milestones)
            self._checked[task.milestones] = milestones
        return CheckedTask(
            code=task.code,
            title=task.title,
            lead_body=task.lead_body,
            supporting_bodies=task.supporting_bodies,
            milestones=milestones,
            open_ended=task.open_ended,
            split_from=task.split_from,
            merged_into=task.merged_into,
        )


def _title_above(sheet: TaskSheet) -> str:
    """The single cell of the first row above a heading, where it reads like the title of a plan."""
    first = sheet.table.rows[0]
    filled = [cell for cell in first.cells if cell.strip()]
    if first.number >= sheet.heading.number or len(filled) != 1:
        return ""
    title = "".join(filled[0].split())
    if title == TITLE_HINT:
        return ""
    fits = _LEAST_TITLE <= len(title) <= LONGEST_PLAN_TITLE and _TITLE.fullmatch(title) is not None
    return title if fits and title.isprintable() else ""


def _of_options(options: IntakeOptions) -> list[Problem]:
    """What the command line adds stands on every notice, too."""
    stated = (
        ("--title", "方案标题", (options.title or "").strip(), LONGEST_PLAN_TITLE),
        ("--supervising-body", "交办单位", options.supervising_body, LONGEST_NAME),
        ("--field", "改革领域", options.field, LONGEST_NAME),
        ("--adopted-by", "审议通过的机关", options.adopted_by, LONGEST_NAME),
        ("--docks", "对接的上级方案", options.docks, LONGEST_PLAN_TITLE),
        ("--watcher", "盯办人", options.watcher, LONGEST_NAME),
        ("--meeting", "会议", options.meeting.title if options.meeting else "", LONGEST_PLAN_TITLE),
        ("--decided-by", "决定机关", options.meeting.body if options.meeting else "", LONGEST_NAME),
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
